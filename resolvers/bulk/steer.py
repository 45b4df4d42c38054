"""Stopping a bulk job, and taking all that it did back by another."""

from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import ErrorPolicy, JobState, Role
from resolvers.bulk.asked import Started
from resolvers.bulk.record import OPEN, Item, end, write_job
from resolvers.callers import Caller
from resolvers.desk import Clerk, Desk, clerk_of
from resolvers.undo import UNDO
from storage.tables.operations import BulkJob, BulkJobItem

_HIDDEN: Final = Problem(ProblemCode.NOT_FOUND, "There is no such job, or it is not open to you.", ("id",))
_OVER: Final = Problem(ProblemCode.INVALID_TRANSITION, "The job is over: what it did stays, see `bulkJobUndo`.", ("id",))
_OPEN: Final = Problem(ProblemCode.INVALID_TRANSITION, "The job is not over: cancel it first, or wait for its end.", ("id",))
_NOTHING: Final = Problem(ProblemCode.UNDO_CLOSED, "The job did nothing that could be undone.", ("id",))


async def _mine(session: AsyncSession, clerk: Clerk, key: UUID) -> BulkJob | None:
    """Job that the caller may steer: their own, or any as the owner."""
    job = await session.get(BulkJob, (clerk.workspace, key), with_for_update=True)
    if job is None or clerk.actor.kind is not ActorKind.STAFF:
        return None
    return job if clerk.actor.role is Role.OWNER or job.actor == clerk.actor.name else None


async def cancel(desk: Desk, caller: Caller, key: UUID) -> Started:
    """Stop a job after the object that is being done; the others are left as they are."""
    async with desk.database.write() as session:
        clerk = await clerk_of(session, caller, desk.now)
        job = await _mine(session, clerk, key)
        if job is None:
            return Started(problem=_HIDDEN)
        stopped = await end(session, job, JobState.CANCELLED, desk.now, by=clerk.actor.name)
        return Started(job=key.hex, problem=None if stopped else _OVER)


async def undo_job(desk: Desk, caller: Caller, key: UUID) -> Started:
    """Job that takes back each step of another, the last one first, on the caller's own authority."""
    async with desk.database.write() as session:
        clerk = await clerk_of(session, caller, desk.now)
        job = await _mine(session, clerk, key)
        if job is None or clerk.member is None:
            return Started(problem=_HIDDEN)
        if job.state in OPEN:
            return Started(job=key.hex, problem=_OPEN)
        done = (
            col(BulkJobItem.workspace_id) == clerk.workspace,
            col(BulkJobItem.job_id) == key,
            col(BulkJobItem.event_id).is_not(None),
            col(BulkJobItem.batch_id).is_not(None),
        )
        asked = select(BulkJobItem.subject_id, BulkJobItem.batch_id).where(*done).order_by(col(BulkJobItem.position).desc())
        items = [Item(subject.hex, None, batch.hex) for subject, batch in (await session.exec(asked)).all() if batch is not None]
        if not items or job.undoes_id is not None:
            return Started(job=key.hex, problem=_NOTHING)
        made = BulkJob(
            workspace_id=clerk.workspace,
            id=uuid7(),
            transition=UNDO,
            error_policy=ErrorPolicy.SKIP_FAILED.value,
            actor=clerk.actor.name,
            member_id=UUID(clerk.member),
            undoes_id=key,
            locked_until=desk.now,
            created_at=desk.now,
        )
        await write_job(session, made, items, desk.request_id)
        return Started(job=made.id.hex)
