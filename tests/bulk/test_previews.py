"""Previews of steps with many objects: what they sum up, and that the mutation does what they showed or says what has moved."""

from typing import Any

import pytest

from lifecycle.vocabulary import AppointmentState, ClientStatus
from storage.tables.appointments import Appointment
from storage.tables.clients import Client
from tests.access.site import gid
from tests.bulk.studio import Studio, ids


@pytest.mark.req("P13", "X6")
async def test_a_preview_sums_up_what_the_step_then_does(studio: Studio) -> None:
    clients = await studio.clients(3)
    sessions = [await studio.session(client) for client in clients for _ in range(2)]
    [inactive], [theirs] = await studio.clients(1, ClientStatus.INACTIVE), await studio.clients(1, coach="other")
    before = await studio.state()
    chosen = ids([*clients, inactive, theirs])
    shown = await studio.preview("clientsMakeInactive", "coach", ids=chosen)
    assert await studio.state() == before
    assert (shown["total"], shown["allowed"], shown["refused"], shown["atOnce"], shown["reversible"]) == (5, 3, 2, True, True)
    assert sorted(shown["objects"]["ids"]) == sorted(ids(clients))
    assert {one["code"]: one["objects"]["ids"] for one in shown["refusals"]} == {
        "ALREADY_IN_STATE": ids([inactive]),
        "NOT_FOUND": ids([theirs]),
    }
    [effect] = shown["effects"]
    assert (effect["kind"], effect["action"], effect["count"], effect["sessionMinutes"]) == ("APPOINTMENTS", "REMOVE", 6, 300)
    assert sorted(effect["resources"]["ids"]) == sorted(gid("appointment", one) for one in sessions)
    answer = await studio.do("clientsMakeInactive", "coach", ids=chosen, token=shown["token"])
    assert answer["problems"] == []
    assert [[problem["code"] for problem in one["problems"]] for one in answer["results"]] == [
        [],
        [],
        [],
        ["ALREADY_IN_STATE"],
        ["NOT_FOUND"],
    ]
    assert await studio.sessions(AppointmentState.REMOVED) == 6


async def test_each_object_is_judged_as_the_preview_of_it_alone_judges_it(studio: Studio) -> None:
    """Many statuses, options and rows: the judge of many and the judge of one agree."""
    people: list[Client] = []
    for status in ClientStatus:
        for sessions in range(2):
            [client] = await studio.clients(1, status)
            people.append(client)
            for _ in range(sessions):
                await studio.session(client)
    for name, alone in (
        ("clientsMakeInactive", "clientMakeInactive"),
        ("clientsReactivate", "clientReactivate"),
        ("clientsActivate", "clientActivate"),
    ):
        many = await studio.preview(name, ids=ids(people))
        single = []
        for key in ids(people):
            text = (
                f"query($id: ID!) {{ {alone}Preview(id: $id)"
                " { blockers { code } warnings { code } effects { kind action count resources { ids } } } }"
            )
            single.append((await studio.site.data(studio.tokens["owner"], text, id=key))[f"{alone}Preview"])
        refused = {key: one["blockers"][0]["code"] for key, one in zip(ids(people), single, strict=True) if one["blockers"]}
        assert {key: one["code"] for one in many["refusals"] for key in one["objects"]["ids"]} == refused
        sums: dict[tuple[str, str], list[str]] = {}
        for one in single:
            for effect in one["effects"]:
                sums.setdefault((effect["kind"], effect["action"]), []).extend(effect["resources"]["ids"])
        assert {(one["kind"], one["action"]): sorted(one["resources"]["ids"]) for one in many["effects"]} == {
            key: sorted(found) for key, found in sums.items()
        }
        allowed = [one for one in single if not one["blockers"]]
        assert sum(one["count"] for one in many["warnings"]) == sum(len(one["warnings"]) for one in allowed)


