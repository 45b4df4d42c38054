"""The clock itself: leases, workers that die, what is kept no longer, and the command that winds it apart."""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, func, select, update

from lifecycle.vocabulary import AppointmentState, ClientStatus, JobState, LinkPurpose, ScheduleState
from resolvers.clock import due
from resolvers.clock.purge import Purge, purge
from resolvers.desk import Desk
from storage.database import Database
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, Batch, BulkJob, BulkJobItem, IdempotencyRecord, ScheduledTransition, TransitionPlan
from storage.tables.packages import Enrollment
from storage.tables.workspace import OneTimeLink
from tests.access.site import gid
from tests.studio.studio import DAY, SECRETS, Studio, instant, now

TREE = Path(__file__).parents[2]
SCHEDULE = """mutation ($step: ScheduledStepInput!, $when: ScheduledTimeInput!) {
  transitionSchedule(step: $step, when: $when) { problems { code } } }"""


#: Input of a step that takes none, as a job keeps it.
NOTHING = '{"values": {}, "said": []}'


async def waiting(studio: Studio, number: int, due_at: datetime) -> list[Client]:
    """Clients of whom each is to be made inactive, at an instant that may lie behind."""
    clients = []
    for _ in range(number):
        client, _ = await studio.client()
        clients.append(client)
        step = {"clientMakeInactive": {"id": gid("client", client)}}
        made = await studio.ask(SCHEDULE, step=step, when={"at": instant(now() + DAY)})
        assert made["transitionSchedule"]["problems"] == []
    async with studio.site.database.write() as session:
        mine = col(ScheduledTransition.workspace_id) == studio.owner.workspace_id
        await session.exec(update(ScheduledTransition).where(mine).values(due_at=due_at))
    return clients


async def scheduled(studio: Studio) -> list[ScheduledTransition]:
    async with studio.site.database.write() as session:
        asked = select(ScheduledTransition).where(col(ScheduledTransition.workspace_id) == studio.owner.workspace_id)
        return list((await session.exec(asked.order_by(col(ScheduledTransition.id)))).all())


async def events(studio: Studio, action: str) -> int:
    async with studio.site.database.write() as session:
        mine = (col(AuditEvent.workspace_id) == studio.owner.workspace_id, col(AuditEvent.action) == action)
        return (await session.exec(select(func.count()).select_from(AuditEvent).where(*mine))).one()


async def test_what_a_dead_worker_held_is_free_after_its_lease(studio: Studio) -> None:
    await waiting(studio, 1, now() - DAY)
    at = now()
    async with studio.site.database.write() as session:  # a worker claims it, and is heard of no more
        mine = col(ScheduledTransition.workspace_id) == studio.owner.workspace_id
        await session.exec(update(ScheduledTransition).where(mine).values(locked_until=at + due.LEASE, attempts=1))
    await studio.wind(at + due.LEASE / 2)
    [one] = await scheduled(studio)
    assert one.state is ScheduleState.PENDING
    await studio.wind(at + due.LEASE)
    [one] = await scheduled(studio)
    assert (one.state, one.outcome, await events(studio, "client.make_inactive")) == (ScheduleState.DONE, "DONE", 1)


async def test_a_worker_that_wakes_after_its_lease_does_nothing(studio: Studio) -> None:
    [client] = await waiting(studio, 1, now() - DAY)
    [one] = await scheduled(studio)
    lost = now() - timedelta(minutes=5)
    desk = Desk(database=studio.site.database, now=now(), request_id=None, secrets=SECRETS)
    before = await studio.rows()
    await due.carry_out(desk, one.workspace_id, one.id, lost)
    assert await studio.rows() == before
    await studio.wind()
    once = await studio.rows()
    await due.carry_out(desk, one.workspace_id, one.id, lost)
    assert await studio.rows() == once
    assert client.id


