"""Rules for what is kept of somebody who is deleted: who sets them, which one holds, and what they come to."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
import pytest
from sqlmodel import col, select, update

from lifecycle.retention import RETENTION
from resolvers.clock.purge import purge
from storage.tables.erasure import RetentionRule, SealedItem
from storage.tables.operations import AuditEvent, OutboxEvent
from storage.tables.workspace import Workspace
from tests.access.site import Site, gid
from tests.erasure.acts import confirmed, counts, delete, erasure, finish
from tests.erasure.person import LONG_AGO, full
from tests.erasure.test_refusals import HIDDEN, NO, OUT, codes
from tests.lifecycle.stage import Stage, build, field_of
from tests.rows import changed

RULE: Final = "retentionRule { id category years reason source state removedAt member { id } } event { name subject after }"
LAW: Final = 'reason: "Section 7"'


async def scene(site: Site, *, country: str = "US") -> Stage:
    stage = await build(site, name="retention")
    await in_country(stage, country)
    return stage


async def in_country(stage: Stage, country: str) -> None:
    async with stage.site.database.write() as session:
        await session.exec(update(Workspace).where(col(Workspace.id) == stage.workspace.id).values(country=country))


async def put(stage: Stage, category: str, years: int, *, by: str = "OWNER", more: str = LAW) -> Any:
    """Rule that somebody who may sets."""
    done = await stage.act("retentionRuleSet", None, f"category: {category}, years: {years}, {more}", by=by, also=RULE)
    assert done["problems"] == []
    return done["retentionRule"]


async def in_force(stage: Stage, *, by: str = "OWNER") -> dict[str, tuple[int, str | None, str]]:
    """Years, reason and basis of what holds now, by category."""
    asked = "{ viewer { workspace { retention { category years reason source basis since ruleId } } } }"
    found = (await stage.site.data(stage.tokens[by], asked))["viewer"]["workspace"]["retention"]
    assert all((one["basis"] == "WORKSPACE") == (one["ruleId"] is not None) == (one["since"] is not None) for one in found)
    return {one["category"]: (one["years"], one["reason"], one["basis"]) for one in found}


async def sealed(stage: Stage) -> dict[str, list[tuple[int, str]]]:
    """Year of `purgeAfter`, and reason, of what is sealed, by category."""
    asked = "{ sealedItems(first: 100) { nodes { category reason purgeAfter } } }"
    found: dict[str, list[tuple[int, str]]] = {}
    for one in (await stage.site.data(stage.tokens["ACCOUNTANT"], asked))["sealedItems"]["nodes"]:
        assert one["purgeAfter"].endswith("-01-01T00:00:00Z")
        found.setdefault(one["category"], []).append((int(one["purgeAfter"][:4]) - LONG_AGO.year - 1, one["reason"]))
    return found


# -- who sets them -------------------------------------------------------------------------------------------------------


@pytest.mark.req("T-Q2")
@pytest.mark.parametrize("by", ["OWNER", "ACCOUNTANT", "KEY OF ACCOUNTANT"])
async def test_owner_and_accountant_set_and_remove(site: Site, by: str) -> None:
    stage = await scene(site, country="DE")
    asked = 'mutation { apiKeyCreate(input: {name: "books", scope: FULL}) { key } }'
    key = (await site.data(stage.tokens["ACCOUNTANT"], asked))["apiKeyCreate"]["key"]
    stage.tokens["KEY OF ACCOUNTANT"] = key
    member = gid("member", stage.members[by.removeprefix("KEY OF ")])
    given = 'category: INVOICES, years: 12, reason: "Section 7", source: "https://law.example"'
    assert (await stage.look("retentionRuleSet", None, given, by=by))["blockers"] == []
    done = await stage.act("retentionRuleSet", None, given, by=by, also=RULE)
    rule = done["retentionRule"]
    assert rule == {
        "id": rule["id"],
        "category": "INVOICES",
        "years": 12,
        "reason": "Section 7",
        "source": "https://law.example",
        "state": "PRESENT",
        "removedAt": None,
        "member": {"id": member},
    }
    assert done["event"] == {"name": "retentionRule.set", "subject": rule["id"], "after": "PRESENT"}
    second = await put(stage, "INVOICES", 5, by=by)
    gone = await stage.act("retentionRuleRemove", second["id"], 'reason: "As the law"', by=by, also=RULE)
    assert (gone["problems"], gone["retentionRule"]["state"]) == ([], "REMOVED")
    assert gone["event"] == {"name": "retentionRule.remove", "subject": second["id"], "after": "REMOVED"}
    async with site.database.write() as session:
        mine = select(AuditEvent).where(col(AuditEvent.workspace_id) == stage.workspace.id, col(AuditEvent.action).like("retentionRule.%"))
        events = (await session.exec(mine.order_by(col(AuditEvent.id)))).all()
        told = select(OutboxEvent.name).where(col(OutboxEvent.workspace_id) == stage.workspace.id)
        names = (await session.exec(told.order_by(col(OutboxEvent.position)))).all()
    assert [(event.action, event.reason) for event in events] == [
        ("retentionRule.set", "Section 7"), ("retentionRule.set", "Section 7"), ("retentionRule.remove", "As the law"),
    ]  # fmt: skip
    assert {event.member_id for event in events} == {stage.members[by.removeprefix("KEY OF ")].id}
    first, later = (
        {"years": 12, "reason": "Section 7", "source": "https://law.example"},
        {"years": 5, "reason": "Section 7", "source": None},
    )
    assert [orjson.loads(event.detail) for event in events] == [
        {"category": "INVOICES", "before": None, "after": first},
        {"category": "INVOICES", "before": first, "after": later},
        {},
    ]
    assert names == ["retentionRule.set", "retentionRule.set", "retentionRule.remove"]


@pytest.mark.req("T-Q2")
async def test_nobody_else_sets_or_removes(site: Site) -> None:
    stage = await scene(site)
    rule = await put(stage, "INVOICES", 12)
    stage.tokens |= {"CLIENT": await site.token(stage.rows["client"]), "FOREIGN OWNER": (await build(site)).tokens["OWNER"]}
    acts = {
        "retentionRuleSet": field_of("retentionRuleSet", None, f"category: PAYMENTS, years: 1, {LAW}"),
        "retentionRuleRemove": field_of("retentionRuleRemove", rule["id"]),
    }
    expected: dict[str, tuple[str | None, str]] = {
        "COACH": (NO, HIDDEN),
        "OTHER_COACH": (NO, HIDDEN),
        "ASSISTANT": (NO, HIDDEN),
        "ANALYST": (NO, HIDDEN),
        "CLIENT": (NO, HIDDEN),
        "FOREIGN OWNER": (None, HIDDEN),  # they set their own
        "NOBODY": (OUT, OUT),
    }
    for who, verdicts in expected.items():
        mine = {name: act for (name, act), code in zip(acts.items(), verdicts, strict=True) if code}
        before = await stage.everything()
        found = await codes(stage, stage.tokens.get(who), mine)
        assert found == {name: code for name, code in zip(acts, verdicts, strict=True) if code}, who
        assert changed(before, await stage.everything()) == {}, who
    assert await in_force(stage) == {"INVOICES": (12, "Section 7", "WORKSPACE"), "PAYMENTS": (0, None, "NONE")}


@pytest.mark.req("T-Q2")
async def test_who_does_not_set_them_reads_none(site: Site) -> None:
    stage = await scene(site)
    rule = await put(stage, "INVOICES", 12)
    stage.tokens["CLIENT"] = await site.token(stage.rows["client"])
    stage.tokens["FOREIGN OWNER"] = (await build(site)).tokens["OWNER"]
    asked = (
        f'{{ node(id: "{rule["id"]}") {{ id }} retentionRules {{ totalCount nodes {{ years }} }}'
        " viewer { workspace { retention { years } } } }"
    )
    for who, code in {
        "OWNER": None,
        "ACCOUNTANT": None,
        "COACH": "ROLE",
        "OTHER_COACH": "ROLE",
        "ASSISTANT": "ROLE",
        "ANALYST": "ROLE",
        "CLIENT": "STATUS",
    }.items():
        answer = await site.ask(stage.tokens[who], asked)
        found = answer["data"]
        assert (found["node"] is not None, found["retentionRules"]["totalCount"]) == ((True, 1) if code is None else (False, 0)), who
        assert (found["viewer"]["workspace"]["retention"] is None) == (code is not None), who
        assert [note["code"] for note in answer.get("extensions", {}).get("withheld", [])] == ([code] if code else []), who
    foreign = (await site.ask(stage.tokens["FOREIGN OWNER"], asked))["data"]
    assert (foreign["node"], foreign["retentionRules"]["totalCount"]) == (None, 0)
    assert foreign["viewer"]["workspace"]["retention"] == [{"years": 0}, {"years": 0}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (f"category: INVOICES, years: -1, {LAW}", "years"),
        (f"category: INVOICES, years: 31, {LAW}", "years"),
        (f"category: MESSAGES, years: 5, {LAW}", "category"),
        (f"category: RECORDS, years: 5, {LAW}", "category"),
        ('category: INVOICES, years: 5, reason: " "', "reason"),
        (f'category: INVOICES, years: 5, reason: "{"x" * 301}"', "reason"),
        (f'category: INVOICES, years: 5, {LAW}, source: "{"x" * 301}"', "source"),
    ],
)
async def test_what_is_no_rule_is_refused(site: Site, given: str, field: str) -> None:
    stage = await scene(site)
    before = await stage.everything()
    done = await stage.act("retentionRuleSet", None, given)
    assert [(problem["code"], problem["path"]) for problem in done["problems"]] == [("INVALID_INPUT", ["input", field])]
    assert (await stage.look("retentionRuleSet", None, given))["blockers"] == [{"code": "INVALID_INPUT"}]
    assert changed(before, await stage.everything()) == {}


@pytest.mark.parametrize("years", [0, 30])
async def test_the_bounds_themselves_are_rules(site: Site, years: int) -> None:
    stage = await scene(site)
    await put(stage, "PAYMENTS", years)
    assert (await in_force(stage))["PAYMENTS"] == (years, "Section 7", "WORKSPACE")


async def test_what_is_removed_is_not_removed_again(site: Site) -> None:
    """Neither by hand nor where another rule took its place."""
    stage = await scene(site)
    first = await put(stage, "INVOICES", 12)
    second = await put(stage, "INVOICES", 13)
    assert (await stage.act("retentionRuleRemove", second["id"]))["problems"] == []
    before = await stage.everything()
    for rule in (first, second):
        done = await stage.act("retentionRuleRemove", rule["id"], also="retentionRule { state }")
        assert ([one["code"] for one in done["problems"]], done["retentionRule"]) == (["ALREADY_IN_STATE"], {"state": "REMOVED"})
    assert changed(before, await stage.everything()) == {}


async def test_two_who_set_one_at_once_leave_one(site: Site) -> None:
    stage = await scene(site)
    await asyncio.gather(*(put(stage, "INVOICES", years, by=by) for years, by in enumerate(["OWNER", "ACCOUNTANT"] * 4, start=1)))
    async with site.database.write() as session:
        mine = (col(RetentionRule.workspace_id) == stage.workspace.id, col(RetentionRule.removed_at).is_(None))
        [standing] = (await session.exec(select(RetentionRule).where(*mine))).all()
    assert (await in_force(stage))["INVOICES"] == (standing.years, "Section 7", "WORKSPACE")
    asked = "{ retentionRules(filter: {state: REMOVED}) { totalCount } }"
    assert (await site.data(stage.tokens["OWNER"], asked))["retentionRules"]["totalCount"] == 7


# -- which one holds -----------------------------------------------------------------------------------------------------


@pytest.mark.req("T-Q2")
async def test_the_workspaces_own_rule_stands_before_the_law_of_its_country(site: Site) -> None:
    stage = await scene(site, country="DE")
    law = RETENTION["DE"]
    assert await in_force(stage) == dict.fromkeys(("INVOICES", "PAYMENTS"), (8, law.reason, "COUNTRY"))
    await put(stage, "INVOICES", 12)
    rule = await put(stage, "INVOICES", 0, by="ACCOUNTANT")
    assert await in_force(stage, by="ACCOUNTANT") == {"INVOICES": (0, "Section 7", "WORKSPACE"), "PAYMENTS": (8, law.reason, "COUNTRY")}
    await in_country(stage, "US")
    assert await in_force(stage) == {"INVOICES": (0, "Section 7", "WORKSPACE"), "PAYMENTS": (0, None, "NONE")}
    await stage.act("retentionRuleRemove", rule["id"])
    await in_country(stage, "FR")
    assert await in_force(stage) == dict.fromkeys(("INVOICES", "PAYMENTS"), (10, RETENTION["FR"].reason, "COUNTRY"))
    asked = "{ retentionRules(filter: {category: INVOICES}) { nodes { years state } } }"
    assert (await site.data(stage.tokens["OWNER"], asked))["retentionRules"]["nodes"] == [
        {"years": 0, "state": "REMOVED"}, {"years": 12, "state": "REMOVED"},
    ]  # fmt: skip


# -- what they come to ---------------------------------------------------------------------------------------------------


@pytest.mark.req("T-Q2")
@pytest.mark.parametrize(
    ("country", "rules", "kept"),
    [
        ("DE", {}, {"INVOICES": 8, "PAYMENTS": 8}),
        ("DE", {"INVOICES": 20}, {"INVOICES": 20, "PAYMENTS": 8}),
        ("DE", {"PAYMENTS": 0}, {"INVOICES": 8}),
        ("DE", {"INVOICES": 0, "PAYMENTS": 0}, {}),
        ("US", {}, {}),
        ("US", {"PAYMENTS": 30}, {"PAYMENTS": 30}),
        ("US", {"INVOICES": 9, "PAYMENTS": 15}, {"INVOICES": 9, "PAYMENTS": 15}),
    ],
)
async def test_a_deletion_seals_by_the_rules(site: Site, country: str, rules: dict[str, int], kept: dict[str, int]) -> None:
    stage = await scene(site, country=country)
    await put(await build(site), "INVOICES", 25)  # another workspace's rule is nothing to this one
    for category, years in rules.items():
        await put(stage, category, years)
    person = await full(stage)
    looked = await stage.look("clientErase", gid("client", person.client))
    assert ({"code": "RECORDS_SEALED"} in looked["warnings"]) is bool(kept)
    done = await delete(stage, "clientErase", person)
    assert done["state"] == "COMPLETED"
    for category in ("INVOICES", "PAYMENTS"):
        assert counts(done)[category] == ((1, 0, 1, 0) if category in kept else (1, 1, 0, 0))
    reasons = {category: "Section 7" if category in rules else RETENTION[country].reason for category in kept}
    assert await sealed(stage) == {category: [(years, reasons[category])] for category, years in kept.items()}
    told = orjson.loads(done["receipt"]["body"])["retained"]
    assert {one["category"]: (one["count"], one["reason"]) for one in told} == {name: (1, reason) for name, reason in reasons.items()}


@pytest.mark.req("T-Q2")
@pytest.mark.parametrize("then", ["SET SHORTER", "SET LONGER", "SET TO NOTHING", "REMOVE"])
async def test_what_is_sealed_keeps_its_day_whatever_becomes_of_the_rule(site: Site, then: str) -> None:
    stage = await scene(site)
    rules = {category: await put(stage, category, 12) for category in ("INVOICES", "PAYMENTS")}
    first, second = await full(stage), await full(stage)
    await delete(stage, "clientErase", first)
    before = await stage.everything()
    for category, rule in rules.items():
        match then:
            case "REMOVE":
                assert (await stage.act("retentionRuleRemove", rule["id"]))["problems"] == []
            case _:
                await put(stage, category, {"SET SHORTER": 5, "SET LONGER": 20}.get(then, 0), more='reason: "Section 8"')
    assert "sealed_item" not in changed(before, await stage.everything())
    done = await delete(stage, "clientErase", second)
    later = {"SET SHORTER": [(5, "Section 8")], "SET LONGER": [(20, "Section 8")]}.get(then, [])
    assert {category: sorted(found) for category, found in (await sealed(stage)).items()} == dict.fromkeys(
        rules, sorted([(12, "Section 7"), *later])
    )
    assert counts(done)["INVOICES"] == ((1, 0, 1, 0) if later else (1, 1, 0, 0))
    # each goes by itself on the day that it was sealed with
    gone = await purge(site.database, stage.workspace.id.hex, datetime(LONG_AGO.year + 13, 1, 2, tzinfo=UTC))
    assert gone["sealed_item"] == (4 if then == "SET SHORTER" else 2)
    async with site.database.write() as session:
        left = (await session.exec(select(SealedItem.id).where(col(SealedItem.workspace_id) == stage.workspace.id))).all()
    assert len(left) == (2 if then == "SET LONGER" else 0)


@pytest.mark.req("T-Q2")
@pytest.mark.parametrize("change", ["SET", "REMOVE"])
async def test_a_deletion_goes_by_the_rules_of_its_beginning(site: Site, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Given a deletion that has begun and deleted nothing yet, when the rules change, then it seals by those that held when it began."""
    stage = await scene(site, country="DE")
    rule = await put(stage, "INVOICES", 12)
    person = await full(stage)

    async def _killed(*_: object) -> None:
        pass

    with monkeypatch.context() as patch:
        patch.setattr("gql.operations.delete_now", _killed)
        made = await confirmed(stage, "clientErase", gid("client", person.client))
    assert made["erasure"]["state"] == "RUNNING"
    assert await sealed(stage) == {}
    if change == "SET":
        await put(stage, "INVOICES", 0)
    else:
        await stage.act("retentionRuleRemove", rule["id"])
    await put(stage, "PAYMENTS", 20)
    await finish(stage, timedelta(minutes=5))
    assert (await erasure(stage, made["erasure"]["id"]))["state"] == "COMPLETED"
    assert await sealed(stage) == {"INVOICES": [(12, "Section 7")], "PAYMENTS": [(8, RETENTION["DE"].reason)]}


@pytest.mark.req("T-Q2")
async def test_a_request_goes_by_the_rules_of_the_day_it_runs(site: Site) -> None:
    stage = await scene(site, country="DE")
    person = await full(stage)
    made = (await confirmed(stage, "erasureRequest", gid("client", person.client)))["erasure"]
    assert made["state"] == "SCHEDULED"
    await put(stage, "INVOICES", 0)
    await finish(stage, timedelta(days=4))
    assert (await erasure(stage, made["id"]))["state"] == "COMPLETED"
    assert await sealed(stage) == {"PAYMENTS": [(8, RETENTION["DE"].reason)]}


@pytest.mark.req("T-Q2")
async def test_a_rule_that_names_the_person_is_found(site: Site) -> None:
    stage = await scene(site)
    person = await full(stage)
    await put(stage, "INVOICES", 5, more=f'reason: "The case of {person.client.email}"')
    done = await delete(stage, "clientErase", person)
    assert done["state"] == "INCOMPLETE"
    found = orjson.loads(done["receipt"]["body"])["found"]
    assert {"column": "retention_rule.reason", "rows": 1} in found
