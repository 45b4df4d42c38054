"""Ground of a decision: one statement for all the facts that a transition needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.decide import needed
from lifecycle.facts import Facts
from lifecycle.transition import Transition
from resolvers.facts import ALWAYS, ELSEWHERE, FACTS, value_of
from resolvers.sources import SOURCES, seen_by
from resolvers.sql import row
from resolvers.subjects import SUBJECTS
from resolvers.viewers import ViewerKey


@dataclass(frozen=True, slots=True)
class Ground:
    """Facts, and the client they are about: key, and coach."""

    facts: Facts
    whom: str | None
    coach: str | None


@cache
def statement(transition: Transition, viewer: ViewerKey | None, client: bool, one: str = "t.id = :subject") -> tuple[str, tuple[str, ...]]:
    """SQL, and the names of the facts after those that every decision has. Nobody's step, the clock's, sees every row.

    `one` is the condition on the object, or on many; the last column is the key of each.
    """
    subject = SUBJECTS[transition.axis]
    names = tuple(sorted(needed(transition) - ELSEWHERE))
    texts = [FACTS[name] for name in names]
    extra = [text if isinstance(text, str) else text[transition.axis] for text in texts]
    if not transition.makes:
        state, version = subject.state, "t.version" if subject.versioned else "0"
        join = f"LEFT JOIN client c ON c.workspace_id = w.id AND c.id = {subject.whom or 'NULL'}"
        source, alias = f"{subject.name} t JOIN workspace w ON w.id = t.{subject.owner} {join}", "t"
        seen, key = SOURCES[subject.type_name], one
    else:
        state, version, alias = "NULL", "0", "c"
        tie = "c.id = :whom" if client else "1 = 0"
        source = f"workspace w LEFT JOIN client c ON c.workspace_id = w.id AND {tie}"
        seen, key = SOURCES["Client"], "c.id = :whom" if client else "1 = 1"
    visible = seen_by(seen, viewer, alias) if client or not transition.makes else ""
    where = f"w.id = :workspace AND {key}{visible}"
    listed = ", ".join([state, version, "c.id", "c.coach_id", *ALWAYS, *extra, f"{alias}.id"])
    return f"SELECT {listed} FROM {source} WHERE {where}", names


async def ground_of(
    session: AsyncSession,
    transition: Transition,
    viewer: ViewerKey | None,
    parameters: Mapping[str, object],
    *,
    elsewhere: Mapping[str, Any],
) -> Ground | None:
    """Facts for one step; None where its object, or the client it is for, is not there for the viewer."""
    sql, names = statement(transition, viewer, parameters.get("whom") is not None)
    found = await row(session, sql, parameters)
    return None if found is None else read(found, names, elsewhere=elsewhere)


def read(found: Sequence[Any], names: Sequence[str], *, elsewhere: Mapping[str, Any]) -> Ground:
    """Ground out of a row of `statement`, and of facts that were looked up elsewhere."""
    state, version, whom, coach, status, data_state, mode, login, window, *rest, _ = found
    values: dict[str, Any] = {"state": state, "version": version, "status": status, "data_state": data_state, "access_mode": mode}
    values |= {"has_login": login, "undo_window_hours": window, **elsewhere, **dict(zip(names, rest, strict=True))}
    return Ground(
        Facts(**{name: value_of(name, value) for name, value in values.items() if value is not None or name == "state"}), whom, coach
    )
