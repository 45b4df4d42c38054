"""Taking steps back: by whom, until when, in which order, and what cannot be given back any more."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlmodel import col, select

from lifecycle.vocabulary import AppointmentState, ClientStatus, DataState, Grant, InvoiceState, SubscriptionState
from storage.tables.appointments import Appointment
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.operations import Batch, OutboundMessage
from storage.tables.packages import EnrollmentGap
from storage.tables.workspace import LoginSession
from tests.access.site import Site, gid
from tests.lifecycle.stage import Stage, build, soon
from tests.rows import changed

BATCH = "batchId undoUntil"
VISIBLE = """{ client(id: "%s") { status statusSince accessMode accessUntil hasLogin nextAppointment { id }
  appointments(first: 100) { totalCount nodes { id state startsAt plannedMinutes countingStatus } }
  serviceTemplates { nodes { id recurrence } }
  enrollments(first: 20, filter: {state: [ACTIVE, DEACTIVATED, DELETED]}) { nodes { id state frozenAt frozenReason } }
  invoices { nodes { id state } } } }"""


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> Stage:
    return await build(site, name="undo")


async def visible(stage: Stage, client: Client) -> Any:
    return await stage.site.data(stage.tokens["OWNER"], VISIBLE % gid("client", client))


async def refused(stage: Stage, batch: str, code: str, *, by: str = "OWNER") -> None:
    before = await stage.everything()
    undone = await stage.undo(batch, by=by)
    assert [problem["code"] for problem in undone["problems"]] == [code]
    assert (undone["restored"], undone["skipped"], undone["event"]) == (0, [], None)
    assert changed(before, await stage.everything()) == {}


async def full(stage: Stage, **more: Any) -> Client:
    """Client with services ahead and behind, a template, a place in a group, an enrollment and an open invoice."""
    client = await stage.client(ClientStatus.ACTIVE, **more)
    await stage.service(client, 7)
    await stage.service(client, 14)
    await stage.service(client, -3, state=AppointmentState.COMPLETED)
    await stage.service(client, 21, state=AppointmentState.CANCELLED)
    await stage.place(client, 9)
    await stage.template(client)
    await stage.enrollment(client)
    await stage.invoice(client, InvoiceState.OPEN)
    return client


@pytest.mark.req("P-Q3", "P-Q2")
async def test_inactivate_then_undo_is_the_identity(stage: Stage) -> None:
    """Given a client with one of everything, when made inactive and that undone, then all that can be seen is as it was."""
    client = await full(stage)
    before = await visible(stage, client)
    done = await stage.act("clientMakeInactive", gid("client", client), "accessMode: READ_ONLY", by="COACH", also=BATCH)
    gone = await visible(stage, client)
    assert gone["client"]["status"] == "INACTIVE"
    assert (gone["client"]["appointments"]["totalCount"], gone["client"]["serviceTemplates"]["nodes"]) == (2, [])
    undone = await stage.undo(done["batchId"], by="COACH")
    assert (undone["problems"], undone["restored"], undone["skipped"]) == ([], 4, [])
    assert undone["event"] == {"name": "client.undo", "before": "INACTIVE", "after": "ACTIVE"}
    assert await visible(stage, client) == before
    await refused(stage, done["batchId"], "UNDO_CLOSED", by="COACH")


@pytest.mark.req("P-Q3")
async def test_what_is_over_or_taken_is_skipped_and_named(stage: Stage) -> None:
    """Given three services removed, when one has passed and one has lost its slot, then the third alone comes back."""
    client = await stage.client()
    past, taken, free = [await stage.service(client, days) for days in (31, 32, 33)]
    done = await stage.act("clientMakeInactive", gid("client", client), also=BATCH)
    await stage.site.change(Appointment, past, starts_at=soon(-0.001))
    await stage.service(await stage.client(), 32 + 30 / 1440)
    undone = await stage.undo(done["batchId"])
    assert undone["problems"] == []
    assert sorted(undone["skipped"], key=str) == sorted(
        [
            {"kind": "APPOINTMENTS", "id": gid("appointment", past), "because": "IN_THE_PAST"},
            {"kind": "APPOINTMENTS", "id": gid("appointment", taken), "because": "SLOT_TAKEN"},
        ],
        key=str,
    )
    assert undone["restored"] == 1
    states = [(await stage.find(row)).state.value for row in (past, taken, free)]
    assert states == ["REMOVED", "REMOVED", "BOOKED"]


async def test_a_cancelled_session_whose_slot_is_taken_stays_cancelled(stage: Stage) -> None:
    client = await stage.client()
    service = await stage.service(client, 41)
    done = await stage.act("appointmentCancel", gid("appointment", service), by="ASSISTANT", also=BATCH)
    other = await stage.service(await stage.client(), 41 + 30 / 1440)
    await refused(stage, done["batchId"], "SLOT_TAKEN", by="ASSISTANT")
    await stage.site.change(Appointment, other, state=AppointmentState.CANCELLED)
    assert (await stage.undo(done["batchId"], by="ASSISTANT"))["problems"] == []
    assert (await stage.find(service)).state is AppointmentState.BOOKED


@pytest.mark.req("C18")
async def test_a_session_given_back_counts_by_the_status_of_now(stage: Stage) -> None:
    """Given a session cancelled while its client was a hot lead, when it is given back to the prospect, then it does not count."""
    client = await stage.client(ClientStatus.HOT_LEAD)
    service = await stage.service(client, 42)
    done = await stage.act("appointmentCancel", gid("appointment", service), also=BATCH)
    await stage.act("clientReturnToProspect", gid("client", client))
    assert (await stage.undo(done["batchId"]))["problems"] == []
    assert (await stage.find(service)).counting_status is ClientStatus.PROSPECT


@pytest.mark.req("C18")
async def test_what_was_booked_meanwhile_counts_by_the_status_that_is_back(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    early = await stage.service(client, 51)
    done = await stage.act("clientActivate", gid("client", client), also=BATCH)
    late = await stage.service(await stage.find(client), 52)
    assert late.counting_status is ClientStatus.ACTIVE
    undone = await stage.undo(done["batchId"])
    assert (undone["problems"], undone["restored"]) == ([], 1)
    assert [(await stage.find(row)).counting_status.value for row in (early, late)] == ["PROSPECT", "PROSPECT"]


@pytest.mark.req("C16")
async def test_logins_opened_meanwhile_do_not_outlive_the_status(stage: Stage) -> None:
    """Given a prospect made active who signs in, when that is undone and done again, then the old login stays closed."""
    client = await stage.client(ClientStatus.PROSPECT)
    done = await stage.act("clientActivate", gid("client", client), also=BATCH)
    token, session = await stage.site.login(client)
    assert (await stage.site.data(token, "{ viewer { client { id } } }"))["viewer"]["client"] is not None
    await stage.undo(done["batchId"])
    await stage.act("clientActivate", gid("client", client))
    assert await stage.site.code(token, "{ viewer { client { id } } }") == "UNAUTHENTICATED"
    async with stage.site.database.write() as opened:
        assert (await opened.get_one(LoginSession, (session.workspace_id, session.id))).revoked_at is not None


async def test_by_whom(stage: Stage) -> None:
    """Given a step of the coach, then they and the owner may undo it; to other members it is forbidden, or not there at all."""
    client = await stage.client(ClientStatus.PROSPECT)
    done = await stage.act("clientMarkHotLead", gid("client", client), by="COACH", also=BATCH)
    for who, code in {"OTHER_COACH": "NOT_FOUND", "ASSISTANT": "FORBIDDEN", "ACCOUNTANT": "FORBIDDEN", "ANALYST": "FORBIDDEN"}.items():
        await refused(stage, done["batchId"], code, by=who)
    stage.tokens["HOT_LEAD"] = await stage.site.token(client)
    await refused(stage, done["batchId"], "FORBIDDEN", by="HOT_LEAD")
    elsewhere = await build(stage.site, name="not-here")
    stage.tokens["FOREIGN"] = elsewhere.tokens["OWNER"]
    await refused(stage, done["batchId"], "NOT_FOUND", by="FOREIGN")
    nobodys = await stage.site.ask(None, f'mutation {{ transitionUndo(batchId: "{done["batchId"]}") {{ restored }} }}')
    assert (nobodys["data"], [error["extensions"]["code"] for error in nobodys["errors"]]) == (None, ["UNAUTHENTICATED"])
    by_owner = await stage.act("clientReturnToProspect", gid("client", client), by="OWNER", also=BATCH)
    await refused(stage, by_owner["batchId"], "FORBIDDEN", by="COACH")
    assert (await stage.undo(by_owner["batchId"]))["problems"] == []


@pytest.mark.req("P-Q10")
async def test_a_grant_that_was_taken_away_undoes_nothing(stage: Stage) -> None:
    client = await stage.client(ClientStatus.INACTIVE)
    await stage.grant("COACH", grants=(Grant.REACTIVATE,))
    done = await stage.act("clientReactivate", gid("client", client), by="COACH", also=BATCH)
    await stage.ungrant()
    await refused(stage, done["batchId"], "FORBIDDEN", by="COACH")
    await stage.grant("COACH", grants=(Grant.REACTIVATE,))
    assert (await stage.undo(done["batchId"], by="COACH"))["problems"] == []
    await stage.ungrant()
    assert (await stage.find(client)).status is ClientStatus.INACTIVE


async def test_the_window_closes(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT)
    done = await stage.act("clientMarkHotLead", gid("client", client), also=BATCH)
    batch = UUID(done["batchId"].partition("_")[2])
    async with stage.site.database.write() as session:
        row = await session.get_one(Batch, (stage.workspace.id, batch))
        assert row.undo_until is not None
        assert row.undo_until - row.at == timedelta(hours=72)
        row.undo_until = soon(0)
        session.add(row)
    await refused(stage, done["batchId"], "UNDO_CLOSED")


async def test_later_steps_are_undone_first(stage: Stage) -> None:
    """Given three steps, then only the last can be undone, and after it the one before it, down to the first."""
    client = await stage.client(ClientStatus.PROSPECT)
    before = await visible(stage, client)
    names = ("clientMarkHotLead", "clientActivate", "clientMakeInactive")
    batches = [(await stage.act(name, gid("client", client), also=BATCH))["batchId"] for name in names]
    await refused(stage, batches[0], "UNDO_SUPERSEDED")
    await refused(stage, batches[1], "UNDO_SUPERSEDED")
    for batch in reversed(batches):
        assert (await stage.undo(batch))["problems"] == []
    assert await visible(stage, client) == before


async def test_a_change_that_leaves_no_batch_closes_what_came_before(stage: Stage) -> None:
    client = await stage.client(ClientStatus.PROSPECT, account=await stage.site.account())
    first = await stage.act("clientMarkHotLead", gid("client", client), also=BATCH)
    await stage.site.change(Client, client, account_id=None)
    named = await stage.act("clientAssignCredentials", gid("client", client), f'username: "undo.{client.id.hex}"')
    assert named["problems"] == []
    last = await stage.act("clientActivate", gid("client", client), also=BATCH)
    assert (await stage.undo(last["batchId"]))["problems"] == []
    await refused(stage, first["batchId"], "UNDO_SUPERSEDED")


@pytest.mark.req("J-Q1")
async def test_steps_of_an_enrollment_with_their_gap_and_subscription(stage: Stage) -> None:
    """Given a freeze and a thaw that keeps the gap, when both are undone, then the gap is gone and the subscription lives."""
    client = await stage.client()
    enrollment = await stage.enrollment(client)
    paid = await stage.subscription(enrollment)
    before = await visible(stage, client)
    id_ = gid("enrollment", enrollment)
    frozen = await stage.act("enrollmentDeactivate", id_, "reason: PAYMENT_DECLINED, cancelSubscription: NOW", also=BATCH)
    stopped = await stage.find(paid)
    assert (stopped.state, stopped.ended_at is not None) == (SubscriptionState.CANCELLED, True)
    thawed = await stage.act("enrollmentReactivate", id_, "grantMissedContent: false", also=BATCH)
    assert len(await gaps(stage, enrollment.id)) == 1
    for batch in (thawed, frozen):
        assert (await stage.undo(batch["batchId"]))["problems"] == []
    assert await gaps(stage, enrollment.id) == []
    again = await stage.find(paid)
    assert (again.state, again.ended_at) == (SubscriptionState.LIVE, None)
    assert await visible(stage, client) == before


async def gaps(stage: Stage, enrollment: UUID) -> list[EnrollmentGap]:
    async with stage.site.database.write() as session:
        return list((await session.exec(select(EnrollmentGap).where(col(EnrollmentGap.enrollment_id) == enrollment))).all())


@pytest.mark.parametrize("state", [DataState.CONTACT_DELETED, DataState.ERASED])
async def test_nothing_is_given_back_to_whose_contact_is_deleted(stage: Stage, state: DataState) -> None:
    client = await stage.client()
    enrollment = await stage.enrollment(client)
    batches = [
        (await stage.act("enrollmentDeactivate", gid("enrollment", enrollment), "reason: COACH_DECISION", also=BATCH))["batchId"],
        (await stage.act("clientMakeInactive", gid("client", client), also=BATCH))["batchId"],
    ]
    await stage.site.change(Client, client, data_state=state)
    for batch in batches:
        undone = await stage.undo(batch)
        assert [problem["code"] for problem in undone["problems"]] in (["CONTACT_ERASED"], ["NOT_FOUND"])
    assert (await stage.find(enrollment)).state.value == "DEACTIVATED"
    assert (await stage.find(client)).status is ClientStatus.INACTIVE


async def test_the_history_keeps_what_the_data_state_was(stage: Stage) -> None:
    client = await stage.client(data_state=DataState.HISTORY_DELETED)
    done = await stage.act("clientMakeInactive", gid("client", client), also=BATCH)
    await stage.undo(done["batchId"])
    async with stage.site.database.write() as session:
        told = select(ClientStatusChange).where(col(ClientStatusChange.client_id) == client.id).order_by(col(ClientStatusChange.id))
        lines = (await session.exec(told)).all()
    assert [(line.transition, line.data_state.value) for line in lines] == [
        ("clientMakeInactive", "HISTORY_DELETED"),
        ("transitionUndo", "HISTORY_DELETED"),
    ]


async def test_sixteen_at_once(stage: Stage) -> None:
    """Given one step undone sixteen times at once, then it is undone once and all others hear so; no answer is an error."""
    client = await full(stage)
    done = await stage.act("clientMakeInactive", gid("client", client), also=BATCH)
    answers = await asyncio.gather(*(stage.undo(done["batchId"]) for _ in range(16)))
    codes = [[problem["code"] for problem in answer["problems"]] for answer in answers]
    assert (codes.count([]), codes.count(["UNDO_CLOSED"])) == (1, 15)


async def test_two_steps_undone_at_once(stage: Stage) -> None:
    """Given the undoing of a step and of the one before it at once, then each is undone or superseded, and nobody is locked out."""
    for _ in range(6):
        client = await stage.client(ClientStatus.PROSPECT)
        names = ("clientMarkHotLead", "clientActivate")
        batches = [(await stage.act(name, gid("client", client), also=BATCH))["batchId"] for name in names]
        answers = await asyncio.gather(*(stage.undo(batch) for batch in batches * 3))
        codes = sorted(problem["code"] for answer in answers for problem in answer["problems"])
        assert set(codes) <= {"UNDO_CLOSED", "UNDO_SUPERSEDED"}
        assert 1 <= 6 - len(codes) <= 2


async def test_an_undo_sends_nothing(stage: Stage) -> None:
    async with stage.site.database.write() as session:
        assert (await session.exec(select(OutboundMessage))).all() == []
