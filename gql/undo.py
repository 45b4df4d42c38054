"""Taking a step back."""

from typing import Annotated, Any

import strawberry

from gql.base import Node, ref
from gql.keys import IDEMPOTENCY_KEY, key_of, request_key
from gql.objects import OBJECTS
from gql.payloads import Problem
from gql.planned import Info, resolved
from gql.transitions import problem_of, touched_id
from lifecycle.problems import ProblemCode
from lifecycle.transition import Axis
from lifecycle.vocabulary import EffectKind
from resolvers.lifecycle import desk_of
from resolvers.steps import Outcome
from resolvers.undo import undo

CODES = (
    ProblemCode.NOT_FOUND,
    ProblemCode.FORBIDDEN,
    ProblemCode.CONTACT_ERASED,
    ProblemCode.SLOT_TAKEN,
    ProblemCode.UNDO_CLOSED,
    ProblemCode.UNDO_SUPERSEDED,
    ProblemCode.KEY_REUSED,
    ProblemCode.TRY_LATER,
)


@strawberry.type(description="Object that a step took and that could not be given back.")
class UndoSkipped:
    kind: EffectKind = strawberry.field(description="Kind of the object.")
    id: strawberry.ID = strawberry.field(description="Global id of the object.")
    because: str = strawberry.field(description="Why it could not: IN_THE_PAST, STARTED, SLOT_TAKEN, or CHANGED by somebody else since.")


def _known(root: Any) -> tuple[str, str | None]:
    """Type and key of the object whose step was taken back."""
    return (OBJECTS[root.axis][0], root.outcome.subject) if root.axis is not None else ("Client", None)


@strawberry.type(description=f"Answer of `transitionUndo`. Codes of its problems: {', '.join(f'`{code.value}`' for code in CODES)}.")
class TransitionUndoPayload:
    outcome: strawberry.Private[Outcome]
    axis: strawberry.Private[Axis | None]
    subject = resolved(Node, _known, "Object of the step, as it is again; null where nothing was undone.")
    event = resolved(
        ref("LifecycleEvent", "transitions"),
        lambda root: ("LifecycleEvent", root.outcome.event),
        "Event that the undo left.",
    )
    restored: int = strawberry.field(description="Number of objects that were given back, beside the object of the step itself.")
    skipped: list[UndoSkipped] = strawberry.field(description="Objects that could not be given back, each with the reason.")
    problems: list[Problem] = strawberry.field(description="Why nothing was changed; empty where the step was undone.")


async def _transition_undo(
    info: Info,
    batch_id: Annotated[strawberry.ID, strawberry.argument(description="Id of the step, from the payload of its mutation or its event.")],
    idempotency_key: Annotated[str | None, strawberry.argument(description=IDEMPOTENCY_KEY[1])] = strawberry.UNSET,
) -> TransitionUndoPayload:
    info.context.signed_in()
    key = request_key(info, None if idempotency_key is strawberry.UNSET else idempotency_key)
    undone = await undo(desk_of(info.context), info.context.caller, key_of(batch_id, "batch"), key)
    return TransitionUndoPayload(
        outcome=undone.outcome,
        axis=undone.axis,
        restored=undone.restored,
        skipped=[UndoSkipped(kind=one.kind, id=touched_id(one.kind, one.key), because=one.because) for one in undone.skipped],
        problems=[problem_of(problem) for problem in undone.outcome.problems],
    )


@strawberry.type
class UndoMutations:
    """Mutation that takes a step back."""

    transition_undo: TransitionUndoPayload = strawberry.field(
        resolver=_transition_undo,
        description="Takes a step back, within the undo window of the workspace: the object is as it was, and what the step removed comes "
        "back where it still can. By whoever took the step, or the OWNER.",
    )
