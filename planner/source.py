"""Declarations: where the fields of a type come from, who sees which rows, and how lists are filtered and ordered.

SQL pieces are templates. `{t}` is the alias of the row's own table, `{key}` the key of the parent row, and `:name` a
parameter of the run (bound by the caller of the planner, such as a tenant). Values never stand in the text. The aliases
`t`, `t2`, `k`, `l`, `p`, `r` and `j0`, `j1`... are the planner's own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.dialect import Dialect


LOOKUP = re.compile(r"\(SELECT l\.(?P<column>\w+) FROM (?P<table>\w+) l WHERE (?P<scope>[^()]+) AND l\.id = (?P<key>[^()]+)\)")


def lookup(column: str, table: str, key: str, scope: str) -> str:
    """SQL of a column of the row of `table` whose id is `key`. A statement that joins this row anyway reads it from there."""
    return f"(SELECT l.{column} FROM {table} l WHERE {scope.replace('{t}', 'l')} AND l.id = {key})"


class Kind(Enum):
    """What is stored, and so how it becomes a value of the answer."""

    PLAIN = "plain"  # text and enums: as they are
    INT = "int"  # a whole number
    FLOAT = "float"  # any other
    TIME = "time"  # an instant, answered in UTC
    DATE = "date"  # a calendar day
    FLAG = "flag"  # a boolean (an integer on SQLite)
    JSON = "json"  # text that holds a JSON value
    ID = "id"  # a key, answered as a global id of the row's own type


PLAIN, INT, FLOAT, TIME, DATE, FLAG, JSON, ID = Kind.PLAIN, Kind.INT, Kind.FLOAT, Kind.TIME, Kind.DATE, Kind.FLAG, Kind.JSON, Kind.ID


@dataclass(frozen=True, slots=True)
class Expr:
    """Scalar from SQL: a template over `{t}`."""

    sql: str
    kind: Kind = PLAIN


def column(name: str, kind: Kind = PLAIN) -> Expr:
    """Scalar from a column."""
    return Expr(f"{{t}}.{name}", kind)


@dataclass(frozen=True, slots=True)
class Derived:
    """Scalar from a pure function of columns, called with their stored values."""

    function: Callable[..., object]
    needs: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Embedded:
    """Object made of columns of the same row; null when its first member is null."""

    fields: Mapping[str, Expr | Derived]


@dataclass(frozen=True, slots=True)
class Listing:
    """List of small objects that a pure function of columns makes: one mapping each, with every field of their type."""

    function: Callable[..., Sequence[Mapping[str, object]]]
    needs: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class One:
    """To-one object: `key` is a column of this row that holds the target's key.

    Without `key`, `on` is a condition over `{t}` that picks one row for the whole run (a field of a rowless type).
    With `argument`, the key is the global id given in that argument.
    """

    target: str
    key: str | None = None
    on: str | None = None
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """To-many objects, as a connection: `on` ties `{t}` to the parent's `{key}`; empty for all rows.

    With `whole`, what a filter leaves out by default is in the list. With `owned`, the rows belong to the parent, whose
    statement has checked whether the viewer sees it, and the target's shorter condition `owned` is enough.
    """

    target: str
    on: str = ""
    order: str | None = None
    descending: bool = False
    whole: bool = False
    owned: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """To-one object that is the first of many in the given order."""

    target: str
    on: str
    order: str
    descending: bool = False
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    """List of scalars from another table, ordered by value: `sql` selects one column as `value` for `{key}`."""

    sql: str
    kind: Kind = PLAIN


@dataclass(frozen=True, slots=True)
class Branch:
    """One kind of row in a polymorphic connection: `on` ties it to `{key}`; `at` is the shared order column."""

    at: str
    on: str


@dataclass(frozen=True, slots=True)
class Poly:
    """Connection over several types at once, ordered by an instant; `kinds` maps the values of the `kinds` filter to types."""

    branches: Mapping[str, Branch]
    kinds: Mapping[str, str]
    descending: bool = True
    owned: bool = False


@dataclass(frozen=True, slots=True)
class AnyNode:
    """Object of any type by its global id, given in `argument`."""

    argument: str = "id"


@dataclass(frozen=True, slots=True)
class AnyNodes:
    """Objects of any types by their global ids, in the order asked; null for what is absent or hidden."""

    argument: str = "ids"


@dataclass(frozen=True, slots=True)
class Here:
    """Rowless object: its fields are those of another rowless source."""

    target: str


@dataclass(frozen=True, slots=True)
class Then:
    """Same row, as another type, as of the instant given in `argument`: everything below is read with it as the parameter `at`."""

    target: str
    argument: str = "at"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Field of the root that a resolver answers, and not the planner; `code` and `because` refuse it where a root stands below a field."""

    code: str = "BAD_USER_INPUT"
    because: str = "This field is answered at the root of a document only."


FieldSource = Expr | Derived | Embedded | Listing | One | Many | First | Values | Poly | AnyNode | AnyNodes | Here | Then | Elsewhere


@dataclass(frozen=True, slots=True)
class Order:
    """Order of a list by one column that is never null, ties broken by the key; `reads` names the fields it reveals."""

    column: str
    kind: Kind = PLAIN
    reads: tuple[str, ...] = ()


#: A filter turns its value into a condition: `(value, dialect, bind) -> sql`, where `bind(v)` gives the name of a parameter.
Condition = Callable[[Any, "Dialect", Callable[[object], str]], str]


@dataclass(frozen=True, slots=True)
class Filter:
    """Condition of a list; `reads` names the fields it reveals; `absent` is the condition that holds when it is not given."""

    condition: Condition
    reads: tuple[str, ...] = ()
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a field is withheld."""

    code: str
    because: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Field access of one class of viewer to one type.

    `columns` are templates of texts whose values decide, row by row; with none, the gate's row decides for the whole run.
    `keys` lists every combination the columns can take; `denial` tells why a field is withheld for one of them.
    `listable` tells whether a field may take part in filters and orders.
    """

    columns: tuple[str, ...]
    keys: Sequence[tuple[object, ...]]
    denial: Callable[[tuple[object, ...], str], Denial | None]
    listable: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the objects of one type come from. Without a table it has no rows: its fields stand for themselves.

    `scope` is the condition every statement over the table carries; `visible` gives the condition for a class of viewer, and
    `owned` the shorter one for rows that belong to a parent the viewer has been found to see (the same, when left out).
    `tag` is the word that starts the global ids of the type. A `table` in parentheses is a query with the columns `id` and those
    of the scope; its rows are found by what ties them to their parent, and nothing but scalars and `One` leads on from them.
    """

    name: str
    fields: Mapping[str, FieldSource]
    table: str | None = None
    tag: str = ""
    scope: str = ""
    visible: Callable[[Any], str] = lambda _viewer: ""
    owned: Callable[[Any], str] | None = None
    guard: Callable[[Any], Guard | None] = lambda _viewer: None
    orders: Mapping[str, Order] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: Filter | None = None

    @property
    def queried(self) -> bool:
        """Whether its table is a query."""
        return self.table is not None and self.table.startswith("(")


class Sources(dict[str, Source]):
    """Sources by type name, and by the tag of their global ids."""

    def __init__(self, sources: Sequence[Source]) -> None:
        super().__init__({source.name: source for source in sources})
        self.by_tag = {source.tag: source for source in sources if source.tag}
        if len(self) != len(sources):
            raise ValueError("two sources share a name")
        if len(self.by_tag) != sum(bool(source.tag) for source in sources):
            raise ValueError("two sources share a tag")
