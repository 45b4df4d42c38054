"""Preview and act: the one way by which a step is looked at or taken, whoever asks."""

from collections.abc import Awaitable, Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.decide import applicable
from lifecycle.permits import ActorKind
from lifecycle.problems import Caution, Problem, ProblemCode
from lifecycle.schedules import ScheduleCondition
from lifecycle.vocabulary import WarningCode
from resolvers import effects, records
from resolvers.acts.base import Act, Refused
from resolvers.acts.every import WRITERS
from resolvers.acts.waiting import waiting
from resolvers.announce import announce
from resolvers.callers import Caller
from resolvers.cases import Case, open_case
from resolvers.context import Context
from resolvers.desk import Clerk, Desk, clerk_of
from resolvers.effects import Setting
from resolvers.plans import differences, fingerprint_of, use
from resolvers.sources import SOURCES, seen_by
from resolvers.sql import row
from resolvers.steps import Found, Outcome, Preview, Step
from resolvers.waits import write_down
from storage.errors import Conflict

T = TypeVar("T")
TRIES: Final = 4
TOO_MANY: Final = Problem(ProblemCode.TRY_LATER, "Too many are changing this: try again.")
REUSED: Final = Problem(ProblemCode.KEY_REUSED, "This key was used with another request.", ("idempotencyKey",))
_WAITING: Final = (
    "SELECT s.id FROM scheduled_transition s WHERE s.workspace_id = :workspace AND s.subject_id = :subject AND s.transition = :step"
    " AND s.state = 'PENDING' AND s.condition = 'AT_PAID_THROUGH'"
)


def desk_of(context: Context) -> Desk:
    """Desk of one request."""
    return Desk(database=context.database, now=context.now(), request_id=context.request_id, secrets=context.secrets)


async def preview(desk: Desk, caller: Caller, step: Step) -> Preview:
    """What the step would do, judged by the same judge, and the token that binds the step to it."""
    async with desk.database.write() as session:
        clerk = await clerk_of(session, caller, desk.now)
        try:
            case = await open_case(session, desk, clerk, step)
        except Refused as refused:
            return _refused_preview(step, refused.problem)
        decision, facts = case.decision, case.ground.facts
        if decision.problems:
            return replace(_refused_preview(step, *decision.problems), before=facts.state, warnings=decision.warnings)
        found = await case.find(session)
        token, expires_at = None, None
        if step.subject is not None:
            after = None if decision.after is None else str(decision.after)
            token, expires_at = desk.plans.keep(session, case.asked, after, found)
        undoable = step.transition.undoable and not decision.waits
        return Preview(
            subject=step.subject,
            token=token,
            expires_at=expires_at,
            reversible=undoable,
            undo_until=desk.now + timedelta(hours=facts.undo_window_hours) if undoable else None,
            before=facts.state,
            after=facts.state if decision.waits else decision.after,
            options=tuple((name, _default(step, name)) for name in applicable(step.transition, facts)),
            effects=tuple(found),
            blockers=(),
            warnings=decision.warnings,
        )


def _default(step: Step, name: str) -> Any:
    return next(field.default for field in fields(step.transition.input) if field.name == name)


def _refused_preview(step: Step, *problems: Problem) -> Preview:
    return Preview(
        subject=step.subject, token=None, expires_at=None, reversible=step.transition.undoable, undo_until=None, before=None, after=None,
        options=(), effects=(), blockers=problems, warnings=(),
    )  # fmt: skip


class Rollback(Exception):  # noqa: N818 - named for what it asks for
    """Carries an answer out of its transaction, so that nothing of it stays."""

    def __init__(self, answer: Any) -> None:
        super().__init__("refused")
        self.answer = answer


async def perform(desk: Desk, caller: Caller, step: Step) -> Outcome:
    """Take one step in one transaction; a refusal changes nothing."""

    async def take_it(session: AsyncSession) -> Outcome:
        return await take(session, desk, await clerk_of(session, caller, desk.now), step)

    return await attempt(desk, take_it, step.subject)