async def test_a_step_that_fails_by_a_fault_of_ours_is_put_away_in_the_end(studio: Studio) -> None:
    await waiting(studio, 1, now() - DAY)
    async with studio.site.database.write() as session:
        mine = col(ScheduledTransition.workspace_id) == studio.owner.workspace_id
        await session.exec(update(ScheduledTransition).where(mine).values(input="{no json"))
    at = now()
    for attempt in range(due.MOST_ATTEMPTS + 1):
        [one] = await scheduled(studio)
        assert (one.state, one.attempts) == (ScheduleState.PENDING, attempt)
        await studio.wind(at + attempt * due.LEASE)
    [one] = await scheduled(studio)
    assert (one.state, one.outcome, await events(studio, "client.make_inactive")) == (ScheduleState.CANCELLED, "FAILED", 0)


@pytest.mark.timeout(120)
async def test_killed_and_started_again_nothing_is_done_twice_and_nothing_is_left(studio: Studio) -> None:
    """The process is killed while it works, wherever it is then; the next one does the rest."""
    database = studio.site.database
    clients = await waiting(studio, 60, now() - DAY)
    environment = {**os.environ, "PYTHONPATH": str(TREE), "PORTICO_DATABASE_URL": database.url}
    command = (sys.executable, "-m", "server.cli", "work")
    for left in (50, 35):
        process = await asyncio.create_subprocess_exec(*command, cwd=TREE, env=environment, stdout=asyncio.subprocess.DEVNULL)
        while sum(one.state is ScheduleState.PENDING for one in await scheduled(studio)) > left and process.returncode is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        for one in await scheduled(studio):  # what is done is done wholly, and what is not is not begun
            async with database.write() as session:
                client = await session.get_one(Client, (one.workspace_id, one.subject_id))
            done = one.state is ScheduleState.DONE
            assert (client.status is ClientStatus.INACTIVE) is done
            assert (one.event_id is not None) is done
    await studio.wind(now() + due.LEASE)
    assert {(one.state, one.outcome) for one in await scheduled(studio)} == {(ScheduleState.DONE, "DONE")}
    assert await events(studio, "client.make_inactive") == len(clients)


@pytest.mark.timeout(120)
async def test_the_command_does_what_is_due_and_ends(studio: Studio) -> None:
    await waiting(studio, 2, now() - DAY)
    environment = {**os.environ, "PYTHONPATH": str(TREE), "PORTICO_DATABASE_URL": studio.site.database.url}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "server.cli", "work", cwd=TREE, env=environment)
    assert await process.wait() == 0
    assert {one.outcome for one in await scheduled(studio)} == {"DONE"}


@pytest.mark.req("P-Q2")
async def test_what_is_kept_no_longer_is_deleted_and_nothing_else(studio: Studio) -> None:
    client, _ = await studio.client()
    at = now()
    owned: dict[str, Any] = {"workspace_id": studio.owner.workspace_id}
    kind = AppointmentType(name="Coaching", **owned)
    old, fresh = Batch(undo_until=at - DAY, **_batch(client)), Batch(undo_until=at + DAY, **_batch(client))
    stamps: dict[str, Any] = {"booked_status": ClientStatus.ACTIVE, "counting_status": ClientStatus.ACTIVE, "planned_minutes": 60}
    meeting: dict[str, Any] = {"client_id": client.id, "coach_id": studio.coach.id, "type_id": kind.id, "starts_at": at + DAY}
    removed = [
        Appointment(state=AppointmentState.REMOVED, removed_batch_id=batch.id, **meeting, **stamps, **owned) for batch in (old, fresh)
    ]
    stays = Appointment(state=AppointmentState.CANCELLED, **meeting, **stamps, **owned)
    await studio.site.put(kind, old, fresh, *removed, stays)
    for expires in (at - DAY, at + DAY):
        name = f"{expires.isoformat()}"
        plan = TransitionPlan(
            token_hash=name, transition="t", subject_id=client.id, actor="a", fingerprint="f", expires_at=expires, **owned
        )
        answer = IdempotencyRecord(actor="a", key=name, request_hash="h", expires_at=expires, **owned)
        link = OneTimeLink(client_id=client.id, purpose=LinkPurpose.SET_PASSWORD, token_hash=name, expires_at=expires, **owned)
        await studio.site.put(plan, answer, link)
    deleted = await purge(studio.site.database, studio.owner.workspace_id.hex, at)
    assert deleted == dict.fromkeys(("transition_plan", "idempotency_record", "one_time_link", "appointment"), 1)
    async with studio.site.database.write() as session:
        mine = select(Appointment.id).where(col(Appointment.workspace_id) == studio.owner.workspace_id)
        assert set((await session.exec(mine)).all()) == {removed[1].id, stays.id}
    assert await purge(studio.site.database, studio.owner.workspace_id.hex, at) == {}


