"""Jobs: more objects than a mutation does itself, done one by one beside the requests."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from lifecycle.vocabulary import ClientStatus, Grant, Role
from resolvers.bulk.work import work
from storage.tables.clients import Client
from storage.tables.workspace import Account, Member, MemberGrant
from tests.access.site import gid
from tests.bulk.studio import Studio, ids

SECRETS = (b"secret",)


async def made(studio: Studio, number: int = 110, status: ClientStatus = ClientStatus.ACTIVE, coach: str = "coach") -> list[Client]:
    rows = [
        Client(
            workspace_id=studio.workspace.id,
            number=studio.site.number + place,
            coach_id=studio.members[coach].id,
            status=status,
            name=f"Client {place}",
            sort_name=f"client {place}",
        )
        for place in range(1, number + 1)
    ]
    studio.site.number += number
    async with studio.site.database.write() as session:
        session.add_all(rows)
    return rows


@pytest.mark.req("P13", "X6")
async def test_a_job_is_answered_at_once_and_does_each_object_once(studio: Studio) -> None:
    clients = await made(studio)
    shown = await studio.preview("clientsMakeInactive", filter={"status": ["ACTIVE"]})
    assert (shown["allowed"], shown["atOnce"]) == (110, False)
    answer = await studio.do("clientsMakeInactive", filter={"status": ["ACTIVE"]}, token=shown["token"], idempotencyKey="k")
    assert (answer["problems"], answer["results"]) == ([], [])
    assert (answer["job"]["state"], answer["job"]["total"]) == ("QUEUED", 110)
    over = await studio.ended(answer["job"]["id"])
    assert (over["state"], over["done"], over["failed"]) == ("COMPLETED", 110, 0)
    assert over["finishedAt"]
    assert set(await studio.statuses(clients)) == {"INACTIVE"}
    events = await studio.events("client.make_inactive")
    assert sorted(event.subject_id.hex for event in events if event.subject_id) == sorted(client.id.hex for client in clients)
    again = await studio.do("clientsMakeInactive", filter={"status": ["ACTIVE"]}, token=shown["token"], idempotencyKey="k")
    assert again["job"]["id"] == answer["job"]["id"]
    assert len(await studio.events("client.make_inactive")) == 110
    [started], [ended] = await studio.events("bulk_started"), await studio.events("bulk_ended")
    assert gid("bulkjob", started.subject_id) == gid("bulkjob", ended.subject_id) == answer["job"]["id"]


async def test_what_has_moved_since_a_bound_job_was_started_is_refused_object_by_object(studio: Studio) -> None:
    clients = await made(studio)
    refusing = await made(studio, 1, ClientStatus.INACTIVE)
    chosen = ids([*clients, *refusing])
    shown = await studio.preview("clientsMakeInactive", ids=chosen)
    answer = await studio.do("clientsMakeInactive", ids=chosen, token=shown["token"])
    await studio.session(clients[-1])
    await studio.site.change(Client, refusing[0], status=ClientStatus.ACTIVE)
    over = await studio.ended(answer["job"]["id"])
    assert (over["done"], over["failed"]) == (109, 2)
    assert await studio.statuses([clients[-1], *refusing]) == ["ACTIVE", "ACTIVE"]
    text = "query($id: ID!) { bulkJob(id: $id) { items(filter: {code: PLAN_STALE}) { nodes { subject } } } }"
    found = await studio.site.data(studio.tokens["owner"], text, id=answer["job"]["id"])
    assert sorted(one["subject"] for one in found["bulkJob"]["items"]["nodes"]) == sorted(ids([clients[-1], *refusing]))


@pytest.mark.req("P13")
async def test_a_cancelled_job_leaves_the_rest_as_it_is(studio: Studio) -> None:
    clients = await made(studio, 400)
    answer = await studio.do("clientsMakeInactive", filter={"status": ["ACTIVE"]})
    key = answer["job"]["id"]
    await studio.begun(key, 5)
    cancel = "mutation($id: ID!) { bulkJobCancel(id: $id) { job { state } problems { code } } }"
    for stranger in ("coach", "analyst"):
        refused = await studio.site.data(studio.tokens[stranger], cancel, id=key)
        assert refused["bulkJobCancel"] == {"job": None, "problems": [{"code": "NOT_FOUND"}]}
    stopped = await studio.site.data(studio.tokens["owner"], cancel, id=key)
    assert stopped["bulkJobCancel"] == {"job": {"state": "CANCELLED"}, "problems": []}
    after = await studio.job(key)
    await asyncio.sleep(1)
    assert await studio.job(key) == after
    assert 5 <= after["done"] < 400
    statuses = await studio.statuses(clients)
    assert statuses.count("INACTIVE") == after["done"] == len(await studio.events("client.make_inactive"))
    text = "query($id: ID!) { bulkJob(id: $id) { items(filter: {state: LEFT_OUT}) { totalCount } } }"
    left = await studio.site.data(studio.tokens["owner"], text, id=key)
    assert left["bulkJob"]["items"]["totalCount"] == 400 - after["done"]
    again = await studio.site.data(studio.tokens["owner"], cancel, id=key)
    assert again["bulkJobCancel"]["problems"] == [{"code": "INVALID_TRANSITION"}]


@pytest.mark.parametrize("lost", ["role", "left", "account", "grant"])
async def test_a_job_stops_where_its_member_may_not_go_on(studio: Studio, lost: str) -> None:
    coach = studio.members["coach"]
    grant = MemberGrant(workspace_id=coach.workspace_id, member_id=coach.id, grant_name=Grant.REACTIVATE)
    await studio.site.put(grant)
    clients = await made(studio, 120, ClientStatus.INACTIVE)
    answer = await studio.do("clientsReactivate", "coach", filter={"status": ["INACTIVE"]})
    await studio.begun(answer["job"]["id"], 3)
    match lost:
        case "role":
            await studio.site.change(Member, coach, role=Role.ANALYST)
        case "left":
            await studio.site.change(Member, coach, left_at=datetime.now(UTC))
        case "account":
            async with studio.site.database.write() as session:
                account = await session.get_one(Account, coach.account_id)
                account.disabled_at = datetime.now(UTC)
                session.add(account)
        case _:
            async with studio.site.database.write() as session:
                await session.delete(await session.get_one(MemberGrant, (grant.workspace_id, grant.id)))
    over = await studio.ended(answer["job"]["id"])
    assert (over["state"], over["code"]) == ("FAILED", "FORBIDDEN")
    statuses = await studio.statuses(clients)
    assert statuses.count("ACTIVE") == over["done"] < 120


async def test_a_client_who_changes_coach_meanwhile_is_not_found(studio: Studio) -> None:
    clients = await made(studio)
    answer = await studio.do("clientsMakeInactive", "coach", filter={"status": ["ACTIVE"]})
    await studio.site.change(Client, clients[-1], coach_id=studio.members["other"].id)
    over = await studio.ended(answer["job"]["id"])
    assert (over["done"], over["failed"]) == (109, 1)
    assert await studio.statuses(clients[-1:]) == ["ACTIVE"]


async def test_jobs_are_seen_by_who_started_them_and_by_the_owner(studio: Studio) -> None:
    await studio.clients(1)
    mine = (await studio.do("clientsMakeInactive", "coach", filter={}))["job"]["id"]
    [client] = await studio.clients(1)
    studio.tokens["client"] = await studio.site.token(client)
    text = "query($id: ID!) { bulkJob(id: $id) { items { nodes { id } } } bulkJobs { nodes { id } } node(id: $id) { id } }"
    items: list[str] = []
    for who, seen in (("coach", True), ("owner", True), ("other", False), ("analyst", False), ("client", False)):
        found = await studio.site.data(studio.tokens[who], text, id=mine)
        assert [bool(found["bulkJob"]), bool(found["node"]), bool(found["bulkJobs"]["nodes"])] == [seen] * 3, who
        items = [one["id"] for one in found["bulkJob"]["items"]["nodes"]] if seen else items
        answer = await studio.site.data(studio.tokens[who], "query($id: ID!) { node(id: $id) { id } }", id=items[0])
        assert bool(answer["node"]) is seen, who


async def test_several_workers_do_each_object_once(studio: Studio) -> None:
    clients = await made(studio, 150)
    answer = await studio.do("clientsMakeInactive", filter={"status": ["ACTIVE"]})

    async def worker() -> None:
        while (await studio.job(answer["job"]["id"]))["state"] in {"QUEUED", "RUNNING"}:
            await work(studio.site.database, SECRETS, lambda: datetime.now(UTC))
            await asyncio.sleep(0.01)

    await asyncio.gather(worker(), worker(), worker())
    over: Any = await studio.job(answer["job"]["id"])
    assert (over["state"], over["done"], over["failed"]) == ("COMPLETED", 150, 0)
    assert len(await studio.events("client.make_inactive")) == 150
    assert set(await studio.statuses(clients)) == {"INACTIVE"}
