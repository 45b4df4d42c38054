"""Contacts of a file become clients: `judge` says what each would become, and `ContactWriter` writes those who are new."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlmodel import SQLModel, col, func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import AccessMode, ClientStatus, ContactKind, DataState, Origin, Role
from storage.errors import translated
from storage.search import fold, search_terms
from storage.suppression import Suppression
from storage.tables.clients import Client, ClientSearchTerm, ClientStatusChange, ClientTag
from storage.tables.operations import AuditEvent, ImportRun, OutboxEvent
from storage.tables.workspace import Account, Member, Workspace

ACTOR = "command-line"
#: The condition of the index on e-mails, word for word: with parameters in it neither engine would use that index.
_REACHABLE = "email IS NOT NULL AND data_state NOT IN ('CONTACT_DELETED', 'ERASED')"


class NewContact(Protocol):
    """Person to become a client, every value checked and normalised."""

    @property
    def external_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...
    @property
    def notes(self) -> str | None: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def kind(self) -> ContactKind: ...


class Verdict(StrEnum):
    """What becomes of a contact."""

    NEW = "new"
    EXISTS = "exists"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdict on a contact, and where it exists already: the client, and why they are the same."""

    verdict: Verdict
    client_number: int | None = None
    same_email: bool = False
    inactive: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where contacts go: the workspace and the coach who gets them."""

    workspace: UUID
    name: str
    country: str
    coach: UUID
    coach_name: str


class NoPlace(LookupError):  # noqa: N818 - named as one says it
    """No such workspace or coach; `choices` are those there are."""

    def __init__(self, message: str, choices: Sequence[str]) -> None:
        super().__init__(message)
        self.choices = list(choices)


async def find_place(session: AsyncSession, slug: str, username: str | None) -> Place:
    """The workspace, and the coach with this username; without one, the owner."""
    workspace = (await session.exec(select(Workspace).where(col(Workspace.slug) == slug))).one_or_none()
    if workspace is None:
        slugs = (await session.exec(select(Workspace.slug).order_by(col(Workspace.slug)).limit(20))).all()
        raise NoPlace(f"There is no workspace {slug!r}.", slugs)
    here = (
        select(Member, Account.username)
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.workspace_id) == workspace.id, col(Member.left_at).is_(None))
        .where(col(Member.role).in_((Role.OWNER, Role.COACH)))
        .order_by(col(Member.role).desc(), col(Member.created_at), col(Member.id))  # OWNER comes after COACH
    )
    staff = (await session.exec(here)).all()
    for member, name in staff:
        if name == username or (username is None and member.role is Role.OWNER):
            return Place(workspace.id, workspace.name, workspace.country, member.id, member.name)
    wanted = "owner" if username is None else f"owner or coach with the username {username!r}"
    raise NoPlace(f"{workspace.name} has no {wanted}.", [name for _, name in staff[:20]])


async def judge(
    session: AsyncSession, place: Place, suppression: Suppression, contacts: Sequence[NewContact], *, acknowledged: bool = False
) -> list[Judgement]:
    """What becomes of each; changes nothing."""
    emails = [contact.email for contact in contacts if contact.email]
    by_email = await _clients(session, place, "email", emails)
    by_id = await _clients(session, place, "external_id", [contact.external_id for contact in contacts])
    suppressed = set() if acknowledged else await suppression.among(session, emails)
    found = []
    for contact in contacts:
        if contact.email and (same := by_email.get(contact.email)):
            found.append(Judgement(Verdict.EXISTS, same[0], True, same[1] == ClientStatus.INACTIVE))
        elif contact.email in suppressed:
            found.append(Judgement(Verdict.SUPPRESSED))
        elif same := by_id.get(contact.external_id):
            found.append(Judgement(Verdict.EXISTS, same[0], False, same[1] == ClientStatus.INACTIVE))
        else:
            found.append(Judgement(Verdict.NEW))
    return found


async def _clients(session: AsyncSession, place: Place, column: str, values: list[str]) -> dict[str, tuple[int, str]]:
    """Number and status of the clients with these values.

    The values lead, by the words of each engine: right after an import the statistics still say that there is nobody, and a plan
    built on them walks through everybody.
    """
    if not values:
        return {}
    sqlite = session.get_bind().dialect.name == "sqlite"
    held = f"{column} IS NOT NULL" if column == "external_id" else _REACHABLE
    where = f"workspace_id = :workspace AND {column} = v.value AND {held}"
    if sqlite:
        sql = f"SELECT {column}, number, status FROM json_each(:values) AS v CROSS JOIN client WHERE {where}"
    else:
        one = f"SELECT {column}, number, status FROM client WHERE {where} LIMIT 1"
        sql = f"SELECT c.* FROM unnest(CAST(:values AS text[])) AS v(value) CROSS JOIN LATERAL ({one}) AS c"
    statement = text(sql).bindparams(bindparam("workspace", type_=Uuid()))
    connection = await session.connection()
    found = await connection.execute(statement, {"workspace": place.workspace, "values": json.dumps(values) if sqlite else values})
    return {value: (number, status) for value, number, status in found}


class ContactWriter:
    """Writer of one import, in the transaction of its session. Who came in between is caught by the unique indexes."""

    def __init__(self, session: AsyncSession, place: Place, *, at: datetime) -> None:
        self._session = session
        self._place = place
        self._at = at
        self._number = 0

    async def begin(self) -> None:
        """Take the turn among those who number clients of this workspace, until the transaction ends."""
        turn = select(Workspace.id).where(col(Workspace.id) == self._place.workspace).with_for_update(key_share=True)
        await self._session.exec(turn)
        self._number = await self._highest(Client, Client.number)

    async def write(self, contacts: Sequence[NewContact]) -> None:
        """Make clients of these, who were judged to be new."""
        rows: dict[type[SQLModel], list[dict[str, Any]]] = {Client: [], ClientStatusChange: [], ClientSearchTerm: [], ClientTag: []}
        for contact in contacts:
            self._number += 1
            self._add(rows, contact)
        for table, values in rows.items():
            if values:
                await self._insert(table, values)

    async def finish(self, file_hash: str, *, rows: int, created: int, finished_at: datetime) -> UUID:
        """Record the import: the run, its audit event, its announcement."""
        workspace, run = self._place.workspace, uuid7()
        counts = json.dumps({"rows": rows, "created": created, "skipped": rows - created})
        position = await self._highest(OutboxEvent, OutboxEvent.position) + 1
        kind, name, action = "import_run", "contacts.imported", "import_contacts"
        self._session.add(
            ImportRun(
                workspace_id=workspace,
                id=run,
                file_hash=file_hash,
                rows=rows,
                created=created,
                skipped=rows - created,
                started_at=self._at,
                finished_at=finished_at,
            )
        )
        self._session.add(
            AuditEvent(workspace_id=workspace, at=finished_at, actor=ACTOR, action=action, subject_kind=kind, subject_id=run, detail=counts)
        )
        self._session.add(
            OutboxEvent(workspace_id=workspace, position=position, name=name, subject_kind=kind, subject_id=run, payload=counts)
        )
        await self._session.flush()
        return run

    async def _insert(self, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
        """Rows with the same keys in the same order; PostgreSQL takes them by COPY, twice as fast as inserts."""
        connection = await self._session.connection()
        with translated():
            if connection.dialect.name == "sqlite":
                await connection.execute(insert(table), rows)
                return
            driver: Any = (await connection.get_raw_connection()).driver_connection
            name = str(table.__tablename__)
            await driver.copy_records_to_table(name, records=[tuple(row.values()) for row in rows], columns=list(rows[0]))

    async def _highest(self, table: type[Any], column: Any) -> int:
        found = await self._session.exec(select(func.max(column)).where(table.workspace_id == self._place.workspace))
        return found.one() or 0

    def _add(self, rows: dict[type[SQLModel], list[dict[str, Any]]], contact: NewContact) -> None:
        """Rows of one client, every column said: a default per row would be called per row."""
        workspace, client, at = self._place.workspace, uuid7(), self._at
        rows[Client].append(
            {
                "workspace_id": workspace,
                "id": client,
                "number": self._number,
                "coach_id": self._place.coach,
                "status": ClientStatus.PROSPECT,
                "status_since": at,
                "data_state": DataState.PRESENT,
                "access_mode": AccessMode.NONE,
                "contact_kind": contact.kind,
                "origin": Origin.IMPORT,
                "external_id": contact.external_id,
                "reentry": False,
                "name": contact.name,
                "sort_name": fold(contact.name),
                "email": contact.email,
                "phone": contact.phone,
                "address": contact.address,
                "notes": contact.notes,
                "version": 1,
                "created_at": at,
            }
        )
        rows[ClientStatusChange].append(
            {
                "workspace_id": workspace,
                "id": uuid7(),
                "client_id": client,
                "before": None,
                "after": ClientStatus.PROSPECT,
                "access_mode": AccessMode.NONE,
                "data_state": DataState.PRESENT,
                "at": at,
                "transition": "clientAdd",
                "actor": ACTOR,
            }
        )
        for term in sorted(search_terms(contact.name, contact.email, contact.phone)):
            rows[ClientSearchTerm].append({"workspace_id": workspace, "id": uuid7(), "client_id": client, "term": term})
        for tag in contact.tags:
            rows[ClientTag].append({"workspace_id": workspace, "id": uuid7(), "client_id": client, "tag": tag})
