"""Clients and what is known about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field

from lifecycle.vocabulary import AccessMode, ClientStatus, ConsentPurpose, ContactKind, DataState, Origin
from storage.tables.base import BYTEWISE, Owned, index, now, ref, words

_REACHABLE = text("email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')")


class Client(Owned, table=True):
    """Person in one workspace. `sort_name` is the name folded for ordering; `number` outlives the person's data."""

    __table_args__ = (
        ref("coach_id", "member"),
        index("number", unique=True),
        index("email", unique=True, where=_REACHABLE),
        index("account_id", unique=True, where=text("account_id IS NOT NULL")),
        index("external_id", unique=True, where=text("external_id IS NOT NULL")),
        index("sort_name", "id"),
        index("created_at", "id"),
        index("status", "sort_name", "id"),
        index("status", "created_at", "id"),
        index("status", "number", "id"),
        index("coach_id", "sort_name", "id"),
        index("coach_id", "created_at", "id"),
        index("coach_id", "number", "id"),
    )
    number: int
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    coach_id: UUID
    status: ClientStatus = Field(sa_type=words(ClientStatus, "status"))
    status_since: datetime = Field(default_factory=now)
    data_state: DataState = Field(default=DataState.PRESENT, sa_type=words(DataState, "data_state"))
    access_mode: AccessMode = Field(default=AccessMode.NONE, sa_type=words(AccessMode, "access_mode"))
    access_until: datetime | None = None
    contact_kind: ContactKind = Field(default=ContactKind.POTENTIAL_CLIENT, sa_type=words(ContactKind, "contact_kind"))
    origin: Origin = Field(default=Origin.STAFF, sa_type=words(Origin, "origin"))
    external_id: str | None = None
    reentry: bool = False
    name: str = ""
    sort_name: str = Field(default="", sa_type=BYTEWISE)
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    notes: str | None = None
    version: int = 1
    created_at: datetime = Field(default_factory=now)


class ClientTag(Owned, table=True):
    """Tag on a client."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "tag", unique=True), index("tag", "client_id"))
    client_id: UUID
    tag: str = Field(sa_type=BYTEWISE)


class ClientField(Owned, table=True):
    """Custom field of a client."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "name", unique=True))
    client_id: UUID
    name: str
    value: str


class ClientSearchTerm(Owned, table=True):
    """Word by which a client is found: folded words of the name, the e-mail and its parts, digits of the phone."""

    __table_args__ = (ref("client_id", "client"), index("term", "client_id", unique=True), index("client_id"))
    client_id: UUID
    term: str = Field(sa_type=BYTEWISE)


class ClientStatusChange(Owned, table=True):
    """Change of a client's status; append-only."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "at", "id"))
    client_id: UUID
    before: ClientStatus | None = Field(default=None, sa_type=words(ClientStatus, "before"))
    after: ClientStatus = Field(sa_type=words(ClientStatus, "after"))
    access_mode: AccessMode = Field(default=AccessMode.NONE, sa_type=words(AccessMode, "access_mode"))
    data_state: DataState = Field(default=DataState.PRESENT, sa_type=words(DataState, "data_state"))
    at: datetime = Field(default_factory=now)
    transition: str
    actor: str
    reason: str | None = None
    batch_id: UUID | None = None
    plan_id: UUID | None = None


class Consent(Owned, table=True):
    """What a client agreed to, with the evidence."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "purpose", "given_at"))
    client_id: UUID
    purpose: ConsentPurpose = Field(sa_type=words(ConsentPurpose, "purpose"))
    given_at: datetime
    withdrawn_at: datetime | None = None
    evidence: str | None = None
