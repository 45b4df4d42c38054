"""What writes leave behind: plans, batches, audit, outbox, idempotency, jobs, schedules, imports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from lifecycle.schedules import ScheduleCondition
from lifecycle.vocabulary import FreezeReason, JobState, ScheduleState, SuggestionReason
from storage.tables.base import Owned, index, now, ref, words


class TransitionPlan(Owned, table=True):
    """Preview of a transition, bound to what it would touch; `effects` is JSON."""

    __table_args__ = (index("token_hash", unique=True), index("expires_at"))
    token_hash: str
    transition: str
    subject_id: UUID
    actor: str
    fingerprint: str
    input_hash: str = ""
    effects: str = "[]"
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    executed_at: datetime | None = None


class Batch(Owned, table=True):
    """What a transition changed, remembered so that it can be undone; `memory` is JSON. `version` is what it left the object at."""

    __table_args__ = (index("subject_id", "at"), index("undo_until"))
    transition: str
    subject_id: UUID
    version: int = 0
    actor: str
    memory: str = "{}"
    at: datetime = Field(default_factory=now)
    undo_until: datetime | None = None
    undone_at: datetime | None = None


class AuditEvent(Owned, table=True):
    """Who did what to which object; append-only, opaque ids only. `client_id` is the client whose object it is."""

    __table_args__ = (index("at", "id"), index("subject_id", "at", "id"), index("client_id", "at", "id"))
    at: datetime = Field(default_factory=now)
    actor: str
    member_id: UUID | None = None
    action: str
    subject_kind: str
    subject_id: UUID | None = None
    client_id: UUID | None = None
    before: str | None = None
    after: str | None = None
    batch_id: UUID | None = None
    reason: str | None = None
    detail: str = "{}"
    request_id: str | None = None


class OutboxEvent(Owned, table=True):
    """Announcement written in the transaction of its change, and sent after it; ids only."""

    __table_args__ = (index("position", unique=True), index("sent_at", "locked_until"), index("subject_id"))
    position: int
    name: str
    subject_kind: str
    subject_id: UUID
    payload: str = "{}"
    created_at: datetime = Field(default_factory=now)
    attempts: int = 0
    locked_until: datetime | None = None
    sent_at: datetime | None = None


class OutboundMessage(Owned, table=True):
    """Message to a person by mail or text, waiting or sent."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "created_at"), index("sent_at", "created_at"))
    client_id: UUID
    channel: str
    template: str
    payload: str = "{}"
    created_at: datetime = Field(default_factory=now)
    sent_at: datetime | None = None


class IdempotencyRecord(Owned, table=True):
    """Answer to a mutation, kept under the caller's key."""

    __table_args__ = (index("actor", "key", unique=True), index("expires_at"))
    actor: str
    key: str
    request_hash: str
    response: str | None = None
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime


class BulkJob(Owned, table=True):
    """Transition over many objects, for a member; `undoes_id` is the job that it takes back, `locked_until` the end of a worker's lease."""

    __table_args__ = (
        index("state", "created_at"),
        index("created_at", "id"),
        index("locked_until", where=text("state IN ('QUEUED', 'RUNNING')")),
    )
    transition: str
    input: str = "{}"
    error_policy: str
    actor: str
    member_id: UUID
    undoes_id: UUID | None = None
    code: str | None = None
    state: JobState = Field(default=JobState.QUEUED, sa_type=words(JobState, "state"))
    total: int = 0
    done: int = 0
    failed: int = 0
    locked_until: datetime
    created_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None


class BulkJobItem(Owned, table=True):
    """Object in a bulk job, with its result as JSON. `bound` is what its step may do: the fingerprint of what a preview showed."""

    __table_args__ = (ref("job_id", "bulk_job"), index("job_id", "position", unique=True), index("subject_id"))
    job_id: UUID
    position: int
    subject_id: UUID
    bound: str | None = None
    batch_id: UUID | None = None
    event_id: UUID | None = None
    code: str | None = None
    result: str | None = None
    done_at: datetime | None = None


_WAITING = text("state = 'PENDING'")


class ScheduledTransition(Owned, table=True):
    """Transition that waits for its day. `cause` is the state of payment that asked for it; without one, a member did.

    `locked_until` is the lease of the worker that takes it; `event_id` is the audit event that the step left.
    """

    __table_args__ = (
        index("state", "due_at"),
        index("due_at", "id"),
        index("subject_id"),
        index("client_id", "due_at", "id"),
        Index(None, "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),  # the clock asks over all workspaces
    )
    transition: str
    subject_id: UUID
    client_id: UUID | None = None
    input: str = "{}"
    condition: ScheduleCondition = Field(default=ScheduleCondition.AT_DATE, sa_type=words(ScheduleCondition, "condition"))
    days: int | None = None
    cause: FreezeReason | None = Field(default=None, sa_type=words(FreezeReason, "cause"))
    actor: str
    state: ScheduleState = Field(default=ScheduleState.PENDING, sa_type=words(ScheduleState, "state"))
    due_at: datetime
    created_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None
    outcome: str | None = None
    event_id: UUID | None = None
    locked_until: datetime | None = None
    attempts: int = 0


class Suggestion(Owned, table=True):
    """Step a coach may want to take, such as freezing after a declined payment."""

    __table_args__ = (
        index("subject_id", "transition", "reason", unique=True, where=text("dismissed_at IS NULL")),
        index("dismissed_at", "created_at"),
        index("created_at", "id"),
        index("client_id", "created_at", "id"),
    )
    subject_id: UUID
    client_id: UUID | None = None
    transition: str
    reason: SuggestionReason = Field(sa_type=words(SuggestionReason, "reason"))
    created_at: datetime = Field(default_factory=now)
    dismissed_at: datetime | None = None


class ImportRun(Owned, table=True):
    """File of contacts that was imported."""

    __table_args__ = (index("started_at", "id"),)
    file_hash: str
    rows: int = 0
    created: int = 0
    skipped: int = 0
    started_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None


class ExportFile(Owned, table=True):
    """File that somebody may fetch until it expires; `asked` is what was asked for, as JSON, where more than the subject was."""

    __table_args__ = (index("expires_at"), index("subject_id"))
    kind: str
    subject_id: UUID | None = None
    actor: str
    asked: str = ""
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
