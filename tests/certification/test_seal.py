"""Sealed reports: they say the same for ever, and nobody but the coach seals or withdraws them."""

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import text

from lifecycle.vocabulary import AppointmentState, ClientStatus
from tests.access.site import gid
from tests.certification.practice import BUCKET, TOTALS, Practice, ago

RUN = (
    f"id state periodTo sealedAt voidedAt voidReason ledgerPosition contentHash content ruleSet ruleSetVersion basis timezone met"
    f" totals {{ {TOTALS} }} excludedByReason {{ reason count hours }} byMonth {{ month {BUCKET} }} byKind {{ kind {BUCKET} }}"
    " metrics { metric have need met } notForCredential { reason count hours } coach { id }"
)
SEAL = f"mutation ($i: ReportSealInput!) {{ it: reportSeal(input: $i) {{ report {{ {RUN} }} problems {{ code path }} event {{ name }} }} }}"


async def seal(practice: Practice, *, by: str = "COACH", **given: Any) -> Any:
    return (await practice.site.data(practice.tokens[by], SEAL, i={"ruleSet": "ICF_ACC"} | given))["it"]


async def void(practice: Practice, run: str, *, by: str = "COACH") -> Any:
    step = (
        f'mutation {{ it: reportVoid(id: "{run}", input: {{reason: "A mistake"}}) {{ report {{ state voidReason content }} batchId'
        " problems { code } } }"
    )
    return (await practice.site.data(practice.tokens.get(by, by), step))["it"]


async def runs(practice: Practice, *, by: str = "COACH") -> Any:
    return (await practice.site.data(practice.tokens[by], f"{{ reportRuns {{ totalCount nodes {{ {RUN} }} }} }}"))["reportRuns"]["nodes"]


async def _some(practice: Practice) -> list[Any]:
    client = await practice.client(name="Ada Lovelace", email="ada@example.org")
    held = [await practice.session(client, ago(days)) for days in (20, 40, 400)]
    prospect = await practice.session(await practice.client(ClientStatus.PROSPECT), ago(10))
    group = await practice.group([client, await practice.client(listed=False)], ago(60))
    entry = await practice.entry(99, ago(70).date())
    return [client, *held, prospect, group, entry]


@pytest.mark.req("I3")
async def test_a_sealed_report_is_the_report(practice: Practice) -> None:
    """Given a report, when it is sealed, then it says what the report said, under its hash, and names nobody."""
    await _some(practice)
    asked = f"totals {{ {TOTALS} }} excludedByReason {{ reason count hours }} byMonth {{ month {BUCKET} }} byKind {{ kind {BUCKET} }}"
    report = await practice.report(f"{asked} readiness {{ met metrics {{ metric have need met }} }}", ruleSet="ICF_ACC")
    answer = await seal(practice)
    run = answer["report"]
    assert (answer["problems"], answer["event"], run["state"]) == ([], {"name": "report.seal"}, "SEALED")
    assert {name: run[name] for name in ("totals", "excludedByReason", "byMonth", "byKind")} == {
        name: report[name] for name in ("totals", "excludedByReason", "byMonth", "byKind")
    }
    assert (run["met"], run["metrics"]) == (report["readiness"]["met"], report["readiness"]["metrics"])
    assert (run["ruleSet"], run["ruleSetVersion"]) == ("ICF_ACC", 1)
    assert hashlib.sha256(run["content"].encode()).hexdigest() == run["contentHash"]
    assert json.loads(run["content"])["ruleSet"]["total"] == 100
    assert "Ada" not in run["content"]
    assert "example.org" not in run["content"]
    assert await runs(practice) == [run]


@pytest.mark.req("I3")
async def test_nothing_that_happens_later_alters_it(practice: Practice) -> None:
    """Given a sealed report, when clients change, sessions are reclassified, and all is deleted, then it is the same bytes."""
    client, first, *_ = await _some(practice)
    run = (await seal(practice))["report"]
    token = practice.tokens["COACH"]
    for step in (
        f'clientMakeInactive(id: "{gid("client", client)}")',
        f'appointmentReclassify(id: "{gid("appointment", first)}", input: {{counts: false, reason: "Wrong"}})',
    ):
        assert (await practice.site.data(token, f"mutation {{ it: {step} {{ problems {{ code }} }} }}"))["it"]["problems"] == []
    assert await runs(practice) == [run]
    async with practice.site.database.write() as session:  # as an erasure leaves it
        connection = await session.connection()
        for table in ("attendance", "appointment", "consent", "hour_ledger_entry"):
            await connection.execute(text(f"DELETE FROM {table} WHERE workspace_id = '{practice.workspace.id.hex}'"))
    assert (await practice.report("totals { sessions }"))["totals"]["sessions"] == 0
    assert await runs(practice) == [run]


