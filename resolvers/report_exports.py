"""Links to files made of reports: good for an hour, and for no longer than whoever made one could make it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.problems import Problem, ProblemCode
from lifecycle.report_files import LONGEST_PDF, PERMIT, ReportFormat, ReportLog
from lifecycle.vocabulary import Role, RunState
from planner.errors import RequestError
from resolvers.acts.hours import asking
from resolvers.audit import record
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.certification.ask import COACH, NAMES, Wish, asked_of, let_in, reading, sensible
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.log import log_of
from resolvers.certification.seal import By
from resolvers.certification.stream import Opening, length
from resolvers.desk import Clerk, Desk, clerk_of, clerk_through
from storage.address import Dialect
from storage.database import Database
from storage.readers import Reader
from storage.tables.operations import ExportFile
from storage.tables.workspace import Member

LIFETIME: Final = timedelta(hours=1)
KIND: Final = "report"
_RUN: Final = (
    "SELECT x.coach_id, x.state, x.content, x.content_hash, x.sealed_at FROM report_run x WHERE x.workspace_id = :workspace AND x.id = :run"
)


@dataclass(frozen=True, slots=True)
class Order:
    """File that is asked for: of the report that `wish` asks for, with its `log`, or of a sealed one."""

    format: ReportFormat
    log: ReportLog = ReportLog.CLIENTS
    wish: Wish | None = None
    run: str | None = None


_ORDER: Final = TypeAdapter(Order)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed report: what it says, the hash of that, and when it was sealed."""

    key: str
    content: str
    content_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportExport:
    """File that may be made now, of a report or of a sealed one. With `own`, only contacts of the coach's own clients are told."""

    order: Order
    now: datetime
    own: bool
    asked: Asked | None = None
    by: By | None = None
    sealed: Sealed | None = None
    reader: Caller | None = None

    def opening(self, database: Database) -> Opening:
        """What each page is read with. Without a reader it is the command line that reads."""

        @asynccontextmanager
        async def opened() -> AsyncIterator[Ask]:
            if self.reader is not None:
                async with let_in(database, self.reader, self.now) as reader:
                    yield await planned_anew(reader)
            else:
                async with database.read() as reader, reader.snapshot():
                    yield await planned_anew(reader)

        return opened


@dataclass(frozen=True, slots=True)
class Link:
    """New link: key of its record, and its end."""

    key: str
    expires_at: datetime


_NOT_FOUND: Final = Problem(ProblemCode.NOT_FOUND, "There is no such coach or report that you may see.")
_FORBIDDEN: Final = Problem(ProblemCode.FORBIDDEN, f"You may not take this step. {PERMIT.sentence()}")
_VOID: Final = Problem(ProblemCode.INVALID_TRANSITION, "The report is withdrawn; what it says stays readable in `content`.")
_NO_LETTER: Final = Problem(ProblemCode.INVALID_INPUT, "A letter is a PDF.", ("format",))
TOO_LONG: Final = Problem(
    ProblemCode.EXPORT_TOO_LONG, f"A PDF has at most {LONGEST_PDF:,} lines: ask for a shorter period, or another format.", ("format",)
)
#: Codes with which a file can be refused.
CODES: Final = tuple(p.code for p in (_NOT_FOUND, _FORBIDDEN, _NO_LETTER, _VOID, TOO_LONG))


async def planned_anew(reader: Reader) -> Ask:
    """Reading of whole reports in a snapshot: PostgreSQL makes a plan for every statement's values. One for any values takes each period
    for a short one, and looks through all groups again for every group."""
    ask = reading(reader)
    if reader.dialect == "postgresql":
        await ask("SELECT set_config('plan_cache_mode', 'force_custom_plan', TRUE)", {})
    return ask


async def make_link(desk: Desk, caller: Caller, order: Order) -> Link | Problem:
    """Link to a file, on record; or why there is none, and then nothing is written."""
    async with desk.database.read() as reader, reader.snapshot():
        clerk = await clerk_through(reader, caller, desk.now)
        ask = await planned_anew(reader)
        export = await _judged(ask, clerk, order, desk.now, reader.dialect)
        if isinstance(export, Problem):
            return export
        if await too_long(ask, export):
            return TOO_LONG
    about: dict[str, Any] = {"kind": KIND, "actor": caller.actor, "subject_id": UUID(_subject(order)[1]), "asked": _said(order)}
    row = ExportFile(workspace_id=clerk.workspace, id=uuid7(), created_at=desk.now, expires_at=desk.now + LIFETIME, **about)
    async with desk.database.write() as session:
        await clerk_of(session, caller, desk.now)
        session.add(row)
        write_down(session, clerk.workspace, order, actor=caller.actor, at=desk.now, request_id=desk.request_id)
    return Link(row.id.hex, row.expires_at)


