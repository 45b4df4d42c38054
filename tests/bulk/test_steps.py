"""Steps with few objects: done in the mutation, with a result for each, by either policy."""

from typing import Any

import pytest

from gql.schema import GRAPHQL
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import AppointmentState, Billing, ClientStatus
from storage.tables.conversations import Conversation, Participant
from storage.tables.packages import Enrollment, Package
from tests.access.site import day, gid
from tests.bulk.studio import Studio, ids


def codes(answer: Any) -> list[list[str]]:
    return [[problem["code"] for problem in result["problems"]] for result in answer["results"]]


@pytest.mark.req("P13", "X6")
@pytest.mark.parametrize("policy", ["SKIP_FAILED", "ALL_OR_NOTHING"])
async def test_all_of_the_listed_clients_are_made_inactive_each_with_its_event(studio: Studio, policy: str) -> None:
    clients = await studio.clients(4)
    for client in clients:
        await studio.session(client)
    answer = await studio.do("clientsMakeInactive", ids=ids(clients), errorPolicy=policy, input='{reason: "Season over"}')
    assert answer["problems"] == []
    assert [result["id"] for result in answer["results"]] == ids(clients)
    assert codes(answer) == [[]] * 4
    assert {result["event"]["name"] for result in answer["results"]} == {"client.make_inactive"}
    assert answer["job"]["state"], answer["job"]["done"] == ("COMPLETED", 4)
    assert await studio.statuses(clients) == ["INACTIVE"] * 4
    assert await studio.sessions(AppointmentState.REMOVED) == 4
    events = await studio.events("client.make_inactive")
    assert sorted(gid("client", event.subject_id) for event in events) == sorted(ids(clients))
    assert {event.reason for event in events} == {"Season over"}
    assert {event.member_id for event in events} == {studio.members["owner"].id}


@pytest.mark.req("P13")
async def test_those_that_refuse_are_skipped_and_the_others_done(studio: Studio) -> None:
    good = await studio.clients(3)
    [inactive] = await studio.clients(1, ClientStatus.INACTIVE)
    answer = await studio.do("clientsMakeInactive", ids=ids([good[0], inactive, *good[1:]]))
    assert codes(answer) == [[], ["ALREADY_IN_STATE"], [], []]
    assert (answer["job"]["done"], answer["job"]["failed"]) == (3, 1)
    assert await studio.statuses(good) == ["INACTIVE"] * 3
    events = await studio.events("client.make_inactive")
    assert {event.subject_id for event in events} == {client.id for client in good}
    items = await studio.site.data(
        studio.tokens["owner"],
        "query($id: ID!) { bulkJob(id: $id) { items(filter: {state: REFUSED}) { nodes { subject code message event { name } doneAt } } } }",
        id=answer["job"]["id"],
    )
    [item] = items["bulkJob"]["items"]["nodes"]
    assert (item["subject"], item["code"], item["event"]) == (gid("client", inactive), "ALREADY_IN_STATE", None)
    assert item["message"]
    assert item["doneAt"]


@pytest.mark.req("P13")
async def test_all_or_nothing_changes_nothing_where_one_refuses(studio: Studio) -> None:
    good = await studio.clients(3)
    [inactive] = await studio.clients(1, ClientStatus.INACTIVE)
    before = await studio.state()
    answer = await studio.do("clientsMakeInactive", ids=ids([*good, inactive]), errorPolicy="ALL_OR_NOTHING")
    assert [problem["code"] for problem in answer["problems"]] == ["BATCH_REFUSED"]
    assert codes(answer) == [[], [], [], ["ALREADY_IN_STATE"]]
    assert answer["job"] is None
    assert await studio.state() == before


@pytest.mark.req("P13")
async def test_a_filter_selects_as_the_list_does(studio: Studio) -> None:
    mine, prospects = await studio.clients(3), await studio.clients(2, ClientStatus.PROSPECT)
    theirs = await studio.clients(2, coach="other")
    answer = await studio.do("clientsMakeInactive", "coach", filter={"status": ["ACTIVE"]})
    assert sorted(result["id"] for result in answer["results"]) == sorted(ids(mine))
    assert await studio.statuses(theirs + prospects) == ["ACTIVE"] * 2 + ["PROSPECT"] * 2


