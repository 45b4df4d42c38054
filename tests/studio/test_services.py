"""Recurring services: what their rules say, and what the clock books of them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, func, select

from lifecycle.vocabulary import ClientStatus
from resolvers.recurrence import BadRuleError, checked, occurrences
from storage.tables.operations import OutboundMessage
from storage.tables.workspace import Workspace
from tests.access.site import gid
from tests.studio.studio import DAY, Studio, instant, now

BOOKED = """query ($id: ID!) { client(id: $id) { appointments(first: 100, orderBy: {field: STARTS_AT}) {
  nodes { id startsAt plannedMinutes state countingStatus template { id } } } serviceTemplates { totalCount } } }"""


async def kind(studio: Studio, **given: Any) -> str:
    least: dict[str, Any] = {"name": "Coaching", "plannedMinutes": 45}
    return str((await studio.do("appointmentTypeAdd", **least | given))["id"])


async def served(studio: Studio, recurrence: str, *, status: ClientStatus = ClientStatus.ACTIVE, **given: Any) -> tuple[str, str]:
    """Client with a recurring service: their id, and its."""
    client, _ = await studio.client(status)
    starts = (now() + DAY).date().isoformat()
    base = {"client": gid("client", client), "type": await kind(studio), "recurrence": recurrence, "startsOn": starts}
    return gid("client", client), (await studio.do("serviceTemplateAdd", **base | given))["id"]


async def booked(studio: Studio, client: str) -> list[Any]:
    return list((await studio.ask(BOOKED, id=client))["client"]["appointments"]["nodes"])


async def messages(studio: Studio) -> int:
    """Messages to people that wait or were sent."""
    async with studio.site.database.write() as opened:
        mine = col(OutboundMessage.workspace_id) == studio.owner.workspace_id
        return (await opened.exec(select(func.count()).select_from(OutboundMessage).where(mine))).one()


@pytest.mark.req("P-Q4", "C-Q1")
async def test_the_clock_books_eight_weeks_ahead_and_each_day_once(studio: Studio) -> None:
    client, template = await served(studio, "FREQ=WEEKLY;INTERVAL=2", startTime="10:30")
    await studio.wind()
    found = await booked(studio, client)
    first = datetime.combine((now() + DAY).date(), time(10, 30), tzinfo=UTC)
    assert [datetime.fromisoformat(one["startsAt"]) for one in found] == [first + timedelta(weeks=2) * n for n in range(4)]
    assert {(one["plannedMinutes"], one["state"], one["countingStatus"], one["template"]["id"]) for one in found} == {
        (45, "BOOKED", "ACTIVE", template)
    }
    # however often it is wound
    await studio.wind()
    assert await booked(studio, client) == found
    # and as time goes on, what comes next
    await studio.wind(now() + 4 * 7 * DAY)
    assert [datetime.fromisoformat(one["startsAt"]) for one in await booked(studio, client)] == [
        first + timedelta(weeks=2) * n for n in range(6)
    ]


@pytest.mark.req("P10", "P-Q4")
async def test_a_service_that_is_removed_books_nothing_more_and_can_be_taken_up_again(studio: Studio) -> None:
    client, template = await served(studio, "FREQ=WEEKLY")
    await studio.wind()
    found = await booked(studio, client)
    payload = await studio.try_to("serviceTemplateRemove", template)
    await studio.wind(now() + 30 * DAY)
    assert [one["startsAt"] for one in await booked(studio, client)] == [one["startsAt"] for one in found]
    assert (await studio.ask(BOOKED, id=client))["client"]["serviceTemplates"]["totalCount"] == 0
    undo = "mutation ($id: ID!) { transitionUndo(batchId: $id) { problems { code } } }"
    assert (await studio.ask(undo, id=payload["batchId"]))["transitionUndo"]["problems"] == []
    await studio.wind(now() + 30 * DAY)
    assert len(await booked(studio, client)) > len(found)


@pytest.mark.req("P10", "P-Q4")
async def test_the_end_of_the_relationship_removes_the_templates_with_the_services(studio: Studio) -> None:
    client, _ = await served(studio, "FREQ=WEEKLY")
    await studio.wind()
    preview = "query ($id: ID!) { clientMakeInactivePreview(id: $id) { options { name default } } }"
    options = (await studio.ask(preview, id=client))["clientMakeInactivePreview"]["options"]
    assert {"name": "deleteTemplates", "default": "true"} in options
    await studio.do("clientMakeInactive", client)
    await studio.wind(now() + 30 * DAY)
    assert await booked(studio, client) == []
    assert (await studio.ask(BOOKED, id=client))["client"]["serviceTemplates"]["totalCount"] == 0


@pytest.mark.req("P-Q4", "P-Q5")
async def test_a_kept_template_of_an_inactive_client_waits_for_the_reactivation(studio: Studio) -> None:
    client, _ = await served(studio, "FREQ=WEEKLY")
    await studio.wind()
    kept = await booked(studio, client)
    # given services and template are kept
    payload = await studio.try_to("clientMakeInactive", client, deleteFutureServices=False, deleteTemplates=False)
    assert "SERVICES_KEPT" in [warning["code"] for warning in payload["warnings"]]
    assert [one["startsAt"] for one in await booked(studio, client)] == [one["startsAt"] for one in kept]
    flagged = """query { appointments(filter: {upcoming: true}, first: 100) { nodes { clientInactive client { status } } } }"""
    found = (await studio.ask(flagged))["appointments"]["nodes"]
    assert len(found) == len(kept)
    assert {(one["clientInactive"], one["client"]["status"]) for one in found} == {(True, "INACTIVE")}
    assert await messages(studio) == 0
    # then nothing more is booked until the client comes back
    await studio.wind(now() + 30 * DAY)
    assert len(await booked(studio, client)) == len(kept)
    await studio.do("clientReactivate", client, by="owner")
    await studio.wind(now() + 30 * DAY)
    again = await booked(studio, client)
    assert len(again) > len(kept)
    assert {one["clientInactive"] for one in (await studio.ask(flagged))["appointments"]["nodes"]} == {False}
    assert len({one["startsAt"] for one in again}) == len(again)


@pytest.mark.req("P-Q3", "P-Q4")
async def test_removed_services_of_a_kept_template_are_booked_anew_after_the_reactivation(studio: Studio) -> None:
    client, _ = await served(studio, "FREQ=WEEKLY")
    await studio.wind()
    first = await booked(studio, client)
    await studio.do("clientMakeInactive", client, deleteTemplates=False)
    await studio.wind()
    assert await booked(studio, client) == []
    await studio.do("clientReactivate", client, by="owner")
    assert await booked(studio, client) == []  # what was removed is not given back
    await studio.wind()
    again = await booked(studio, client)
    assert [one["startsAt"] for one in again] == [one["startsAt"] for one in first]
    assert {one["id"] for one in again}.isdisjoint(one["id"] for one in first)


async def test_a_day_on_which_the_coach_has_no_time_is_left_out_and_told(studio: Studio) -> None:
    one, _ = await served(studio, "FREQ=WEEKLY;COUNT=2", startTime="09:00")
    await studio.wind()
    other, _ = await served(studio, "FREQ=WEEKLY;COUNT=3", startTime="09:30")
    await studio.wind()
    assert (len(await booked(studio, one)), len(await booked(studio, other))) == (2, 1)
    history = "query ($id: ID!) { client(id: $id) { history(first: 1) { nodes { name actor } } } }"
    [event] = (await studio.ask(history, id=other))["client"]["history"]["nodes"]
    assert event == {"name": "serviceTemplate.generate", "actor": "CLOCK"}


async def test_the_time_of_day_is_the_workspaces_own_in_summer_and_winter(studio: Studio) -> None:
    async with studio.site.database.write() as opened:
        place = await opened.get(Workspace, studio.owner.workspace_id)
        assert place is not None
        place.timezone = "America/New_York"
        opened.add(place)
    client, _ = await served(studio, "FREQ=DAILY;COUNT=50", startTime="08:00")
    await studio.wind()
    local = {
        datetime.fromisoformat(one["startsAt"]).astimezone(ZoneInfo("America/New_York")).time() for one in await booked(studio, client)
    }
    assert local == {time(8)}


async def test_what_is_refused(studio: Studio) -> None:
    client, _ = await studio.client()
    inactive, _ = await studio.client(ClientStatus.INACTIVE)
    prospect, _ = await studio.client(ClientStatus.PROSPECT)
    day = now().date().isoformat()
    base: dict[str, Any] = {"client": gid("client", client), "type": await kind(studio), "recurrence": "FREQ=WEEKLY", "startsOn": day}
    for change, expected in (
        ({"recurrence": "FREQ=SECONDLY"}, ("INVALID_INPUT", ["input", "recurrence"])),
        ({"startTime": "25:00"}, ("INVALID_INPUT", ["input", "startTime"])),
        ({"startsOn": "2020-01-01"}, ("INVALID_INPUT", ["input", "startsOn"])),
        ({"endsOn": "2020-01-01"}, ("INVALID_INPUT", ["input", "endsOn"])),
        ({"coach": gid("member", studio.owner)}, ("INVALID_INPUT", ["input", "coach"])),
        ({"client": gid("client", inactive)}, ("CLIENT_INACTIVE", [])),
        ({"client": gid("client", prospect)}, ("BOOKING_NOT_ALLOWED_FOR_STATUS", ["input", "type"])),
    ):
        assert await studio.refused("serviceTemplateAdd", **base | change) == expected
    assert (await studio.refused("serviceTemplateAdd", by="analyst", **base))[0] == "FORBIDDEN"
    await studio.do("serviceTemplateAdd", by="assistant", **base)
    sample = await kind(studio, sample=True)
    await studio.do("serviceTemplateAdd", **base | {"client": gid("client", prospect), "type": sample})


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["2026-01-01", "2026-01-02", "2026-01-03"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260112", ["2026-01-01", "2026-01-05", "2026-01-08", "2026-01-12"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2", ["2026-01-01", "2026-01-15"]),
        ("FREQ=MONTHLY;BYDAY=2TU", ["2026-01-13", "2026-02-10"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28"]),
    ],
)
def test_rules_that_are_understood(rule: str, days: list[str]) -> None:
    start = date(2026, 1, 1)
    found = occurrences(checked(rule, start), start, "12:00", "UTC", first=start, last=date(2026, 2, 28))
    assert [at.date().isoformat() for at in found] == days


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "WEEKLY",
        "FREQ=YEARLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=20200101",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=DAILY\nDTSTART:19000101",
    ],
)
def test_rules_that_are_not(rule: str) -> None:
    with pytest.raises(BadRuleError):
        checked(rule, date(2026, 1, 1))


def test_a_change_of_the_clocks_moves_no_session() -> None:
    """New York, 2026: summer time begins on 8 March and ends on 1 November."""
    start = date(2026, 3, 1)
    weekly = list(occurrences("FREQ=WEEKLY;COUNT=2", start, "09:00", "America/New_York", first=start, last=date(2026, 3, 31)))
    assert [at.isoformat() for at in weekly] == ["2026-03-01T14:00:00+00:00", "2026-03-08T13:00:00+00:00"]
    [gap] = occurrences("FREQ=DAILY;COUNT=1", date(2026, 3, 8), "02:30", "America/New_York", first=date(2026, 3, 8), last=date(2026, 3, 8))
    assert gap.isoformat() == "2026-03-08T07:30:00+00:00"
    assert instant(gap)
