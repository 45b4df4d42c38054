"""Readiness: what there is, what is missing, until when hours count, and what helps most."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle.certification import ages_out
from lifecycle.rule_sets import RULE_SETS, RuleSet, rules_of
from lifecycle.vocabulary import AppointmentState, ClientStatus, Compensation
from tests.certification.practice import READINESS, Practice, ago

#: What the bodies ask for: total, paid, clients, recent, years.
ASKED = {
    "ICF_ACC": (100, 75, 8, 25, 0),
    "ICF_PCC": (500, 450, 25, 50, 0),
    "ICF_MCC": (2500, 2250, 35, 0, 0),
    "EMCC_FOUNDATION": (50, 0, 5, 0, 1),
    "EMCC_PRACTITIONER": (100, 0, 10, 0, 3),
    "CCE_BCC": (30, 0, 0, 0, 0),
    "NBHWC": (50, 0, 0, 0, 0),
}


def test_the_rules_are_those_of_the_bodies() -> None:
    found = {code: versions[-1] for code, versions in RULE_SETS.items()}
    assert {code: (r.total, r.paid, r.clients, r.recent, r.years) for code, r in found.items()} == ASKED
    assert {code for code, rules in found.items() if rules.unit == "SESSIONS"} == {"NBHWC"}
    assert all(rules.source.startswith("https://") for rules in found.values())


def test_a_day_picks_the_version_in_force() -> None:
    assert rules_of("ICF_ACC", date(2026, 1, 1)).version == 1
    assert rules_of("ICF_ACC", date(1999, 1, 1)).version == 1
    with pytest.raises(LookupError):
        rules_of("ICF_ACC", date(2026, 1, 1), 99)


async def readiness(practice: Practice, rules: str, **more: Any) -> Any:
    return (await practice.report(f"readiness {{ {READINESS} }}", ruleSet=rules, **more))["readiness"]


async def hold(practice: Practice, clients: int, each: int, *, days: float = 30, **more: Any) -> None:
    """So many sessions with each of so many clients, an hour each, all on one day."""
    for _ in range(clients):
        client = await practice.client()
        noon = ago(days).replace(hour=12)
        await practice.site.put(*[practice.planned(client, noon - timedelta(minutes=20 * number), **more) for number in range(each)])


async def test_nothing_held_yet(practice: Practice) -> None:
    found = await readiness(practice, "ICF_ACC")
    assert [(row["metric"], row["have"], row["need"], row["met"]) for row in found["metrics"]] == [
        ("TOTAL", 0.0, 100.0, False),
        ("PAID", 0.0, 75.0, False),
        ("CLIENTS", 0.0, 8.0, False),
        ("RECENT", 0.0, 25.0, False),
    ]
    assert found["missing"] == [{k: v for k, v in row.items() if k != "met"} for row in found["metrics"]]
    assert (found["met"], found["earliestEligible"], found["agesOut"]) == (False, None, [])
    assert found["nextBestAction"]["action"] == "FIND_CLIENTS"


async def test_everything_met_until_hours_age_out(practice: Practice) -> None:
    """Given 104 hours of 8 clients, 24 of them long ago, then all is met, until recent ones leave the window."""
    await hold(practice, 8, 10, days=30)
    await hold(practice, 1, 24, days=900)
    found = await readiness(practice, "ICF_ACC")
    assert (found["met"], found["missing"], found["nextBestAction"]["action"]) == (True, [], "APPLY")
    assert found["earliestEligible"] == (ago(0)).date().isoformat()
    assert found["metrics"][3] == {"metric": "RECENT", "have": 80.0, "need": 25.0, "met": True}
    assert sum(row["hours"] for row in found["agesOut"]) == 80.0
    assert found["eligibleUntil"] == ages_out(ago(30).date(), 18).isoformat()


@pytest.mark.parametrize(
    ("missing", "action"),
    [("PAID", "HOLD_PAID_SESSIONS"), ("RECENT", "HOLD_SESSIONS"), ("CLIENTS", "FIND_CLIENTS"), ("TOTAL", "HOLD_SESSIONS")],
)
async def test_each_metric_alone(practice: Practice, missing: str, action: str) -> None:
    """Given all but one thing that the ACC asks for, then that alone is missing, and what helps is named."""
    free = Compensation.PRO_BONO
    match missing:
        case "PAID":
            await hold(practice, 8, 9)
            await hold(practice, 1, 30, compensation=free)
        case "RECENT":
            await hold(practice, 8, 13, days=800)
        case "CLIENTS":
            await hold(practice, 7, 15)
        case _:
            await hold(practice, 8, 12)
    found = await readiness(practice, "ICF_ACC")
    assert [row["metric"] for row in found["missing"]] == [missing]
    assert found["nextBestAction"]["action"] == action


async def test_what_is_booked_makes_the_earliest_day(practice: Practice) -> None:
    """Given 28 of 30 hours and sessions booked ahead, then the day of the second of them is the earliest; a prospect's does not help."""
    await hold(practice, 1, 28)
    client, prospect = await practice.client(), await practice.client(ClientStatus.PROSPECT)
    booked: dict[str, Any] = {"state": AppointmentState.BOOKED, "booked_at": ago(1)}
    await practice.session(prospect, ago(-1), **booked)
    assert (await readiness(practice, "CCE_BCC"))["earliestEligible"] is None
    days = [ago(-5), ago(-9), ago(-14)]
    for at in days:
        await practice.session(client, at, **booked)
    assert (await readiness(practice, "CCE_BCC"))["earliestEligible"] == days[1].date().isoformat()


