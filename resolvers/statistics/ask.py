"""Who may ask for statistics, and the reading of them: the caller's proof and all the measures at one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from graphql import GraphQLResolveInfo

from lifecycle.access import Cell, Resource, staff_cell
from lifecycle.statistics import MEASURES, Dimension, Lens
from planner.errors import RequestError
from resolvers.callers import fetch
from resolvers.certification.ask import let_in, reading, refusal
from resolvers.context import Context
from resolvers.statistics.asked import Asked, left_out, period_of
from resolvers.statistics.measures import MEASURED, Table
from resolvers.wishes import note, seen_by

_WORKSPACE: Final = "SELECT w.timezone, w.statistics_threshold FROM workspace w WHERE w.id = :workspace"
_NAMES: Final = {
    Dimension.COACH: "SELECT n.id, n.name, CASE WHEN n.role IN ('OWNER', 'COACH') THEN 1 ELSE 0 END FROM member n"
    " WHERE n.workspace_id = :workspace",
    Dimension.PACKAGE: "SELECT n.id, n.name, 1 FROM package n WHERE n.workspace_id = :workspace",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Measure that is asked for, and by what."""

    measure: str
    by: tuple[Dimension, ...]

    @classmethod
    def of(cls, measure: str, by: Sequence[Dimension] | None) -> "Wish":
        known = MEASURES[measure]
        given = known.usual if by is None else tuple(dict.fromkeys(by))
        if len(given) > known.most or not set(given) <= set(known.dimensions):
            raise RequestError("BAD_USER_INPUT", f"`by` is at most {known.most} of {', '.join(known.dimensions)} here.")
        return cls(measure, given)


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for a wish, the names of the members and packages, and which of them are listed whether somebody is theirs or not."""

    table: Table
    names: dict[Any, str]
    listed: dict[Dimension, list[Any]]


async def statistics(
    context: Context, info: GraphQLResolveInfo[Any], first: str | None, last: str | None, at: datetime | None
) -> Asked | None:
    """What is asked about; null, with a note, where the caller may read no statistics."""
    caller, now = context.caller, context.now()
    context.signed_in()
    if at is not None and at > now:
        raise RequestError("BAD_USER_INPUT", "`at` is an instant of the past.")
    async with let_in(context.database, context.caller, context.now()) as reader:
        if (why := refusal(caller, Resource.STATISTICS)) is not None:
            note(context, info, why)
            return None
        found: Any = await fetch(reader, _WORKSPACE, {"workspace": caller.workspace})
    if caller.workspace is None or caller.role is None:
        return None
    [(timezone, threshold)] = found
    zone, moment = ZoneInfo(timezone), at or now
    numbers = staff_cell(caller.role, Resource.STATISTICS) is Cell.NUMBERS
    return Asked(
        workspace=caller.workspace,
        member=caller.member,
        zone=zone,
        at=moment,
        months=tuple(period_of(first, last, moment.astimezone(zone).date())),
        dialect=context.database.dialect,
        seen=seen_by(caller),
        lens=Lens(threshold if numbers else None),
        left_out=tuple(left_out(caller.workspace, context.secrets[-1])) if numbers else (),
    )


async def measured(context: Context, asked: Asked, wishes: Sequence[Wish]) -> list[Found]:
    """What is found for each wish, all of it at one instant."""
    async with let_in(context.database, context.caller, context.now()) as reader:
        ask = reading(reader)
        tables = [await MEASURED[wish.measure](ask, asked, wish.by) for wish in wishes]
        wanted = {dimension for wish in wishes for dimension in _NAMES if dimension in wish.by}
        named = {dimension: [tuple(row) for row in await ask(_NAMES[dimension], asked.parameters)] for dimension in wanted}
    names = {key: name for rows in named.values() for key, name, _ in rows}
    listed = {dimension: [key for key, _, one in rows if one] for dimension, rows in named.items()}
    return [Found(table, names, listed) for table in tables]
