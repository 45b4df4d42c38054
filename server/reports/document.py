"""Reports as documents: what stands in them, and the process that sets them."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from lifecycle.report_files import LONGEST_PDF, ReportLog, RowKind
from resolvers.appointments import hours
from resolvers.certification.log import LogRow
from server.reports.facts import Facts
from server.reports.table import CLIENTS, SESSIONS, Cell, Row

CHUNK_BYTES: Final = 64 * 1024
#: The longest document takes a few seconds.
PATIENCE_SECONDS: Final = 60
#: One is set at a time, however many are fetched.
_TURN: Final = asyncio.Semaphore(1)
#: Bars that are still legible.
_MOST_BARS: Final = 36


class TooLongError(Exception):
    """More lines than a document takes."""


class TypesetError(RuntimeError):
    """The document could not be set."""


async def pdf_parts(facts: Facts, pages: AsyncIterator[list[Row]]) -> AsyncIterator[bytes]:
    """Document with the log."""
    rows: list[Row] = []
    async for page in pages:
        rows += page
        if len(rows) > LONGEST_PDF + len(RowKind):
            raise TooLongError
    columns = SESSIONS if facts.log is ReportLog.SESSIONS else CLIENTS
    data = {
        **_head(facts),
        "sums": [[label, _shown(cell)] for label, cell in facts.sums],
        "bars": _bars(facts),
        "progress": [
            {"label": label, "have": f"{have:,.10g}", "need": f"{need:,.10g}", "share": _share(have, need), "met": met}
            for label, have, need, met in facts.progress
        ],
        "ready": facts.readiness,
        "reasons": [[words, str(count), _shown(amount)] for words, count, amount in facts.reasons],
        "log": facts.log.value,
        "rows": [{column.key: _shown(cell) for column, cell in zip(columns, row, strict=True)} for row in rows],
    }
    async for part in _set("report", data, facts):
        yield part


async def letter_parts(facts: Facts, rows: Sequence[LogRow]) -> AsyncIterator[bytes]:
    """Letter for an organisation to sign; its clients have an alias each."""
    total = LogRow(RowKind.TOTAL)
    for row in rows:
        total.add(row)
    cells = [[str(row.first), str(row.last), _shown(hours(row.paid)), _shown(hours(row.free))] for row in (*rows, total)]
    groups = ["" if row.size is None else f"group of {row.size}" for row in rows]
    data = {**_head(facts), "rows": cells[:-1], "total": cells[-1], "groups": groups}
    async for part in _set("letter", data, facts):
        yield part


def _head(facts: Facts) -> dict[str, Any]:
    about = [[label, _shown(cell)] for label, cell in facts.about]
    return {
        "title": facts.title,
        "coach": facts.coach,
        "workspace": facts.workspace,
        "rules": facts.rules,
        "about": about,
        "day": f"{facts.at:%Y-%m-%d}",
        "letters": False,
        "hash": None if facts.sealed is None else facts.sealed.content_hash,
    }


def _shown(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:,.2f}"
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case date():
            return cell.isoformat()
    return cell


def _share(have: float, need: float) -> float:
    """Part of what is needed, at most all of it."""
    return min(have / need, 1.0) if need else 1.0


def _bars(facts: Facts) -> list[dict[str, Any]]:
    """Hours by month; of a long history by quarter, or by year."""
    for key in (_month, _quarter, _year):
        bars: dict[str, list[float]] = {}
        for month, paid, free in facts.months:
            bar = bars.setdefault(key(month), [0.0, 0.0])
            bar[0], bar[1] = bar[0] + paid, bar[1] + free
        if len(bars) <= _MOST_BARS:
            break
    return [{"label": label, "paid": paid, "free": free} for label, (paid, free) in bars.items()]


def _month(month: str) -> str:
    return month


def _quarter(month: str) -> str:
    return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


def _year(month: str) -> str:
    return month[:4]


async def _set(template: str, data: dict[str, Any], facts: Facts) -> AsyncIterator[bytes]:
    """The document, set by a process of its own. A sealed one takes no font of the machine, so that it is the same everywhere."""
    order = {"template": template, "data": data, "timestamp": int(facts.at.timestamp()), "system_fonts": facts.sealed is None}
    command = [sys.executable, "-I", str(Path(__file__).with_name("typeset.py"))]
    async with _TURN:
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        try:
            made, complaint = await asyncio.wait_for(process.communicate(orjson.dumps(order)), PATIENCE_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode:
        raise TypesetError(complaint.decode(errors="replace").strip().rpartition("\n")[2])
    for start in range(0, len(made), CHUNK_BYTES):
        yield made[start : start + CHUNK_BYTES]
