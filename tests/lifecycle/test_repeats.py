"""Requests sent twice, tokens and versions: what binds a step to what its caller saw."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import col, func, select

from lifecycle.vocabulary import ClientStatus, Role
from storage.tables.appointments import Appointment
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, IdempotencyRecord, TransitionPlan
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, mutation, preview, soon
from tests.rows import changed

BATCH = "batchId undoUntil event { id } client { id version status }"


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="repeats")


def codes(payload: Any) -> list[str]:
    return [problem["code"] for problem in payload["problems"]]


async def unchanged(stage: Stage, name: str, id_: str | None, given: str, code: str, **more: Any) -> None:
    before = await stage.everything()
    assert codes(await stage.act(name, id_, given, **more)) == [code]
    assert changed(before, await stage.everything()) == {}


@pytest.mark.req("J-Q15", "I10")
async def test_the_same_key_changes_nothing_the_second_time(stage: Stage) -> None:
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    key = 'idempotencyKey: "same-key"'
    first = await stage.act("clientMarkHotLead", client, 'reason: "Curious"', more=key, also=BATCH)
    before = await stage.everything()
    second = await stage.act("clientMarkHotLead", client, 'reason: "Curious"', more=key, also=BATCH)
    assert second == first
    assert first["problems"] == []
    assert changed(before, await stage.everything()) == {}


async def test_a_key_with_another_request_is_refused(stage: Stage) -> None:
    """Given a key that was used, then with another object, input, version or step it is refused; for another caller it is theirs."""
    one, two = [gid("client", await stage.client(ClientStatus.PROSPECT)) for _ in range(2)]
    key = 'idempotencyKey: "other-request"'
    assert codes(await stage.act("clientMarkHotLead", one, more=key)) == []
    await unchanged(stage, "clientMarkHotLead", two, "", "KEY_REUSED", more=key)
    await unchanged(stage, "clientMarkHotLead", one, 'reason: "Why"', "KEY_REUSED", more=key)
    await unchanged(stage, "clientActivate", one, "", "KEY_REUSED", more=key)
    await unchanged(stage, "clientMarkHotLead", one, "", "KEY_REUSED", more=f"{key}, expectedVersion: 1")
    assert codes(await stage.act("clientMarkHotLead", two, more=key, by="COACH")) == []


async def test_a_refusal_is_not_kept(stage: Stage) -> None:
    """Given a step that was refused under a key, when it becomes possible, then the same request takes it."""
    client = await stage.client(ClientStatus.PROSPECT)
    key = 'idempotencyKey: "refused-first"'
    await unchanged(stage, "clientMakeInactive", gid("client", client), "", "INVALID_TRANSITION", more=key)
    await stage.act("clientActivate", gid("client", client))
    assert codes(await stage.act("clientMakeInactive", gid("client", client), more=key)) == []


async def test_an_undo_under_a_key_is_done_once(stage: Stage) -> None:
    """Given an undo under a key, when it is sent again, then the answer is the same and nothing changes; another undo is refused."""
    client, other = [await stage.client(ClientStatus.ACTIVE) for _ in range(2)]
    past = await stage.service(client, 50)
    done, next_ = [await stage.act("clientMakeInactive", gid("client", one), also=BATCH) for one in (client, other)]
    await stage.site.change(Appointment, past, starts_at=soon(-0.001))
    key = 'idempotencyKey: "undo-once"'
    first = await stage.undo(done["batchId"], more=key)
    assert (codes(first), len(first["skipped"]), first["event"]["name"]) == ([], 1, "client.undo")
    before = await stage.everything()
    assert await stage.undo(done["batchId"], more=key) == first
    assert codes(await stage.undo(next_["batchId"], more=key)) == ["KEY_REUSED"]
    assert codes(await stage.act("clientMakeInactive", gid("client", client), more=key)) == ["KEY_REUSED"]
    assert codes(await stage.undo(done["batchId"])) == ["UNDO_CLOSED"]
    assert changed(before, await stage.everything()) == {}


async def test_undos_under_one_key_at_the_same_time_have_one_answer(stage: Stage) -> None:
    client = await stage.client(ClientStatus.ACTIVE)
    done = await stage.act("clientMakeInactive", gid("client", client), also=BATCH)
    answers = await asyncio.gather(*(stage.undo(done["batchId"], more='idempotencyKey: "undo-race"') for _ in range(5)))
    assert all(answer == answers[0] and codes(answer) == [] for answer in answers)


async def test_the_header_makes_an_undo_safe_to_repeat(stage: Stage) -> None:
    client = await stage.client(ClientStatus.ACTIVE)
    done = await stage.act("clientMakeInactive", gid("client", client), also=BATCH)
    asked = f'mutation {{ transitionUndo(batchId: "{done["batchId"]}") {{ event {{ id }} problems {{ code }} }} }}'
    headers = {"Idempotency-Key": "undo-header"}
    first, second = [await stage.site.ask(stage.tokens["OWNER"], asked, headers=headers) for _ in range(2)]
    assert first == second
    assert codes(first["data"]["transitionUndo"]) == []


async def test_an_answer_is_forgotten_after_two_days(stage: Stage) -> None:
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    key = 'idempotencyKey: "old-key"'
    assert codes(await stage.act("clientMarkHotLead", client, more=key)) == []
    async with stage.site.database.write() as session:
        mine = select(IdempotencyRecord).where(col(IdempotencyRecord.key) == "old-key")
        kept = (await session.exec(mine.where(col(IdempotencyRecord.workspace_id) == stage.workspace.id))).one()
        assert (kept.expires_at - kept.created_at).total_seconds() == 2 * 86_400
        kept.expires_at = soon(0)
        session.add(kept)
    assert codes(await stage.act("clientMarkHotLead", client, more=key)) == ["ALREADY_IN_STATE"]


async def test_the_header_serves_each_mutation_by_its_name(stage: Stage) -> None:
    one, two = [gid("client", await stage.client(ClientStatus.PROSPECT)) for _ in range(2)]
    query = f'mutation {{ a: clientMarkHotLead(id: "{one}") {{ event {{ id }} problems {{ code }} }}'
    query += f' b: clientMarkHotLead(id: "{two}") {{ event {{ id }} problems {{ code }} }} }}'
    sent = {"idempotency-key": "from the header"}
    first = await stage.site.data(stage.tokens["OWNER"], query, sent)
    before = await stage.everything()
    assert await stage.site.data(stage.tokens["OWNER"], query, sent) == first
    assert changed(before, await stage.everything()) == {}
    assert [len(first[name]["problems"]) for name in "ab"] == [0, 0]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "a\u0000b"], ids=["empty", "long", "tab", "null"])
async def test_what_is_no_key(stage: Stage, key: str) -> None:
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    before = await stage.everything()
    query = "mutation ($id: ID!, $key: String) { clientMarkHotLead(id: $id, idempotencyKey: $key) { problems { code } } }"
    answer = await stage.site.ask(stage.tokens["OWNER"], query, id=client, key=key)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    if "\u0000" not in key:
        answer = await stage.site.ask(stage.tokens["OWNER"], query, {"idempotency-key": key}, id=client)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert changed(before, await stage.everything()) == {}


async def test_a_key_sent_many_times_at_once(stage: Stage) -> None:
    """Given one request sent 64 times at once under one key, then it is carried out once and answered 64 times alike."""
    client = await stage.client(ClientStatus.PROSPECT)
    sent = [stage.act("clientActivate", gid("client", client), more='idempotencyKey: "at-once"', also=BATCH) for _ in range(64)]
    answers = await asyncio.gather(*sent)
    assert [codes(answer) for answer in answers] == [[]] * 64
    assert len({answer["event"]["id"] for answer in answers}) == 1
    assert (await stage.find(client)).version == 2
    assert await events_of(stage, client) == 1


async def test_a_contact_added_many_times_at_once(stage: Stage) -> None:
    """Given one contact added 32 times at once, under one key or under none, then there is one, and every answer says which."""
    given = 'name: "Many", email: "many.keyed@example.org"'
    keyed = await asyncio.gather(
        *(stage.act("clientAdd", None, given, more='idempotencyKey: "add"', also="client { id }") for _ in range(32))
    )
    assert [codes(answer) for answer in keyed] == [[]] * 32
    assert len({answer["client"]["id"] for answer in keyed}) == 1
    given = 'name: "Many", email: "many.free@example.org"'
    free = await asyncio.gather(*(stage.act("clientAdd", None, given) for _ in range(32)))
    said = [codes(answer) for answer in free]
    assert (said.count([]), said.count(["CLIENT_EXISTS"])) == (1, 31)
    numbers = await stage.site.data(stage.tokens["OWNER"], "{ clients(first: 100) { nodes { number } } }")
    found = [node["number"] for node in numbers["clients"]["nodes"]]
    assert len(set(found)) == len(found)
    stage.site.number += 1000  # numbers of clients that the tests make themselves


async def events_of(stage: Stage, client: Client) -> int:
    async with stage.site.database.write() as session:
        asked = select(func.count()).select_from(AuditEvent).where(col(AuditEvent.client_id) == client.id)
        return (await session.exec(asked)).one()


# -- versions ------------------------------------------------------------------------------------------------------------


async def test_the_version_that_is_expected(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    await unchanged(stage, "clientMarkHotLead", gid("client", client), "", "CONFLICT", more="expectedVersion: 2")
    taken = await stage.act("clientMarkHotLead", gid("client", client), more="expectedVersion: 1", also=BATCH)
    assert (codes(taken), taken["client"]["version"]) == ([], 2)
    late = await stage.act("clientActivate", gid("client", client), more="expectedVersion: 1", also="client { version status }")
    assert (codes(late), late["client"]) == (["CONFLICT"], {"version": 2, "status": "HOT_LEAD"})


# -- tokens --------------------------------------------------------------------------------------------------------------


async def token(stage: Stage, name: str, id_: str, given: str = "", by: str = "OWNER") -> str:
    return str((await stage.look(name, id_, given, by=by))["token"])


async def test_a_token_is_of_one_step_object_input_and_caller(stage: Stage) -> None:
    one, two = [gid("client", await stage.client()) for _ in range(2)]
    mine = await token(stage, "clientMakeInactive", one, "deleteTemplates: false")
    await unchanged(stage, "clientMakeInactive", two, "deleteTemplates: false", "TOKEN_INVALID", more=f'token: "{mine}"')
    await unchanged(stage, "clientMakeInactive", one, "deleteTemplates: true", "TOKEN_INVALID", more=f'token: "{mine}"')
    await unchanged(stage, "clientMakeInactive", one, "", "TOKEN_INVALID", more=f'token: "{mine}"')
    await unchanged(stage, "clientMakeInactive", one, "deleteTemplates: false", "TOKEN_INVALID", more=f'token: "{mine}"', by="COACH")
    await unchanged(stage, "clientCorrectStatus", one, 'to: INACTIVE, reason: "x"', "TOKEN_INVALID", more=f'token: "{mine}"')
    for broken in ("", "x", mine[:-4], mine[:-4] + "AAAA", "é" * 54, mine[:20] + "AAAA" + mine[24:]):
        await unchanged(stage, "clientMakeInactive", one, "deleteTemplates: false", "TOKEN_INVALID", more=f'token: "{broken}"')
    assert codes(await stage.act("clientMakeInactive", one, "deleteTemplates: false", more=f'token: "{mine}"')) == []
    await stage.act("clientCorrectStatus", one, 'to: ACTIVE, reason: "x"')
    await unchanged(stage, "clientMakeInactive", one, "deleteTemplates: false", "TOKEN_INVALID", more=f'token: "{mine}"')


async def test_a_token_of_elsewhere_or_of_yesterday(stage: Stage) -> None:
    elsewhere = await build(stage.site, name="repeats-elsewhere")
    theirs = await token(elsewhere, "clientMakeInactive", elsewhere.gid("client"))
    client = gid("client", await stage.client())
    await unchanged(stage, "clientMakeInactive", client, "", "TOKEN_INVALID", more=f'token: "{theirs}"')
    mine = await token(stage, "clientMakeInactive", client)
    async with stage.site.database.write() as session:
        asked = select(TransitionPlan).where(col(TransitionPlan.workspace_id) == stage.workspace.id).order_by(col(TransitionPlan.id).desc())
        plan = (await session.exec(asked)).first()
        assert plan is not None
        assert (plan.expires_at - plan.created_at).total_seconds() == 900
        plan.expires_at = soon(1)
        session.add(plan)
    await unchanged(stage, "clientMakeInactive", client, "", "TOKEN_INVALID", more=f'token: "{mine}"')


async def test_a_preview_of_what_is_refused_leaves_no_row(stage: Stage) -> None:
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    before = await stage.everything()
    looked = await stage.look("clientMakeInactive", client)
    assert (looked["token"], looked["after"], looked["effects"]) == (None, None, [])
    assert [blocker["code"] for blocker in looked["blockers"]] == ["INVALID_TRANSITION"]
    for who in ("ASSISTANT", "ACCOUNTANT", "ANALYST", "OTHER_COACH"):
        assert (await stage.look("clientMarkHotLead", client, by=who))["token"] is None
    assert changed(before, await stage.everything()) == {}


async def test_a_preview_leaves_its_plan_and_nothing_else(stage: Stage) -> None:
    client = gid("client", await stage.client())
    before = await stage.everything()
    await stage.look("clientMakeInactive", client)
    moved = changed(before, await stage.everything())
    assert {name: (len(went), len(came)) for name, (went, came) in moved.items()} == {"transition_plan": (0, 1)}


async def test_a_token_after_the_object_moved_on(stage: Stage) -> None:
    """Given a preview, when the earlier status that it showed is another by now, then it is stale though it touches nothing."""
    client = await stage.client(ClientStatus.INACTIVE)
    mine = await token(stage, "clientReactivate", gid("client", client))
    await stage.act("clientCorrectStatus", gid("client", client), 'to: HOT_LEAD, reason: "x"')
    await stage.act("clientMakeInactive", gid("client", client))
    await unchanged(stage, "clientReactivate", gid("client", client), "", "PLAN_STALE", more=f'token: "{mine}"')


async def test_mutations_and_previews_are_refused_by_get_and_without_sign_in(stage: Stage) -> None:
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    before = await stage.everything()
    for query in (mutation("clientMarkHotLead", client), f"{{ {preview('clientMarkHotLead', client)} }}"):
        answer = await stage.site.ask(None, query)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAUTHENTICATED"}
        assert not answer.get("data")
    assert changed(before, await stage.everything()) == {}


async def test_who_left_between_sign_in_and_step(stage: Stage) -> None:
    """Given a member whose role was changed after they signed in, then their step is refused whatever the new role may do."""
    member = await stage.site.member(stage.workspace, Role.OWNER)
    stage.tokens["LATE"] = await stage.site.token(member)
    client = gid("client", await stage.client(ClientStatus.PROSPECT))
    await stage.site.change(type(member), member, role=Role.ANALYST)
    before = await stage.everything()
    answer = await stage.site.ask(stage.tokens["LATE"], mutation("clientMarkHotLead", client))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert changed(before, await stage.everything()) == {}
