"""Bundles: levels of a plan that one statement reads together, the rows of one being the keys of the next.

The statement gives one row, and in it the rows of every level, packed as the engine does it best: a row for each row costs more to send
and to read, and levels as branches of one UNION all have each other's columns, empty.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.columns import Columns
from planner.dialect import Dialect
from planner.levels import FirstLevel, HereLevel, ManyLevel, Memo, OneLevel, Shape, ValuesLevel
from planner.paging import Page
from planner.sql import Sql
from planner.statements import Gate, Row

#: So many levels are read together at most; those below them have statements of their own.
MOST_LEVELS = 16
#: So many columns are read together at most. PostgreSQL has room for 1,664, of which keys, counts and cursors take some.
MOST_COLUMNS = 1000

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
    """Parts, parents before children; `exact` are the levels all of whose rows stand in the answer.

    `memo` keeps the statements by the shapes of their pages.
    """

    parts: list[Part]
    exact: frozenset[int]
    memo: Memo = field(default_factory=Memo)
    too_deep: bool = False  # the engine cannot read its statement, so its levels are read one by one


def bundle_of(shape: Shape) -> Bundle | None:
    """Bundle of a plan, where at least two statements become one."""
    parts: list[Part] = []
    for root in _roots(shape):
        if _fits(parts, root):
            parts.append(Part(root))
    for part in parts:
        if isinstance(part.level, ManyLevel) and not part.level.connection.rows:
            continue
        for child in (child for shape in part.shapes for child in shape.children):
            level = child.level
            if child.column is not None and isinstance(level, Bundled) and level.columns.together and _fits(parts, level):
                parts.append(Part(level, part, child.column))
                part.leads = True
    statements = sum(part.level.connection.rows + part.level.connection.total if isinstance(part.level, ManyLevel) else 1 for part in parts)
    return Bundle(parts, frozenset(part.level.number for part in parts if part.exact)) if statements > 1 else None


def _fits(parts: Sequence[Part], level: Bundled) -> bool:
    """Whether a level can be read together with these."""
    return len(parts) < MOST_LEVELS and sum(part.level.columns.width for part in parts) + level.columns.width <= MOST_COLUMNS


def _roots(shape: Shape) -> Iterator[OneLevel | ManyLevel]:
    for child in shape.children:
        if isinstance(child.level, HereLevel):
            yield from _roots(child.level.shape)
        elif isinstance(child.level, OneLevel | ManyLevel) and child.level.columns.together:
            yield child.level


@dataclass(slots=True)
class Packed:
    """Where the rows of a level stand in the only row of a bundle; below zero, those of its counts."""

    number: int
    keyed: bool  # the rows hold the keys of the parents
    first: int
    last: int

    def rows(self, answer: Sequence[Any], dialect: Dialect) -> list[Row]:
        return dialect.unpacked(answer[self.first : self.last], keyed=self.keyed)


class _Text:
    """The statement of a bundle, level by level."""

    def __init__(self, dialect: Dialect, gate: str | None, width: int) -> None:
        self.packed: list[Packed] = []
        self._dialect = dialect
        self._with = [] if gate is None else [f"g AS MATERIALIZED ({gate})"]
        self._from = [] if gate is None else ["g"]
        self._selected = [f"g.g{i}" for i in range(width)]

    def name(self, name: str, text: str) -> None:
        self._with.append(f"{name} AS MATERIALIZED ({text})")

    def level(self, number: int, columns: Columns, source: str, *, keyed: bool) -> None:
        """Rows of a level, packed into a few columns."""
        cells = self._dialect.packed(columns.kinds, keyed=keyed)
        alias, first = f"x{len(self._from)}", len(self._selected)
        self._selected += [f"{alias}.a{i}" for i in range(len(cells))]
        self._from.append(f"(SELECT {', '.join(f'{cell} AS a{i}' for i, cell in enumerate(cells))} FROM {source}) {alias}")
        self.packed.append(Packed(number, keyed, first, len(self._selected)))

    def __str__(self) -> str:
        named = f"WITH {', '.join(self._with)} " if self._with else ""
        return f"{named}SELECT {', '.join(self._selected)} FROM {' CROSS JOIN '.join(self._from)}"


def text_of(bundle: Bundle, sql: Sql, pages: Mapping[int, Page], gate: Gate | None) -> tuple[str, list[Packed]]:
    """Statement of a bundle, and where the rows of its levels stand in its only row, after the columns of the gate."""
    text = _Text(sql.dialect, gate.sql if gate else None, gate.width if gate else 0)
    for part in bundle.parts:
        level = part.level
        page = pages.get(level.number)
        if not isinstance(level, ManyLevel) or level.connection.rows:
            _rows(text, part, _body(part, sql, page), gated=gate is not None)
        if isinstance(level, ManyLevel) and level.connection.total and page is not None:
            source = _source(part, _counting(part, level, sql, page), gated=gate is not None)
            text.level(-level.number, level.counted, source, keyed=part.parent is not None)
    return str(text), text.packed


def _source(part: Part, body: str, *, gated: bool) -> str:
    """FROM of a part: what has no parent is read through the gate."""
    return f"g CROSS JOIN ({body}) b" if gated and part.parent is None else f"({body}) b"


def _rows(text: _Text, part: Part, body: str, *, gated: bool) -> None:
    level, source = part.level, _source(part, body, gated=gated)
    if part.leads:
        columns = ", ".join(f"b.c{i}" for i in range(1, level.columns.width + 1))
        text.name(f"s{level.number}", f"SELECT {columns} FROM {source}" if part.parent is None else body)
        source = f"s{level.number} b"
    text.level(level.number, level.columns, source, keyed=part.parent is not None)


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
    return sql.counts(level.source, level.spec.on, page, owned=level.spec.owned, keys=part.keys())
