"""The measures: SQL counts, by group and by the months of beginning and end; what lasts for months is then told of each of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from lifecycle.statistics import Dimension, FunnelStep
from resolvers.certification.asked import Ask
from resolvers.statistics.asked import Asked
from resolvers.statistics.stays import DURING, IN_PACKAGE, changes, people, seconds, stays

#: Numbers of each group; the key has a value for each dimension, a month by its number, and then what is special to the measure.
Table = dict[tuple[Any, ...], Any]
By = Sequence[Dimension]


class Spread(NamedTuple):
    """Durations of a group: all clients, all rows, the rows and clients that have a duration, its sum and its median in seconds."""

    clients: int
    rows: int
    done: int
    finishers: int
    total: int
    median: float | None

    @property
    def mean(self) -> float | None:
        return self.total / self.done if self.done else None


def _keys(by: By, month: str) -> list[str]:
    """SQL of the key, in terms of the row `s`."""
    said = {Dimension.MONTH: month, Dimension.STATUS: "s.status", Dimension.COACH: "s.coach", Dimension.SOURCE: "s.source"}
    return [said.get(dimension, "s.package") for dimension in by]


def _grouped(expressions: Sequence[str], rows: str, measured: str = "COUNT(*)") -> str:
    """Statement with the expressions over the rows `s`, and what is measured of each group of them."""
    if not expressions:
        return f"SELECT {measured} FROM {rows} s"
    named = ", ".join(f"{sql} AS k{place}" for place, sql in enumerate(expressions))
    names = ", ".join(f"q.k{place}" for place in range(len(expressions)))
    return f"SELECT {names}, {measured} FROM (SELECT s.*, {named} FROM {rows} s) q GROUP BY {names}"


def _spread(keys: Sequence[str], rows: str) -> str:
    """Statement of a `Spread` for each key over the rows `s`, with `id` and `seconds`, null where it is not over."""
    named = "".join(f", {sql} AS k{place}" for place, sql in enumerate(keys))
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    window = f"PARTITION BY {names}" if keys else ""
    ranked = (
        "SELECT t.*, COUNT(t.seconds) OVER"
        f" ({window}) AS n, ROW_NUMBER() OVER ({window} ORDER BY CASE WHEN t.seconds IS NULL THEN 1 ELSE 0 END, t.seconds) AS r"
        f" FROM (SELECT s.*{named} FROM {rows} s) t"
    )
    return (
        f"SELECT {names + ', ' if keys else ''}COUNT(DISTINCT q.id), COUNT(*), COUNT(q.seconds),"
        " COUNT(DISTINCT CASE WHEN q.seconds IS NOT NULL THEN q.id END), COALESCE(SUM(q.seconds), 0),"
        f" AVG(CASE WHEN q.r IN ((q.n + 1) / 2, (q.n + 2) / 2) THEN q.seconds END) FROM ({ranked}) q"
        f"{' GROUP BY ' + names if keys else ''}"
    )


def _spreads(found: Sequence[Sequence[Any]], size: int) -> dict[tuple[Any, ...], Spread]:
    made = {}
    for row in map(tuple, found):
        clients, rows, done, finishers, total, median = row[size:]
        made[row[:size]] = Spread(clients, rows, done, finishers, int(total), None if median is None else float(median))
    return made


def _people_in(by: By, rows: str) -> str:
    """The rows with the packages of their client, where one asks by those."""
    joined = f"(SELECT r.*, d.package FROM {rows} r JOIN {IN_PACKAGE} d ON d.client_id = r.id)"
    return joined if Dimension.PACKAGE in by else rows


def _ending(asked: Asked) -> str:
    """SQL of the month in which the stay `s` ends; the one after the period where it lasts."""
    return f"CASE WHEN s.until IS NULL THEN {len(asked.months)} ELSE {asked.month('s.until')} END"


# -- how many ------------------------------------------------------------------------------------------------------------


async def _pieces(ask: Ask, asked: Asked, by: By, where: str = "1 = 1", more: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """Stays by group: the key, whatever more, the months of beginning and end, and how many there are."""
    keys = _keys([dimension for dimension in by if dimension is not Dimension.MONTH], "")
    source = DURING if Dimension.PACKAGE in by else "stays"
    sql = _grouped([*keys, *more, asked.month("s.since"), _ending(asked)], f"(SELECT * FROM {source} s WHERE {where})")
    return [tuple(row) for row in await ask(f"{stays(asked)} {sql}", asked.parameters)]


def _placed(by: By, key: Sequence[Any], month: int) -> tuple[Any, ...]:
    """Key of a group with the month where one asks by it."""
    rest = iter(key)
    return tuple(month if dimension is Dimension.MONTH else next(rest) for dimension in by)


async def clients(ask: Ask, asked: Asked, by: By) -> Table:
    """Clients at the end of each month, or of the period."""
    last = len(asked.months) - 1
    months = range(last + 1) if Dimension.MONTH in by else [last]
    found: Counter[tuple[Any, ...]] = Counter()
    for *key, since, until, number in await _pieces(ask, asked, by):
        for month in months:
            if since <= month < until:
                found[_placed(by, key, month)] += int(number)
    return dict(found)


async def churn(ask: Ask, asked: Asked, by: By) -> Table:
    """Clients active at the start of each month, or of the period, and those of them who became inactive in it."""
    ends = [(month, month) for month in range(len(asked.months))] if Dimension.MONTH in by else [(0, len(asked.months) - 1)]
    active: Counter[tuple[Any, ...]] = Counter()
    left: Counter[tuple[Any, ...]] = Counter()
    leaves = ["CASE WHEN s.next = 'INACTIVE' THEN 1 ELSE 0 END"]
    for *key, leaving, since, until, number in await _pieces(ask, asked, by, "s.status = 'ACTIVE'", leaves):
        for first, last in ends:
            if since < first <= until:
                group = _placed(by, key, first)
                active[group] += int(number)
                left[group] += int(number) if leaving and until <= last else 0
    return {group: (number, left[group]) for group, number in active.items()}


async def retention(ask: Ask, asked: Asked, by: By) -> Table:
    """Clients by the month in which they became active for the first time, and those of them who are active so many months later."""
    place = "MIN(s.since) OVER (PARTITION BY s.id) AS first, ROW_NUMBER() OVER (PARTITION BY s.id ORDER BY s.since) AS n"
    active = f"(SELECT f.* FROM (SELECT s.*, {place} FROM stays s WHERE s.status = 'ACTIVE') f WHERE {asked.within('f.first')})"
    keys = [*_keys(by, ""), asked.month("s.first"), asked.month("s.since"), _ending(asked)]
    measured = "COUNT(*), SUM(CASE WHEN q.n = 1 THEN 1 ELSE 0 END)"
    count = len(asked.months)
    sizes: Counter[tuple[Any, ...]] = Counter()
    lasting: Counter[tuple[Any, ...]] = Counter()
    found = await ask(f"{stays(asked)} {_grouped(keys, _people_in(by, active), measured)}", asked.parameters)
    for *key, cohort, since, until, number, first in map(tuple, found):
        sizes[*key, cohort] += int(first)
        for month in range(since, min(until, count)):
            lasting[*key, cohort, month - cohort] += int(number)
    return {
        (*key, cohort, step): (size, lasting[*key, cohort, step])
        for (*key, cohort), size in sizes.items()
        for step in range(count - cohort)
    }


# -- how long ------------------------------------------------------------------------------------------------------------


async def funnel(ask: Ask, asked: Asked, by: By) -> Table:
    """Of those who came as prospects in the period: how many took each step by now, and how long it took them."""
    roads = (
        "SELECT s.id, s.coach, s.source, MIN(CASE WHEN s.opening = 1 AND s.status = 'PROSPECT' THEN s.since END) AS entered,"
        " MIN(CASE WHEN s.status = 'HOT_LEAD' THEN s.since END) AS hot, MIN(CASE WHEN s.status = 'ACTIVE' THEN s.since END) AS active"
        " FROM stays s GROUP BY s.id, s.coach, s.source"
    )
    entered = f"(SELECT r.* FROM ({roads}) r WHERE {asked.within('r.entered')})"
    reached = f"reached AS MATERIALIZED (SELECT * FROM {_people_in(by, entered)} x)"
    steps = {
        FunnelStep.PROSPECT_TO_HOT_LEAD: ("entered", "hot", "1 = 1"),
        FunnelStep.HOT_LEAD_TO_ACTIVE: ("hot", "active", "r.hot IS NOT NULL AND (r.active IS NULL OR r.active >= r.hot)"),
        FunnelStep.PROSPECT_TO_ACTIVE: ("entered", "active", "1 = 1"),
    }
    rows = " UNION ALL ".join(
        f"SELECT r.*, '{step}' AS step, {seconds(asked, f'r.{start}', f'r.{end}')} AS seconds FROM reached r WHERE {where}"
        for step, (start, end, where) in steps.items()
    )
    keys = [*_keys(by, asked.month("s.entered")), "s.step"]
    found = await ask(f"{stays(asked)}, {reached} {_spread(keys, f'({rows})')}", asked.parameters)
    return _spreads(found, len(keys))


async def time_in_status(ask: Ask, asked: Asked, by: By) -> Table:
    """Stays in each status that ended in the period, and how long they were."""
    ended = f"(SELECT s.*, {seconds(asked, 's.since', 's.until')} AS seconds FROM stays s WHERE {asked.within('s.until')})"
    keys = [*_keys(by, asked.month("s.until")), "s.status"]
    found = await ask(f"{stays(asked)} {_spread(keys, _people_in(by, ended))}", asked.parameters)
    return _spreads(found, len(keys))


# -- what happened -------------------------------------------------------------------------------------------------------


async def sessions(ask: Ask, asked: Asked, by: By) -> Table:
    """Places in sessions that were held: their clients, their number and their minutes."""
    held = "{0}.workspace_id = :workspace AND {0}.client_id = p.id AND {0}.state = 'COMPLETED'"
    package = " LEFT JOIN enrollment e ON e.workspace_id = a.workspace_id AND e.id = a.enrollment_id" if Dimension.PACKAGE in by else ""
    rows = (
        "SELECT p.id, p.source, a.coach_id AS coach, a.counting_status AS status, a.starts_at AS at,"
        f" COALESCE(a.actual_minutes, a.planned_minutes) AS minutes{', e.package_id AS package' if package else ''}"
        f" FROM people p JOIN appointment a ON {held.format('a')} AND {asked.within('a.starts_at')}{package}"
        " UNION ALL SELECT p.id, p.source, g.coach_id, x.counting_status, x.at,"
        f" COALESCE(g.actual_minutes, g.planned_minutes){', NULL' if package else ''}"
        f" FROM people p JOIN attendance x ON {held.format('x')} AND {asked.within('x.at')}"
        " JOIN group_event g ON g.workspace_id = x.workspace_id AND g.id = x.event_id AND g.state = 'COMPLETED'"
    )
    told = f"(SELECT * FROM ({rows}) r{' WHERE r.package IS NOT NULL' if package else ''})"
    measured = "COUNT(DISTINCT {0}.id), COUNT(*), COALESCE(SUM({0}.minutes), 0)".format("q" if by else "s")
    found = await ask(f"WITH {people(asked)} {_grouped(_keys(by, asked.month('s.at')), told, measured)}", asked.parameters)
    return {tuple(row[: len(by)]): tuple(map(int, tuple(row[len(by) :]))) for row in found}


async def freezes(ask: Ask, asked: Asked, by: By) -> Table:
    """Freezes of enrollments: their clients, their number, the clients who signed in while it lasted, and those who were let in again."""
    signed_in = (
        "(SELECT l.id FROM login_session l WHERE l.workspace_id = :workspace AND l.client_id = k.client AND l.created_at > k.at"
        " AND l.created_at <= :at AND (k.until IS NULL OR l.created_at < k.until) LIMIT 1)"
    )
    rows = (
        "(SELECT k.client AS id, k.coach, k.source, k.package, k.at,"
        f" CASE WHEN {signed_in} IS NOT NULL THEN k.client END AS signed_in, CASE WHEN k.next = 'ACTIVE' THEN k.client END AS back"
        f" FROM changes k WHERE k.after = 'DEACTIVATED' AND {asked.within('k.at')})"
    )
    enrolled = (
        "(SELECT e.id, p.id AS client, p.coach, p.source, e.package_id AS package FROM people p"
        " JOIN enrollment e ON e.workspace_id = :workspace AND e.client_id = p.id)"
    )
    measured = "COUNT(DISTINCT {0}.id), COUNT(*), COUNT(DISTINCT {0}.signed_in), COUNT(DISTINCT {0}.back)".format("q" if by else "s")
    start = f"WITH {people(asked)}, {changes('enrollment_change', 'enrollment_id', enrolled)}"
    found = await ask(f"{start} {_grouped(_keys(by, asked.month('s.at')), rows, measured)}", asked.parameters)
    return {tuple(row[: len(by)]): tuple(map(int, tuple(row[len(by) :]))) for row in found}


MEASURED: Final[Mapping[str, Callable[[Ask, Asked, By], Any]]] = {
    "clients": clients,
    "funnel": funnel,
    "timeInStatus": time_in_status,
    "churn": churn,
    "retention": retention,
    "sessions": sessions,
    "freezes": freezes,
}
