"""Workspaces with people who can sign in, for tests of who is who."""

from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel, col, func, select

from lifecycle.vocabulary import ClientStatus, Role
from resolvers.passwords import Passwords
from resolvers.tokens import TokenCodec
from storage.database import Database
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent
from storage.tables.workspace import Account, ApiKey, ExternalIdentity, LoginSession, Member, RefreshToken, Workspace

PASSWORD: Final = "correct horse battery staple"
SECRET: Final = "first-secret-of-the-tests-0123456789"


def quick_passwords(**changed: Any) -> Passwords:
    """Passwords that cost nothing to check."""
    return Passwords(**({"memory_kib": 8, "rounds": 1, "lanes": 1} | changed))


def codec(*secrets: str, **changed: Any) -> TokenCodec:
    return TokenCodec(secrets or (SECRET,), **changed)


class People:
    """Makes workspaces, accounts, members and clients in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.passwords = quick_passwords()
        self.number = 0

    async def add(self, *rows: SQLModel) -> None:
        for row in rows:
            async with self.database.write() as session:
                session.add(row)

    async def workspace(self, slug: str) -> Workspace:
        row = Workspace(name=f"Workspace {slug}", slug=slug)
        await self.add(row)
        return row

    async def account(self, username: str, password: str | None = PASSWORD) -> Account:
        row = Account(username=username, password_hash=await self.passwords.hash(password) if password else None)
        await self.add(row)
        return row

    async def member(self, workspace: Workspace, role: Role, account: Account | None = None) -> Member:
        account = account or await self.account(f"{role.value.lower()}@{workspace.slug}.example")
        row = Member(workspace_id=workspace.id, account_id=account.id, name=role.value.title(), role=role)
        await self.add(row)
        return row

    async def member_of(self, colleague: Member, role: Role) -> Member:
        account = await self.account(f"{role.value.lower()} beside {colleague.id}")
        row = Member(workspace_id=colleague.workspace_id, account_id=account.id, name=role.value.title(), role=role)
        await self.add(row)
        return row

    async def client(self, coach: Member, status: ClientStatus, account: Account | None = None, **changed: Any) -> Client:
        self.number += 1
        account = account or await self.account(f"client{self.number}")
        row = Client(
            workspace_id=coach.workspace_id, number=self.number, account_id=account.id, coach_id=coach.id, status=status, **changed
        )
        await self.add(row)
        return row

    async def change(self, kind: type[Any], row: Any, **values: Any) -> None:
        """Change a row behind everybody's back."""
        async with self.database.write() as session:
            key = (row.workspace_id, row.id) if hasattr(row, "workspace_id") else row.id
            found = await session.get(kind, key)
            for name, value in values.items():
                setattr(found, name, value)
            session.add(found)

    async def audit(self) -> list[tuple[str, str, str, str, UUID | None]]:
        """Slug, action, actor, kind and id of every audit event, in order."""
        async with self.database.write() as session:
            events = select(Workspace.slug, AuditEvent).where(col(AuditEvent.workspace_id) == col(Workspace.id))
            found = (await session.exec(events.order_by(col(AuditEvent.at), col(AuditEvent.id)))).all()
        return [(slug, event.action, event.actor, event.subject_kind, event.subject_id) for slug, event in found]

    async def count(self, *kinds: type[SQLModel]) -> list[int]:
        async with self.database.write() as session:
            return [(await session.exec(select(func.count()).select_from(kind))).one() for kind in kinds]

    async def everything(self) -> list[str]:
        """All rows that signing in could touch, to prove that nothing changed."""
        kinds = (Account, ExternalIdentity, Member, Client, LoginSession, RefreshToken, ApiKey, AuditEvent)
        async with self.database.write() as session:
            found = [(await session.exec(select(kind))).all() for kind in kinds]
        return sorted(repr(row) for rows in found for row in rows)


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


def some_id() -> str:
    return uuid4().hex
