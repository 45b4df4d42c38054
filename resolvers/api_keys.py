"""Keys of servers: `ptc_<prefix>_<secret>`, of which the prefix and a hash are stored."""

import hmac
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import Role
from resolvers.audit import record
from resolvers.callers import Caller, CallerKind, Proof, fetch, gate
from resolvers.tokens import BadToken, BadTokenCode, Recent, hash_of
from storage.database import Database
from storage.instants import instant_of
from storage.tables.workspace import ApiKey

API_KEY_PREFIX: Final = "ptc_"
DEFAULT_DAYS: Final = 365
MAX_DAYS: Final = 3 * 365
MAX_NAME_LENGTH: Final = 100

_SHAPE: Final = re.compile(rf"{API_KEY_PREFIX}([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}")
_BY_PREFIX: Final = (
    "SELECT k.secret_hash, k.id, k.workspace_id, k.member_id, k.expires_at, m.account_id, m.role"
    " FROM api_key k JOIN member m ON m.workspace_id = k.workspace_id AND m.id = k.member_id WHERE k.prefix = :prefix"
)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """Key as it is shown once, and its row."""

    key: str
    row: ApiKey


class ApiKeys:
    """Reads API keys. A verified key is remembered for a short while; whether it is still live is for the gate to say."""

    def __init__(self, database: Database, *, remembered: int = 1024, seconds: int = 60) -> None:
        self._database = database
        self._seconds = seconds
        self._verified: Recent[str, tuple[Caller, float]] = Recent(remembered)

    async def read(self, key: str) -> Caller:
        """Caller of an API key; raises BadToken."""
        digest = hash_of(key)
        known = self._verified.get(digest)
        if known is None or known[1] <= time.time():
            known = (await self._look_up(key, digest), time.time() + self._seconds)
            self._verified.put(digest, known)
        caller = known[0]
        if caller.expires_at <= time.time():
            raise BadToken(BadTokenCode.EXPIRED)
        return caller

    def forget(self, key: str) -> None:
        """Look the key up anew next time, because the gate refused what was remembered: its member may have another role now."""
        self._verified.forget(hash_of(key))

    async def _look_up(self, key: str, digest: str) -> Caller:
        match = _SHAPE.fullmatch(key)
        if match is None:
            raise BadToken(BadTokenCode.MALFORMED)
        async with self._database.read() as reader:
            rows: Any = await fetch(reader, _BY_PREFIX, {"prefix": match[1]})
        if not hmac.compare_digest(rows[0][0] if rows else "0" * 64, digest):
            raise BadToken(BadTokenCode.UNKNOWN_API_KEY)
        _, key_id, workspace, member, expires_at, account, role = rows[0]
        return Caller(
            kind=CallerKind.STAFF,
            workspace=workspace,
            account=account,
            member=member,
            client=None,
            role=Role[role],
            proof=Proof.API_KEY,
            proof_id=key_id,
            expires_at=inf if expires_at is None else instant_of(expires_at).timestamp(),
        )


async def create_api_key(
    database: Database,
    caller: Caller,
    name: str,
    expires_at: datetime | None = None,
    *,
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
        row = ApiKey(workspace_id=member[0], member_id=member[1], name=name, prefix=prefix, secret_hash=hash_of(key))
        row.created_at, row.expires_at = at, expires_at
        session.add(row)
        record(session, member[0], "api_key_created", "api_key", row.id, actor=caller.actor, at=at, request_id=request_id)
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
