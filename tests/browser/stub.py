"""A small gateway: enough of the schema for the page's examples, sign-in, and the people of demo mode."""
# ruff: noqa: A002, ARG002 - arguments are named by the schema, and the answers here are the same for all of them

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from server.ide import ide_routes

T = TypeVar("T")
Info = strawberry.Info[dict[str, Any], None]
PEOPLE = [
    {"as": "owner", "label": "Owner", "name": "Olivia Hart", "hint": "sees everything in the workspace"},
    {"as": "coach", "label": "Coach", "name": "Carl Reyes", "hint": "sees their own clients"},
    {"as": "analyst", "label": "Analyst", "name": "Ada Singh", "hint": "sees numbers, not persons"},
    {"as": "active-client", "label": "Active client", "name": "Ana Silva", "hint": "sees their own program"},
    {"as": "frozen-client", "label": "Frozen client", "name": "Finn Olsen", "hint": "sees what they had when it froze"},
]
PASSWORD = "correct horse"


def who(authorization: str) -> str | None:
    """`Bearer owner.3` is the third token of the owner."""
    return authorization.removeprefix("Bearer ").partition(".")[0] or None


def withheld(info: Info, value: str) -> str | None:
    return None if who(info.context["authorization"]) == "analyst" else value


@strawberry.type
class PageInfo:
    has_next_page: bool = False
    end_cursor: str | None = None


@strawberry.type
class Connection(Generic[T]):
    nodes: list[T]
    page_info: PageInfo = strawberry.field(default_factory=PageInfo)

    @strawberry.field
    def total_count(self) -> int:
        return len(self.nodes)


@strawberry.enum
class ClientStatus(Enum):
    ACTIVE = "ACTIVE"
    HOT_LEAD = "HOT_LEAD"


@strawberry.enum
class ClientOrderField(Enum):
    NAME = "NAME"


@strawberry.enum
class Direction(Enum):
    ASC = "ASC"


@strawberry.input
class ClientFilter:
    status: list[ClientStatus] | None = None


@strawberry.input
class ClientOrder:
    field: ClientOrderField
    direction: Direction


@strawberry.input
class AppointmentFilter:
    upcoming: bool | None = None


@strawberry.type
class Named:
    name: str


@strawberry.type
class Document:
    title: str


@strawberry.type
class Module:
    title: str
    version: int

    @strawberry.field
    def documents(self, first: int) -> Connection[Document]:
        return Connection(nodes=[Document(title="Worksheet")])


@strawberry.type
class Appointment:
    starts_at: datetime = datetime(2026, 11, 30, 9, tzinfo=UTC)
    type: Named = strawberry.field(default_factory=lambda: Named(name="Session"))
    planned_minutes: int = 60
    actual_minutes: int | None = None
    state: str = "SCHEDULED"
    counting_status: str = "COUNTS"
    compensation: str = "PAID"


@strawberry.type
class Client:
    id: strawberry.ID
    email: str
    status: ClientStatus
    number: int = 7
    coach: Named = strawberry.field(default_factory=lambda: Named(name="Carl Reyes"))

    @strawberry.field
    def name(self, info: Info) -> str | None:
        return withheld(info, "Ana Silva")

    @strawberry.field
    def notes(self, info: Info) -> str | None:
        return withheld(info, "prefers mornings")

    @strawberry.field
    def enrollments(self, first: int) -> "Connection[Enrollment]":
        return Connection(nodes=[Enrollment()])

    @strawberry.field
    def appointments(self, first: int, filter: AppointmentFilter | None = None) -> Connection[Appointment]:
        return Connection(nodes=[Appointment()])


def ana() -> Client:
    return Client(id=strawberry.ID("Q2xpZW50OjE="), email="ana@example.org", status=ClientStatus.ACTIVE)


@strawberry.type
class Package:
    name: str = "Foundations"

    @strawberry.field
    def enrollments(self, first: int) -> "Connection[Enrollment]":
        return Connection(nodes=[Enrollment()])


@strawberry.type
class Enrollment:
    state: str = "ACTIVE"
    frozen_at: datetime | None = None
    package: Package = strawberry.field(default_factory=Package)
    client: Client = strawberry.field(default_factory=ana)

    @strawberry.field
    def modules(self, first: int) -> Connection[Module]:
        return Connection(nodes=[Module(title="Listening", version=2)])


