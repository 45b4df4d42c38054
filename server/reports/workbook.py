"""Reports as workbooks: the log, written row by row, a summary, and charts of the months and of the progress."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from server.reports.facts import Facts
from server.reports.table import Cell, Column, Row

CHUNK_BYTES: Final = 64 * 1024
_OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_DATE, _HOURS, _NUMBER, _TITLE, _SUM = range(5)


async def xlsx_parts(facts: Facts, columns: Sequence[Column], pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """The workbook. It lies in a folder of its own until it is sent or broken off; in memory is one page of it."""
    with TemporaryDirectory(prefix="portico-") as folder:
        path = Path(folder, "report.xlsx")
        book = _Book(path, facts, columns)
        async for rows in pages:
            await asyncio.to_thread(book.add, rows)
        await asyncio.to_thread(book.close)
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk


class _Book:
    """Workbook that is being written."""

    def __init__(self, path: Path, facts: Facts, columns: Sequence[Column]) -> None:
        self._book = Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
        self._book.set_properties({"title": facts.title, "author": facts.coach, "created": facts.at.replace(tzinfo=None)})
        shown = (
            {"num_format": "yyyy-mm-dd", "align": "left"},
            {"num_format": "0.00"},
            {"align": "left"},
            {"bold": True, "bottom": 1},
            {"bold": True},
        )
        self._formats: list[Format] = [self._book.add_format(one) for one in shown]
        self._facts = facts
        self._columns = columns
        self._log = self._sheet("Log", [column.width for column in columns])
        self._log.freeze_panes(1, 0)
        self._log.repeat_rows(0)
        self._log.write_row(0, 0, [column.title for column in columns], self._formats[_TITLE])
        self._lines = 0

    def _sheet(self, name: str, widths: Sequence[int]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        return sheet

    def add(self, rows: list[Row]) -> None:
        for row in rows:
            self._lines += 1
            for place, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
                self._write(self._log, self._lines, place, cell, amount=column.amount)

    def _write(self, sheet: Worksheet, line: int, place: int, cell: Cell, *, amount: bool = False) -> None:
        match cell:
            case None:
                return
            case bool():
                sheet.write_string(line, place, "yes" if cell else "no")
            case str():
                sheet.write_string(line, place, cell)
            case date():
                sheet.write_datetime(line, place, datetime(cell.year, cell.month, cell.day), self._formats[_DATE])  # noqa: DTZ001 - a day
            case _:
                sheet.write_number(line, place, cell, self._formats[_HOURS if amount else _NUMBER])

    def close(self) -> None:
        self._log.autofilter(0, 0, self._lines, len(self._columns) - 1)
        self._summary()
        if self._facts.months:
            self._months()
        if self._facts.progress:
            self._progress()
        self._book.close()

    def _summary(self) -> None:
        sheet = self._sheet("Summary", (34, 60))
        for line, (label, value) in enumerate(self._facts.told):
            sheet.write_string(line, 0, label, self._formats[_SUM])
            self._write(sheet, line, 1, value, amount=isinstance(value, float))

    def _rows(self, sheet: Worksheet, titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        sheet.write_row(0, 0, titles, self._formats[_TITLE])
        for line, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                self._write(sheet, line, place, cell, amount=isinstance(cell, float))

    def _months(self) -> None:
        sheet, count = self._sheet("Months", (12, 12, 14)), len(self._facts.months)
        self._rows(sheet, ("Month", "Paid hours", "Pro bono hours"), self._facts.months)
        self._chart(sheet, count, "Hours by month", {"type": "column", "subtype": "stacked"})

    def _progress(self) -> None:
        sheet, count = self._sheet("Progress", (34, 12, 12, 8)), len(self._facts.progress)
        self._rows(sheet, ("Needed for the credential", "Have", "Need", "Met"), self._facts.progress)
        self._chart(sheet, count, self._facts.rules, {"type": "bar"})

    def _chart(self, sheet: Worksheet, count: int, title: str, kind: dict[str, str]) -> None:
        """Chart of the two columns of numbers beside the names in the first."""
        chart, name = self._book.add_chart(kind), sheet.get_name()
        for place, colour in ((1, "#1f6f78"), (2, "#e0a458")):
            values = {"name": [name, 0, place], "categories": [name, 1, 0, count, 0], "values": [name, 1, place, count, place]}
            chart.add_series({**values, "fill": {"color": colour}})
        chart.set_title({"name": title, "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"})
        if kind["type"] == "bar":
            chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": 380})
        sheet.insert_chart(1, 5, chart)
