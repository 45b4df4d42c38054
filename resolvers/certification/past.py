"""Appointments and clients as they stood at `:at`, as far as their history tells."""

from typing import Final

from resolvers.past import then

_EVENT: Final = "FROM audit_event s WHERE s.workspace_id = o.workspace_id AND s.subject_id = o.id"
_LAST, _NEXT = "AND s.at <= :at ORDER BY s.at DESC, s.id DESC LIMIT 1", "AND s.at > :at ORDER BY s.at, s.id LIMIT 1"
#: State after the last step until then, or before the first one after it, or, where no step tells, as it is.
_STATE: Final = (
    f"CASE WHEN o.starts_at > :at AND o.state IN ('COMPLETED', 'NO_SHOW') THEN 'BOOKED' ELSE"
    f" COALESCE((SELECT s.after {_EVENT} AND s.after IS NOT NULL {_LAST}), (SELECT s.before {_EVENT} AND s.before IS NOT NULL {_NEXT}),"
    " o.state) END"
)

_DECIDED: Final = f"{_EVENT} AND s.action = 'appointment.reclassify'"
#: Whether a decision by hand was made, or taken back, after then.
_MOVED: Final = (
    f"EXISTS (SELECT 1 {_EVENT} AND s.at > :at AND (s.action = 'appointment.reclassify'"
    " OR (s.action = 'appointment.undo' AND s.detail LIKE '%\"appointmentReclassify\"%')))"
)
_UNDONE: Final = (
    "EXISTS (SELECT 1 FROM audit_event u WHERE u.workspace_id = s.workspace_id AND u.subject_id = s.subject_id"
    " AND u.action = 'appointment.undo' AND u.at <= :at AND u.detail LIKE '%' || REPLACE(CAST(s.batch_id AS varchar), '-', '') || '%')"
)
_SAID: Final = f"(SELECT s.{{}} {_DECIDED} AND NOT {_UNDONE} {_LAST})"
_OVERRIDE: Final = (
    f"CASE WHEN NOT {_MOVED} THEN o.counts_override WHEN {_SAID.format('detail')} LIKE '%\"counts\"_true%' THEN TRUE"
    f" WHEN {_SAID.format('detail')} LIKE '%\"counts\"_false%' THEN FALSE END"
)

#: Tables as they were, to stand where the tables of today would.
CLIENTS: Final = then("client", ["workspace_id", "id", "number", "data_state", "status", "created_at"])
APPOINTMENTS: Final = (
    "(SELECT o.workspace_id, o.id, o.coach_id, o.client_id, o.type_id, o.enrollment_id, o.starts_at, o.planned_minutes, o.actual_minutes,"
    f" o.booked_at, o.booked_status, o.counting_status, {_STATE} AS state, {_OVERRIDE} AS counts_override,"
    f" CASE WHEN NOT {_MOVED} THEN o.override_reason ELSE {_SAID.format('reason')} END AS override_reason, o.compensation,"
    " o.coaching_kind, o.direct_report FROM appointment o)"
)
