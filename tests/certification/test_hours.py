"""Hours by hand: who may enter them, how they count, and how they are corrected without being changed."""

from typing import Any

import pytest

from lifecycle.vocabulary import ClientStatus, DataState
from storage.tables.clients import Client
from tests.access.site import gid
from tests.certification.practice import Practice, ago

RECORD = (
    "mutation ($i: HoursRecordInput!) { it: hoursRecord(input: $i)"
    " { hours { id minutes manual clientNumber countingStatus coach { id } } problems { code path } event { name } } }"
)


async def record(practice: Practice, client: Client, *, by: str = "COACH", **given: Any) -> Any:
    said = {"client": gid("client", client), "day": ago(5).date().isoformat(), "minutes": 90} | given
    return (await practice.site.data(practice.tokens.get(by, by), RECORD, i=said))["it"]


@pytest.mark.req("C-Q12")
@pytest.mark.parametrize(
    ("status", "reason"),
    [("ACTIVE", None), ("INACTIVE", None), ("HOT_LEAD", None), ("PROSPECT", "PROSPECT"), ("BUYER", "BUYER_NOT_COUNTED")],
)
async def test_an_entry_counts_by_the_status_at_its_time(practice: Practice, status: str, reason: str | None) -> None:
    """Given hours entered by hand, then the status of that moment decides, whatever the client becomes."""
    client = await practice.client(ClientStatus[status])
    answer = await record(practice, client)
    assert (answer["problems"], answer["event"]) == ([], {"name": "hours.record"})
    assert answer["hours"]["countingStatus"] == status
    later = ClientStatus.PROSPECT if reason is None else ClientStatus.ACTIVE
    await practice.site.change(Client, client, status=later)
    found = await practice.report()
    line = (found["counted"]["nodes"] + found["excluded"]["nodes"])[0]
    assert (line["source"], line["reason"], line["hours"], line["clientNumber"]) == ("MANUAL", reason, 1.5, client.number)
    assert found["totals"]["hours"] == (1.5 if reason is None else 0.0)


async def test_an_entry_is_the_coachs_own_and_names_who_agreed(practice: Practice) -> None:
    client = await practice.client(name="Ada")
    answer = await record(practice, client)
    assert answer["hours"]["coach"] == {"id": gid("member", practice.coach)}
    found = await practice.report()
    assert [(row["clientNumber"], row["name"], row["hours"]) for row in found["byClient"]] == [(client.number, "Ada", 1.5)]


async def test_the_owner_enters_their_own(practice: Practice) -> None:
    client = await practice.client()
    answer = await record(practice, client, by="OWNER")
    assert answer["hours"]["coach"] == {"id": gid("member", practice.members["OWNER"])}
    assert (await practice.report("totals { sessions }"))["totals"]["sessions"] == 0


@pytest.mark.req("C-Q12")
async def test_another_entry_takes_the_place_of_one(practice: Practice) -> None:
    """Given an entry, when another supersedes it, then that one counts; of 0 minutes it takes it back; the ledger keeps all."""
    client = await practice.client()
    first = (await record(practice, client))["hours"]["id"]
    second = (await record(practice, client, minutes=60, supersedes=first))["hours"]["id"]
    assert (await practice.report())["totals"]["hours"] == 1.0
    assert (await record(practice, client, supersedes=first))["problems"] == [{"code": "INVALID_INPUT", "path": ["input", "supersedes"]}]
    await record(practice, client, minutes=0, supersedes=second)
    assert (await practice.report())["totals"]["allSessions"] == 0
    kept = await practice.site.data(practice.tokens["COACH"], "{ hourLedger { nodes { minutes } } }")
    assert sorted(row["minutes"] for row in kept["hourLedger"]["nodes"]) == [0, 60, 90]


@pytest.mark.parametrize("by", ["ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT", "OTHER"])
async def test_who_may_not_enter_hours_changes_nothing(practice: Practice, by: str) -> None:
    client = await practice.client()
    practice.tokens["CLIENT"] = await practice.site.token(client)
    before = await practice.everything()
    code = "NOT_FOUND" if by == "OTHER" else "FORBIDDEN"
    answer = await record(practice, client, by=by)
    assert [row["code"] for row in answer["problems"]] == [code], answer
    assert await practice.everything() == before


async def test_without_a_login_nothing_is_entered(practice: Practice) -> None:
    client = await practice.client()
    before = await practice.everything()
    said = {"client": gid("client", client), "day": "2026-01-01", "minutes": 60}
    answer = await practice.site.ask(None, RECORD, i=said)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await practice.everything() == before


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"day": (ago(-3)).date().isoformat()}, "day"),
        ({"day": "1066-10-14"}, "day"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"minutes": -1}, "minutes"),
        ({"groupSize": 0}, "groupSize"),
    ],
)
async def test_what_makes_no_sense_is_refused(practice: Practice, given: dict[str, Any], path: str) -> None:
    client = await practice.client()
    before = await practice.everything()
    assert (await record(practice, client, **given))["problems"] == [{"code": "INVALID_INPUT", "path": ["input", path]}]
    assert await practice.everything() == before


async def test_what_erasure_left_is_nobodys_to_replace(practice: Practice) -> None:
    client = await practice.client()
    entry = await practice.entry(client.number, ago(9).date())
    before = await practice.everything()
    answer = await record(practice, client, supersedes=gid("hours", entry))
    assert answer["problems"] == [{"code": "INVALID_INPUT", "path": ["input", "supersedes"]}]
    assert await practice.everything() == before


async def test_nothing_is_entered_for_a_client_who_is_gone(practice: Practice) -> None:
    client = await practice.client(data_state=DataState.CONTACT_DELETED)
    before = await practice.everything()
    assert [row["code"] for row in (await record(practice, client))["problems"]] == ["CONTACT_ERASED"]
    assert await practice.everything() == before


async def test_positions_follow_each_other(practice: Practice) -> None:
    client = await practice.client()
    for _ in range(3):
        await record(practice, client)
    run = "mutation { reportSeal(input: {ruleSet: CCE_BCC}) { report { ledgerPosition totals { hours } } } }"
    sealed = (await practice.site.data(practice.tokens["COACH"], run))["reportSeal"]["report"]
    assert sealed == {"ledgerPosition": 3, "totals": {"hours": 4.5}}
