"""Appointments, group events, and the templates that generate them."""

from datetime import date, datetime

import strawberry

from gql.base import Node, TimeSpan, by_id, connection, one, ordering, planned, ref, some
from gql.conversations import Interaction
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from gql.workspace import MEMBER
from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation

CLIENT, TYPE = ref("Client", "clients"), ref("AppointmentType", "appointments")
APPOINTMENT, EVENT = ref("Appointment", "appointments"), ref("GroupEvent", "appointments")
AppointmentOrder = ordering("Appointment", STARTS_AT="Start of the appointment.")
EventOrder = ordering("GroupEvent", STARTS_AT="Start of the event.")
AttendanceOrder = ordering("Attendance", AT="Start of the event.")
TypeOrder = ordering("AppointmentType", NAME="Name of the type.")


@strawberry.input(description="Conditions on appointments; all that are given must hold.")
class AppointmentFilter:
    state: list[AppointmentState] | None = some("Appointment has one of these states.")
    starts_at: TimeSpan | None = some("Appointment starts in this span.")
    upcoming: bool | None = some("Is the appointment booked and still ahead?")
    counting_status: list[ClientStatus] | None = some("Status that decides whether the appointment counts is one of these.")
    compensation: list[Compensation] | None = some("Appointment was paid in one of these ways.")
    coaching_kind: list[CoachingKind] | None = some("Appointment is of one of these kinds.")
    client: strawberry.ID | None = some("Appointment is with this client.")
    coach: strawberry.ID | None = some("Appointment is with this coach.")
    type: strawberry.ID | None = some("Appointment is of this type.")


@strawberry.input(description="Conditions on group events; all that are given must hold.")
class GroupEventFilter:
    state: list[AppointmentState] | None = some("Event has one of these states.")
    starts_at: TimeSpan | None = some("Event starts in this span.")
    upcoming: bool | None = some("Is the event booked and still ahead?")


@strawberry.input(description="Conditions on attendances; all that are given must hold.")
class AttendanceFilter:
    state: list[AppointmentState] | None = some("Attendance has one of these states.")
    at: TimeSpan | None = some("Event starts in this span.")


@guarded
@strawberry.type(description="Kind of appointment that can be booked.")
class AppointmentType(Node):
    name: str = planned("Name of the type.")
    sample: bool = planned("Is it a sample session, which a prospect may book?")
    coaching: bool = planned("Is it coaching, and may count for certification?")
    coaching_kind: CoachingKind = planned("Kind of coaching, in the terms of certification.")
    planned_minutes: int = planned("Planned minutes of a session.")
    archived_at: datetime | None = planned("Time the type was archived; null while it can be booked.")


@guarded
@strawberry.type(description="Recurring service of a client.")
class ServiceTemplate(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    recurrence: str = planned("Recurrence of the service, as an RFC 5545 rule.")
    starts_on: date = planned("First day of the service.")
    start_time: str = planned("Time of day of the appointments, as HH:MM in the workspace's time zone.")
    ends_on: date | None = planned("Last day of the service; null where it has none.")
    generated_until: date | None = planned("Last day for which appointments were made; null before the first.")
    removed_at: datetime | None = planned("Time the service was ended; null while it goes on.")
    created_at: datetime = planned("Creation time of the template.")
    client = one(CLIENT, "Client of the service.")
    coach = one(MEMBER, "Coach of the service.")
    type = one(TYPE, "Type of the appointments that the template generates.")


@guarded
@strawberry.type(description="Session with one client.")
class Appointment(Interaction):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    starts_at: datetime = planned("Start of the appointment.")
    planned_minutes: int = planned("Planned minutes of the appointment.")
    actual_minutes: int | None = planned("Minutes that were held; null where nobody noted them.")
    hours: float | None = planned("Hours of the appointment: held minutes, else planned ones, rounded to 0.01.")
    state: AppointmentState = planned("State of the appointment.")
    client_inactive: bool | None = planned("Is the appointment ahead, and with a client who is inactive and whom nobody reminds?")
    booked_at: datetime = planned("Time of the booking.")
    booked_status: ClientStatus | None = planned("Status of the client at the booking.")
    counting_status: ClientStatus | None = planned("Status of the client that decides whether the appointment counts for certification.")
    counts_override: bool | None = planned("Was it decided by hand that the appointment counts, or does not? Null where it was not.")
    override_reason: str | None = planned("Reason of the decision by hand.")
    compensation: Compensation | None = planned("How the appointment was paid, in the terms of certification.")
    coaching_kind: CoachingKind | None = planned("Kind of the appointment, in the terms of certification.")
    direct_report: bool | None = planned("Is the client a direct report of the coach?")
    version: int = planned("Version of the appointment, for `expectedVersion`.")
    client = one(CLIENT, "Client of the appointment.")
    coach = one(MEMBER, "Coach of the appointment.")
    type = one(TYPE, "Type of the appointment.")
    enrollment = one(ref("Enrollment", "packages"), "Enrollment that includes the appointment.")
    template = one(ref("ServiceTemplate", "appointments"), "Template that generated the appointment.")


@guarded
@strawberry.type(description="Session of several clients.")
class GroupEvent(Node):
    title: str = planned("Title of the event.")
    starts_at: datetime = planned("Start of the event.")
    planned_minutes: int = planned("Planned minutes of the event.")
    actual_minutes: int | None = planned("Minutes that were held; null where nobody noted them.")
    hours: float | None = planned("Hours of the event: held minutes, else planned ones, rounded to 0.01.")
    size: int | None = planned("Number of people in the group; stays when one of them is erased.")
    state: AppointmentState = planned("State of the event.")
    coaching_kind: CoachingKind | None = planned("Kind of the event, in the terms of certification.")
    version: int = planned("Version of the event, for `expectedVersion`.")
    coach = one(MEMBER, "Coach of the event.")
    type = one(TYPE, "Type of the event.")
    attendances = connection(
        ref("Attendance", "appointments"),
        "Places in the event that the viewer may see.",
        filter=AttendanceFilter,
        order=AttendanceOrder,
        required=True,
    )


@guarded
@strawberry.type(description="Place of a client in a group event.")
class Attendance(Interaction):
    state: AppointmentState = planned("State of the attendance.")
    booked_status: ClientStatus | None = planned("Status of the client at the booking.")
    counting_status: ClientStatus | None = planned("Status of the client that decides whether the hours count for certification.")
    counts_override: bool | None = planned("Was it decided by hand that the hours count, or do not? Null where it was not.")
    compensation: Compensation | None = planned("How the place was paid, in the terms of certification.")
    event = one(EVENT, "Event of the attendance.")
    client = one(CLIENT, "Client of the attendance.")


@strawberry.type
class AppointmentsQuery:
    appointment = by_id(APPOINTMENT, "appointment")
    appointments = connection(
        APPOINTMENT, "Appointments of the workspace, latest first.", filter=AppointmentFilter, order=AppointmentOrder, required=True
    )
    appointment_types = connection(TYPE, "Kinds of appointment that can be booked.", order=TypeOrder, required=True)
    group_events = connection(
        EVENT, "Group events of the workspace, latest first.", filter=GroupEventFilter, order=EventOrder, required=True
    )
