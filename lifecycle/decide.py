"""The only judge of a step. Preview and mutation both ask it; it looks at facts and knows no database and no clock."""

from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Any

from lifecycle.erasure import left
from lifecycle.facts import Facts
from lifecycle.inputs import Input
from lifecycle.permits import Actor
from lifecycle.problems import Caution, Problem, ProblemCode
from lifecycle.rules import Rule, effective
from lifecycle.transition import STATES, TERMINAL, Target, Touch, Transition
from lifecycle.vocabulary import GONE, DataState, Effective, WarningCode, Word


@dataclass(frozen=True, slots=True)
class Decision:
    """Verdict on a step: refused where there are problems; otherwise `after` is the state it leads to, `touches` what else it does.

    A step that `waits` changes nothing now: it is written down for its day.
    """

    after: Word | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Caution, ...] = ()
    touches: tuple[Touch, ...] = ()
    waits: bool = False


def decide(transition: Transition, facts: Facts, actor: Actor, given: Input) -> Decision:
    """Verdict on one step of one actor with one object."""
    refused = _refusal(transition, facts, actor)
    if refused is not None:
        return Decision(None, (refused,))
    after = target(transition, facts, given)
    if transition.after is Target.CHOSEN and after == facts.state:
        return Decision(None, (Problem(ProblemCode.ALREADY_IN_STATE, f"The {transition.thing} is {after} already.", ("input", "to")),))
    broken = [rule for rule in transition.rules if rule.broken(facts, given)]
    problems = [Problem(rule.code, rule.words, rule.path) for rule in broken if isinstance(rule.code, ProblemCode)]
    problems = _not_theirs(actor, given) + problems
    wrong = given.wrong()
    if wrong is not None:
        problems.insert(0, Problem(ProblemCode.INVALID_INPUT, wrong[1], ("input", camel(wrong[0]))))
    warnings = [Caution(rule.code, rule.words) for rule in broken if isinstance(rule.code, WarningCode)]
    warnings += _ignored(facts, given)
    waits = transition.name == "enrollmentDeactivate" and effective(facts, given) is Effective.AT_PAID_THROUGH
    touches = () if waits else tuple(touch for touch in transition.touches if touch.when(given, facts, after))
    return Decision(after, tuple(problems[:1]), tuple(warnings), touches, waits)


def obstacle(transition: Transition, facts: Facts, actor: Actor) -> Problem | None:
    """Why the actor could not take the step now, whatever the input; None where some input would do."""
    refused = _refusal(transition, facts, actor)
    if refused is not None:
        return refused
    given = _unsaid(transition)
    return next((Problem(code, rule.words) for code, rule in _whatever_the_input(transition) if rule.broken(facts, given)), None)


def _whatever_the_input(transition: Transition) -> list[tuple[ProblemCode, Rule]]:
    """Rules that refuse the step because of the object alone, with their codes."""
    return [(rule.code, rule) for rule in transition.rules if isinstance(rule.code, ProblemCode) and rule.path == ()]


@cache
def _unsaid(transition: Transition) -> Input:
    """Input in which nothing was said: what must be said is left empty."""
    left_open: dict[str, Any] = {field.name: None for field in fields(transition.input) if field.default is MISSING}
    return transition.input(**left_open)


def target(transition: Transition, facts: Facts, given: Input) -> Word | None:
    """State that the step leads to."""
    match transition.after:
        case Target.SAME:
            return STATES[transition.axis][facts.state] if facts.state is not None else None
        case Target.EARLIER:
            return facts.earlier_status
        case Target.LEFT:
            return None if facts.state is None else left(DataState[facts.state], transition.deletes)
        case Target.CHOSEN:
            chosen: Word = given.to  # type: ignore[attr-defined]  # inputs of such a step have it
            return chosen
        case state:
            return state


