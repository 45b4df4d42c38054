"""Lines of a report in pages, latest first: each source gives its first few, and the page is the first of those."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from lifecycle.certification import LineKind, ReportReason
from planner.dialect import DIALECTS
from planner.ids import Cursors
from planner.paging import size
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.lines import MAY_BE_NAMED, branches, often
from resolvers.certification.totals import day_of


class Row(NamedTuple):
    """What is read of a line. `number`, `unlisted` and `name` are told of a page alone."""

    source: str
    id: str
    at: Any
    day: Any
    minutes: int
    kind: str
    compensation: str
    size: int | None
    override: int | None
    override_reason: str | None
    status: str | None
    reason: str | None
    credential: str | None
    paid: int
    number: int | None
    unlisted: int
    name: str | None


_ORDER: Final = "REPORT_LINE-"
#: Last columns of the lines of each source, and the client who they are of.
_PEOPLE: Final = (
    f"c.number, CASE WHEN {MAY_BE_NAMED} THEN 0 ELSE 1 END AS unlisted, c.name FROM ({{}}) s"
    " JOIN client c ON c.workspace_id = :workspace AND c.id = s.client_id",
    "s.number, s.unlisted, CAST(NULL AS varchar) AS name FROM ({}) s",
    f"s.number, CASE WHEN s.source = '{LineKind.MANUAL}' AND {MAY_BE_NAMED} THEN 0 ELSE 1 END AS unlisted, c.name FROM ({{}}) s"
    " LEFT JOIN client c ON c.workspace_id = :workspace AND c.number = s.number",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines that are asked for: those that count or those that do not, and of these some."""

    counted: bool
    reasons: tuple[ReportReason, ...] = ()
    unlisted: bool | None = None

    @property
    def condition(self) -> str:
        parts = [often(f"s.reason IS {'NULL' if self.counted else 'NOT NULL'}")]
        if self.reasons:
            listed = ", ".join(f"'{reason}'" for reason in self.reasons)
            parts.append(f"s.{'credential' if self.counted else 'reason'} IN ({listed})")
        if self.unlisted is not None:
            parts.append(f"s.unlisted = {int(self.unlisted)}")
        return " AND ".join(parts)


@dataclass(slots=True)
class Line:
    """Line of a report."""

    asked: Asked
    row: Row

    @property
    def at(self) -> datetime | None:
        return None if self.row.day is not None else instant(self.row.at)

    @property
    def day(self) -> date:
        return day_of(self.asked, self.row.at, self.row.day)

    @property
    def name(self) -> str | None:
        """Name of the client, who may be named."""
        return None if self.row.unlisted else self.row.name

    @property
    def credential(self) -> str | None:
        return self.row.credential if self.row.reason is None else None


@dataclass(frozen=True, slots=True)
class Page:
    cursors: Cursors
    lines: Sequence[Line]
    more: bool
    continued: bool
    backward: bool

    def cursor(self, line: Line) -> str:
        return self.cursors.encode(_ORDER, [instant(line.row.at).isoformat(), line.row.id])


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
    rows = [Line(asked, Row._make(row)) for row in found[:limit]]
    given = arguments.get("before" if backward else "after") is not None
    return Page(cursors, rows[::-1] if backward else rows, len(found) > limit, given, backward)


def _statement(asked: Asked, where: str, direction: str, limit: int) -> str:
    columns = ", ".join(f"s.{name}" for name in Row._fields[:-3])
    first = f"ORDER BY s.at {direction}, s.id {direction} LIMIT {limit}"
    more = ("s.client_id", "s.number, s.unlisted", "s.number")
    pages = [f"SELECT {columns}, {own} FROM ({branch}) s WHERE {where} {first}" for branch, own in zip(branches(asked), more, strict=True)]
    parts = [f"SELECT {columns}, {people.format(page)}" for page, people in zip(pages, _PEOPLE, strict=True)]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) s {first}"


async def count_of(ask: Ask, asked: Asked, wanted: Wanted) -> int:
    """Number of the lines that are asked for."""
    total = 0
    for branch in branches(asked):
        [(number,)] = await ask(f"SELECT COUNT(*) FROM ({branch}) s WHERE {wanted.condition}", asked.parameters)
        total += int(number)
    return total
