"""Keeps the schema and the access matrix in step: what the matrix does not name does not start."""

from typing import Any, TypeVar

from graphql import GraphQLObjectType, GraphQLSchema, is_non_null_type
from strawberry.utils.str_converters import to_camel_case

from lifecycle.access import Resource, sentence
from lifecycle.fields import FIELDS

T = TypeVar("T")


class MatrixError(TypeError):
    """Access matrix and schema disagree."""


def guarded(cls: type[T]) -> type[T]:
    """Strawberry type whose every field stands in the matrix; the rule is appended to each description."""
    definition: Any = getattr(cls, "__strawberry_definition__")  # noqa: B009 - strawberry puts it there at run time
    resources = FIELDS.get(definition.name)
    if resources is None:
        raise MatrixError(f"{definition.name} is not in the access matrix.")
    names = {field.graphql_name or to_camel_case(field.python_name): field for field in definition.fields}
    if names.keys() != resources.keys():
        unnamed, unknown = sorted(names.keys() - resources.keys()), sorted(resources.keys() - names.keys())
        raise MatrixError(f"{definition.name}: fields {unnamed} are not in the access matrix; rows {unknown} have no field.")
    for name, field in names.items():
        rule = sentence(resources[name])
        if rule:
            field.description = f"{field.description}\n\n{rule}"
    return cls


def check(schema: GraphQLSchema) -> None:
    """Every type of the matrix is in the schema, and every field that may be withheld is nullable."""
    for type_name, resources in FIELDS.items():
        type_ = schema.type_map.get(type_name)
        if not isinstance(type_, GraphQLObjectType):
            raise MatrixError(f"{type_name} is in the access matrix and not in the schema.")
        for name, resource in resources.items():
            if resource is not Resource.OPEN and is_non_null_type(type_.fields[name].type):
                raise MatrixError(f"{type_name}.{name} may be withheld ({resource}) and must be nullable.")
