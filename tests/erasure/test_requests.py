"""Requests for erasure: asked for, verified, scheduled, cancelled, blocked, carried out on their day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from lifecycle.vocabulary import ErasureState, Grant
from storage.tables.erasure import ErasureRequest
from tests.access.site import Site, gid
from tests.erasure.acts import confirmed, erasure, finish
from tests.erasure.person import Person, full
from tests.lifecycle.stage import Stage, build
from tests.rows import changed

FOUR_DAYS = timedelta(days=4)


async def asked(stage: Stage, person: Person, given: str = "", *, by: str = "OWNER") -> Any:
    made = await confirmed(stage, "erasureRequest", gid("client", person.client), given, by=by)
    assert made["problems"] == [], made
    return made["erasure"]


@pytest.mark.req("T1", "T-Q11")
async def test_a_request_waits_for_its_day_and_is_then_carried_out(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    made = await asked(stage, person)
    waits = datetime.fromisoformat(made["scheduledFor"]) - datetime.now(UTC)
    assert (made["state"], made["parts"]) == ("SCHEDULED", ["HISTORY", "CONTACT"])
    assert timedelta(hours=71) < waits <= timedelta(hours=72)
    # nothing is deleted before
    await finish(stage, timedelta(hours=71))
    assert (await erasure(stage, made["id"]))["state"] == "SCHEDULED"
    assert (await stage.find(person.client)).email == person.client.email
    # and all is on its day, by the clock
    await finish(stage, FOUR_DAYS)
    done = await erasure(stage, made["id"])
    assert (done["state"], done["receipt"]["complete"]) == ("COMPLETED", True)
    assert (await stage.find(person.client)).data_state.value == "ERASED"


@pytest.mark.req("T-Q11")
async def test_cancelled_in_time_it_changes_nothing(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    before = await stage.everything()
    made = await asked(stage, person)
    again = await confirmed_refused(stage, person)
    assert again == ["ERASURE_RUNNING"]
    done = await stage.act("erasureCancel", made["id"], also="erasure { state }")
    assert (done["problems"], done["erasure"]["state"]) == ([], "CANCELLED")
    await finish(stage, FOUR_DAYS)
    moved = changed(before, await stage.everything())
    assert moved.keys() <= {"erasure_request", "audit_event", "outbox_event", "transition_plan"}
    # and a second one may be asked for
    assert (await asked(stage, person))["state"] == "SCHEDULED"
    late = await stage.act("erasureCancel", made["id"])
    assert [problem["code"] for problem in late["problems"]] == ["ALREADY_IN_STATE"]


async def confirmed_refused(stage: Stage, person: Person) -> list[str]:
    looked = await stage.look("erasureRequest", gid("client", person.client))
    return [blocker["code"] for blocker in looked["blockers"]]


@pytest.mark.req("T-Q10")
async def test_a_hold_blocks_it_and_its_release_lets_it_go_on(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    key = gid("client", person.client)
    made = await asked(stage, person)
    holds = [(await stage.act("holdPlace", None, f'client: "{key}", reason: "Case 7"', also="hold { id state }"))["hold"] for _ in range(2)]
    # no step deletes anything while one stands
    for name in ("clientDeleteHistory", "clientDeleteContact", "clientErase"):
        assert [b["code"] for b in (await stage.look(name, key))["blockers"]] == ["LEGAL_HOLD"]
    await finish(stage, FOUR_DAYS)
    found = await erasure(stage, made["id"])
    assert (found["state"], found["blockedBy"]) == ("BLOCKED", "LEGAL_HOLD")
    assert (await stage.find(person.client)).data_state.value == "PRESENT"
    # when the first is released, the second still blocks; when both are, it goes on at once
    await stage.act("holdRelease", holds[0]["id"])
    await finish(stage, FOUR_DAYS)
    assert (await erasure(stage, made["id"]))["state"] == "BLOCKED"
    done = await stage.act("holdRelease", holds[1]["id"], also="hold { state }")
    assert done["hold"]["state"] == "RELEASED"
    await finish(stage, FOUR_DAYS)
    found = await erasure(stage, made["id"])
    assert (found["state"], found["blockedBy"]) == ("COMPLETED", None)


@pytest.mark.req("T-Q10")
async def test_a_subscription_that_came_since_blocks_it(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    made = await asked(stage, person)
    await stage.subscription(person.rows["enrollment"][0])
    await finish(stage, FOUR_DAYS)
    found = await erasure(stage, made["id"])
    assert (found["state"], found["blockedBy"]) == ("BLOCKED", "ACTIVE_SUBSCRIPTION")


@pytest.mark.req("T1", "T-Q11", "T-Q13")
async def test_the_client_asks_and_the_coach_decides(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    await stage.grant("COACH", grants=(Grant.ERASE,))
    token = await site.token(person.client)
    looked = (await site.data(token, f'{{ erasureRequestPreview(id: "{gid("client", person.client)}") {{ token blockers {{ code }} }} }}'))[
        "erasureRequestPreview"
    ]
    assert looked["blockers"] == []
    sent = f'mutation {{ erasureRequest(id: "{gid("client", person.client)}", token: "{looked["token"]}") {{'
    made = (await site.data(token, f"{sent} erasure {{ id state actor }} problems {{ code }} }} }}"))["erasureRequest"]
    assert (made["problems"], made["erasure"]["state"], made["erasure"]["actor"]) == ([], "VERIFIED", "CLIENT")
    key = made["erasure"]["id"]
    # the client sees it, and may take it back; another client sees nothing of it
    other = await site.token(stage.rows["client"])
    asked_for = f'{{ erasureRequest(id: "{key}") {{ state }} }}'
    assert (await site.data(token, asked_for))["erasureRequest"] == {"state": "VERIFIED"}
    assert (await site.data(other, asked_for))["erasureRequest"] is None
    # without the coach nothing happens
    await finish(stage, FOUR_DAYS)
    assert (await erasure(stage, key))["state"] == "VERIFIED"
    done = await stage.act("erasureSchedule", key, by="COACH", also="erasure { state scheduledFor }")
    assert (done["problems"], done["erasure"]["state"]) == ([], "SCHEDULED")
    await finish(stage, FOUR_DAYS)
    assert (await erasure(stage, key))["state"] == "COMPLETED"


@pytest.mark.req("T-Q11")
async def test_who_is_not_known_is_verified_first(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    made = await asked(stage, person, "verified: false")
    assert made["state"] == "REQUESTED"
    early = await stage.act("erasureSchedule", made["id"])
    assert [problem["code"] for problem in early["problems"]] == ["INVALID_TRANSITION"]
    assert (await stage.act("erasureVerify", made["id"]))["problems"] == []
    assert (await stage.act("erasureSchedule", made["id"]))["problems"] == []
    assert (await erasure(stage, made["id"]))["state"] == "SCHEDULED"


@pytest.mark.req("T-Q11")
async def test_what_runs_cannot_be_cancelled_and_is_not_begun_twice(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    made = await asked(stage, person)
    async with site.database.write() as session:
        running = update(ErasureRequest).where(col(ErasureRequest.client_id) == person.client.id)
        await session.exec(running.values(state=ErasureState.RUNNING))
    before = await stage.everything()
    late = await stage.act("erasureCancel", made["id"])
    assert [problem["code"] for problem in late["problems"]] == ["INVALID_TRANSITION"]
    blocked = await stage.look("clientErase", gid("client", person.client))
    assert [b["code"] for b in blocked["blockers"]] == ["ERASURE_RUNNING"]
    assert changed(before, await stage.everything()) == {}


@pytest.mark.req("T-Q11")
async def test_erased_meanwhile_the_request_is_settled_with_it(site: Site) -> None:
    """`clientErase` does what a waiting request asks for: it is that request that runs, and there is one receipt."""
    stage = await build(site)
    person = await full(stage)
    made = await asked(stage, person)
    done = await confirmed(stage, "clientErase", gid("client", person.client))
    assert done["erasure"]["id"] == made["id"]
    await finish(stage, FOUR_DAYS)
    receipts = (await site.data(stage.tokens["OWNER"], "{ erasureReceipts { totalCount } }"))["erasureReceipts"]
    assert receipts == {"totalCount": 1}
