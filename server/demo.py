"""One-click sign-in as the people of the demo data; served in demo mode only."""

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resolvers.demo import NoDemoPersonError, sign_in_as
from resolvers.tokens import TokenCodec
from server.requests import HttpError, body_of
from storage.database import Database
from storage.demo.people import DEMO_PEOPLE

#: Those whose view is worth a click, in the order of the page.
SHOWN: Final = ("owner", "coach", "assistant", "accountant", "analyst", "active-client", "frozen-client", "hot-lead", "buyer")
_NO_STORE: Final = {"Cache-Control": "no-store"}


def demo_routes(database: Database, tokens: TokenCodec) -> list[Route]:
    """Routes of the sign-in bar: who there is, and a login as one of them."""

    async def people(_: Request) -> Response:
        found = [{"as": name, "label": _role(name), "name": _person(name), "hint": DEMO_PEOPLE[name].hint} for name in SHOWN]
        return JSONResponse({"people": found}, headers=_NO_STORE)

    async def sign_in(request: Request) -> Response:
        name = await _wanted(request)
        if name is None:
            return JSONResponse({"message": 'Send `{"as": "owner"}` or another of the names of /demo/people.'}, 400, headers=_NO_STORE)
        try:
            made = await sign_in_as(database, tokens, name)
        except NoDemoPersonError:
            return JSONResponse({"message": "This database does not hold the demo data."}, 404, headers=_NO_STORE)
        body = {
            "accessToken": made.access_token,
            "refreshToken": made.refresh_token,
            "expiresAt": made.expires_at.isoformat(),
            "name": _person(name),
            "label": _role(name),
        }
        return JSONResponse(body, headers=_NO_STORE)

    return [Route("/demo/people", people), Route("/demo/sign-in", sign_in, methods=["POST"])]


async def _wanted(request: Request) -> str | None:
    """Name in the body, which must be JSON so that no foreign page can send it."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    try:
        sent: Any = orjson.loads(await body_of(request.receive))
    except (HttpError, orjson.JSONDecodeError):
        return None
    name = sent.get("as") if isinstance(sent, dict) else None
    return name if isinstance(name, str) and name in SHOWN else None


def _person(name: str) -> str:
    return DEMO_PEOPLE[name].label.partition(",")[0]


def _role(name: str) -> str:
    return DEMO_PEOPLE[name].label.partition(", ")[2].capitalize()
