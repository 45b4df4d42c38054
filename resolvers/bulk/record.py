"""Bulk jobs as they are written down: the job, its items, and what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.problems import Caution, Problem, ProblemCode
from lifecycle.vocabulary import JobState, WarningCode
from resolvers import audit
from resolvers.bulk.asked import Result
from resolvers.callers import fetch
from resolvers.leases import is_free
from resolvers.sql import rows
from storage.readers import Reader
from storage.tables.operations import BulkJob, BulkJobItem

#: How long whoever works on a job has it to themselves. Longer than any lot takes; what a dead process held is free after it.
LEASE: Final = timedelta(seconds=30)
OPEN: Final = (JobState.QUEUED, JobState.RUNNING)

_ITEMS: Final = {
    "sqlite": (
        "INSERT INTO bulk_job_item (workspace_id, id, job_id, position, subject_id, bound, batch_id)"
        " SELECT :workspace, json_extract(value, '$[0]'), :batch, key, json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
        " json_extract(value, '$[3]') FROM json_each(:items)"
    ),
    "postgresql": (
        "INSERT INTO bulk_job_item (workspace_id, id, job_id, position, subject_id, bound, batch_id)"
        " SELECT CAST(:workspace AS uuid), CAST(u.one ->> 0 AS uuid), CAST(:batch AS uuid), u.place - 1, CAST(u.one ->> 1 AS uuid),"
        " u.one ->> 2, CAST(u.one ->> 3 AS uuid)"
        " FROM json_array_elements(CAST(CAST(:items AS text) AS json)) WITH ORDINALITY AS u(one, place)"
    ),
}
_RESULTS: Final = (
    "SELECT x.subject_id, x.code, x.result, x.event_id, x.batch_id FROM bulk_job_item x"
    " WHERE x.workspace_id = :workspace AND x.job_id = :key AND x.done_at IS NOT NULL ORDER BY x.position LIMIT 101"
)


@dataclass(frozen=True, slots=True)
class Item:
    """Object of a job before its turn: `bound` is what its step may do, `batch` the step that is to be taken back."""

    subject: str
    bound: str | None = None
    batch: str | None = None


async def write_job(session: AsyncSession, job: BulkJob, items: Sequence[Item], request_id: str | None) -> None:
    """Job and its items in one go: one statement for all of them, so that the only writer of SQLite is soon free again."""
    job.total = len(items)
    session.add(job)
    detail = {"transition": job.transition, "total": job.total, "errorPolicy": job.error_policy}
    tell(session, job, "bulk_started", job.created_at, actor=job.actor, request_id=request_id, detail=detail)
    await session.flush()
    listed = orjson.dumps([[uuid7().hex, item.subject, item.bound, item.batch] for item in items]).decode()
    parameters = {"workspace": job.workspace_id.hex, "batch": job.id.hex, "items": listed}
    await rows(session, _ITEMS[session.get_bind().dialect.name], parameters)


def tell(
    session: AsyncSession, job: BulkJob, action: str, at: datetime, *, actor: str, request_id: str | None, detail: dict[str, Any]
) -> None:
    """Audit event of the job itself; each of its objects has its own."""
    said = orjson.dumps(detail).decode()
    audit.record(session, job.workspace_id, action, "bulk_job", job.id, actor=actor, at=at, request_id=request_id, detail=said)


async def settle_item(session: AsyncSession, job: BulkJob, item: UUID, at: datetime, result: Result) -> bool:
    """Write down what came of an item, and count it; False where somebody else did, or the job is stopped: then nothing may stay."""
    done: dict[str, Any] = {"done_at": at, "result": _encode(result)}
    if result.problem is not None:
        done["code"] = result.problem.code.value
    if result.event is not None:
        done["event_id"] = UUID(result.event)
    if result.batch is not None:
        done["batch_id"] = UUID(result.batch)
    mine = (col(BulkJobItem.workspace_id) == job.workspace_id, col(BulkJobItem.id) == item, col(BulkJobItem.done_at).is_(None))
    if not await _written(session, update(BulkJobItem).where(*mine).values(**done)):
        return False
    count = BulkJob.failed if result.problem is not None else BulkJob.done
    open_ = (*_this(job), col(BulkJob.state) == JobState.RUNNING)
    return await _written(session, update(BulkJob).where(*open_).values({count: col(count) + 1}))


async def claim(session: AsyncSession, workspace: UUID, key: UUID, now: datetime) -> BulkJob | None:
    """The job, for as long as the lease lasts; None where somebody has it or it is over."""
    nobodys = is_free(col(BulkJob.locked_until), now, LEASE)
    free = (col(BulkJob.workspace_id) == workspace, col(BulkJob.id) == key, col(BulkJob.state).in_(OPEN), nobodys)
    if not await _written(session, update(BulkJob).where(*free).values(state=JobState.RUNNING, locked_until=now + LEASE)):
        return None
    return await session.get_one(BulkJob, (workspace, key))


async def leave(session: AsyncSession, job: BulkJob, now: datetime) -> None:
    """Let go of a job that is not over, so that the next lot may be anybody's, after the other jobs had their turn."""
    await _written(session, update(BulkJob).where(*_this(job), col(BulkJob.state) == JobState.RUNNING).values(locked_until=now))


async def end(session: AsyncSession, job: BulkJob, state: JobState, now: datetime, *, by: str, code: ProblemCode | None = None) -> bool:
    """End a job; False where it was over."""
    values: dict[str, Any] = {"state": state, "finished_at": now, "code": None if code is None else code.value}
    if not await _written(session, update(BulkJob).where(*_this(job), col(BulkJob.state).in_(OPEN)).values(**values)):
        return False
    over = await session.get_one(BulkJob, (job.workspace_id, job.id), populate_existing=True)
    detail = {"state": state.value, "done": over.done, "failed": over.failed}
    tell(session, over, "bulk_ended", now, actor=by, request_id=None, detail=detail)
    return True


async def results_of(reader: Reader, workspace: UUID, job: str) -> tuple[Result, ...]:
    """What came of each object."""
    found = await fetch(reader, _RESULTS, {"workspace": workspace.hex, "key": job})
    return tuple(_read(*row) for row in found)


def _encode(result: Result) -> str:
    warnings = [[caution.code.value, caution.message] for caution in result.warnings]
    message = None if result.problem is None else result.problem.message
    return orjson.dumps({"message": message, "warnings": warnings}).decode()


def _read(subject: object, code: object, result: object, event: object, batch: object) -> Result:
    said: dict[str, Any] = {"message": "", "warnings": []} if result is None else orjson.loads(str(result))
    problem = None if code is None else Problem(ProblemCode[str(code)], said["message"])
    warnings = tuple(Caution(WarningCode[word], message) for word, message in said["warnings"])
    ids = [None if key is None or problem is not None else str(key) for key in (event, batch)]
    return Result(str(subject), problem, warnings, ids[0], ids[1])


def _this(job: BulkJob) -> tuple[Any, Any]:
    return col(BulkJob.workspace_id) == job.workspace_id, col(BulkJob.id) == job.id


async def _written(session: AsyncSession, statement: Any) -> bool:
    changed = await session.exec(statement.execution_options(synchronize_session=False))
    return bool(changed.rowcount == 1)
