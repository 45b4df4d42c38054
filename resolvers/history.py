"""Source of what was done: who, what, when, why, in the order of time."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import ID, TIME, Derived, One, Order, Source, column
from resolvers.callers import CallerKind
from resolvers.conversations import conversations
from resolvers.viewers import HIDDEN, STATE_OF_CLIENT, FieldGuard, Rows, Shared, ViewerKey
from resolvers.workspace import SCOPE

#: Words of the ids of each axis.
_ACTORS = {
    "member": "STAFF",
    "client": "CLIENT",
    "clock": "CLOCK",
    "command-line": "COMMAND_LINE",
    "anonymous": "ANONYMOUS",
    "link": "LINK",
}
TAGS = {axis: axis.value.lower() for axis in Axis} | {
    Axis.PACKAGE_ITEM: "item",
    Axis.APPOINTMENT_TYPE: "type",
    Axis.SERVICE_TEMPLATE: "template",
    Axis.SCHEDULE: "schedule",
    Axis.RETENTION_RULE: "retention",
}
#: What the objects of an axis belong to, where not everybody who reads histories reads it.
_RESOURCES = {
    Axis.APPOINTMENT: Resource.APPOINTMENTS,
    Axis.CONVERSATION: Resource.SUBJECTS,
    Axis.INVOICE: Resource.INVOICES,
    Axis.ENROLLMENT: Resource.ENROLLMENTS,
    Axis.MESSAGE: Resource.SUBJECTS,
    Axis.RESPONSE: Resource.ANSWERS,
    Axis.PURCHASE: Resource.PURCHASES,
    Axis.ERASURE: Resource.ERASURE,
    Axis.HOLD: Resource.HOLDS,
    Axis.HOURS: Resource.HOURS,
    Axis.REPORT: Resource.HOURS,
    Axis.RETENTION_RULE: Resource.RETENTION,
    Axis.WORKSPACE: Resource.SETTINGS,
}
#: Axes of the workspace itself: all see steps with these who read what they are about, and not only who reads its content.
_OF_ALL = f"('{Axis.MEMBER}', '{Axis.RETENTION_RULE}', '{Axis.WORKSPACE}')"
_THEIRS = Rows("LifecycleEvent")


def _events(viewer: ViewerKey) -> str:
    """Steps with what belongs to a client are seen with the client; those with what belongs to the workspace, like its content.

    Either only by who sees such objects at all; a step with a conversation by who sees that very one.
    """
    if viewer.kind is CallerKind.CLIENT:
        return HIDDEN
    theirs, shared = _THEIRS(viewer), Shared(Resource.AUTHORING)(viewer)
    if theirs == HIDDEN:
        return HIDDEN
    of_client = f"{{t}}.client_id IS NOT NULL AND ({theirs})" if theirs else "{t}.client_id IS NOT NULL"
    of_all = f"{{t}}.subject_kind IN {_OF_ALL}"
    of_workspace = f"{{t}}.client_id IS NULL AND ({shared} OR {of_all})" if shared else "{t}.client_id IS NULL"
    return f"{{t}}.action LIKE '%.%' AND (({of_client}) OR ({of_workspace})) AND {_of_kinds(viewer)}"


def _of_kinds(viewer: ViewerKey) -> str:
    """Condition on the kind of the object: the resource it belongs to may be read."""
    conditions = {axis: conversations(viewer) if axis is Axis.CONVERSATION else Shared(of)(viewer) for axis, of in _RESOURCES.items()}
    hidden = ", ".join(f"'{axis}'" for axis, condition in conditions.items() if condition == HIDDEN)
    parts = [f"{{t}}.subject_kind NOT IN ({hidden})"] if hidden else []
    if (seen := conditions[Axis.CONVERSATION]) not in ("", HIDDEN):
        found = f"SELECT 1 FROM conversation v WHERE v.workspace_id = :workspace AND v.id = {{t}}.subject_id AND {seen.replace('{t}', 'v')}"
        parts.append(f"({{t}}.subject_kind <> '{Axis.CONVERSATION}' OR EXISTS ({found}))")
    return " AND ".join(parts) or "1 = 1"


def actor_kind(actor: str) -> str:
    """Kind of whoever took a step, as the API says it."""
    return _ACTORS[actor.partition(":")[0]]


def _subject(kind: str, key: str) -> str:
    return f"{TAGS[Axis(kind)]}_{key}"


def _batch(key: str | None) -> str | None:
    return None if key is None else f"batch_{key}"


SOURCES = [
    Source(
        "LifecycleEvent",
        {
            "id": column("id", ID),
            "name": column("action"),
            "at": column("at", TIME),
            "actor": Derived(actor_kind, (column("actor"),)),
            "member": One("Member", "{t}.member_id"),
            "client": One("Client", "{t}.client_id"),
            "subject": Derived(_subject, (column("subject_kind"), column("subject_id", ID))),
            "before": column("before"),
            "after": column("after"),
            "reason": column("reason"),
            "batchId": Derived(_batch, (column("batch_id", ID),)),
        },
        table="audit_event",
        tag="lifecycle",
        scope=SCOPE,
        visible=_events,
        guard=FieldGuard("LifecycleEvent", state=f"COALESCE({STATE_OF_CLIENT}, 'PRESENT')"),
        orders={"AT": Order("{t}.at", TIME)},
    ),
]

ROOT: dict[str, One] = {}
