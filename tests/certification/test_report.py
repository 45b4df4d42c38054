"""The report as its callers meet it: who reads what of it, its pages, its groups, and how it looked at an instant of the past."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lifecycle.vocabulary import AppointmentState, Billing, ClientStatus, Compensation, CountingBasis
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.packages import Enrollment, Package
from storage.tables.workspace import Workspace
from tests.access.site import gid
from tests.certification.practice import LINE, TOTALS, Practice, ago

S = ClientStatus


def quoted(at: datetime) -> str:
    return f'"{at.isoformat()}"'


# -- who reads it --------------------------------------------------------------------------------------------------------

AGGREGATES = f"totals {{ {TOTALS} }} excludedByReason {{ reason count }} byMonth {{ month hours }} byKind {{ kind hours }}"
ROWS = f"byClient {{ clientNumber name hours }} counted {{ nodes {{ {LINE} }} }} excluded {{ nodes {{ {LINE} }} }}"


@pytest.mark.parametrize("by", ["COACH", "OWNER"])
async def test_the_coach_and_the_owner_read_all_of_it(practice: Practice, by: str) -> None:
    row = await practice.session(await practice.client(name="Ada"), ago(30))
    answer = await practice.whole(f"{AGGREGATES} {ROWS}", by=by)
    found = answer["data"]["certificationReport"]
    assert "extensions" not in answer or "withheld" not in answer["extensions"]
    assert [line["id"] for line in found["counted"]["nodes"]] == [gid("appointment", row)]
    assert [line["clientName"] for line in found["counted"]["nodes"]] == ["Ada"]


async def test_an_analyst_reads_numbers_and_no_rows(practice: Practice) -> None:
    await practice.session(await practice.client(name="Ada"), ago(30))
    answer = await practice.whole(f"{AGGREGATES} {ROWS}", by="ANALYST")
    found = answer["data"]["certificationReport"]
    assert found["totals"]["hours"] == 1.0
    assert (found["byClient"], found["counted"], found["excluded"]) == (None, None, None)
    assert {(tuple(note["path"]), note["code"]) for note in answer["extensions"]["withheld"]} == {
        (("certificationReport", name), "ROLE") for name in ("byClient", "counted", "excluded")
    }
    assert "Ada" not in str(answer)


@pytest.mark.parametrize(("by", "code"), [("ASSISTANT", "ROLE"), ("ACCOUNTANT", "ROLE"), ("CLIENT", "STATUS")])
async def test_nobody_else_reads_any_of_it(practice: Practice, by: str, code: str) -> None:
    client = await practice.client()
    await practice.session(client, ago(30))
    practice.tokens["CLIENT"] = await practice.site.token(client)
    answer = await practice.whole("totals { hours }", by=by)
    assert answer["data"] == {"certificationReport": None}
    assert [(note["path"], note["code"]) for note in answer["extensions"]["withheld"]] == [(["certificationReport"], code)]


async def test_another_coach_and_another_workspace_find_nothing(practice: Practice) -> None:
    """The same answer as for a coach who is not there."""
    elsewhere = await practice.site.member(await practice.site.workspace("elsewhere"), practice.members["OWNER"].role)
    practice.tokens["ELSEWHERE"] = await practice.site.token(elsewhere)
    for by in ("OTHER", "ELSEWHERE"):
        assert await practice.whole("totals { hours }", by=by) == {"data": {"certificationReport": None}}
    assert await practice.report("totals { hours }", by="OWNER", coach=f'"{gid("member", elsewhere)}"') is None


async def test_who_is_not_signed_in_or_not_any_more_gets_no_answer(practice: Practice) -> None:
    asked = f'{{ certificationReport(coach: "{gid("member", practice.coach)}") {{ totals {{ hours }} }} }}'
    for token in (None, await _revoked(practice)):
        answer = await practice.site.ask(token, asked)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def _revoked(practice: Practice) -> str:
    token, session = await practice.site.login(practice.coach)
    async with practice.site.database.write() as write:
        found = await write.get_one(type(session), (session.workspace_id, session.id))
        found.revoked_at = datetime.now(UTC)
        write.add(found)
    return token


@pytest.mark.parametrize(
    "arguments",
    [
        {"at": '"2999-01-01T00:00:00Z"'},
        {"ruleSet": "ICF_ACC", "ruleSetVersion": 9},
        {"ruleSetVersion": 1},
        {"from_": '"2026-02-02"', "to": '"2026-02-01"'},
        {"from_": '"0900-02-02"'},
    ],
)
async def test_what_makes_no_sense_is_refused(practice: Practice, arguments: dict[str, Any]) -> None:
    answer = await practice.whole("totals { hours }", **arguments)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# -- pages ---------------------------------------------------------------------------------------------------------------


async def test_pages_have_every_line_once_in_order(practice: Practice) -> None:
    """Given lines of every source, some at one instant, then pages forwards and backwards have each once, latest first."""
    client = await practice.client()
    at = ago(40)
    for moment in (at, at, at, ago(10), ago(70)):
        await practice.session(client, moment)
    await practice.group([client], at)
    await practice.entry(7, at.date())
    whole = [line["id"] for line in (await practice.report())["counted"]["nodes"]]
    page = "counted({}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount }}"
    for size, after, before in (("first", "after", "hasNextPage"), ("last", "before", "hasPreviousPage")):
        seen: list[str] = []
        cursor = ""
        while True:
            found = (await practice.report(page.format(f"{size}: 3{cursor}")))["counted"]
            ids = [edge["node"]["id"] for edge in found["edges"]]
            seen = seen + ids if size == "first" else ids + seen
            assert (found["totalCount"], found["pageInfo"]["startCursor"]) == (7, found["edges"][0]["cursor"])
            if not found["pageInfo"][before]:
                break
            end = found["pageInfo"]["endCursor" if size == "first" else "startCursor"]
            cursor = f', {after}: "{end}"'
        assert seen == whole
    assert sorted(set(whole)) == sorted(whole)


async def test_a_page_is_bounded_and_a_cursor_signed(practice: Practice) -> None:
    for arguments, code in (("first: 101", "INVALID_PAGE"), ("first: 1, last: 1", "INVALID_PAGE"), ('after: "abc"', "INVALID_CURSOR")):
        answer = await practice.whole(f"counted({arguments}) {{ nodes {{ id }} }}")
        assert answer["errors"][0]["extensions"]["code"] == code


async def test_lines_are_filtered_by_reason(practice: Practice) -> None:
    for state in (AppointmentState.CANCELLED, AppointmentState.NO_SHOW):
        await practice.session(await practice.client(), ago(20), state=state)
    await practice.session(await practice.client(listed=False), ago(20), direct_report=True)
    asked = (
        "excluded(filter: {reason: [NO_SHOW, PROSPECT]}) { totalCount nodes { reason } }"
        " counted(filter: {reason: DIRECT_REPORT, unlisted: true}) { totalCount nodes { credentialReason appointment { state } } }"
    )
    found = await practice.report(asked, ruleSet="ICF_ACC")
    assert found == {
        "excluded": {"totalCount": 1, "nodes": [{"reason": "NO_SHOW"}]},
        "counted": {"totalCount": 1, "nodes": [{"credentialReason": "DIRECT_REPORT", "appointment": {"state": "COMPLETED"}}]},
    }


async def test_packages_are_named(practice: Practice) -> None:
    client = await practice.client()
    package = Package(workspace_id=practice.workspace.id, name="Spring", billing=Billing.FREE)
    enrollment = Enrollment(workspace_id=practice.workspace.id, client_id=client.id, package_id=package.id)
    await practice.site.put(package, enrollment)
    await practice.session(client, ago(20), enrollment_id=enrollment.id)
    await practice.session(client, ago(30), 30, compensation=Compensation.PRO_BONO)
    found = await practice.report("byPackage { package { name } sessions hours paidHours proBonoHours }")
    assert found["byPackage"] == [
        {"package": {"name": "Spring"}, "sessions": 1, "hours": 1.0, "paidHours": 1.0, "proBonoHours": 0.0},
        {"package": None, "sessions": 1, "hours": 0.5, "paidHours": 0.0, "proBonoHours": 0.5},
    ]


# -- which status --------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-Q1")
@pytest.mark.parametrize("basis", list(CountingBasis))
async def test_the_basis_chooses_the_status(practice: Practice, basis: CountingBasis) -> None:
    """Given a session booked as a prospect, held as active, with who is a buyer now, then each basis has its own word."""
    client = await practice.client(S.BUYER)
    row = await practice.session(client, ago(30), booked_status=S.PROSPECT, counting_status=S.ACTIVE)
    reason = {"SESSION_START": None, "BOOKING": "PROSPECT", "CURRENT": "BUYER_NOT_COUNTED"}
    assert (await practice.line(row, basis=basis))["reason"] == reason[basis]
    await practice.site.change(Workspace, practice.workspace, counting_basis=basis)
    assert (await practice.line(row))["reason"] == reason[basis]


@pytest.mark.req("C-Q1", "C9", "C18")
async def test_a_step_after_the_session_changes_nothing_and_before_it_does(practice: Practice) -> None:
    """Given a prospect with a session behind and one ahead, when they become active, then only the one ahead is stamped anew."""
    client = await practice.client(S.PROSPECT)
    behind = await practice.session(client, ago(2))
    ahead = await practice.session(client, ago(-2), state=AppointmentState.BOOKED, booked_at=ago(3))
    step = f'mutation {{ it: clientActivate(id: "{gid("client", client)}") {{ problems {{ code }} }} }}'
    assert (await practice.site.data(practice.tokens["COACH"], step))["it"]["problems"] == []
    lines = await practice.lines()
    assert [lines[row.id.hex]["countingStatus"] for row in (behind, ahead)] == ["PROSPECT", "ACTIVE"]
    assert [lines[row.id.hex]["reason"] for row in (behind, ahead)] == ["PROSPECT", "NOT_HELD_YET"]


# -- groups --------------------------------------------------------------------------------------------------------------


async def test_a_group_counts_once_by_whoever_counts_best(practice: Practice) -> None:
    """Given a group of an active client and two prospects, then it counts once, paid if who counts paid; of prospects alone it does not."""
    active, *prospects = [await practice.client(), await practice.client(S.PROSPECT), await practice.client(S.PROSPECT)]
    mixed = await practice.group([active, *prospects], ago(20), places=[{"compensation": Compensation.PRO_BONO}])
    none = await practice.group(prospects, ago(30))
    lines = await practice.lines()
    assert len(lines) == 2
    one = lines[mixed.id.hex]
    assert (one["reason"], one["groupSize"], one["paid"], one["countingStatus"], one["hours"]) == (None, 3, False, "ACTIVE", 1.5)
    assert lines[none.id.hex]["reason"] == "PROSPECT"


@pytest.mark.parametrize("status", [S.ACTIVE, S.INACTIVE, S.HOT_LEAD, S.BUYER])
async def test_who_does_not_count_by_hand_lends_a_group_no_status(practice: Practice, status: ClientStatus) -> None:
    """Given a group of a prospect and somebody whose place does not count by decision, then it does not count, as the prospect says."""
    people = [await practice.client(status), await practice.client(S.PROSPECT)]
    event = await practice.group(people, ago(20), places=[{"counts_override": False}])
    line = await practice.line(event)
    assert (line["reason"], line["countingStatus"], line["overridden"]) == ("PROSPECT", "PROSPECT", False)


async def test_a_group_to_which_nobody_came(practice: Practice) -> None:
    event = await practice.group([await practice.client()], ago(20), places=[{"state": AppointmentState.NO_SHOW}])
    assert (await practice.line(event))["reason"] == "NO_SHOW"


@pytest.mark.parametrize("exact", [True, False])
async def test_an_erased_place_in_a_group_is_not_counted_twice(practice: Practice, exact: bool) -> None:
    """Given a group whose only client was erased, then the event counts once by the status that the ledger kept, and the client is one."""
    event = await practice.group([], ago(20), size=4)
    assert (await practice.line(event))["reason"] == "NO_SHOW"
    starts = event.starts_at if exact else None
    entry = await practice.entry(31, event.starts_at.date(), event.planned_minutes, starts_at=starts, group_size=4)
    found = await practice.report()
    assert [line["id"] for line in found["counted"]["nodes"]] == [gid("event", event)]
    assert entry.id.hex not in str(found)
    assert (found["totals"]["hours"], found["totals"]["clients"], found["totals"]["unlistedHours"]) == (1.5, 4, 1.5)


async def test_lines_of_the_ledger_that_repeat_a_session_are_not_counted_twice(practice: Practice) -> None:
    row = await practice.session(await practice.client(), ago(20))
    await practice.entry(1, date(2026, 1, 1), appointment_id=row.id, erased=False)
    assert (await practice.report("totals { sessions }"))["totals"]["sessions"] == 1


# -- the past ------------------------------------------------------------------------------------------------------------


async def test_the_report_of_then_is_the_report_run_then(practice: Practice) -> None:
    """Given steps, each with the report before it, then the report as of each instant says the same again, and no other."""
    token = practice.tokens["COACH"]
    client = await practice.client()
    done, lost, doubted = [await practice.session(client, ago(days), state=AppointmentState.BOOKED) for days in (3, 4, 5)]
    asked = f"totals {{ {TOTALS} }} excludedByReason {{ reason count hours }} byMonth {{ month hours }}"
    seen: list[tuple[datetime, Any]] = []

    async def look() -> None:
        seen.append((datetime.now(UTC), await practice.report(asked)))

    async def step(sql: str, more: str = "") -> Any:
        found = (await practice.site.data(token, f"mutation {{ it: {sql} {{ problems {{ code }} {more} }} }}"))["it"]
        assert found["problems"] == []
        return found

    await look()
    await step(f'appointmentComplete(id: "{gid("appointment", done)}")')
    await look()
    await step(f'appointmentMarkNoShow(id: "{gid("appointment", lost)}")')
    await step(f'appointmentComplete(id: "{gid("appointment", doubted)}")')
    await look()
    batch = await step(f'appointmentReclassify(id: "{gid("appointment", doubted)}", input: {{counts: false, reason: "No"}})', "batchId")
    await look()
    undo = f'mutation {{ transitionUndo(batchId: "{batch["batchId"]}") {{ problems {{ code }} }} }}'
    await practice.site.data(token, undo)
    await look()
    await step(f'appointmentReclassify(id: "{gid("appointment", done)}", input: {{counts: false, reason: "Was not"}})')
    await step(f'appointmentReclassify(id: "{gid("appointment", done)}", input: {{counts: null, reason: "Was"}})')
    await look()
    made = f'client: "{gid("client", client)}", day: "{ago(1).date()}", minutes: 30'
    await step(f"hoursRecord(input: {{{made}}})")
    await look()
    assert len({str(answer["excludedByReason"]) + str(answer["totals"]) for _, answer in seen}) >= 5
    for at, answer in seen:
        assert await practice.report(asked, at=quoted(at)) == answer


async def test_the_current_status_of_then(practice: Practice) -> None:
    client = await practice.client(S.ACTIVE)
    row = await practice.session(client, ago(30), counting_status=S.PROSPECT)
    change: dict[str, Any] = {"client_id": client.id, "before": S.PROSPECT, "after": S.ACTIVE, "transition": "", "actor": "test"}
    await practice.site.put(ClientStatusChange(workspace_id=practice.workspace.id, at=ago(10), **change))
    await practice.site.change(Client, client, created_at=ago(100))
    assert (await practice.line(row, basis="CURRENT", at=quoted(ago(20))))["reason"] == "PROSPECT"
    assert (await practice.line(row, basis="CURRENT", at=quoted(ago(5))))["reason"] is None


async def test_what_was_booked_later_was_not_there(practice: Practice) -> None:
    row = await practice.session(await practice.client(), ago(3), booked_at=ago(5))
    assert await practice.lines(at=quoted(ago(6))) == {}
    assert (await practice.lines(at=quoted(ago(4))))[row.id.hex]["reason"] == "NOT_HELD_YET"
    assert (await practice.lines(at=quoted(ago(2))))[row.id.hex]["reason"] is None
