"""Lines of a report in pages, latest first: each source gives its first few, and the page is the first of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from lifecycle.certification import LineKind, ReportReason
from planner.dialect import DIALECTS
from planner.ids import Cursors
from planner.paging import size
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.lines import MAY_BE_NAMED, branches
from resolvers.certification.totals import day_of

COLUMNS: Final = (
    "source", "id", "at", "day", "minutes", "client_id", "number", "kind", "compensation", "size", "state", "override",
    "override_reason", "status", "reason", "credential", "paid", "unlisted",
)  # fmt: skip
_ORDER: Final = "REPORT_LINE-"
_NAMES: Final = f"SELECT c.id, c.number, c.name, CASE WHEN {MAY_BE_NAMED} THEN 1 ELSE 0 END FROM client c WHERE c.workspace_id = :workspace"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines that are asked for: those that count or those that do not, and of these some."""

    counted: bool
    reasons: tuple[ReportReason, ...] = ()
    unlisted: bool | None = None

    @property
    def condition(self) -> str:
        # as a CASE, for PostgreSQL takes a reason that IS NULL for a rare one, and calls workers in where it need only walk an index
        parts = [f"CASE WHEN s.reason IS {'NULL' if self.counted else 'NOT NULL'} THEN 1 = 1 ELSE 1 = 0 END"]
        if self.reasons:
            listed = ", ".join(f"'{reason}'" for reason in self.reasons)
            parts.append(f"s.{'credential' if self.counted else 'reason'} IN ({listed})")
        if self.unlisted is not None:
            parts.append(f"s.unlisted = {int(self.unlisted)}")
        return " AND ".join(parts)


@dataclass(slots=True)
class Line:
    """Line of a report; `name` only where the client may be named."""

    asked: Asked
    row: dict[str, Any]
    number: int | None = None
    name: str | None = None

    @property
    def at(self) -> datetime | None:
        return None if self.row["day"] is not None else instant(self.row["at"])

    @property
    def day(self) -> date:
        return day_of(self.asked, self.row["at"], self.row["day"])


@dataclass(frozen=True, slots=True)
class Page:
    lines: Sequence[Line]
    cursors: Sequence[str]
    more: bool
    continued: bool
    backward: bool


async def page_of(ask: Ask, asked: Asked, wanted: Wanted, cursors: Cursors, arguments: Mapping[str, Any]) -> Page:
    """Page that the arguments of a connection ask for."""
    limit, backward = size(arguments)
    dialect, parameters = DIALECTS[asked.dialect], asked.parameters
    conditions = [wanted.condition]
    for name, sign in (("after", "<"), ("before", ">")):
        if arguments.get(name) is not None:
            at, key = cursors.decode(_ORDER, arguments[name])
            parameters |= {f"{name}_at": dialect.instant(datetime.fromisoformat(str(at))), f"{name}_id": key}
            conditions.append(f"(s.at, s.id) {sign} (:{name}_at, :{name}_id)")
    direction = "ASC" if backward else "DESC"
    found = await ask(_statement(asked, " AND ".join(conditions), direction, limit + 1), parameters)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found[:limit]]
    rows = rows[::-1] if backward else rows
    given = arguments.get("before" if backward else "after") is not None
    made = [cursors.encode(_ORDER, [instant(row["at"]).isoformat(), row["id"]]) for row in rows]
    return Page(await _named(ask, asked, rows), made, len(found) > limit, given, backward)


def _statement(asked: Asked, where: str, direction: str, limit: int) -> str:
    columns = ", ".join(f"s.{name}" for name in COLUMNS[:-1])
    first = f"ORDER BY s.at {direction}, s.id {direction} LIMIT {limit}"
    single, group, entry = branches(asked)
    unlisted = ((single, "CAST(NULL AS integer)"), (group, "s.unlisted"), (entry, "CAST(NULL AS integer)"))
    parts = [f"SELECT * FROM (SELECT {columns}, {sql} AS unlisted FROM ({branch}) s WHERE {where} {first}) s" for branch, sql in unlisted]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) s {first}"


async def _named(ask: Ask, asked: Asked, rows: Sequence[dict[str, Any]]) -> list[Line]:
    """Lines with the number of their client, and the name where it may be told; who may be named is looked up for the page alone."""
    dialect = DIALECTS[asked.dialect]
    keys = sorted({row["client_id"] for row in rows if row["client_id"] is not None})
    numbers = sorted({row["number"] for row in rows if row["number"] is not None})
    wanted = ((keys, dialect.in_keys("c.id")), (numbers, dialect.among("c.number", "numbers")))
    parameters = {**asked.parameters, "keys": dialect.keys_value(keys), "numbers": dialect.array(numbers)}
    found = [row for listed, condition in wanted if listed for row in await ask(f"{_NAMES} AND {condition}", parameters)]
    known: dict[Any, tuple[int, str | None, int]] = {}
    for key, number, name, named in found:
        known[key] = known[number] = (number, name, named)
    lines = []
    for row in rows:
        row["credential"] = row["credential"] if row["reason"] is None else None
        number, name, named = known.get(row["client_id"]) or known.get(row["number"]) or (row["number"], None, 0)
        if row["unlisted"] is None:
            row["unlisted"] = 0 if named and row["source"] != LineKind.ERASED else 1
        lines.append(Line(asked, row, number, None if row["unlisted"] else name))
    return lines


async def count_of(ask: Ask, asked: Asked, wanted: Wanted) -> int:
    """Number of the lines that are asked for."""
    total = 0
    for branch in branches(asked):
        [(number,)] = await ask(f"SELECT COUNT(*) FROM ({branch}) s WHERE {wanted.condition}", asked.parameters)
        total += int(number)
    return total
