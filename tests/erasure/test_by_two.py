"""Workspaces that delete only where one member asks and another schedules."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlmodel import col, update

from lifecycle.vocabulary import DataPart, DataState, Grant, Role
from resolvers.erasure.again import Done, again
from storage.tables.workspace import Member, Workspace
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


# -- switching it off ----------------------------------------------------------------------------------------------------

OFF, PROPOSE = "erasureByTwo: false", "workspaceProposeErasureByOne"


async def switch_off(stage: Stage, by: str = "OWNER") -> str:
    """OK, or the code with which switching off is refused, and nothing changed then."""
    key = gid("workspace", stage.workspace)
    looked = (await stage.look("workspaceUpdate", key, OFF, by=by))["blockers"]
    before = await stage.everything()
    found = (await stage.act("workspaceUpdate", key, OFF, by=by))["problems"]
    assert [problem["code"] for problem in found] == [blocker["code"] for blocker in looked]
    async with stage.site.database.write() as session:
        assert (await session.get_one(Workspace, stage.workspace.id)).erasure_by_two is bool(found)
    if not found:
        return "OK"
    assert changed(before, await stage.everything()) == {}
    assert found[0]["path"] == ["input", "erasureByTwo"]
    return str(found[0]["code"])


async def propose(stage: Stage, by: str) -> str | None:
    """Until when the proposal is good, which must be taken."""
    done = await stage.act(PROPOSE, gid("workspace", stage.workspace), by=by, also="workspace { erasureByOneUntil } event { name }")
    assert (done["problems"], done["event"]) == ([], {"name": "workspace.propose_erasure_by_one"})
    until: str | None = done["workspace"]["erasureByOneUntil"]
    return until


@pytest.mark.req("T-Q13")
async def test_the_owner_does_not_switch_it_off_alone(site: Site) -> None:
    """Neither at once nor by a proposal of their own, while all else is theirs to change."""
    stage, person = await scene(site)
    assert await switch_off(stage) == "SECOND_MEMBER_NEEDED"
    await propose(stage, "OWNER")
    assert await switch_off(stage) == "SECOND_MEMBER_NEEDED"
    assert (await stage.act("workspaceUpdate", gid("workspace", stage.workspace), "erasureGraceHours: 0"))["problems"] == []
    said = await stage.act("clientErase", gid("client", person.client))
    assert said["problems"][0]["code"] == "SECOND_MEMBER_NEEDED"


@pytest.mark.req("T-Q13")
async def test_one_proposes_and_an_owner_switches_it_off(site: Site) -> None:
    stage, person = await scene(site)
    until = await propose(stage, "COACH")
    assert until is not None
    assert soon(6.9) < datetime.fromisoformat(until) < soon(7.1)
    assert await switch_off(stage) == "OK"
    said = await stage.act("clientErase", gid("client", person.client))
    assert said["problems"][0]["code"] == "CONFIRMATION_REQUIRED"
    # it was good for once
    await stage.act("workspaceUpdate", gid("workspace", stage.workspace), "erasureByTwo: true")
    assert await switch_off(stage) == "SECOND_MEMBER_NEEDED"


@pytest.mark.req("T-Q13")
async def test_one_owner_proposes_to_another(site: Site) -> None:
    stage, _ = await scene(site)
    stage.members["SECOND"] = await site.member(stage.workspace, Role.OWNER)
    stage.tokens["SECOND"] = await site.token(stage.members["SECOND"])
    await propose(stage, "SECOND")
    assert await switch_off(stage, "SECOND") == "SECOND_MEMBER_NEEDED"
    assert await switch_off(stage, "OWNER") == "OK"


@pytest.mark.req("T-Q13")
@pytest.mark.parametrize("why", ["LATE", "LEFT", "DROPPED"])
async def test_a_proposal_that_is_good_no_longer(site: Site, why: str) -> None:
    stage, _ = await scene(site)
    await propose(stage, "COACH")
    match why:
        case "LATE":
            await site.change(Workspace, stage.workspace, erasure_by_one_until=soon(-0.001))
        case "LEFT":
            await site.change(Member, stage.members["COACH"], left_at=soon(-0.001))
        case _:
            done = await stage.act(
                "workspaceUpdate", gid("workspace", stage.workspace), "erasureByTwo: true", also="workspace { erasureByOneUntil }"
            )
            assert done["workspace"]["erasureByOneUntil"] is None
    assert await switch_off(stage) == "SECOND_MEMBER_NEEDED"


@pytest.mark.req("T-Q13")
async def test_who_deletes_proposes_and_nobody_else(site: Site) -> None:
    stage, _ = await scene(site)
    stage.tokens |= {"CLIENT": await site.token(stage.rows["client"]), "FOREIGN OWNER": (await build(site)).tokens["OWNER"]}
    acts = {PROPOSE: field_of(PROPOSE, gid("workspace", stage.workspace), alias=PROPOSE)}
    for who, code in {
        "COACH": "FORBIDDEN",
        "ASSISTANT with the grant": "FORBIDDEN",
        "ACCOUNTANT with the grant": "FORBIDDEN",
        "ANALYST with the grant": "FORBIDDEN",
        "CLIENT": "FORBIDDEN",
        "FOREIGN OWNER": "NOT_FOUND",
        "NOBODY": "UNAUTHENTICATED",
    }.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        assert await codes(stage, token, acts) == {PROPOSE: code}, who
        assert changed(before, await stage.everything()) == {}
    for who in ("OWNER", "COACH with the grant", "OTHER_COACH with the grant"):
        assert await codes(stage, await granted(stage, Grant.ERASE, who), acts) == {PROPOSE: "TAKEN"}, who


@pytest.mark.req("T-Q13")
async def test_where_one_deletes_there_is_nothing_to_propose(site: Site) -> None:
    stage, _ = await scene(site, two=False)
    before = await stage.everything()
    done = await stage.act(PROPOSE, gid("workspace", stage.workspace))
    assert [problem["code"] for problem in done["problems"]] == ["ALREADY_IN_STATE"]
    assert changed(before, await stage.everything()) == {}
    asked = "{ viewer { workspace { availableTransitions { name code } } } }"
    found = (await site.data(stage.tokens["OWNER"], asked))["viewer"]["workspace"]["availableTransitions"]
    assert found == [{"name": "workspaceUpdate", "code": None}, {"name": PROPOSE, "code": "ALREADY_IN_STATE"}]
    assert await switch_off(stage) == "OK"  # it is off
