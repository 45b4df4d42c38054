"""Strawberry as its documentation advises: a DataLoader per relation, raw asyncpg rows, parsed and validated documents cached, orjson."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from bench.contenders.environment import DATABASE_URL, POOL_SIZE, WORKSPACE_ID
from bench.contenders.pool import Pool

CLIENT = "SELECT id, number, name, email, phone, status, created_at, coach_id FROM client c WHERE workspace_id = $1"
REACHABLE = "data_state NOT IN ('CONTACT_DELETED', 'ERASED')"
PACKAGE = "SELECT id, name FROM package WHERE workspace_id = $1"
ENROLLMENTS = """
SELECT k.parent, e.id, e.state, e.enrolled_at, e.client_id, e.package_id
FROM unnest($2::uuid[], $3::int[]) AS k(parent, first)
CROSS JOIN LATERAL (
  SELECT * FROM enrollment WHERE workspace_id = $1 AND {key} = k.parent AND state <> 'DELETED'
  ORDER BY enrolled_at {way}, id {way} LIMIT k.first) e
ORDER BY k.parent, e.enrolled_at {way}, e.id {way}
"""
APPOINTMENTS = """
SELECT k.parent, a.id, a.starts_at, a.planned_minutes, a.state, a.type_id
FROM unnest($2::uuid[], $3::int[]) AS k(parent, first)
CROSS JOIN LATERAL (
  SELECT * FROM appointment WHERE workspace_id = $1 AND client_id = k.parent AND state <> 'REMOVED'
  ORDER BY starts_at DESC, id DESC LIMIT k.first) a