async def test_a_filter_that_finds_nobody_does_nothing(studio: Studio) -> None:
    answer = await studio.do("clientsActivate", filter={"status": ["BUYER"]})
    assert (answer["results"], answer["problems"], answer["job"]["total"], answer["job"]["state"]) == ([], [], 0, "COMPLETED")


@pytest.mark.req("P13")
async def test_clients_of_another_coach_are_not_found(studio: Studio) -> None:
    [mine], [theirs] = await studio.clients(1), await studio.clients(1, coach="other")
    answer = await studio.do("clientsMakeInactive", "coach", ids=ids([mine, theirs]))
    assert codes(answer) == [[], ["NOT_FOUND"]]
    assert answer["results"][1]["event"] is None
    assert await studio.statuses([mine, theirs]) == ["INACTIVE", "ACTIVE"]
    shown = await studio.preview("clientsMakeInactive", "coach", ids=ids([mine, theirs]))
    assert [(one["code"], one["objects"]["ids"]) for one in shown["refusals"] if one["code"] == "NOT_FOUND"] == [
        ("NOT_FOUND", [gid("client", theirs)])
    ]


@pytest.mark.parametrize("who", ["analyst", "assistant"])
async def test_whoever_may_not_take_the_step_starts_no_job(studio: Studio, who: str) -> None:
    clients = await studio.clients(2)
    before = await studio.state()
    answer = await studio.do("clientsMakeInactive", who, ids=ids(clients))
    assert [problem["code"] for problem in answer["problems"]] == ["FORBIDDEN"]
    assert (await studio.preview("clientsMakeInactive", who, ids=ids(clients)))["problems"] == [{"code": "FORBIDDEN"}]
    assert await studio.state() == before


