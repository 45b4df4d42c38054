"""Plans: a tree of levels, one statement each, and the shape of the objects that their rows become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
    get_named_type,
    is_non_null_type,
)

from planner.dialect import Dialect
from planner.project import Entry, Make, Projection
from planner.selection import Selected, Selections, has_variables
from planner.source import (
    AnyNode,
    AnyNodes,
    Derived,
    Embedded,
    Expr,
    First,
    Guard,
    Here,
    Many,
    One,
    Poly,
    Source,
    Sources,
    Values,
)


class Columns:
    """Columns that one statement selects, each once; row[0] is the key, so they start at 1."""

    def __init__(self) -> None:
        self.sql: list[str] = []

    def use(self, template: str) -> int:
        if template not in self.sql:
            self.sql.append(template)
        return self.sql.index(template) + 1


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
    entries: list[Entry]
    withholds: bool  # some field of it, or of what is below, may be withheld

    @property
    def rowless(self) -> bool:
        return self.source.table is None


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

    shape: Shape
    columns: Columns
    on: str | None = None
    arguments: Arguments | None = None
    memo: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True)
class FirstLevel:
    """First of the many objects of each key."""

    shape: Shape
    columns: Columns
    spec: First
    memo: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ValuesLevel:
    """Lists of scalars by key."""

    spec: Values
    memo: dict[Any, Any] = field(default_factory=dict)


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


@dataclass(slots=True)
class Connection:
    """What is asked of a connection object, by answer key."""

    parts: dict[str, Part]

    def asks(self, kind: type[Part]) -> bool:
        return any(isinstance(part, kind) for part in self.parts.values())

    @property
    def rows(self) -> bool:
        return any(isinstance(part, Nodes | Edges | PageInfo) for part in self.parts.values())

    @property
    def more(self) -> bool:
        """Whether it matters that rows follow the page."""
        return any(
            isinstance(part, PageInfo) and {"hasNextPage", "hasPreviousPage"} & {*part.fields.values()} for part in self.parts.values()
        )

    @property
    def cursors(self) -> bool:
        return any(
            (isinstance(part, Edges) and part.cursors)
            or (isinstance(part, PageInfo) and {"startCursor", "endCursor"} & {*part.fields.values()})
            for part in self.parts.values()
        )


@dataclass(slots=True)
class ManyLevel:
    """Pages of objects, for each key or, below a rowless object, one page."""

    source: Source
    spec: Many
    columns: Columns
    shapes: list[Shape]
    connection: Connection
    arguments: Arguments
    guard: Guard | None
    memo: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PolyLevel:
    """Pages of objects of several types; `shapes[i][type]` is the level that fetches a type for the i-th shape."""

    spec: Poly
    shapes: list[dict[str, OneLevel]]
    connection: Connection
    arguments: Arguments
    memo: dict[Any, Any] = field(default_factory=dict)


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


class Planner:
    """Builds the plan of an operation for one class of viewer."""

    def __init__(self, schema: GraphQLSchema, sources: Sources, dialect: Dialect, selections: Selections, viewer: Any) -> None:
        self._schema = schema
        self._sources = sources
        self._dialect = dialect
        self._selections = selections
        self._viewer = viewer

    def visible(self, source: Source) -> str:
        return source.visible(self._viewer)

    def root(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Shape:
        """Plan of the root object."""
        return self._shape(type_, sets, Columns())

    def field(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Shape:
        """Plan of one root field alone."""
        key = nodes[0].alias.value if nodes[0].alias else nodes[0].name.value
        return self._fields(type_, [Selected(key, nodes[0].name.value, tuple(nodes))], Columns())

    def _shape(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], columns: Columns) -> Shape:
        return self._fields(type_, self._selections.of(type_, sets), columns)

    def _fields(self, type_: GraphQLObjectType, fields: Sequence[Selected], columns: Columns) -> Shape:
        source = self._sources[type_.name]
        projection = Projection(self._dialect, source, source.guard(self._viewer), columns.use)
        children: list[Child] = []
        for selected in fields:
            if selected.name == "__typename":
                projection.constant(selected.key, type_.name)
            elif not projection.forbidden(selected.key, selected.name):
                self._field(projection, children, type_, selected, columns)
        below = any(_withholds(child.level) for child in children)
        return Shape(source, children, projection.make(len(children)), projection.entries, projection.withholds or below)

    def _field(self, projection: Projection, children: list[Child], type_: GraphQLObjectType, selected: Selected, columns: Columns) -> None:
        source = projection.source
        origin = source.fields[selected.name]
        definition = type_.fields[selected.name]
        if isinstance(origin, Expr | Derived):
            projection.scalar(selected, origin)
        elif isinstance(origin, Embedded):
            inner = self._selections.of(_object(definition), selected.below)
            projection.embedded(selected, origin, _object(definition).name, inner)
        else:
            level = self._level(origin, definition, selected)
            key = None if source.table is None else columns.use(origin.key if isinstance(origin, One) and origin.key else "{t}.id")
            children.append(Child(level, key))
            projection.child(selected, len(children) - 1, key, origin, required=is_non_null_type(definition.type))

    def _level(
        self, origin: One | Many | First | Values | Poly | AnyNode | AnyNodes | Here, definition: GraphQLField, selected: Selected
    ) -> Level:
        arguments = Arguments(definition, selected.nodes[0], constant=not has_variables(selected.nodes[0]))
        match origin:
            case One(target):
                columns = Columns()
                shape = self._shape(self._object(target), selected.below, columns)
                return OneLevel(shape, columns, origin.on, arguments if origin.argument else None)
            case First(target):
                columns = Columns()
                return FirstLevel(self._shape(self._object(target), selected.below, columns), columns, origin)
            case Values():
                return ValuesLevel(origin)
            case Here(target):
                return HereLevel(self._shape(self._object(target), selected.below, Columns()))
            case Many(target):
                return self._many(origin, self._sources[target], definition, selected, arguments)
            case Poly():
                return self._poly(origin, definition, selected, arguments)
            case AnyNode() | AnyNodes():
                levels = {
                    type_.name: self._one(type_, selected.below)
                    for type_ in self._schema.get_possible_types(_abstract(definition))
                    if self._sources[type_.name].tag
                }
                return NodeLevel(levels, arguments, isinstance(origin, AnyNodes))

    def _one(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> OneLevel:
        columns = Columns()
        return OneLevel(self._shape(type_, sets, columns), columns)

    def _many(self, spec: Many, source: Source, definition: GraphQLField, selected: Selected, arguments: Arguments) -> ManyLevel:
        columns = Columns()
        shapes: list[Shape] = []

        def shape(sets: Sequence[SelectionSetNode]) -> int:
            shapes.append(self._shape(self._object(source.name), sets, columns))
            return len(shapes) - 1

        connection = self._connection(_object(definition), selected.below, shape)
        return ManyLevel(source, spec, columns, shapes, connection, arguments, source.guard(self._viewer))

    def _poly(self, spec: Poly, definition: GraphQLField, selected: Selected, arguments: Arguments) -> PolyLevel:
        shapes: list[dict[str, OneLevel]] = []

        def shape(sets: Sequence[SelectionSetNode]) -> int:
            shapes.append({name: self._one(self._object(name), sets) for name in spec.branches})
            return len(shapes) - 1

        return PolyLevel(spec, shapes, self._connection(_object(definition), selected.below, shape), arguments)

    def _connection(
        self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], shape: Callable[[Sequence[SelectionSetNode]], int]
    ) -> Connection:
        parts: dict[str, Part] = {}
        for selected in self._selections.of(type_, sets):
            match selected.name:
                case "__typename":
                    parts[selected.key] = TypeName(type_.name)
                case "totalCount":
                    parts[selected.key] = Total()
                case "nodes":
                    parts[selected.key] = Nodes(shape(selected.below))
                case "pageInfo":
                    inner = self._selections.of(_object(type_.fields["pageInfo"]), selected.below)
                    parts[selected.key] = PageInfo({field.key: field.name for field in inner})
                case _:
                    parts[selected.key] = self._edges(_object(type_.fields["edges"]), selected, shape)
        return Connection(parts)

    def _edges(self, type_: GraphQLObjectType, selected: Selected, shape: Callable[[Sequence[SelectionSetNode]], int]) -> Edges:
        edges = Edges([], [], [], [], type_.name)
        for field_ in self._selections.of(type_, selected.below):
            edges.order.append(field_.key)
            if field_.name == "cursor":
                edges.cursors.append(field_.key)
            elif field_.name == "node":
                edges.nodes.append((field_.key, shape(field_.below)))
            else:
                edges.typenames.append(field_.key)
        return edges

    def _object(self, name: str) -> GraphQLObjectType:
        type_ = self._schema.type_map[name]
        if not isinstance(type_, GraphQLObjectType):
            raise TypeError(f"{name} is not an object type")
        return type_


def _withholds(level: Level) -> bool:
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


def _object(definition: GraphQLField) -> GraphQLObjectType:
    type_ = get_named_type(definition.type)
    if not isinstance(type_, GraphQLObjectType):
        raise TypeError(f"{type_} is not an object type")
    return type_


def _abstract(definition: GraphQLField) -> GraphQLInterfaceType | GraphQLUnionType:
    type_ = get_named_type(definition.type)
    if not isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        raise TypeError(f"{type_} is not abstract")
    return type_
