"""Where the facts of a decision come from.

`t` is the row of the object, `c` its client, `w` the workspace; `:in_...` are parts of the input.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from lifecycle.facts import Facts
from lifecycle.transition import Axis
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, ExpiryAction, FreezeReason, PaymentStatus, Word
from resolvers.audiences import WAS
from resolvers.facts_erasure import ERASURE_FACTS
from resolvers.facts_portal import PORTAL_FACTS

_LIVE: Final = "x.workspace_id = :workspace AND x.client_id = c.id AND x.state = 'BOOKED'"
_SUBSCRIBED: Final = "(SELECT count(*) FROM subscription x WHERE x.workspace_id = :workspace AND x.state = 'LIVE' AND x.enrollment_id"

_OF_CLIENT: Final = f"{_SUBSCRIBED} IN (SELECT e.id FROM enrollment e WHERE e.workspace_id = :workspace AND e.client_id = c.id))"
_PACKAGE: Final = "FROM package x WHERE x.workspace_id = :workspace AND x.id = t.package_id"

#: SQL of each fact; of some it depends on the axis.
FACTS: Final[Mapping[str, str | Mapping[Axis, str]]] = {
    "earlier_status": WAS.replace("me.", "c."),
    "default_access_mode": "w.default_access_mode",
    "templates": "(SELECT count(*) FROM service_template x WHERE x.workspace_id = :workspace AND x.client_id = c.id"
    " AND x.removed_at IS NULL)",
    "future_services": f"(SELECT count(*) FROM appointment x WHERE {_LIVE} AND x.starts_at > :now)"
    f" + (SELECT count(*) FROM attendance x WHERE {_LIVE} AND x.at > :now)",
    "open_invoices": "(SELECT count(*) FROM invoice x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.state = 'OPEN')",
    "live_subscriptions": {
        Axis.CLIENT: _OF_CLIENT,
        Axis.DATA: _OF_CLIENT,
        Axis.ENROLLMENT: f"{_SUBSCRIBED} = t.id)",
    },
    "other_ties": "(SELECT count(*) FROM enrollment x WHERE x.workspace_id = :workspace AND x.client_id = c.id AND x.id <> t.id"
    " AND x.state <> 'DELETED') + (SELECT count(*) FROM purchase x WHERE x.workspace_id = :workspace AND x.client_id = c.id"
    " AND x.refunded_at IS NULL)",
    # a coach learns that the address is known, and not the status of another coach's client
    "same_email": "(SELECT CASE WHEN :role = 'COACH' AND x.coach_id <> :member THEN 'PROSPECT' ELSE x.status END FROM client x"
    " WHERE x.workspace_id = :workspace AND x.email = :in_email AND x.email IS NOT NULL"
    " AND (c.id IS NULL OR x.id <> c.id)"
    " AND x.data_state NOT IN ('CONTACT_DELETED', 'ERASED'))",
    "username_taken": "EXISTS (SELECT 1 FROM account x WHERE x.username = :in_username AND (c.account_id IS NULL OR x.id <> c.account_id))",
    # an account that somebody uses, here or elsewhere, is that person's own: no workspace renames it or opens it
    "login_in_use": {
        Axis.CLIENT: "EXISTS (SELECT 1 FROM account x WHERE x.id = t.account_id AND (x.password_hash IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM external_identity y WHERE y.account_id = x.id)"
        " OR EXISTS (SELECT 1 FROM member y WHERE y.account_id = x.id)"
        " OR EXISTS (SELECT 1 FROM client y WHERE y.account_id = x.id AND y.id <> t.id)))"
    },
    "offered": "EXISTS (SELECT 1 FROM package x WHERE x.workspace_id = :workspace AND x.id = :key_package AND x.archived_at IS NULL)",
    "enrolled": "EXISTS (SELECT 1 FROM enrollment x WHERE x.workspace_id = :workspace AND x.client_id = c.id"
    " AND x.package_id = :key_package AND x.state <> 'DELETED')",
    "own_hours": "t.coach_id = :member",
    "oneself": "t.id = :member OR :role = 'OWNER'",
    "started": "t.starts_at <= :now",
    **PORTAL_FACTS,
    **ERASURE_FACTS,
    "paid_through_ahead": "t.paid_through IS NOT NULL AND t.paid_through > :now",
    "payment_status": "t.payment_status",
    "frozen_reason": "t.frozen_reason",
    "frozen_by_clock": "EXISTS (SELECT 1 FROM enrollment_change x WHERE x.workspace_id = :workspace AND x.enrollment_id = t.id"
    " AND x.after = 'DEACTIVATED' AND x.frozen_at = t.frozen_at AND x.actor LIKE 'clock:%')",
    "on_declined": f"(SELECT x.on_declined {_PACKAGE})",
    "on_expiry": f"(SELECT x.on_expiry {_PACKAGE})",
    "recovers": f"EXISTS (SELECT 1 {_PACKAGE} AND x.on_recovered = 'REACTIVATE')",
    "sample": "EXISTS (SELECT 1 FROM appointment_type x WHERE x.workspace_id = :workspace AND x.id = :key_type AND x.sample = TRUE)",
    "drafts": "(SELECT count(*) FROM module_version x WHERE x.workspace_id = :workspace AND x.module_id = :key_module"
    " AND x.published_at IS NULL)",
}

#: Facts that every decision has.
ALWAYS: Final = ("c.status", "c.data_state", "c.access_mode", "c.account_id IS NOT NULL", "w.undo_window_hours")
WORDS: Final[Mapping[str, type[Word]]] = {
    "status": ClientStatus,
    "data_state": DataState,
    "access_mode": AccessMode,
    "earlier_status": ClientStatus,
    "default_access_mode": AccessMode,
    "same_email": ClientStatus,
    "payment_status": PaymentStatus,
    "frozen_reason": FreezeReason,
    "on_declined": ExpiryAction,
    "on_expiry": ExpiryAction,
}
FLAGS: Final = frozenset(field.name for field in fields(Facts) if field.type is bool)
#: Looked up by other means than one statement: see `resolvers/cases.py`.
ELSEWHERE: Final = frozenset({"suppressed", "ahead", "slot_taken", "by_staff"})

_known = {field.name for field in fields(Facts)}
if strange := (FACTS.keys() | WORDS.keys()) - _known:
    raise TypeError(f"facts that no decision knows: {strange}")


def value_of(name: str, value: Any) -> Any:
    """Fact out of what its SQL gave."""
    if value is not None and name in WORDS:
        return WORDS[name][value]
    return bool(value) if name in FLAGS else value
