"""What a step with many objects answers: its preview, what came of each object, and the job."""

from collections.abc import Sequence
from typing import Any

import strawberry

from gql.base import Node, ref
from gql.jobs import JOB
from gql.objects import OBJECTS
from gql.payloads import Problem
from gql.planned import Info, resolved
from gql.transitions import (
    After,
    EffectResources,
    First,
    PlanDifference,
    TransitionEffect,
    TransitionWarning,
    difference_of,
    page_of_keys,
    problem_of,
    warnings_of,
)
from lifecycle.problems import ProblemCode
from lifecycle.transition import Axis
from lifecycle.vocabulary import WarningCode
from planner.ids import global_id
from resolvers.bulk.asked import MOST_AT_ONCE, BulkPreview, BulkStep, Result, Started
from resolvers.bulk.start import keep_plan
from resolvers.lifecycle import desk_of

_OF_BULK = (ProblemCode.INVALID_INPUT, ProblemCode.FORBIDDEN, ProblemCode.KEY_REUSED, ProblemCode.TOKEN_INVALID, ProblemCode.PLAN_STALE)


# -- what a preview shows ------------------------------------------------------------------------------------------------


class _Group:
    """Objects that have something in common."""

    keys: Sequence[str]
    axis: Axis


def _objects(root: _Group, first: First = 25, after: After = None) -> EffectResources:
    type_name, _, tag = OBJECTS[root.axis]
    return page_of_keys(root.keys, type_name, tag, first, after)


@strawberry.type(description="Objects that would refuse a step, for one reason.")
class BulkRefusal:
    keys: strawberry.Private[Sequence[str]]
    axis: strawberry.Private[Axis]
    code: ProblemCode = strawberry.field(description="Code of the problem.")
    message: str = strawberry.field(description="Sentence of the problem of the first of them, for people.")
    count: int = strawberry.field(description="Number of the objects.")
    objects: EffectResources = strawberry.field(resolver=_objects, description="The very objects, in pages.")


@strawberry.type(description="Objects of whose step something should be known.")
class BulkWarning:
    keys: strawberry.Private[Sequence[str]]
    axis: strawberry.Private[Axis]
    code: WarningCode = strawberry.field(description="Code of the warning.")
    message: str = strawberry.field(description="Sentence of the warning of the first of them, for people.")
    count: int = strawberry.field(description="Number of the objects.")
    objects: EffectResources = strawberry.field(resolver=_objects, description="The very objects, in pages.")


async def _token(root: "BulkTransitionPreview", info: Info) -> str | None:
    if not root.keys:
        return None
    return await keep_plan(desk_of(info.context), info.context.caller, root.asked, root.made.verdicts)


@strawberry.type(description="What a step with many objects would do if it were taken now, by the judge that decides when it is.")
class BulkTransitionPreview:
    asked: strawberry.Private[BulkStep]
    made: strawberry.Private[BulkPreview]
    keys: strawberry.Private[Sequence[str]]
    axis: strawberry.Private[Axis]
    token: str | None = strawberry.field(
        resolver=_token,
        description="Token that binds the mutation to this preview, for 15 minutes: it does this, or answers PLAN_STALE. "
        "Null where no object would take the step.",
    )
    total: int = strawberry.field(description="Number of the objects that are selected.")
    allowed: int = strawberry.field(description="Number of the objects that would take the step.")
    objects: EffectResources = strawberry.field(resolver=_objects, description="The very objects that would take the step, in pages.")
    refused: int = strawberry.field(description="Number of the objects that would refuse the step.")
    refusals: list[BulkRefusal] = strawberry.field(description="Objects that would refuse the step, by the reason.")
    effects: list[TransitionEffect] = strawberry.field(description="What the step touches beside the objects, by kind and action.")
    warnings: list[BulkWarning] = strawberry.field(description="What to consider before the step is taken.")
    reversible: bool = strawberry.field(description="Can the step be undone, with each object or with all of them by `bulkJobUndo`?")
    at_once: bool = strawberry.field(description="Would the mutation do the step itself? Otherwise it starts a job.")
    problems: list[Problem] = strawberry.field(description="Why the step cannot be asked at all; empty where it can.")


def _grouped(pairs: Sequence[tuple[Any, str]]) -> list[tuple[Any, list[str]]]:
    """First of the problems or warnings of each code, with the keys of all objects that have it."""
    groups: dict[Any, tuple[Any, list[str]]] = {}
    for one, key in pairs:
        groups.setdefault(one.code, (one, []))[1].append(key)
    return [groups[code] for code in sorted(groups)]


