"""The tables as they stood at an instant, `:at`, from what is remembered of them; every rule of today, said of then.

A row was there from its birth on. Columns that change are answered from the append-only history, and marks such as `archived_at` are
unset before their own instant. What no history tells is left as it is today.
"""

import re
from collections.abc import Iterable

_STATUS = "FROM client_status_change s WHERE s.workspace_id = o.workspace_id AND s.client_id = o.id"
_STATE = "FROM enrollment_change s WHERE s.workspace_id = o.workspace_id AND s.enrollment_id = o.id"
_LAST, _NEXT = "AND s.at <= :at ORDER BY s.at DESC, s.id DESC LIMIT 1", "AND s.at > :at ORDER BY s.at, s.id LIMIT 1"


def _changed(changes: str, column: str, *, before: str, now: str) -> str:
    """Value of a column: after the last change, or before the first one, or what it is where it never changed."""
    never = f"CASE WHEN {_none(changes)} THEN o.{now} END"
    return f"COALESCE((SELECT s.{column} {changes} {_LAST}), {before}, {never})"


def _none(changes: str) -> str:
    """Condition that nothing changed. It is no NOT EXISTS, for which PostgreSQL would read all changes of the workspace into a hash."""
    return f"(SELECT s.id {changes} LIMIT 1) IS NULL"


def _mark(column: str) -> str:
    return f"CASE WHEN o.{column} <= :at THEN o.{column} END"


_STATUS_WAS = _changed(_STATUS, "after", before=f"(SELECT s.before {_STATUS} {_NEXT})", now="status")
_STATE_WAS = _changed(_STATE, "after", before=f"(SELECT s.before {_STATE} {_NEXT})", now="state")
#: Condition that the change `s` altered the status, and was neither an undoing nor undone by then: an undo gives the earlier start back.
_LASTED = (
    "(s.before IS NULL OR s.before <> s.after) AND s.transition <> 'transitionUndo' AND (SELECT u.id FROM client_status_change u"
    " WHERE u.workspace_id = s.workspace_id AND u.client_id = s.client_id AND u.batch_id = s.batch_id AND u.transition = 'transitionUndo'"
    " AND u.at <= :at LIMIT 1) IS NULL"
)
_FROZEN = f"(SELECT s.frozen_at {_STATE} {_LAST})"
_UNTOUCHED = f"CASE WHEN {_none(_STATE)} THEN {{}} END"

#: Condition that the row `o` of a table was there.
BORN: dict[str, str] = {
    "appointment": "o.booked_at <= :at",
    "client": "o.created_at <= :at",
    "client_document": "o.shared_at <= :at",
    "client_status_change": "o.at <= :at",
    "consent": "o.given_at <= :at",
    "conversation": "o.opened_at <= :at",
    "document": "o.added_at <= :at",
    "document_revision": "o.revised_at <= :at",
    "enrollment": "o.enrolled_at <= :at",
    "enrollment_change": "o.at <= :at",
    "enrollment_gap": "o.until_at <= :at",
    "estimate": "o.issued_at <= :at",
    "form": "",
    "form_response": "o.answered_at <= :at",
    "invoice": "o.issued_at <= :at",
    "message": "o.sent_at <= :at",
    "module": "",
    "module_version": "o.published_at <= :at",
    "package": "",
    "package_item": "o.added_at <= :at",
    "page": "",
    "payment": "o.paid_at <= :at",
    "product_item": "o.added_at <= :at",
    "purchase": "o.purchased_at <= :at",
    "release": "o.released_at <= :at",
    "subscription": "o.started_at <= :at",
}

#: What the columns of the row `o` held, where that is not what they hold today.
WERE: dict[str, dict[str, str]] = {
    "client": {
        "status": _STATUS_WAS,
        "status_since": f"COALESCE((SELECT s.at {_STATUS} AND {_LASTED} {_LAST}), o.created_at)",
        "access_mode": _changed(_STATUS, "access_mode", before="NULL", now="access_mode"),
    },
    "consent": {"withdrawn_at": _mark("withdrawn_at")},
    "document": {"withdrawn_at": _mark("withdrawn_at")},
    "enrollment": {
        "state": _STATE_WAS,
        "frozen_at": f"COALESCE({_FROZEN}, {_UNTOUCHED.format('o.frozen_at')})",
        "frozen_reason": f"CASE WHEN {_FROZEN} IS NOT NULL THEN o.frozen_reason ELSE {_UNTOUCHED.format('o.frozen_reason')} END",
        "deleted_at": _mark("deleted_at"),
        "deleted_reason": "CASE WHEN o.deleted_at <= :at THEN o.deleted_reason END",
    },
    "form": {"withdrawn_at": _mark("withdrawn_at")},
    "invoice": {"paid_at": _mark("paid_at")},
    "module": {"archived_at": _mark("archived_at"), "withdrawn_at": _mark("withdrawn_at")},
    "package": {"archived_at": _mark("archived_at")},
    "page": {"withdrawn_at": _mark("withdrawn_at")},
    "purchase": {"refunded_at": _mark("refunded_at")},
    "subscription": {"ended_at": _mark("ended_at")},
}

#: Data state of the client `o`; every step of deletion writes it into the history.
DATA_STATE = _changed(_STATUS, "data_state", before=f"CASE WHEN NOT {_none(_STATUS)} THEN 'PRESENT' END", now="data_state")

#: A table of a statement and its alias.
TABLE = re.compile(r"\b(FROM|JOIN)\s+([a-z_]+)\s+([a-z]\w*)\b")


def then(table: str, columns: Iterable[str], **more: str) -> str:
    """Table expression with these columns as they were, and `more` of its own."""
    were = WERE.get(table, {})
    kept = [f"{were[c]} AS {c}" if c in were else f"o.{c}" for c in columns]
    kept += [f"{sql} AS {name}" for name, sql in more.items()]
    where = f" WHERE {BORN[table]}" if BORN[table] else ""
    return f"(SELECT {', '.join(kept)} FROM {table} o{where})"


#: Columns that the conditions on content speak of.
_READ: dict[str, str] = {
    "client": "workspace_id id status status_since access_mode",
    "enrollment": "workspace_id id client_id package_id state enrolled_at frozen_at version_policy",
    "enrollment_gap": "workspace_id enrollment_id from_at until_at",
    "module": "workspace_id id archived_at withdrawn_at",
}


def as_of(sql: str) -> str:
    """Condition on content, said of then."""

    def table(match: re.Match[str]) -> str:
        word, name, alias = match.groups()
        return f"{word} {then(name, _READ[name].split())} {alias}" if name in _READ else match[0]

    return TABLE.sub(table, sql).replace(":now", ":at")
