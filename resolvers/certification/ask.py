"""Who may ask for which report, and the reading of it: the caller's proof, the coach and all parts at one instant."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from graphql import GraphQLResolveInfo

from lifecycle.access import READABLE, Cell, Refusal, Resource, staff_cell, staff_refusal
from lifecycle.rule_sets import rules_of
from lifecycle.vocabulary import CountingBasis, Role
from planner.errors import NotLiveError, RequestError
from planner.ids import split_id
from resolvers.callers import Caller, CallerKind, fetch, gate_sql
from resolvers.certification.asked import Ask, Asked
from resolvers.certification.pages import Page, Wanted, count_of, page_of
from resolvers.certification.report import Report, report_of
from resolvers.context import Context
from resolvers.wishes import note
from storage.address import Dialect
from storage.database import Database
from storage.readers import Reader

COACH: Final = (
    "SELECT COALESCE(m.timezone, w.timezone), w.counting_basis FROM member m JOIN workspace w ON w.id = m.workspace_id"
    " WHERE m.workspace_id = :workspace AND m.id = :coach"
)
#: Names of the coach and of the workspace.
NAMES: Final = (
    "SELECT m.name, w.name FROM member m JOIN workspace w ON w.id = m.workspace_id WHERE m.workspace_id = :workspace AND m.id = :coach"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Report as a caller asks for it."""

    coach: str
    rule_set: str | None = None
    version: int | None = None
    first: date | None = None
    last: date | None = None
    basis: CountingBasis | None = None
    at: datetime | None = None
    count_from: date | None = None


def refusal(caller: Caller, resource: Resource = Resource.HOURS) -> Refusal | None:
    """Why a caller gets not even numbers."""
    if caller.kind is not CallerKind.STAFF or caller.role is None:
        return _of_the_portal(resource)
    if staff_cell(caller.role, resource) in READABLE | {Cell.NUMBERS}:
        return None
    return staff_refusal(caller.role, resource)


def rows_refusal(caller: Caller) -> Refusal | None:
    """Why a caller gets numbers and no rows."""
    return staff_refusal(caller.role, Resource.HOURS) if caller.role is not None else _of_the_portal(Resource.HOURS)


def _of_the_portal(resource: Resource) -> Refusal:
    return Refusal("STATUS", f"Your access to the portal does not include {resource}.")


def asked_of(wish: Wish, workspace: str, found: tuple[Any, ...], now: datetime, dialect: Dialect) -> Asked:
    """Report with what its coach and workspace say by default."""
    zone, basis = found
    made = Asked(
        workspace=workspace,
        coach=wish.coach,
        zone=ZoneInfo(zone),
        at=wish.at or now,
        basis=wish.basis or CountingBasis[basis],
        first=wish.first,
        last=wish.last,
        count_from=wish.count_from,
        past=wish.at is not None and wish.at < now,
        dialect=dialect,
    )
    if wish.rule_set is None:
        return made
    try:
        return replace(made, rules=rules_of(wish.rule_set, made.today, wish.version))
    except LookupError as error:
        raise RequestError("BAD_USER_INPUT", f"{error}.") from None


def reading(reader: Reader) -> Ask:
    async def ask(sql: str, parameters: Mapping[str, object]) -> Any:
        return await fetch(reader, sql, parameters)

    return ask


@asynccontextmanager
async def let_in(database: Database, caller: Caller, now: datetime) -> AsyncIterator[Reader]:
    """Reader at one instant, of a caller who is still who they say."""
    sql, parameters = gate_sql(caller, database.dialect, now)
    async with database.read() as reader, reader.snapshot():
        if not await fetch(reader, sql, parameters):
            raise NotLiveError
        yield reader


async def certification_report(context: Context, info: GraphQLResolveInfo[Any], wish: Wish, parts: Collection[str]) -> Report | None:
    """Report on a coach; null where there is no such coach for the caller, or, with a note, where the caller may read no hours."""
    caller, now = context.caller, context.now()
    context.signed_in()
    sensible(wish, now)
    tag, key = split_id(wish.coach)
    if tag != "member":
        raise RequestError("INVALID_ID", "This is not the id of a Member.")
    async with let_in(context.database, context.caller, context.now()) as reader:
        if (why := refusal(caller)) is not None:
            note(context, info, why)
            return None
        if caller.role is Role.COACH and key != caller.member:
            return None
        found = await fetch(reader, COACH, {"workspace": caller.workspace, "coach": key})
        if not found or caller.workspace is None:
            return None
        asked = asked_of(replace(wish, coach=key), caller.workspace, tuple(found[0]), now, context.database.dialect)
        return await report_of(reading(reader), asked, parts)


def sensible(wish: Wish, now: datetime) -> None:
    if wish.at is not None and wish.at > now:
        raise RequestError("BAD_USER_INPUT", "`at` is an instant of the past.")
    if wish.first is not None and wish.last is not None and wish.last < wish.first:
        raise RequestError("BAD_USER_INPUT", "The period ends before it starts.")
    if wish.version is not None and wish.rule_set is None:
        raise RequestError("BAD_USER_INPUT", "A version is that of a `ruleSet`.")
    for day in (wish.first, wish.last, wish.count_from):
        if day is not None and not 1900 <= day.year < 9000:
            raise RequestError("BAD_USER_INPUT", "A day of a report lies from 1900 to 8999.")


async def lines_page(context: Context, asked: Asked, wanted: Wanted, arguments: Mapping[str, Any]) -> Page:
    if context.engine is None:
        raise TypeError("this context has no planner")
    async with let_in(context.database, context.caller, context.now()) as reader:
        return await page_of(reading(reader), asked, wanted, context.engine.cursors, arguments)


async def lines_count(context: Context, asked: Asked, wanted: Wanted) -> int:
    async with let_in(context.database, context.caller, context.now()) as reader:
        return await count_of(reading(reader), asked, wanted)
