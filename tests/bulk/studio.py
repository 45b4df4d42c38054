"""A workspace with an owner, two coaches and clients with sessions ahead, and its bulk steps."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from lifecycle.vocabulary import AppointmentState, ClientStatus, Role
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, Batch, BulkJobItem, OutboxEvent
from storage.tables.workspace import Member, Workspace
from tests.access.site import Site, gid

RESULTS = """
job { id state total done failed }
results { id event { name before after } batchId warnings { code } problems { code } }
problems { code message path
  ... on BulkStaleProblem { added removed changed difference { kind action added removed } } }
"""
PREVIEW = """
token total allowed refused atOnce reversible
objects(first: 100) { totalCount ids }
refusals { code count objects { ids } }
effects { kind action count sessionMinutes resources(first: 100) { totalCount ids } }
warnings { code count }
problems { code }
"""
JOB = "query($id: ID!) { bulkJob(id: $id) { state code total done failed finishedAt } }"


@dataclass
class Studio:
    """One workspace; tokens by name."""

    site: Site
    workspace: Workspace
    members: dict[str, Member]
    tokens: dict[str, str]
    kind: AppointmentType

    async def clients(self, number: int, status: ClientStatus = ClientStatus.ACTIVE, coach: str = "coach") -> list[Client]:
        return [await self.site.client(self.members[coach], status) for _ in range(number)]

    async def session(self, client: Client) -> Appointment:
        """Booked session of 50 minutes, each on a day of its own."""
        self.site.number += 1
        row = Appointment(
            workspace_id=self.workspace.id,
            client_id=client.id,
            coach_id=client.coach_id,
            type_id=self.kind.id,
            starts_at=datetime.now(UTC) + timedelta(days=self.site.number),
            planned_minutes=50,
            booked_status=ClientStatus.ACTIVE,
            counting_status=ClientStatus.ACTIVE,
            booked_at=datetime.now(UTC) - timedelta(days=1),
        )
        await self.site.put(row)
        return row

    async def do(self, name: str, who: str = "owner", headers: dict[str, str] | None = None, **arguments: Any) -> Any:
        """Answer of a bulk mutation."""
        text, given = _call(name, {"errorPolicy": "SKIP_FAILED", **arguments})
        data = await self.site.data(self.tokens[who], f"mutation{text} {{ {RESULTS} }} }}", headers, **given)
        return data[name]

    async def preview(self, name: str, who: str = "owner", **arguments: Any) -> Any:
        text, given = _call(f"{name}Preview", arguments)
        data = await self.site.data(self.tokens[who], f"query{text} {{ {PREVIEW} }} }}", **given)
        return data[f"{name}Preview"]

    async def job(self, key: str, who: str = "owner") -> Any:
        return (await self.site.data(self.tokens[who], JOB, id=key))["bulkJob"]

    async def ended(self, key: str, seconds: float = 60) -> Any:
        """Job, when it is over."""
        async with asyncio.timeout(seconds):
            found = await self.job(key)
            while found["state"] in {"QUEUED", "RUNNING"}:
                await asyncio.sleep(0.2)
                found = await self.job(key)
        return found

    async def begun(self, key: str, number: int) -> None:
        """Wait until so many objects are done."""
        done = 0
        while done < number:
            await asyncio.sleep(0.05)
            done = (await self.job(key))["done"]

    async def state(self) -> tuple[Any, ...]:
        """Everything that a step could have changed, to prove that nothing did."""
        async with self.site.database.write() as session:
            here = col(Client.workspace_id) == self.workspace.id
            clients = [tuple(row) for row in (await session.exec(select(Client.id, Client.status, Client.version).where(here))).all()]
            theirs = col(Appointment.workspace_id) == self.workspace.id
            booked = [tuple(row) for row in (await session.exec(select(Appointment.id, Appointment.state).where(theirs))).all()]
            counts = []
            for table in (AuditEvent, OutboxEvent, Batch, BulkJobItem):
                asked = select(func.count()).select_from(table).where(col(table.workspace_id) == self.workspace.id)
                counts.append((await session.exec(asked)).one())
        return sorted(clients, key=str), sorted(booked, key=str), counts

    async def events(self, action: str) -> list[AuditEvent]:
        async with self.site.database.write() as session:
            asked = select(AuditEvent).where(col(AuditEvent.workspace_id) == self.workspace.id, col(AuditEvent.action) == action)
            return list((await session.exec(asked.order_by(col(AuditEvent.id)))).all())

    async def statuses(self, clients: list[Client]) -> list[str]:
        async with self.site.database.write() as session:
            found = [await session.get_one(Client, (row.workspace_id, row.id)) for row in clients]
            return [row.status.value for row in found]

    async def sessions(self, state: AppointmentState) -> int:
        async with self.site.database.write() as session:
            mine = (col(Appointment.workspace_id) == self.workspace.id, col(Appointment.state) == state)
            return (await session.exec(select(func.count()).select_from(Appointment).where(*mine))).one()


_TYPES = {"ids": "[ID!]", "errorPolicy": "ErrorPolicy!", "token": "String", "idempotencyKey": "String"}
_FILTERS = {"c": "ClientFilter", "e": "EnrollmentFilter", "a": "AppointmentFilter"}


def _call(name: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Head of an operation that calls the field, and its variables. The input stands in the document."""
    given = {key: value for key, value in arguments.items() if key != "input"}
    types = {**_TYPES, "filter": _FILTERS[name[0]]}
    declared = ", ".join(f"$my_{key}: {types[key]}" for key in given)
    passed = [f"{key}: $my_{key}" for key in given]
    passed += [f"input: {arguments['input']}"] if "input" in arguments else []
    return f"({declared}) {{ {name}({', '.join(passed)})", {f"my_{key}": value for key, value in given.items()}


def ids(clients: list[Client]) -> list[str]:
    return [gid("client", row) for row in clients]


async def studio_of(site: Site) -> Studio:
    workspace = await site.workspace("studio")
    members = {
        "owner": await site.member(workspace, Role.OWNER),
        "coach": await site.member(workspace, Role.COACH),
        "other": await site.member(workspace, Role.COACH),
        "analyst": await site.member(workspace, Role.ANALYST),
        "assistant": await site.member(workspace, Role.ASSISTANT),
    }
    kind = AppointmentType(workspace_id=workspace.id, name="Coaching")
    await site.put(kind)
    tokens = {name: await site.token(member) for name, member in members.items()}
    return Studio(site, workspace, members, tokens, kind)
