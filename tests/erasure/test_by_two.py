"""Workspaces that delete only where one member asks and another schedules."""

from datetime import timedelta
from typing import Any, Final

import pytest
from sqlmodel import col, update

from lifecycle.vocabulary import DataPart, DataState, Grant
from resolvers.erasure.again import Done, again
from storage.tables.workspace import Workspace
from tests.access.site import Site, gid
from tests.erasure.acts import confirmed, erasure, finish
from tests.erasure.person import Person, full
from tests.erasure.test_by_link import link, only, used
from tests.erasure.test_refusals import codes, granted
from tests.lifecycle.stage import Stage, build, field_of, soon
from tests.rows import changed

IMMEDIATE: Final = ("clientDeleteHistory", "clientDeleteContact", "clientErase")


async def scene(site: Site, *, two: bool = True) -> tuple[Stage, Person]:
    stage = await build(site)
    await stage.grant("COACH", grants=(Grant.ERASE,))
    await set_two(stage, two=two)
    return stage, await full(stage)


async def set_two(stage: Stage, *, two: bool) -> None:
    async with stage.site.database.write() as session:
        await session.exec(update(Workspace).where(col(Workspace.id) == stage.workspace.id).values(erasure_by_two=two))


async def code_of(stage: Stage, made: Any, by: str) -> str:
    """OK, or the code with which scheduling is refused, and nothing changed then."""
    before = await stage.everything()
    found = (await stage.act("erasureSchedule", made["id"], by=by))["problems"]
    assert not found or changed(before, await stage.everything()) == {}
    return str(found[0]["code"]) if found else "OK"


async def open_steps(stage: Stage, made: Any, by: str) -> dict[str, str | None]:
    asked = f'{{ erasureRequest(id: "{made["id"]}") {{ availableTransitions {{ name code }} }} }}'
    found = (await stage.site.data(stage.tokens[by], asked))["erasureRequest"]["availableTransitions"]
    return {one["name"]: one["code"] for one in found}


@pytest.mark.req("T-Q13")
@pytest.mark.parametrize(("first", "second"), [("OWNER", "COACH"), ("COACH", "OWNER")])
async def test_one_asks_and_another_schedules(site: Site, first: str, second: str) -> None:
    stage, person = await scene(site)
    looked = await stage.look("erasureRequest", gid("client", person.client), by=first)
    assert {"code": "SECOND_MEMBER_SCHEDULES"} in looked["warnings"]
    made = (await confirmed(stage, "erasureRequest", gid("client", person.client), by=first))["erasure"]
    assert (made["state"], made["scheduledFor"]) == ("VERIFIED", None)
    assert (await open_steps(stage, made, first))["erasureSchedule"] == "SECOND_MEMBER_NEEDED"
    assert (await open_steps(stage, made, second))["erasureSchedule"] is None
    assert await code_of(stage, made, first) == "SECOND_MEMBER_NEEDED"
    await finish(stage, timedelta(days=4))
    assert (await stage.find(person.client)).data_state is DataState.PRESENT
    assert await code_of(stage, made, second) == "OK"
    await finish(stage, timedelta(days=4))
    assert (await erasure(stage, made["id"]))["state"] == "COMPLETED"


@pytest.mark.req("T-Q13")
async def test_nobody_deletes_at_once(site: Site) -> None:
    """Whoever could is sent to `erasureRequest`; the others hear what they hear anywhere."""
    stage, person = await scene(site)
    stage.tokens["CLIENT"] = await site.token(person.client)
    acts = {name: field_of(name, gid("client", person.client), alias=name) for name in IMMEDIATE}
    for who, code in {
        "OWNER": "SECOND_MEMBER_NEEDED",
        "COACH with the grant": "SECOND_MEMBER_NEEDED",
        "COACH": "FORBIDDEN",
        "OTHER_COACH with the grant": "NOT_FOUND",
        "ASSISTANT with the grant": "FORBIDDEN",
        "ACCOUNTANT with the grant": "FORBIDDEN",
        "ANALYST with the grant": "FORBIDDEN",
        "CLIENT": "FORBIDDEN",
        "NOBODY": "UNAUTHENTICATED",
    }.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        assert await codes(stage, token, acts) == dict.fromkeys(acts, code), who
        assert changed(before, await stage.everything()) == {}
    for name in IMMEDIATE:
        looked = await stage.look(name, gid("client", person.client))
        assert (looked["token"], looked["blockers"]) == (None, [{"code": "SECOND_MEMBER_NEEDED"}])
    said = await stage.act("clientErase", gid("client", person.client))
    assert "`erasureRequest`" in said["problems"][0]["message"]


@pytest.mark.req("T-Q13")
async def test_who_verifies_may_schedule_and_who_asked_may_not(site: Site) -> None:
    stage, person = await scene(site)
    made = (await confirmed(stage, "erasureRequest", gid("client", person.client), "verified: false"))["erasure"]
    assert made["state"] == "REQUESTED"
    assert (await stage.act("erasureVerify", made["id"]))["problems"] == []
    assert await code_of(stage, made, "OWNER") == "SECOND_MEMBER_NEEDED"
    assert await code_of(stage, made, "COACH") == "OK"


@pytest.mark.req("T-Q13")
async def test_the_client_and_one_member_are_two(site: Site) -> None:
    stage, person = await scene(site)
    stage.tokens["CLIENT"] = await site.token(person.client)
    looked = await stage.look("erasureRequest", gid("client", person.client), by="CLIENT")
    assert {"code": "SECOND_MEMBER_SCHEDULES"} not in looked["warnings"]
    await confirmed(stage, "erasureRequest", gid("client", person.client), by="CLIENT", also="")
    assert await code_of(stage, await only(stage, person.client), "OWNER") == "OK"


@pytest.mark.req("T-Q13")
async def test_who_makes_a_link_does_not_schedule_what_is_asked_by_it(site: Site) -> None:
    stage, person = await scene(site)
    assert await used(stage, "erasureRequestByLink", await link(stage, person.client)) == "OK"
    made = await only(stage, person.client)
    assert await code_of(stage, made, "OWNER") == "SECOND_MEMBER_NEEDED"
    assert await code_of(stage, made, "COACH") == "OK"


@pytest.mark.req("T-Q13", "T-Q12")
async def test_what_a_backup_brought_back_is_deleted_all_the_same(site: Site) -> None:
    stage, person = await scene(site)
    parts = frozenset(DataPart)
    done = [Done(stage.workspace.id, person.client.id, parts)]
    assert await again(site.database, (site.secret,), done, soon(0)) == (1, 0, 0)


@pytest.mark.req("T-Q13")
async def test_elsewhere_one_member_is_enough(site: Site) -> None:
    """What was scheduled stays scheduled when the setting changes."""
    stage, person = await scene(site, two=False)
    looked = await stage.look("erasureRequest", gid("client", person.client))
    assert {"code": "SECOND_MEMBER_SCHEDULES"} not in looked["warnings"]
    made = (await confirmed(stage, "erasureRequest", gid("client", person.client)))["erasure"]
    assert made["state"] == "SCHEDULED"
    await set_two(stage, two=True)
    await finish(stage, timedelta(days=4))
    assert (await erasure(stage, made["id"]))["state"] == "COMPLETED"