async def test_a_finished_job_is_kept_for_90_days_with_its_items(studio: Studio) -> None:
    """Given jobs that finished long ago and lately, and one that goes on, then only the first goes, with what came of its objects."""
    client, _ = await studio.client()
    at = now()
    about: dict[str, Any] = {"transition": "clientActivate", "error_policy": "SKIP", "actor": "a", "member_id": studio.coach.id}
    about |= {"workspace_id": studio.owner.workspace_id, "locked_until": at, "created_at": at - 200 * DAY, "input": NOTHING}
    ends = (at - 91 * DAY, at - 89 * DAY, None)
    jobs = [BulkJob(finished_at=end, state=JobState.COMPLETED if end else JobState.RUNNING, **about) for end in ends]
    items = [
        BulkJobItem(workspace_id=job.workspace_id, job_id=job.id, position=place, subject_id=client.id)
        for job in jobs
        for place in range(2)
    ]
    await studio.site.put(*jobs, *items)
    assert await purge(studio.site.database, studio.owner.workspace_id.hex, at) == {"bulk_job_item": 2, "bulk_job": 1}
    async with studio.site.database.write() as session:
        here = col(BulkJob.workspace_id) == studio.owner.workspace_id
        assert set((await session.exec(select(BulkJob.id).where(here))).all()) == {jobs[1].id, jobs[2].id}
        left = select(BulkJobItem.job_id).where(col(BulkJobItem.workspace_id) == studio.owner.workspace_id)
        assert sorted((await session.exec(left)).all()) == sorted([jobs[1].id, jobs[2].id] * 2)


def _batch(client: Client) -> dict[str, Any]:
    return {"workspace_id": client.workspace_id, "transition": "clientMakeInactive", "subject_id": client.id, "actor": "a"}


async def test_a_round_of_the_purge_looks_after_every_workspace_and_rests(studio: Studio) -> None:
    client, _ = await studio.client()
    at = now()
    old = IdempotencyRecord(workspace_id=studio.owner.workspace_id, actor="a", key="k", request_hash="h", expires_at=at - DAY)
    await studio.site.put(old)
    passed = [0.0]
    round_ = Purge(lambda: passed[0])
    while await round_(studio.site.database, SECRETS, lambda: at):
        pass
    async with studio.site.database.write() as session:
        assert await session.get(IdempotencyRecord, (old.workspace_id, old.id)) is None
    for seconds, rests in ((599.0, True), (600.0, False)):  # whatever the clock says
        passed[0] = seconds
        assert await round_(studio.site.database, SECRETS, lambda: at - timedelta(hours=1)) is not rests
    assert client.id


async def test_expiry_at_several_workers_makes_one_suggestion(studio: Studio) -> None:
    package = await studio.package(durationDays=1)
    client, _ = await studio.client()
    enrollment = await studio.enrolled(package, client)
    await asyncio.gather(*(studio.wind(now() + 2 * DAY) for _ in range(5)))
    query = "query ($id: ID!) { enrollment(id: $id) { suggestions(filter: {}) { totalCount } } }"
    assert (await studio.ask(query, id=enrollment))["enrollment"]["suggestions"]["totalCount"] == 1
    async with studio.site.database.write() as session:
        row = await session.get_one(Enrollment, (studio.owner.workspace_id, UUID(enrollment[-32:])))
    assert row.expiry_handled_at is not None
    assert isinstance(studio.site.database, Database)
