"""The running gateway as its callers meet it: one application for each engine, spoken to over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import httpx2
from pydantic import SecretStr
from sqlmodel import SQLModel, col, select

from lifecycle.vocabulary import ClientStatus, Role
from resolvers.callers import Caller, CallerKind, Proof
from server.app import create_app
from server.settings import Environment, Settings
from storage.database import Database
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent
from storage.tables.workspace import Account, LoginSession, Member, Workspace

#: Long ago, so that everything dated around it is past for whoever runs the tests.
T0 = datetime(2025, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def day(number: float) -> datetime:
    """Instant so many days after T0."""
    return T0 + timedelta(days=number)


class Site:
    """Gateway over one database."""

    def __init__(self, settings: Settings, database: Database, http: httpx2.AsyncClient) -> None:
        self.database = database
        self._codec = settings.token_codec()
        self.secret = settings.secret_keys[0].get_secret_value().encode()
        self.http = http
        self.number = 0

    async def send(self, token: str | None, query: str, headers: dict[str, str] | None = None, **variables: Any) -> httpx2.Response:
        sent = {"accept": "application/graphql-response+json", **(headers or {})}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        return await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=sent)

    async def get(self, path: str) -> httpx2.Response:
        """What stands at a path that is not GraphQL's."""
        return await self.http.get(path)

    async def ask(self, token: str | None, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        """Whole answer."""
        return (await self.send(token, query, headers, **variables)).json()

    async def data(self, token: str | None, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        """Data of an answer without errors."""
        answer = await self.ask(token, query, headers, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def code(self, token: str | None, query: str, **variables: Any) -> str:
        """Code of a refusal that says nothing else."""
        answer = await self.ask(token, query, **variables)
        assert list(answer) == ["errors"], answer
        [error] = answer["errors"]
        return str(error["extensions"]["code"])

    async def put(self, *rows: SQLModel) -> None:
        """Insert rows in their order, those of one kind that follow each other together."""
        async with self.database.write() as session:
            for _, alike in groupby(rows, type):
                session.add_all(alike)
                await session.flush()

    async def change(self, kind: type[Any], row: Any, **values: Any) -> None:
        """Change a row behind everybody's back."""
        async with self.database.write() as session:
            found = await session.get(kind, (row.workspace_id, row.id) if hasattr(row, "workspace_id") else row.id)
            for name, value in values.items():
                setattr(found, name, value)
            session.add(found)

    async def reasons(self, workspace: Workspace) -> list[tuple[str, str | None]]:
        """Actor and reason of every reading with a reason."""
        async with self.database.write() as session:
            asked = select(AuditEvent).where(col(AuditEvent.workspace_id) == workspace.id, col(AuditEvent.action) == "read_with_reason")
            return [(event.actor, event.reason) for event in (await session.exec(asked.order_by(col(AuditEvent.id)))).all()]

    async def workspace(self, name: str) -> Workspace:
        self.number += 1
        row = Workspace(name=name, slug=f"{name}-{self.number}")
        await self.put(row)
        return row

    async def account(self) -> Account:
        self.number += 1
        row = Account(username=f"person {self.number}")
        await self.put(row)
        return row

    async def member(self, workspace: Workspace, role: Role, account: Account | None = None, **more: Any) -> Member:
        account = account or await self.account()
        given: dict[str, Any] = {"name": f"Member {self.number}", "email": "team@example.org"}
        row = Member(workspace_id=workspace.id, account_id=account.id, role=role, **given | more)
        await self.put(row)
        return row

    async def team(self, workspace: Workspace, **more: Role) -> tuple[dict[str, Member], dict[str, str]]:
        """Member of every role, and `more`, with their tokens, in one transaction: many tests begin with it."""
        members: dict[str, Member] = {}
        accounts, sessions, tokens = [], [], {}
        for name, role in ({role.value: role for role in Role} | more).items():
            self.number += 1
            accounts.append(Account(username=f"person {self.number}"))
            about: dict[str, Any] = {"name": f"Member {self.number}", "email": "team@example.org", "account_id": accounts[-1].id}
            members[name] = Member(workspace_id=workspace.id, role=role, **about)
            tokens[name], session = self.signed_in(members[name])
            sessions.append(session)
        await self.put(*accounts, *members.values(), *sessions)
        return members, tokens

    async def client(
        self, coach: Member, status: ClientStatus = ClientStatus.ACTIVE, account: Account | None = None, **more: Any
    ) -> Client:
        account = account or await self.account()
        self.number += 1
        given: dict[str, Any] = {
            "name": f"Client {self.number}",
            "sort_name": f"client {self.number}",
            "status_since": day(-100),
            "number": self.number,
        }
        row = Client(workspace_id=coach.workspace_id, account_id=account.id, coach_id=coach.id, status=status, **given | more)
        await self.put(row)
        return row

    async def login(self, person: Member | Client) -> tuple[str, LoginSession]:
        """Access token of a person, and its session."""
        token, row = self.signed_in(person)
        await self.put(row)
        return token, row

    def signed_in(self, person: Member | Client) -> tuple[str, LoginSession]:
        """Access token of a person, and its session, which is still to be put."""
        assert person.account_id is not None
        row = LoginSession(
            workspace_id=person.workspace_id, account_id=person.account_id, expires_at=datetime.now(UTC) + timedelta(hours=1)
        )
        staff = isinstance(person, Member)
        row.member_id, row.client_id = (person.id, None) if staff else (None, person.id)
        caller = Caller(
            kind=CallerKind.STAFF if staff else CallerKind.CLIENT,
            workspace=person.workspace_id.hex,
            account=person.account_id.hex,
            member=person.id.hex if staff else None,
            client=None if staff else person.id.hex,
            role=person.role if isinstance(person, Member) else None,
            proof=Proof.SESSION,
            proof_id=row.id.hex,
            expires_at=row.expires_at.timestamp(),
        )
        return self._codec.issue(caller), row

    async def token(self, person: Member | Client) -> str:
        return (await self.login(person))[0]


@asynccontextmanager
async def open_site(url: str) -> AsyncIterator[Site]:
    unlimited: dict[str, Any] = {"max_cost": 10**12, "cost_per_minute": 0}  # tests ask for whole trees, a hundred at each branch
    settings = Settings(database_url=SecretStr(url), environment=Environment.DEVELOPMENT, log_level="error", clock=False, **unlimited)
    app = create_app(settings)
    async with app.router.lifespan_context(app), await Database.open(url) as database:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://portico") as http:
            yield Site(settings, database, http)


def gid(tag: str, row: Any) -> str:
    """Global id of a row, or of its key."""
    key: UUID = row if isinstance(row, UUID) else row.id
    return f"{tag}_{key.hex}"
