"""`availableTransitions`: every step of an axis, open or with the reason why not, judged for the viewer from the row alone."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lifecycle.decide import obstacle, obstructive
from lifecycle.facts import Facts
from lifecycle.permits import Actor, ActorKind
from lifecycle.transition import Axis, Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import Grant, Role
from planner.source import FLAG, INT, PLAIN, Expr, Kind, Listing
from resolvers.facts import FACTS, FLAGS, WORDS, value_of
from resolvers.subjects import SUBJECTS

_GRANTED: Final = (
    "EXISTS (SELECT 1 FROM member_grant g WHERE g.workspace_id = :workspace AND g.member_id = :member AND g.grant_name = '{grant}')"
)


def _inline(sql: str, whom: str) -> str:
    """SQL of a fact, over the row of the planner's statement."""
    text = re.sub(r"\bw\.(\w+)", r"(SELECT w.\1 FROM workspace w WHERE w.id = :workspace)", sql)
    text = re.sub(r"\bt\.(?=\w)", "{t}.", text)
    return text.replace("c.workspace_id", ":workspace").replace("c.id", whom)


def _of_client(column: str, whom: str) -> str:
    return f"(SELECT c.{column} FROM client c WHERE c.workspace_id = :workspace AND c.id = {whom})"


def listing(axis: Axis) -> Listing:
    """Source of `availableTransitions` on the objects of an axis."""
    steps = [transition for transition in TRANSITIONS if transition.thing is axis and not transition.makes and not transition.door]
    state, whom = (sql.replace("t.", "{t}.") for sql in (SUBJECTS[axis].state, SUBJECTS[axis].whom))
    names = sorted({name for step in steps for name in obstructive(step) if _about_row(name)})
    client = ["status", "data_state", "access_mode"] if whom and any(step.reaches_client or step.rules for step in steps) else []
    sqls = [_text(axis, name) for name in names]
    columns = [Expr(_of_client(name, whom)) for name in client]
    columns += [Expr(_inline(sql, whom), _kind(name)) for name, sql in zip(names, sqls, strict=True)]
    needs = [Expr("CAST(:role AS text)"), *(Expr(_GRANTED.format(grant=grant.value), FLAG) for grant in Grant), Expr(state)]
    return Listing(_lister(steps, (*client, *names)), (*needs, *columns))


def _text(axis: Axis, name: str) -> str:
    text = FACTS[name]
    return text if isinstance(text, str) else text[axis if axis in text else Axis.DATA]


def _kind(name: str) -> Kind:
    if name in WORDS:
        return PLAIN
    return FLAG if name in FLAGS else INT


def _about_row(name: str) -> bool:
    """Whether the fact is known without the input."""
    return name in FACTS and ":in_" not in str(FACTS[name]) and ":key_" not in str(FACTS[name])


def _lister(steps: list[Transition], names: tuple[str, ...]) -> Callable[..., list[dict[str, object]]]:
    @lru_cache(maxsize=4096)
    def listed(role: str, *cells: Any) -> list[dict[str, object]]:
        grants = frozenset(grant for grant, held in zip(Grant, cells, strict=False) if held)
        state, *rest = cells[len(Grant) :]
        known = {name: value_of(name, value) for name, value in zip(names, rest, strict=True) if value is not None}
        actor = Actor(ActorKind.STAFF, "", role=Role[role], grants=grants)
        return [_told(step, Facts(state=known["data_state"] if step.axis is Axis.DATA else state, **known), actor) for step in steps]

    return listed


def _told(step: Transition, facts: Facts, actor: Actor) -> dict[str, object]:
    problem = obstacle(step, facts, actor)
    return {
        "name": step.name,
        "allowed": problem is None,
        "code": None if problem is None else problem.code.value,
        "because": None if problem is None else problem.message,
        "permanent": step.permanent,
        "undoable": step.undoable,
    }
