"""Plans of steps with many objects: what a preview showed for each, bound to one token."""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import EffectAction, EffectKind
from resolvers.bulk.asked import BulkStep, Moved, Verdict
from resolvers.desk import Clerk, Desk
from resolvers.plans import Asked, fingerprint_of, use
from resolvers.steps import Difference, Step

#: What a plan keeps of one object: the state it comes to, why it is refused, and what is touched.
Shown = tuple[str | None, str | None, list[tuple[str, str, list[str]]]]
_SHOWN_IDS = 100

_INVALID = Problem(
    ProblemCode.TOKEN_INVALID,
    "This token is of another step, other objects, another input or caller, was used, or its time is over.",
    ("token",),
)
STALE = Problem(ProblemCode.PLAN_STALE, "The objects, or what the step would do to them, have changed since the preview.", ("token",))


def asked_of(asked: BulkStep, clerk: Clerk, now: datetime) -> Asked:
    """What the plan of many is bound to: the step, the selection, the input, the caller."""
    step = Step(transition=asked.transition, subject=asked.selection.key, given=asked.given)
    return Asked(step, clerk.actor.name, clerk.workspace, now, many=True)


def bound(verdict: Verdict) -> str:
    """Fingerprint to which the step with one object is held; one that was refused may not be done at all."""
    if verdict.problem is not None:
        return f"refused: {verdict.problem.code}"
    return fingerprint_of(verdict.after, verdict.found)


def _shown(verdict: Verdict) -> Shown:
    code = None if verdict.problem is None else verdict.problem.code.value
    return verdict.after, code, sorted((one.kind.value, one.action.value, sorted(one.was)) for one in verdict.found)


def encode(verdicts: Sequence[Verdict]) -> str:
    return orjson.dumps({verdict.subject: _shown(verdict) for verdict in verdicts}, option=orjson.OPT_SORT_KEYS).decode()


async def redeem(
    session: AsyncSession, desk: Desk, asked: Asked, token: str, verdicts: Sequence[Verdict]
) -> tuple[Problem, Moved | None] | None:
    """Use the plan of the token up; or the problem, with what has moved."""
    plan = await desk.plans.find(session, asked, token)
    if plan is None:
        return _INVALID, None
    now = encode(verdicts)
    if now != plan.effects:
        return STALE, _moved(orjson.loads(plan.effects), orjson.loads(now))
    await use(session, plan, desk.now)
    return None


def _moved(then: dict[str, Shown], now: dict[str, Shown]) -> Moved:
    changed = sorted(key for key in then.keys() & now.keys() if then[key] != now[key])
    added, removed = sorted(now.keys() - then.keys()), sorted(then.keys() - now.keys())
    before, present = (_touched(shown[key] for key in (*added, *removed, *changed) if key in shown) for shown in (then, now))
    moved = []
    for kind, action in sorted(before.keys() | present.keys()):
        was, is_ = before.get((kind, action), set()), present.get((kind, action), set())
        if was != is_:
            came, went = (tuple(sorted(keys)[:_SHOWN_IDS]) for keys in (is_ - was, was - is_))
            moved.append(Difference(EffectKind[kind], EffectAction[action], came, went))
    lists = [tuple(keys[:_SHOWN_IDS]) for keys in (added, removed, changed)]
    return Moved(lists[0], lists[1], lists[2], tuple(moved))


def _touched(shown: object) -> dict[tuple[str, str], set[str]]:
    """Keys of what is touched, by kind and action."""
    sums: dict[tuple[str, str], set[str]] = {}
    for _, _, found in shown:  # type: ignore[attr-defined]  # a generator of Shown
        for kind, action, keys in found:
            sums.setdefault((kind, action), set()).update(keys)
    return sums