def write_down(session: AsyncSession, workspace: UUID, order: Order, *, actor: str, at: datetime, request_id: str | None = None) -> None:
    """Audit event of an export: who asked for what."""
    kind, key = _subject(order)
    record(session, workspace, "report_exported", kind, UUID(key), actor=actor, at=at, request_id=request_id, detail=_said(order))


def _said(order: Order) -> str:
    return _ORDER.dump_json(order, exclude_none=True).decode()


def _subject(order: Order) -> tuple[str, str]:
    """Kind and key of what the file is of."""
    if order.wish is not None:
        return "member", order.wish.coach
    if order.run is None:
        raise ValueError("a file of nothing")
    return "report", order.run


async def _judged(ask: Ask, clerk: Clerk, order: Order, now: datetime, dialect: Dialect) -> ReportExport | Problem:
    """The file, as far as whoever stands at the desk may have it: an owner of every coach, a coach of themself."""
    if not PERMIT.admits(clerk.actor):
        return _FORBIDDEN
    member = None if clerk.actor.role is Role.OWNER else clerk.member
    return await find_export(ask, clerk.workspace.hex, order, now, dialect, member=member)


async def find_export(
    ask: Ask, workspace: str, order: Order, now: datetime, dialect: Dialect, *, member: str | None = None
) -> ReportExport | Problem:
    """What the file is made of; with `member`, only where it is of their own hours."""
    if order.wish is None:
        return await _sealed(ask, workspace, order, now, member)
    wish = order.wish
    if order.log is ReportLog.LETTER and order.format is not ReportFormat.PDF:
        return _NO_LETTER
    known = {"workspace": workspace, "coach": wish.coach}
    found = await ask(COACH, known) if member in (None, wish.coach) else ()
    if not found:
        return _NOT_FOUND
    try:
        sensible(wish, now)
        asked = asked_of(wish, workspace, tuple(found[0]), now, dialect)
    except RequestError as wrong:
        return Problem(ProblemCode.INVALID_INPUT, wrong.message)
    [names] = await ask(NAMES, known)
    return ReportExport(order, now, member is not None, asked=asked, by=By(*names))


async def _sealed(ask: Ask, workspace: str, order: Order, now: datetime, member: str | None) -> ReportExport | Problem:
    _, key = _subject(order)
    found = await ask(_RUN, {"workspace": workspace, "run": key})
    if not found or (member is not None and found[0][0] != member):
        return _NOT_FOUND
    _, state, content, content_hash, at = found[0]
    if state != RunState.SEALED:
        return _VOID
    return ReportExport(order, now, member is not None, sealed=Sealed(key, content, content_hash, instant(at)))


async def too_long(ask: Ask, export: ReportExport) -> bool:
    """Whether the lines of the file are more than its format takes."""
    if export.order.format is not ReportFormat.PDF:
        return False
    if export.asked is None:
        return export.sealed is not None and export.sealed.content.count('"row":') > LONGEST_PDF
    if export.order.log is ReportLog.SESSIONS:
        return await length(ask, export.asked) > LONGEST_PDF
    log = await log_of(ask, export.asked, export.now)
    return len(log.confidential if export.order.log is ReportLog.LETTER else log.rows) > LONGEST_PDF


# -- opening -------------------------------------------------------------------------------------------------------------


async def open_report(session: AsyncSession, desk: Desk, row: ExportFile) -> ReportExport | None:
    """The order is judged once more, as if whoever made the link gave it now; None where they could not."""
    _, _, key = row.actor.partition(":")
    person = await session.get(Member, (row.workspace_id, UUID(key)))
    if person is None:
        return None
    reader = Caller(
        kind=CallerKind.STAFF,
        workspace=row.workspace_id.hex,
        account=person.account_id.hex,
        member=key,
        client=None,
        role=person.role,
        proof=Proof.REPORT,
        proof_id=row.id.hex,
        expires_at=row.expires_at.timestamp(),
    )
    clerk = await clerk_of(session, reader, desk.now)
    order = _ORDER.validate_json(row.asked)
    export = await _judged(asking(session), clerk, order, desk.now, desk.database.dialect)
    if isinstance(export, Problem):
        return None
    kind, subject = _subject(order)
    by = f"link:{row.id.hex}"
    record(session, row.workspace_id, "export_fetched", kind, UUID(subject), actor=by, at=desk.now, request_id=desk.request_id)
    return replace(export, reader=reader)