ORDER BY k.parent, a.starts_at DESC, a.id DESC
"""

Item = TypeVar("Item")
PageKey: TypeAlias = tuple[UUID, int]
pool = Pool[asyncpg.Connection]()


async def rows(statement: str, *parameters: Any) -> list[asyncpg.Record]:
    async with pool.connection() as connection:
        return await connection.fetch(statement, WORKSPACE_ID, *parameters)


def one(statement: str, build: Callable[[asyncpg.Record], Item]) -> DataLoader[UUID, Item]:
    """Loader of rows by id."""

    async def load(ids: list[UUID]) -> Sequence[Item]:
        found = {row["id"]: build(row) for row in await rows(f"{statement} AND id = ANY($2)", ids)}
        return [found[i] for i in ids]

    return DataLoader(load)


def page(statement: str, build: Callable[[asyncpg.Record], Item]) -> DataLoader[PageKey, list[Item]]:
    """Loader of the first rows under each parent."""

    async def load(keys: list[PageKey]) -> Sequence[list[Item]]:
        found: dict[UUID, list[Item]] = {parent: [] for parent, _ in keys}
        for row in await rows(statement, [parent for parent, _ in keys], [first for _, first in keys]):
            found[row["parent"]].append(build(row))
        return [found[parent] for parent, _ in keys]

    return DataLoader(load)


class Loaders:
    """Loaders of one request."""

    def __init__(self) -> None:
        self.coach = one("SELECT id, name FROM member WHERE workspace_id = $1", lambda r: Coach(id=_id(r["id"]), name=r["name"]))
        self.type = one("SELECT id, name FROM appointment_type WHERE workspace_id = $1", lambda r: AppointmentType(name=r["name"]))
        self.package = one(PACKAGE, Package.of)
        self.client = one(CLIENT, Client.of)
        self.enrollments_of_client = page(ENROLLMENTS.format(key="client_id", way="DESC"), Enrollment.of)
        self.enrollments_of_package = page(ENROLLMENTS.format(key="package_id", way="ASC"), Enrollment.of)
        self.appointments = page(APPOINTMENTS, Appointment.of)


Info: TypeAlias = strawberry.Info[Loaders, None]


def _id(value: UUID) -> strawberry.ID:
    return strawberry.ID(str(value))


@strawberry.type
class Coach:
    id: strawberry.ID
    name: str


@strawberry.type
class AppointmentType:
    name: str


@strawberry.type
class Appointment:
    id: strawberry.ID
    starts_at: datetime
    planned_minutes: int
    state: str
    type_id: strawberry.Private[UUID]

    @staticmethod
    def of(row: asyncpg.Record) -> Appointment:
        return Appointment(
            id=_id(row["id"]),
            starts_at=row["starts_at"],
            planned_minutes=row["planned_minutes"],
            state=row["state"],
            type_id=row["type_id"],
        )

    @strawberry.field
    async def type(self, info: Info) -> AppointmentType:
        return await info.context.type.load(self.type_id)


@strawberry.type
class Enrollment:
    id: strawberry.ID
    state: str
    enrolled_at: datetime
    client_id: strawberry.Private[UUID]
    package_id: strawberry.Private[UUID]

    @staticmethod
    def of(row: asyncpg.Record) -> Enrollment:
        return Enrollment(
            id=_id(row["id"]),
            state=row["state"],
            enrolled_at=row["enrolled_at"],
            client_id=row["client_id"],
            package_id=row["package_id"],
        )

    @strawberry.field
    async def client(self, info: Info) -> Client:
        return await info.context.client.load(self.client_id)

    @strawberry.field
    async def package(self, info: Info) -> Package:
        return await info.context.package.load(self.package_id)


@strawberry.type
class Package:
    id: strawberry.ID
    name: str
    key: strawberry.Private[UUID]

    @staticmethod
    def of(row: asyncpg.Record) -> Package:
        return Package(id=_id(row["id"]), name=row["name"], key=row["id"])

    @strawberry.field
    async def enrollments(self, info: Info, first: int) -> list[Enrollment]:
        return await info.context.enrollments_of_package.load((self.key, first))


@strawberry.type
class Client:
    id: strawberry.ID
    number: int
    name: str
    email: str | None
    phone: str | None
    status: str
    created_at: datetime
    key: strawberry.Private[UUID]
    coach_id: strawberry.Private[UUID]

    @staticmethod
    def of(row: asyncpg.Record) -> Client:
        return Client(
            id=_id(row["id"]),
            number=row["number"],
            name=row["name"],
            email=row["email"],
            phone=row["phone"],
            status=row["status"],
            created_at=row["created_at"],
            key=row["id"],
            coach_id=row["coach_id"],
        )

    @strawberry.field
    async def coach(self, info: Info) -> Coach:
        return await info.context.coach.load(self.coach_id)

    @strawberry.field
    async def enrollments(self, info: Info, first: int) -> list[Enrollment]:
        return await info.context.enrollments_of_client.load((self.key, first))

    @strawberry.field
    async def appointments(self, info: Info, first: int) -> list[Appointment]:
        return await info.context.appointments.load((self.key, first))


@strawberry.type
class Query:
    @strawberry.field
    async def client(self, info: Info, id: strawberry.ID) -> Client | None:  # noqa: A002
        return await info.context.client.load(UUID(id))

    @strawberry.field
    async def clients(self, first: int, status: str) -> list[Client]:
        found = await rows(f"{CLIENT} AND status = $3 AND {REACHABLE} ORDER BY sort_name, id LIMIT $2", first, status)
        return [Client.of(row) for row in found]

    @strawberry.field
    async def packages(self, first: int) -> list[Package]:
        return [Package.of(row) for row in await rows(f"{PACKAGE} ORDER BY name, id LIMIT $2", first)]


class View(GraphQL[Loaders, None]):
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Loaders:  # noqa: ARG002
        return Loaders()

    def encode_json(self, data: object) -> str | bytes:
        return orjson.dumps(data)


async def connect() -> asyncpg.Connection:
    return await asyncpg.connect(DATABASE_URL)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    await pool.fill(POOL_SIZE, connect)
    yield
    await pool.drain(asyncpg.Connection.close)


schema = strawberry.Schema(Query, extensions=[ParserCache, ValidationCache])
app = Starlette(routes=[Route("/graphql", View(schema, graphql_ide=None))], lifespan=lifespan)
