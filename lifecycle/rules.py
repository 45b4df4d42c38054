"""Rules of transitions: what is refused, and what is only worth a warning. Each is a pure look at the facts and the input."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.facts import Facts
from lifecycle.payments import consequence
from lifecycle.problems import ProblemCode
from lifecycle.vocabulary import AccessMode, CancelSubscription, ClientStatus, DataState, Effective, FreezeReason, WarningCode


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken(facts, given)` tells whether the rule speaks; a problem refuses the step, a warning does not."""

    code: ProblemCode | WarningCode
    words: str
    broken: Callable[[Facts, Any], bool]
    needs: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


def effective(facts: Facts, given: Any) -> Effective:
    """When a deactivation takes effect: never later than now where no time is paid ahead."""
    if not facts.paid_through_ahead:
        return Effective.NOW
    chosen: Effective | None = given.effective
    if chosen is not None:
        return chosen
    return Effective.AT_PAID_THROUGH if given.reason is FreezeReason.SUBSCRIPTION_CANCELLED else Effective.NOW


def mode_after(facts: Facts, given: Any) -> AccessMode:
    """Access mode of a client who is made inactive."""
    chosen: AccessMode | None = given.access_mode
    return facts.default_access_mode if chosen is None else chosen


NOT_OWN_HOURS = Rule(
    ProblemCode.FORBIDDEN,
    "Reports are sealed and withdrawn by the coach whose hours they are about.",
    lambda facts, _: not facts.own_hours,
    ("own_hours",),
)
NOT_ONESELF = Rule(
    ProblemCode.FORBIDDEN,
    "Members change what is their own; the owner changes it for everybody.",
    lambda facts, _: not facts.oneself,
    ("oneself",),
)
CLIENT_EXISTS = Rule(
    ProblemCode.CLIENT_EXISTS,
    "A client with this e-mail address exists.",
    lambda facts, _: facts.same_email is not None,
    ("same_email",),
    ("input", "email"),
)
CLIENT_EXISTS_INACTIVE = Rule(
    ProblemCode.CLIENT_EXISTS_INACTIVE,
    "A client with this e-mail address exists and is inactive: reactivate them with `clientReactivate`.",
    lambda facts, _: facts.same_email is ClientStatus.INACTIVE,
    ("same_email",),
    ("input", "email"),
)
SUPPRESSED = Rule(
    ProblemCode.SUPPRESSED,
    "This address belongs to somebody whose contact was deleted: add them only if they asked for it, with `acknowledgeSuppression`.",
    lambda facts, given: facts.suppressed and not given.acknowledge_suppression,
    ("suppressed",),
    ("input", "email"),
)
USERNAME_TAKEN = Rule(
    ProblemCode.USERNAME_TAKEN,
    "Another account has this username.",
    lambda facts, _: facts.username_taken,
    ("username_taken",),
    ("input", "username"),
)
LOGIN_IN_USE = Rule(
    ProblemCode.ALREADY_IN_STATE,
    "The client has a login already, which is theirs alone.",
    lambda facts, _: facts.login_in_use,
    ("login_in_use",),
)
CLIENT_INACTIVE = Rule(
    ProblemCode.CLIENT_INACTIVE,
    "The client is inactive or has no login: reactivate or activate them first.",
    lambda facts, _: facts.status is ClientStatus.INACTIVE or (facts.status is ClientStatus.PROSPECT and facts.state is not None),
)
NOT_OFFERED = Rule(
    ProblemCode.NOT_OFFERED, "This package is archived.", lambda facts, _: not facts.offered, ("offered",), ("input", "package")
)
ALREADY_ENROLLED = Rule(
    ProblemCode.ALREADY_ENROLLED, "The client is in this package already.", lambda facts, _: facts.enrolled, ("enrolled",), ("input",)
)
NOT_STARTED = Rule(
    ProblemCode.NOT_IN_THE_FUTURE, "The session has not started yet: cancel it instead.", lambda facts, _: not facts.started, ("started",)
)
DRAFT_EXISTS = Rule(
    ProblemCode.DRAFT_EXISTS,
    "The module has a draft already: change that one, or publish it.",
    lambda facts, _: facts.drafts > 0,
    ("drafts",),
    ("input", "module"),
)
SAMPLE_ONLY = Rule(
    ProblemCode.BOOKING_NOT_ALLOWED_FOR_STATUS,
    "With a prospect only sample sessions are booked.",
    lambda facts, _: facts.status is ClientStatus.PROSPECT and not facts.sample,
    ("sample",),
    ("input", "type"),
)

