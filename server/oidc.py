"""Tokens of an external identity provider: its key set, and the account each subject stands for."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jwt
import orjson
import structlog

from resolvers.callers import Caller, Proof, fetch
from resolvers.standings import choose, standings
from resolvers.tokens import BadToken, BadTokenCode, Recent, decode, unverified_header
from server.settings import Settings
from storage.database import Database

if TYPE_CHECKING:
    import httpx2

#: The one algorithm a key of each kind is used with: what a token says about itself is compared, never believed.
_ALGORITHM_OF: Final = {("RSA", None): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
#: What a token of the provider may be: a logout token or a proof of possession has its keys, its issuer and its subject, too.
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_REQUIRED: Final = ["iss", "aud", "exp", "iat", "sub"]
_CLOCK_DIFFERENCE: Final = 30
_MAX_KEY_SET: Final = 256 * 1024
_MAX_KEYS: Final = 100
_KEEP_SECONDS: Final = 86400  # how long keys are used whose provider does not answer
_MAX_SUBJECT_LENGTH: Final = 255
_ACCOUNT: Final = "SELECT account_id FROM external_identity WHERE issuer = :issuer AND subject = :subject"


class KeysUnavailableError(Exception):
    """The provider's key set cannot be had now."""


class ChooseWorkspaceError(Exception):
    """Several places are open to the account, and the request does not say which."""


class NoAccessError(Exception):
    """The token is good, and nothing is open to its subject here."""


@dataclass(frozen=True, slots=True)
class Key:
    """Public key and the algorithm it is used with."""

    public: Any
    algorithm: str


class KeySet:
    """Public keys by id. An unknown id makes it look again, but not more often than every `refresh_seconds`, whatever anybody sends."""

    def __init__(
        self,
        source: str | Path,
        *,
        refresh_seconds: float = 30,
        trust_seconds: float = 3600,
        timeout: float = 5,
        transport: "httpx2.AsyncBaseTransport | None" = None,
    ) -> None:
        self._source = source
        self._refresh_seconds = refresh_seconds
        self._trust_seconds = trust_seconds
        self._timeout = timeout
        self._transport = transport
        self._keys: dict[str, Key] = {}
        self._tried_at = -float("inf")
        self._loaded_at = -float("inf")
        self._loading = asyncio.Lock()

    async def key(self, key_id: str) -> Key:
        """Key of an id; raises BadToken where the provider has none of it, KeysUnavailableError where nobody can say."""
        if self._should_look(key_id):
            async with self._loading:
                if self._should_look(key_id):
                    await self._load()
        if self._loaded_at + _KEEP_SECONDS < time.monotonic():
            raise KeysUnavailableError
        if key_id not in self._keys:
            raise BadToken(BadTokenCode.UNKNOWN_KEY)
        return self._keys[key_id]

    def _should_look(self, key_id: str) -> bool:
        return key_id not in self._keys or self._loaded_at + self._trust_seconds < time.monotonic()

    async def _load(self) -> None:
        """Keys anew; those at hand stay where the provider does not answer."""
        if self._tried_at + self._refresh_seconds > time.monotonic():
            return
        self._tried_at = time.monotonic()
        try:
            self._keys = read_keys(await self._read())
            self._loaded_at = time.monotonic()
        except (OSError, ValueError) as error:
            structlog.get_logger("portico.oidc").warning(
                "key_set_unavailable", error=str(error) if type(error) is OSError else type(error).__name__, keys=len(self._keys)
            )

    async def _read(self) -> bytes:
        if isinstance(self._source, Path):
            return await asyncio.to_thread(self._source.read_bytes)
        import httpx2  # noqa: PLC0415 - only a gateway with an external provider waits for this import

        try:
            async with (
                asyncio.timeout(self._timeout),
                httpx2.AsyncClient(timeout=self._timeout, transport=self._transport) as client,
                client.stream("GET", self._source, headers={"Accept": "application/json"}) as response,
            ):
                response.raise_for_status()
                body = b""
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > _MAX_KEY_SET:
                        raise ValueError("the key set is too large")
                return body
        except httpx2.HTTPError as error:
            raise OSError(type(error).__name__) from None


