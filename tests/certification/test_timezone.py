"""The time zone of a member, whose days the report is in: who sets it, to what, and what comes of it."""

from typing import Any

import pytest
from sqlmodel import col, select

from lifecycle.vocabulary import Role
from storage.tables.operations import AuditEvent
from storage.tables.workspace import Member
from tests.access.site import gid
from tests.certification.practice import Practice, ago
from tests.certification.test_seal import runs, seal

STEP = "memberSetTimezone"
SAMOA = "Pacific/Apia"


async def put(practice: Practice, whose: str, zone: str = SAMOA, *, by: str) -> Any:
    """Payload of a caller who sets a time zone, which the preview foresaw."""
    token = practice.tokens[by]
    said: dict[str, Any] = {"id": gid("member", practice.members[whose]), "i": {"timezone": zone, "reason": "Moved"}}
    head = f"($id: ID!, $i: {STEP[0].upper() + STEP[1:]}Input!)"
    seen = "blockers { code path } after reversible"
    looked = await practice.site.data(token, f"query {head} {{ it: {STEP}Preview(id: $id, input: $i) {{ {seen} }} }}", **said)
    act = f"mutation {head} {{ it: {STEP}(id: $id, input: $i) {{ member {{ id timezone }} event {{ name }} problems {{ code path }} }} }}"
    done = (await practice.site.data(token, act, **said))["it"]
    after = None if done["problems"] else "PRESENT"
    assert (looked["it"]["blockers"], looked["it"]["after"], looked["it"]["reversible"]) == (done["problems"], after, False)
    return done


async def zone_of(practice: Practice, whose: str) -> str | None:
    async with practice.site.database.write() as session:
        return (await session.get_one(Member, (practice.workspace.id, practice.members[whose].id))).timezone


@pytest.mark.parametrize(("by", "whose"), [*((role.value, role.value) for role in Role), ("OWNER", "COACH"), ("OWNER", "ANALYST")])
async def test_members_set_their_own_and_the_owner_sets_anybodys(practice: Practice, by: str, whose: str) -> None:
    done = await put(practice, whose, by=by)
    assert (done["problems"], done["member"]["timezone"], await zone_of(practice, whose)) == ([], SAMOA, SAMOA)
    async with practice.site.database.write() as session:
        asked = select(AuditEvent).where(col(AuditEvent.workspace_id) == practice.workspace.id)
        [event] = (await session.exec(asked)).all()
    member = practice.members[whose].id
    assert (event.action, event.subject_kind, event.subject_id, event.reason) == ("member.set_timezone", "member", member, "Moved")
    assert event.actor == f"member:{practice.members[by].id.hex}"
    assert (await put(practice, whose, "", by=by))["member"]["timezone"] is None


@pytest.mark.parametrize(
    ("by", "whose", "code"),
    [
        *((role, "OTHER", "FORBIDDEN") for role in ("COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST")),
        ("COACH", "OWNER", "FORBIDDEN"),
        ("CLIENT", "COACH", "FORBIDDEN"),
        ("CLIENT", "OTHER", "NOT_FOUND"),
        ("STRANGER", "COACH", "NOT_FOUND"),
    ],
)
async def test_nobody_sets_that_of_another(practice: Practice, by: str, whose: str, code: str) -> None:
    stranger = await practice.site.member(await practice.site.workspace("elsewhere"), Role.OWNER)
    practice.tokens |= {"CLIENT": await practice.site.token(await practice.client()), "STRANGER": await practice.site.token(stranger)}
    before = await practice.everything()
    assert [problem["code"] for problem in (await put(practice, whose, by=by))["problems"]] == [code]
    assert await practice.everything() == before


async def test_without_a_login_nothing_is_set(practice: Practice) -> None:
    before = await practice.everything()
    step = f'mutation {{ {STEP}(id: "{gid("member", practice.coach)}", input: {{timezone: "UTC"}}) {{ problems {{ code }} }} }}'
    answer = await practice.site.ask(None, step)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await practice.everything() == before


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "europe/berlin", "../../etc/passwd", "+02:00", " ", "Europe/Berlin\0", "x" * 301])
async def test_what_is_no_time_zone_is_refused(practice: Practice, zone: str) -> None:
    before = await practice.everything()
    assert (await put(practice, "COACH", zone, by="COACH"))["problems"] == [{"code": "INVALID_INPUT", "path": ["input", "timezone"]}]
    assert await practice.everything() == before


async def test_whoever_left_has_none_to_set(practice: Practice) -> None:
    await practice.site.change(Member, practice.members["OTHER"], left_at=ago(1))
    assert [problem["code"] for problem in (await put(practice, "OTHER", by="OWNER"))["problems"]] == ["INVALID_TRANSITION"]


@pytest.mark.parametrize(("by", "whose", "code"), [("COACH", "COACH", None), ("OWNER", "COACH", None), ("ANALYST", "COACH", "FORBIDDEN")])
async def test_the_step_is_listed_with_the_member(practice: Practice, by: str, whose: str, code: str | None) -> None:
    key = gid("member", practice.members[whose])
    asked = f'{{ node(id: "{key}") {{ ... on Member {{ availableTransitions {{ name allowed code }} }} }} }}'
    found = (await practice.site.data(practice.tokens[by], asked))["node"]["availableTransitions"]
    assert found == [{"name": STEP, "allowed": code is None, "code": code}]


async def test_the_report_is_in_its_days_and_a_sealed_one_stays(practice: Practice) -> None:
    """Given a session at eleven in the evening, UTC, when the coach moves to Samoa, then it was on the next day; what is sealed stays."""
    await practice.session(await practice.client(), ago(30).replace(hour=23, minute=0))
    kept = (await seal(practice))["report"]
    assert (await put(practice, "COACH", by="COACH"))["problems"] == []
    moved = (await seal(practice))["report"]
    [line] = (await practice.report())["counted"]["nodes"]
    assert line["day"] == ago(29).date().isoformat()
    assert (kept["timezone"], moved["timezone"]) == ("UTC", SAMOA)
    assert await runs(practice) == [moved, kept]
