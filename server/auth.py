"""Who sends a request: the caller that the `Authorization` header proves."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from resolvers.api_keys import API_KEY_PREFIX, ApiKeys
from resolvers.callers import ANONYMOUS, Caller
from resolvers.tokens import BadToken, BadTokenCode, TokenCodec
from server.oidc import ChooseWorkspaceError, IdentityProvider, KeysUnavailableError, NoAccessError

MAX_REASON_LENGTH: Final = 500


class AuthCode(StrEnum):
    """Why a proof was not accepted."""

    INVALID = "INVALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    NO_ACCESS = "NO_ACCESS"
    CHOOSE_WORKSPACE = "CHOOSE_WORKSPACE"
    UNAVAILABLE = "UNAVAILABLE"


_MESSAGES: Final = {
    AuthCode.INVALID: "Authorization header holds no valid token or API key.",
    AuthCode.EXPIRED: "Token has expired: refresh it or sign in again.",
    AuthCode.REVOKED: "Login is no longer valid: sign in again.",
    AuthCode.NO_ACCESS: "Nothing is open to this identity here.",
    AuthCode.CHOOSE_WORKSPACE: "Several workspaces are open to this identity: name one in the Portico-Workspace header.",
    AuthCode.UNAVAILABLE: "Identity provider cannot be asked at the moment: try again in a few seconds.",
}


#: The next token will do. One of an instant that is still to come is from before the clock was set back, here or where it was made.
_OVER: Final = frozenset({BadTokenCode.EXPIRED, BadTokenCode.NOT_YET_VALID})


class AuthError(Exception):
    """Proof that was not accepted; the answer is a GraphQL error with `extensions.code` UNAUTHENTICATED. Holds nothing that was sent."""

    def __init__(self, code: AuthCode) -> None:
        super().__init__(_MESSAGES[code])
        self.code = code
        self.message = _MESSAGES[code]


class Authenticator:
    """Reads the proof of a request. That it is still live is checked in the first statement that runs for the caller."""

    def __init__(self, codec: TokenCodec, api_keys: ApiKeys, identities: IdentityProvider | None = None) -> None:
        self._codec = codec
        self._api_keys = api_keys
        self._identities = identities

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """Caller of a request by its headers, which are found in lower case; raises AuthError."""
        authorization = headers.get("authorization")
        if authorization is None:
            return ANONYMOUS
        caller = self._codec.remembered(authorization[len("Bearer ") :])
        if caller is None or not authorization.startswith("Bearer "):
            caller = await self._caller(_bearer(authorization), _wanted_workspace(headers))
        reason = headers.get("portico-reason")
        return caller if reason is None else replace(caller, reason=" ".join(reason.split())[:MAX_REASON_LENGTH] or None)

    def forget(self, headers: Mapping[str, str]) -> None:
        """Drop what is remembered of a proof that the gate has refused, so that a changed role or mapping is seen at once."""
        token = _bearer(headers.get("authorization", ""))
        self._api_keys.forget(token)
        if self._identities is not None:
            self._identities.forget(token, _wanted_workspace(headers))

    async def _caller(self, token: str, workspace: str | None) -> Caller:
        try:
            if token.startswith(API_KEY_PREFIX):
                return await self._api_keys.read(token)
            try:
                return self._codec.read(token)
            except BadToken as bad:
                if self._identities is None or bad.code is not BadTokenCode.UNKNOWN_KEY:
                    raise
            return await self._identities.read(token, workspace)
        except BadToken as bad:
            raise AuthError(AuthCode.EXPIRED if bad.code in _OVER else AuthCode.INVALID) from None
        except NoAccessError:
            raise AuthError(AuthCode.NO_ACCESS) from None
        except ChooseWorkspaceError:
            raise AuthError(AuthCode.CHOOSE_WORKSPACE) from None
        except KeysUnavailableError:
            raise AuthError(AuthCode.UNAVAILABLE) from None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or not token.isascii() or not token.isprintable() or " " in token:
        raise AuthError(AuthCode.INVALID)
    return token


def _wanted_workspace(headers: Mapping[str, str]) -> str | None:
    return (headers.get("portico-workspace") or "").strip() or None