async def attempt(desk: Desk, act: Callable[[AsyncSession], Awaitable[Outcome]], subject: str | None) -> Outcome:
    """Outcome of an act in a transaction of its own, which a refusal undoes."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            outcome = await act(session)
            if outcome.problems:
                raise Rollback(outcome)
            return outcome

    return await tries(once, Outcome(subject=subject, problems=(TOO_MANY,)))


async def tries(once: Callable[[], Awaitable[T]], late: T) -> T:
    """Answer of one transaction, or of its Rollback. Who lost a race tries again, and is told what stands then: at the end, `late`."""
    for left in reversed(range(TRIES)):
        try:
            return await once()
        except Rollback as refused:
            answer: T = refused.answer
            return answer
        except Conflict as lost:
            if not left and not lost.retry:
                raise
    return late


async def take(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step) -> Outcome:
    """Take one step in the caller's transaction. Where the outcome has problems, the caller must roll it back."""
    key = step.idempotency_key
    if key is None:
        return await _judged(session, desk, clerk, step)
    digest = records.request_hash(step)
    given = await _given_before(session, desk, clerk, key, digest)
    if given is not None:
        return given
    outcome = await _judged(session, desk, clerk, step)
    if outcome.problems:  # perhaps because the same request, sent at the same time, was first in the line
        return await _given_before(session, desk, clerk, key, digest) or outcome
    records.keep_answer(session, clerk.workspace, clerk.actor.name, key, digest=digest, outcome=outcome, now=desk.now)
    return outcome


async def _judged(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step) -> Outcome:
    try:
        return await _act(session, desk, await open_case(session, desk, clerk, step))
    except Refused as refused:
        return Outcome(subject=step.subject, problems=(refused.problem,))


async def _given_before(session: AsyncSession, desk: Desk, clerk: Clerk, key: str, digest: str) -> Outcome | None:
    earlier = await records.earlier_answer(session, clerk.workspace, clerk.actor.name, key, desk.now)
    return None if earlier is None else again(earlier.request_hash == digest, earlier.response)


def again(same: bool, response: str | None) -> Outcome:
    if not same or response is None:
        return Outcome(problems=(REUSED,))
    kept = orjson.loads(response)
    warnings = tuple(Caution(WarningCode[code], message) for code, message in kept.pop("warnings"))
    until = kept.pop("undo_until")
    return Outcome(warnings=warnings, undo_until=datetime.fromisoformat(until) if until else None, **kept)


async def _act(session: AsyncSession, desk: Desk, case: Case) -> Outcome:
    step, decision, facts = case.step, case.decision, case.ground.facts
    if decision.problems:
        return Outcome(subject=step.subject, problems=decision.problems, remedy=await _remedy(session, case))
    if step.expected_version is not None and step.expected_version != facts.version:
        changed = Problem(ProblemCode.CONFLICT, f"The {step.transition.thing} is at version {facts.version}.", ("expectedVersion",))
        return Outcome(subject=step.subject, problems=(changed,))
    found = await case.find(session, counted=step.token is None and step.bound is None)
    stale = await _bound(session, desk, case, found)
    if stale is not None:
        return stale
    clerk = case.clerk
    act = Act(step, facts, decision, clerk.actor, clerk.workspace, desk.now, uuid7())
    act.row = case.row
    act.whom = UUID(case.ground.whom) if case.ground.whom else None
    act.member = UUID(clerk.member) if clerk.member else None
    if decision.waits:
        return await _schedule(session, desk, case, act)
    return await _carry_out(session, desk, case, act, found)


