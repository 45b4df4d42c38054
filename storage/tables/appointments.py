"""Appointments, group events, and the templates that generate them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation
from storage.tables.base import BYTEWISE, Owned, index, now, ref, words


class AppointmentType(Owned, table=True):
    """Kind of appointment that can be booked."""

    __table_args__ = (index("name", "id"),)
    name: str = Field(sa_type=BYTEWISE)
    sample: bool = False
    coaching: bool = True
    coaching_kind: CoachingKind = Field(default=CoachingKind.INDIVIDUAL, sa_type=words(CoachingKind, "coaching_kind"))
    planned_minutes: int = 60
    archived_at: datetime | None = None


_RUNNING = text("removed_at IS NULL")


class ServiceTemplate(Owned, table=True):
    """Recurring service of a client; `recurrence` is an RFC 5545 rule, `start_time` the time of day in the workspace's own zone.

    Appointments are generated up to the end of the day `generated_until`.
    """

    __table_args__ = (
        ref("client_id", "client"),
        ref("type_id", "appointment_type"),
        ref("coach_id", "member"),
        index("client_id", "starts_on", "id"),
        index("type_id"),
        index("coach_id"),
        Index(None, "generated_until", postgresql_where=_RUNNING, sqlite_where=_RUNNING),  # the clock asks over all workspaces
    )
    client_id: UUID
    coach_id: UUID
    type_id: UUID
    recurrence: str
    starts_on: date
    start_time: str = "09:00"
    ends_on: date | None = None
    generated_until: date | None = None
    removed_at: datetime | None = None
    removed_batch_id: UUID | None = None
    created_at: datetime = Field(default_factory=now)


class Appointment(Owned, table=True):
    """Session of one client. `counting_status` is the status that decides whether its hours count."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("coach_id", "member"),
        ref("type_id", "appointment_type"),
        ref("template_id", "service_template"),
        ref("enrollment_id", "enrollment"),
        index("client_id", "starts_at", "id"),
        index("coach_id", "starts_at", "id"),
        index("starts_at", "id"),
        index("type_id"),
        index("template_id"),
        index("enrollment_id"),
        index("removed_batch_id"),
    )
    client_id: UUID
    coach_id: UUID
    type_id: UUID
    template_id: UUID | None = None
    enrollment_id: UUID | None = None
    starts_at: datetime
    planned_minutes: int
    actual_minutes: int | None = None
    state: AppointmentState = Field(default=AppointmentState.BOOKED, sa_type=words(AppointmentState, "state"))
    booked_at: datetime = Field(default_factory=now)
    booked_status: ClientStatus = Field(sa_type=words(ClientStatus, "booked_status"))
    counting_status: ClientStatus = Field(sa_type=words(ClientStatus, "counting_status"))
    counts_override: bool | None = None
    override_reason: str | None = None
    compensation: Compensation = Field(default=Compensation.PAID, sa_type=words(Compensation, "compensation"))
    coaching_kind: CoachingKind = Field(default=CoachingKind.INDIVIDUAL, sa_type=words(CoachingKind, "coaching_kind"))
    direct_report: bool = False
    removed_batch_id: UUID | None = None
    version: int = 1


class GroupEvent(Owned, table=True):
    """Session of several clients."""

    __table_args__ = (
        ref("coach_id", "member"),
        ref("type_id", "appointment_type"),
        index("coach_id", "starts_at", "id"),
        index("starts_at", "id"),
        index("type_id"),
    )
    coach_id: UUID
    type_id: UUID
    title: str
    starts_at: datetime
    planned_minutes: int
    actual_minutes: int | None = None
    size: int = 0
    state: AppointmentState = Field(default=AppointmentState.BOOKED, sa_type=words(AppointmentState, "state"))
    coaching_kind: CoachingKind = Field(default=CoachingKind.GROUP, sa_type=words(CoachingKind, "coaching_kind"))
    version: int = 1


class Attendance(Owned, table=True):
    """Place of a client in a group event; `at` repeats the event's start so that a timeline needs no join."""

    __table_args__ = (
        ref("event_id", "group_event"),
        ref("client_id", "client"),
        index("event_id", "client_id", unique=True),
        index("client_id", "at", "id"),
    )
    event_id: UUID
    client_id: UUID
    at: datetime
    state: AppointmentState = Field(default=AppointmentState.BOOKED, sa_type=words(AppointmentState, "state"))
    booked_status: ClientStatus = Field(sa_type=words(ClientStatus, "booked_status"))
    counting_status: ClientStatus = Field(sa_type=words(ClientStatus, "counting_status"))
    compensation: Compensation = Field(default=Compensation.PAID, sa_type=words(Compensation, "compensation"))
    counts_override: bool | None = None
    override_reason: str | None = None
    removed_batch_id: UUID | None = None