OPEN_BALANCE = Rule(
    WarningCode.OPEN_BALANCE,
    "The client has unpaid invoices, and will not be able to sign in to pay them.",
    lambda facts, given: facts.open_invoices > 0 and mode_after(facts, given) is not AccessMode.READ_ONLY,
    ("open_invoices", "default_access_mode"),
)
LIVE_SUBSCRIPTION = Rule(
    WarningCode.LIVE_SUBSCRIPTION,
    "A payment subscription goes on: payments are collected as before.",
    lambda facts, given: (
        facts.live_subscriptions > 0 and getattr(given, "cancel_subscription", CancelSubscription.NONE) is CancelSubscription.NONE
    ),
    ("live_subscriptions",),
)
SERVICES_KEPT = Rule(
    WarningCode.SERVICES_KEPT,
    "Future services stay booked with a client who cannot log in; nobody reminds the client.",
    lambda facts, given: facts.future_services > 0 and not given.delete_future_services,
    ("future_services",),
)
LOGIN_REMAINS = Rule(
    WarningCode.LOGIN_REMAINS,
    "The client can still log in, since the relationship goes on; nothing of this package is visible to them.",
    lambda facts, _: facts.status not in (ClientStatus.BUYER, ClientStatus.INACTIVE, ClientStatus.PROSPECT) or facts.other_ties > 0,
    ("other_ties",),
)
CLIENT_PROMOTED = Rule(
    WarningCode.CLIENT_PROMOTED,
    "The client is a prospect, who has no login: their status changes too.",
    lambda facts, _: facts.status is ClientStatus.PROSPECT,
)
WAITS = Rule(
    WarningCode.SCHEDULED,
    "The freeze waits until the end of the time that is paid.",
    lambda facts, given: effective(facts, given) is Effective.AT_PAID_THROUGH,
    ("paid_through_ahead",),
)
STATUS_OVERRIDDEN = Rule(
    WarningCode.STATUS_OVERRIDDEN,
    "The status is set outside of the usual transitions; sessions already held keep their stamp.",
    lambda _facts, _given: True,
)


LEGAL_HOLD = Rule(
    ProblemCode.LEGAL_HOLD,
    "A legal hold stands: nothing may be deleted until it is released.",
    lambda facts, _: facts.holds > 0,
    ("holds",),
)
ACTIVE_SUBSCRIPTION = Rule(
    ProblemCode.ACTIVE_SUBSCRIPTION,
    "A payment subscription is live: say `cancelSubscription` to end it.",
    lambda facts, given: facts.live_subscriptions > 0 and not given.cancel_subscription,
    ("live_subscriptions",),
    ("input", "cancelSubscription"),
)
ERASURE_RUNNING = Rule(
    ProblemCode.ERASURE_RUNNING,
    "A deletion of this client's data is being carried out.",
    lambda facts, _: facts.erasures_running > 0,
    ("erasures_running",),
)
ERASURE_OPEN = Rule(
    ProblemCode.ERASURE_RUNNING,
    "The erasure of this client was asked for already: see `erasureRequests`.",
    lambda facts, _: facts.erasures_open > 0,
    ("erasures_open",),
)
IMMEDIATE = Rule(
    ProblemCode.SECOND_MEMBER_NEEDED,
    "Here one member asks for a deletion with `erasureRequest`, and another schedules it.",
    lambda facts, _: facts.by_two and facts.by_staff,
    ("by_two", "by_staff"),
)
ASKED_BY_SELF = Rule(
    ProblemCode.SECOND_MEMBER_NEEDED,
    "You asked for this deletion, or made the link by which it was asked for: another member schedules it.",
    lambda facts, _: facts.by_two and facts.asked_by_self,
    ("by_two", "asked_by_self"),
)
SWITCHED_OFF_ALONE = Rule(
    ProblemCode.SECOND_MEMBER_NEEDED,
    "Another member who deletes data proposes this with `workspaceProposeErasureByOne`; within a week, you can do it.",
    lambda facts, given: given.erasure_by_two is False and facts.by_two and not facts.proposed_by_another,
    ("by_two", "proposed_by_another"),
    ("input", "erasureByTwo"),
)
BY_ONE_ALREADY = Rule(ProblemCode.ALREADY_IN_STATE, "Here one member deletes data already.", lambda facts, _: not facts.by_two, ("by_two",))
SECOND_MEMBER_SCHEDULES = Rule(
    WarningCode.SECOND_MEMBER_SCHEDULES,
    "The request waits until another member takes `erasureSchedule`.",
    lambda facts, _: facts.by_two and facts.by_staff,
    ("by_two", "by_staff"),
)


