"""Making and ending API keys."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import KeyScope, Role
from resolvers.api_keys import API_KEY_PREFIX
from resolvers.audit import record
from resolvers.callers import Caller, CallerKind, Proof, gate
from resolvers.tokens import hash_of
from storage.database import Database
from storage.tables.workspace import ApiKey

DEFAULT_DAYS: Final = 365
MAX_DAYS: Final = 3 * 365
MAX_NAME_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """Key as it is shown once, and its row."""

    key: str
    row: ApiKey


async def create_api_key(
    database: Database,
    caller: Caller,
    name: str,
    expires_at: datetime | None = None,
    *,
    scope: KeyScope = KeyScope.READ,
    at: datetime | None = None,
    request_id: str | None = None,
) -> NewApiKey | Problem:
    """Key that acts as the member who makes it. Only a signed-in person makes keys, so that a stolen key cannot renew itself."""
    at = at or datetime.now(UTC)
    name = name.strip()
    expires_at = expires_at or at + timedelta(days=DEFAULT_DAYS)
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        return Problem(ProblemCode.INVALID_INPUT, f"Name needs 1 to {MAX_NAME_LENGTH} printable characters.", ("input", "name"))
    if expires_at.tzinfo is None or not at < expires_at <= at + timedelta(days=MAX_DAYS):
        return Problem(ProblemCode.INVALID_INPUT, f"Expiry must lie within the next {MAX_DAYS} days.", ("input", "expiresAt"))
    async with database.write() as session:
        member = await _signed_in_member(session, caller, at)
        if member is None:
            return _NOT_SIGNED_IN
        prefix = secrets.token_hex(6)
        key = f"{API_KEY_PREFIX}{prefix}_{secrets.token_urlsafe(32)}"
        row = ApiKey(workspace_id=member[0], member_id=member[1], name=name, scope=scope, prefix=prefix, secret_hash=hash_of(key))
        row.created_at, row.expires_at = at, expires_at
        session.add(row)
        about: dict[str, Any] = {"actor": caller.actor, "at": at, "request_id": request_id, "after": scope.value}
        record(session, member[0], "api_key_created", "api_key", row.id, **about)
    return NewApiKey(key, row)


async def revoke_api_key(
    database: Database, caller: Caller, key_id: str | None, *, at: datetime | None = None, request_id: str | None = None
) -> ApiKey | Problem:
    """End a key: one's own, or as an owner anybody's. A key that has ended stays as it is."""
    at = at or datetime.now(UTC)
    async with database.write() as session:
        member = await _signed_in_member(session, caller, at)
        if member is None:
            return _NOT_SIGNED_IN
        row = await session.get(ApiKey, (member[0], UUID(key_id))) if key_id else None
        if row is None or (row.member_id != member[1] and caller.role is not Role.OWNER):
            return _NOT_FOUND
        if row.revoked_at is None:
            row.revoked_at = at
            session.add(row)
            record(session, member[0], "api_key_revoked", "api_key", row.id, actor=caller.actor, at=at, request_id=request_id)
    return row


async def _signed_in_member(session: AsyncSession, caller: Caller, at: datetime) -> tuple[UUID, UUID] | None:
    """Workspace and member of a live login session of staff."""
    if caller.kind is not CallerKind.STAFF or caller.proof is not Proof.SESSION or await gate(session, caller, at) is None:
        return None
    return UUID(caller.workspace), UUID(caller.member)


_NOT_SIGNED_IN: Final = Problem(ProblemCode.NOT_SIGNED_IN, "Live login session of a member is needed: sign in first.")
_NOT_FOUND: Final = Problem(ProblemCode.NOT_FOUND, "No API key that you may revoke has this id.", ("id",))
