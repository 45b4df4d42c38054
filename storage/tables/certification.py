"""The raw material of certification: the hour ledger, rule sets, and sealed reports."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import ClientStatus, CoachingKind, Compensation, RunState
from storage.tables.base import Owned, Row, index, now, ref, words


class HourLedgerEntry(Owned, table=True):
    """Hours of one session; append-only and without personal data: the client is a number.

    `event_id` names the group event, so that its hours count once, however many of its people are erased.
    """

    __table_args__ = (
        ref("coach_id", "member"),
        index("day", "id"),
        index("coach_id", "day", "id"),
        index("appointment_id"),
        index("attendance_id"),
        index("client_number"),
        index("supersedes_id"),
    )
    coach_id: UUID
    position: int
    day: date
    starts_at: datetime | None = None
    minutes: int
    compensation: Compensation = Field(sa_type=words(Compensation, "compensation"))
    coaching_kind: CoachingKind = Field(sa_type=words(CoachingKind, "coaching_kind"))
    group_size: int | None = None
    client_number: int
    appointment_id: UUID | None = None
    attendance_id: UUID | None = None
    event_id: UUID | None = None
    counting_status: ClientStatus = Field(sa_type=words(ClientStatus, "counting_status"))
    counts_override: bool | None = None
    override_reason: str | None = None
    manual: bool = False
    erased: bool = False
    supersedes_id: UUID | None = None
    entered_at: datetime = Field(default_factory=now)


class RuleSet(Row, table=True):
    """Version of a credentialing body's rules as a sealed report pinned it; the thresholds are a JSON object."""

    __table_args__ = (Index(None, "code", "version", unique=True),)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    code: str
    version: int
    title: str
    effective_from: date
    effective_to: date | None = None
    thresholds: str = "{}"
    source_url: str


class ReportRun(Owned, table=True):
    """Sealed certification report: `content` is canonical JSON of all that it says, without personal data, pinned under its hash."""

    __table_args__ = (ref("coach_id", "member"), index("coach_id", "sealed_at", "id"))
    coach_id: UUID
    rule_set_id: UUID = Field(foreign_key="rule_set.id")
    state: RunState = Field(default=RunState.SEALED, sa_type=words(RunState, "state"))
    period_from: date | None = None
    period_to: date
    ledger_position: int
    content: str
    content_hash: str
    sealed_at: datetime = Field(default_factory=now)
    voided_at: datetime | None = None
    void_reason: str | None = None