async def test_sessions_of_the_past_that_nobody_recorded_come_first(practice: Practice) -> None:
    await practice.session(await practice.client(), ago(2), state=AppointmentState.BOOKED)
    found = await readiness(practice, "CCE_BCC")
    assert found["nextBestAction"] == {
        "action": "RECORD_SESSIONS",
        "sentence": "Record of 1 sessions of the past that they were held, or were not.",
    }


async def test_years_only_take_time(practice: Practice) -> None:
    """Given 50 hours of 5 clients, the first 200 days ago, then only the year is missing, and its end is the earliest day."""
    await hold(practice, 5, 9, days=100)
    await hold(practice, 1, 5, days=200)
    found = await readiness(practice, "EMCC_FOUNDATION")
    assert [row["metric"] for row in found["missing"]] == ["YEARS"]
    first = ago(200).date()
    assert found["earliestEligible"] == first.replace(year=first.year + 1).isoformat()
    assert found["nextBestAction"]["action"] == "WAIT"


async def test_the_health_coaches_count_sessions(practice: Practice) -> None:
    """Given 50 sessions of 20 minutes and one of 19, then 50 are there, whatever their hours."""
    client = await practice.client()
    rows = [practice.planned(client, ago(30 + n), minutes) for n, minutes in enumerate([20] * 50 + [19])]
    await practice.site.put(*rows)
    found = await readiness(practice, "NBHWC")
    assert found["metrics"] == [{"metric": "TOTAL", "have": 50.0, "need": 50.0, "met": True}]
    assert found["notForCredential"] == [{"reason": "BELOW_MIN_MINUTES", "count": 1, "hours": 0.32}]


async def test_hours_are_not_rounded_before_they_are_compared(practice: Practice) -> None:
    """Given 29 hours and 59 minutes, then 30 hours are not met, though 29.98 is shown."""
    client = await practice.client()
    await practice.site.put(*[practice.planned(client, ago(30 + n), 60 if n else 59) for n in range(30)])
    found = await readiness(practice, "CCE_BCC")
    assert found["metrics"] == [{"metric": "TOTAL", "have": 29.98, "need": 30.0, "met": False}]


async def test_a_group_is_as_many_clients_as_it_is_large(practice: Practice) -> None:
    """Given a group of 6 with two clients of ours, twice, and a single session with one of them, then there are 6 clients."""
    clients = [await practice.client(), await practice.client()]
    for days in (20, 40):
        await practice.group(clients, ago(days), size=6)
    await practice.session(clients[0], ago(10))
    found = await practice.report("totals { sessions hours clients } byKind { kind hours }")
    assert found["totals"] == {"sessions": 3, "hours": 4.0, "clients": 6}


async def test_no_rules_no_readiness(practice: Practice) -> None:
    assert await practice.report("readiness { met } ruleSet { code }") == {"readiness": None, "ruleSet": None}


async def test_the_rules_say_where_they_come_from(practice: Practice) -> None:
    asked = "{ certificationRuleSets { code version total source effectiveFrom notFromTheBody unit } }"
    found = {row["code"]: row for row in (await practice.site.data(practice.tokens["ASSISTANT"], asked))["certificationRuleSets"]}
    assert found.keys() == ASKED.keys()
    assert "total" not in found["ICF_PCC"]["notFromTheBody"]
    assert {"total", "source"} <= set(found["NBHWC"]["notFromTheBody"])
    page = (Path(__file__).parents[2] / "docs" / "certification.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([A-Z_]+)` \|.*\| (`.*`) \|$", page, re.MULTILINE))
    assert told == {code: ", ".join(f"`{name}`" for name in row["notFromTheBody"]) for code, row in found.items()}
    assert {name for rules in RULE_SETS.values() for name in rules[-1].not_from_the_body} <= RuleSet.__dataclass_fields__.keys()


def test_a_session_of_today_is_recent_for_18_months() -> None:
    assert ages_out(date(2026, 11, 28), 18) - timedelta(days=1) == date(2028, 5, 28)
