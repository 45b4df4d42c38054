"""Proofs of identity: signed access tokens, opaque refresh tokens, API keys."""

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import jwt
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import Role
from resolvers.callers import Caller, CallerKind, Proof

ALGORITHM: Final = "HS256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - the type that every access token states in its header
MAX_TOKEN_LENGTH: Final = 8192
_CLOCK_DIFFERENCE: Final = 30
_REQUIRED: Final = ["iss", "aud", "exp", "iat", "jti", "sid", "sub"]
_HEX_ID: Final = re.compile(r"[0-9a-f]{32}")

K = TypeVar("K")
V = TypeVar("V")


class BadTokenCode(StrEnum):
    """Why a proof was refused."""

    MALFORMED = "MALFORMED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    WRONG_ISSUER = "WRONG_ISSUER"
    WRONG_AUDIENCE = "WRONG_AUDIENCE"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    UNKNOWN_API_KEY = "UNKNOWN_API_KEY"


class BadToken(Exception):  # noqa: N818 - the fault is the token's, and callers read it as one
    """Refused proof. Carries the code only, never the proof."""

    def __init__(self, code: BadTokenCode) -> None:
        super().__init__(code.value)
        self.code = code


class Recent(Generic[K, V]):
    """The most recently used entries, up to a number."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: K, value: V) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)

    def forget(self, key: K) -> None:
        self._entries.pop(key, None)

    def __len__(self) -> int:
        return len(self._entries)


def derive(secret: str, purpose: str) -> bytes:
    """Key for one purpose, so that one secret never signs two kinds of thing."""
    return hmac.digest(secret.encode(), f"portico {purpose}".encode(), "sha256")


class TokenCodec:
    """Writes and reads access tokens. The first secret signs, all verify: to rotate, put the new secret in front."""

    def __init__(
        self,
        secret_keys: Sequence[str],
        *,
        issuer: str = "portico",
        audience: str = "portico",
        access_seconds: int = 900,
        refresh_seconds: int = 14 * 86400,
        session_seconds: int = 30 * 86400,
        remembered: int = 4096,
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self.access_seconds = access_seconds
        self.refresh_seconds = refresh_seconds
        self.session_seconds = session_seconds
        self._keys = {derive(secret, "key id").hex()[:16]: derive(secret, "access token") for secret in secret_keys}
        self._signing_key_id = next(iter(self._keys))
        self._verified: Recent[str, Caller] = Recent(remembered)

    def issue(self, caller: Caller) -> str:
        """Access token for a login session; it never outlives `caller.expires_at`, the end of the session."""
        if caller.proof is not Proof.SESSION:
            raise ValueError("only a login session has access tokens")
        issued_at = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "iat": issued_at,
            "exp": int(min(issued_at + self.access_seconds, caller.expires_at)),
            "jti": uuid7().hex,
            "sid": caller.proof_id,
            "sub": caller.account,
            "workspace": caller.workspace,
        }
        who = {"member": caller.member, "role": caller.role} if caller.kind is CallerKind.STAFF else {"client": caller.client}
        headers = {"kid": self._signing_key_id, "typ": TOKEN_TYPE}
        return jwt.encode(claims | who, self._keys[self._signing_key_id], ALGORITHM, headers)

    def read(self, token: str) -> Caller:
        """Caller of an access token; raises BadToken. Whether the session is still live is for the gate to say."""
        caller = self._verified.get(token)
        if caller is None:
            caller = self._verify(token)
            self._verified.put(token, caller)
        if caller.expires_at <= time.time():
            self._verified.forget(token)
            raise BadToken(BadTokenCode.EXPIRED)
        return caller

    def remembered(self, token: str) -> Caller | None:
        """Caller of an access token that was read before and has not expired; None where `read` must look."""
        caller = self._verified.get(token)
        return caller if caller is not None and caller.expires_at > time.time() else None

    def _verify(self, token: str) -> Caller:
        header = unverified_header(token)
        key = self._keys.get(header.get("kid") or "")
        if key is None:
            raise BadToken(BadTokenCode.UNKNOWN_KEY)
        if header.get("typ") != TOKEN_TYPE:
            raise BadToken(BadTokenCode.MALFORMED)
        return _caller(decode(token, key, algorithms=[ALGORITHM], issuer=self.issuer, audience=self.audience, required=_REQUIRED))


def unverified_header(token: str) -> dict[str, Any]:
    """Header of a token that nobody has verified: good for finding the key, and for nothing else."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise BadToken(BadTokenCode.MALFORMED)
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise BadToken(BadTokenCode.MALFORMED) from None
    if not isinstance(header.get("kid", ""), str):
        raise BadToken(BadTokenCode.MALFORMED)
    return header


