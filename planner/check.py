"""Closed world: every field of a type has a source, every filter and order of the schema is answered, and nothing is left over."""

from graphql import GraphQLEnumType, GraphQLField, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, get_named_type

from planner.source import Embedded, Expr, FieldSource, First, Kind, Many, One, Poly, Sources, Then


class SourcesError(TypeError):
    """Schema and sources disagree; the message names both sides."""


def check(schema: GraphQLSchema, sources: Sources) -> None:
    for source in sources.values():
        type_ = schema.type_map.get(source.name)
        if not isinstance(type_, GraphQLObjectType):
            raise SourcesError(f"{source.name} has a source and no type.")
        _same(f"fields of {source.name}", set(type_.fields), set(source.fields))
        for name, origin in source.fields.items():
            _number(f"{source.name}.{name}", type_.fields[name], origin)
            if isinstance(origin, One | Many | First | Then) and origin.target not in sources:
                raise SourcesError(f"{source.name}.{name} leads to {origin.target}, which has no source.")
            if isinstance(origin, Poly) and (lost := origin.branches.keys() - sources.keys()):
                raise SourcesError(f"{source.name}.{name} leads to {sorted(lost)}, which have no source.")
            if isinstance(origin, Many):
                _list(f"{source.name}.{name}", type_.fields[name], sources, origin)


def _number(place: str, definition: GraphQLField, origin: FieldSource) -> None:
    """A number of the schema is one in its source: a bundle's union must know."""
    type_ = get_named_type(definition.type)
    if isinstance(origin, Embedded) and isinstance(type_, GraphQLObjectType):
        for name, member in origin.fields.items():
            _number(f"{place}.{name}", type_.fields[name], member)
    elif isinstance(origin, Expr) and (type_.name == "Int") != (origin.kind is Kind.INT):
        raise SourcesError(f"{place} is {type_.name} in the schema and {origin.kind.name} in its source.")


def _list(place: str, definition: GraphQLField, sources: Sources, origin: Many) -> None:
    target = sources[origin.target]
    if not target.orders or (origin.order is not None and origin.order not in target.orders):
        raise SourcesError(f"{place}: {origin.target} has no order {origin.order or 'at all'}.")
    if "search" in definition.args and target.search is None:
        raise SourcesError(f"{place} has the argument `search`, which {origin.target} does not answer.")
    filter_ = definition.args.get("filter")
    if filter_ is not None:
        input_ = get_named_type(filter_.type)
        if isinstance(input_, GraphQLInputObjectType):
            _same(f"filter of {place}", set(input_.fields), set(target.filters))
    order = definition.args.get("orderBy")
    if order is not None:
        input_ = get_named_type(order.type)
        words = get_named_type(input_.fields["field"].type) if isinstance(input_, GraphQLInputObjectType) else None
        if isinstance(words, GraphQLEnumType) and not set(words.values) <= set(target.orders):
            raise SourcesError(f"orderBy of {place}: {sorted(set(words.values) - set(target.orders))} have no order.")


def _same(what: str, declared: set[str], answered: set[str]) -> None:
    if declared != answered:
        raise SourcesError(f"{what}: {sorted(declared - answered)} have no source; {sorted(answered - declared)} are not declared.")
