"""Plans: the levels of an operation, made from its selection for one class of viewer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
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

from planner.bundle import Bundle, bundle_of
from planner.columns import Columns
from planner.dialect import Dialect, both, place
from planner.errors import RequestError
from planner.levels import (
    Arguments,
    Child,
    Connection,
    Edges,
    FirstLevel,
    HereLevel,
    Level,
    ManyLevel,
    NodeLevel,
    Nodes,
    OneLevel,
    PageInfo,
    Part,
    PolyLevel,
    Shape,
    Site,
    ThenLevel,
    Total,
    TypeName,
    ValuesLevel,
    withholds,
)
from planner.project import Projection, Scope
from planner.selection import Selected, Selections, has_variables
from planner.source import (
    AnyNode,
    AnyNodes,
    Derived,
    Elsewhere,
    Embedded,
    Expr,
    First,
    Here,
    Kind,
    Listing,
    Many,
    One,
    Poly,
    Source,
    Sources,
    Then,
    Values,
)

#: To-one objects come with the row of their parent up to this many; further ones by a statement of their own.
MOST_JOINS = 8


@dataclass(slots=True)
class Plan:
    """Shape of the root object, and what of it is read together; `single` where all of it is one row that an argument names."""

    shape: Shape
    bundle: Bundle | None
    single: bool


class Planner:
    """Builds the plan of an operation for one class of viewer."""

    def __init__(self, schema: GraphQLSchema, sources: Sources, dialect: Dialect, selections: Selections, viewer: Any) -> None:
        self._schema = schema
        self._sources = sources
        self._dialect = dialect
        self._selections = selections
        self._viewer = viewer
        self._together = True
        self._numbers = count(1)

    def root(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]) -> Plan:
        """Plan of the root object."""
        return self._plan(self._shape(type_, sets, self._columns()))

    def field(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Plan:
        """Plan of one root field alone."""
        key = nodes[0].alias.value if nodes[0].alias else nodes[0].name.value
        return self._plan(self._fields(type_, [Selected(key, nodes[0].name.value, tuple(nodes))], self._columns()))

    def _plan(self, shape: Shape) -> Plan:
        levels = [child.level for child in shape.children]
        single = [level.arguments is not None and not level.shape.children for level in levels if isinstance(level, OneLevel)]
        return Plan(shape, bundle_of(shape), single == [True] and len(levels) == 1)

    def _columns(self) -> Columns:
        """Columns of a level."""
        return Columns(together=self._together)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """What is planned inside is read by statements of its own."""
        together, self._together = self._together, False
        try:
            yield
        finally:
            self._together = together

    def object(self, type_name: str, nodes: Sequence[FieldNode]) -> OneLevel:
        """Plan of objects of one type whose keys are known."""
        with self._apart():
            return self._one(self._object(type_name), [node.selection_set for node in nodes if node.selection_set])

    def _shape(self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], columns: Columns) -> Shape:
        return self._fields(type_, self._selections.of(type_, sets), columns)

    def _fields(self, type_: GraphQLObjectType, fields: Sequence[Selected], columns: Columns) -> Shape:
        site = Site(columns, [], "{t}", Scope())
        projection = self._projection(type_, fields, site)
        below = any(withholds(child.level) for child in site.children)
        make, gather = projection.make(len(site.children))
        return Shape(projection.source, site.children, make, gather, projection.withholds or below)

    def _projection(self, type_: GraphQLObjectType, fields: Sequence[Selected], site: Site) -> Projection:
        """Object of the row at the site; what needs a statement of its own is added to the children."""
        source = self._sources[type_.name]
        projection = Projection(self._dialect, source, source.guard(self._viewer), site.use, site.scope)
        for selected in fields:
            if selected.name == "__typename":
                projection.constant(selected.key, type_.name)
            elif not projection.forbidden(selected.key, selected.name):
                self._member(projection, type_, selected, site)
        return projection

    def _member(self, projection: Projection, type_: GraphQLObjectType, selected: Selected, site: Site) -> None:
        source = projection.source
        origin = source.fields.get(selected.name)
        if origin is None:  # `__schema` and `__type`, which a document may also ask of a root that stands below a field
            raise RequestError("BAD_USER_INPUT", f"`{selected.name}` is answered at the root of a document only.")
        if isinstance(origin, Elsewhere):
            raise RequestError(origin.code, origin.because)
        definition = type_.fields[selected.name]
        required = is_non_null_type(definition.type)
        if isinstance(origin, Expr | Derived):
            projection.scalar(selected, origin)
        elif isinstance(origin, Embedded):
            inner = self._selections.of(_object(definition), selected.below)
            projection.embedded(selected, origin, _object(definition).name, inner)
        elif isinstance(origin, Listing):
            inner = self._selections.of(_object(definition), selected.below)
            projection.listing(selected, origin, _object(definition).name, inner)
        elif isinstance(origin, One) and origin.key is not None and len(site.columns.joins) < MOST_JOINS:
            self._joined(projection, selected, self._sources[origin.target], place(origin.key, site.alias), site, required=required)
        else:
            level = self._level(origin, definition, selected)
            key = None
            if source.table is not None:
                key = site.use(origin.key if isinstance(origin, One) and origin.key else "{t}.id", Kind.ID)
            site.children.append(Child(level, key))
            projection.child(selected, len(site.children) - 1, key, origin, required=required)

    def _joined(self, projection: Projection, selected: Selected, target: Source, key: str, site: Site, *, required: bool) -> None:
        alias = site.columns.join(str(target.table), key, both(target.scope, target.visible(self._viewer)))
        type_ = self._object(target.name)
        made = self._projection(type_, self._selections.of(type_, selected.below), Site(site.columns, site.children, alias, site.scope))
        there, kind = f"{alias}.id", Kind.ID
        if there not in site.columns.places:
            there, kind = f"{there} IS NOT NULL", Kind.FLAG  # decoded in a tenth of the time of a key
        projection.joined(selected, made, site.columns.use(there, kind), required=required)

    def _level(
        self, origin: One | Many | First | Values | Poly | AnyNode | AnyNodes | Here | Then, definition: GraphQLField, selected: Selected
    ) -> Level:
        arguments = Arguments(definition, selected.nodes[0], constant=not has_variables(selected.nodes[0]))
        match origin:
            case One(target):
                return self._one(self._object(target), selected.below, origin.on, arguments if origin.argument else None)
            case First(target):
                columns = self._columns()
                return FirstLevel(next(self._numbers), self._shape(self._object(target), selected.below, columns), columns, origin)
            case Values():
                columns = self._columns()
                columns.use("v.value", origin.kind)
                return ValuesLevel(next(self._numbers), columns, origin)
            case Then(target):
                with self._apart():
                    return ThenLevel(self._one(self._object(target), selected.below), arguments)
            case Here(target):
                return HereLevel(self._shape(self._object(target), selected.below, self._columns()))
            case Many(target) if self._sources[target].queried:  # its keys may be of any type
                with self._apart():
                    return self._many(origin, self._sources[target], definition, selected, arguments)
            case Many(target):
                return self._many(origin, self._sources[target], definition, selected, arguments)
            case Poly():
                with self._apart():
                    return self._poly(origin, definition, selected, arguments)
            case AnyNode() | AnyNodes():
                with self._apart():
                    return self._nodes(origin, definition, selected, arguments)

    def _nodes(self, origin: AnyNode | AnyNodes, definition: GraphQLField, selected: Selected, arguments: Arguments) -> NodeLevel:
        types = self._schema.get_possible_types(_abstract(definition))
        levels = {type_.name: self._one(type_, selected.below) for type_ in types if self._sources[type_.name].tag}
        return NodeLevel(levels, arguments, isinstance(origin, AnyNodes))

    def _one(
        self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], on: str | None = None, arguments: Arguments | None = None
    ) -> OneLevel:
        columns = self._columns()
        return OneLevel(next(self._numbers), self._shape(type_, sets, columns), columns, on, arguments)

    def _many(self, spec: Many, source: Source, definition: GraphQLField, selected: Selected, arguments: Arguments) -> ManyLevel:
        columns, counted = self._columns(), self._columns()
        counted.use("count(*)", Kind.INT)
        shapes: list[Shape] = []

        def shape(sets: Sequence[SelectionSetNode]) -> int:
            shapes.append(self._shape(self._object(source.name), sets, columns))
            return len(shapes) - 1

        connection = self._connection(_object(definition), selected.below, shape)
        guard = source.guard(self._viewer)
        return ManyLevel(next(self._numbers), source, spec, columns, counted, shapes, connection, arguments, guard)

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
