"""Levels of a plan: one statement each, with the shape of the objects its rows become."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
)

from planner.dialect import both, place
from planner.paging import Page
from planner.project import Make, Scope
from planner.source import (
    LOOKUP,
    First,
    Guard,
    Kind,
    Many,
    Poly,
    Source,
    Values,
)

#: Statements that a level keeps, of different sizes of pages, filters and orders.
MOST_STATEMENTS = 64


class Memo(dict[Any, Any]):
    """Statements of a level by the shape of their arguments; a full one starts anew."""

    def __setitem__(self, key: Any, statement: Any) -> None:
        if len(self) >= MOST_STATEMENTS:
            self.clear()
        super().__setitem__(key, statement)


class Layout:
    """Kinds of the columns of a row, from place 1 on. Levels that are read together share one, and its columns."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = []

    def place(self, kind: Kind, taken: Collection[int]) -> int:
        """First place of the kind that is not taken, at the end where there is none."""
        for number, present in enumerate(self.kinds, 1):
            if present is kind and number not in taken:
                return number
        self.kinds.append(kind)
        return len(self.kinds)


class Columns:
    """Columns that one statement selects, each once, and the tables it joins; row[0] is the key, so they start at 1."""

    def __init__(self, layout: Layout | None = None) -> None:
        self.layout = layout or Layout()
        self.places: dict[str, int] = {}
        self.joins: dict[str, str] = {}  # what ties a table to the row -> the alias and the clause
        self._clauses: list[str] = []
        self._plain: dict[tuple[str, str, str], str] = {}  # table, key and condition -> the alias

    def use(self, template: str, kind: Kind) -> int:
        """Place of the column in a row."""
        if template not in self.places:
            self.places[template] = self.layout.place(kind, self.places.values())
        return self.places[template]

    @property
    def width(self) -> int:
        return max(self.places.values(), default=0)

    @property
    def sql(self) -> list[str]:
        """What is selected from place 1 on: NULL where only another level has a column."""
        found = {number: template for template, number in self.places.items()}
        return [found.get(number, "NULL") for number in range(1, self.width + 1)]

    def join(self, table: str, key: str, condition: str) -> str:
        """Alias of the row of `table` whose id is `key` and for which the condition holds."""
        tie = f"{table} {key}"
        if tie not in self.joins:
            alias = self.joins[tie] = f"j{len(self.joins)}"
            on = both(f"{alias}.id = {key}", place(condition, alias))
            self._clauses.append(f" LEFT JOIN {table} {alias} ON {on}")
            self._plain[table, key, condition] = alias
        return self.joins[tie]

    def looked_up(self, sql: str) -> str:
        """The same, where a lookup of a row that is joined anyway reads the joined one."""

        def read(match: re.Match[str]) -> str:
            alias = self._plain.get((match["table"], match["key"], both(re.sub(r"\bl\.", "{t}.", match["scope"]))))
            return match[0] if alias is None else f"{alias}.{match['column']}"

        return LOOKUP.sub(read, sql) if self._plain else sql

    @property
    def clauses(self) -> str:
        return "".join(self._clauses)


@dataclass(slots=True)
class Child:
    """Level below a shape: `column` is the place of its key in the parent's row, None below a rowless object."""

    level: "Level"
    column: int | None


@dataclass(slots=True)
class Shape:
    """How rows of one type become objects of the answer."""

    source: Source
    children: list[Child]
    make: Make
    withholds: bool  # some field of it, or of what is below, may be withheld


@dataclass(slots=True)
class Site:
    """Where an object is made: the columns of its statement, the table's alias there, and the levels below."""

    columns: Columns
    children: list[Child]
    alias: str
    scope: Scope

    def use(self, template: str, kind: Kind) -> int:
        return self.columns.use(place(template, self.alias), kind)


@dataclass(slots=True)
class Arguments:
    """Arguments of a field; `values` where no variable stands in them."""

    definition: GraphQLField
    node: FieldNode
    constant: bool  # no variable stands in them
    fixed: Any = None  # what they come to, kept when constant


