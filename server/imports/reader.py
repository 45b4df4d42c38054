"""Opening a contact file: what it is, whether it can be read at all, and its rows as a stream."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TextIO

import phonenumbers

from server.imports.checker import Checker
from server.imports.contact import ImportFileError, Row, RowProblem
from server.imports.draft import Draft
from server.imports.google_csv import GoogleColumns, is_google
from server.imports.mapped_csv import MappedColumns, listed, suggest
from server.imports.table import Table
from server.imports.text_source import decode_head, find_encoding, open_text, read_head, unreadable
from server.imports.vcard import read_cards

Format = Literal["google", "vcard", "csv"]
_NO_MAPPING = 'Say which column is which, for example --map name="First+Last" --map email=Mail.'


@dataclass(frozen=True)
class ContactFile:
    """A file that can be read: its format, its encoding, its columns (none for vCards); iterating reads it from the start."""

    path: Path
    format: Format
    encoding: str
    columns: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    default_region: str | None = None
    head: str = field(default="", repr=False)

    def __iter__(self) -> Iterator[Row]:
        return self.rows()

    def rows(self) -> Generator[Row, None, None]:
        """Each row as a contact or its problems; ends with ImportFileError where the rest cannot be read."""
        checker = Checker(self.default_region, self.encoding)
        try:
            with open_text(self.path, self.encoding) as stream:
                for draft in self._drafts(stream):
                    if isinstance(draft, RowProblem):
                        yield draft
                    else:
                        yield from checker.check(draft)
        except (OSError, UnicodeError) as error:
            raise unreadable(self.path, error) from None

    def table(self, stream: TextIO) -> Table:
        return Table(stream, self.path.name, self.encoding, self.head)

    def places(self, columns: Sequence[str]) -> GoogleColumns | MappedColumns:
        return GoogleColumns(columns) if self.format == "google" else MappedColumns(columns, self.mapping, self.path.name)

    def _drafts(self, stream: TextIO) -> Iterator[Draft | RowProblem]:
        if self.format == "vcard":
            yield from read_cards(stream, self.encoding)
            return
        table = self.table(stream)
        places = self.places(table.header.columns)
        for record in table:
            yield record if isinstance(record, RowProblem) else places.draft(record)


def open_contacts(
    path: Path,
    *,
    format: Literal["auto"] | Format = "auto",  # noqa: A002 - the word of the command line
    mapping: Mapping[str, str] | None = None,
    default_region: str | None = None,
    encoding: str | None = None,
) -> ContactFile:
    """Find out what a file is and refuse at once what cannot be read; the rows are read as they are asked for."""
    region = _region(default_region)
    head = read_head(path)
    found = find_encoding(head, path.name, encoding)
    text = decode_head(head, found, path.name)
    if not text.strip("\ufeff \t\r\n"):
        raise ImportFileError(f"{path.name} is empty.", "Export the contacts again as CSV or vCard.")
    vcard = text.lstrip("\ufeff \t\r\n")[:11].upper() == "BEGIN:VCARD"
    if format == "vcard" and not vcard:
        raise ImportFileError(f"{path.name} is not a vCard file: it does not start with BEGIN:VCARD.", "Leave out --format to find it out.")
    chosen: Format = format if format != "auto" else "vcard" if vcard else "csv"
    if mapping and chosen != "csv":
        raise ImportFileError(f"A mapping is for CSV files, and {path.name} is read as {chosen}.", "Leave out --map, or use --format csv.")
    file = ContactFile(path, chosen, found, (), mapping or {}, region, text)
    return file if chosen == "vcard" else _with_columns(file, recognise=format == "auto" and not mapping)


def _with_columns(file: ContactFile, *, recognise: bool) -> ContactFile:
    """The file with its header read; refuses a header that the format or the mapping does not fit, and a table without rows."""
    name = file.path.name
    try:
        with open_text(file.path, file.encoding) as stream:
            table = file.table(stream)
            columns = table.header.columns
            file = replace(file, columns=columns, format="google" if recognise and is_google(columns) else file.format)
            if file.format == "google" and not is_google(columns):
                raise ImportFileError(f"{name} is not a Google Contacts CSV; its columns are {listed(columns)}.", _hint(columns))
            if file.format == "csv" and not file.mapping:
                raise ImportFileError(f"{name} needs a mapping; its columns are {listed(columns)}.", _hint(columns))
            file.places(columns)
            if next(iter(table), None) is None:
                raise ImportFileError(f"{name} has a header and no rows.", "Export the contacts again, with all of them selected.")
            return file
    except (OSError, UnicodeError) as error:
        raise unreadable(file.path, error) from None


def _region(region: str | None) -> str | None:
    if region is None or region.upper() in phonenumbers.SUPPORTED_REGIONS:
        return region.upper() if region else None
    raise ImportFileError(f"There is no country {region!r}.", "Use the two letters of ISO 3166, for example US or DE.")


def _hint(columns: Sequence[str]) -> str:
    suggestion = suggest(columns)
    return f"Try {suggestion}" if suggestion else _NO_MAPPING
