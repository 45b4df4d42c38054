"""Processes killed at random instants in the middle of steps: what was acknowledged is there, and nothing is there by halves.

The kill is that of the process (SIGKILL); what a database loses with the power of its machine is the database's own matter.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
from sqlmodel import SQLModel, select

from lifecycle.vocabulary import Billing, ClientStatus, Role
from storage.database import Database
from storage.tables.appointments import Appointment, AppointmentType, ServiceTemplate
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.operations import AuditEvent, Batch, IdempotencyRecord, OutboxEvent
from storage.tables.packages import Enrollment, EnrollmentChange, Package
from storage.tables.workspace import Account, LoginSession, Member, Workspace
from tests.databases import Databases

STEPS: Final = 250  # on each engine
CLIENTS: Final = 6
TREE: Final = Path(__file__).parent.parent.parent


@pytest.mark.timeout(240)
async def test_killed_at_random(databases: Databases) -> None:
    url = await databases.copy("empty")
    async with await Database.open(url) as database:
        await _people(database)
    acknowledged: set[str] = set()
    chance, kills = random.Random(7), 0
    nurse = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.lifecycle.worker", url, cwd=TREE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert nurse.stdout is not None
    for _ in range(1 + 2 * 2 * CLIENTS):
        assert (await nurse.stdout.readline()).startswith((b"ready", b"done"))
    while len(acknowledged) < STEPS:
        acknowledged |= await _run_and_kill(nurse, chance.uniform(0.02, 2))
        kills += 1
        async with await Database.open(url) as database:
            await _whole(database, acknowledged)
    assert kills >= 3
    nurse.stdin.close()  # type: ignore[union-attr]  # it is a pipe
    assert await nurse.wait() == 0
    await databases.drop(url)


async def _run_and_kill(nurse: asyncio.subprocess.Process, seconds: float) -> set[str]:
    """Events that a process told before it was killed."""
    assert nurse.stdin is not None
    assert nurse.stdout is not None
    nurse.stdin.write(b"go\n")
    said: dict[str, str] = {}
    while {"process", "ready"} - said.keys():
        word, _, rest = (await nurse.stdout.readline()).decode().strip().partition(" ")
        said[word] = rest
    await asyncio.sleep(seconds)
    os.kill(int(said["process"]), signal.SIGKILL)
    told = []
    while not (line := (await nurse.stdout.readline()).decode().strip()).startswith("ended"):
        told.append(line.partition(" "))
    assert line == "ended -9"
    assert {word for word, _, _ in told} <= {"done"}, told
    return {event for _, _, event in told}


async def _people(database: Database) -> None:
    place, day = Workspace(name="Crash", slug="crash"), datetime.now(UTC)
    w: dict[str, Any] = {"workspace_id": place.id}
    account = Account(username="owner")
    owner = Member(account_id=account.id, name="Owner", role=Role.OWNER, **w)
    session = LoginSession(account_id=account.id, member_id=owner.id, expires_at=day + timedelta(hours=1), **w)
    kind, package = AppointmentType(name="Session", **w), Package(name="Package", billing=Billing.FREE, **w)
    rows: list[SQLModel] = [place, account, owner, session, kind, package]
    for number in range(CLIENTS):
        client = Client(coach_id=owner.id, number=number, status=ClientStatus.ACTIVE, name="Client", **w)
        common: dict[str, Any] = {"client_id": client.id, "coach_id": owner.id, "type_id": kind.id, **w}
        rows += [client, Enrollment(client_id=client.id, package_id=package.id, **w)]
        rows += [
            Appointment(
                starts_at=day + timedelta(days=9 + number, hours=hour), planned_minutes=50, booked_status=client.status,
                counting_status=client.status, **common,
            )
            for hour in range(5)
        ]  # fmt: skip
        rows += [ServiceTemplate(recurrence="FREQ=WEEKLY", starts_on=date(2026, 1, 1), **common) for _ in range(2)]
    async with database.write() as opened:
        for row in rows:
            opened.add(row)
            await opened.flush()


async def _whole(database: Database, acknowledged: set[str]) -> None:
    """Every step is there with all that belongs to it, or not at all."""
    async with database.write() as session:

        async def all_of(kind: type[Any]) -> list[Any]:
            return list((await session.exec(select(kind))).all())

        events, outbox, batches = await all_of(AuditEvent), await all_of(OutboxEvent), await all_of(Batch)
        keys, changes, freezes = await all_of(IdempotencyRecord), await all_of(ClientStatusChange), await all_of(EnrollmentChange)
        clients, enrollments = await all_of(Client), await all_of(Enrollment)
        services, templates = await all_of(Appointment), await all_of(ServiceTemplate)
    made = {event.id.hex for event in events}
    assert acknowledged <= made, f"lost: {acknowledged - made}"
    assert sorted(row.position for row in outbox) == list(range(1, len(events) + 1))
    assert {orjson.loads(row.payload)["event"] for row in outbox} == made
    taken = [event for event in events if not event.action.endswith(".undo")]
    undone = [event for event in events if event.action.endswith(".undo")]
    assert {batch.id for batch in batches} == {event.batch_id for event in taken}
    assert {orjson.loads(key.response)["event"] for key in keys} == {event.id.hex for event in taken}
    assert sorted(batch.id.hex for batch in batches if batch.undone_at) == sorted(orjson.loads(event.detail)["batch"] for event in undone)
    steps = Counter[UUID](event.subject_id for event in events)
    told = Counter[UUID]([row.client_id for row in changes] + [row.enrollment_id for row in freezes])
    assert steps == told
    for client in clients:
        assert client.version == 1 + steps[client.id]
        ended = steps[client.id] % 2 == 1
        mine = [row for row in services if row.client_id == client.id]
        assert client.status is (ClientStatus.INACTIVE if ended else ClientStatus.ACTIVE)
        assert {row.state.value for row in mine} == ({"REMOVED"} if ended else {"BOOKED"})
        assert {row.removed_batch_id is not None for row in mine} == {ended}
        assert {row.removed_at is not None for row in templates if row.client_id == client.id} == {ended}
    for row in enrollments:
        frozen = steps[row.id] % 2 == 1
        assert (row.version, row.state.value, row.frozen_at is not None) == (
            1 + steps[row.id], "DEACTIVATED" if frozen else "ACTIVE", frozen,
        )  # fmt: skip
