"""Facts of the deletion of data. `c` is the client, `t` the object, `w` the workspace."""

from collections.abc import Iterable, Mapping
from typing import Final

from lifecycle.erasure import RETENTION
from lifecycle.transition import Axis
from resolvers.erasure.going import INTERACTIONS

_HELD: Final = "(SELECT count(*) FROM legal_hold x WHERE x.workspace_id = :workspace AND x.released_at IS NULL AND x.client_id"
_ASKED: Final = "(SELECT count(*) FROM erasure_request x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.state"
_COUNTRIES: Final = ", ".join(f"'{country}'" for country in RETENTION)
_TAKING_PART: Final = "(SELECT p.client_id FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = t.id)"


def _count(table: str, whose: str, more: str = "") -> str:
    return f"(SELECT count(*) FROM {table} x WHERE x.workspace_id = :workspace AND x.client_id {whose}{more})"


def _sum(tables: Iterable[str], whose: str, more: str = "") -> str:
    return " + ".join(_count(table, whose, more) for table in tables)


_DONE: Final = " AND x.state = 'COMPLETED'"
ERASURE_FACTS: Final[Mapping[str, str | Mapping[Axis, str]]] = {
    "holds": {Axis.DATA: f"{_HELD} = c.id)", Axis.CONVERSATION: f"{_HELD} IN {_TAKING_PART})"},
    "erasures_running": f"{_ASKED} = 'RUNNING' AND x.deleted_at IS NULL)",  # one that waits for its receipt is in nobody's way
    "erasures_open": f"{_ASKED} IN ('REQUESTED', 'VERIFIED', 'SCHEDULED', 'BLOCKED', 'RUNNING') AND x.deleted_at IS NULL)",
    "sealed_records": f"CASE WHEN w.country IN ({_COUNTRIES}) THEN {_sum(('invoice', 'payment'), '= c.id')} ELSE 0 END",
    "held_sessions": f"CASE WHEN w.keep_hours_on_erasure = TRUE THEN {_sum(('appointment', 'attendance'), '= c.id', _DONE)} ELSE 0 END",
    "other_history": _sum([table for table in INTERACTIONS if table != "message"], f"IN {_TAKING_PART}"),
}
