"""What the lines add up to. Everything comes out of the same groups of lines, so that totals cannot differ from their rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from lifecycle.certification import ReportReason
from planner.dialect import DIALECTS
from resolvers.appointments import hours
from resolvers.certification.asked import Ask, Asked, day, instant, midnight
from resolvers.certification.lines import LISTED, attended, branches, lines, often
from storage.address import Dialect


@dataclass(slots=True)
class Sum:
    """Sessions and whole minutes."""

    sessions: int = 0
    minutes: int = 0

    def add(self, sessions: int, minutes: int) -> None:
        self.sessions += sessions
        self.minutes += minutes

    def without(self, part: "Sum") -> "Sum":
        return Sum(self.sessions - part.sessions, self.minutes - part.minutes)

    @property
    def hours(self) -> float:
        return hours(self.minutes) or 0.0


@dataclass(slots=True)
class Totals:
    """Totals of a report, as far as they were asked for; `excluded` and `not_for_credential` by reason, in the order of the table."""

    everything: int = 0
    sums: dict[str, Sum] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    excluded: dict[ReportReason, Sum] = field(default_factory=dict)
    not_for_credential: dict[ReportReason, Sum] = field(default_factory=dict)


#: Sums of the lines that count, each the sessions and the minutes of those whose flags are all 1.
_FLAGS: Final = {"all": "s.counts", "paid": "s.counts * s.paid", "recent": "s.counts * s.recent", "unlisted": "s.counts * s.unlisted"}
#: Sums of those that count for the credential too.
_CREDENTIAL: Final = {"credential": "s.fits", "credential_paid": "s.fits * s.paid", "credential_recent": "s.fits * s.recent"}
_FITS: Final = ", CASE WHEN s.reason IS NULL AND s.credential IS NULL THEN 1 ELSE 0 END AS fits"
#: Keeps a flag from being worked out again for every sum it is in, and a million lines from being sorted.
_FENCE: Final[dict[Dialect, str]] = {"sqlite": "LIMIT -1", "postgresql": "OFFSET 0"}
_LINES: Final = (
    "SELECT s.client_id, s.minutes, s.paid, s.recent, s.unlisted, CASE WHEN s.reason IS NULL THEN 1 ELSE 0 END AS counts{fits}"
    " FROM ({branch}) s {fence}"
)
_EXCLUDED: Final = "SELECT s.reason, COUNT(*), SUM(s.minutes) FROM ({}) s WHERE s.reason IS NOT NULL GROUP BY s.reason"
_NOT_FOR_CREDENTIAL: Final = (
    "SELECT s.credential, COUNT(*), SUM(s.minutes) FROM ({}) s WHERE s.reason IS NULL AND s.credential IS NOT NULL GROUP BY s.credential"
)


async def totals_of(ask: Ask, asked: Asked, *, credential: bool = False) -> Totals:
    """Totals, and those for the credential if they are asked for, in one pass over the lines of each source."""
    whose = {"all": "", "credential": " AND s.credential IS NULL"} if credential else {"all": ""}
    flags = _FLAGS | _CREDENTIAL if credential else _FLAGS
    columns = ["COUNT(*)", *(f"COUNT(DISTINCT CASE WHEN {flags[name]} = 1 THEN s.client_id END)" for name in whose)]
    for flag in flags.values():
        columns += [f"COALESCE(SUM({flag}), 0)", f"COALESCE(SUM({flag} * s.minutes), 0)"]
    made = Totals(sums={name: Sum() for name in flags}, clients=dict.fromkeys(whose, 0))
    for branch in branches(asked):
        rows = _LINES.format(branch=branch, fence=_FENCE[asked.dialect], fits=_FITS if credential else "")
        [row] = await ask(f"SELECT {', '.join(columns)} FROM ({rows}) s", asked.parameters)
        numbers = map(int, row)
        made.everything += next(numbers)
        for name in whose:
            made.clients[name] += next(numbers)
        for one in made.sums.values():
            one.add(next(numbers), next(numbers))
    for name, also in whose.items():
        [(others, strangers)] = await ask(_others(asked, also), asked.parameters)
        made.clients[name] += int(others) + max(int(strangers), 0)
    if credential and made.sums["credential"].sessions < made.sums["all"].sessions:
        made.not_for_credential = await _by_reason(ask, asked, _NOT_FOR_CREDENTIAL)
    made.sums["pro_bono"] = made.sums["all"].without(made.sums["paid"])
    return made


def _others(asked: Asked, also: str) -> str:
    """Statement that counts the clients of groups and entries who have no appointment that counts, and the most people in one group who
    are no counted client of ours: those without a number count once, as many as the largest such group has."""
    single, group, entry = branches(asked)
    buyers = asked.rules is not None and asked.rules.buyers
    counts = often(f"s.reason IS NULL{also}")
    present = attended(asked.basis, asked.dialect, past=asked.past, buyers=buyers, bounded=asked.bounded)
    numbers = (
        f"SELECT s.number FROM ({entry}) s WHERE {counts}"
        f" UNION SELECT p.number FROM (SELECT * FROM {present} p {_FENCE[asked.dialect]}) p"
        f" JOIN (SELECT * FROM ({group}) s {_FENCE[asked.dialect]}) s ON s.id = p.event_id WHERE p.counts = 1 AND {counts}"
    )
    alone = (  # no NOT EXISTS, for which PostgreSQL would read all appointments into a hash
        f"(SELECT s.id FROM client c JOIN ({single}) s ON s.client_id = c.id WHERE c.workspace_id = :workspace AND c.number = n.number"
        f" AND {counts} LIMIT 1) IS NULL"
    )
    strangers = f"SELECT COALESCE(MAX(s.size - s.known), 0) FROM ({group}) s WHERE {counts}"
    return f"SELECT (SELECT COUNT(*) FROM ({numbers}) n WHERE {alone}), ({strangers})"


async def excluded_of(ask: Ask, asked: Asked) -> dict[ReportReason, Sum]:
    """Sums of the lines that do not count, by reason."""
    return await _by_reason(ask, asked, _EXCLUDED)


async def _by_reason(ask: Ask, asked: Asked, sql: str) -> dict[ReportReason, Sum]:
    """Sums by reason, in the order of the table."""
    found: dict[ReportReason, Sum] = {}
    for branch in branches(asked):
        for reason, sessions, minutes in await ask(sql.format(branch), asked.parameters):
            found.setdefault(ReportReason[reason], Sum()).add(int(sessions), int(minutes))
    return {reason: found[reason] for reason in ReportReason if reason in found}


# -- groups of lines -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Bucket:
    """Lines that count and belong together. `key` is what they share; None for those that share nothing."""

    key: Any
    all: Sum = field(default_factory=Sum)
    paid: Sum = field(default_factory=Sum)
    pro_bono: Sum = field(default_factory=Sum)
    label: str | None = None


def _folded(found: Iterable[Sequence[Any]], key_of: Callable[[Any], Any] = lambda key: key) -> list[Bucket]:
    """Buckets of rows `(key, paid, sessions, minutes)`, in the order of their keys, what has none last."""
    buckets: dict[Any, Bucket] = {}
    for key, paid, sessions, minutes in found:
        bucket = buckets.setdefault(key_of(key), Bucket(key_of(key)))
        for one in (bucket.all, bucket.paid if paid else bucket.pro_bono):
            one.add(int(sessions), int(minutes))
    return sorted(buckets.values(), key=lambda bucket: (bucket.key is None, bucket.key if bucket.key is not None else ""))


async def _by(ask: Ask, asked: Asked, key: str) -> list[Sequence[Any]]:
    sql = f"SELECT {key}, s.paid, COUNT(*), SUM(s.minutes) FROM ({lines(asked)}) s WHERE s.reason IS NULL GROUP BY {key}, s.paid"
    return list(await ask(sql, asked.parameters))


async def by_kind(ask: Ask, asked: Asked) -> list[Bucket]:
    return _folded(await _by(ask, asked, "s.kind"))


async def by_package(ask: Ask, asked: Asked) -> list[Bucket]:
    """By the package of the enrollment that a session was booked in."""
    found = await _by(ask, asked, "s.enrollment_id")
    sql = "SELECT e.id, e.package_id FROM enrollment e WHERE e.workspace_id = :workspace"
    rows = await ask(sql, {"workspace": asked.workspace}) if any(row[0] for row in found) else ()
    packages: dict[Any, Any] = {key: package for key, package in rows}  # noqa: C416 - a driver's record is no pair
    return _folded(found, packages.get)


async def by_client(ask: Ask, asked: Asked) -> list[Bucket]:
    """By client who may be named; sessions of all others, and groups, have no key."""
    single, _, entry = branches(asked)
    named = "CASE WHEN s.unlisted = 0 THEN s.{} END"
    wanted = ((single, "client_id"), (entry, "number"), (branches(asked)[1], "number"))
    found: list[Sequence[Any]] = []
    for branch, column in wanted:
        key = named.format(column)
        sql = f"SELECT {key}, s.paid, COUNT(*), SUM(s.minutes) FROM ({branch}) s WHERE s.reason IS NULL GROUP BY {key}, s.paid"
        found += await ask(sql, asked.parameters)
    people = await ask(
        f"SELECT n.id, n.number, n.name FROM client n WHERE n.workspace_id = :workspace AND n.id IN {LISTED}", asked.parameters
    )
    numbers = {key: number for key, number, _ in people}
    names = {number: name for _, number, name in people}
    buckets = _folded(found, lambda key: numbers.get(key, key))
    for bucket in buckets:
        bucket.label = names.get(bucket.key)
    return buckets


async def by_month(ask: Ask, asked: Asked) -> list[Bucket]:
    """By month of the day of each session. Months of appointments are instants to the statement, and each is one stretch of an index."""
    single, groups = branches(asked, bounded=True)[0], branches(asked)[1:]
    found: list[tuple[str, Any, Any, Any]] = []
    for start, end in pairwise(await _months(ask, asked)):
        found += [(f"{start:%Y-%m}", *row) for row in await ask(_MONTH.format(single), _span(asked, start, end))]
    for branch in groups:
        for at, own, *row in await ask(_DAYS.format(branch), asked.parameters):
            found.append((f"{day_of(asked, at, own):%Y-%m}", *row))
    return _folded(found)


_MONTH: Final = "SELECT s.paid, COUNT(*), SUM(s.minutes) FROM ({}) s WHERE s.reason IS NULL GROUP BY s.paid"
_DAYS: Final = "SELECT s.at, s.day, s.paid, COUNT(*), SUM(s.minutes) FROM ({}) s WHERE s.reason IS NULL GROUP BY s.at, s.day, s.paid"
_END: Final = "(SELECT {}(a.starts_at) FROM appointment a WHERE a.workspace_id = :workspace AND a.coach_id = :coach)"


async def _months(ask: Ask, asked: Asked) -> list[date]:
    """First days of the months in which the coach has appointments, and of the one after."""
    [ends] = await ask(f"SELECT {_END.format('MIN')}, {_END.format('MAX')}", asked.parameters)
    if ends[0] is None:
        return []
    first, last = (day_of(asked, at, None) for at in ends)
    made = [max(first, asked.first or first).replace(day=1)]
    while made[-1] <= min(last, asked.last or last):
        made.append((made[-1] + timedelta(days=31)).replace(day=1))
    return made


def _span(asked: Asked, start: date, end: date) -> dict[str, object]:
    """Parameters of the report, cut to the days from `start` until before `end`."""
    dialect, given = DIALECTS[asked.dialect], asked.parameters
    low, high = max(start, asked.first or start), min(end, asked.last + timedelta(days=1) if asked.last else end)
    given |= {"lo": dialect.instant(midnight(low, asked.zone)), "hi": dialect.instant(midnight(high, asked.zone))}
    return given | {"lo_day": dialect.day(low), "hi_day": dialect.day(high)}


def day_of(asked: Asked, at: Any, own: Any) -> date:
    """Day of a line: its own, or that of its instant where the coach is."""
    return day(own) if own is not None else instant(at).astimezone(asked.zone).date()
