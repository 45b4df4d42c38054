"""Steps with hours: an entry by hand, and reports that are sealed or withdrawn."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.hours import RecordHours, SealReport
from lifecycle.vocabulary import RunState
from planner.errors import RequestError
from resolvers.acts.base import Act, Columns, Writer, Written, bad_input, made, setting, state
from resolvers.announce import take_turn
from resolvers.certification.ask import COACH, NAMES, Wish, asked_of, sensible
from resolvers.certification.asked import Ask, Asked
from resolvers.certification.log import log_of
from resolvers.certification.report import SEALED, consistent, report_of
from resolvers.certification.seal import By, content_of, hash_of, rule_set_key
from resolvers.ledger import last_position
from resolvers.sql import row, rows
from storage.address import Dialect
from storage.errors import Conflict
from storage.tables.certification import HourLedgerEntry, ReportRun, RuleSet
from storage.tables.clients import Client

_MINE: Final = (
    "SELECT x.client_number FROM hour_ledger_entry x WHERE x.workspace_id = :workspace AND x.id = :key AND x.coach_id = :coach"
    " AND x.manual = TRUE AND x.minutes > 0 AND NOT EXISTS (SELECT 1 FROM hour_ledger_entry y WHERE y.workspace_id = x.workspace_id"
    " AND y.supersedes_id = x.id)"
)


async def _asked(session: AsyncSession, act: Act, wish: Wish) -> Asked:
    """Report on the caller's own hours, with what they and their workspace say by default."""
    found = await row(session, COACH, {"workspace": act.workspace, "coach": wish.coach})
    if found is None:
        raise ValueError("a step without a member")
    dialect: Dialect = "sqlite" if session.get_bind().dialect.name == "sqlite" else "postgresql"
    try:
        sensible(wish, act.now)
        return asked_of(wish, act.workspace.hex, found, act.now, dialect)
    except RequestError as wrong:
        raise bad_input("ruleSetVersion" if "version" in wrong.message else "periodTo", wrong.message) from None


def asking(session: AsyncSession) -> Ask:
    """Reading in the transaction of a step."""

    async def ask(sql: str, parameters: Mapping[str, object]) -> Any:
        return await rows(session, sql, parameters)

    return ask


def _member(act: Act) -> UUID:
    if act.member is None:
        raise ValueError("hours of nobody")
    return act.member


async def record(session: AsyncSession, act: Act) -> Written:
    """Entry by hand, stamped with the status that the client has now."""
    given: RecordHours = act.given
    if act.facts.status is None:
        raise ValueError("hours without a client")
    coach = _member(act)
    asked = await _asked(session, act, Wish(coach=coach.hex))
    if not (given.day.year >= 1900 and given.day <= asked.today):
        raise bad_input("day", "Hours are recorded of today, or of an earlier day.")
    client = await session.get_one(Client, (act.workspace, act.whom))
    await _superseded(session, given, {"workspace": act.workspace, "coach": coach, "key": given.supersedes}, client.number)
    await take_turn(session, act.workspace)
    entry = HourLedgerEntry(
        workspace_id=act.workspace,
        id=uuid7(),
        coach_id=coach,
        position=await last_position(session, act.workspace) + 1,
        day=given.day,
        minutes=given.minutes,
        compensation=given.compensation,
        coaching_kind=given.coaching_kind,
        group_size=given.group_size,
        client_number=client.number,
        counting_status=act.facts.status,
        manual=True,
        supersedes_id=UUID(given.supersedes) if given.supersedes else None,
        entered_at=act.now,
    )
    return await made(session, entry)


async def _superseded(session: AsyncSession, given: RecordHours, known: Mapping[str, object], number: int) -> None:
    """An entry takes the place of one of the same coach and client, by hand, that stands."""
    if given.supersedes is None:
        if given.minutes == 0:
            raise bad_input("minutes", "An entry of 0 minutes takes another one back: name it in `supersedes`.")
        return
    found = await row(session, _MINE, known)
    if found is None or found[0] != number:
        raise bad_input("supersedes", "An entry takes the place of one of your own by hand, with the same client, that still stands.")


async def seal(session: AsyncSession, act: Act) -> Written:
    """Report as it is now, with everything that it says, and nothing that leads to a client."""
    given: SealReport = act.given
    coach = _member(act)
    wish = Wish(
        coach=coach.hex,
        rule_set=given.rule_set,
        version=given.rule_set_version,
        first=given.period_from,
        last=given.period_to,
        basis=given.basis,
        count_from=given.count_from,
    )
    asked = await _asked(session, act, wish)
    if asked.rules is None:
        raise ValueError("a sealed report without rules")
    ask = asking(session)
    report = await report_of(ask, asked, SEALED)
    report.log = await log_of(ask, asked, act.now)
    if not consistent(report):  # somebody wrote between two statements
        raise Conflict("sessions changed while they were counted", retry=True)
    position = await last_position(session, act.workspace)
    [names] = await ask(NAMES, asked.parameters)
    content = content_of(report, By(*names), position)
    run = ReportRun(
        workspace_id=act.workspace,
        id=uuid7(),
        coach_id=coach,
        rule_set_id=await _rules(session, asked),
        state=RunState.SEALED,
        period_from=asked.first,
        period_to=asked.last or asked.today,
        ledger_position=position,
        content=content,
        content_hash=hash_of(content),
        sealed_at=act.now,
    )
    return await made(session, run)


async def _rules(session: AsyncSession, asked: Asked) -> UUID:
    """Row of the version of the rules, made when a report pins it for the first time."""
    key, about = rule_set_key(asked)
    known = ", ".join(about)
    values = ", ".join(f":{name}" for name in about)
    await rows(session, f"INSERT INTO {RuleSet.__tablename__} ({known}) VALUES ({values}) ON CONFLICT DO NOTHING", about)
    return key


def _voided(act: Act) -> Columns:
    return {**state(act), "voided_at": act.now, "void_reason": act.reason}


WRITERS: Mapping[str, Writer] = {"hoursRecord": record, "reportSeal": seal, "reportVoid": setting(_voided)}
