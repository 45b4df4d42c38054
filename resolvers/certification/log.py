"""The log by client: who was coached, from when to when, and how long, paid and not. Whoever may not be named is in a sum.

A group is a line of its own for each size, under one of its people who agreed to be named; bodies ask for one and no more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from lifecycle.report_files import ORGANISATIONAL, RowKind
from lifecycle.vocabulary import GONE
from planner.dialect import DIALECTS
from resolvers.certification.asked import Ask, Asked
from resolvers.certification.lines import MAY_BE_NAMED, attended, branches, words
from resolvers.certification.totals import day_of


@dataclass(slots=True)
class LogRow:
    """Sessions of the log that belong together; minutes are whole. `size` is that of a group."""

    kind: RowKind
    number: int | None = None
    size: int | None = None
    first: date | None = None
    last: date | None = None
    sessions: int = 0
    paid: int = 0
    free: int = 0
    name: str | None = None
    contact: str | None = None

    def add(self, other: "LogRow") -> None:
        self.first = min((day for day in (self.first, other.first) if day is not None), default=None)
        self.last = max((day for day in (self.last, other.last) if day is not None), default=None)
        self.sessions += other.sessions
        self.paid += other.paid
        self.free += other.free


@dataclass(slots=True)
class Log:
    """Log by client: `rows` are those with a number, `confidential` what an organisation can confirm of the unlisted."""

    rows: list[LogRow] = field(default_factory=list)
    unlisted: LogRow = field(default_factory=lambda: LogRow(RowKind.UNLISTED))
    beside: LogRow = field(default_factory=lambda: LogRow(RowKind.NOT_FOR_CREDENTIAL))
    confidential: list[LogRow] = field(default_factory=list)

    @property
    def total(self) -> LogRow:
        total = LogRow(RowKind.TOTAL)
        for row in (*self.rows, self.unlisted, self.beside):
            total.add(row)
        return total

    @property
    def sums(self) -> list[LogRow]:
        """Lines without a number, the total last."""
        return [self.unlisted, *([self.beside] if self.beside.sessions else []), self.total]


_SUMS: Final = (
    f"CASE WHEN s.kind IN {words(ORGANISATIONAL)} OR s.compensation IN {words(ORGANISATIONAL)} THEN 1 ELSE 0 END AS org,"
    " CASE WHEN s.credential IS NULL THEN 0 ELSE 1 END AS beside, MIN(s.at), MAX(s.at), MIN(s.day), MAX(s.day), COUNT(*),"
    " SUM(s.paid * s.minutes), SUM((1 - s.paid) * s.minutes)"
)
_GONE: Final = f"CASE WHEN c.data_state IN {words(GONE)} THEN 1 ELSE 0 END"


def _statements(asked: Asked) -> tuple[str, ...]:
    """Sums of each source by number, size, whether unlisted, and whether gone."""
    single, group, entry = branches(asked)
    buyers = asked.rules is not None and asked.rules.buyers
    present = attended(asked.basis, asked.dialect, past=asked.past, buyers=buyers, bounded=asked.bounded)
    listed = "CASE WHEN p.listed = 1{} THEN p.number END"
    person = (
        f"SELECT p.event_id, COALESCE(MIN({listed.format(' AND p.counts = 1')}), MIN({listed.format('')})) AS number"
        f" FROM {present} p GROUP BY p.event_id"
    )
    return tuple(
        f"SELECT {keys}, {_SUMS} FROM {source} WHERE s.reason IS NULL GROUP BY 1, 2, 3, 4, 5, 6"
        for keys, source in (
            (
                f"c.number AS number, CAST(NULL AS integer) AS size, s.unlisted AS unlisted, {_GONE} AS gone",
                f"({single}) s JOIN client c ON c.workspace_id = :workspace AND c.id = s.client_id",
            ),
            (
                "r.number AS number, s.size AS size, s.unlisted AS unlisted, 0 AS gone",
                f"({group}) s LEFT JOIN ({person}) r ON r.event_id = s.id",
            ),
            (
                "s.number AS number, s.size AS size, s.unlisted AS unlisted, CASE WHEN s.source = 'ERASED' THEN 1 ELSE 0 END AS gone",
                f"({entry}) s",
            ),
        )
    )


async def log_of(ask: Ask, asked: Asked, now: datetime) -> Log:
    """The log, without names. Whoever withdrew their consent since the instant of the report is unlisted in it."""
    log = Log()
    rows: dict[tuple[RowKind, int, int], LogRow] = {}
    hidden: dict[tuple[int, int], LogRow] = {}
    for sql in _statements(asked):
        for number, size, unlisted, gone, org, beside, *cells in await ask(sql, asked.parameters):
            row = _row(asked, number, size, cells)
            if beside:
                log.beside.add(row)
                continue
            if unlisted and not gone:
                log.unlisted.add(row)
                if org:
                    hidden.setdefault((number or 0, size or 0), LogRow(RowKind.UNLISTED, number, size)).add(row)
                continue
            kind = RowKind.ERASED if gone else RowKind.CLIENT
            rows.setdefault((kind, number, size or 0), LogRow(kind, number, size)).add(row)
    agreed = await people(ask, asked, (row.number for row in rows.values()), now) if asked.past else None
    for key in sorted(rows, key=lambda key: (key[0] is RowKind.ERASED, *key[1:])):
        if agreed is None or key[0] is RowKind.ERASED or key[1] in agreed:
            log.rows.append(rows[key])
        else:
            log.unlisted.add(rows[key])
    log.confidential = [hidden[key] for key in sorted(hidden)]
    return log


def _row(asked: Asked, number: int | None, size: int | None, cells: Sequence[Any]) -> LogRow:
    first, last, first_day, last_day, sessions, paid, free = cells
    ends = day_of(asked, first, first_day), day_of(asked, last, last_day)
    return LogRow(RowKind.UNLISTED, number, size, *ends, int(sessions), int(paid or 0), int(free or 0))


_PEOPLE: Final = (
    "SELECT c.number, c.name, CASE WHEN {mine} THEN COALESCE(c.email, c.phone) END FROM client c"
    f" WHERE c.workspace_id = :workspace AND {MAY_BE_NAMED} AND {{chosen}}"
)


async def people(
    ask: Ask, asked: Asked, numbers: Iterable[int | None], now: datetime, *, own: bool = False
) -> dict[int, tuple[str, str | None]]:
    """Names and contacts, by number, of those who may be named now; with `own`, contacts only of the coach's own clients."""
    chosen = sorted({number for number in numbers if number is not None})
    if not chosen:
        return {}
    dialect = DIALECTS[asked.dialect]
    sql = _PEOPLE.format(mine="c.coach_id = :coach" if own else "1 = 1", chosen=dialect.among("c.number", "numbers"))
    found = await ask(sql, {**asked.parameters, "at": dialect.instant(now), "numbers": dialect.array(chosen)})
    return {number: (name, contact) for number, name, contact in found}
