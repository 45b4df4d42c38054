"""Logs as text, line by line: CSV for spreadsheets, JSON for programs."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import date
from io import StringIO
from typing import Any, Final

import orjson

from server.reports.table import Cell, Column, Row

#: First characters by which a spreadsheet takes a text for a formula, or for the end of a cell; wide ones, too.
_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_BOM: Final = "\ufeff"


def plain(cell: Cell) -> str:
    """Cell as text that no spreadsheet takes for a formula."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case float():
            return f"{cell:.2f}"
        case str() if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA):
            return f"'{cell}"
        case date():
            return cell.isoformat()
    return str(cell)


async def csv_parts(columns: Sequence[Column], pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """CSV as RFC 4180 has it, in UTF-8 with a byte order mark, by which spreadsheets know it."""
    text = StringIO()
    write = csv.writer(text)
    text.write(_BOM)
    write.writerow([column.title for column in columns])
    async for rows in pages:
        write.writerows([plain(cell) for cell in row] for row in rows)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


async def json_parts(head: dict[str, Any], columns: Sequence[Column], pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Object with what is known before the lines, and with the lines as objects."""
    keys = [column.key for column in columns]
    yield orjson.dumps(head)[:-1] + b',"rows":['
    first = True
    async for rows in pages:
        if rows:
            yield (b"" if first else b",") + b",".join(orjson.dumps(dict(zip(keys, row, strict=True))) for row in rows)
            first = False
    yield b"]}\n"
