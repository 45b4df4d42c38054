"""Erasure requests and receipts, sealed records and the rules for them, legal holds, suppression."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from lifecycle.vocabulary import DataCategory, ErasureState
from storage.tables.base import Owned, check, index, now, ref, words

_TO_DO = text("state IN ('SCHEDULED', 'BLOCKED', 'RUNNING')")


class ErasureRequest(Owned, table=True):
    """Deletion of a client's data, by number: the row outlives the person. `parts` is a JSON list.

    `deleted_at` is when the last of the deletions was done; `found` is JSON, where the search after it found
    the person all the same; `locked_until` the lease of the worker that has it.
    """

    __table_args__ = (
        index("client_number"),
        index("client_id", "state"),
        index("requested_at", "id"),
        index("state", "due_at"),
        Index(None, "scheduled_for", postgresql_where=_TO_DO, sqlite_where=_TO_DO),  # the clock asks over all workspaces
    )
    client_id: UUID
    client_number: int
    parts: str = "[]"
    state: ErasureState = Field(default=ErasureState.REQUESTED, sa_type=words(ErasureState, "state"))
    actor: str
    member_id: UUID | None = None
    requested_at: datetime = Field(default_factory=now)
    scheduled_for: datetime | None = None
    due_at: datetime
    cancel_subscription: bool = False
    blocked_by: str | None = None
    started_at: datetime | None = None
    deleted_at: datetime | None = None
    found: str | None = None
    completed_at: datetime | None = None
    locked_until: datetime | None = None


class ErasureItem(Owned, table=True):
    """Category of an erasure, with its counts and how far it got."""

    __table_args__ = (ref("request_id", "erasure_request"), index("request_id", "category", unique=True))
    request_id: UUID
    category: str
    planned: int = 0
    removed: int = 0
    retained: int = 0
    verified: int | None = None
    done_at: datetime | None = None


class ErasureReceipt(Owned, table=True):
    """Proof of an erasure, chained to the one before; holds no personal data."""

    __table_args__ = (ref("request_id", "erasure_request"), index("request_id", unique=True), index("position", unique=True))
    request_id: UUID
    client_number: int
    position: int
    complete: bool
    body: str
    previous_hash: str
    content_hash: str
    signature: str
    issued_at: datetime = Field(default_factory=now)


class SealedItem(Owned, table=True):
    """Record that the law keeps after an erasure, until `purge_after`."""

    __table_args__ = (index("client_number"), index("purge_after"), index("sealed_at", "id"))
    client_number: int
    category: str
    body: str
    reason: str
    sealed_at: datetime = Field(default_factory=now)
    purge_after: datetime


class RetentionRule(Owned, table=True):
    """How long a workspace keeps records of a category, whatever the law of its country; of each, one stands that is not removed."""

    __table_args__ = (
        check("years", "years BETWEEN 0 AND 30"),
        index("category", unique=True, where=text("removed_at IS NULL")),
        index("set_at", "id"),
    )
    category: DataCategory = Field(sa_type=words(DataCategory, "category"))
    years: int
    reason: str
    source: str | None = None
    set_by: UUID
    set_at: datetime = Field(default_factory=now)
    removed_at: datetime | None = None


class LegalHold(Owned, table=True):
    """Legal hold on a client; several may stand at once."""

    __table_args__ = (ref("client_id", "client"), index("client_id"), index("placed_at", "id"))
    client_id: UUID
    reason: str
    placed_by: UUID
    placed_at: datetime = Field(default_factory=now)
    released_at: datetime | None = None


class SuppressionEntry(Owned, table=True):
    """Salted hash of an address that must not be contacted again."""

    __table_args__ = (index("identifier_hash", unique=True),)
    identifier_hash: str
    suppressed_at: datetime = Field(default_factory=now)
    released_at: datetime | None = None
