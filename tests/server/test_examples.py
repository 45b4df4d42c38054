"""The operations that GraphiQL opens at its first start are valid."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "server" / "graphiql" / "src" / "examples").glob("*.graphql"))


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text())


def test_every_kind_of_user_has_an_example() -> None:
    assert [path.stem for path in EXAMPLES] == ["analyst", "mobile-app", "single-page-app", "statistics"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_valid(path: Path, schema: GraphQLSchema) -> None:
    assert validate(schema, parse(path.read_text())) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_says_who_to_sign_in_as_and_names_its_tab(path: Path) -> None:
    text = path.read_text()
    [operation] = parse(text).definitions

    assert text.startswith("# ")
    assert "# 1. Sign in as" in text
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value.lower() == path.stem.replace("-", "")
