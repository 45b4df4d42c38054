"""Bundles: levels of a plan that one statement reads together, the rows of one being the keys of the next.

Each level is a branch of a UNION ALL. A row of it holds the key of its parent, then the columns of the common layout, then the number
of its level.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planner.columns import Columns, Layout
from planner.dialect import TYPES
from planner.levels import FirstLevel, HereLevel, ManyLevel, Memo, OneLevel, Shape, ValuesLevel
from planner.paging import Page
from planner.sql import Sql

#: So many levels are read together at most; those below them have statements of their own.
MOST_LEVELS = 16

Bundled = OneLevel | FirstLevel | ManyLevel | ValuesLevel


@dataclass(slots=True)
class Part:
    """A level of a bundle; below another part, `column` is the place of its keys in that one's rows."""

    level: Bundled
    parent: "Part | None" = None
    column: int = 0
    leads: bool = False  # whether other parts are below it

    @property
    def exact(self) -> bool:
        """Whether all rows of it stand in the answer; not below one that reads a row more to know whether there is one."""
        return self.parent is None or (
            self.parent.exact and not (isinstance(self.parent.level, ManyLevel) and self.parent.level.connection.more)
        )

    @property
    def shapes(self) -> list[Shape]:
        match self.level:
            case ManyLevel(shapes=shapes):
                return shapes
            case OneLevel(shape=shape) | FirstLevel(shape=shape):
                return [shape]
            case ValuesLevel():
                return []

    def keys(self) -> str:
        """FROM item of the keys: those in the rows of the part above, each once."""
        if self.parent is None:
            return ""
        above, key = self.parent.level, f"c{self.column}"
        if self.parent.parent is None and above.columns.places.get("{t}.id") == self.column:
            return f"(SELECT {key} AS key FROM s{above.number}) k"
        return f"(SELECT DISTINCT {key} AS key FROM s{above.number} WHERE {key} IS NOT NULL) k"


@dataclass(slots=True)
class Bundle:
    """Parts, parents before children, over one layout; `exact` are the levels all of whose rows stand in the answer.

    `memo` keeps the statements by the shapes of their pages.
    """

    parts: list[Part]
    layout: Layout
    exact: frozenset[int]
    memo: Memo = field(default_factory=Memo)


def bundle_of(shape: Shape, layout: Layout) -> Bundle | None:
    """Bundle of a plan, where at least two statements become one."""
    parts: list[Part] = list(_roots(shape, layout))[:MOST_LEVELS]
    for part in parts:
        if isinstance(part.level, ManyLevel) and not part.level.connection.rows:
            continue
        for child in (child for shape in part.shapes for child in shape.children):
            if isinstance(child.level, Bundled) and _shared(child.level, layout) and child.column is not None and len(parts) < MOST_LEVELS:
                parts.append(Part(child.level, part, child.column))
                part.leads = True
    statements = sum(part.level.connection.rows + part.level.connection.total if isinstance(part.level, ManyLevel) else 1 for part in parts)
    return Bundle(parts, layout, frozenset(part.level.number for part in parts if part.exact)) if statements > 1 else None


def _roots(shape: Shape, layout: Layout) -> Iterator[Part]:
    for child in shape.children:
        if isinstance(child.level, HereLevel):
            yield from _roots(child.level.shape, layout)
        elif isinstance(child.level, OneLevel | ManyLevel) and _shared(child.level, layout):
            yield Part(child.level)


def _shared(level: Bundled, layout: Layout) -> bool:
    """Whether the level was planned to be read together with others."""
    return level.columns.layout is layout


class _Text:
    """The statement of a bundle, branch by branch."""

    def __init__(self, layout: Layout) -> None:
        self._kinds = list(layout.kinds)
        self._with: list[str] = []
        self._branches: list[str] = []

    def name(self, name: str, text: str) -> None:
        self._with.append(f"{name} AS MATERIALIZED ({text})")

    def branch(self, key: str, columns: Mapping[int, str], number: int, source: str) -> None:
        """Branch of the union. Each says the types of its columns: only of equal ones PostgreSQL makes one flat plan."""
        cells = [f"CAST({columns.get(i, 'NULL')} AS {TYPES[kind]})" for i, kind in enumerate(self._kinds, 1)]
        self._branches.append(f"SELECT {', '.join([f'CAST({key} AS uuid)', *cells, str(number)])} FROM {source}")

    def __str__(self) -> str:
        named = f"WITH {', '.join(self._with)} " if self._with else ""
        return named + " UNION ALL ".join(self._branches)


def text_of(bundle: Bundle, sql: Sql, pages: Mapping[int, Page], gate: str | None, through: Columns) -> str:
    """Statement of a bundle: rows of level 0 are the gate's, those of level -n the counts of level n."""
    text = _Text(bundle.layout)
    if gate is not None:
        text.name("g", gate)
        text.branch("NULL", {place: column for column, place in through.places.items()}, 0, "g")
    for part in bundle.parts:
        level = part.level
        page = pages.get(level.number)
        if not isinstance(level, ManyLevel) or level.connection.rows:
            _rows(text, part, _body(part, sql, page), gated=gate is not None)
        if isinstance(level, ManyLevel) and level.connection.total and page is not None:
            body = _counting(part, level, sql, page)
            text.branch(
                _key(part),
                {i: f"b.c{i}" for i in level.counted.places.values()},
                -level.number,
                _source(part, body, gated=gate is not None),
            )
    return str(text)


def _key(part: Part) -> str:
    return "NULL" if part.parent is None else "b.key"


def _source(part: Part, body: str, *, gated: bool) -> str:
    """FROM of a part: what has no parent is read through the gate."""
    return f"g CROSS JOIN ({body}) b" if gated and part.parent is None else f"({body}) b"


def _rows(text: _Text, part: Part, body: str, *, gated: bool) -> None:
    number = part.level.number
    columns = {i: f"b.c{i}" for i in sorted(part.level.columns.places.values())}
    source = _source(part, body, gated=gated)
    if part.leads:
        key = [] if part.parent is None else ["b.key"]
        text.name(f"s{number}", f"SELECT {', '.join([*key, *columns.values()])} FROM {source}")
        source = f"s{number} b"
    text.branch(_key(part), columns, number, source)


def _body(part: Part, sql: Sql, page: Page | None) -> str:
    keys = part.keys()
    match part.level:
        case ManyLevel() as level if page is not None:
            if part.parent is None:
                return sql.page(level.source, level.columns, level.spec.on, page, level.limit(page))
            return sql.pages(level.source, level.columns, level.spec, page, level.limit(page), keys=keys)
        case OneLevel() as level if part.parent is None:
            return sql.picked(level.shape.source, level.columns, level.condition)
        case OneLevel() as level:
            return sql.by_keys(level.shape.source, level.columns, keys)
        case FirstLevel() as level:
            return sql.first(level.shape.source, level.columns, level.spec, keys)
        case ValuesLevel() as level:
            return sql.values(level.spec, level.columns, keys)
    raise TypeError(f"{part.level} without a page")


def _counting(part: Part, level: ManyLevel, sql: Sql, page: Page) -> str:
    if part.parent is None:
        return sql.count(level.source, level.counted, level.spec.on, page)
    return sql.counts(level.source, level.counted, level.spec.on, page, owned=level.spec.owned, keys=part.keys())
