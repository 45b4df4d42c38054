"""A report as a file: what is read for it, and who writes it in which form."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from lifecycle.report_files import ReportFormat, ReportLog, RowKind
from resolvers.certification.log import Log, LogRow, log_of
from resolvers.certification.report import SEALED, report_of
from resolvers.certification.seal import said_of
from resolvers.certification.stream import Opening
from resolvers.report_exports import ReportExport, too_long
from server.reports import document, text
from server.reports.facts import Facts
from server.reports.table import CLIENTS, SESSIONS, Row, client_pages, session_pages
from storage.database import Database

MEDIA_TYPES: Final = {
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.PDF: "application/pdf",
    ReportFormat.JSON: "application/json",
}
#: Told of the lines that were written.
Watch = Callable[[list[Row]], object]
FORMAT: Final = "portico-report"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class File:
    """File that is made while it is sent."""

    name: str
    media_type: str
    parts: AsyncIterator[bytes]


async def file_of(database: Database, export: ReportExport, watch: Watch = len) -> File | None:
    """The file; None where it would be too long. `watch` sees the lines go by."""
    opening = export.opening(database)
    async with opening() as ask:
        if await too_long(ask, export):
            return None
    kind, log = export.order.format, export.order.log
    day = export.now if export.sealed is None else export.sealed.at
    name = f"report-{'sealed' if export.sealed else log.value.lower()}-{day:%Y-%m-%d}.{kind.value.lower()}"
    return File(name, MEDIA_TYPES[kind], _parts(export, opening, watch))


async def _parts(export: ReportExport, opening: Opening, watch: Watch) -> AsyncIterator[bytes]:
    """Bytes of the file."""
    kind, log = export.order.format, export.order.log
    if export.sealed is not None and kind is ReportFormat.JSON:
        yield export.sealed.content.encode()
        return
    said, clients = await _said(export, opening)
    columns = SESSIONS if log is ReportLog.SESSIONS else CLIENTS
    pages = _watched(_pages(export, opening, clients), watch)
    match kind:
        case ReportFormat.CSV:
            made = text.csv_parts(columns, pages)
        case ReportFormat.JSON:
            head = {"format": FORMAT, "version": VERSION, "exportedAt": export.now, "log": log.value, "report": said}
            made = text.json_parts(head, columns, pages)
        case ReportFormat.XLSX:
            from server.reports.workbook import xlsx_parts  # noqa: PLC0415 - few ask for one

            made = xlsx_parts(Facts(said, log, export.sealed), columns, pages)
        case ReportFormat.PDF:
            facts = Facts(said, log, export.sealed)
            made = document.letter_parts(facts, clients.confidential) if log is ReportLog.LETTER else document.pdf_parts(facts, pages)
    async for part in made:
        yield part


async def _said(export: ReportExport, opening: Opening) -> tuple[dict[str, Any], Log]:
    """What the report says, now or when it was sealed, and its log by client; as far as the file shows it."""
    if export.sealed is not None:
        content: dict[str, Any] = orjson.loads(export.sealed.content)
        return content, Log([_row(line) for line in content["log"]])
    if export.asked is None or export.by is None:
        raise ValueError("a file of nothing")
    async with opening() as ask:
        clients = Log() if export.order.log is ReportLog.SESSIONS else await log_of(ask, export.asked, export.now)
        if export.order.format is ReportFormat.CSV:  # which shows nothing but its lines
            return {}, clients
        report = await report_of(ask, export.asked, SEALED)
    said: dict[str, Any] = orjson.loads(orjson.dumps(said_of(report, export.by)))
    del said["log"]
    return said, clients


def _row(line: dict[str, Any]) -> LogRow:
    first, last = (date.fromisoformat(line[name]) if line[name] else None for name in ("first", "last"))
    return LogRow(RowKind[line["row"]], line["number"], line["size"], first, last, line["sessions"], line["paid"], line["free"])


async def _watched(pages: AsyncIterator[list[Row]], watch: Watch) -> AsyncIterator[list[Row]]:
    async for rows in pages:
        yield rows
        watch(rows)


def _pages(export: ReportExport, opening: Opening, log: Log) -> AsyncIterator[list[Row]]:
    """Lines of the file."""
    if export.asked is not None and export.order.log is ReportLog.SESSIONS:
        return session_pages(export.asked, export, opening)
    return client_pages(export, opening, log.rows, log.sums if export.sealed is None else ())
