"""Erasure requests and receipts, retention, legal holds, suppression."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from lifecycle.vocabulary import ErasureState
from storage.tables.base import Owned, Row, index, now, ref, words


class ErasureRequest(Owned, table=True):
    """Request to erase a client, by number: the row outlives the person."""

    __table_args__ = (index("client_number"), index("state", "due_at"))
    client_id: UUID
    client_number: int
    state: ErasureState = Field(default=ErasureState.REQUESTED, sa_type=words(ErasureState, "state"))
    requested_at: datetime = Field(default_factory=now)
    scheduled_for: datetime | None = None
    due_at: datetime
    cancel_subscription: bool = False
    blocked_by: str | None = None
    completed_at: datetime | None = None


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


class RetentionRule(Row, table=True):
    """How long a country's law keeps a category of records."""

    country: str = Field(primary_key=True, max_length=2)
    category: str = Field(primary_key=True)
    years: int
    reason: str
    source_url: str


class SealedItem(Owned, table=True):
    """Record that the law keeps after an erasure, until `purge_after`."""

    __table_args__ = (index("client_number"), index("purge_after"))
    client_number: int
    category: str
    body: str
    reason: str
    sealed_at: datetime = Field(default_factory=now)
    purge_after: datetime


class LegalHold(Owned, table=True):
    """Legal hold on a client; several may stand at once."""

    __table_args__ = (ref("client_id", "client"), index("client_id"))
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
