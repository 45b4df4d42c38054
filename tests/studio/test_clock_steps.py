"""The clock of the machine is set back by an hour, or forward by a day, between two steps: nothing is lost, stuck, or done twice."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest
import time_machine
from sqlmodel import col, select, update

from lifecycle.vocabulary import ClientStatus, EnrollmentState, ErasureState, JobState, ScheduleState
from resolvers.bulk.record import LEASE
from resolvers.clock import due
from storage.tables.clients import Client
from storage.tables.erasure import ErasureRequest
from storage.tables.operations import BulkJob, BulkJobItem, IdempotencyRecord, ScheduledTransition
from storage.tables.packages import Enrollment
from tests.access.site import gid
from tests.studio.studio import DAY, Studio, now
from tests.studio.test_clock import NOTHING, events, waiting

HOUR: Final = timedelta(hours=1)
STEPS: Final = pytest.mark.parametrize("by", [pytest.param(-HOUR, id="back"), pytest.param(DAY, id="forward")])
ADD: Final = "mutation ($name: String!) { clientAdd(input: {name: $name}, idempotencyKey: $name) { client { id } problems { code } } }"


async def again(studio: Studio) -> Studio:
    """The studio, whose people have signed in by the clock as it is now."""
    return Studio(
        studio.site,
        studio.owner,
        studio.coach,
        {"owner": await studio.site.token(studio.owner), "coach": await studio.site.token(studio.coach)},
    )


@STEPS
async def test_every_step_is_taken_and_states_are_as_the_last_one_left_them(studio: Studio, by: timedelta) -> None:
    package = await studio.package()
    module, _ = await studio.module(package, "One")
    client, _ = await studio.client()
    enrollment = await studio.enrolled(package, client)
    await studio.do("enrollmentDeactivate", enrollment, reason="COACH_DECISION")
    story: list[tuple[str, str, dict[str, Any]]] = [
        ("enrollmentReactivate", enrollment, {}),
        ("enrollmentDeactivate", enrollment, {"reason": "COACH_DECISION"}),
        ("enrollmentReactivate", enrollment, {}),
        ("clientMakeInactive", gid("client", client), {}),
        ("clientReactivate", gid("client", client), {}),
        ("clientAddTag", gid("client", client), {"tag": "kept"}),
    ]
    with time_machine.travel(now() + by):  # and then it is set right
        there = await again(studio)
        for name, key, given in story:
            await there.do(name, key, by="owner", **given)
        await there.publish(module, "Two")
        undone = await there.try_to("enrollmentDeactivate", enrollment, reason="COACH_DECISION")
        undo = "mutation ($batch: ID!) { transitionUndo(batchId: $batch) { problems { code } } }"
        assert (await there.ask(undo, batch=undone["batchId"]))["transitionUndo"]["problems"] == []
    here = await again(studio)
    await here.do("enrollmentDeactivate", enrollment, reason="COACH_DECISION")
    await here.do("enrollmentReactivate", enrollment)
    await here.do("enrollmentDelete", enrollment, by="owner", reason="COACH_DECISION")
    async with studio.site.database.write() as session:
        person = await session.get_one(Client, (client.workspace_id, client.id))
        asked = select(Enrollment).where(col(Enrollment.client_id) == client.id)
        assert (person.status, (await session.exec(asked)).one().state) == (ClientStatus.ACTIVE, EnrollmentState.DELETED)
    assert [await events(studio, f"enrollment.{name}") for name in ("deactivate", "reactivate", "delete")] == [4, 3, 1]


@STEPS
async def test_a_request_that_is_repeated_is_answered_again(studio: Studio, by: timedelta) -> None:
    """Given an answer that got lost, then the same key gives it once more, also after the purge, and nobody is added twice."""
    first = (await studio.ask(ADD, name="Ada"))["clientAdd"]
    assert first["problems"] == []
    with time_machine.travel(now() + by):
        there = await again(studio)
        await studio.wind()
        assert (await there.ask(ADD, name="Ada"))["clientAdd"] == first
        other = (await there.ask(ADD, name="Bea"))["clientAdd"]
    here = await again(studio)
    await studio.wind()
    assert [(await here.ask(ADD, name=name))["clientAdd"] for name in ("Ada", "Bea")] == [first, other]
    assert await events(studio, "client.add") == 2


async def test_an_answer_is_kept_for_two_days_and_no_longer(studio: Studio) -> None:
    await studio.ask(ADD, name="Ada")
    await studio.wind(now() + 2 * DAY)
    async with studio.site.database.write() as session:
        mine = col(IdempotencyRecord.workspace_id) == studio.owner.workspace_id
        assert (await session.exec(select(IdempotencyRecord.id).where(mine))).all() == []


@STEPS
async def test_the_token_of_a_preview_is_good_or_says_that_its_time_is_over(studio: Studio, by: timedelta) -> None:
    client, _ = await studio.client()
    key = gid("client", client)
    look = "query ($id: ID!) { it: clientMakeInactivePreview(id: $id) { token } }"
    act = "mutation ($id: ID!, $t: String) { it: clientMakeInactive(id: $id, token: $t) { problems { code message } } }"
    token = (await studio.ask(look, id=key))["it"]["token"]
    before = await studio.rows()
    with time_machine.travel(now() + by):
        there = await again(studio)
        signed_in = await studio.rows()
        told = (await there.ask(act, id=key, t=token))["it"]["problems"]
        if by > timedelta():
            assert [problem["code"] for problem in told] == ["TOKEN_INVALID"]
            assert await studio.rows() == signed_in
            assert signed_in.keys() == before.keys()
            told = (await there.ask(act, id=key, t=(await there.ask(look, id=key))["it"]["token"]))["it"]["problems"]
        assert told == []
    here = await again(studio)
    assert [problem["code"] for problem in (await here.ask(act, id=key))["it"]["problems"]] == ["ALREADY_IN_STATE"]


@STEPS
async def test_what_is_due_is_done_once(studio: Studio, by: timedelta) -> None:
    """Given steps of yesterday, of in half an hour and of next week, then none is done twice, and none is forgotten."""
    days = (now() - DAY, now() + HOUR / 2, now() + 7 * DAY)
    for client, day in zip(await waiting(studio, 3, now()), days, strict=True):
        async with studio.site.database.write() as session:
            mine = col(ScheduledTransition.client_id) == client.id
            await session.exec(update(ScheduledTransition).where(mine).values(due_at=day))
    with time_machine.travel(now() + by):
        await studio.wind()
        assert await events(studio, "client.make_inactive") == (1 if by < timedelta() else 2)
    await studio.wind()
    assert await events(studio, "client.make_inactive") == (1 if by < timedelta() else 2)
    await studio.wind(now() + HOUR)
    assert await events(studio, "client.make_inactive") == 2
    await studio.wind(now() + 8 * DAY)
    assert await events(studio, "client.make_inactive") == 3


@STEPS
@pytest.mark.parametrize("held", [timedelta(), LEASE])
async def test_a_job_goes_on_by_the_clock_as_it_is(studio: Studio, by: timedelta, held: timedelta) -> None:
    """Given a job between two lots, or of a worker that died, then the next worker need not wait for the old time."""
    clients = [(await studio.client())[0] for _ in range(3)]
    about: dict[str, Any] = {
        "workspace_id": studio.owner.workspace_id,
        "member_id": studio.coach.id,
        "actor": f"member:{studio.coach.id.hex}",
    }
    job = BulkJob(
        transition="clientMakeInactive", error_policy="SKIP_FAILED", input=NOTHING, total=3, state=JobState.RUNNING,
        locked_until=now() + held, **about,
    )  # fmt: skip
    items = [
        BulkJobItem(workspace_id=job.workspace_id, job_id=job.id, position=place, subject_id=client.id)
        for place, client in enumerate(clients)
    ]
    await studio.site.put(job, *items)
    with time_machine.travel(now() + by):
        await studio.wind()
        async with studio.site.database.write() as session:
            found = await session.get_one(BulkJob, (job.workspace_id, job.id))
        assert (found.state, found.done, found.failed) == (JobState.COMPLETED, 3, 0)
    await studio.wind()
    assert await events(studio, "client.make_inactive") == 3


@STEPS
async def test_a_step_whose_worker_died_is_taken_by_the_clock_as_it_is(studio: Studio, by: timedelta) -> None:
    await waiting(studio, 1, now() - DAY)
    async with studio.site.database.write() as session:
        mine = col(ScheduledTransition.workspace_id) == studio.owner.workspace_id
        await session.exec(update(ScheduledTransition).where(mine).values(locked_until=now() + due.LEASE, attempts=1))
    with time_machine.travel(now() + by):
        await studio.wind()
    async with studio.site.database.write() as session:
        [one] = (await session.exec(select(ScheduledTransition).where(mine))).all()
    assert (one.state, await events(studio, "client.make_inactive")) == (ScheduleState.DONE, 1)


async def test_a_deletion_whose_worker_died_is_carried_on_by_the_clock_as_it_is(studio: Studio) -> None:
    client, _ = await studio.client()
    key = gid("client", client)
    token = (await studio.look("erasureRequest", key, {}, "owner"))["token"]
    ask = "mutation ($id: ID!, $t: String) { erasureRequest(id: $id, input: {}, token: $t) { problems { code } } }"
    assert (await studio.ask(ask, "owner", id=key, t=token))["erasureRequest"]["problems"] == []
    async with studio.site.database.write() as session:
        mine = col(ErasureRequest.workspace_id) == studio.owner.workspace_id
        due_and_held = {"scheduled_for": now() - DAY, "locked_until": now() + HOUR}
        await session.exec(update(ErasureRequest).where(mine).values(**due_and_held))
    state: str = ErasureState.RUNNING
    async with asyncio.timeout(60):  # the transactions of others, in other databases of the server, may hold the end up
        while state == ErasureState.RUNNING:
            await studio.wind()
            async with studio.site.database.write() as session:
                [state] = (await session.exec(select(ErasureRequest.state).where(mine))).all()
            await asyncio.sleep(0.01)
    assert state == ErasureState.COMPLETED