async def test_the_parameters_are_pinned(practice: Practice) -> None:
    await _some(practice)
    first, last = ago(50).date().isoformat(), ago(15).date().isoformat()
    run = (await seal(practice, periodFrom=first, periodTo=last, basis="BOOKING", countFrom=last))["report"]
    said = json.loads(run["content"])["parameters"]
    assert (said["from"], said["to"], said["basis"], said["countFrom"]) == (first, last, "BOOKING", last)
    assert (run["totals"]["sessions"], run["basis"], run["periodTo"]) == (2, "BOOKING", last)
    assert run["notForCredential"] == [{"reason": "BEFORE_COUNT_FROM", "count": 2, "hours": 2.0}]


async def test_withdrawing_keeps_what_it_says_and_can_be_taken_back(practice: Practice) -> None:
    run = (await seal(practice))["report"]
    done = await void(practice, run["id"])
    assert done["report"] == {"state": "VOID", "voidReason": "A mistake", "content": run["content"]}
    assert [row["content"] for row in await runs(practice)] == [run["content"]]
    assert (await void(practice, run["id"]))["problems"] == [{"code": "ALREADY_IN_STATE"}]
    undo = f'mutation {{ transitionUndo(batchId: "{done["batchId"]}") {{ problems {{ code }} }} }}'
    assert (await practice.site.data(practice.tokens["COACH"], undo))["transitionUndo"]["problems"] == []
    assert await runs(practice) == [run]


@pytest.mark.parametrize("by", ["ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT"])
async def test_who_may_not_seal_or_withdraw_changes_nothing(practice: Practice, by: str) -> None:
    client = await practice.client()
    practice.tokens["CLIENT"] = await practice.site.token(client)
    run = (await seal(practice))["report"]
    before = await practice.everything()
    assert [row["code"] for row in (await seal(practice, by=by))["problems"]] == ["FORBIDDEN"]
    assert [row["code"] for row in (await void(practice, run["id"], by=by))["problems"]] == ["NOT_FOUND"]
    assert await practice.everything() == before


@pytest.mark.parametrize(("by", "code"), [("OWNER", "FORBIDDEN"), ("OTHER", "NOT_FOUND")])
async def test_nobody_withdraws_the_report_of_another_coach(practice: Practice, by: str, code: str) -> None:
    """The owner reads all reports, and writes their own."""
    run = (await seal(practice))["report"]
    before = await practice.everything()
    assert [row["code"] for row in (await void(practice, run["id"], by=by))["problems"]] == [code]
    assert await practice.everything() == before
    assert len(await runs(practice, by=by)) == int(by == "OWNER")


@pytest.mark.parametrize("by", ["ASSISTANT", "ACCOUNTANT", "ANALYST"])
async def test_who_reads_no_sealed_report(practice: Practice, by: str) -> None:
    await seal(practice)
    assert await runs(practice, by=by) == []


async def test_without_a_login_nothing_is_sealed(practice: Practice) -> None:
    before = await practice.everything()
    answer = await practice.site.ask(None, SEAL, i={"ruleSet": "ICF_ACC"})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await practice.everything() == before


@pytest.mark.parametrize(
    ("given", "path"),
    [({"ruleSetVersion": 7}, "ruleSetVersion"), ({"periodFrom": "2026-02-02", "periodTo": "2026-02-01"}, "periodTo")],
)
async def test_what_makes_no_sense_is_refused(practice: Practice, given: dict[str, Any], path: str) -> None:
    before = await practice.everything()
    assert (await seal(practice, **given))["problems"] == [{"code": "INVALID_INPUT", "path": ["input", path]}]
    assert await practice.everything() == before


async def test_a_cancelled_session_changes_the_next_report_and_not_the_sealed_one(practice: Practice) -> None:
    row = await practice.session(await practice.client(), ago(20))
    first = (await seal(practice))["report"]
    await practice.site.change(type(row), row, state=AppointmentState.CANCELLED)
    second = (await seal(practice))["report"]
    assert (first["totals"]["sessions"], second["totals"]["sessions"]) == (1, 0)
    assert first["contentHash"] != second["contentHash"]
    assert await runs(practice) == [second, first]
