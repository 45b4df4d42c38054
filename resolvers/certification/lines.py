"""SQL of the lines of a report: one for each appointment, group event and entry of the ledger that has no session of its own.

Every line has the same columns, and the table in `lifecycle/certification.py` is said of them. Sessions are read where they stand;
the ledger adds what no session tells: entries by hand, and what is left of clients who were erased.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from lifecycle.certification import COUNTED, PAID, LineKind, ReportReason, exclusions
from lifecycle.rule_sets import RuleSet
from lifecycle.vocabulary import GONE, ConsentPurpose, CountingBasis
from resolvers.certification.asked import Asked
from resolvers.certification.past import APPOINTMENTS, CLIENTS
from storage.address import Dialect


def words(values: Iterable[object]) -> str:
    return "(" + ", ".join(str(value) if isinstance(value, int) else f"'{value}'" for value in values) + ")"


def often(condition: str) -> str:
    """Condition as a CASE: PostgreSQL takes a verdict that IS NULL for a rare one, and joins line by line, or calls workers in."""
    return f"CASE WHEN {condition} THEN 1 = 1 ELSE 1 = 0 END"


#: Clients who may be named: they agreed to it, and are not gone.
LISTED: Final = (
    "(SELECT k.client_id FROM consent k JOIN client c ON c.workspace_id = k.workspace_id AND c.id = k.client_id"
    f" WHERE k.workspace_id = :workspace AND k.purpose = '{ConsentPurpose.CERT_LOG}' AND k.given_at <= :at"
    f" AND (k.withdrawn_at IS NULL OR k.withdrawn_at > :at) AND c.data_state NOT IN {words(GONE)})"
)
#: Condition that the client `c` may be named, where only a few are asked about: no EXISTS, for which PostgreSQL would hash all consents.
MAY_BE_NAMED: Final = (
    f"c.data_state NOT IN {words(GONE)} AND (SELECT k.id FROM consent k WHERE k.workspace_id = c.workspace_id AND k.client_id = c.id"
    f" AND k.purpose = '{ConsentPurpose.CERT_LOG}' AND k.given_at <= :at AND (k.withdrawn_at IS NULL OR k.withdrawn_at > :at) LIMIT 1)"
    " IS NOT NULL"
)
_TRAINING: Final = "(SELECT y.id FROM appointment_type y WHERE y.workspace_id = :workspace AND y.coaching = FALSE)"
_OVERRIDE: Final = "CASE WHEN {}.counts_override = TRUE THEN 1 WHEN {}.counts_override = FALSE THEN 0 END"


def _status(basis: CountingBasis, alias: str, client: str, *, past: bool) -> str:
    """Status that decides. Who is gone has none today, so the one of then stands."""
    stamped = f"{alias}.counting_status"
    if basis is CountingBasis.BOOKING:
        return stamped if alias == "e" else f"{alias}.booked_status"
    if basis is CountingBasis.CURRENT:
        found = f"FROM {CLIENTS if past else 'client'} c WHERE c.workspace_id = {alias}.workspace_id AND {client}"
        return f"COALESCE((SELECT c.status {found} AND c.data_state NOT IN {words(GONE)}), {stamped})"
    return stamped


def _within(column: str, lo: str = "lo", hi: str = "hi", *, bounded: bool) -> str:
    """Condition on the period. Without one there is none: PostgreSQL takes a span of unknown ends for a short one, and sorts all lines."""
    return f" AND {column} >= :{lo} AND {column} < :{hi}" if bounded else ""


def _flags(at: str, recent: str, early: str) -> str:
    return f"CASE WHEN {at} >= :{recent} THEN 1 ELSE 0 END AS recent, CASE WHEN {at} < :{early} THEN 1 ELSE 0 END AS early"


def _appointments(basis: CountingBasis, *, past: bool, bounded: bool) -> tuple[str, str]:
    columns = (
        f"'{LineKind.APPOINTMENT}' AS source, a.id, a.starts_at AS at, CAST(NULL AS date) AS day,"
        " COALESCE(a.actual_minutes, a.planned_minutes) AS minutes, a.client_id, CAST(NULL AS integer) AS number, a.enrollment_id,"
        f" a.coaching_kind AS kind, a.compensation, CAST(NULL AS integer) AS size, 0 AS known, a.state,"
        f" {_OVERRIDE.format('a', 'a')} AS override, a.override_reason, CASE WHEN a.direct_report = TRUE THEN 1 ELSE 0 END AS direct,"
        f" CASE WHEN a.type_id IN {_TRAINING} THEN 0 ELSE 1 END AS coaching,"
        f" {_status(basis, 'a', 'c.id = a.client_id', past=past)} AS status,"
        f" CASE WHEN a.client_id IN {LISTED} THEN 0 ELSE 1 END AS unlisted, {_flags('a.starts_at', 'recent', 'early')}"
    )
    table = APPOINTMENTS if past else "appointment"
    return columns, (
        f"{table} a WHERE a.workspace_id = :workspace AND a.coach_id = :coach{_within('a.starts_at', bounded=bounded)}"
        " AND a.booked_at <= :at"
    )


#: Instants between which the events of a day lie, which is that of some time zone.
_AROUND: Final[dict[Dialect, tuple[str, str]]] = {
    "sqlite": ("date(e.day, '-1 day')", "date(e.day, '+2 days')"),
    "postgresql": ("CAST(e.day - 1 AS timestamp) AT TIME ZONE 'UTC'", "CAST(e.day + 2 AS timestamp) AT TIME ZONE 'UTC'"),
}


def _places(dialect: Dialect) -> list[str]:
    """Conditions of which one holds where the line `e` of the ledger is the place of an erased client in the group event `g`.

    They are apart so that each finds its event by an index: by its key, by its start, or by what is known of neither.
    """
    low, high = _AROUND[dialect]
    erased = "e.erased = TRUE AND e.group_size IS NOT NULL AND g.workspace_id = e.workspace_id AND g.coach_id = e.coach_id"
    ties = (
        "g.id = e.event_id",
        "e.event_id IS NULL AND g.starts_at = e.starts_at",
        f"e.event_id IS NULL AND e.starts_at IS NULL AND g.starts_at >= {low} AND g.starts_at < {high}"
        " AND COALESCE(g.actual_minutes, g.planned_minutes) = e.minutes",
    )
    return [f"{erased} AND {tie}" for tie in ties]


def attended(basis: CountingBasis, dialect: Dialect, *, past: bool, buyers: bool, bounded: bool) -> str:
    """Who was in the group events of the coach, erased clients among them: `event_id`, `number` and what decides of each."""
    mine = f"g.workspace_id = :workspace AND g.coach_id = :coach{_within('g.starts_at', bounded=bounded)}"
    counted = words((*COUNTED, "BUYER") if buyers else COUNTED)
    rows = (
        f"SELECT x.event_id, n.number, {_status(basis, 'x', 'c.id = x.client_id', past=past)} AS status, x.compensation,"
        f" {_OVERRIDE.format('x', 'x')} AS override, CASE WHEN x.client_id IN {LISTED} THEN 1 ELSE 0 END AS listed"
        " FROM group_event g JOIN attendance x ON x.workspace_id = g.workspace_id AND x.event_id = g.id"
        " JOIN client n ON n.workspace_id = x.workspace_id AND n.id = x.client_id"
        f" WHERE {mine} AND x.state IN ('BOOKED', 'COMPLETED')"
    )
    for place in _places(dialect):
        rows += (
            f" UNION ALL SELECT g.id, e.client_number, e.counting_status, e.compensation, {_OVERRIDE.format('e', 'e')}, 0"
            " FROM hour_ledger_entry e CROSS JOIN group_event g"  # SQLite takes them in this order
            f" WHERE e.workspace_id = :workspace AND e.coach_id = :coach AND {place}"
        )
    return (
        f"(SELECT r.event_id, r.number, r.status, r.compensation, r.override, r.listed, CASE WHEN r.override = 1"
        f" OR (r.override IS NULL AND r.status IN {counted}) THEN 1 ELSE 0 END AS counts FROM ({rows}) r)"
    )


def _groups(basis: CountingBasis, dialect: Dialect, *, past: bool, buyers: bool, bounded: bool) -> tuple[str, str]:
    """A group counts once, by whoever in it counts best; it is paid where one of those who count paid.

    Who does not count by a decision by hand says of the group only that, and comes last.
    """
    best = "CASE WHEN p.counts = 1 THEN '0' WHEN p.override = 0 THEN '3' WHEN p.status = 'BUYER' THEN '1' ELSE '2' END"
    paid = f"CASE WHEN p.counts = 1 AND p.compensation IN {words(PAID)} THEN '0' WHEN p.counts = 1 THEN '1' ELSE '2' END"
    together = (
        f"SELECT p.event_id, SUBSTR(MIN({best} || p.status), 2) AS status, SUBSTR(MIN({paid} || p.compensation), 2) AS compensation,"
        " CASE WHEN MAX(COALESCE(p.override, 0)) = 1 THEN 1 WHEN MAX(COALESCE(p.override, 2)) = 0 THEN 0 END AS override,"
        " MAX(p.listed) AS listed, COUNT(DISTINCT CASE WHEN p.counts = 1 THEN p.number END) AS known"
        f" FROM {attended(basis, dialect, past=past, buyers=buyers, bounded=bounded)} p GROUP BY p.event_id"
    )
    columns = (
        f"'{LineKind.GROUP_EVENT}' AS source, g.id, g.starts_at AS at, CAST(NULL AS date) AS day,"
        " COALESCE(g.actual_minutes, g.planned_minutes) AS minutes, CAST(NULL AS uuid) AS client_id, CAST(NULL AS integer) AS number,"
        " CAST(NULL AS uuid) AS enrollment_id, g.coaching_kind AS kind, COALESCE(q.compensation, 'PRO_BONO') AS compensation,"
        " g.size, COALESCE(q.known, 0) AS known,"
        " CASE WHEN g.state = 'COMPLETED' AND q.event_id IS NULL THEN 'NO_SHOW' ELSE g.state END AS state, q.override,"
        " CAST(NULL AS varchar) AS override_reason, 0 AS direct, CASE WHEN g.type_id IN " + _TRAINING + " THEN 0 ELSE 1 END AS coaching,"
        f" q.status, 1 - COALESCE(q.listed, 0) AS unlisted, {_flags('g.starts_at', 'recent', 'early')}"
    )
    where = f"g.workspace_id = :workspace AND g.coach_id = :coach{_within('g.starts_at', bounded=bounded)}"
    if past:
        columns = columns.replace("g.state = 'COMPLETED'", "g.state = 'COMPLETED' AND g.starts_at <= :at")
        columns = columns.replace("ELSE g.state END AS state", "WHEN g.starts_at > :at THEN 'BOOKED' ELSE g.state END AS state")
    return columns, f"group_event g LEFT JOIN ({together}) q ON q.event_id = g.id WHERE {where}"


_AT_DAY: Final[dict[Dialect, str]] = {
    "sqlite": "e.day || ' 00:00:00.000000'",
    "postgresql": "CAST(e.day AS timestamp) AT TIME ZONE 'UTC'",
}


def _entries(basis: CountingBasis, dialect: Dialect, *, past: bool, bounded: bool) -> tuple[str, str]:
    """Entries without a session. A place in a group event is told by the event; where that is gone, the first place tells for all."""
    columns = (
        f"CASE WHEN e.erased = TRUE THEN '{LineKind.ERASED}' ELSE '{LineKind.MANUAL}' END AS source, e.id, {_AT_DAY[dialect]} AS at,"
        " e.day, e.minutes, CAST(NULL AS uuid) AS client_id, e.client_number AS number, CAST(NULL AS uuid) AS enrollment_id,"
        " e.coaching_kind AS kind, e.compensation, e.group_size AS size, 1 AS known, 'COMPLETED' AS state,"
        f" {_OVERRIDE.format('e', 'e')} AS override, e.override_reason, 0 AS direct, 1 AS coaching,"
        f" {_status(basis, 'e', 'c.number = e.client_number', past=past)} AS status,"
        f" CASE WHEN e.erased = FALSE AND e.client_number IN (SELECT n.number FROM client n WHERE n.workspace_id = :workspace"
        f" AND n.id IN {LISTED}) THEN 0 ELSE 1 END AS unlisted, {_flags('e.day', 'recent_day', 'early_day')}"
    )
    alone = "e.appointment_id IS NULL AND e.attendance_id IS NULL"
    twin = (
        "SELECT 1 FROM hour_ledger_entry d WHERE d.workspace_id = e.workspace_id AND d.coach_id = e.coach_id AND d.day = e.day"
        " AND d.erased = TRUE AND d.group_size = e.group_size AND d.minutes = e.minutes AND d.id < e.id"
        " AND (d.starts_at = e.starts_at OR d.starts_at IS NULL OR e.starts_at IS NULL)"
    )
    told = " OR ".join(f"EXISTS (SELECT 1 FROM group_event g WHERE {place})" for place in _places(dialect))
    superseded = (
        "SELECT d.supersedes_id FROM hour_ledger_entry d WHERE d.workspace_id = :workspace AND d.supersedes_id IS NOT NULL"
        " AND d.entered_at <= :at"
    )
    return columns, (
        f"hour_ledger_entry e WHERE e.workspace_id = :workspace AND e.coach_id = :coach"
        f"{_within('e.day', 'lo_day', 'hi_day', bounded=bounded)}"
        " AND e.minutes > 0"
        f" AND {alone} AND (e.erased = TRUE OR e.entered_at <= :at) AND e.id NOT IN ({superseded})"
        f" AND NOT (e.erased = TRUE AND e.group_size IS NOT NULL AND (EXISTS ({twin}) OR {told}))"
    )


# -- the table -----------------------------------------------------------------------------------------------------------


def _reason(*, buyers: bool) -> str:
    rows = [(f"{row.column} IN {words(row.values)}", row.reason) for row in exclusions(buyers=buyers)]
    return "CASE " + " ".join(f"WHEN {on} THEN {'NULL' if reason is None else repr(str(reason))}" for on, reason in rows) + " END"


def _credential(rules: RuleSet | None) -> str:
    """Why a line, if it counts, does not count for the credential."""
    rows = [(ReportReason.BEFORE_COUNT_FROM, "early = 1")]
    if rules is not None:
        rows += [(ReportReason.GROUP_OVER_CAP, f"size > {rules.group_cap}")] if rules.group_cap else []
        rows += [(ReportReason.BELOW_MIN_MINUTES, f"minutes < {rules.min_minutes}")] if rules.min_minutes else []
        rows += [] if rules.direct_reports else [(ReportReason.DIRECT_REPORT, "direct = 1")]
        rows += [(ReportReason.KIND_NOT_COUNTED, f"kind IN {words(rules.excluded_kinds)}")] if rules.excluded_kinds else []
    return "CASE " + " ".join(f"WHEN {on} THEN '{reason}'" for reason, on in rows) + " END"


@lru_cache(maxsize=256)
def _branches(dialect: Dialect, basis: CountingBasis, rules: RuleSet | None, *, past: bool, bounded: bool) -> tuple[str, ...]:
    buyers = rules is not None and rules.buyers
    made = (
        _appointments(basis, past=past, bounded=bounded),
        _groups(basis, dialect, past=past, buyers=buyers, bounded=bounded),
        _entries(basis, dialect, past=past, bounded=bounded),
    )
    paid = f"CASE WHEN compensation IN {words(PAID)} THEN 1 ELSE 0 END AS paid"
    return tuple(
        f"SELECT l.*, {_reason(buyers=buyers)} AS reason, {_credential(rules)} AS credential, {paid}"
        f" FROM (SELECT {columns} FROM {source}) l"
        for columns, source in made
    )


def branches(asked: Asked, *, bounded: bool = False) -> tuple[str, ...]:
    """Statement of the lines of each source, with the verdict on each: `reason`, `credential` (which speaks where it counts), `paid`.

    `bounded` ones are held to the parameters of the period even where the report is asked for without one.
    """
    return _branches(asked.dialect, asked.basis, asked.rules, past=asked.past, bounded=bounded or asked.bounded)


def lines(asked: Asked) -> str:
    """Statement of all the lines."""
    return " UNION ALL ".join(branches(asked))
