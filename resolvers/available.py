"""`availableTransitions`: every step of an axis, open or with the reason why not, judged for the viewer from the row alone."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lifecycle.decide import needed, obstacle
from lifecycle.facts import Facts
from lifecycle.permits import Actor, ActorKind
from lifecycle.transition import Axis, Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import Grant, Role
from planner.source import FLAG, INT, PLAIN, Expr, Kind, Listing
from resolvers.facts import FACTS, FLAGS, WORDS, value_of

#: SQL of the state of each axis, and of the key of the client, where it has one.
STATES: Final[dict[Axis, tuple[str, str]]] = {
    Axis.CLIENT: ("{t}.status", "{t}.id"),
    Axis.ENROLLMENT: ("{t}.state", "{t}.client_id"),
    Axis.APPOINTMENT: ("{t}.state", "{t}.client_id"),
    Axis.CONVERSATION: ("{t}.state", ""),
    Axis.PACKAGE: ("CASE WHEN {t}.archived_at IS NULL THEN 'OFFERED' ELSE 'ARCHIVED' END", ""),
    Axis.MODULE: (
        "CASE WHEN {t}.withdrawn_at IS NOT NULL THEN 'WITHDRAWN' WHEN {t}.archived_at IS NOT NULL THEN 'ARCHIVED' ELSE 'PRESENT' END",
        "",
    ),
    Axis.MODULE_VERSION: ("CASE WHEN {t}.published_at IS NULL THEN 'DRAFT' ELSE 'PUBLISHED' END", ""),
    Axis.DOCUMENT: ("CASE WHEN {t}.withdrawn_at IS NULL THEN 'PRESENT' ELSE 'WITHDRAWN' END", ""),
    Axis.INVOICE: ("{t}.state", "{t}.client_id"),
    Axis.PAGE: ("CASE WHEN {t}.withdrawn_at IS NULL THEN 'PRESENT' ELSE 'WITHDRAWN' END", ""),
    Axis.FORM: ("CASE WHEN {t}.withdrawn_at IS NULL THEN 'PRESENT' ELSE 'WITHDRAWN' END", ""),
    Axis.SCHEDULE: ("{t}.state", ""),
    Axis.SUGGESTION: ("CASE WHEN {t}.dismissed_at IS NULL THEN 'OPEN' ELSE 'DISMISSED' END", ""),
    Axis.SERVICE_TEMPLATE: ("CASE WHEN {t}.removed_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END", "{t}.client_id"),
}
_GRANTED: Final = (
    "EXISTS (SELECT 1 FROM member_grant g WHERE g.workspace_id = :workspace AND g.member_id = :member AND g.grant_name = '{grant}')"
)


def _inline(sql: str, whom: str) -> str:
    """SQL of a fact, over the row of the planner's statement."""
    text = sql.replace("w.default_access_mode", "(SELECT w.default_access_mode FROM workspace w WHERE w.id = :workspace)")
    text = re.sub(r"\bt\.(?=\w)", "{t}.", text)
    return text.replace("c.workspace_id", ":workspace").replace("c.id", whom)


def _of_client(column: str, whom: str) -> str:
    return f"(SELECT c.{column} FROM client c WHERE c.workspace_id = :workspace AND c.id = {whom})"


def listing(axis: Axis) -> Listing:
    """Source of `availableTransitions` on the objects of an axis."""
    steps = [transition for transition in TRANSITIONS if transition.axis is axis and not transition.makes and not transition.door]
    state, whom = STATES[axis]
    names = sorted({name for step in steps for name in needed(step) if _about_row(name)})
    client = ["status", "data_state", "access_mode"] if whom else []
    sqls = [_text(axis, name) for name in names]
    columns = [Expr(_of_client(name, whom)) for name in client]
    columns += [Expr(_inline(sql, whom), _kind(name)) for name, sql in zip(names, sqls, strict=True)]
    needs = [Expr("CAST(:role AS text)"), *(Expr(_GRANTED.format(grant=grant.value), FLAG) for grant in Grant), Expr(state)]
    return Listing(_lister(steps, (*client, *names)), (*needs, *columns))


def _text(axis: Axis, name: str) -> str:
    text = FACTS[name]
    return text if isinstance(text, str) else text[axis]


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
        return [_told(step, Facts(state=state, **known), actor) for step in steps]

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
