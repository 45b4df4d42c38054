"""Days: time zones, clocks that change, leap days, and the edges of the window of 18 months."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lifecycle.certification import ages_out, full_years, months_before
from resolvers.certification.asked import midnight
from storage.tables.workspace import Member
from tests.access.site import Site
from tests.certification.practice import Practice, open_practice


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def quoted(text: str) -> str:
    return f'"{text}"'


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-05-22", 18, "2024-11-22"),
        ("2026-08-31", 18, "2025-02-28"),  # a shorter month
        ("2025-08-31", 18, "2024-02-29"),  # a leap day
        ("2025-08-29", 18, "2024-02-29"),
        ("2025-08-28", 18, "2024-02-28"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 12, "2025-12-31"),
    ],
)
def test_the_same_day_of_an_earlier_month(day: str, months: int, before: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


def test_a_day_ages_out_on_the_first_day_whose_window_it_misses() -> None:
    """Given every day of five years, then it lies in the window until the day before, and from then on in none."""
    for number in range(5 * 365):
        day = date(2023, 1, 1) + timedelta(days=number)
        gone = ages_out(day, 18)
        assert months_before(gone - timedelta(days=1), 18) <= day < months_before(gone, 18)


@pytest.mark.parametrize(("since", "until", "years"), [("2024-02-29", "2025-02-28", 0), ("2024-02-29", "2025-03-01", 1)])
def test_full_years_of_who_began_on_a_leap_day(since: str, until: str, years: int) -> None:
    assert full_years(date.fromisoformat(since), date.fromisoformat(until)) == years


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00"),  # the clocks change in that night
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00"),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00"),
        ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # the clocks skipped midnight itself
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),  # where the 30th never was
        ("Asia/Kolkata", "2026-01-01", "2025-12-31T18:30"),
    ],
)
def test_where_a_day_begins(zone: str, day: str, begins: str) -> None:
    assert midnight(date.fromisoformat(day), ZoneInfo(zone)) == utc(begins)


async def _days(practice: Practice) -> list[str]:
    return [line["day"] for line in (await practice.report())["counted"]["nodes"]]


async def test_the_day_is_that_of_the_coach(site: Site) -> None:
    """Given a coach in New York in a workspace in Berlin, then their late session is of the evening before; without a zone, of Berlin."""
    practice = await open_practice(site, timezone="Europe/Berlin")
    await practice.session(await practice.client(), utc("2026-03-02T01:30"))
    assert await _days(practice) == ["2026-03-02"]
    await site.change(Member, practice.coach, timezone="America/New_York")
    assert await _days(practice) == ["2026-03-01"]
    found = await practice.report("timezone byMonth { month }")
    assert found == {"timezone": "America/New_York", "byMonth": [{"month": "2026-03"}]}


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-03-28T22:59:59", False),  # 28 March, 23:59:59 in Berlin
        ("2026-03-28T23:00:00", True),
        ("2026-03-29T21:59:59", True),  # a day of 23 hours
        ("2026-03-29T22:00:00", False),
    ],
)
async def test_a_period_of_one_day_when_clocks_go_forward(site: Site, at: str, inside: bool) -> None:
    practice = await open_practice(site, timezone="Europe/Berlin")
    await practice.session(await practice.client(), utc(at))
    found = await practice.report("totals { sessions }", from_=quoted("2026-03-29"), to=quoted("2026-03-29"))
    assert found["totals"]["sessions"] == int(inside)


@pytest.mark.parametrize(("at", "month"), [("2026-10-31T22:59:59", "2026-10"), ("2026-10-31T23:00:00", "2026-11")])
async def test_a_month_begins_where_the_coach_is(site: Site, at: str, month: str) -> None:
    practice = await open_practice(site, timezone="Europe/Berlin")
    await practice.session(await practice.client(), utc(at))
    assert (await practice.report("byMonth { month hours }"))["byMonth"] == [{"month": month, "hours": 1.0}]


@pytest.mark.parametrize(
    ("as_of", "held", "recent"),
    [
        ("2026-08-31T12:00", "2025-02-28T12:00", True),  # the last day of a short month
        ("2026-08-31T12:00", "2025-02-27T12:00", False),
        ("2025-08-31T12:00", "2024-02-29T12:00", True),  # a leap day
        ("2025-08-31T12:00", "2024-02-28T12:00", False),
        ("2025-08-29T12:00", "2024-02-29T12:00", True),
        ("2025-08-30T12:00", "2024-02-29T12:00", True),
        ("2025-09-01T12:00", "2024-02-29T12:00", False),
        ("2026-06-10T22:30", "2024-12-10T12:00", False),  # it is the 11th in Berlin already
        ("2026-06-10T21:30", "2024-12-10T12:00", True),
        ("2026-06-10T21:30", "2024-12-09T23:00", True),  # the 10th in Berlin
        ("2026-06-10T21:30", "2024-12-09T22:59", False),
    ],
)
async def test_the_edges_of_the_window(site: Site, as_of: str, held: str, recent: bool) -> None:
    """Given a session, then it is recent on the day itself 18 months later, and not on the next."""
    practice = await open_practice(site, timezone="Europe/Berlin")
    await practice.session(await practice.client(), utc(held))
    asked = "totals { recentHours } readiness { metrics { metric have } agesOut { date hours } }"
    found = await practice.report(asked, ruleSet="ICF_ACC", at=quoted(f"{as_of}:00Z"))
    have = {row["metric"]: row["have"] for row in found["readiness"]["metrics"]}
    assert (found["totals"]["recentHours"], have["RECENT"]) == (float(recent), float(recent))
    assert len(found["readiness"]["agesOut"]) == int(recent)
