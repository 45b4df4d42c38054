"""A bare strawberry + SQLModel application of five types: the least that answers a client by id. Measured for its start only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from bench.contenders.environment import DATABASE_URL, WORKSPACE_ID


class Owned(SQLModel):
    workspace_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)


class MemberRow(Owned, table=True):
    __tablename__ = "member"
    name: str


class ClientRow(Owned, table=True):
    __tablename__ = "client"
    number: int
    name: str
    email: str | None
    status: str
    created_at: datetime
    coach_id: UUID


class PackageRow(Owned, table=True):
    __tablename__ = "package"
    name: str


class EnrollmentRow(Owned, table=True):
    __tablename__ = "enrollment"
    client_id: UUID
    package_id: UUID
    state: str
    enrolled_at: datetime


class AppointmentRow(Owned, table=True):
    __tablename__ = "appointment"
    client_id: UUID
    starts_at: datetime
    planned_minutes: int
    state: str


Record = TypeVar("Record", bound=Owned)
engine = create_async_engine(DATABASE_URL.replace("sqlite://", "sqlite+aiosqlite://").replace("postgresql://", "postgresql+asyncpg://"))


def _owned(table: type[Record]) -> SelectOfScalar[Record]:
    return select(table).where(table.workspace_id == WORKSPACE_ID)


@strawberry.type
class Coach:
    id: strawberry.ID
    name: str


@strawberry.type
class Package:
    id: strawberry.ID
    name: str


@strawberry.type
class Enrollment:
    id: strawberry.ID
    state: str
    enrolled_at: datetime
    package_id: strawberry.Private[UUID]

    @strawberry.field
    async def package(self) -> Package:
        async with AsyncSession(engine) as session:
            row = (await session.exec(_owned(PackageRow).where(PackageRow.id == self.package_id))).one()
        return Package(id=strawberry.ID(str(row.id)), name=row.name)


@strawberry.type
class Appointment:
    id: strawberry.ID
    starts_at: datetime
    planned_minutes: int
    state: str


@strawberry.type
class Client:
    id: strawberry.ID
    number: int
    name: str
    email: str | None
    status: str
    created_at: datetime
    key: strawberry.Private[UUID]
    coach_id: strawberry.Private[UUID]

    @strawberry.field
    async def coach(self) -> Coach:
        async with AsyncSession(engine) as session:
            row = (await session.exec(_owned(MemberRow).where(MemberRow.id == self.coach_id))).one()
        return Coach(id=strawberry.ID(str(row.id)), name=row.name)

    @strawberry.field
    async def enrollments(self, first: int) -> list[Enrollment]:
        chosen = _owned(EnrollmentRow).where(EnrollmentRow.client_id == self.key).order_by(col(EnrollmentRow.enrolled_at).desc())
        async with AsyncSession(engine) as session:
            rows = (await session.exec(chosen.limit(first))).all()
        return [Enrollment(id=strawberry.ID(str(r.id)), state=r.state, enrolled_at=r.enrolled_at, package_id=r.package_id) for r in rows]

    @strawberry.field
    async def appointments(self, first: int) -> list[Appointment]:
        chosen = _owned(AppointmentRow).where(AppointmentRow.client_id == self.key).order_by(col(AppointmentRow.starts_at).desc())
        async with AsyncSession(engine) as session:
            rows = (await session.exec(chosen.limit(first))).all()
        return [
            Appointment(id=strawberry.ID(str(r.id)), starts_at=r.starts_at, planned_minutes=r.planned_minutes, state=r.state) for r in rows
        ]


@strawberry.type
class Query:
    @strawberry.field
    async def client(self, id: strawberry.ID) -> Client | None:  # noqa: A002
        async with AsyncSession(engine) as session:
            row = (await session.exec(_owned(ClientRow).where(ClientRow.id == UUID(id)))).one_or_none()
        if row is None:
            return None
        return Client(
            id=strawberry.ID(str(row.id)),
            number=row.number,
            name=row.name,
            email=row.email,
            status=row.status,
            created_at=row.created_at,
            key=row.id,
            coach_id=row.coach_id,
        )


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = Starlette(routes=[Route("/graphql", GraphQL(strawberry.Schema(Query), graphql_ide=None))], lifespan=lifespan)