def read_keys(body: bytes) -> dict[str, Key]:
    """Keys of a JSON Web Key Set that can verify signatures; the others, and those without an id, are passed over."""
    document = orjson.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("this is no key set")
    found: dict[str, Key] = {}
    for entry in document["keys"][:_MAX_KEYS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
            continue
        algorithm = _ALGORITHM_OF.get((str(entry.get("kty")), entry.get("crv")))
        if algorithm is None or entry.get("alg", algorithm) != algorithm:
            continue
        try:
            found[entry["kid"]] = Key(jwt.PyJWK(entry, algorithm).key, algorithm)
        except jwt.PyJWTError:
            continue
    return found


class IdentityProvider:
    """Reads tokens of one issuer. The subject stands for an account by a row that staff made; a token alone makes nobody known."""

    def __init__(
        self, database: Database, keys: KeySet, *, issuer: str, audience: str, algorithms: Sequence[str], seconds: int = 60
    ) -> None:
        self._database = database
        self._keys = keys
        self.issuer = issuer
        self._audience = audience
        self._algorithms = tuple(algorithms)
        self._seconds = seconds
        self._verified: Recent[tuple[str, str | None], tuple[Caller, float]] = Recent(1024)

    @classmethod
    def of(cls, settings: Settings, database: Database) -> "IdentityProvider | None":
        source = settings.oidc_jwks_file or settings.oidc_jwks_url
        if settings.oidc_issuer is None or settings.oidc_audience is None or source is None:
            return None
        keys = KeySet(source)
        return cls(database, keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience, algorithms=settings.oidc_algorithms)

    async def read(self, token: str, workspace: str | None) -> Caller:
        """Caller of a token at the wanted workspace; raises BadToken, NoAccessError, ChooseWorkspaceError, KeysUnavailableError."""
        known = self._verified.get((token, workspace))
        if known is None or known[1] <= time.monotonic():
            known = (await self._verify(token, workspace), time.monotonic() + self._seconds)
            self._verified.put((token, workspace), known)
        if known[0].expires_at <= time.time():
            raise BadToken(BadTokenCode.EXPIRED)
        return known[0]

    def forget(self, token: str, workspace: str | None) -> None:
        """Look anew next time, because the gate refused what was remembered."""
        self._verified.forget((token, workspace))

    async def _verify(self, token: str, workspace: str | None) -> Caller:
        header = unverified_header(token)
        if header.get("alg") not in self._algorithms:
            raise BadToken(BadTokenCode.BAD_SIGNATURE)
        if str(header.get("typ", "jwt")).lower() not in _TYPES:
            raise BadToken(BadTokenCode.MALFORMED)
        key = await self._keys.key(header.get("kid") or "")
        claims = decode(
            token,
            key.public,
            algorithms=[key.algorithm] if key.algorithm in self._algorithms else [],
            issuer=self.issuer,
            audience=self._audience,
            required=_REQUIRED,
            leeway=_CLOCK_DIFFERENCE,
        )
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject.isprintable() or not 1 <= len(subject) <= _MAX_SUBJECT_LENGTH:
            raise BadToken(BadTokenCode.MALFORMED)
        return await self._caller(subject, float(claims["exp"]), workspace)

    async def _caller(self, subject: str, expires_at: float, workspace: str | None) -> Caller:
        async with self._database.read() as reader:
            rows: Any = await fetch(reader, _ACCOUNT, {"issuer": self.issuer, "subject": subject})
        places = choose(await standings(self._database, rows[0][0], datetime.now(UTC)), workspace) if rows else []
        if not places:
            raise NoAccessError
        if len(places) > 1:
            raise ChooseWorkspaceError
        return places[0].caller(Proof.IDENTITY, f"{self.issuer} {subject}", expires_at)
