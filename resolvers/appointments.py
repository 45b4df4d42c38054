"""Sources of appointments, group events and the templates that generate them."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import DATE, FLAG, ID, INT, TIME, Derived, Expr, Many, One, Order, Source, column
from resolvers import available
from resolvers.callers import CallerKind
from resolvers.filters import flag, one_of, span, with_id
from resolvers.viewers import STATE_OF_CLIENT, FieldGuard, Rows, Shared, ViewerKey, me_sql
from resolvers.workspace import SCOPE


def hours(minutes: int | None) -> float | None:
    """Hours of whole minutes, rounded to 0.01 on output only."""
    return None if minutes is None else round(minutes / 60, 2)


#: Minutes a session counts with: held minutes where they were noted, planned ones otherwise.
_MINUTES = Expr("COALESCE({t}.actual_minutes, {t}.planned_minutes)", INT)
_UPCOMING = "{t}.state = 'BOOKED' AND {t}.starts_at > :now"


#: Kept ahead with a client who cannot log in.
_CLIENT_INACTIVE = (
    "{t}.state = 'BOOKED' AND {t}.starts_at > :now AND EXISTS (SELECT 1 FROM client k WHERE k.workspace_id = :workspace"
    " AND k.id = {t}.client_id AND k.status = 'INACTIVE')"
)


#: What was removed with a client's access is invisible everywhere.
_APPOINTMENTS = Rows("Appointment", at="{t}.booked_at", stands="{t}.state <> 'REMOVED'")
_ATTENDANCES = Rows("Attendance", stands="{t}.state <> 'REMOVED'")


def _events(viewer: ViewerKey) -> str:
    """A client sees the events they attend; a coach their own and those their clients attend."""
    condition = Shared(Resource.APPOINTMENTS, me_sql(Resource.APPOINTMENTS))(viewer)
    if viewer.kind is CallerKind.CLIENT:
        mine = "x.client_id = :client AND x.state <> 'REMOVED'"
    elif condition == "" and viewer.role is not None and viewer.role.value == "COACH":
        mine = "x.client_id IN (SELECT c.id FROM client c WHERE c.workspace_id = :workspace AND c.coach_id = :member)"
    else:
        return condition
    attended = f"EXISTS (SELECT 1 FROM attendance x WHERE x.workspace_id = :workspace AND x.event_id = {{t}}.id AND {mine})"
    return f"{condition} AND {attended}" if condition else f"({{t}}.coach_id = :member OR {attended})"


SOURCES = [
    Source(
        "AppointmentType",
        {
            "id": column("id", ID),
            "name": column("name"),
            "sample": column("sample", FLAG),
            "coaching": column("coaching", FLAG),
            "coachingKind": column("coaching_kind"),
            "plannedMinutes": column("planned_minutes", INT),
            "archivedAt": column("archived_at", TIME),
        },
        table="appointment_type",
        tag="type",
        scope=SCOPE,
        visible=Shared(Resource.OPEN, "{t}.archived_at IS NULL"),
        guard=FieldGuard("AppointmentType"),
        orders={"NAME": Order("{t}.name")},
    ),
    Source(
        "ServiceTemplate",
        {
            "availableTransitions": available.listing(Axis.SERVICE_TEMPLATE),
            "id": column("id", ID),
            "recurrence": column("recurrence"),
            "startsOn": column("starts_on", DATE),
            "startTime": column("start_time"),
            "endsOn": column("ends_on", DATE),
            "generatedUntil": column("generated_until", DATE),
            "removedAt": column("removed_at", TIME),
            "createdAt": column("created_at", TIME),
            "client": One("Client", "{t}.client_id"),
            "coach": One("Member", "{t}.coach_id"),
            "type": One("AppointmentType", "{t}.type_id"),
        },
        table="service_template",
        tag="template",
        scope=SCOPE,
        visible=Rows("ServiceTemplate", portal="{t}.removed_at IS NULL"),
        guard=FieldGuard("ServiceTemplate"),
        orders={"CREATED_AT": Order("{t}.created_at", TIME)},
    ),
    Source(
        "Appointment",
        {
            "availableTransitions": available.listing(Axis.APPOINTMENT),
            "id": column("id", ID),
            "kind": Expr("'APPOINTMENT'"),
            "at": column("starts_at", TIME),
            "startsAt": column("starts_at", TIME),
            "plannedMinutes": column("planned_minutes", INT),
            "actualMinutes": column("actual_minutes", INT),
            "hours": Derived(hours, (_MINUTES,)),
            "state": column("state"),
            "clientInactive": Expr(_CLIENT_INACTIVE, FLAG),
            "bookedAt": column("booked_at", TIME),
            "bookedStatus": column("booked_status"),
            "countingStatus": column("counting_status"),
            "countsOverride": column("counts_override", FLAG),
            "overrideReason": column("override_reason"),
            "compensation": column("compensation"),
            "coachingKind": column("coaching_kind"),
            "directReport": column("direct_report", FLAG),
            "version": column("version", INT),
            "client": One("Client", "{t}.client_id"),
            "coach": One("Member", "{t}.coach_id"),
            "type": One("AppointmentType", "{t}.type_id"),
            "enrollment": One("Enrollment", "{t}.enrollment_id"),
            "template": One("ServiceTemplate", "{t}.template_id"),
        },
        table="appointment",
        tag="appointment",
        scope=SCOPE,
        visible=_APPOINTMENTS,
        owned=_APPOINTMENTS.owned,
        guard=FieldGuard("Appointment", state=STATE_OF_CLIENT),
        orders={"STARTS_AT": Order("{t}.starts_at", TIME)},
        filters={
            "state": one_of("{t}.state"),
            "startsAt": span("{t}.starts_at"),
            "upcoming": flag(_UPCOMING),
            "countingStatus": one_of("{t}.counting_status", "countingStatus"),
            "compensation": one_of("{t}.compensation", "compensation"),
            "coachingKind": one_of("{t}.coaching_kind", "coachingKind"),
            "client": with_id("client", lambda key: f"{{t}}.client_id = {key}"),
            "coach": with_id("member", lambda key: f"{{t}}.coach_id = {key}"),
            "type": with_id("type", lambda key: f"{{t}}.type_id = {key}"),
        },
    ),
    Source(
        "GroupEvent",
        {
            "id": column("id", ID),
            "title": column("title"),
            "startsAt": column("starts_at", TIME),
            "plannedMinutes": column("planned_minutes", INT),
            "actualMinutes": column("actual_minutes", INT),
            "hours": Derived(hours, (_MINUTES,)),
            "size": column("size", INT),
            "state": column("state"),
            "coachingKind": column("coaching_kind"),
            "version": column("version", INT),
            "coach": One("Member", "{t}.coach_id"),
            "type": One("AppointmentType", "{t}.type_id"),
            "attendances": Many("Attendance", "{t}.event_id = {key}", order="AT"),
        },
        table="group_event",
        tag="event",
        scope=SCOPE,
        visible=_events,
        guard=FieldGuard("GroupEvent"),
        orders={"STARTS_AT": Order("{t}.starts_at", TIME)},
        filters={"state": one_of("{t}.state"), "startsAt": span("{t}.starts_at"), "upcoming": flag(_UPCOMING)},
    ),
    Source(
        "Attendance",
        {
            "id": column("id", ID),
            "kind": Expr("'GROUP_EVENT'"),
            "at": column("at", TIME),
            "state": column("state"),
            "bookedStatus": column("booked_status"),
            "countingStatus": column("counting_status"),
            "countsOverride": column("counts_override", FLAG),
            "compensation": column("compensation"),
            "event": One("GroupEvent", "{t}.event_id"),
            "client": One("Client", "{t}.client_id"),
        },
        table="attendance",
        tag="attendance",
        scope=SCOPE,
        visible=_ATTENDANCES,
        owned=_ATTENDANCES.owned,
        guard=FieldGuard("Attendance"),
        orders={"AT": Order("{t}.at", TIME)},
        filters={"state": one_of("{t}.state"), "at": span("{t}.at")},
    ),
]

ROOT = {
    "appointment": One("Appointment", argument="id"),
    "appointments": Many("Appointment", order="STARTS_AT", descending=True),
    "appointmentTypes": Many("AppointmentType", order="NAME"),
    "groupEvents": Many("GroupEvent", order="STARTS_AT", descending=True),
}