@pytest.mark.req("P4", "P13")
@pytest.mark.parametrize("policy", ["SKIP_FAILED", "ALL_OR_NOTHING"])
async def test_a_session_booked_since_the_preview_is_named(studio: Studio, policy: str) -> None:
    clients = await studio.clients(3)
    shown = await studio.preview("clientsMakeInactive", ids=ids(clients))
    booked = await studio.session(clients[1])
    before = await studio.state()
    answer = await studio.do("clientsMakeInactive", ids=ids(clients), token=shown["token"], errorPolicy=policy)
    [problem] = answer["problems"]
    assert (problem["code"], problem["changed"], problem["added"], problem["removed"]) == ("PLAN_STALE", ids([clients[1]]), [], [])
    assert problem["difference"] == [{"kind": "APPOINTMENTS", "action": "REMOVE", "added": [gid("appointment", booked)], "removed": []}]
    assert answer["job"] is None
    assert await studio.state() == before


@pytest.mark.req("P4", "P13")
async def test_a_client_who_came_or_went_since_the_preview_is_named(studio: Studio) -> None:
    clients = await studio.clients(2)
    chosen: dict[str, Any] = {"filter": {"status": ["ACTIVE"]}}
    shown = await studio.preview("clientsMakeInactive", **chosen)
    [late] = await studio.clients(1)
    await studio.site.change(Client, clients[0], status=ClientStatus.INACTIVE)
    answer = await studio.do("clientsMakeInactive", **chosen, token=shown["token"])
    [problem] = answer["problems"]
    assert (problem["code"], problem["added"], problem["removed"]) == ("PLAN_STALE", ids([late]), ids(clients[:1]))
    assert await studio.statuses([clients[1], late]) == ["ACTIVE", "ACTIVE"]


async def test_a_session_that_is_moved_leaves_the_plan_as_it_was(studio: Studio) -> None:
    [client] = await studio.clients(1)
    session = await studio.session(client)
    shown = await studio.preview("clientsMakeInactive", ids=ids([client]))
    await studio.site.change(Appointment, session, planned_minutes=25)
    answer = await studio.do("clientsMakeInactive", ids=ids([client]), token=shown["token"])
    assert answer["problems"] == []
    assert await studio.sessions(AppointmentState.REMOVED) == 1


@pytest.mark.parametrize("other", ["ids", "input", "who", "name", "again", "forged"])
async def test_a_token_is_of_one_step_selection_input_and_caller_and_used_once(studio: Studio, other: str) -> None:
    clients = await studio.clients(2)
    given: dict[str, Any] = {"ids": ids(clients)}
    shown = await studio.preview("clientsMakeInactive", "coach", **given)
    given |= {"token": shown["token"], "who": "coach", "name": "clientsMakeInactive"}
    if other == "again":
        await studio.do(**given)
    changed: dict[str, dict[str, Any]] = {
        "ids": {"ids": ids(clients[:1])},
        "input": {"input": "{deleteTemplates: false}"},
        "who": {"who": "owner"},
        "name": {"name": "clientsMarkHotLead"},
        "forged": {"token": shown["token"][:-4] + "AAA="},
    }
    before = await studio.state()
    answer = await studio.do(**given | changed.get(other, {}))
    assert [problem["code"] for problem in answer["problems"]] == ["TOKEN_INVALID"]
    assert await studio.state() == before


async def test_no_token_where_nobody_would_take_the_step(studio: Studio) -> None:
    shown = await studio.preview("clientsMakeInactive", ids=ids(await studio.clients(2, ClientStatus.INACTIVE)))
    assert (shown["token"], shown["allowed"]) == (None, 0)


async def test_a_filter_by_what_the_caller_may_not_read_is_refused(studio: Studio) -> None:
    answer = await studio.site.ask(
        studio.tokens["analyst"], '{ clientsActivatePreview(filter: {email: "a@example.org"}) { total problems { code } } }'
    )
    assert answer["data"]["clientsActivatePreview"] == {"total": 0, "problems": [{"code": "FORBIDDEN"}]}
    text = "{ appointmentsCompletePreview(filter: {state: [BOOKED]}) { total } }"
    assert (await studio.site.data(studio.tokens["coach"], text))["appointmentsCompletePreview"]["total"] == 0
