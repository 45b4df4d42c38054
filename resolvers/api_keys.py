"""Keys of servers: `ptc_<prefix>_<secret>`, of which the prefix and a hash are stored."""

import hmac
import re
import time
from math import inf
from time import monotonic
from typing import Any, Final

from lifecycle.vocabulary import KeyScope, Role
from resolvers.callers import Caller, CallerKind, Proof, fetch
from resolvers.tokens import BadToken, BadTokenCode, Recent, hash_of
from storage.database import Database
from storage.instants import instant_of

API_KEY_PREFIX: Final = "ptc_"

_SHAPE: Final = re.compile(rf"{API_KEY_PREFIX}([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}")
_BY_PREFIX: Final = (
    "SELECT k.secret_hash, k.id, k.workspace_id, k.member_id, k.expires_at, k.scope, m.account_id, m.role"
    " FROM api_key k JOIN member m ON m.workspace_id = k.workspace_id AND m.id = k.member_id WHERE k.prefix = :prefix"
)


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
        if known is None or known[1] <= monotonic():
            known = (await self._look_up(key, digest), monotonic() + self._seconds)
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
        _, key_id, workspace, member, expires_at, scope, account, role = rows[0]
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
            scope=KeyScope[scope],
        )
