"""Workspaces, the people who work in them, and the ways to sign in."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import AccessMode, CountingBasis, Grant, KeyScope, LinkPurpose, Role
from storage.tables.base import BYTEWISE, Owned, Row, check, index, now, ref, words


class Workspace(Row, table=True):
    """One coach or business: the tenant.

    Where two delete a client's data, a proposal that one may do it again is good until `erasure_by_one_until`.
    """

    __table_args__ = (check("statistics_threshold", "statistics_threshold >= 3"),)
    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str
    slug: str = Field(unique=True)
    country: str = Field(default="US", max_length=2)
    timezone: str = "UTC"
    currency: str = Field(default="USD", max_length=3)
    keep_hours_on_erasure: bool = True
    erasure_grace_hours: int = 72
    erasure_by_two: bool = False
    undo_window_hours: int = 72
    default_access_mode: AccessMode = Field(default=AccessMode.NONE, sa_type=words(AccessMode, "default_access_mode"))
    counting_basis: CountingBasis = Field(default=CountingBasis.SESSION_START, sa_type=words(CountingBasis, "counting_basis"))
    messaging_when_frozen: bool = True
    statistics_threshold: int = 5
    erasure_by_one_proposer: UUID | None = None
    erasure_by_one_until: datetime | None = None
    version: int = 1
    created_at: datetime = Field(default_factory=now)


class Account(Row, table=True):
    """Login of a person, valid in every workspace that knows them."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    username: str = Field(unique=True)
    password_hash: str | None = None
    disabled_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)


class ExternalIdentity(Row, table=True):
    """Subject of an external OpenID Connect issuer that stands for an account."""

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)


class Member(Owned, table=True):
    """Account that works in a workspace, with its role."""

    __table_args__ = (index("account_id", unique=True), index("name", "id"))
    account_id: UUID = Field(foreign_key="account.id", index=True)
    name: str = Field(sa_type=BYTEWISE)
    email: str | None = None
    role: Role = Field(sa_type=words(Role, "role"))
    timezone: str | None = None
    created_at: datetime = Field(default_factory=now)
    left_at: datetime | None = None


class MemberGrant(Owned, table=True):
    """Permission of a member beyond their role."""

    __table_args__ = (ref("member_id", "member"), index("member_id", "grant_name", unique=True))
    member_id: UUID
    grant_name: Grant = Field(sa_type=words(Grant, "grant_name"))
    granted_at: datetime = Field(default_factory=now)


class LoginSession(Owned, table=True):
    """Sign-in of a member or a client; live until it expires or is revoked."""

    __table_args__ = (ref("member_id", "member"), ref("client_id", "client"), index("member_id"), index("client_id"))
    account_id: UUID = Field(foreign_key="account.id", index=True)
    member_id: UUID | None = None
    client_id: UUID | None = None
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_reason: str | None = None


class RefreshToken(Owned, table=True):
    """One link in a session's chain of refresh tokens; a second use of a link revokes the session."""

    __table_args__ = (ref("session_id", "login_session"), index("session_id"), index("token_hash", unique=True))
    session_id: UUID
    token_hash: str
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    used_at: datetime | None = None


class OneTimeLink(Owned, table=True):
    """Link that opens one door once, such as choosing a password; its secret is known by its hash only. `member_id` made it."""

    __table_args__ = (ref("client_id", "client"), index("client_id"), index("token_hash", unique=True), index("expires_at"))
    client_id: UUID
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    member_id: UUID | None = None
    purpose: LinkPurpose = Field(sa_type=words(LinkPurpose, "purpose"))
    subject_id: UUID | None = None
    token_hash: str
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    used_at: datetime | None = None


class ApiKey(Owned, table=True):
    """Key of a server that acts with the role of the member who made it."""

    __table_args__ = (ref("member_id", "member"), index("member_id"))
    member_id: UUID
    name: str
    scope: KeyScope = Field(sa_type=words(KeyScope, "scope"))
    prefix: str = Field(unique=True)
    secret_hash: str
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
