"""Types whose every field stands in the access matrix: what the matrix does not name does not start."""

from typing import Any, TypeVar

from strawberry.utils.str_converters import to_camel_case

from gql.matrix import MatrixError
from lifecycle.access import sentence
from lifecycle.fields import FIELDS

T = TypeVar("T")


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
