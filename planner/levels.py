"""Levels of a plan: one statement each, with the shape of the objects its rows become."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
)

from planner.columns import Columns
from planner.dialect import place
from planner.paging import Page
from planner.project import Gather, Make, Scope
from planner.source import (
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
    gather: Gather
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
    parameter: str = field(init=False)  # holds the key that the argument names

    def __post_init__(self) -> None:
        self.parameter = f"key{self.number}"

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


@dataclass(slots=True)
class ThenLevel:
    """Objects by key as of the instant in the arguments."""

    one: OneLevel
    arguments: Arguments


Level = OneLevel | FirstLevel | ValuesLevel | ManyLevel | PolyLevel | NodeLevel | HereLevel | ThenLevel


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
        case ThenLevel():
            return level.one.shape.withholds
        case ValuesLevel():
            return False