@dataclass(slots=True)
class OneLevel:
    """Objects by key; with `on`, the one row that the condition picks; with `arguments`, the one named there."""

    number: int
    shape: Shape
    columns: Columns
    on: str | None = None
    arguments: Arguments | None = None
    memo: Memo = field(default_factory=Memo)

    @property
    def parameter(self) -> str:
        """Name of the parameter that holds the key named in the argument."""
        return f"key{self.number}"

    @property
    def condition(self) -> str:
        """What picks the row, where there is no parent."""
        return (self.on or "") if self.arguments is None else f"{{t}}.id = :{self.parameter}"


@dataclass(slots=True)
class FirstLevel:
    """First of the many objects of each key."""

    number: int
    shape: Shape
    columns: Columns
    spec: First
    memo: Memo = field(default_factory=Memo)


@dataclass(slots=True)
class ValuesLevel:
    """Lists of scalars by key."""

    number: int
    columns: Columns
    spec: Values
    memo: Memo = field(default_factory=Memo)


@dataclass(slots=True)
class Edges:
    """`edges` of a connection: its entries are the keys of a cursor, of a node of some shape, or of the type name."""

    cursors: list[str]
    nodes: list[tuple[str, int]]
    typenames: list[str]
    order: list[str]
    type_name: str


@dataclass(slots=True)
class PageInfo:
    """`pageInfo` of a connection: answer key -> name of the field."""

    fields: dict[str, str]


@dataclass(slots=True)
class Nodes:
    """`nodes` of a connection, in one of its shapes."""

    shape: int


@dataclass(slots=True)
class Total:
    """`totalCount` of a connection."""


@dataclass(slots=True)
class TypeName:
    """`__typename`."""

    name: str


Part = Edges | PageInfo | Nodes | Total | TypeName


class Connection:
    """What is asked of a connection object, by answer key, and what follows for its statements."""

    def __init__(self, parts: dict[str, Part]) -> None:
        asked = {name for part in parts.values() if isinstance(part, PageInfo) for name in part.fields.values()}
        self.parts = parts
        self.total = any(isinstance(part, Total) for part in parts.values())
        self.rows = any(isinstance(part, Nodes | Edges | PageInfo) for part in parts.values())
        self.more = not asked.isdisjoint(("hasNextPage", "hasPreviousPage"))  # whether it matters that rows follow the page
        edges = any(isinstance(part, Edges) and part.cursors for part in parts.values())
        self.cursors = edges or not asked.isdisjoint(("startCursor", "endCursor"))
        only = next(iter(parts.items())) if len(parts) == 1 else None
        self.only_nodes = only[0] if only and isinstance(only[1], Nodes) else None  # answer key of `nodes`, where nothing else is asked


@dataclass(slots=True)
class ManyLevel:
    """Pages of objects, for each key or, below a rowless object, one page; `counted` is the column of how many there are."""

    number: int
    source: Source
    spec: Many
    columns: Columns
    counted: Columns
    shapes: list[Shape]
    connection: Connection
    arguments: Arguments
    guard: Guard | None
    memo: Memo = field(default_factory=Memo)

    def limit(self, page: Page) -> int:
        """How many rows are read: one more than the page, where it matters whether there is one."""
        return page.limit + self.connection.more


@dataclass(slots=True)
class PolyLevel:
    """Pages of objects of several types; `shapes[i][type]` is the level that fetches a type for the i-th shape."""

    spec: Poly
    shapes: list[dict[str, OneLevel]]
    connection: Connection
    arguments: Arguments
    memo: Memo = field(default_factory=Memo)


@dataclass(slots=True)
class NodeLevel:
    """Objects of any type by global id; `many` for a list of them."""

    levels: dict[str, OneLevel]
    arguments: Arguments
    many: bool


@dataclass(slots=True)
class HereLevel:
    """Rowless object."""

    shape: Shape


Level = OneLevel | FirstLevel | ValuesLevel | ManyLevel | PolyLevel | NodeLevel | HereLevel


def withholds(level: Level) -> bool:
    match level:
        case OneLevel() | FirstLevel() | HereLevel():
            return level.shape.withholds
        case ManyLevel():
            return any(shape.withholds for shape in level.shapes)
        case PolyLevel():
            return any(one.shape.withholds for shape in level.shapes for one in shape.values())
        case NodeLevel():
            return any(one.shape.withholds for one in level.levels.values())
        case ValuesLevel():
            return False
