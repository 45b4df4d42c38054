"""Does a session count? Every row of the table, and the rulings behind it."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation
from tests.access.site import gid
from tests.certification.practice import Practice, ago

S, K, C, A = ClientStatus, CoachingKind, Compensation, AppointmentState


async def verdict(practice: Practice, status: ClientStatus = S.ACTIVE, *, rules: str | None = None, **more: Any) -> Any:
    """Line of one session with a client of this status."""
    client = await practice.client(status)
    row = await practice.session(client, more.pop("at", ago(30)), **more)
    return await practice.line(row, **({"ruleSet": rules} if rules else {}))


@pytest.mark.req("C-Q2")
@pytest.mark.parametrize("state", ["COMPLETED", "CANCELLED", "NO_SHOW", "BOOKED"])
async def test_a_decision_by_hand_comes_first(practice: Practice, state: str) -> None:
    """Given a session that was reclassified, whatever its state and status, then it counts, or not, as decided, and is marked."""
    more = {"state": A[state], "override_reason": "A promotion was forgotten"}
    yes = await verdict(practice, S.PROSPECT, counts_override=True, **more)
    no = await verdict(practice, S.ACTIVE, counts_override=False, **more)
    assert (yes["reason"], yes["overridden"], yes["overrideReason"]) == (None, True, "A promotion was forgotten")
    assert (no["reason"], no["overridden"], no["overrideReason"]) == ("OVERRIDDEN", True, "A promotion was forgotten")


@pytest.mark.req("C-Q2")
async def test_reclassifying_through_the_api_moves_a_session_and_is_shown(practice: Practice) -> None:
    """Given a session with a prospect, when staff reclassify it, then it counts, with the reason; undone, it does not."""
    row = await practice.session(await practice.client(S.PROSPECT), ago(30))
    assert (await practice.line(row))["reason"] == "PROSPECT"
    step = (
        f'mutation {{ appointmentReclassify(id: "{gid("appointment", row)}", input: {{counts: true, reason: "Was active"}})'
        " { batchId problems { code } } }"
    )
    done = (await practice.site.data(practice.tokens["COACH"], step))["appointmentReclassify"]
    line = await practice.line(row)
    assert (line["reason"], line["overridden"], line["overrideReason"]) == (None, True, "Was active")
    undo = f'mutation {{ transitionUndo(batchId: "{done["batchId"]}") {{ problems {{ code }} }} }}'
    assert (await practice.site.data(practice.tokens["COACH"], undo))["transitionUndo"]["problems"] == []
    assert (await practice.line(row))["reason"] == "PROSPECT"


@pytest.mark.req("C-Q5")
@pytest.mark.parametrize(
    ("state", "reason"), [("CANCELLED", "CANCELLED"), ("NO_SHOW", "NO_SHOW"), ("REMOVED", "REMOVED"), ("BOOKED", "NOT_HELD_YET")]
)
@pytest.mark.parametrize("status", list(S))
async def test_only_what_was_held_counts(practice: Practice, state: str, reason: str, status: ClientStatus) -> None:
    assert (await verdict(practice, status, state=A[state]))["reason"] == reason


@pytest.mark.req("C-Q5")
async def test_hours_are_the_actual_minutes_else_the_planned(practice: Practice) -> None:
    assert (await verdict(practice, minutes=60, actual_minutes=50))["hours"] == 0.83
    assert (await verdict(practice, minutes=45))["hours"] == 0.75


@pytest.mark.req("C-Q5")
async def test_a_session_ahead_is_not_held_yet(practice: Practice) -> None:
    line = await verdict(practice, at=ago(-3), state=A.BOOKED, booked_at=ago(1))
    assert line["reason"] == "NOT_HELD_YET"


@pytest.mark.parametrize("kind", [K.MENTOR, K.SUPERVISION])
async def test_mentoring_and_supervision_are_no_coaching(practice: Practice, kind: CoachingKind) -> None:
    assert (await verdict(practice, coaching_kind=kind))["reason"] == "NOT_COACHING"


async def test_training_is_no_coaching(practice: Practice) -> None:
    assert (await verdict(practice, type_id=practice.types["training"].id))["reason"] == "NOT_COACHING"


@pytest.mark.parametrize("kind", [kind for kind in K if kind not in (K.MENTOR, K.SUPERVISION)])
async def test_every_other_kind_counts(practice: Practice, kind: CoachingKind) -> None:
    assert (await verdict(practice, coaching_kind=kind))["reason"] is None


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(S.ACTIVE, marks=pytest.mark.req("C5")),
        pytest.param(S.INACTIVE, marks=pytest.mark.req("C9")),
        pytest.param(S.HOT_LEAD, marks=pytest.mark.req("C13")),
    ],
)
async def test_active_inactive_and_hot_leads_count(practice: Practice, status: ClientStatus) -> None:
    line = await verdict(practice, status)
    assert (line["reason"], line["credentialReason"], line["countingStatus"]) == (None, None, status)


@pytest.mark.req("C18")
async def test_prospects_do_not_count(practice: Practice) -> None:
    assert (await verdict(practice, S.PROSPECT))["reason"] == "PROSPECT"


@pytest.mark.req("C-Q3")
async def test_buyers_do_not_count(practice: Practice) -> None:
    assert (await verdict(practice, S.BUYER))["reason"] == "BUYER_NOT_COUNTED"


# -- the credential ------------------------------------------------------------------------------------------------------


async def test_what_was_held_before_the_day_from_which_hours_count_is_not_for_the_credential(practice: Practice) -> None:
    client = await practice.client()
    day = ago(30).date()
    rows = [await practice.session(client, ago(30).replace(hour=12) + timedelta(days=days)) for days in (-1, 0)]
    lines = await practice.lines(ruleSet="ICF_ACC", countFrom=f'"{day}"')
    assert [lines[row.id.hex]["credentialReason"] for row in rows] == ["BEFORE_COUNT_FROM", None]
    assert {line["reason"] for line in lines.values()} == {None}


async def test_a_group_over_the_cap_is_not_for_the_credential(practice: Practice) -> None:
    clients = [await practice.client()]
    rows = [await practice.group(clients, ago(30), size=size) for size in (15, 16)]
    lines = await practice.lines(ruleSet="ICF_ACC")
    assert [lines[row.id.hex]["credentialReason"] for row in rows] == [None, "GROUP_OVER_CAP"]


async def test_a_session_too_short_is_not_for_the_credential(practice: Practice) -> None:
    assert (await verdict(practice, rules="NBHWC", minutes=19))["credentialReason"] == "BELOW_MIN_MINUTES"
    assert (await verdict(practice, rules="NBHWC", minutes=20))["credentialReason"] is None


async def test_a_direct_report_is_not_for_the_credential(practice: Practice) -> None:
    line = await verdict(practice, rules="ICF_ACC", direct_report=True)
    assert (line["reason"], line["credentialReason"]) == (None, "DIRECT_REPORT")
    assert (await verdict(practice, rules="CCE_BCC", direct_report=True))["credentialReason"] is None


# -- who is named --------------------------------------------------------------------------------------------------------


async def test_without_consent_a_session_counts_and_names_nobody(practice: Practice) -> None:
    client = await practice.client(listed=False)
    row = await practice.session(client, ago(30))
    found = await practice.report()
    [line] = found["counted"]["nodes"]
    assert (line["id"], line["unlisted"], line["clientName"], line["clientNumber"]) == (
        gid("appointment", row),
        True,
        None,
        client.number,
    )
    assert (found["totals"]["hours"], found["totals"]["unlistedHours"]) == (1.0, 1.0)
    assert [(row["clientNumber"], row["name"], row["hours"]) for row in found["byClient"]] == [(None, None, 1.0)]


async def test_a_withdrawn_consent_takes_the_name_and_keeps_the_hours(practice: Practice) -> None:
    client = await practice.client(listed=False, name="Ada")
    consent = await practice.consent(client)
    await practice.session(client, ago(30))
    before = await practice.report()
    await practice.site.change(type(consent), consent, withdrawn_at=ago(0))
    after = await practice.report()
    assert (before["counted"]["nodes"][0]["clientName"], after["counted"]["nodes"][0]["clientName"]) == ("Ada", None)
    assert before["totals"] | {"unlistedHours": 1.0} == after["totals"]


async def test_what_is_left_of_an_erased_client_counts_and_names_nobody(practice: Practice) -> None:
    await practice.entry(4711, ago(30).date(), 90, compensation=C.PRO_BONO)
    found = await practice.report()
    [line] = found["counted"]["nodes"]
    assert (line["source"], line["clientNumber"], line["clientName"], line["unlisted"]) == ("ERASED", 4711, None, True)
    assert (found["totals"]["unlistedHours"], found["totals"]["proBonoHours"], found["totals"]["clients"]) == (1.5, 1.5, 1)


@pytest.mark.parametrize(
    ("compensation", "paid"), [(C.PAID, True), (C.BARTER, True), (C.INTERNAL, True), (C.THIRD_PARTY, True), (C.PRO_BONO, False)]
)
@pytest.mark.parametrize("kind", [K.INDIVIDUAL, K.PEER])
@pytest.mark.req("C-Q9")
async def test_what_is_paid(practice: Practice, compensation: Compensation, paid: bool, kind: CoachingKind) -> None:
    """A session for a session between peers is barter, and so paid."""
    line = await verdict(practice, compensation=compensation, coaching_kind=kind)
    assert line["paid"] is paid


@pytest.mark.req("C-Q9")
async def test_a_sample_of_a_hot_lead_counts_and_is_pro_bono(practice: Practice) -> None:
    """Given a hot lead, when a sample session is booked and later held, then it counts as pro bono."""
    client = await practice.client(S.HOT_LEAD)
    book = (
        f'mutation {{ appointmentBook(input: {{client: "{gid("client", client)}", type: "{gid("type", practice.types["sample"])}",'
        f' startsAt: "{ago(-3).isoformat()}"}}) {{ appointment {{ id compensation }} problems {{ code }} }} }}'
    )
    made = (await practice.site.data(practice.tokens["COACH"], book))["appointmentBook"]["appointment"]
    assert made["compensation"] == "PRO_BONO"
    found = await practice.report()
    assert (found["totals"]["sessions"], found["excluded"]["nodes"][0]["reason"]) == (0, "NOT_HELD_YET")
    assert (await verdict(practice, S.HOT_LEAD, compensation=C.PRO_BONO))["paid"] is False
