"""Lines of a file: the log by client or by session, in cells that every format can write."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from lifecycle.report_files import RowKind
from resolvers.appointments import hours
from resolvers.certification.asked import Asked
from resolvers.certification.log import LogRow, people
from resolvers.certification.stream import Opening, Session, stream
from resolvers.report_exports import ReportExport

Cell = str | int | float | bool | date | None
Row = tuple[Cell, ...]
#: Names that are looked up at a time.
LOT: Final = 500


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a log: its name for programs and for people, and its width in characters. `amount` columns are hours."""

    key: str
    title: str
    width: int = 12
    amount: bool = False


CLIENTS: Final = (
    Column("number", "Number", 9),
    Column("name", "Client name", 28),
    Column("contact", "Contact information", 32),
    Column("together", "Individual or group", 18),
    Column("size", "Number in group", 16),
    Column("first", "Start date"),
    Column("last", "End date"),
    Column("paidHours", "Paid hours", 11, amount=True),
    Column("proBonoHours", "Pro bono hours", 14, amount=True),
    Column("row", "Row", 20),
)
SESSIONS: Final = (
    Column("date", "Date"),
    Column("time", "Time", 7),
    Column("number", "Number", 9),
    Column("name", "Client name", 28),
    Column("together", "Individual or group", 18),
    Column("size", "Number in group", 16),
    Column("kind", "Kind", 14),
    Column("compensation", "Compensation", 14),
    Column("minutes", "Minutes", 9),
    Column("paidHours", "Paid hours", 11, amount=True),
    Column("proBonoHours", "Pro bono hours", 14, amount=True),
    Column("counts", "Counts", 20),
    Column("reason", "Reason", 20),
    Column("byHand", "Decided by hand", 16),
    Column("unlisted", "Unlisted", 9),
    Column("row", "Row", 20),
)


def _together(size: int | None) -> str:
    return "Individual" if size is None else "Group"


def client_cells(row: LogRow) -> Row:
    """Line of the log by client; sums have no name, and only the dates and hours."""
    paid, free = hours(row.paid), hours(row.free)
    if row.kind not in {RowKind.CLIENT, RowKind.ERASED}:
        return (None, None, None, None, None, row.first, row.last, paid, free, row.kind.value)
    return (row.number, row.name, row.contact, _together(row.size), row.size, row.first, row.last, paid, free, row.kind.value)


def session_cells(asked: Asked, line: Session) -> Row:
    """Line of the log by session. Why somebody decided by hand is not told: the words may name whom it is about."""
    counts = "NO" if line.reason is not None else "YES" if line.credential is None else "NOT_FOR_CREDENTIAL"
    paid, free = (None, None) if counts == "NO" else (line.minutes, 0) if line.paid else (0, line.minutes)
    start = line.start(asked)
    about = (line.day(asked), start and f"{start:%H:%M}", line.number, line.name, _together(line.size), line.size)
    amounts = (line.kind, line.compensation, line.minutes, hours(paid), hours(free))
    return (*about, *amounts, counts, line.reason or line.credential, line.override is not None, bool(line.unlisted), line.source)


async def client_pages(export: ReportExport, opening: Opening, rows: list[LogRow], sums: Iterable[LogRow]) -> AsyncIterator[list[Row]]:
    """Lines of the log by client, the sums last. Names are looked up as they are written, and are not kept."""
    for start in range(0, len(rows), LOT):
        lot = rows[start : start + LOT]
        if export.asked is not None:
            async with opening() as ask:
                found = await people(
                    ask, export.asked, (row.number for row in lot if row.kind is RowKind.CLIENT), export.now, own=export.own
                )
            for row in lot:
                row.name, row.contact = found.get(row.number or 0, (None, None)) if row.kind is RowKind.CLIENT else (None, None)
        yield [client_cells(row) for row in lot]
        for row in lot:
            row.name = row.contact = None
    yield [client_cells(row) for row in sums]


async def session_pages(asked: Asked, export: ReportExport, opening: Opening) -> AsyncIterator[list[Row]]:
    """Lines of the log by session, and the sums of exactly these."""
    sums = {kind: [0, 0, 0] for kind in (RowKind.UNLISTED, RowKind.NOT_FOR_CREDENTIAL, RowKind.NOT_COUNTED, RowKind.TOTAL)}
    async for lines in stream(opening, asked, export.now):
        for line in lines:
            paid = line.minutes if line.paid else 0
            for kind in _sums_of(line):
                for place, amount in enumerate((line.minutes, paid, line.minutes - paid)):
                    sums[kind][place] += amount
        yield [session_cells(asked, line) for line in lines]
    yield [_sum(kind, *amounts) for kind, amounts in sums.items() if amounts[0] or kind is RowKind.TOTAL]


def _sums_of(line: Session) -> list[RowKind]:
    """Sums that a line is in."""
    if line.reason is not None:
        return [RowKind.NOT_COUNTED]
    unlisted = [RowKind.UNLISTED] if line.unlisted else []
    beside = [RowKind.NOT_FOR_CREDENTIAL] if line.credential is not None else []
    return [*unlisted, *beside, RowKind.TOTAL]


def _sum(kind: RowKind, minutes: int, paid: int, free: int) -> Row:
    amounts = (None, None) if kind is RowKind.NOT_COUNTED else (hours(paid), hours(free))
    return (*(None,) * 8, minutes, *amounts, *(None,) * 4, kind.value)
