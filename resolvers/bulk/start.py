"""Asking for a step with many objects: its preview, its job, and the objects themselves where they are few."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import ErrorPolicy, JobState
from resolvers import records
from resolvers.bulk import plan
from resolvers.bulk.asked import MOST_AT_ONCE, MOST_IDS, MOST_OBJECTS, BulkPreview, BulkStep, Result, Started, Verdict, kept
from resolvers.bulk.record import LEASE, Item, end, results_of, settle_item, write_job
from resolvers.bulk.verdicts import judge, keys_of
from resolvers.bulk.work import do_lot
from resolvers.callers import Caller, fetch
from resolvers.desk import Clerk, Desk, clerk_of, clerk_through
from resolvers.lifecycle import Rollback, take, tries
from resolvers.sql import listed, rows
from resolvers.steps import Outcome, Step
from resolvers.subjects import SUBJECTS
from storage.errors import Conflict
from storage.readers import Reader
from storage.tables.operations import BulkJob

_KEPT: Final = (
    "SELECT x.request_hash, x.response FROM idempotency_record x"
    " WHERE x.workspace_id = :workspace AND x.actor = :actor AND x.key = :request AND x.expires_at > :now"
)
_REUSED: Final = Problem(ProblemCode.KEY_REUSED, "This key was used with another request.", ("idempotencyKey",))
_BATCH: Final = Problem(
    ProblemCode.BATCH_REFUSED, "Nothing was changed, for not all of the objects can take the step: `results` says why not."
)
_LATER: Final = Problem(ProblemCode.TRY_LATER, "Too many are changing these: try again.")


async def preview(desk: Desk, caller: Caller, asked: BulkStep) -> BulkPreview:
    """What the step would do to each of the objects, judged through a reader: nobody who writes waits for it."""
    async with desk.database.read() as reader:
        clerk = await clerk_through(reader, caller, desk.now)
        problem, keys = await _chosen(reader, clerk, asked)
        if problem is not None:
            return BulkPreview(problem=problem)
        return BulkPreview(await judge(reader, asked.transition, clerk, asked.given, keys))


async def keep_plan(desk: Desk, caller: Caller, asked: BulkStep, verdicts: Sequence[Verdict]) -> str:
    """Token that binds the step to these verdicts."""
    async with desk.database.write() as session:
        clerk = await clerk_of(session, caller, desk.now)
        token, _ = desk.plans.write(session, plan.asked_of(asked, clerk, desk.now), plan.encode(verdicts))
        return token


async def start(desk: Desk, caller: Caller, asked: BulkStep) -> Started:
    """Write the job down, and do it at once where the objects are few."""
    later = Started(problem=_LATER)
    try:
        return await tries(lambda: _start(desk, caller, asked), later)
    except Conflict:
        return later


async def _start(desk: Desk, caller: Caller, asked: BulkStep) -> Started:
    whole = asked.policy is ErrorPolicy.ALL_OR_NOTHING
    async with desk.database.read() as reader:
        clerk = await clerk_through(reader, caller, desk.now)
        earlier = await _earlier(reader, clerk, asked)
        if earlier is not None:
            return earlier
        problem, keys = await _chosen(reader, clerk, asked)
        if problem is not None:
            return Started(problem=problem)
        if whole and len(keys) > MOST_AT_ONCE:
            words = f"At most {MOST_AT_ONCE} objects can be done in one transaction; these are {len(keys):,}. Use SKIP_FAILED."
            return Started(problem=Problem(ProblemCode.INVALID_INPUT, words, ("errorPolicy",)))
        judged = whole or asked.token is not None
        verdicts = await judge(reader, asked.transition, clerk, asked.given, keys) if judged else []
    job = await _write(desk, caller, asked, keys, verdicts)
    if len(keys) > MOST_AT_ONCE:
        return Started(job=job.id.hex)
    while not whole and job.state is JobState.RUNNING:
        await do_lot(desk.database, desk.secrets, lambda: desk.now, job, pausing=False)
        async with desk.database.write() as session:
            job = await session.get_one(BulkJob, (job.workspace_id, job.id))
    async with desk.database.read() as reader:
        return Started(job=job.id.hex, results=await results_of(reader, job.workspace_id, job.id.hex))


async def _chosen(reader: Reader, clerk: Clerk, asked: BulkStep) -> tuple[Problem | None, tuple[str, ...]]:
    """Keys of the objects; or why the step cannot be asked."""
    permit = asked.transition.permit
    if clerk.actor.kind is not ActorKind.STAFF or not permit.admits(clerk.actor):
        return Problem(ProblemCode.FORBIDDEN, f"You may not take this step. {permit.sentence()}"), ()
    wrong = asked.given.wrong()
    if wrong is not None:
        return Problem(ProblemCode.INVALID_INPUT, wrong[1], ("input", wrong[0])), ()
    most, place = (MOST_IDS, "ids") if asked.selection.keys is not None else (MOST_OBJECTS, "filter")
    keys = await keys_of(reader, asked.transition.axis, clerk, asked.selection, most)
    if len(keys) > most:
        return Problem(ProblemCode.INVALID_INPUT, f"At most {most:,} objects can be named by `{place}`: do it in parts.", (place,)), ()
    return None, keys


def _hash(asked: BulkStep) -> str:
    """Hash of all that makes two requests the same."""
    step = Step(transition=asked.transition, subject=f"{asked.selection.key} {asked.policy.value}", given=asked.given)
    return records.request_hash(step)


async def _earlier(reader: Reader, clerk: Clerk, asked: BulkStep) -> Started | None:
    """Answer that was given under the key, as far as its job has come."""
    if asked.idempotency_key is None:
        return None
    named = {**clerk.parameters, "actor": clerk.actor.name, "request": asked.idempotency_key}
    found = await fetch(reader, _KEPT, named)
    if not found:
        return None
    digest, response = found[0]
    if digest != _hash(asked):
        return Started(problem=_REUSED)
    job = str(orjson.loads(str(response))["subject"])
    results = await results_of(reader, clerk.workspace, job)
    return Started(job=job, results=results if len(results) <= MOST_AT_ONCE else ())


async def _write(desk: Desk, caller: Caller, asked: BulkStep, keys: Sequence[str], verdicts: Sequence[Verdict]) -> BulkJob:
    """The job in one short transaction; with it the objects themselves where it is all or nothing."""
    whole = asked.policy is ErrorPolicy.ALL_OR_NOTHING
    async with desk.database.write() as session:
        clerk = await clerk_of(session, caller, desk.now)
        if asked.token is not None:
            refused = await plan.redeem(session, desk, plan.asked_of(asked, clerk, desk.now), asked.token, verdicts)
            if refused is not None:
                raise Rollback(Started(problem=refused[0], moved=refused[1]))
        if whole and any(verdict.problem is not None for verdict in verdicts):
            raise Rollback(Started(problem=_BATCH, results=tuple(Result(one.subject, one.problem) for one in verdicts)))
        job = _job(desk, clerk, asked, few=len(keys) <= MOST_AT_ONCE)
        bounds = {one.subject: plan.bound(one) for one in verdicts} if asked.token is not None else {}
        await write_job(session, job, [Item(key, bounds.get(key)) for key in keys], desk.request_id)
        if asked.idempotency_key is not None:
            answer = Outcome(subject=job.id.hex)
            said: dict[str, Any] = {"digest": _hash(asked), "outcome": answer, "now": desk.now}
            records.keep_answer(session, clerk.workspace, clerk.actor.name, asked.idempotency_key, **said)
        if whole:
            await _all(session, desk, clerk, asked, job)
        return job


def _job(desk: Desk, clerk: Clerk, asked: BulkStep, *, few: bool) -> BulkJob:
    """Job that waits; one of few objects is ours from the start."""
    return BulkJob(
        workspace_id=clerk.workspace,
        id=uuid7(),
        transition=asked.transition.name,
        input=kept(asked.given),
        error_policy=asked.policy.value,
        actor=clerk.actor.name,
        member_id=UUID(clerk.member),
        state=JobState.RUNNING if few else JobState.QUEUED,
        locked_until=desk.now + LEASE if few else desk.now,
        created_at=desk.now,
    )


async def _all(session: AsyncSession, desk: Desk, clerk: Clerk, asked: BulkStep, job: BulkJob) -> None:
    """Do all objects in this transaction; the first that refuses undoes the others."""
    found = await rows(
        session,
        "SELECT x.id, x.subject_id, x.bound FROM bulk_job_item x WHERE x.workspace_id = :workspace AND x.job_id = :key ORDER BY x.position",
        {"workspace": job.workspace_id.hex, "key": job.id.hex},
    )
    await _line_up(session, clerk, asked, [subject for _, subject, _ in found])
    for item, subject, bound in found:
        step = Step(transition=asked.transition, subject=subject, given=asked.given, bound=bound)
        outcome = await take(session, desk, clerk, step)
        if outcome.problems:
            raise Rollback(Started(problem=_BATCH, results=(Result(subject, outcome.problems[0]),)))
        await settle_item(session, job, UUID(item), desk.now, Result(subject, None, outcome.warnings, outcome.event, outcome.batch))
        await session.flush()
        session.expunge_all()
    await end(session, job, JobState.COMPLETED, desk.now, by=clerk.actor.name)


async def _line_up(session: AsyncSession, clerk: Clerk, asked: BulkStep, subjects: Sequence[str]) -> None:
    """Lock the clients of all objects in one order, as single steps do with one: two batches then never wait for each other in a ring."""
    subject = SUBJECTS[asked.transition.axis]
    if session.get_bind().dialect.name == "sqlite" or not subjects:
        return
    among, chosen = listed(subjects)
    these = f"t.workspace_id = :workspace AND t.id IN {among}"
    known = {**clerk.parameters, **chosen}
    if subject.whom and subject.whom != "t.id":
        whom = f"SELECT {subject.whom} FROM {subject.name} t WHERE {these}"
        await rows(
            session, f"SELECT c.id FROM client c WHERE c.workspace_id = :workspace AND c.id IN ({whom}) ORDER BY c.id FOR UPDATE", known
        )
    await rows(session, f"SELECT t.id FROM {subject.name} t WHERE {these} ORDER BY t.id FOR UPDATE", known)