def _unexplained(facts: Facts, given: Any) -> bool:
    return facts.by_staff and not facts.own_client and not (given.reason or "").strip()


REASON_REQUIRED = Rule(
    ProblemCode.REASON_REQUIRED,
    "This is another coach's client: say why their data is exported, which is audited.",
    _unexplained,
    ("own_client", "by_staff"),
    ("input", "reason"),
)
EXPORT_EXPLAINED = replace(REASON_REQUIRED, broken=lambda facts, given: given.export_first and _unexplained(facts, given))
EXPORT_FIRST = Rule(
    WarningCode.EXPORT_FIRST,
    "No export of the client was fetched since the last step with them, and none can be made afterwards: make one before with "
    "`clientExport`, or with `exportFirst` of `erasureRequest`.",
    lambda facts, given: facts.unexported and not getattr(given, "export_first", False),
    ("unexported",),
)
CONTACT_NEEDED = Rule(
    WarningCode.OTHER_STEP_NEEDED,
    "The contact remains: a person who asks for their data to be deleted may need `clientDeleteContact` as well.",
    lambda facts, _: facts.data_state in (DataState.PRESENT, DataState.HISTORY_DELETED),
)
HISTORY_NEEDED = Rule(
    WarningCode.OTHER_STEP_NEEDED,
    "The history remains: a person who asks for their data to be deleted may need `clientDeleteHistory` as well.",
    lambda facts, _: facts.data_state is DataState.PRESENT,
)
UNPAID = Rule(WarningCode.OPEN_BALANCE, "The client has unpaid invoices.", lambda facts, _: facts.open_invoices > 0, ("open_invoices",))
RECORDS_SEALED = Rule(
    WarningCode.RECORDS_SEALED,
    "Invoices and payments are sealed instead of deleted, for as long as the retention rules of the workspace keep them.",
    lambda facts, _: facts.sealed_records > 0,
    ("sealed_records",),
)
HOURS_KEPT = Rule(
    WarningCode.HOURS_KEPT,
    "The hours of the sessions stay in the ledger, with the number of the client and nothing else about them.",
    lambda facts, _: facts.held_sessions > 0,
    ("held_sessions",),
)
HISTORY_REMAINS = Rule(
    WarningCode.HISTORY_REMAINS,
    "Appointments, invoices or other history of the clients remain: see `clientDeleteHistory`.",
    lambda facts, _: facts.other_history > 0,
    ("other_history",),
)


def _follows(*, alone: bool) -> Callable[[Facts, Any], bool]:
    def speaks(facts: Facts, given: Any) -> bool:
        found = consequence(facts, given.status)
        return found is not None and found.by_itself is alone

    return speaks


_OF_PAYMENT = ("frozen_reason", "frozen_by_clock", "on_declined", "on_expiry", "recovers", "payment_status")
STEP_SUGGESTED = Rule(
    WarningCode.STEP_SUGGESTED, "The coach is told which step would follow, and decides.", _follows(alone=False), _OF_PAYMENT
)
STEP_SCHEDULED = Rule(
    WarningCode.STEP_SCHEDULED,
    "The package says what follows by itself: the step is in `scheduledTransitions`, and can be cancelled there.",
    _follows(alone=True),
    _OF_PAYMENT,
)
