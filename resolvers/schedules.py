"""Sources of transitions that wait for their day, and of steps that are suggested."""

import orjson

from lifecycle.transition import Axis
from lifecycle.transitions import BY_NAME
from planner.dialect import Dialect
from planner.source import ID, INT, TIME, Derived, Filter, Many, One, Order, Source, column
from resolvers import available
from resolvers.filters import Bind, one_of, span, with_id
from resolvers.history import TAGS
from resolvers.viewers import STATE_OF_CLIENT, FieldGuard, Rows
from resolvers.workspace import SCOPE

_STATE = f"COALESCE({STATE_OF_CLIENT}, 'PRESENT')"


def _subject(transition: str, key: str) -> str:
    return f"{TAGS[BY_NAME[transition].axis]}_{key}"


def _actor(actor: str) -> str:
    return "STAFF" if actor.startswith("member:") else "PAYMENTS"


def _reason(given: str) -> str | None:
    """Reason in words; where `reason` is one of a list, the words are the note."""
    said = orjson.loads(given)
    words = said["note"] if "note" in said else said.get("reason")
    return None if words is None else str(words)


def _dismissed(value: bool, _dialect: Dialect, _bind: Bind) -> str:
    return "{t}.dismissed_at IS NOT NULL" if value else "{t}.dismissed_at IS NULL"


_MEMBER = "(SELECT m.id FROM member m WHERE m.workspace_id = :workspace AND {t}.actor = 'member:' || REPLACE(CAST(m.id AS text), '-', ''))"

SOURCES = [
    Source(
        "ScheduledTransition",
        {
            "availableTransitions": available.listing(Axis.SCHEDULE),
            "id": column("id", ID),
            "transition": column("transition"),
            "subject": Derived(_subject, (column("transition"), column("subject_id", ID))),
            "condition": column("condition"),
            "days": column("days", INT),
            "cause": column("cause"),
            "state": column("state"),
            "dueAt": column("due_at", TIME),
            "createdAt": column("created_at", TIME),
            "finishedAt": column("finished_at", TIME),
            "outcome": column("outcome"),
            "actor": Derived(_actor, (column("actor"),)),
            "reason": Derived(_reason, (column("input"),)),
            "member": One("Member", _MEMBER),
            "client": One("Client", "{t}.client_id"),
            "event": One("LifecycleEvent", "{t}.event_id"),
        },
        table="scheduled_transition",
        tag="schedule",
        scope=SCOPE,
        visible=Rows("ScheduledTransition"),
        guard=FieldGuard("ScheduledTransition", state=_STATE),
        orders={"DUE_AT": Order("{t}.due_at", TIME), "CREATED_AT": Order("{t}.created_at", TIME)},
        filters={
            "state": one_of("{t}.state"),
            "transition": one_of("{t}.transition"),
            "condition": one_of("{t}.condition"),
            "dueAt": span("{t}.due_at"),
            "client": with_id("client", lambda key: f"{{t}}.client_id = {key}"),
        },
    ),
    Source(
        "Suggestion",
        {
            "availableTransitions": available.listing(Axis.SUGGESTION),
            "id": column("id", ID),
            "transition": column("transition"),
            "reason": column("reason"),
            "subject": Derived(_subject, (column("transition"), column("subject_id", ID))),
            "createdAt": column("created_at", TIME),
            "dismissedAt": column("dismissed_at", TIME),
            "client": One("Client", "{t}.client_id"),
            "enrollment": One("Enrollment", "{t}.subject_id"),
        },
        table="suggestion",
        tag="suggestion",
        scope=SCOPE,
        visible=Rows("Suggestion"),
        guard=FieldGuard("Suggestion", state=_STATE),
        orders={"CREATED_AT": Order("{t}.created_at", TIME)},
        filters={
            "dismissed": Filter(_dismissed, absent="{t}.dismissed_at IS NULL"),
            "transition": one_of("{t}.transition"),
            "client": with_id("client", lambda key: f"{{t}}.client_id = {key}"),
        },
    ),
]

ROOT = {
    "scheduledTransitions": Many("ScheduledTransition", order="DUE_AT"),
    "suggestions": Many("Suggestion", order="CREATED_AT", descending=True),
}
