"""The session cookie of browsers: read with a proof that no foreign page sent it, and written so that no script can read it."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import cookie_parser

from resolvers.browser import BrowserSession
from server.requests import HttpError

#: The prefix binds it: browsers take it from this very host over HTTPS only, and no other host of the domain can set it.
COOKIE: Final = "__Host-portico-refresh"


class Browsers:
    """Reads what a request says of its session cookie; the origins are those that may call besides our own."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origins) - {"*"}

    def session(self, headers: Mapping[str, str]) -> BrowserSession:
        """Session of a request by its headers, which are found in lower case; raises HttpError."""
        wish = headers.get("portico-session")
        if wish not in {None, "cookie"}:
            raise HttpError(400, "INVALID_REQUEST", "`Portico-Session` must be `cookie`.")
        sent = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return BrowserSession(asked=wish is not None, proven=self._proven(headers), sent=sent or None)

    def _proven(self, headers: Mapping[str, str]) -> bool:
        """Whether the page is ours or listed. No page can forge these headers; browsers without `Sec-Fetch-Site` send `Origin`."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin in self._origins:
            return True
        return site == "same-origin" if site is not None else origin is not None and origin == f"https://{headers.get('host')}"


def set_cookie(token: str, seconds: int) -> bytes:
    """Value of `Set-Cookie` for a token of so many seconds; an empty one of none clears the cookie."""
    return f"{COOKIE}={token}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Strict".encode()
