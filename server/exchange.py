"""A request over HTTP and its answer: what is read of the headers, and what is told beside the body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.types import Send

from resolvers.browser import BrowserSession
from server.cookies import set_cookie
from server.logs import RequestNotes

RESPONSE_JSON: Final = b"application/graphql-response+json"
#: Headers that anything here looks at.
READ_HEADERS: Final = frozenset(
    {
        b"accept",
        b"authorization",
        b"content-type",
        b"cookie",
        b"host",
        b"idempotency-key",
        b"origin",
        b"portico-cost",
        b"portico-reason",
        b"portico-session",
        b"portico-workspace",
        b"sec-fetch-site",
        b"x-forwarded-for",
    }
)


@dataclass(slots=True)
class Exchange:
    """A request over HTTP and its answer: the headers that were sent, the address they came from, and what is told beside the body."""

    headers: Mapping[str, str]
    address: str
    request_id: str
    notes: RequestNotes
    more: list[tuple[bytes, bytes]] = field(default_factory=list)  # headers of the answer
    browser: BrowserSession = field(default_factory=BrowserSession)

    @property
    def modern(self) -> bool:
        """Whether the client understands statuses."""
        return RESPONSE_JSON.decode() in self.headers.get("accept", "")

    @property
    def wants_cost(self) -> bool:
        return "portico-cost" in self.headers

    async def send(self, send: Send, status: int, body: bytes) -> None:
        """Send the answer."""
        media = RESPONSE_JSON + b"; charset=utf-8" if self.modern else b"application/json; charset=utf-8"
        headers = [
            (b"content-type", media),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *self.more,
        ]
        if self.browser.left is not None:
            headers.append((b"set-cookie", set_cookie(*self.browser.left)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
