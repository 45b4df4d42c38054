"""Facts of the deletion of data. `c` is the client, `t` the object, `w` the workspace."""

from collections.abc import Iterable, Mapping
from typing import Final

from lifecycle.retention import RETENTION
from lifecycle.transition import Axis
from lifecycle.transitions.erasure import ERASURE
from lifecycle.transitions.exports import EXPORTS
from lifecycle.vocabulary import DataCategory
from resolvers.erasure.going import INTERACTIONS

_HELD: Final = "(SELECT count(*) FROM legal_hold x WHERE x.workspace_id = :workspace AND x.released_at IS NULL AND x.client_id"
_ASKED: Final = "(SELECT count(*) FROM erasure_request x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.state"
_COUNTRIES: Final = ", ".join(f"'{country}'" for country in RETENTION)
_RULE: Final = "SELECT x.years FROM retention_rule x WHERE x.workspace_id = :workspace AND x.removed_at IS NULL AND x.category"
_TAKING_PART: Final = "(SELECT p.client_id FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = t.id)"


def _count(table: str, whose: str, more: str = "") -> str:
    return f"(SELECT count(*) FROM {table} x WHERE x.workspace_id = :workspace AND x.client_id {whose}{more})"


def _sum(tables: Iterable[str], whose: str, more: str = "") -> str:
    return " + ".join(_count(table, whose, more) for table in tables)


def _kept(category: DataCategory, table: str) -> str:
    """Records that the workspace's own rule keeps or, where it has none, the law of its country."""
    years = f"COALESCE(({_RULE} = '{category}'), CASE WHEN w.country IN ({_COUNTRIES}) THEN 1 ELSE 0 END)"
    return f"CASE WHEN {years} > 0 THEN {_count(table, '= c.id')} ELSE 0 END"


#: Steps that leave nothing behind that an export could hold.
_NOTHING_NEW: Final = ", ".join(f"'{step.event}'" for step in (*ERASURE, *EXPORTS))
_STEP_SINCE: Final = (
    "SELECT 1 FROM audit_event y WHERE y.workspace_id = :workspace AND y.client_id = c.id AND y.at > x.at"
    f" AND y.action NOT IN ({_NOTHING_NEW})"
)
_UNEXPORTED: Final = (
    "c.data_state IN ('PRESENT', 'HISTORY_DELETED') AND NOT EXISTS (SELECT 1 FROM audit_event x WHERE x.workspace_id = :workspace"
    f" AND x.subject_id = c.id AND x.action = 'export_fetched' AND NOT EXISTS ({_STEP_SINCE}))"
)

_DONE: Final = " AND x.state = 'COMPLETED'"
ERASURE_FACTS: Final[Mapping[str, str | Mapping[Axis, str]]] = {
    "holds": {Axis.DATA: f"{_HELD} = c.id)", Axis.CONVERSATION: f"{_HELD} IN {_TAKING_PART})"},
    "erasures_running": f"{_ASKED} = 'RUNNING' AND x.deleted_at IS NULL)",  # one that waits for its receipt is in nobody's way
    "erasures_open": f"{_ASKED} IN ('REQUESTED', 'VERIFIED', 'SCHEDULED', 'BLOCKED', 'RUNNING') AND x.deleted_at IS NULL)",
    "by_two": "w.erasure_by_two = TRUE",
    "proposed_by_another": "w.erasure_by_one_until > :now AND EXISTS (SELECT 1 FROM member x WHERE x.workspace_id = w.id"
    " AND x.id = w.erasure_by_one_proposer AND x.id <> :member AND x.left_at IS NULL)",
    "asked_by_self": {Axis.ERASURE: "t.member_id = :member"},
    "unexported": _UNEXPORTED,
    "sealed_records": f"{_kept(DataCategory.INVOICES, 'invoice')} + {_kept(DataCategory.PAYMENTS, 'payment')}",
    "held_sessions": f"CASE WHEN w.keep_hours_on_erasure = TRUE THEN {_sum(('appointment', 'attendance'), '= c.id', _DONE)} ELSE 0 END",
    "other_history": _sum([table for table in INTERACTIONS if table != "message"], f"IN {_TAKING_PART}"),
}
