"""What follows from a payment that is declined, cancelled, expired or recovered, by what the package says, and by nobody else's will."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lifecycle.transitions import BY_NAME, TRANSITIONS
from tests.access.site import gid
from tests.studio.studio import DAY, Studio, instant, now

STATE = """query ($id: ID!) { enrollment(id: $id) { state frozenReason paymentStatus paidThrough declinedAt version
  suggestions { nodes { id transition reason } }
  scheduledTransitions(filter: {state: PENDING}) { nodes { id transition cause dueAt actor } } } }"""
REASONS = {"DECLINED": "PAYMENT_DECLINED", "CANCELLED": "SUBSCRIPTION_CANCELLED", "EXPIRED": "PACKAGE_EXPIRED"}


async def stands(studio: Studio, enrollment: str, by: str = "accountant") -> Any:
    return (await studio.ask(STATE, by, id=enrollment))["enrollment"]


async def report(studio: Studio, enrollment: str, status: str, **given: Any) -> Any:
    payload = await studio.try_to("enrollmentReportPayment", enrollment, by="accountant", status=status, **given)
    assert payload["problems"] == []
    return payload


async def sold(studio: Studio, **package: Any) -> str:
    client, _ = await studio.client()
    return await studio.enrolled(await studio.package(**package), client)


def read(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.req("J1", "J5", "J6", "J7", "J20", "J-Q12", "J-Q13")
@pytest.mark.parametrize("status", ["DECLINED", "CANCELLED", "EXPIRED"])
@pytest.mark.parametrize("says", ["NONE", "DEACTIVATE"])
@pytest.mark.parametrize("paid", ["behind", "ahead"])
async def test_declined_cancelled_and_expired_by_what_the_package_says(studio: Studio, status: str, says: str, paid: str) -> None:
    """Every cell: the state of payment, what the package says of it, and whether time is paid ahead."""
    # given a package that says so of this state of payment, and the opposite of the other
    other = "DEACTIVATE" if says == "NONE" else "NONE"
    settings = {"onDeclined": other, "onExpiry": says} if status == "EXPIRED" else {"onDeclined": says, "onExpiry": other}
    enrollment = await sold(studio, declinedGraceDays=5, **settings)
    at = now() - 2 * DAY
    through = now() + 9 * DAY if paid == "ahead" else now() - 3 * DAY
    # when the payment is reported
    payload = await report(studio, enrollment, status, at=instant(at), paidThrough=instant(through))
    found = await stands(studio, enrollment)
    assert (found["state"], found["paymentStatus"]) == ("ACTIVE", status)
    # then it is only suggested, or written down for the day that belongs to the state
    if says == "NONE":
        assert [warning["code"] for warning in payload["warnings"]] == ["STEP_SUGGESTED"]
        [one] = found["suggestions"]["nodes"]
        assert (one["transition"], one["reason"]) == ("enrollmentDeactivate", REASONS[status])
        assert found["scheduledTransitions"]["nodes"] == []
        await studio.wind(now() + 30 * DAY)
        assert (await stands(studio, enrollment))["state"] == "ACTIVE"
        return
    assert [warning["code"] for warning in payload["warnings"]] == ["STEP_SCHEDULED"]
    assert found["suggestions"]["nodes"] == []
    [waits] = found["scheduledTransitions"]["nodes"]
    due = {"DECLINED": at + 5 * DAY, "CANCELLED": max(at, through), "EXPIRED": at}[status]
    assert (waits["transition"], waits["cause"], waits["actor"]) == ("enrollmentDeactivate", REASONS[status], "PAYMENTS")
    assert abs(read(waits["dueAt"]) - due) < timedelta(seconds=1)
    # and on that day, not before, the clock freezes it
    if due > now():
        await studio.wind(due - timedelta(minutes=1))
        assert (await stands(studio, enrollment))["state"] == "ACTIVE"
    await studio.wind(max(due, now()))
    frozen = await stands(studio, enrollment)
    assert (frozen["state"], frozen["frozenReason"]) == ("DEACTIVATED", REASONS[status])


@pytest.mark.req("J1")
async def test_a_report_changes_the_payment_and_nothing_else(studio: Studio) -> None:
    enrollment = await sold(studio)
    at, through = now() - DAY, now() + DAY
    await report(studio, enrollment, "DECLINED", at=instant(at))
    declined = await stands(studio, enrollment)
    assert (declined["state"], declined["frozenReason"], read(declined["declinedAt"])) == ("ACTIVE", None, at)
    steps = await studio.ask("query ($id: ID!) { enrollment(id: $id) { availableTransitions { name allowed } } }", id=enrollment)
    assert {"name": "enrollmentDeactivate", "allowed": True} in steps["enrollment"]["availableTransitions"]
    await report(studio, enrollment, "CURRENT", paidThrough=instant(through))
    current = await stands(studio, enrollment)
    assert (current["paymentStatus"], current["declinedAt"], read(current["paidThrough"])) == ("CURRENT", None, through)


@pytest.mark.req("J5", "J6", "J7", "J13", "J14", "J-Q15", "J-Q16")
async def test_reasons_are_accepted_and_a_step_taken_twice_is_told(studio: Studio) -> None:
    for reason in ("PAYMENT_DECLINED", "PACKAGE_EXPIRED", "SUBSCRIPTION_CANCELLED", "COACH_DECISION"):
        enrollment = await sold(studio)
        frozen = await studio.do("enrollmentDeactivate", enrollment, reason=reason, effective="NOW", wanted="state frozenReason")
        assert (frozen["state"], frozen["frozenReason"]) == ("DEACTIVATED", reason)
        again = await studio.try_to("enrollmentDeactivate", enrollment, reason=reason)
        assert [problem["code"] for problem in again["problems"]] == ["ALREADY_IN_STATE"]
        assert again["enrollment"]["id"] == enrollment
    for reason in ("CLIENT_REQUESTED", "COACH_DECISION"):  # an active one, directly
        deleted = await studio.do("enrollmentDelete", await sold(studio), reason=reason, wanted="state deletedReason")
        assert (deleted["state"], deleted["deletedReason"]) == ("DELETED", reason)
    assert await studio.refused("enrollmentDeactivate", deleted["id"], reason="COACH_DECISION") == ("INVALID_TRANSITION", [])


@pytest.mark.req("J-Q11")
async def test_a_live_subscription_is_told_of_and_left_alone(studio: Studio) -> None:
    from storage.tables.packages import Subscription

    enrollment = await sold(studio)
    workspace: dict[str, Any] = {"workspace_id": studio.owner.workspace_id}
    from uuid import UUID

    key = UUID(enrollment[-32:])
    await studio.site.put(Subscription(enrollment_id=key, amount_minor=100, period_end=now() + DAY, **workspace))
    payload = await studio.try_to("enrollmentDeactivate", enrollment, reason="PAYMENT_DECLINED", wanted="subscription { state }")
    assert [warning["code"] for warning in payload["warnings"]] == ["LIVE_SUBSCRIPTION"]
    assert payload["enrollment"]["subscription"] == {"state": "LIVE"}
    await studio.do("enrollmentReactivate", enrollment)
    ended = await studio.try_to(
        "enrollmentDeactivate", enrollment, reason="PAYMENT_DECLINED", cancelSubscription="AT_PERIOD_END", wanted="subscription { state }"
    )
    assert (ended["warnings"], ended["enrollment"]["subscription"]) == ([], {"state": "ENDING"})


@pytest.mark.req("J1", "J20")
async def test_a_payment_that_recovers_in_the_days_of_grace_cancels_the_freeze(studio: Studio) -> None:
    enrollment = await sold(studio, onDeclined="DEACTIVATE", declinedGraceDays=7)
    await report(studio, enrollment, "DECLINED")
    [waits] = (await stands(studio, enrollment))["scheduledTransitions"]["nodes"]
    await report(studio, enrollment, "CURRENT")
    assert (await stands(studio, enrollment))["scheduledTransitions"]["nodes"] == []
    query = "query ($id: ID!) { node(id: $id) { ... on ScheduledTransition { state outcome } } }"
    assert (await studio.ask(query, id=waits["id"]))["node"] == {"state": "CANCELLED", "outcome": "NO_LONGER_APPLIES"}
    await studio.wind(now() + 30 * DAY)
    assert (await stands(studio, enrollment))["state"] == "ACTIVE"


async def test_a_second_report_of_the_same_moves_no_day(studio: Studio) -> None:
    enrollment = await sold(studio, onDeclined="DEACTIVATE", declinedGraceDays=7)
    await report(studio, enrollment, "DECLINED", at=instant(now() - 3 * DAY))
    [first] = (await stands(studio, enrollment))["scheduledTransitions"]["nodes"]
    await report(studio, enrollment, "DECLINED")
    assert (await stands(studio, enrollment))["scheduledTransitions"]["nodes"] == [first]
    # and a suggestion is made once, until the coach puts it away
    other = await sold(studio)
    await report(studio, other, "DECLINED")
    await report(studio, other, "DECLINED")
    [suggested] = (await stands(studio, other))["suggestions"]["nodes"]
    await studio.do("suggestionDismiss", suggested["id"])
    assert (await stands(studio, other))["suggestions"]["nodes"] == []
    assert await studio.refused("suggestionDismiss", suggested["id"]) == ("ALREADY_IN_STATE", [])


@pytest.mark.req("J20")
@pytest.mark.parametrize(("says", "by"), [("NONE", "clock"), ("REACTIVATE", "clock"), ("REACTIVATE", "coach")])
async def test_a_recovered_payment_thaws_what_was_frozen_by_itself(studio: Studio, says: str, by: str) -> None:
    # given an enrollment that is frozen for a declined payment, by itself or by the coach
    enrollment = await sold(studio, onDeclined="DEACTIVATE", declinedGraceDays=0, onRecovered=says)
    await report(studio, enrollment, "DECLINED", at=instant(now() - DAY))
    if by == "coach":
        await studio.do("enrollmentDeactivate", enrollment, reason="PAYMENT_DECLINED")
    await studio.wind()
    assert (await stands(studio, enrollment))["frozenReason"] == "PAYMENT_DECLINED"
    # when the payment recovers
    await report(studio, enrollment, "CURRENT")
    found = await stands(studio, enrollment)
    # then the thaw is carried out only where the package says so and no person had decided the freeze
    alone = says == "REACTIVATE" and by == "clock"
    assert [one["transition"] for one in found["suggestions"]["nodes"]] == ([] if alone else ["enrollmentReactivate"])
    await studio.wind()
    assert (await stands(studio, enrollment))["state"] == ("ACTIVE" if alone else "DEACTIVATED")
    if not alone:  # the coach follows the suggestion, and it is gone
        await studio.do("enrollmentReactivate", enrollment)
        assert (await stands(studio, enrollment))["suggestions"]["nodes"] == []


@pytest.mark.req("J5", "J20", "J-Q12")
@pytest.mark.parametrize("says", ["NONE", "DEACTIVATE"])
async def test_an_enrollment_that_expires(studio: Studio, says: str) -> None:
    enrollment = await sold(studio, durationDays=10, onExpiry=says)
    query = "query ($id: ID!) { enrollment(id: $id) { expired expiresAt } }"
    found = (await studio.ask(query, id=enrollment))["enrollment"]
    assert found["expired"] is False
    expires = read(found["expiresAt"])
    await studio.wind(expires - timedelta(minutes=1))
    assert (await stands(studio, enrollment))["suggestions"]["nodes"] == []
    await studio.wind(expires)
    await studio.wind(expires + DAY)  # and only once
    after = await stands(studio, enrollment)
    if says == "DEACTIVATE":
        assert (after["state"], after["frozenReason"], after["suggestions"]["nodes"]) == ("DEACTIVATED", "PACKAGE_EXPIRED", [])
    else:
        [one] = after["suggestions"]["nodes"]
        assert (after["state"], one["transition"], one["reason"]) == ("ACTIVE", "enrollmentDeactivate", "PACKAGE_EXPIRED")
        await studio.do("enrollmentDeactivate", enrollment, reason="PACKAGE_EXPIRED")
        assert (await stands(studio, enrollment))["suggestions"]["nodes"] == []


async def test_who_may_report(studio: Studio) -> None:
    enrollment = await sold(studio)
    for role in ("coach", "assistant", "analyst"):
        assert (await studio.refused("enrollmentReportPayment", enrollment, by=role, status="DECLINED"))[0] == "FORBIDDEN"
    for role in ("owner", "accountant"):
        await studio.do("enrollmentReportPayment", enrollment, by=role, status="DECLINED")
    assert await studio.refused("enrollmentReportPayment", enrollment, by="owner", status="NOT_REQUIRED") == (
        "INVALID_INPUT",
        ["input", "status"],
    )
    ahead = instant(now() + DAY)
    assert await studio.refused("enrollmentReportPayment", enrollment, by="owner", status="CURRENT", at=ahead) == (
        "INVALID_INPUT",
        ["input", "at"],
    )


async def test_a_billing_server_reports_with_an_api_key(studio: Studio) -> None:
    """A key acts with the role of the member who made it."""
    enrollment = await sold(studio)
    made = await studio.ask('mutation { apiKeyCreate(input: {name: "billing", scope: FULL}) { key problems { code } } }', "accountant")
    report_it = "mutation ($id: ID!) { enrollmentReportPayment(id: $id, input: {status: DECLINED}) { enrollment { paymentStatus } } }"
    data = await studio.site.data(made["apiKeyCreate"]["key"], report_it, id=enrollment)
    assert data["enrollmentReportPayment"] == {"enrollment": {"paymentStatus": "DECLINED"}}


@pytest.mark.req("J20")
async def test_nothing_that_nobody_can_undo_is_ever_done_by_itself(studio: Studio) -> None:
    """The clock refuses a permanent step even where a row asks for it."""
    from uuid import UUID

    from storage.tables.operations import ScheduledTransition

    enrollment = await sold(studio)
    row = ScheduledTransition(
        workspace_id=studio.owner.workspace_id,
        transition="enrollmentDelete",
        subject_id=UUID(enrollment[-32:]),
        input='{"reason": "COACH_DECISION"}',
        actor="payments",
        due_at=now() - DAY,
    )
    await studio.site.put(row)
    await studio.wind()
    query = "query ($id: ID!) { enrollment(id: $id) { state } }"
    assert (await studio.ask(query, id=enrollment))["enrollment"] == {"state": "ACTIVE"}
    schedulable = await studio.ask('{ __type(name: "ScheduledStepInput") { inputFields { name } } }')
    names = [one["name"] for one in schedulable["__type"]["inputFields"]]
    assert names == [step.name for step in TRANSITIONS if step.name in names]
    assert not any(BY_NAME[name].permanent for name in names)
    assert "enrollmentDelete" not in names


async def test_suggestions_are_listed_for_the_coach_of_the_client(studio: Studio) -> None:
    client, _ = await studio.client()
    enrollment = await studio.enrolled(await studio.package(), client)
    await report(studio, enrollment, "CANCELLED")
    query = "{ suggestions { nodes { subject enrollment { id } client { id } } } }"
    expected = [{"subject": enrollment, "enrollment": {"id": enrollment}, "client": {"id": gid("client", client)}}]
    assert (await studio.ask(query))["suggestions"]["nodes"] == expected
    assert (await studio.ask(query, "owner"))["suggestions"]["nodes"] == expected
