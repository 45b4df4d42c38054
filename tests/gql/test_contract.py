"""The contract, on which documents are read and planned: it is the schema of the code."""

from typing import Any

from graphql import GraphQLEnumType, GraphQLScalarType, is_specified_scalar_type, validate_schema
from graphql.utilities import SafeChangeType, find_schema_changes

from gql.contract import CONTRACT, FILE
from gql.schema import GRAPHQL, print_sdl


def test_schema_graphql_is_the_schema_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == print_sdl(), "portico schema print schema.graphql"


def test_what_is_read_from_it_is_the_schema_of_the_code() -> None:
    changes = find_schema_changes(CONTRACT, GRAPHQL)
    assert [change for change in changes if change.type is not SafeChangeType.DESCRIPTION_CHANGED] == []
    assert validate_schema(GRAPHQL) == []


def test_scalars_and_enums_are_read_as_the_code_reads_them() -> None:
    for name, type_ in CONTRACT.type_map.items():
        code: Any = GRAPHQL.type_map[name]
        if isinstance(type_, GraphQLScalarType) and not is_specified_scalar_type(type_):
            assert type_.coerce_input_value is code.coerce_input_value, name
        if isinstance(type_, GraphQLEnumType) and not name.startswith("__"):
            assert {word: str(value.value) for word, value in type_.values.items()} == {
                word: str(getattr(value.value, "value", value.value)) for word, value in code.values.items()
            }, name
