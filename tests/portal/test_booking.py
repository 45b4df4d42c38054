"""Booking: by status, by what is included, into a free slot, stamped with the status of that instant."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.vocabulary import ClientStatus, Compensation
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import ClientStatusChange
from storage.tables.packages import Purchase
from tests.access.site import day, gid
from tests.portal.studio import Studio, key_of

BOOKED = (
    "appointment { id state bookedStatus countingStatus compensation coach { id } plannedMinutes } problems { code path } warnings { code }"
)


@pytest.mark.req("C17", "C18", "C5", "C13", "C-Q1", "C-Q9")
@pytest.mark.parametrize("status", ["PROSPECT", "HOT_LEAD", "ACTIVE", "BUYER"])
async def test_a_sample_session_is_stamped_and_pro_bono(studio: Studio, status: str) -> None:
    client, _ = await studio.person(status)
    given = {"type": studio.ids["sample"], "client": gid("client", client), "startsAt": studio.soon()}
    payload = await studio.act(studio.tokens["COACH"], "appointmentBook", given, more=BOOKED)
    booked = payload["appointment"]
    assert (booked["state"], booked["bookedStatus"], booked["countingStatus"]) == ("BOOKED", status, status)
    assert (booked["compensation"], booked["plannedMinutes"]) == ("PRO_BONO", 30)
    assert booked["coach"]["id"] == gid("member", studio.members["COACH"])


@pytest.mark.req("C17", "C-Q4", "C-Q11")
@pytest.mark.parametrize(
    ("standing", "kind", "expected"),
    [
        ("PROSPECT", "sample", "OK"),
        ("PROSPECT", "coaching", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
        ("PROSPECT", "included", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
        ("HOT_LEAD", "coaching", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
        ("ACTIVE", "coaching", "OK"),
        ("BUYER", "coaching", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
        ("BUYER", "included", "OK"),
        ("INACTIVE NONE", "sample", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
        ("INACTIVE READ_ONLY", "coaching", "BOOKING_NOT_ALLOWED_FOR_STATUS"),
    ],
)
async def test_the_status_decides_for_staff_too(studio: Studio, standing: str, kind: str, expected: str) -> None:
    client, _ = await studio.person(standing)
    given = {"type": studio.ids[kind], "client": gid("client", client), "startsAt": studio.soon()}
    if expected == "OK":
        assert await studio.code(studio.tokens["ASSISTANT"], "appointmentBook", given) == "OK"
    else:
        problem = await studio.refused(expected, studio.tokens["ASSISTANT"], "appointmentBook", given)
        assert problem["path"] == ["input", "type"]


@pytest.mark.req("C-Q4")
async def test_a_buyer_books_what_is_included_and_no_more(studio: Studio) -> None:
    client, token = await studio.person("BUYER")

    def given() -> dict[str, str]:
        return {"type": studio.ids["included"], "startsAt": studio.soon()}

    first = await studio.act(token, "appointmentBook", given(), more=BOOKED)
    assert first["appointment"]["compensation"] is None or first["problems"] == []
    await studio.refused("BOOKING_NOT_ALLOWED_FOR_STATUS", token, "appointmentBook", given())
    assert await studio.code(studio.tokens["COACH"], "appointmentCancel", {}, key=first["appointment"]["id"]) == "OK"
    assert await studio.code(token, "appointmentBook", given()) == "OK"
    await studio.refused("BOOKING_NOT_ALLOWED_FOR_STATUS", token, "appointmentBook", given())
    [bought] = await studio.all(Purchase, client_id=client.id)
    await studio.site.put(Purchase(workspace_id=client.workspace_id, client_id=client.id, product_id=bought.product_id))
    await studio.site.change(Purchase, bought, refunded_at=day(0))
    await studio.refused("BOOKING_NOT_ALLOWED_FOR_STATUS", token, "appointmentBook", given())


@pytest.mark.req("J-Q2")
async def test_no_session_of_a_frozen_package(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    frozen = await studio.enroll(client, frozen=True)
    packaged = {"type": studio.ids["packaged"], "startsAt": studio.soon()}
    named = packaged | {"enrollment": gid("enrollment", frozen)}
    await studio.refused("ENROLLMENT_FROZEN", token, "appointmentBook", packaged)
    await studio.refused("ENROLLMENT_FROZEN", token, "appointmentBook", named)
    theirs = {"client": gid("client", client)}
    await studio.refused("ENROLLMENT_FROZEN", studio.tokens["COACH"], "appointmentBook", named | theirs)
    assert await studio.code(token, "appointmentBook", {"type": studio.ids["coaching"], "startsAt": studio.soon()}) == "OK"
    assert await studio.code(studio.tokens["COACH"], "enrollmentReactivate", {}, key=gid("enrollment", frozen)) == "OK"
    assert await studio.code(token, "appointmentBook", named) == "OK"
    [booked] = await studio.all(Appointment, type_id=studio.rows["packaged"].id)
    assert booked.enrollment_id == frozen.id


async def test_an_enrollment_that_is_deleted_or_anothers_is_none(studio: Studio) -> None:
    client, _ = await studio.person("ACTIVE")
    other, _ = await studio.person("ACTIVE")
    theirs = await studio.enroll(other)
    given = {"type": studio.ids["packaged"], "client": gid("client", client), "startsAt": studio.soon()}
    await studio.refused("NOT_FOUND", studio.tokens["COACH"], "appointmentBook", given | {"enrollment": gid("enrollment", theirs)})


@pytest.mark.req("C11", "C13", "C-Q1")
async def test_a_sample_session_makes_a_hot_lead_in_the_same_call(studio: Studio) -> None:
    """Given a prospect with an upcoming session, when another is booked as a hot lead, then both count with the new status."""
    client, _ = await studio.person("PROSPECT")
    earlier = await studio.book(client, "sample")
    assert earlier.counting_status is ClientStatus.PROSPECT
    given = {"type": studio.ids["sample"], "client": gid("client", client), "startsAt": studio.soon(), "markHotLead": True}
    payload = await studio.act(studio.tokens["COACH"], "appointmentBook", given, more=BOOKED)
    assert payload["problems"] == []
    assert (payload["appointment"]["bookedStatus"], payload["appointment"]["countingStatus"]) == ("HOT_LEAD", "HOT_LEAD")
    now = await studio.fresh(client)
    assert (now.status, now.version) == (ClientStatus.HOT_LEAD, 2)
    again = await studio.fresh(earlier)
    assert (again.booked_status, again.counting_status) == (ClientStatus.PROSPECT, ClientStatus.HOT_LEAD)
    [change] = await studio.all(ClientStatusChange, client_id=client.id)
    assert (change.before, change.after, change.transition) == ("PROSPECT", "HOT_LEAD", "appointmentBook")


@pytest.mark.req("C11")
async def test_marking_is_for_those_who_may_write_the_status_and_for_prospects(studio: Studio) -> None:
    client, _ = await studio.person("PROSPECT")
    given = {"type": studio.ids["sample"], "client": gid("client", client), "startsAt": studio.soon(), "markHotLead": True}
    problem = await studio.refused("FORBIDDEN", studio.tokens["ASSISTANT"], "appointmentBook", given)
    assert problem["path"] == ["input", "markHotLead"]
    await studio.refused(
        "BOOKING_NOT_ALLOWED_FOR_STATUS", studio.tokens["COACH"], "appointmentBook", given | {"type": studio.ids["coaching"]}
    )
    active, _ = await studio.person("ACTIVE")
    payload = await studio.act(studio.tokens["COACH"], "appointmentBook", given | {"client": gid("client", active)}, more=BOOKED)
    assert [warning["code"] for warning in payload["warnings"]] == ["OPTION_IGNORED"]
    assert (await studio.fresh(active)).status is ClientStatus.ACTIVE


async def test_a_slot_is_taken_once(studio: Studio) -> None:
    """Sessions of one coach never overlap, whoever books, and whoever is first of twelve at once."""
    client, token = await studio.person("ACTIVE")
    at = datetime.fromisoformat(studio.soon())
    theirs = {"type": studio.ids["coaching"], "startsAt": at.isoformat()}
    assert await studio.code(token, "appointmentBook", theirs) == "OK"
    for minutes in (-59, 0, 59):
        other = theirs | {"startsAt": (at + timedelta(minutes=minutes)).isoformat()}
        problem = await studio.refused("SLOT_TAKEN", token, "appointmentBook", other)
        assert problem["path"] == ["input", "startsAt"]
    owner = gid("member", studio.members["OWNER"])
    elsewhere = theirs | {"client": gid("client", client), "coach": owner}
    assert await studio.code(studio.tokens["OWNER"], "appointmentBook", elsewhere) == "OK"
    for minutes in (-60, 60):
        assert await studio.code(token, "appointmentBook", theirs | {"startsAt": (at + timedelta(minutes=minutes)).isoformat()}) == "OK"
    free = studio.soon()
    crowd = [await studio.person("ACTIVE") for _ in range(12)]
    codes = await asyncio.gather(*(studio.code(one, "appointmentBook", theirs | {"startsAt": free}) for _, one in crowd))
    assert sorted(codes) == ["OK"] + ["SLOT_TAKEN"] * 11


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"startsAt": "2025-03-01T10:00:00Z"}, "NOT_IN_THE_FUTURE", ["input", "startsAt"]),
        ({"startsAt": "9999-12-31T23:59:59Z"}, "INVALID_INPUT", ["input", "startsAt"]),
        ({"plannedMinutes": 2147483647}, "INVALID_INPUT", ["input", "plannedMinutes"]),
        ({"plannedMinutes": -5}, "INVALID_INPUT", ["input", "plannedMinutes"]),
        ({"client": None}, "INVALID_INPUT", ["input", "client"]),
    ],
)
async def test_bounds(studio: Studio, given: dict[str, object], code: str, path: list[str]) -> None:
    client, _ = await studio.person("ACTIVE")
    said = {"type": studio.ids["coaching"], "client": gid("client", client), "startsAt": studio.soon()} | given
    problem = await studio.refused(code, studio.tokens["OWNER"], "appointmentBook", said)
    assert problem["path"] == path


async def test_coaches_book_for_themselves_and_only_with_who_coaches(studio: Studio) -> None:
    client, _ = await studio.person("ACTIVE")
    said = {"type": studio.ids["coaching"], "client": gid("client", client), "startsAt": studio.soon()}
    accountant, other = gid("member", studio.members["ACCOUNTANT"]), gid("member", studio.members["OTHER_COACH"])
    await studio.refused("INVALID_INPUT", studio.tokens["OWNER"], "appointmentBook", said | {"coach": accountant})
    await studio.refused("INVALID_INPUT", studio.tokens["COACH"], "appointmentBook", said | {"coach": other})
    await studio.site.change(AppointmentType, studio.rows["coaching"], archived_at=day(0))
    await studio.refused("NOT_OFFERED", studio.tokens["OWNER"], "appointmentBook", said)


async def test_the_preview_shows_what_booking_does(studio: Studio) -> None:
    client, _ = await studio.person("PROSPECT")
    await studio.book(client, "sample")
    query = """query($input: AppointmentBookInput!) { appointmentBookPreview(input: $input) {
        after effects { kind action count } options { name default } blockers { code } } }"""
    given = {"type": studio.ids["sample"], "client": gid("client", client), "startsAt": studio.soon(), "markHotLead": True}
    shown = (await studio.site.data(studio.tokens["COACH"], query, input=given))["appointmentBookPreview"]
    assert shown["effects"] == [
        {"kind": "CLIENTS", "action": "PROMOTE", "count": 1},
        {"kind": "APPOINTMENTS", "action": "RESTAMP", "count": 1},
    ]
    assert shown["options"] == [{"name": "markHotLead", "default": "false"}]
    assert (shown["after"], shown["blockers"]) == ("BOOKED", [])


async def test_the_preview_refuses_what_the_step_refuses(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    assistant = gid("member", studio.members["ASSISTANT"])
    query = "query($input: AppointmentBookInput!) { appointmentBookPreview(input: $input) { token blockers { code path } } }"
    given = {"type": studio.ids["coaching"], "client": gid("client", client), "startsAt": studio.soon(), "coach": assistant}
    shown = (await studio.site.data(studio.tokens["OWNER"], query, input=given))["appointmentBookPreview"]
    assert shown == {"token": None, "blockers": [{"code": "INVALID_INPUT", "path": ["input", "coach"]}]}
    query = "query($input: FormAnswerInput!) { formAnswerPreview(input: $input) { blockers { code path } } }"
    shown = (await studio.site.data(token, query, input={"form": studio.ids["form"], "answers": ["one"]}))["formAnswerPreview"]
    assert shown == {"blockers": [{"code": "INVALID_INPUT", "path": ["input", "answers"]}]}


async def test_a_session_is_moved_into_a_free_slot(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    first, second = await studio.book(client), await studio.book(client)
    key, coach = gid("appointment", first), studio.tokens["COACH"]
    later = first.starts_at + timedelta(minutes=20)
    assert await studio.code(coach, "appointmentReschedule", {"startsAt": later.isoformat()}, key=key) == "OK"
    assert (await studio.fresh(first)).starts_at == later
    clash = {"startsAt": second.starts_at.isoformat()}
    await studio.refused("SLOT_TAKEN", coach, "appointmentReschedule", clash, key=key)
    await studio.refused("FORBIDDEN", token, "appointmentReschedule", {"startsAt": studio.soon()}, key=key)
    await studio.refused("NOT_IN_THE_FUTURE", coach, "appointmentReschedule", {"startsAt": "2025-01-01T00:00:00Z"}, key=key)
    await studio.site.change(Appointment, first, starts_at=datetime.now(UTC) - timedelta(minutes=5))
    await studio.refused("NOT_IN_THE_FUTURE", coach, "appointmentReschedule", {"startsAt": studio.soon()}, key=key)
    assert key_of(key) == first.id
    assert Compensation.PAID is (await studio.fresh(first)).compensation