@strawberry.type
class Account:
    username: str


@strawberry.type
class Member:
    id: strawberry.ID
    role: str
    name: str


@strawberry.type
class Viewer:
    account: Account
    member: Member | None
    client: Client = strawberry.field(default_factory=ana)
    workspace: Named = strawberry.field(default_factory=lambda: Named(name="Harbor Coaching"))


@strawberry.type
class Query:
    @strawberry.field
    def viewer(self, info: Info) -> Viewer | None:
        name = who(info.context["authorization"])
        return Viewer(account=Account(username=name), member=Member(id=strawberry.ID("1"), role=name, name=name)) if name else None

    @strawberry.field
    def clients(
        self, first: int, filter: ClientFilter | None = None, order_by: ClientOrder | None = None, search: str | None = None
    ) -> Connection[Client]:
        return Connection(nodes=[ana()])

    @strawberry.field
    def packages(self, first: int) -> Connection[Package]:
        return Connection(nodes=[Package()])

    @strawberry.field
    def appointments(self, first: int, filter: AppointmentFilter | None = None) -> Connection[Appointment]:
        return Connection(nodes=[Appointment()])


@strawberry.input
class SignInInput:
    username: str
    password: str
    workspace: str | None = None
    as_: str | None = strawberry.field(name="as", default=None)


@strawberry.type
class Problem:
    code: str
    message: str


@strawberry.type
class Workspace:
    slug: str
    name: str


@strawberry.type
class Choice:
    workspace: Workspace
    as_: str = strawberry.field(name="as")


@strawberry.type
class Tokens:
    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    choices: list[Choice] = strawberry.field(default_factory=list)
    problems: list[Problem] = strawberry.field(default_factory=list)


def tokens(name: str, number: int = 1, seconds: int = 900) -> Tokens:
    return Tokens(
        access_token=f"{name}.{number}",
        refresh_token=f"refresh {name}.{number}",
        expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
    )


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign_in(self, input: SignInInput) -> Tokens:
        """The token of `hasty` is about to end at once, and `hasty.3` cannot be refreshed."""
        if input.password != PASSWORD:
            return Tokens(problems=[Problem(code="CREDENTIALS", message="Username or password is wrong.")])
        return tokens(input.username, seconds=5 if input.username == "hasty" else 900)

    @strawberry.mutation
    def token_refresh(self, refresh_token: str) -> Tokens:
        name, number = refresh_token.removeprefix("refresh ").split(".")
        if number == "3":
            return Tokens(problems=[Problem(code="REVOKED", message="The session was revoked.")])
        return tokens(name, int(number) + 1, seconds=5)

    @strawberry.mutation
    def sign_out(self, info: Info) -> Tokens:
        if who(info.context["authorization"]) is None:
            return Tokens(problems=[Problem(code="NOT_SIGNED_IN", message="Nobody is signed in.")])
        return Tokens()


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def greetings(self, info: Info) -> AsyncIterator[str]:
        for greeting in ("hello", "goodbye"):
            yield f"{greeting} {who(info.context['connection_params'].get('Authorization', ''))}"
            await asyncio.sleep(0.01)


class Gateway(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> dict[str, Any]:
        return {"authorization": request.headers.get("authorization", "")}


async def people(_: Request) -> Response:
    return JSONResponse({"people": PEOPLE})


async def demo_sign_in(request: Request) -> Response:
    chosen = (await request.json())["as"]
    person = next(person for person in PEOPLE if person["as"] == chosen)
    given = tokens(chosen)
    assert given.expires_at is not None
    answer = {"accessToken": given.access_token, "refreshToken": given.refresh_token, "expiresAt": given.expires_at.isoformat()}
    return JSONResponse(answer | {"name": person["name"], "label": person["label"]})


def stub_app(*, demo: bool = True) -> Starlette:
    gateway = Gateway(strawberry.Schema(Query, Mutation, Subscription), graphql_ide=None)
    routes: list[BaseRoute] = [
        Route("/graphql", gateway),
        WebSocketRoute("/graphql", gateway),
        *ide_routes(demo_path="/demo" if demo else ""),
    ]
    if demo:
        routes += [Route("/demo/people", people), Route("/demo/sign-in", demo_sign_in, methods=["POST"])]
    return Starlette(routes=routes)
