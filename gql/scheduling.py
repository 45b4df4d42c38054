"""Writing a transition down for its day: any that may be taken for many, with its own input."""

from dataclasses import MISSING, fields
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.utils.str_converters import to_snake_case

from gql.base import ref
from gql.keys import IDEMPOTENCY_KEY, key_of, request_key
from gql.objects import OBJECTS
from gql.operations import input_type, pascal, read_input
from gql.payloads import Problem
from gql.planned import Info, resolved
from gql.transitions import TransitionWarning, problem_of, warnings_of
from lifecycle.problems import ProblemCode
from lifecycle.schedules import ScheduleCondition
from lifecycle.transition import Transition
from lifecycle.transitions import TRANSITIONS
from planner.errors import RequestError
from resolvers.lifecycle import desk_of
from resolvers.scheduling import schedule
from resolvers.steps import Outcome, Step, When

#: Transitions that may wait for their day. What nobody can undo is never among them.
SCHEDULABLE: tuple[Transition, ...] = tuple(step for step in TRANSITIONS if step.bulk and not step.permanent)

CODES = (
    *(ProblemCode.NOT_FOUND, ProblemCode.FORBIDDEN, ProblemCode.INVALID_INPUT, ProblemCode.INVALID_TRANSITION),
    *(ProblemCode.ALREADY_IN_STATE, ProblemCode.IRREVERSIBLE, ProblemCode.CLIENT_INACTIVE, ProblemCode.NOT_IN_THE_FUTURE),
    *(ProblemCode.CONTACT_ERASED, ProblemCode.KEY_REUSED, ProblemCode.TRY_LATER),
)


def _step_type(step: Transition) -> Any:
    """Object and input of one transition."""
    given = input_type(step)
    needed = any(field.default is MISSING for field in fields(step.input))
    body = {
        "__annotations__": {"id": strawberry.ID, "input": given if needed else given | None},
        "id": strawberry.field(description=f"Id of the {step.axis}."),
        "input": strawberry.field(description=f"Input of `{step.name}`.", **({} if needed else {"default": strawberry.UNSET})),
    }
    return strawberry.input(type(f"Scheduled{pascal(step.name)}Input", (), body), description=f"`{step.name}`, to be taken later.")


def _steps_type() -> Any:
    body: dict[str, Any] = {"__annotations__": {}}
    for step in SCHEDULABLE:
        name = to_snake_case(step.name)
        body["__annotations__"][name] = _step_type(step) | None
        body[name] = strawberry.field(default=strawberry.UNSET, description=step.summary)
    return strawberry.input(type("ScheduledStepInput", (), body), one_of=True, description="Transition to be taken later: exactly one.")


ScheduledStepInput: Any = _steps_type()


@strawberry.input(one_of=True, description="What a transition waits for: exactly one.")
class ScheduledTimeInput:
    at: datetime | None = strawberry.field(default=strawberry.UNSET, description="This instant, which lies ahead.")
    at_expiry: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Does it wait for the end of the enrollment? Only `true` can be said."
    )
    at_paid_through: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Does it wait for the end of the time that is paid? Only `true` can be said."
    )
    days_without_session: int | None = strawberry.field(
        default=strawberry.UNSET, description="So many days without a session that was held, 1 to 3,650; starts anew with each session."
    )


def _when(given: ScheduledTimeInput) -> When:
    for name, condition in (("at_expiry", ScheduleCondition.AT_EXPIRY), ("at_paid_through", ScheduleCondition.AT_PAID_THROUGH)):
        said = getattr(given, name)
        if said is False:
            raise RequestError("BAD_USER_INPUT", f"`{name}` is `true` or left out.")
        if said:
            return When(condition)
    if isinstance(given.days_without_session, int):
        return When(ScheduleCondition.WITHOUT_SESSION, days=given.days_without_session)
    return When(ScheduleCondition.AT_DATE, at=given.at or None)


@strawberry.type(description=f"Answer of `transitionSchedule`. Codes of its problems: {', '.join(f'`{code.value}`' for code in CODES)}.")
class TransitionSchedulePayload:
    outcome: strawberry.Private[Outcome]
    scheduled_transition = resolved(
        ref("ScheduledTransition", "schedules"),
        lambda root: ("ScheduledTransition", root.outcome.scheduled),
        "Transition as it waits; null where it was refused.",
    )
    event = resolved(
        ref("LifecycleEvent", "transitions"),
        lambda root: ("LifecycleEvent", root.outcome.event),
        "Event of its being written down.",
    )
    warnings: list[TransitionWarning] = strawberry.field(description="What to know about the transition, as things stand now.")
    problems: list[Problem] = strawberry.field(description="Why nothing was changed; empty where the transition waits.")


async def _schedule(
    info: Info,
    step: Annotated[ScheduledStepInput, strawberry.argument(description="Transition to be taken, of one object.")],
    when: Annotated[ScheduledTimeInput, strawberry.argument(description="What it waits for.")],
    idempotency_key: Annotated[str | None, strawberry.argument(description=IDEMPOTENCY_KEY[1])] = strawberry.UNSET,
) -> TransitionSchedulePayload:
    info.context.signed_in()
    transition = next(one for one in SCHEDULABLE if getattr(step, to_snake_case(one.name)) is not strawberry.UNSET)
    asked = getattr(step, to_snake_case(transition.name))
    given = asked.input if asked.input else input_type(transition)()
    wanted = Step(
        transition=transition,
        subject=key_of(asked.id, OBJECTS[transition.axis][2]),
        given=read_input(transition, given, frozenset()),
        idempotency_key=request_key(info, None if idempotency_key is strawberry.UNSET else idempotency_key),
    )
    outcome = await schedule(desk_of(info.context), info.context.caller, wanted, _when(when))
    problems = [problem_of(problem, outcome) for problem in outcome.problems]
    return TransitionSchedulePayload(outcome=outcome, warnings=warnings_of(outcome.warnings), problems=problems)


@strawberry.type
class SchedulingMutations:
    """Mutation that writes a transition down for its day."""

    transition_schedule: TransitionSchedulePayload = strawberry.field(
        resolver=_schedule,
        description="Writes a transition down for its day; the clock of the gateway takes it then, judged as things stand on that day. A "
        "change of the object cancels what no longer applies. By whoever may take the transition itself; what nobody can undo cannot wait.",
    )
