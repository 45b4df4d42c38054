"""What follows from a payment that was declined, cancelled, expired or recovered: nothing, a suggestion, or a step by itself.

A step by itself only ever freezes or thaws, and only where the package says so: nothing is deleted but by a person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.facts import Facts
from lifecycle.vocabulary import EnrollmentState, ExpiryAction, FreezeReason, PaymentStatus, Word


class RecoveryAction(Word):
    """What happens to an enrollment by itself when a payment recovers that had frozen it by itself."""

    NONE = "NONE", "Nothing; the coach decides."
    REACTIVATE = "REACTIVATE", "The enrollment is reactivated."


#: Reason of a freeze that follows from each state of payment.
REASONS = {
    PaymentStatus.DECLINED: FreezeReason.PAYMENT_DECLINED,
    PaymentStatus.CANCELLED: FreezeReason.SUBSCRIPTION_CANCELLED,
    PaymentStatus.EXPIRED: FreezeReason.PACKAGE_EXPIRED,
}
_RECOVERABLE = frozenset({FreezeReason.PAYMENT_DECLINED, FreezeReason.SUBSCRIPTION_CANCELLED})


@dataclass(frozen=True, slots=True)
class Consequence:
    """Step that follows from a report, and whether it is taken by itself or only suggested."""

    step: str
    reason: FreezeReason
    by_itself: bool


def consequence(facts: Facts, status: PaymentStatus) -> Consequence | None:
    """What follows when the payment of an enrollment is reported so; None where nothing does."""
    if status is PaymentStatus.CURRENT:
        return _thaw(facts)
    reason = REASONS.get(status)
    if reason is None or facts.state != EnrollmentState.ACTIVE:
        return None
    setting = facts.on_expiry if status is PaymentStatus.EXPIRED else facts.on_declined
    return Consequence("enrollmentDeactivate", reason, setting is ExpiryAction.DEACTIVATE)


def _thaw(facts: Facts) -> Consequence | None:
    reason = facts.frozen_reason
    if facts.state != EnrollmentState.DEACTIVATED or reason is None or reason is FreezeReason.COACH_DECISION:
        return None
    alone = reason in _RECOVERABLE and facts.frozen_by_clock and facts.recovers
    return Consequence("enrollmentReactivate", reason, alone)


def due(status: PaymentStatus, at: datetime, paid_through: datetime | None, grace_days: int) -> datetime:
    """When such a step is taken: after the grace of a declined payment, at the end of the time that is paid for a cancelled one."""
    if status is PaymentStatus.DECLINED:
        return at + timedelta(days=grace_days)
    if status is PaymentStatus.CANCELLED and paid_through is not None:
        return max(at, paid_through)
    return at
