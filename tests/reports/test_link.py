"""Links to files of reports: who makes them, and when they open."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlmodel import col, select

from lifecycle.vocabulary import ClientStatus, Role
from planner.errors import NotLiveError
from resolvers import report_exports
from resolvers.certification import stream
from storage.tables.operations import AuditEvent, ExportFile
from storage.tables.workspace import Account, Member
from tests.access.site import gid
from tests.certification.practice import Practice, ago, open_practice
from tests.certification.test_seal import seal, void
from tests.reports.files import asked, export, fetched, from_csv, link, opened, sealed

CLOSED = {"code": "LINK_INVALID", "message": "This link does not open anything (any more): ask for a new one."}
#: What becomes of an export of the hours of COACH, and of a report that they sealed.
WHO = {
    **{"OWNER": "OK", "COACH": "OK", "OTHER": "NOT_FOUND", "ASSISTANT": "FORBIDDEN", "ACCOUNTANT": "FORBIDDEN"},
    **{"ANALYST": "FORBIDDEN", "CLIENT": "FORBIDDEN", "ELSEWHERE": "NOT_FOUND", "NOBODY": "UNAUTHENTICATED"},
}


async def closed(practice: Practice, path: str) -> None:
    """The link answers as one that never was, and nothing is written."""
    before = await practice.everything()
    answer = await practice.site.get(path)
    assert (answer.status_code, answer.json()) == (404, CLOSED)
    assert answer.headers["cache-control"] == "no-store"
    assert await practice.everything() == before


async def events(practice: Practice, *actions: str) -> list[AuditEvent]:
    async with practice.site.database.write() as session:
        mine = select(AuditEvent).where(col(AuditEvent.workspace_id) == practice.workspace.id, col(AuditEvent.action).in_(actions))
        return list((await session.exec(mine.order_by(col(AuditEvent.id)))).all())


async def files(practice: Practice) -> list[ExportFile]:
    async with practice.site.database.write() as session:
        return list((await session.exec(select(ExportFile).where(col(ExportFile.workspace_id) == practice.workspace.id))).all())


@pytest.mark.parametrize("by", WHO)
@pytest.mark.parametrize("of", ["report", "sealed report"])
async def test_who(practice: Practice, by: str, of: str) -> None:
    """Owners take along what is any coach's, coaches what is theirs; others are refused, and nothing is written."""
    practice.tokens["CLIENT"] = await practice.site.token(await practice.client())
    practice.tokens["ELSEWHERE"] = (await open_practice(practice.site)).tokens["OWNER"]
    run = (await seal(practice))["report"]["id"]
    mutation = export(practice) if of == "report" else sealed(run, "CSV")
    before = await practice.everything()
    answer = await practice.site.ask(practice.tokens.get(by), mutation)
    if WHO[by] == "OK":
        assert answer["data"]["it"]["problems"] == []
        assert (await practice.site.get(answer["data"]["it"]["path"])).status_code == 200
        return
    if by == "NOBODY":
        assert answer["errors"][0]["extensions"]["code"] == WHO[by]
    else:
        payload = answer["data"]["it"]
        assert (payload["path"], payload["expiresAt"], [one["code"] for one in payload["problems"]]) == (None, None, [WHO[by]])
    assert await practice.everything() == before


@pytest.mark.parametrize(
    ("arguments", "code", "path"),
    [
        ({"coach": f'"member_{"0" * 32}"'}, "NOT_FOUND", []),
        ({"from": '"2026-02-02"', "to": '"2026-02-01"'}, "INVALID_INPUT", []),
        ({"at": '"2999-01-01T00:00:00Z"'}, "INVALID_INPUT", []),
        ({"ruleSet": "ICF_PCC", "ruleSetVersion": 7}, "INVALID_INPUT", []),
        ({"ruleSetVersion": 1}, "INVALID_INPUT", []),
        ({"log": "LETTER"}, "INVALID_INPUT", ["format"]),
    ],
)
async def test_what_makes_no_sense_is_refused(practice: Practice, arguments: dict[str, Any], code: str, path: list[str]) -> None:
    before = await practice.everything()
    payload = await asked(practice, export(practice, **arguments), "OWNER")
    assert payload["problems"] == [{"code": code, "path": path}]
    assert await practice.everything() == before


async def test_a_link_is_on_record_and_so_is_each_fetching(practice: Practice) -> None:
    """Given a link, when it is opened twice, then the audit says who asked for what, and both times; the link is nowhere."""
    path = await link(practice, export(practice, "SESSIONS", to='"2026-11-01"', basis="BOOKING"))
    for _ in range(2):
        answer = await practice.site.get(path)
        assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="report-sessions-{datetime.now(UTC):%Y-%m-%d}.csv"'
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    [made] = await files(practice)
    assert (made.kind, made.subject_id, made.actor) == ("report", practice.coach.id, f"member:{practice.coach.id.hex}")
    assert made.expires_at - made.created_at == timedelta(hours=1)
    wish = {"coach": practice.coach.id.hex, "last": "2026-11-01", "basis": "BOOKING"}
    assert orjson.loads(made.asked) == {"format": "CSV", "log": "SESSIONS", "wish": wish}
    found = await events(practice, "report_exported", "export_fetched")
    by = f"link:{made.id.hex}"
    assert [(one.action, one.actor) for one in found] == [("report_exported", made.actor), ("export_fetched", by), ("export_fetched", by)]
    assert [(one.subject_kind, one.subject_id) for one in found] == [("member", practice.coach.id)] * 3
    assert found[0].detail == made.asked
    assert path.rpartition("/")[2] not in "".join((await practice.everything()).values())