def _refusal(transition: Transition, facts: Facts, actor: Actor) -> Problem | None:
    """Why the step is not for this actor, or does not start from this state."""
    if not transition.permit.admits(actor):
        return Problem(ProblemCode.FORBIDDEN, f"You may not take this step. {transition.permit.sentence()}")
    if transition.reaches_client and facts.data_state in GONE:
        return Problem(ProblemCode.CONTACT_ERASED, "The contact of this client is deleted.")
    if transition.makes or facts.state in transition.before:
        return None
    if transition.after is Target.LEFT:
        return Problem(ProblemCode.ALREADY_IN_STATE, "What the step deletes is deleted already.")
    if facts.state == transition.after:
        return Problem(ProblemCode.ALREADY_IN_STATE, f"The {transition.thing} is {facts.state} already.")
    if transition.lifts and facts.state in TERMINAL:
        return Problem(ProblemCode.IRREVERSIBLE, f"A {facts.state} {transition.thing} is gone for good: nobody can undo it.")
    return Problem(ProblemCode.INVALID_TRANSITION, f"The step does not start from {facts.state}.")


def _not_theirs(actor: Actor, given: Input) -> list[Problem]:
    """Problems with what this actor may not say."""
    return [
        Problem(ProblemCode.FORBIDDEN, f"`{camel(field.name)}` is not yours to say.", ("input", camel(field.name)))
        for field in fields(given)
        if field.name in given.said
        and field.metadata.get("resource")
        and (field.default is None or getattr(given, field.name) != field.default)
        if not actor.writes(field.metadata["resource"])
    ]


def _ignored(facts: Facts, given: Input) -> list[Caution]:
    """Warnings for options that the caller named and that have nothing to apply to."""
    return [
        Caution(WarningCode.OPTION_IGNORED, f"`{camel(field.name)}` was given, and there is nothing that it applies to.")
        for field in fields(given)
        if field.name in given.said and field.metadata.get("applies") and not getattr(facts, field.metadata["applies"])
    ]


def camel(name: str) -> str:
    """Name as the API writes it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def applicable(transition: Transition, facts: Facts) -> list[str]:
    """Options of the input that have something to apply to."""
    return [f.name for f in fields(transition.input) if f.metadata.get("applies") and getattr(facts, f.metadata["applies"])]


def obstructive(transition: Transition) -> frozenset[str]:
    """Facts that `obstacle` looks at."""
    return frozenset({name for _, rule in _whatever_the_input(transition) for name in rule.needs} | _of_target(transition))


def _of_target(transition: Transition) -> set[str]:
    """Facts that say where the step leads."""
    return {"earlier_status"} if transition.after is Target.EARLIER else set()


def needed(transition: Transition) -> frozenset[str]:
    """Facts that a decision on the step looks at."""
    rules = {name for rule in transition.rules for name in rule.needs}
    options = {f.metadata["applies"] for f in fields(transition.input) if f.metadata.get("applies")}
    return frozenset(rules | options | _of_target(transition))


def problem_codes(transition: Transition) -> tuple[ProblemCode, ...]:
    """Every code with which the step can be refused, in the order of the list of codes."""
    codes = {ProblemCode.INVALID_INPUT, ProblemCode.FORBIDDEN, ProblemCode.KEY_REUSED, ProblemCode.NOT_FOUND, ProblemCode.TRY_LATER}
    codes |= {rule.code for rule in transition.rules if isinstance(rule.code, ProblemCode)}
    if transition.reaches_client:
        codes.add(ProblemCode.CONTACT_ERASED)
    if not transition.makes:
        codes |= {ProblemCode.ALREADY_IN_STATE, ProblemCode.INVALID_TRANSITION, ProblemCode.CONFLICT}
        codes |= {ProblemCode.TOKEN_INVALID, ProblemCode.PLAN_STALE}
    if transition.permanent:
        codes.add(ProblemCode.CONFIRMATION_REQUIRED)
    if transition.lifts:
        codes.add(ProblemCode.IRREVERSIBLE)
    return tuple(code for code in ProblemCode if code in codes)
