"""Keeps a schema and the access matrix in step: what the matrix names is there, and can be withheld."""

from graphql import GraphQLObjectType, GraphQLSchema, is_non_null_type

from lifecycle.access import Resource
from lifecycle.fields import FIELDS


class MatrixError(TypeError):
    """Access matrix and schema disagree."""


def check(schema: GraphQLSchema) -> None:
    """Every type of the matrix is in the schema, and every field that may be withheld is nullable."""
    for type_name, resources in FIELDS.items():
        type_ = schema.type_map.get(type_name)
        if not isinstance(type_, GraphQLObjectType):
            raise MatrixError(f"{type_name} is in the access matrix and not in the schema.")
        for name, resource in resources.items():
            if resource is not Resource.OPEN and is_non_null_type(type_.fields[name].type):
                raise MatrixError(f"{type_name}.{name} may be withheld ({resource}) and must be nullable.")
