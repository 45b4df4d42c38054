"""Transitions that wait for their day: written down, moved, cancelled, and taken by the clock once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from lifecycle.vocabulary import AppointmentState, ClientStatus
from storage.tables.appointments import Appointment, AppointmentType
from tests.access.site import gid
from tests.studio.studio import DAY, Studio, instant, now, wind

SCHEDULE = """mutation ($step: ScheduledStepInput!, $when: ScheduledTimeInput!, $key: String) {
  transitionSchedule(step: $step, when: $when, idempotencyKey: $key) {
    scheduledTransition { id transition subject condition days state dueAt actor reason member { id } client { id } }
    event { name } warnings { code } problems { code path } } }"""
SEEN = "query ($id: ID!) { node(id: $id) { ... on ScheduledTransition { state outcome dueAt event { name actor } } } }"
STATUS = "query ($id: ID!) { client(id: $id) { status } }"


async def schedule(studio: Studio, step: dict[str, Any], by: str = "coach", key: str | None = None, **when: Any) -> Any:
    data = await studio.ask(SCHEDULE, by, step=step, when=when, key=key)
    return data["transitionSchedule"]


async def waits(studio: Studio, step: dict[str, Any], **when: Any) -> Any:
    payload = await schedule(studio, step, **when)
    assert payload["problems"] == []
    return payload["scheduledTransition"]


async def refused(studio: Studio, step: dict[str, Any], by: str = "coach", **when: Any) -> tuple[str, list[str]]:
    before = await studio.rows()
    payload = await schedule(studio, step, by, **when)
    assert payload["scheduledTransition"] is None
    assert await studio.rows() == before
    [problem] = payload["problems"]
    return problem["code"], problem["path"]


async def seen(studio: Studio, scheduled: Any) -> Any:
    return (await studio.ask(SEEN, id=scheduled["id"]))["node"]


async def session(studio: Studio, client: Any, at: datetime, state: AppointmentState) -> None:
    kind = AppointmentType(workspace_id=studio.owner.workspace_id, name="Coaching")
    held = Appointment(
        workspace_id=studio.owner.workspace_id,
        client_id=client.id,
        coach_id=studio.coach.id,
        type_id=kind.id,
        starts_at=at,
        planned_minutes=60,
        state=state,
        booked_status=ClientStatus.ACTIVE,
        counting_status=ClientStatus.ACTIVE,
    )
    await studio.site.put(kind, held)


async def test_a_transition_waits_for_its_date_and_is_taken_then(studio: Studio) -> None:
    client, _ = await studio.client()
    key, at = gid("client", client), now() + 3 * DAY
    found = await waits(studio, {"clientMakeInactive": {"id": key, "input": {"reason": "The course ends"}}}, at=instant(at))
    assert found == {
        "id": found["id"],
        "transition": "clientMakeInactive",
        "subject": key,
        "condition": "AT_DATE",
        "days": None,
        "state": "PENDING",
        "dueAt": found["dueAt"],
        "actor": "STAFF",
        "reason": "The course ends",
        "member": {"id": gid("member", studio.coach)},
        "client": {"id": key},
    }
    # the calendar has it, everywhere
    calendar = """query ($id: ID!) { scheduledTransitions(filter: {state: PENDING}) { nodes { id } }
      client(id: $id) { scheduledTransitions { nodes { id } } } }"""
    listed = await studio.ask(calendar, id=key)
    assert listed["scheduledTransitions"]["nodes"] == listed["client"]["scheduledTransitions"]["nodes"] == [{"id": found["id"]}]
    # and the day does it, with an event of its own
    await studio.wind(at - timedelta(seconds=1))
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "ACTIVE"
    await studio.wind(at)
    await studio.wind(at + DAY)
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "INACTIVE"
    done = await seen(studio, found)
    assert (done["state"], done["outcome"], done["event"]) == ("DONE", "DONE", {"name": "client.make_inactive", "actor": "CLOCK"})
    history = "query ($id: ID!) { client(id: $id) { history { nodes { name } } } }"
    names = [event["name"] for event in (await studio.ask(history, id=key))["client"]["history"]["nodes"]]
    assert names.count("client.make_inactive") == 1


async def test_a_scheduled_step_is_undone_by_the_owner(studio: Studio) -> None:
    client, _ = await studio.client()
    key, at = gid("client", client), now() + timedelta(seconds=1)
    await waits(studio, {"clientMakeInactive": {"id": key}}, at=instant(at))
    await studio.wind(at)
    history = "query ($id: ID!) { client(id: $id) { history(first: 1) { nodes { batchId } } } }"
    [event] = (await studio.ask(history, id=key))["client"]["history"]["nodes"]
    undo = "mutation ($id: ID!) { transitionUndo(batchId: $id) { problems { code } } }"
    assert (await studio.ask(undo, "owner", id=event["batchId"]))["transitionUndo"]["problems"] == []
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "ACTIVE"


@pytest.mark.req("J-Q13")
async def test_a_freeze_at_the_end_of_the_paid_time_moves_with_it(studio: Studio) -> None:
    client, _ = await studio.client()
    enrollment = await studio.enrolled(await studio.package(), client)
    first, later = now() + 5 * DAY, now() + 35 * DAY
    await studio.do("enrollmentReportPayment", enrollment, by="owner", status="CURRENT", paidThrough=instant(first))
    # the default of a cancelled subscription is to wait, and the same can be asked for in so many words
    payload = await studio.try_to("enrollmentDeactivate", enrollment, reason="SUBSCRIPTION_CANCELLED", wanted="state")
    assert (payload["enrollment"]["state"], payload["warnings"]) == ("ACTIVE", [{"code": "SCHEDULED"}])
    listed = "query ($id: ID!) { enrollment(id: $id) { state scheduledTransitions { nodes { id condition dueAt } } } }"
    [one] = (await studio.ask(listed, id=enrollment))["enrollment"]["scheduledTransitions"]["nodes"]
    assert one["condition"] == "AT_PAID_THROUGH"
    # when another period is paid before the day
    await studio.do("enrollmentReportPayment", enrollment, by="owner", status="CURRENT", paidThrough=instant(later))
    await studio.wind(first)
    assert (await studio.ask(listed, id=enrollment))["enrollment"]["state"] == "ACTIVE"
    assert datetime.fromisoformat((await seen(studio, one))["dueAt"]) == later
    await studio.wind(later)
    assert (await studio.ask(listed, id=enrollment))["enrollment"]["state"] == "DEACTIVATED"


async def test_a_freeze_at_expiry(studio: Studio) -> None:
    client, _ = await studio.client()
    enrollment = await studio.enrolled(await studio.package(durationDays=10), client)
    step = {"enrollmentDeactivate": {"id": enrollment, "input": {"reason": "PACKAGE_EXPIRED"}}}
    found = await waits(studio, step, atExpiry=True)
    expires = datetime.fromisoformat(found["dueAt"])
    assert found["condition"] == "AT_EXPIRY"
    assert abs(expires - now() - 10 * DAY) < timedelta(minutes=1)
    await studio.wind(expires)
    assert (await seen(studio, found))["outcome"] == "DONE"
    endless = await studio.enrolled(await studio.package(), client)
    step = {"enrollmentDeactivate": {"id": endless, "input": {"reason": "PACKAGE_EXPIRED"}}}
    assert await refused(studio, step, atExpiry=True) == ("INVALID_INPUT", ["when"])
    assert await refused(studio, step, atPaidThrough=True) == ("INVALID_INPUT", ["when"])


async def test_after_days_without_a_session(studio: Studio) -> None:
    client, _ = await studio.client()
    key = gid("client", client)
    await session(studio, client, now() - 4 * DAY, AppointmentState.COMPLETED)
    found = await waits(studio, {"clientMakeInactive": {"id": key}}, daysWithoutSession=30)
    first = datetime.fromisoformat(found["dueAt"])
    assert (found["condition"], found["days"]) == ("WITHOUT_SESSION", 30)
    assert abs(first - now() - 30 * DAY) < timedelta(minutes=1)  # the days begin when it is asked for
    # a session that is held starts them anew, one that is only booked does not
    held = now() + 20 * DAY
    await session(studio, client, held, AppointmentState.COMPLETED)
    await session(studio, client, now() + 25 * DAY, AppointmentState.BOOKED)
    await studio.wind(first)
    moved = await seen(studio, found)
    assert (moved["state"], datetime.fromisoformat(moved["dueAt"])) == ("PENDING", held + 30 * DAY)
    await studio.wind(held + 30 * DAY)
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "INACTIVE"
    for days in (0, 3651):
        assert (await refused(studio, {"clientReactivate": {"id": key}}, by="owner", daysWithoutSession=days)) == (
            "INVALID_INPUT",
            ["when"],
        )


async def test_what_no_longer_applies_is_cancelled_by_a_change_of_the_client(studio: Studio) -> None:
    client, _ = await studio.client(ClientStatus.HOT_LEAD)
    key, at = gid("client", client), now() + 3 * DAY
    enrollment = await studio.enrolled(await studio.package(), client)
    activate = await waits(studio, {"clientActivate": {"id": key}}, at=instant(at))
    leave = await waits(studio, {"clientMakeInactive": {"id": key}}, at=instant(at + DAY))
    freeze = await waits(studio, {"enrollmentDeactivate": {"id": enrollment, "input": {"reason": "COACH_DECISION"}}}, at=instant(at))
    # an active client is activated no more, and may still be made inactive
    payload = await studio.try_to("clientActivate", key)
    assert [(await seen(studio, one))["state"] for one in (activate, leave, freeze)] == ["CANCELLED", "PENDING", "PENDING"]
    # an undo brings back what was cancelled
    undo = "mutation ($id: ID!) { transitionUndo(batchId: $id) { restored problems { code } } }"
    await studio.ask(undo, id=payload["batchId"])
    assert (await seen(studio, activate)) == {"state": "PENDING", "outcome": None, "dueAt": activate["dueAt"], "event": None}
    # and the end of the relationship takes all of it
    await studio.do("clientMakeInactive", key)
    assert [(await seen(studio, one))["outcome"] for one in (activate, leave, freeze)] == ["NO_LONGER_APPLIES"] * 3
    await studio.wind(at + 2 * DAY)
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "INACTIVE"


async def test_a_step_that_is_refused_on_its_day_says_why(studio: Studio) -> None:
    from storage.tables.packages import Enrollment

    client, _ = await studio.client()
    enrollment = await studio.enrolled(await studio.package(), client)
    at = now() + DAY
    found = await waits(studio, {"enrollmentDeactivate": {"id": enrollment, "input": {"reason": "COACH_DECISION"}}}, at=instant(at))
    row = await _row(studio, Enrollment, enrollment)
    await studio.site.change(Enrollment, row, state="DELETED")  # behind everybody's back
    await studio.wind(at)
    assert (await seen(studio, found))["state"] == "CANCELLED"
    assert (await seen(studio, found))["outcome"] == "INVALID_TRANSITION"


async def _row(studio: Studio, kind: type[Any], key: str) -> Any:
    async with studio.site.database.write() as opened:
        return await opened.get(kind, (studio.owner.workspace_id, UUID(key[-32:])))


async def test_who_may_schedule_and_cancel(studio: Studio) -> None:
    client, token = await studio.client()
    key, at = gid("client", client), instant(now() + DAY)
    step = {"clientMakeInactive": {"id": key}}
    for role in ("assistant", "accountant", "analyst"):
        assert (await refused(studio, step, role, at=at))[0] == "FORBIDDEN"
    assert (await refused(studio, {"clientReactivate": {"id": key}}, "owner", at=at))[0] == "INVALID_TRANSITION"
    assert await refused(studio, step, at=instant(now() - DAY)) == ("INVALID_INPUT", ["when"])
    assert await refused(studio, step, atExpiry=True) == ("INVALID_INPUT", ["when"])
    found = await waits(studio, step, at=at)
    for role in ("assistant", "accountant", "analyst"):
        assert (await studio.refused("scheduledTransitionCancel", found["id"], by=role))[0] == "FORBIDDEN"
    # a client, and the coach of somebody else, do not see it
    assert (await studio.site.data(token, "{ scheduledTransitions { totalCount } }"))["scheduledTransitions"] == {"totalCount": 0}
    other = await studio.site.token(await studio.site.member(await _workspace(studio), studio.coach.role))
    assert (await studio.site.data(other, SEEN, id=found["id"]))["node"] is None
    cancelled = await studio.do("scheduledTransitionCancel", found["id"], wanted="state outcome")
    assert (cancelled["state"], cancelled["outcome"]) == ("CANCELLED", "CANCELLED_BY_MEMBER")
    assert (await studio.refused("scheduledTransitionCancel", found["id"]))[0] == "ALREADY_IN_STATE"
    await studio.wind(now() + 2 * DAY)
    assert (await studio.ask(STATUS, id=key))["client"]["status"] == "ACTIVE"


async def _workspace(studio: Studio) -> Any:
    from storage.tables.workspace import Workspace

    async with studio.site.database.write() as opened:
        return await opened.get(Workspace, studio.owner.workspace_id)


async def test_the_same_request_under_the_same_key_waits_once(studio: Studio) -> None:
    client, _ = await studio.client()
    step, at = {"clientMakeInactive": {"id": gid("client", client)}}, instant(now() + DAY)
    first = await schedule(studio, step, key="one", at=at)
    assert (await schedule(studio, step, key="one", at=at))["scheduledTransition"] == first["scheduledTransition"]
    again = await schedule(studio, step, key="one", at=instant(now() + 2 * DAY))
    assert [problem["code"] for problem in again["problems"]] == ["KEY_REUSED"]
    total = "{ scheduledTransitions(filter: {state: PENDING}) { totalCount } }"
    assert (await studio.ask(total))["scheduledTransitions"]["totalCount"] == 1


async def test_the_key_of_the_header_serves_too_and_a_bad_key_is_refused(studio: Studio) -> None:
    client, _ = await studio.client()
    said: dict[str, Any] = {"step": {"clientMakeInactive": {"id": gid("client", client)}}, "when": {"at": instant(now() + DAY)}}
    token, sent = studio.tokens["coach"], {"idempotency-key": "from the header"}
    first = (await studio.site.data(token, SCHEDULE, sent, **said))["transitionSchedule"]["scheduledTransition"]
    assert (await studio.site.data(token, SCHEDULE, sent, **said))["transitionSchedule"]["scheduledTransition"] == first
    before = await studio.rows()
    for key in ("", "k" * 201, "a\0b"):
        [error] = (await studio.site.ask(token, SCHEDULE, **said, key=key))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert await studio.rows() == before


async def test_an_attended_conversation_is_closed_later(studio: Studio) -> None:
    from storage.tables.conversations import Conversation, Participant

    client, _ = await studio.client()
    workspace: dict[str, Any] = {"workspace_id": studio.owner.workspace_id}
    talk = Conversation(subject="S", opened_at=now() - DAY, last_message_at=now() - DAY, **workspace)
    await studio.site.put(talk, Participant(conversation_id=talk.id, client_id=client.id, **workspace))
    at = now() + DAY
    found = await waits(studio, {"conversationClose": {"id": gid("conversation", talk)}}, at=instant(at))
    assert found["client"] == {"id": gid("client", client)}
    await studio.wind(at)
    assert (await seen(studio, found))["outcome"] == "DONE"


async def test_several_workers_take_each_step_once(studio: Studio) -> None:
    """Thirty steps, six workers at once: each step has one event, and nothing waits any more."""
    at = now() + DAY
    keys = []
    for _ in range(30):
        client, _ = await studio.client()
        keys.append(gid("client", client))
        await waits(studio, {"clientMakeInactive": {"id": keys[-1]}}, at=instant(at))
    await asyncio.gather(*(wind(studio.site.database, at) for _ in range(6)))
    query = "{ scheduledTransitions(first: 100) { nodes { state outcome event { id } } } clients(first: 100) { nodes { status } } }"
    found = await studio.ask(query)
    assert {(one["state"], one["outcome"]) for one in found["scheduledTransitions"]["nodes"]} == {("DONE", "DONE")}
    assert len({one["event"]["id"] for one in found["scheduledTransitions"]["nodes"]}) == 30
    assert {client["status"] for client in found["clients"]["nodes"]} == {"INACTIVE"}
    events = "query ($id: ID!) { client(id: $id) { history { nodes { name } } } }"
    for key in keys:
        names = [event["name"] for event in (await studio.ask(events, id=key))["client"]["history"]["nodes"]]
        assert names.count("client.make_inactive") == 1
