"""Steps with what waits for its day, and with what is suggested; and the reports of payment from which both come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.inputs import Deactivate, Input, ReactivateEnrollment, ReportPayment
from lifecycle.payments import Consequence, consequence, due
from lifecycle.schedules import ScheduleCondition
from lifecycle.vocabulary import Effective, FreezeReason, PaymentStatus, ScheduleState, SuggestionReason
from resolvers import records
from resolvers.acts.base import Act, Writer, Written, compare_and_set, setting
from resolvers.suggestions import suggest
from storage.tables.operations import ScheduledTransition, Suggestion
from storage.tables.packages import Enrollment, Package

PAYMENTS = "payments"  # actor of what follows from a report by itself


def waiting(**columns: Any) -> ScheduledTransition:
    """Step that waits for its day."""
    return ScheduledTransition(id=uuid7(), state=ScheduleState.PENDING, **columns)


def input_of(follows: Consequence) -> Input:
    """Input of a step that follows from a payment, when its day has come."""
    if follows.step == "enrollmentDeactivate":
        return Deactivate(reason=follows.reason, effective=Effective.NOW)
    return ReactivateEnrollment()


async def suggest_freeze(session: AsyncSession, enrollment: Enrollment, step: str, reason: FreezeReason, now: datetime) -> None:
    """Tell the coach which step would follow, once."""
    about: dict[str, Any] = {"client": enrollment.client_id, "step": step, "reason": SuggestionReason[reason], "now": now}
    await suggest(session, enrollment.workspace_id, enrollment.id, **about)


def _reported(act: Act, at: datetime) -> dict[str, Any]:
    given: ReportPayment = act.given
    columns: dict[str, Any] = {"payment_status": given.status}
    if given.paid_through is not None:
        columns["paid_through"] = given.paid_through
    if given.status is PaymentStatus.DECLINED:
        columns["declined_at"] = at
    elif given.status is PaymentStatus.CURRENT:
        columns["declined_at"] = None
    return columns


async def report_payment(session: AsyncSession, act: Act) -> Written:
    """State of payment, and what follows from it. A second report of the same state changes no day that was set."""
    given: ReportPayment = act.given
    at = given.at or act.now
    columns = _reported(act, at)
    await compare_and_set(session, act, columns)
    if given.status is not act.facts.payment_status:
        await _settle(session, act)
    follows = consequence(act.facts, given.status)
    if follows is None:
        return Written(act.row, columns)
    if not follows.by_itself:
        await suggest_freeze(session, act.row, follows.step, follows.reason, act.now)
    elif given.status is not act.facts.payment_status or not await _waits(session, act, follows):
        package = await session.get_one(Package, (act.workspace, act.row.package_id))
        through = given.paid_through or act.row.paid_through
        session.add(
            waiting(
                workspace_id=act.workspace,
                transition=follows.step,
                subject_id=act.subject,
                client_id=act.row.client_id,
                input=records.input_json(input_of(follows)).decode(),
                condition=ScheduleCondition.AT_DATE,
                cause=follows.reason,
                actor=PAYMENTS,
                due_at=due(given.status, at, through, package.declined_grace_days),
                created_at=act.now,
            )
        )
    return Written(act.row, columns)


async def _settle(session: AsyncSession, act: Act) -> None:
    """Put away what was suggested for the state of payment before."""
    these = (col(Suggestion.workspace_id) == act.workspace, col(Suggestion.subject_id) == act.subject)
    asked = update(Suggestion).where(*these, col(Suggestion.dismissed_at).is_(None)).values(dismissed_at=act.now)
    await session.exec(asked.execution_options(synchronize_session=False))


async def _waits(session: AsyncSession, act: Act, follows: Consequence) -> bool:
    """Whether the step waits for its day already."""
    asked = select(ScheduledTransition.id).where(
        col(ScheduledTransition.workspace_id) == act.workspace,
        col(ScheduledTransition.subject_id) == act.subject,
        col(ScheduledTransition.state) == ScheduleState.PENDING,
        col(ScheduledTransition.cause) == follows.reason,
    )
    return (await session.exec(asked)).first() is not None


def _cancelled(act: Act) -> dict[str, Any]:
    return {"state": ScheduleState.CANCELLED, "finished_at": act.now, "outcome": "CANCELLED_BY_MEMBER"}


WRITERS: Mapping[str, Writer] = {
    "enrollmentReportPayment": report_payment,
    "scheduledTransitionCancel": setting(_cancelled),
    "suggestionDismiss": setting(lambda act: {"dismissed_at": act.now}),
}
