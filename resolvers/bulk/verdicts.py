"""Judging many objects at once, through a reader: a few statements for each few hundred of them, and no write anywhere."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, Final

from lifecycle.decide import decide
from lifecycle.inputs import Input
from lifecycle.problems import Problem, ProblemCode
from lifecycle.transition import Axis, Touch, Transition
from planner.dialect import DIALECTS, both, place
from planner.ids import Cursors
from planner.paging import page_of
from planner.source import Many
from resolvers.bulk.asked import Selection, Verdict
from resolvers.callers import fetch
from resolvers.desk import Clerk
from resolvers.effects import EFFECTS
from resolvers.ground import read, statement
from resolvers.sources import SOURCES
from resolvers.steps import Found
from resolvers.subjects import SUBJECTS
from storage.readers import Reader

#: Objects that are judged together; between two such lots others have their turn.
LOT: Final = 250
_NOT_FOUND: Final = Problem(ProblemCode.NOT_FOUND, "There is no such object, or it is not open to you.", ("ids",))
_CASES: Final = {
    "sqlite": (
        "(SELECT key AS n, json_extract(value, '$[0]') AS subject, json_extract(value, '$[1]') AS whom,"
        " json_extract(value, '$[2]') AS status FROM json_each(:cases)) AS k"
    ),
    "postgresql": (
        "(SELECT u.place - 1 AS n, CAST(u.one ->> 0 AS uuid) AS subject, CAST(u.one ->> 1 AS uuid) AS whom, u.one ->> 2 AS status"
        " FROM json_array_elements(CAST(CAST(:cases AS text) AS json)) WITH ORDINALITY AS u(one, place)) AS k"
    ),
}


# -- which objects -------------------------------------------------------------------------------------------------------


async def keys_of(reader: Reader, axis: Axis, clerk: Clerk, selection: Selection, most: int) -> tuple[str, ...]:
    """Keys of the objects that are selected, as the caller may see and filter them; one more than `most` where there are more."""
    if selection.keys is not None:
        return selection.keys
    source = SOURCES[SUBJECTS[axis].type_name]
    dialect = DIALECTS[reader.dialect]
    listed = SOURCES["Query"].fields.get(f"{axis}s")
    on = listed.on if isinstance(listed, Many) else ""
    page = page_of(
        source,
        {"filter": selection.filter},
        default=(next(iter(source.orders)), False),
        guard=source.guard(clerk.viewer),
        dialect=dialect,
        cursors=Cursors(b""),
    )
    where = place(both(source.scope, on, source.visible(clerk.viewer), *page.conditions), "t")
    sql = f"SELECT t.id FROM {source.table} t WHERE {where} ORDER BY t.id LIMIT {most + 1}"
    return tuple(str(key) for (key,) in await fetch(reader, sql, {**clerk.parameters, **page.parameters}))


# -- what the step would do to each --------------------------------------------------------------------------------------


async def judge(reader: Reader, transition: Transition, clerk: Clerk, given: Input, keys: Sequence[str]) -> list[Verdict]:
    """Verdict on each of the objects, as of one instant."""
    said = {f"in_{field.name}": getattr(given, field.name) for field in fields(given)}
    parameters = {**clerk.parameters, **said}
    verdicts: list[Verdict] = []
    async with reader.snapshot():
        for start in range(0, len(keys), LOT):
            verdicts += await _lot(reader, transition, clerk, given, (keys[start : start + LOT], parameters))
    return verdicts


async def _lot(
    reader: Reader, transition: Transition, clerk: Clerk, given: Input, lot: tuple[Sequence[str], Mapping[str, object]]
) -> list[Verdict]:
    keys, parameters = lot
    dialect = DIALECTS[reader.dialect]
    sql, names = statement(transition, clerk.viewer, client=False, one=dialect.in_keys("t.id"))
    rows = await fetch(reader, sql, {**parameters, "keys": dialect.keys_value(list(keys))})
    grounds = {str(row[-1]): read(row, names, elsewhere={"by_staff": True}) for row in rows}
    decisions = {key: decide(transition, ground.facts, clerk.actor, given) for key, ground in grounds.items()}
    allowed = [key for key, decision in decisions.items() if not decision.problems]
    cases = [[key, grounds[key].whom, decisions[key].after if transition.axis is Axis.CLIENT else None] for key in allowed]
    found: dict[str, list[Found]] = {key: [] for key in allowed}
    for touch in transition.touches:
        mine = [case for case in cases if touch in decisions[str(case[0])].touches]
        for key, one in await _touched(reader, touch, mine, parameters):
            found[key].append(one)
    verdicts = []
    for key in keys:
        decision = decisions.get(key)
        if decision is None:
            verdicts.append(Verdict(key, None, _NOT_FOUND))
        elif decision.problems:
            verdicts.append(Verdict(key, None, decision.problems[0], decision.warnings))
        else:
            after = None if decision.after is None else str(decision.after)
            verdicts.append(Verdict(key, after, None, decision.warnings, tuple(found[key])))
    return verdicts


@cache
def _touching(touch: Touch, dialect: str) -> str:
    """Statement for the rows that a touch finds for each of the cases `k`."""
    effect = EFFECTS[touch.kind, touch.action]
    where = re.sub(r":(whom|subject|status)\b", r"k.\1", effect.where)
    table = effect.table.__tablename__
    return (
        f"SELECT k.n, t.id, {effect.was}, {effect.minutes} FROM {_CASES[dialect]} CROSS JOIN {table} t"
        f" WHERE t.workspace_id = :workspace AND {where} ORDER BY k.n, t.id"
    )


async def _touched(
    reader: Reader, touch: Touch, cases: Sequence[Sequence[Any]], parameters: Mapping[str, object]
) -> list[tuple[str, Found]]:
    """What a touch finds, for the subjects for which it finds something."""
    if not cases:
        return []
    listed = DIALECTS["sqlite"].array(cases)  # JSON on both engines
    touched: dict[str, tuple[dict[str, str | None], int]] = {}
    for n, key, was, minutes in await fetch(reader, _touching(touch, reader.dialect), {**parameters, "cases": listed}):
        subject = str(cases[int(str(n))][0])
        keys, took = touched.get(subject, ({}, 0))
        keys[str(key)] = None if was is None else str(was)
        touched[subject] = keys, took + int(str(minutes))
    return [(subject, Found(touch.kind, touch.action, keys, took)) for subject, (keys, took) in touched.items()]
