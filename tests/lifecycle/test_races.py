"""Many steps at the same time: one wins where only one can, none is lost, and every answer is a typed one."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlmodel import col, select

from lifecycle.vocabulary import ClientStatus
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.operations import AuditEvent, Batch, OutboxEvent
from storage.tables.packages import Enrollment
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build

MANY = 64
TYPED = {"ALREADY_IN_STATE", "INVALID_TRANSITION", "CONFLICT", "CLIENT_INACTIVE", "ALREADY_ENROLLED", "IRREVERSIBLE", "PLAN_STALE"}


@pytest_asyncio.fixture
async def stage(site: Site) -> Stage:
    return await build(site, name="races")


async def together(*asked: Any) -> list[str]:
    """Code of each answer to requests sent at once; empty where the step was taken."""
    answers = await asyncio.gather(*asked)
    return ["".join(problem["code"] for problem in answer["problems"]) for answer in answers]


async def sound(stage: Stage, *clients: Client) -> None:
    """Versions add up, the history is one chain, and the announcements have no gap, each of its event."""
    async with stage.site.database.write() as session:
        here = stage.workspace.id
        outbox = (
            await session.exec(select(OutboxEvent).where(col(OutboxEvent.workspace_id) == here).order_by(col(OutboxEvent.position)))
        ).all()
        events = (await session.exec(select(AuditEvent).where(col(AuditEvent.workspace_id) == here))).all()
        batches = (await session.exec(select(Batch).where(col(Batch.workspace_id) == here))).all()
        lines = (await session.exec(select(ClientStatusChange).where(col(ClientStatusChange.workspace_id) == here))).all()
    steps = {event.id.hex: event for event in events if "." in event.action}
    assert [row.position for row in outbox] == list(range(1, len(outbox) + 1))
    assert sorted(payload_event(row) for row in outbox) == sorted(steps)
    assert {batch.id for batch in batches} == {event.batch_id for event in steps.values() if event.batch_id is not None}
    for client in clients:
        mine = [line for line in lines if line.client_id == client.id and line.actor != "test"]
        now = await stage.find(client)
        assert now.version == client.version + len(mine)
        chain(client.status, now.status, [(line.before, line.after) for line in mine])


def payload_event(row: OutboxEvent) -> str:
    import orjson

    return str(orjson.loads(row.payload)["event"])


def chain(start: ClientStatus, end: ClientStatus, links: list[tuple[Any, Any]]) -> None:
    """Whether the changes make one way from the first status to the last, in some order: each state is left as often as entered."""
    balance = Counter({start: 1}) + Counter(after for _, after in links)
    balance.subtract(Counter(before for before, _ in links))
    assert {state: count for state, count in balance.items() if count} == {end: 1}


async def test_equal_steps(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    codes = Counter(await together(*(stage.act("clientActivate", gid("client", client)) for _ in range(MANY))))
    assert codes == {"": 1, "ALREADY_IN_STATE": MANY - 1}
    await sound(stage, client)


async def test_equal_steps_with_the_version_that_was_seen(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    names = ["clientActivate", "clientMarkHotLead"] * (MANY // 2)
    codes = Counter(await together(*(stage.act(name, gid("client", client), more="expectedVersion: 1") for name in names)))
    assert codes.pop("") == 1
    assert set(codes) <= {"ALREADY_IN_STATE", "INVALID_TRANSITION", "CONFLICT"}
    assert (await stage.find(client)).version == 2
    await sound(stage, client)


async def test_conflicting_steps(stage: Stage) -> None:
    """Given 64 steps in all directions at once, then those that were taken make one history, and no other left a trace."""
    client = await stage.client(ClientStatus.ACTIVE)
    for days in (5, 6, 7):
        await stage.service(client, days)
    id_ = gid("client", client)
    asked = [("clientMakeInactive", ""), ("clientReactivate", ""), ("clientCorrectStatus", 'to: HOT_LEAD, reason: "x"'),
             ("clientActivate", ""), ("clientMarkHotLead", ""), ("clientReturnToProspect", ""),
             ("clientMakeInactive", "deleteFutureServices: false"), ("clientSetAccessMode", "accessMode: READ_ONLY")]  # fmt: skip
    codes = await together(*(stage.act(*(name, id_, given), by=by) for name, given in asked for by in ("OWNER", "COACH") for _ in range(4)))
    assert len(codes) == MANY
    assert set(codes) <= {"", "FORBIDDEN"} | TYPED
    assert codes.count("") >= 1
    await sound(stage, client)


async def test_steps_of_clients_and_of_what_is_theirs(stage: Stage) -> None:
    """Given steps of a client, their enrollment, session, invoice and conversation at once, then nobody waits for ever for another."""
    clients = [await stage.client(ClientStatus.ACTIVE) for _ in range(4)]
    asked = []
    for client in clients:
        enrollment, id_ = gid("enrollment", await stage.enrollment(client)), gid("client", client)
        service = gid("appointment", await stage.service(client, 9))
        for _ in range(2):
            asked += [
                stage.act("enrollmentDeactivate", enrollment, "reason: COACH_DECISION, cancelSubscription: NOW"),
                stage.act("clientMakeInactive", id_),
                stage.act("enrollmentReactivate", enrollment),
                stage.act("appointmentCancel", service),
                stage.act("clientReactivate", id_),
                stage.look("clientMakeInactive", id_),
                stage.act("appointmentReclassify", service, 'counts: true, reason: "x"'),
                stage.act("packageArchive", stage.gid("joined")),
            ]
    answers = await asyncio.gather(*asked)
    codes = {problem["code"] for answer in answers for problem in answer.get("problems", ())}
    assert codes <= TYPED | {"NOT_FOUND"}  # of a session that was removed
    await sound(stage, *clients)


async def test_different_clients_of_one_workspace(stage: Stage) -> None:
    clients = [await stage.client(ClientStatus.PROSPECT) for _ in range(MANY)]
    codes = await together(*(stage.act("clientMarkHotLead", gid("client", client)) for client in clients))
    assert codes == [""] * MANY
    await sound(stage, *clients)


async def test_nobody_is_enrolled_who_becomes_inactive(stage: Stage) -> None:
    """Given enrolling and making inactive at once, then who is inactive was enrolled before, never after."""
    for _ in range(12):
        client = await stage.client(ClientStatus.ACTIVE)
        packages = [gid("package", await stage.package()) for _ in range(3)]
        asked = [stage.act("enrollmentCreate", None, f'client: "{gid("client", client)}", package: "{package}"') for package in packages]
        codes = await together(*asked[:1], stage.act("clientMakeInactive", gid("client", client)), *asked[1:])
        assert set(codes) <= {"", "CLIENT_INACTIVE"}
        assert codes[1] == ""
        ended = (await stage.find(client)).status_since
        async with stage.site.database.write() as session:
            mine = select(Enrollment).where(col(Enrollment.client_id) == client.id)
            events = select(AuditEvent).where(col(AuditEvent.client_id) == client.id)
            joined = (await session.exec(mine)).all()
            order = {event.action: event for event in (await session.exec(events)).all()}
            places = (await session.exec(select(OutboxEvent).where(col(OutboxEvent.workspace_id) == client.workspace_id))).all()
        at = {row.subject_id: row.position for row in places}
        assert ended == order["client.make_inactive"].at
        assert all(at[row.id] < at[client.id] for row in joined), "enrolled after the relationship had ended"


async def test_a_prospect_is_promoted_once(stage: Stage) -> None:
    """Given a prospect who is enrolled in three packages and marked a hot lead at once, then every status they had is in the history."""
    for _ in range(8):
        client = await stage.client(ClientStatus.PROSPECT)
        packages = [gid("package", await stage.package()) for _ in range(3)]
        asked = [stage.act("enrollmentCreate", None, f'client: "{gid("client", client)}", package: "{package}"') for package in packages]
        codes = await together(stage.act("clientMarkHotLead", gid("client", client)), *asked)
        assert set(codes[1:]) == {""}
        assert codes[0] in ("", "INVALID_TRANSITION")
        await sound(stage, client)


async def test_one_package_entered_many_times(stage: Stage) -> None:
    client = await stage.client()
    given = f'client: "{gid("client", client)}", package: "{stage.gid("joined")}"'
    codes = Counter(await together(*(stage.act("enrollmentCreate", None, given) for _ in range(32))))
    assert codes == {"": 1, "ALREADY_ENROLLED": 31}
    await sound(stage)


@pytest.mark.req("J16")
async def test_a_freeze_and_a_deletion(stage: Stage) -> None:
    """Given freezes, thaws and deletions of one enrollment at once, then it is deleted once and for good."""
    client = await stage.client()
    id_ = gid("enrollment", await stage.enrollment(client))
    tokens = [(await stage.look("enrollmentDelete", id_, "reason: COACH_DECISION"))["token"] for _ in range(8)]
    asked = [stage.act("enrollmentDelete", id_, "reason: COACH_DECISION", more=f'token: "{token}"') for token in tokens]
    for _ in range(8):
        asked += [stage.act("enrollmentDeactivate", id_, "reason: COACH_DECISION"), stage.act("enrollmentReactivate", id_)]
    codes = await together(*asked)
    assert codes[:8].count("") == 1
    assert set(codes) <= {""} | TYPED
    async with stage.site.database.write() as session:
        row = await session.get_one(Enrollment, (stage.workspace.id, UUID(id_.partition("_")[2])))
    assert (row.state.value, row.version) == ("DELETED", 1 + codes.count(""))
    await sound(stage)


async def test_who_does_not_see_a_client_does_not_wait_for_them(stage: Stage) -> None:
    """Given a step with a client that is not over yet; when another coach previews one; then the answer does not wait and says nothing."""
    client = await stage.client(ClientStatus.PROSPECT, coach="COACH")
    enrollment = await stage.enrollment(client)
    holds = select(Client.id).where(col(Client.workspace_id) == client.workspace_id, col(Client.id) == client.id).with_for_update()
    async with stage.site.database.write() as session:
        rows = session.get_bind().dialect.name != "sqlite"  # SQLite has no locks of rows: one writer is waited for by all
        if rows:
            await session.exec(holds)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stage.look("clientActivate", gid("client", client), by="COACH"), 0.5)
            await unseen(stage, client, enrollment)
    await unseen(stage, client, enrollment)
    await sound(stage, client)


async def unseen(stage: Stage, client: Client, enrollment: Enrollment) -> None:
    """To another coach, the objects are as one that never was."""
    steps = (("clientActivate", "client", client, ""), ("enrollmentDeactivate", "enrollment", enrollment, "reason: COACH_DECISION"))
    for name, tag, row, given in steps:
        never = await stage.look(name, f"{tag}_{uuid4().hex}", given, by="OTHER_COACH")
        assert [blocker["code"] for blocker in never["blockers"]] == ["NOT_FOUND"]
        assert await asyncio.wait_for(stage.look(name, gid(tag, row), given, by="OTHER_COACH"), 5) == never
        answer = await asyncio.wait_for(stage.act(name, gid(tag, row), given, by="OTHER_COACH"), 5)
        assert [problem["code"] for problem in answer["problems"]] == ["NOT_FOUND"]