async def test_a_link_opens_what_was_asked_for_and_nothing_else(practice: Practice) -> None:
    """Every bit of the token is signed, and two links open two files."""
    await practice.session(await practice.client(), ago(20))
    one, two = await link(practice, export(practice)), await link(practice, export(practice, "SESSIONS"))
    assert from_csv((await practice.site.get(one)).content)[0].keys() != from_csv((await practice.site.get(two)).content)[0].keys()
    start, _, token = one.rpartition("/")
    raw = urlsafe_b64decode(token + "==")
    for place in range(len(raw)):
        touched = bytes(byte ^ (place == at) for at, byte in enumerate(raw))
        assert (await practice.site.get(f"{start}/{urlsafe_b64encode(touched).rstrip(b'=').decode()}")).status_code == 404
    assert (await practice.site.ask(token, "{ viewer { workspace { id } } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_link_ends_after_an_hour(practice: Practice) -> None:
    path = await link(practice, export(practice))
    [made] = await files(practice)
    await practice.site.change(ExportFile, made, expires_at=datetime.now(UTC))
    await closed(practice, path)


@pytest.mark.parametrize("change", [{"left_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"role": Role.ANALYST}, {"role": Role.ASSISTANT}])
async def test_a_link_closes_when_its_maker_could_make_it_no_longer(practice: Practice, change: dict[str, Any]) -> None:
    run = (await seal(practice))["report"]["id"]
    paths = [await link(practice, export(practice)), await link(practice, sealed(run, "JSON"))]
    await practice.site.change(Member, practice.coach, **change)
    for path in paths:
        await closed(practice, path)


async def test_an_owner_who_becomes_a_coach_keeps_only_what_is_theirs(practice: Practice) -> None:
    owner = practice.members["OWNER"]
    others = await link(practice, export(practice), "OWNER")
    own = await link(practice, export(practice, coach=f'"{gid("member", owner)}"'), "OWNER")
    await practice.site.change(Member, owner, role=Role.COACH)
    await closed(practice, others)
    assert (await practice.site.get(own)).status_code == 200


async def test_a_disabled_account_opens_nothing(practice: Practice) -> None:
    path = await link(practice, export(practice))
    async with practice.site.database.write() as session:
        account = await session.get_one(Account, practice.coach.account_id)
        account.disabled_at = datetime.now(UTC)
        session.add(account)
    await closed(practice, path)


async def test_a_withdrawn_report_is_not_taken_along(practice: Practice) -> None:
    """Given a link to a sealed report, when the report is withdrawn, then the link closes, and no other is made."""
    run = (await seal(practice))["report"]["id"]
    path = await link(practice, sealed(run, "PDF"))
    await void(practice, run)
    await closed(practice, path)
    before = await practice.everything()
    assert [one["code"] for one in (await asked(practice, sealed(run, "PDF")))["problems"]] == ["INVALID_TRANSITION"]
    assert await practice.everything() == before


async def test_a_file_breaks_off_when_its_link_closes(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a file that is being sent, when its maker leaves, then it does not go on."""
    monkeypatch.setattr(stream, "PAGE", 2)
    client = await practice.client()
    for days in range(1, 8):
        await practice.session(client, ago(days))
    file = await opened(practice, await link(practice, export(practice, "SESSIONS")))
    assert (await anext(file.parts)).count(b"\n") == 3
    await practice.site.change(Member, practice.coach, left_at=datetime.now(UTC))
    with pytest.raises(NotLiveError):
        async for _ in file.parts:
            pass


@pytest.mark.parametrize("log", ["CLIENTS", "SESSIONS"])
async def test_a_document_has_so_many_lines_and_no_more(practice: Practice, log: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a log that is too long for a PDF, when one is asked for, then it is refused; one that has grown since does not open."""
    monkeypatch.setattr(report_exports, "LONGEST_PDF", 3)
    for days in (3, 4, 5):
        await practice.session(await practice.client(), ago(days))
    path = await link(practice, export(practice, log, "PDF"))
    await practice.session(await practice.client(), ago(6))
    answer = await practice.site.get(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "EXPORT_TOO_LONG")
    before = await practice.everything()
    payload = await asked(practice, export(practice, log, "PDF"))
    assert payload["problems"] == [{"code": "EXPORT_TOO_LONG", "path": ["format"]}]
    assert await practice.everything() == before
    assert len(from_csv(await fetched(practice, export(practice, log, "CSV")))) == {"CLIENTS": 6, "SESSIONS": 5}[log]


async def test_two_workspaces_never_meet(practice: Practice) -> None:
    """Given the same coach in two workspaces, when one is exported, then the file holds nothing of the other."""
    elsewhere = await open_practice(practice.site)
    await elsewhere.session(await elsewhere.client(name="Same Person Elsewhere"), ago(10))
    await practice.session(await practice.client(ClientStatus.ACTIVE), ago(10))
    for log in ("CLIENTS", "SESSIONS"):
        assert b"Elsewhere" not in await fetched(practice, export(practice, log))