async def _bound(session: AsyncSession, desk: Desk, case: Case, found: list[Found]) -> Outcome | None:
    """Refusal of a step that is not what its preview showed, or that needed one."""
    step, clerk = case.step, case.clerk
    if step.bound is not None:
        same = step.bound == fingerprint_of(None if case.decision.after is None else str(case.decision.after), found)
        words = "What the step would do to this object has changed since the preview."
        return None if same else Outcome(subject=step.subject, problems=(Problem(ProblemCode.PLAN_STALE, words, ("token",)),))
    if step.token is None:
        if step.transition.permanent and clerk.actor.kind not in (ActorKind.CLOCK, ActorKind.LINK):
            words = f"Nobody can undo this step: ask for `{step.transition.name}Preview`, show it, and send its `token`."
            return Outcome(subject=step.subject, problems=(Problem(ProblemCode.CONFIRMATION_REQUIRED, words, ("token",)),))
        return None
    plan = await desk.plans.find(session, case.asked, step.token)
    if plan is None:
        words = "This token is of another step, object, input or caller, was used, or its time is over."
        return Outcome(subject=step.subject, problems=(Problem(ProblemCode.TOKEN_INVALID, words, ("token",)),))
    moved = differences(plan, None if case.decision.after is None else str(case.decision.after), found)
    if moved is not None:
        words = "What the step would touch has changed since the preview."
        return Outcome(subject=step.subject, problems=(Problem(ProblemCode.PLAN_STALE, words, ("token",)),), difference=moved)
    await use(session, plan, desk.now)
    return None


async def _schedule(session: AsyncSession, desk: Desk, case: Case, act: Act) -> Outcome:
    """Write the step down for the end of the paid time, once."""
    known = await row(session, _WAITING, {"workspace": act.workspace, "subject": case.step.subject, "step": case.step.transition.name})
    if known is not None:
        return Outcome(subject=case.step.subject, warnings=case.decision.warnings, scheduled=known[0])
    waits = waiting(
        workspace_id=act.workspace,
        transition=case.step.transition.name,
        subject_id=act.subject,
        input=records.input_json(act.given).decode(),
        client_id=act.whom,
        condition=ScheduleCondition.AT_PAID_THROUGH,
        actor=act.actor.name,
        due_at=act.row.paid_through,
        created_at=desk.now,
    )
    event = await write_down(session, desk, case.clerk, waits, reason=act.reason)
    return Outcome(subject=case.step.subject, warnings=case.decision.warnings, event=event.hex, scheduled=waits.id.hex)


async def _carry_out(session: AsyncSession, desk: Desk, case: Case, act: Act, found: list[Found]) -> Outcome:
    """The object, what it touches, and the records, in this order: the turn of the workspace is taken last."""
    transition = case.step.transition
    written = await WRITERS[transition.name](session, act)
    act.row = written.row
    await effects.apply(session, act.workspace, found, Setting(desk.now, act.batch, case.status_after, act.given))
    await session.flush()
    touched = {f"{one.kind}_{one.action}": one.count for one in found}
    event = await records.audit(session, act, desk.request_id, {**touched, **written.detail})
    until = await records.remember(session, act, written, found) if transition.undoable else None
    await announce(session, act.workspace, [event])
    return Outcome(
        subject=act.subject.hex,
        warnings=case.decision.warnings,
        event=event.id.hex,
        batch=act.batch.hex if until else None,
        undo_until=until,
        secret=written.secret,
        erasure=written.erasure.hex if written.erasure else None,
    )


async def _remedy(session: AsyncSession, case: Case) -> str | None:
    """Client that a refusal speaks of, where the caller may see them."""
    codes = {problem.code for problem in case.decision.problems}
    if codes.isdisjoint({ProblemCode.CLIENT_EXISTS, ProblemCode.CLIENT_EXISTS_INACTIVE}):
        return case.step.subject
    seen = seen_by(SOURCES["Client"], case.clerk.viewer)
    sql = f"SELECT t.id FROM client t WHERE t.workspace_id = :workspace AND t.email = :in_email{seen}"
    found = await row(session, sql, case.parameters)
    return None if found is None else str(found[0])
