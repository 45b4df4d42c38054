"""Doing the objects of bulk jobs, each in a transaction of its own, by whoever has the lease of the job.

An item and the step it stands for are written together, so that each is done once, whoever dies in between.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import JobState
from resolvers.bulk.asked import Result, read_kept
from resolvers.bulk.record import LEASE, claim, end, leave, settle_item
from resolvers.callers import fetch
from resolvers.desk import Clerk, Desk, member_clerk
from resolvers.leases import free, instants
from resolvers.lifecycle import TOO_MANY, Rollback, take, tries
from resolvers.steps import Outcome, Step
from resolvers.undo import UNDO, undo_as
from storage.database import Database
from storage.tables.operations import BulkJob, BulkJobItem

#: Items of one lot. Between two lots the other jobs have their turn.
LOT: Final = 50
#: Between two items everybody else has half as long a turn as the item took, up to this many seconds.
LONGEST_PAUSE: Final = 0.1

_NEXT_JOB: Final = (
    f"SELECT x.workspace_id, x.id FROM bulk_job x WHERE x.state IN ('QUEUED', 'RUNNING') AND {free('x')}"
    " ORDER BY x.locked_until, x.id LIMIT 1"
)
_NEXT_ITEMS: Final = (
    "SELECT x.id FROM bulk_job_item x WHERE x.workspace_id = :workspace AND x.job_id = :key AND x.done_at IS NULL"
    f" ORDER BY x.position LIMIT {LOT}"
)
_FORBIDDEN: Final = Problem(ProblemCode.FORBIDDEN, "The member who started the job may not take this step any more.")


class _Stopped(Exception):  # noqa: N818 - named for what happened
    """The job may not go on, for this reason; without one it is over already."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__("stopped")
        self.problem = problem


async def work(database: Database, secrets: tuple[bytes, ...], clock: Callable[[], datetime]) -> bool:
    """Do the next lot of the job that has waited longest; False where none waits."""
    async with database.read() as reader:
        found = await fetch(reader, _NEXT_JOB, instants(clock(), LEASE, reader.dialect))
    if not found:
        return False
    workspace, key = (UUID(str(part)) for part in found[0])
    now = clock()
    async with database.write() as session:
        job = await claim(session, workspace, key, now)
    if job is not None:
        await do_lot(database, secrets, clock, job)
    return True


async def do_lot(
    database: Database, secrets: tuple[bytes, ...], clock: Callable[[], datetime], job: BulkJob, *, pausing: bool = True
) -> None:
    """Do the next items of a job whose lease is ours, and end it after the last."""
    async with database.read() as reader:
        items = [str(key) for (key,) in await fetch(reader, _NEXT_ITEMS, {"workspace": job.workspace_id.hex, "key": job.id.hex})]
    try:
        for item in items:
            began = monotonic()
            await _item(Desk(database=database, now=clock(), request_id=f"job:{job.id.hex}", secrets=secrets), job, UUID(item))
            await asyncio.sleep(min((monotonic() - began) / 2, LONGEST_PAUSE) if pausing else 0)
    except _Stopped as stopped:
        if stopped.problem is not None:
            async with database.write() as session:
                await end(session, job, JobState.FAILED, clock(), by=job.actor, code=stopped.problem.code)
        return
    async with database.write() as session:
        if len(items) < LOT:
            await end(session, job, JobState.COMPLETED, clock(), by=job.actor)
        else:
            await leave(session, job, clock())


async def _item(desk: Desk, job: BulkJob, key: UUID) -> None:
    """Do one item, or write down why it is refused."""

    async def once() -> Problem | None:
        async with desk.database.write() as session:
            await _do(session, desk, job, key)
        return None

    problem: Problem | None = await tries(once, TOO_MANY)
    if problem is not None:
        await _refuse(desk, job, key, problem)


async def _do(session: AsyncSession, desk: Desk, job: BulkJob, key: UUID) -> None:
    asked = select(BulkJobItem).where(col(BulkJobItem.workspace_id) == job.workspace_id, col(BulkJobItem.id) == key).with_for_update()
    item = (await session.exec(asked)).one()
    if item.done_at is not None:
        return
    clerk = await member_clerk(session, job.workspace_id, job.member_id, desk.now)
    if clerk is None:
        raise _Stopped(_FORBIDDEN)
    outcome = await _outcome(session, desk, clerk, job, item)
    if outcome.problems:
        raise Rollback(outcome.problems[0])
    result = Result(item.subject_id.hex, None, outcome.warnings, outcome.event, outcome.batch)
    if not await settle_item(session, job, item.id, desk.now, result):
        raise _Stopped


async def _outcome(session: AsyncSession, desk: Desk, clerk: Clerk, job: BulkJob, item: BulkJobItem) -> Outcome:
    if job.transition == UNDO:
        return (await undo_as(session, desk, clerk, item.batch_id)).outcome if item.batch_id else Outcome()
    transition = BY_NAME[job.transition]
    if not transition.permit.admits(clerk.actor):
        raise _Stopped(_FORBIDDEN)
    given = read_kept(transition.input, job.input)
    step = Step(transition=transition, subject=item.subject_id.hex, given=given, bound=item.bound)
    return await take(session, desk, clerk, step)


async def _refuse(desk: Desk, job: BulkJob, key: UUID, problem: Problem) -> None:
    async with desk.database.write() as session:
        if not await settle_item(session, job, key, desk.now, Result("", problem)):
            await session.rollback()