def shown(asked: BulkStep, made: BulkPreview) -> BulkTransitionPreview:
    axis, verdicts = asked.transition.axis, made.verdicts
    allowed = [verdict.subject for verdict in verdicts if verdict.problem is None]
    refusals = _grouped([(verdict.problem, verdict.subject) for verdict in verdicts if verdict.problem is not None])
    warned = _grouped([(caution, one.subject) for one in verdicts if one.problem is None for caution in one.warnings])
    return BulkTransitionPreview(
        asked=asked,
        made=made,
        keys=allowed,
        axis=axis,
        total=len(verdicts),
        allowed=len(allowed),
        refused=len(verdicts) - len(allowed),
        refusals=[BulkRefusal(keys=k, axis=axis, code=one.code, message=one.message, count=len(k)) for one, k in refusals],
        effects=[
            TransitionEffect(found=one, kind=one.kind, action=one.action, count=one.count, session_minutes=one.minutes)
            for one in made.effects
        ],
        warnings=[BulkWarning(keys=k, axis=axis, code=one.code, message=one.message, count=len(k)) for one, k in warned],
        reversible=asked.transition.undoable,
        at_once=len(verdicts) <= MOST_AT_ONCE,
        problems=[] if made.problem is None else [problem_of(made.problem)],
    )


# -- what a mutation answers ---------------------------------------------------------------------------------------------


@strawberry.type(description="Refusal because the objects, or what the step would do to them, have moved since the preview.")
class BulkStaleProblem(Problem):
    added: list[strawberry.ID] = strawberry.field(description="Global ids of objects that are selected now and were not, at most 100.")
    removed: list[strawberry.ID] = strawberry.field(description="Global ids of objects that were selected and are no more, at most 100.")
    changed: list[strawberry.ID] = strawberry.field(
        description="Global ids of objects with which the step would do something else, at most 100."
    )
    difference: list[PlanDifference] = strawberry.field(description="What of it has moved, at most 100 ids in each list.")


@strawberry.type(description="What came of one object.")
class BulkResult:
    result: strawberry.Private[Result]
    axis: strawberry.Private[Axis]
    id: strawberry.ID = strawberry.field(description="Global id of the object.")
    subject = resolved(
        Node, lambda root: (OBJECTS[root.axis][0], root.result.subject), "Object after the step; where it was refused, as it stands."
    )
    event = resolved(
        ref("LifecycleEvent", "transitions"),
        lambda root: ("LifecycleEvent", root.result.event),
        "Event that the step left; null if refused.",
    )
    batch_id: strawberry.ID | None = strawberry.field(description="Id by which the step with this object can be undone.")
    warnings: list[TransitionWarning] = strawberry.field(description="What to know about the step that was taken.")
    problems: list[Problem] = strawberry.field(description="Why this object was left as it is; empty where the step was taken.")


@strawberry.type(description="Answer of a step with many objects. " + "Each result has the problems of the step with one object.")
class BulkPayload:
    started: strawberry.Private[Started]
    job = resolved(JOB, lambda root: ("BulkJob", root.started.job), "Job with all of the objects; null where none was started.")
    results: list[BulkResult] = strawberry.field(
        description=f"What came of each object, in their order, of at most {MOST_AT_ONCE}; of more the items of the job tell."
    )
    problems: list[Problem] = strawberry.field(
        description="Why nothing was done: "
        + ", ".join(f"`{code.value}`" for code in (*_OF_BULK, ProblemCode.BATCH_REFUSED, ProblemCode.TRY_LATER))
        + "; empty where the job was started."
    )


def _result(axis: Axis, result: Result) -> BulkResult:
    return BulkResult(
        result=result,
        axis=axis,
        id=strawberry.ID(global_id(OBJECTS[axis][2], result.subject)),
        batch_id=None if result.batch is None else strawberry.ID(global_id("batch", result.batch)),
        warnings=warnings_of(result.warnings),
        problems=[] if result.problem is None else [problem_of(result.problem)],
    )


def _problem(axis: Axis, started: Started) -> list[Problem]:
    refusal, moved = started.problem, started.moved
    if refusal is None:
        return []
    if moved is None:
        return [problem_of(refusal)]
    lists = [[strawberry.ID(global_id(OBJECTS[axis][2], key)) for key in keys] for keys in (moved.added, moved.removed, moved.changed)]
    difference = [difference_of(one) for one in moved.difference]
    said: dict[str, Any] = {"code": refusal.code, "message": refusal.message, "path": list(refusal.path), "difference": difference}
    return [BulkStaleProblem(**said, added=lists[0], removed=lists[1], changed=lists[2])]


def payload(axis: Axis, started: Started) -> BulkPayload:
    return BulkPayload(started=started, results=[_result(axis, one) for one in started.results], problems=_problem(axis, started))