def decode(
    token: str, key: Any, *, algorithms: Sequence[str], issuer: str, audience: str, required: Sequence[str], leeway: int = 0
) -> dict[str, Any]:
    """Claims of a token whose signature, issuer, audience and instants are right; raises BadToken."""
    options: Any = {"require": list(required), "verify_iat": False, "enforce_minimum_key_length": True}
    try:
        claims = jwt.decode(token, key, algorithms=list(algorithms), issuer=issuer, audience=audience, options=options, leeway=leeway)
    except jwt.ExpiredSignatureError:
        raise BadToken(BadTokenCode.EXPIRED) from None
    except jwt.ImmatureSignatureError:
        raise BadToken(BadTokenCode.NOT_YET_VALID) from None
    except jwt.InvalidIssuerError:
        raise BadToken(BadTokenCode.WRONG_ISSUER) from None
    except jwt.InvalidAudienceError:
        raise BadToken(BadTokenCode.WRONG_AUDIENCE) from None
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError, jwt.InvalidKeyError):
        raise BadToken(BadTokenCode.BAD_SIGNATURE) from None
    except (jwt.PyJWTError, TypeError, ValueError):
        raise BadToken(BadTokenCode.MALFORMED) from None
    if not isinstance(claims["iat"], int | float):
        raise BadToken(BadTokenCode.MALFORMED)
    if claims["iat"] > time.time() + _CLOCK_DIFFERENCE:
        raise BadToken(BadTokenCode.NOT_YET_VALID)
    return claims


def _caller(claims: dict[str, Any]) -> Caller:
    """Caller of our own claims. They are signed by us; an id of another shape means another version of Portico signed them."""
    kind = CallerKind.STAFF if "member" in claims else CallerKind.CLIENT
    ids = [claims["sid"], claims["sub"], claims.get("workspace"), claims.get("member" if kind is CallerKind.STAFF else "client")]
    role = claims.get("role")
    if not all(isinstance(value, str) and _HEX_ID.fullmatch(value) for value in ids) or (str(role) in Role.__members__) != (
        kind is CallerKind.STAFF
    ):
        raise BadToken(BadTokenCode.MALFORMED)
    return Caller(
        kind=kind,
        workspace=claims["workspace"],
        account=claims["sub"],
        member=claims.get("member"),
        client=claims.get("client"),
        role=Role[claims["role"]] if kind is CallerKind.STAFF else None,
        proof=Proof.SESSION,
        proof_id=claims["sid"],
        expires_at=float(claims["exp"]),
    )


def hash_of(secret: str) -> str:
    """What is stored of a refresh token, a link or an API key; 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(workspace: str) -> str:
    """Refresh token, or token of a link.

    Workspace and 32 random bytes in base64: the workspace leads to the rows, every key of which starts with it.
    """
    return urlsafe_b64encode(bytes.fromhex(workspace) + secrets.token_bytes(32)).decode()


def workspace_of_secret(token: str) -> str | None:
    """Workspace of a refresh token or of the token of a link; None where the text is neither."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{64}", token):
        return None
    return urlsafe_b64decode(token)[:16].hex()
