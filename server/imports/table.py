"""A CSV file as records under a header: delimiter, physical line numbers, rows that do not fit their header."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TextIO

from server.imports.contact import ENCODING_HINT, MAX_COLUMNS, ImportFileError, ProblemCode, RowProblem
from server.imports.text_source import Lines, endless, title
from storage.values import is_broken

_DELIMITERS = ",;\t"
_HEADER_HINT = "The first row must name the columns."


class Record(NamedTuple):
    """Cells of one row, as many as the header has, and the physical line where it starts."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Header:
    """Columns of a table and what stands between them."""

    columns: tuple[str, ...]
    delimiter: str


class Table:
    """Records of an open CSV file; the header is read at once."""

    def __init__(self, stream: TextIO, name: str, encoding: str, head: str) -> None:
        self._name = name
        self._encoding = encoding
        self._lines = Lines(stream, name)
        delimiter = _delimiter(head)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self.header = Header(self._columns(), delimiter)

    def __iter__(self) -> Iterator[Record | RowProblem]:
        width = len(self.header.columns)
        while (row := self._row()) is not None:
            if isinstance(row, RowProblem):
                yield row
                continue
            line, cells = row
            if any(cell.strip() for cell in cells[width:]):
                yield RowProblem(
                    line, None, ProblemCode.MALFORMED, f"The row has {len(cells)} cells under {width} columns; is a quotation mark missing?"
                )
            elif any(cell.strip() for cell in cells):
                yield Record(line, [*cells[:width], *[""] * (width - len(cells))])

    def _columns(self) -> tuple[str, ...]:
        while (row := self._row()) is not None:
            if isinstance(row, RowProblem):
                raise ImportFileError(f"{self._name}: the header on line {row.line} is not CSV.", _HEADER_HINT)
            columns = tuple(cell.strip() for cell in row.cells)
            if not any(columns) or (self._lines.number == 1 and _separator_line(self._reader.dialect.delimiter, columns)):
                continue
            if any(map(is_broken, columns)):
                raise ImportFileError(f"{self._name}: the header on line {row.line} is not {title(self._encoding)} text.", ENCODING_HINT)
            if len(columns) > MAX_COLUMNS:
                raise ImportFileError(f"{self._name} has {len(columns):,} columns, at most {MAX_COLUMNS:,} can be read.", _HEADER_HINT)
            return columns
        raise ImportFileError(f"{self._name} is empty.", "Export the contacts again as CSV or vCard.")

    def _row(self) -> Record | RowProblem | None:
        """The next record, blank or not; strict, because a lenient reader joins rows silently at a stray quotation mark."""
        self._lines.begin_record()
        try:
            return Record(self._lines.start, next(self._reader))
        except StopIteration:
            return None
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                raise endless(self._name, self._lines.start) from None
            return RowProblem(self._lines.start, None, ProblemCode.MALFORMED, "A quotation mark stands in the middle of a cell.")


def _delimiter(head: str) -> str:
    """Whatever cuts each of the first rows into most cells; Excel may say it in a line of its own."""
    lines = head.splitlines(keepends=True)
    first = lines[0].rstrip("\r\n") if lines else ""
    if len(first) == 5 and first.lower().startswith("sep=") and first[4] in _DELIMITERS:
        return first[4]
    return max(_DELIMITERS, key=lambda delimiter: _widths(lines, delimiter))


def _separator_line(delimiter: str, columns: Sequence[str]) -> bool:
    return delimiter.join(columns).lower() == f"sep={delimiter}"


def _widths(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    try:
        rows = (row for row in csv.reader(lines, delimiter=delimiter) if row)
        widths = [len(row) for row in islice(rows, 5)]
    except csv.Error:
        return 0, 0
    return (min(widths), widths[0]) if widths else (0, 0)