async def test_a_client_starts_no_job(studio: Studio) -> None:
    [client] = await studio.clients(1)
    studio.tokens["client"] = await studio.site.token(client)
    answer = await studio.do("clientsMakeInactive", "client", ids=ids([client]))
    assert [problem["code"] for problem in answer["problems"]] == ["FORBIDDEN"]
    assert await studio.statuses([client]) == ["ACTIVE"]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"ids": [], "filter": {}}, {"ids": ["appointment_" + "0" * 32]}, {"ids": ["nonsense"]}],
    ids=["none", "both", "tag", "id"],
)
async def test_a_selection_is_ids_or_a_filter(studio: Studio, arguments: dict[str, Any]) -> None:
    answer = await studio.site.ask(
        studio.tokens["owner"],
        "mutation($ids: [ID!], $filter: ClientFilter)"
        " { clientsActivate(ids: $ids, filter: $filter, errorPolicy: SKIP_FAILED) { __typename } }",
        **arguments,
    )
    assert answer["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "INVALID_ID"}


@pytest.mark.req("P13")
async def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(studio: Studio) -> None:
    clients = await studio.clients(2)
    given: dict[str, Any] = {"ids": ids([*clients, *clients]), "idempotencyKey": "once"}
    first = await studio.do("clientsMakeInactive", **given)
    after = await studio.state()
    assert len(first["results"]) == 2
    assert await studio.do("clientsMakeInactive", **given) == first
    assert await studio.do("clientsMakeInactive", headers={"idempotency-key": "x"}, ids=ids(clients), idempotencyKey="once") == first
    for other in ({"ids": ids(clients[:1])}, {"errorPolicy": "ALL_OR_NOTHING"}, {"input": "{deleteTemplates: false}"}):
        refused = await studio.do("clientsMakeInactive", **given | other)
        assert [problem["code"] for problem in refused["problems"]] == ["KEY_REUSED"]
    assert await studio.state() == after


@pytest.mark.req("P13")
async def test_every_object_can_be_undone_by_its_batch_and_all_of_them_by_the_job(studio: Studio) -> None:
    clients = await studio.clients(3)
    for client in clients:
        await studio.session(client)
    answer = await studio.do("clientsMakeInactive", ids=ids(clients))
    batch = answer["results"][0]["batchId"]
    undone = await studio.site.data(
        studio.tokens["owner"], "mutation($id: ID!) { transitionUndo(batchId: $id) { restored problems { code } } }", id=batch
    )
    assert undone["transitionUndo"] == {"restored": 1, "problems": []}
    assert await studio.statuses(clients) == ["ACTIVE", "INACTIVE", "INACTIVE"]
    started = await studio.site.data(
        studio.tokens["owner"],
        "mutation($id: ID!) { bulkJobUndo(id: $id) { job { id undoes { id } } problems { code } } }",
        id=answer["job"]["id"],
    )
    assert started["bulkJobUndo"]["job"]["undoes"]["id"] == answer["job"]["id"]
    over = await studio.ended(started["bulkJobUndo"]["job"]["id"])
    assert (over["state"], over["done"], over["failed"]) == ("COMPLETED", 2, 1)
    assert await studio.statuses(clients) == ["ACTIVE"] * 3
    assert await studio.sessions(AppointmentState.BOOKED) == 3


async def test_an_input_out_of_bounds_is_refused_before_anything_starts(studio: Studio) -> None:
    clients = await studio.clients(1)
    before = await studio.state()
    answer = await studio.do("clientsActivate", ids=ids(clients), input=f'{{reason: "{"x" * 1001}"}}')
    assert [problem["code"] for problem in answer["problems"]] == ["INVALID_INPUT"]
    assert await studio.state() == before


async def test_more_ids_than_a_body_may_hold_are_refused(studio: Studio) -> None:
    many = [f"client_{number:032x}" for number in range(5_001)]
    answer = await studio.do("clientsActivate", ids=many)
    assert [problem["code"] for problem in answer["problems"]] == ["INVALID_INPUT"]
    few = await studio.do("clientsActivate", ids=many[:101], errorPolicy="ALL_OR_NOTHING")
    assert [(problem["code"], problem["path"]) for problem in few["problems"]] == [("INVALID_INPUT", ["errorPolicy"])]


@pytest.mark.req("X6")
async def test_a_selection_of_conversations_is_closed_together(studio: Studio) -> None:
    talks = [Conversation(workspace_id=studio.workspace.id, subject=f"Talk {number}") for number in range(3)]
    [client] = await studio.clients(1)
    taking_part = [Participant(workspace_id=talk.workspace_id, conversation_id=talk.id, client_id=client.id) for talk in talks]
    await studio.site.put(*talks, *taking_part)
    chosen = [gid("conversation", talk) for talk in talks[:2]]
    answer = await studio.do("conversationsClose", ids=chosen)
    assert [(one["id"], one["event"]["name"], one["problems"]) for one in answer["results"]] == [
        (key, "conversation.close", []) for key in chosen
    ]
    async with studio.site.database.write() as session:
        states = [(await session.get_one(Conversation, (talk.workspace_id, talk.id))).state for talk in talks]
    assert states == ["CLOSED", "CLOSED", "OPEN"]


@pytest.mark.req("P13")
@pytest.mark.parametrize("policy", ["SKIP_FAILED", "ALL_OR_NOTHING"])
async def test_the_enrollments_of_a_filter_are_frozen_and_opened_again(studio: Studio, policy: str) -> None:
    package = Package(workspace_id=studio.workspace.id, name="Course", billing=Billing.MONTHLY)
    await studio.site.put(package)
    clients = await studio.clients(3)
    rows = [
        Enrollment(workspace_id=studio.workspace.id, client_id=client.id, package_id=package.id, enrolled_at=day(-10)) for client in clients
    ]
    await studio.site.put(*rows)
    keys = sorted(gid("enrollment", row) for row in rows)
    for name, state, given in (
        ("enrollmentsDeactivate", "ACTIVE", "{reason: COACH_DECISION}"),
        ("enrollmentsReactivate", "DEACTIVATED", "{}"),
    ):
        shown = await studio.preview(name, filter={"state": [state]}, input=given)
        assert sorted(shown["objects"]["ids"]) == keys
        answer = await studio.do(name, filter={"state": [state]}, input=given, token=shown["token"], errorPolicy=policy)
        assert (answer["problems"], codes(answer)) == ([], [[], [], []])
        assert {one["event"]["before"] for one in answer["results"]} == {state}


def test_every_row_that_is_marked_so_has_its_mutation_and_preview() -> None:
    assert GRAPHQL.mutation_type is not None
    assert GRAPHQL.query_type is not None
    marked = {row.bulk_name for row in TRANSITIONS if row.bulk}
    assert {"clientsMakeInactive", "enrollmentsDeactivate", "appointmentsComplete", "conversationsClose"} <= marked
    assert marked <= GRAPHQL.mutation_type.fields.keys()
    assert {f"{name}Preview" for name in marked} <= GRAPHQL.query_type.fields.keys()
    assert not {row.bulk_name for row in TRANSITIONS if not row.bulk} & GRAPHQL.mutation_type.fields.keys()
