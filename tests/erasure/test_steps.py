"""Deletion in two steps, alone and together: what goes, what stays, what is said."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlmodel import col, select, update

from lifecycle.vocabulary import ClientStatus, CoachingKind, Compensation, Grant
from resolvers.clock.purge import purge
from storage.tables.certification import HourLedgerEntry
from storage.tables.clients import Client
from storage.tables.erasure import SealedItem
from storage.tables.packages import Enrollment
from storage.tables.workspace import Account, Workspace
from tests.access.site import Site, gid
from tests.certification.sealed import unaltered
from tests.erasure.acts import confirmed, counts, delete, erasure, finish
from tests.erasure.person import Person, full, somebody
from tests.lifecycle.stage import Stage, build, soon
from tests.rows import changed, every_row

#: The seven kinds: rows that `full` makes of each, the recurring service and the answer to a form among them.
SEVEN = {
    "APPOINTMENTS": 4,
    "GROUP_EVENTS": 1,
    "MESSAGES": 3,  # two of theirs, and one to them
    "ESTIMATES": 1,
    "INVOICES": 1,
    "PAYMENTS": 1,
    "DOCUMENTS": 2,
}
LISTS = "appointments attendances messages estimates invoices payments documents conversations formResponses interactions"


async def seen(stage: Stage, person: Person, fields: str) -> Any:
    asked = f'{{ client(id: "{gid("client", person.client)}") {{ {fields} }} }}'
    return (await stage.site.data(stage.tokens["COACH"], asked))["client"]


def totals(*names: str) -> str:
    return " ".join(f"{name} {{ totalCount }}" for name in names)


@pytest.mark.req("T1", "T4", "T5", "T14", "X2")
async def test_erase_deletes_all_at_once_with_a_count_of_each_kind(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    # when
    done = await delete(stage, "clientErase", person)
    # then the seven kinds are counted, what was there is removed, and a search found nothing
    found = counts(done)
    assert {kind: found[kind][0] for kind in SEVEN} == SEVEN
    assert all(expected == removed for expected, removed, _, _ in found.values()), found
    assert all(left == 0 and retained == 0 for _, _, retained, left in found.values())
    assert done["state"] == "COMPLETED"
    assert done["receipt"]["complete"] is True
    body = orjson.loads(done["receipt"]["body"])
    assert (body["verdict"], body["found"]) == ("COMPLETE", [])
    assert person.canary not in done["receipt"]["body"]
    # and not one row of any table holds a word of theirs
    held = {name for name, rows in (await every_row(site.database)).items() if person.canary in rows}
    assert held == set()
    mine = await seen(stage, person, "dataState isFullyErased number name")
    assert mine == {"dataState": "ERASED", "isFullyErased": True, "number": person.client.number, "name": None}


@pytest.mark.req("T2", "T3", "T4", "T9", "T14", "T15", "T-Q9")
async def test_the_history_alone(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    contact = "name email phone address notes tags status hasLogin customFields { nodes { value } } consents { totalCount }"
    before = await seen(stage, person, contact)
    made = await confirmed(stage, "clientDeleteHistory", gid("client", person.client))
    # the payload warns that the other step may be needed
    assert {"code": "OTHER_STEP_NEEDED"} in made["warnings"]
    assert made["client"] == {
        "id": gid("client", person.client), "number": person.client.number, "dataState": "HISTORY_DELETED", "isFullyErased": False,
    }  # fmt: skip
    await finish(stage)
    # then every list of the seven is empty, future sessions among them, and the contact is as it was
    assert await seen(stage, person, contact) == before
    lists = await seen(stage, person, totals(*LISTS.split(), "serviceTemplates"))
    assert {name: one["totalCount"] for name, one in lists.items()} == dict.fromkeys((*LISTS.split(), "serviceTemplates"), 0)
    # and the login works by the status, as before
    assert (await seen(stage, person, "enrollments { totalCount }"))["enrollments"]["totalCount"] == 1
    token = await site.token(person.client)
    assert (await site.data(token, "{ viewer { client { status } } }"))["viewer"]["client"]["status"] == "ACTIVE"


@pytest.mark.req("T7", "T8", "T14", "T15", "T13")
async def test_the_contact_alone(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    token, _ = await site.login(person.client)
    before = await seen(stage, person, totals(*LISTS.split()))
    made = await confirmed(stage, "clientDeleteContact", gid("client", person.client))
    assert {"code": "OTHER_STEP_NEEDED"} in made["warnings"]
    await finish(stage)
    done = await erasure(stage, made["erasure"]["id"])
    assert (done["state"], done["receipt"]["complete"]) == ("COMPLETED", True)
    # then the history is all there, under a pseudonym, and nothing of the contact
    assert await seen(stage, person, totals(*LISTS.split())) == before
    about = await seen(
        stage, person, "name dataState email status messages(first: 10) { nodes { author } } enrollments { nodes { state } }"
    )
    pseudonym = f"Deleted client #{person.client.number}"
    assert (about["name"], about["dataState"], about["email"], about["status"]) == (pseudonym, "CONTACT_DELETED", None, None)
    assert {one["author"] for one in about["messages"]["nodes"]} <= {pseudonym, *(m.name for m in stage.members.values())}
    row = await stage.find(person.client)
    assert (row.name, row.sort_name, row.email, row.phone, row.address, row.notes, row.external_id, row.account_id) == (
        "", "", None, None, None, None, None, None,
    )  # fmt: skip
    # the packages are closed, the login is gone and its token dead
    async with site.database.write() as session:
        states = (await session.exec(select(Enrollment.state).where(col(Enrollment.client_id) == person.client.id))).all()
        assert [str(state) for state in states] == ["DELETED"]
        assert await session.get(Account, person.account.id) is None
    assert await site.code(token, "{ viewer { client { id } } }") == "UNAUTHENTICATED"
    # invoices keep the name that stands on them
    held = {name for name, rows in (await every_row(site.database, stage.workspace.id)).items() if person.canary in rows}
    assert held == {"appointment", "client_document", "conversation", "estimate", "form_response", "invoice", "message"} - {"appointment"}


NUMBERS = "sessions hours paidHours proBonoHours clients recentHours"


@pytest.mark.req("I3")
@pytest.mark.parametrize("steps", [("clientErase",), ("clientDeleteHistory",), ("clientDeleteContact", "clientDeleteHistory")])
async def test_a_sealed_report_stays_and_a_new_one_counts_the_same(site: Site, steps: tuple[str, ...]) -> None:
    """Given a sealed report, when a client in it is deleted, then it is the same to the byte, and the hours of a new one are, too."""
    stage = await build(site)
    person = await full(stage)
    coach, token = gid("member", stage.members["COACH"]), stage.tokens["COACH"]
    asked = (
        f'{{ certificationReport(coach: "{coach}", ruleSet: ICF_ACC) {{ totals {{ {NUMBERS} }} byMonth {{ month hours paidHours }} }} }}'
    )
    before = (await site.data(token, asked))["certificationReport"]
    assert before["totals"]["sessions"] > 1
    async with unaltered(site, stage.workspace, token):
        for name in steps:
            assert (await delete(stage, name, person))["state"] == "COMPLETED"
    assert (await site.data(token, asked))["certificationReport"] == before


@pytest.mark.req("T-Q5", "T2", "T14")
@pytest.mark.parametrize("order", [("clientDeleteHistory", "clientDeleteContact"), ("clientDeleteContact", "clientDeleteHistory")])
async def test_both_steps_in_either_order_leave_nothing(site: Site, order: tuple[str, str]) -> None:
    stage = await build(site)
    person = await full(stage)
    for name in order:
        assert (await delete(stage, name, person))["state"] == "COMPLETED"
    assert (await seen(stage, person, "dataState"))["dataState"] == "ERASED"
    assert {name for name, rows in (await every_row(site.database)).items() if person.canary in rows} == set()
    async with site.database.write() as session:
        assert (await session.exec(select(Enrollment.id).where(col(Enrollment.client_id) == person.client.id))).all() == []


@pytest.mark.req("T10", "T13", "T-Q13")
@pytest.mark.parametrize("name", ["clientDeleteHistory", "clientDeleteContact", "clientErase", "erasureRequest"])
async def test_without_the_token_of_the_preview_nothing_is_deleted(site: Site, name: str) -> None:
    stage = await build(site)
    person = await full(stage)
    before = await stage.everything()
    made = await stage.act(name, gid("client", person.client))
    assert [problem["code"] for problem in made["problems"]] == ["CONFIRMATION_REQUIRED"]
    assert changed(before, await stage.everything()) == {}
    # and the schema says that nobody can undo it
    asked = "{ __schema { mutationType { fields { name description } } } }"
    fields = (await site.data(stage.tokens["OWNER"], asked))["__schema"]["mutationType"]["fields"]
    words = {field["name"]: field["description"] for field in fields}
    assert name == "erasureRequest" or "NOBODY CAN UNDO IT" in words[name]


@pytest.mark.req("T10")
async def test_what_came_since_the_preview_makes_it_stale(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    looked = await stage.look("clientErase", gid("client", person.client))
    shown = {one["kind"]: one["count"] for one in looked["effects"] if one["action"] == "DELETE"}
    assert shown == {
        "APPOINTMENTS": 3, "SERVICE_TEMPLATES": 1, "ATTENDANCES": 1, "CONVERSATIONS": 1, "MESSAGES": 3, "ESTIMATES": 1, "INVOICES": 1,
        "PAYMENTS": 1, "DOCUMENTS": 1, "ANSWERS": 1, "ENROLLMENTS": 1, "PURCHASES": 1,
    }  # fmt: skip
    new = await stage.service(person.client, 20)
    more = "problems { ... on PlanStaleProblem { difference { kind action added } } }"
    made = await stage.act("clientErase", gid("client", person.client), more=f'token: "{looked["token"]}"', also=more)
    assert [problem["code"] for problem in made["problems"]] == ["PLAN_STALE"]
    assert made["problems"][0]["difference"] == [{"kind": "APPOINTMENTS", "action": "DELETE", "added": [gid("appointment", new)]}]
    assert (await stage.find(person.client)).data_state.value == "PRESENT"


@pytest.mark.req("T11", "T12")
@pytest.mark.parametrize("name", ["clientDeleteContact", "clientErase"])
async def test_nothing_is_sent_to_somebody_deleted(site: Site, name: str) -> None:
    """Every mutation that would reach the person answers CONTACT_ERASED, or does not know them any more."""
    stage = await build(site)
    person = await full(stage)
    key = gid("client", person.client)
    talk = next(row for row in person.rows["conversation"] if person.canary in row.subject)
    await delete(stage, name, person)
    before = await stage.everything()
    kind, package = gid("type", stage.rows["type"]), stage.gid("package")
    sending = {
        "conversationStart": f'client: "{key}", subject: "Hello", body: "Hello"',
        "messageSend": f'conversation: "{gid("conversation", talk)}", body: "Hello"',
        "appointmentBook": f'client: "{key}", type: "{kind}", startsAt: "{soon(30).isoformat()}"',
        "enrollmentCreate": f'client: "{key}", package: "{package}"',
    }
    for step, given in sending.items():
        made = await stage.act(step, None, given)
        assert next(problem["code"] for problem in made["problems"]) in ("CONTACT_ERASED", "NOT_FOUND"), (step, made)
    for step, given in (("clientAssignCredentials", 'username: "again.here"'), ("clientUpdate", 'email: "again@example.org"')):
        made = await stage.act(step, key, given)
        assert [problem["code"] for problem in made["problems"]] == ["CONTACT_ERASED"], (step, made)
    assert changed(before, await stage.everything()) == {}


@pytest.mark.req("T12", "T-Q7", "T-Q8")
async def test_added_once_again_is_somebody_new(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    email = person.client.email
    await delete(stage, "clientErase", person)
    # staff must acknowledge it
    refused = await stage.act("clientAdd", None, f'name: "Jane", email: "{email}"')
    assert [problem["code"] for problem in refused["problems"]] == ["SUPPRESSED"]
    made = await stage.act("clientAdd", None, f'name: "Jane", email: "{email}", acknowledgeSuppression: true', also="client { id number }")
    assert made["problems"] == []
    assert made["client"]["id"] != gid("client", person.client)
    assert made["client"]["number"] != person.client.number
    again = f'{{ client(id: "{made["client"]["id"]}") {{ interactions {{ totalCount }} }} }}'
    assert (await site.data(stage.tokens["OWNER"], again))["client"]["interactions"]["totalCount"] == 0


@pytest.mark.req("T-Q7")
async def test_the_person_comes_back_by_themselves(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    email, slug = person.client.email, stage.workspace.slug
    await delete(stage, "clientErase", person)
    given = f'workspace: "{slug}", input: {{name: "Jane", email: "{email}", message: "Hello again"}}'
    made = (await site.data(None, f"mutation {{ clientInquire({given}) {{ problems {{ code }} }} }}"))["clientInquire"]
    assert made["problems"] == []
    async with site.database.write() as session:
        mine = (col(Client.workspace_id) == stage.workspace.id, col(Client.email) == email)
        (found,) = (await session.exec(select(Client).where(*mine))).all()
        assert (found.status, found.reentry) == (ClientStatus.PROSPECT, True)
        assert found.id != person.client.id


@pytest.mark.req("T-Q1", "X3", "C9")
@pytest.mark.parametrize("keep", [True, False])
async def test_hours_outlive_the_sessions_as_bare_lines(site: Site, keep: bool) -> None:
    stage = await build(site)
    async with site.database.write() as session:
        await session.exec(update(Workspace).where(col(Workspace.id) == stage.workspace.id).values(keep_hours_on_erasure=keep))
    person = await full(stage)
    held = next(row for row in person.rows["appointment"] if row.actual_minutes == 50)
    line: dict[str, Any] = {"compensation": Compensation.PAID, "coaching_kind": CoachingKind.INDIVIDUAL, "minutes": 50, "position": 1}
    line |= {"workspace_id": stage.workspace.id, "coach_id": person.client.coach_id, "counting_status": ClientStatus.ACTIVE}
    line |= {"day": held.starts_at.date(), "starts_at": held.starts_at, "override_reason": f"Why {person.canary}"}
    await site.put(HourLedgerEntry(client_number=person.client.number, appointment_id=held.id, **line))
    looked = await stage.look("clientErase", gid("client", person.client))
    assert ({"code": "HOURS_KEPT"} in looked["warnings"]) is keep
    await delete(stage, "clientErase", person)
    async with site.database.write() as session:
        mine = select(HourLedgerEntry).where(col(HourLedgerEntry.client_number) == person.client.number)
        lines = (await session.exec(mine.where(col(HourLedgerEntry.workspace_id) == stage.workspace.id))).all()
    told = sorted((line.minutes, line.group_size, line.erased, line.override_reason) for line in lines)
    assert told == ([(50, None, True, None), (90, 4, True, None)] if keep else [])
    assert all(line.appointment_id is None and line.attendance_id is None and line.starts_at is None for line in lines)
    assert {line.event_id for line in lines if line.group_size} == ({person.rows["group_event"][0].id} if keep else set())


@pytest.mark.req("T-Q2", "X4")
async def test_what_the_law_keeps_is_sealed(site: Site) -> None:
    stage = await build(site)
    async with site.database.write() as session:
        await session.exec(update(Workspace).where(col(Workspace.id) == stage.workspace.id).values(country="DE"))
    person = await full(stage)
    looked = await stage.look("clientErase", gid("client", person.client))
    assert {"code": "RECORDS_SEALED"} in looked["warnings"]
    done = await delete(stage, "clientErase", person)
    found = counts(done)
    assert (found["INVOICES"], found["PAYMENTS"]) == ((1, 0, 1, 0), (1, 0, 1, 0))
    kept = orjson.loads(done["receipt"]["body"])["retained"]
    assert [(one["category"], one["count"], one["purgeAfter"]) for one in kept] == [
        ("INVOICES", 1, "2034-01-01T00:00:00Z"), ("PAYMENTS", 1, "2034-01-01T00:00:00Z"),
    ]  # fmt: skip
    # nothing else holds a word of theirs
    assert {name for name, rows in (await every_row(site.database, stage.workspace.id)).items() if person.canary in rows} == {"sealed_item"}
    # the accountant reads it; the owner with a reason; nobody else
    asked = "{ sealedItems { totalCount nodes { category body purgeAfter } } }"
    seen_by = {who: (await site.data(token, asked))["sealedItems"] for who, token in stage.tokens.items()}
    assert {who: found["totalCount"] for who, found in seen_by.items()} == {
        "OWNER": 2, "ACCOUNTANT": 2, "COACH": 0, "OTHER_COACH": 0, "ASSISTANT": 0, "ANALYST": 0,
    }  # fmt: skip
    assert person.canary in str(seen_by["ACCOUNTANT"]["nodes"])
    assert {one["body"] for one in seen_by["OWNER"]["nodes"]} == {None}
    with_reason = await site.data(stage.tokens["OWNER"], asked, {"portico-reason": "tax audit"})
    assert person.canary in str(with_reason["sealedItems"]["nodes"])
    # and on its day it goes by itself
    assert (await purge(site.database, stage.workspace.id.hex, datetime(2034, 1, 2, tzinfo=UTC)))["sealed_item"] == 2
    async with site.database.write() as session:
        assert (await session.exec(select(SealedItem.id).where(col(SealedItem.workspace_id) == stage.workspace.id))).all() == []


@pytest.mark.req("T-Q4")
async def test_groups_lose_the_person_and_nothing_else(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    group = next(row for row in person.rows["conversation"] if row.subject == "All")
    event = person.rows["group_event"][0]
    await delete(stage, "clientDeleteHistory", person)
    asked = (
        f'{{ conversation(id: "{gid("conversation", group)}") {{ messages {{ nodes {{ body }} }} }}'
        f' groupEvent: node(id: "{gid("event", event)}") {{ ... on GroupEvent {{ size attendances {{ totalCount }} }} }} }}'
    )
    found = await site.data(stage.tokens["COACH"], asked)
    assert sorted(one["body"] for one in found["conversation"]["messages"]["nodes"]) == ["Hello all", "Hi"]
    assert found["groupEvent"] == {"size": 4, "attendances": {"totalCount": 0}}


@pytest.mark.req("T6", "T-Q3", "T-Q6")
async def test_conversations_are_deleted_by_selection(site: Site) -> None:
    stage = await build(site)
    await stage.grant("COACH", grants=(Grant.ERASE,))
    person, other = await full(stage), await full(stage)
    own = [gid("conversation", next(r for r in p.rows["conversation"] if p.canary in r.subject)) for p in (person, other)]
    ids = ", ".join(f'"{key}"' for key in own)
    looked = await site.data(stage.tokens["COACH"], f"{{ conversationsDeletePreview(ids: [{ids}]) {{ token }} }}")
    token = looked["conversationsDeletePreview"]["token"]
    asked = (
        f'mutation {{ conversationsDelete(ids: [{ids}], errorPolicy: ALL_OR_NOTHING, token: "{token}") {{ results {{ id warnings {{ code }}'
    )
    done = (await site.data(stage.tokens["COACH"], f"{asked} problems {{ code }} }} problems {{ code }} }} }}"))["conversationsDelete"]
    assert done["problems"] == []
    # the payload says that history remains, and so it does
    assert [(one["problems"], one["warnings"]) for one in done["results"]] == [([], [{"code": "HISTORY_REMAINS"}])] * 2
    for one in (person, other):
        lists = await seen(stage, one, "dataState invoices { totalCount } appointments { totalCount } messages { totalCount }")
        assert lists == {
            "dataState": "PRESENT",
            "invoices": {"totalCount": 1},
            "appointments": {"totalCount": 3},
            "messages": {"totalCount": 1},
        }
    # and who writes again starts a new one
    client = await site.token(person.client)
    made = await stage.act("conversationStart", None, 'subject: "Again", body: "Hello"', by=client, also="conversation { id }")
    assert made["problems"] == []
    assert made["conversation"]["id"] not in own


@pytest.mark.req("T-Q3")
async def test_the_last_interaction_takes_the_history_with_it(site: Site) -> None:
    stage = await build(site)
    person = await somebody(stage)
    made = await stage.act(
        "conversationStart",
        None,
        f'client: "{gid("client", person.client)}", subject: "S", body: "B"',
        by="COACH",
        also="conversation { id }",
    )
    done = await confirmed(stage, "conversationDelete", made["conversation"]["id"], also="conversation { id }")
    assert (done["problems"], done["warnings"], done["conversation"]) == ([], [], None)
    assert (await seen(stage, person, "dataState"))["dataState"] == "HISTORY_DELETED"


@pytest.mark.req("T-Q10")
async def test_a_live_subscription_stands_in_the_way(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    await stage.subscription(person.rows["enrollment"][0])
    key, before = gid("client", person.client), await stage.everything()
    for name in ("clientDeleteContact", "clientErase", "erasureRequest"):
        looked = await stage.look(name, key)
        assert (looked["blockers"], looked["token"]) == ([{"code": "ACTIVE_SUBSCRIPTION"}], None)
        assert [problem["code"] for problem in (await stage.act(name, key))["problems"]] == ["ACTIVE_SUBSCRIPTION"]
    assert changed(before, await stage.everything()) == {}
    # an unpaid invoice is only worth a warning
    looked = await stage.look("clientErase", key, "cancelSubscription: true")
    assert (looked["blockers"], {"code": "OPEN_BALANCE"} in looked["warnings"]) == ([], True)
    done = await delete(stage, "clientErase", person, "cancelSubscription: true")
    assert done["state"] == "COMPLETED"


@pytest.mark.req("T-Q14", "J18", "X5")
async def test_the_same_person_elsewhere_is_untouched(site: Site) -> None:
    here, there = await build(site), await build(site)
    person = await full(here)
    other = await full(there, account=person.account, email=person.client.email, name=person.client.name)
    before = await every_row(site.database, there.workspace.id)
    await delete(here, "clientErase", person)
    assert changed(before, await every_row(site.database, there.workspace.id)) == {}
    # and the login they share still opens the other workspace, and only that
    token = await site.token(other.client)
    assert (await site.data(token, "{ viewer { client { id } } }"))["viewer"]["client"]["id"] == gid("client", other.client)
