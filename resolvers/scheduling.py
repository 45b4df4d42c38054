"""Writing a step down for its day, and what its day is: named, or the end of something that may move."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.schedules import ScheduleCondition
from lifecycle.transition import Axis
from lifecycle.vocabulary import AppointmentState
from resolvers import records
from resolvers.acts.base import Refused
from resolvers.acts.waiting import waiting
from resolvers.callers import Caller
from resolvers.cases import Case, open_case
from resolvers.desk import Clerk, Desk, clerk_of
from resolvers.lifecycle import again, attempt
from resolvers.steps import Outcome, Step, When
from resolvers.waits import write_down
from storage.tables.appointments import Appointment, Attendance
from storage.tables.conversations import Participant
from storage.tables.operations import ScheduledTransition
from storage.tables.packages import Enrollment

MOST_DAYS: Final = 3650


async def day_of(session: AsyncSession, waits: ScheduledTransition) -> datetime | None:
    """Day of a step as things stand now; None where what it waits for is not there."""
    match waits.condition:
        case ScheduleCondition.AT_DATE:
            return waits.due_at
        case ScheduleCondition.WITHOUT_SESSION:
            last = [await _last(session, waits, Appointment, Appointment.starts_at), await _last(session, waits, Attendance, Attendance.at)]
            return max([waits.created_at, *(held for held in last if held is not None)]) + timedelta(days=waits.days or 0)
    enrollment = await session.get(Enrollment, (waits.workspace_id, waits.subject_id))
    if enrollment is None:
        return None
    return enrollment.expires_at if waits.condition is ScheduleCondition.AT_EXPIRY else enrollment.paid_through


async def _last(session: AsyncSession, waits: ScheduledTransition, table: type[Any], at: Any) -> datetime | None:
    """Start of the last session that was held with the client."""
    theirs = (col(table.workspace_id) == waits.workspace_id, col(table.client_id) == waits.client_id)
    found = await session.exec(select(func.max(at)).where(*theirs, col(table.state) == AppointmentState.COMPLETED))
    last: datetime | None = found.one()
    return last


async def schedule(desk: Desk, caller: Caller, step: Step, when: When) -> Outcome:
    """Write a step down for its day, in one transaction. It must be one that the caller could take now."""

    async def write(session: AsyncSession) -> Outcome:
        clerk = await clerk_of(session, caller, desk.now)
        try:
            return await _once(session, desk, clerk, step, when)
        except Refused as refused:
            return Outcome(subject=step.subject, problems=(refused.problem,))

    return await attempt(desk, write, step.subject)


async def _once(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step, when: When) -> Outcome:
    """The same request under the same key is one."""
    key = step.idempotency_key
    said = orjson.dumps(["transitionSchedule", records.request_hash(step), when.condition, when.at, when.days])
    digest = hashlib.blake2b(said, digest_size=24).hexdigest()
    if key is not None:
        earlier = await records.earlier_answer(session, clerk.workspace, clerk.actor.name, key, desk.now)
        if earlier is not None:
            return again(earlier.request_hash == digest, earlier.response)
    outcome = await _write(session, desk, clerk, step, when)
    if key is not None and not outcome.problems:
        records.keep_answer(session, clerk.workspace, clerk.actor.name, key, digest=digest, outcome=outcome, now=desk.now)
    return outcome


async def _write(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step, when: When) -> Outcome:
    case = await open_case(session, desk, clerk, step)
    if case.decision.problems:
        return Outcome(subject=step.subject, problems=case.decision.problems)
    waits = waiting(
        workspace_id=clerk.workspace,
        transition=step.transition.name,
        subject_id=UUID(step.subject),
        client_id=await _client(session, case),
        input=records.input_json(case.step.given).decode(),
        condition=when.condition,
        days=when.days,
        actor=clerk.actor.name,
        due_at=when.at or desk.now,
        created_at=desk.now,
    )
    waits.due_at = await _day(session, case, waits)
    event = await write_down(session, desk, clerk, waits)
    return Outcome(subject=step.subject, warnings=case.decision.warnings, event=event.hex, scheduled=waits.id.hex)


async def _client(session: AsyncSession, case: Case) -> UUID | None:
    """Client whose object it is; of a conversation, the first who takes part."""
    if case.ground.whom is not None or case.step.transition.axis is not Axis.CONVERSATION:
        return UUID(case.ground.whom) if case.ground.whom else None
    taking_part = (
        col(Participant.workspace_id) == case.clerk.workspace,
        col(Participant.conversation_id) == UUID(case.step.subject),
    )
    return (await session.exec(select(Participant.client_id).where(*taking_part).order_by(col(Participant.id)).limit(1))).first()


async def _day(session: AsyncSession, case: Case, waits: ScheduledTransition) -> datetime:
    """Day of the step, which lies ahead."""
    of_enrollment = waits.condition in (ScheduleCondition.AT_EXPIRY, ScheduleCondition.AT_PAID_THROUGH)
    if of_enrollment and case.step.transition.axis is not Axis.ENROLLMENT:
        raise _wrong("Only a step with an enrollment waits for its end.")
    if waits.condition is ScheduleCondition.WITHOUT_SESSION and not 1 <= (waits.days or 0) <= MOST_DAYS:
        raise _wrong(f"A number from 1 to {MOST_DAYS:,} is needed here.")
    due = await day_of(session, waits)
    if due is None:
        raise _wrong("The enrollment has no such end.")
    if due <= case.now and waits.condition is not ScheduleCondition.WITHOUT_SESSION:
        raise _wrong("This instant does not lie ahead.")
    return due


def _wrong(sentence: str) -> Refused:
    return Refused(Problem(ProblemCode.INVALID_INPUT, sentence, ("when",)))
