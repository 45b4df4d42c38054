"""Cost of an operation before it runs: an upper bound of the objects of its answer, found in one walk."""

from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse

from planner.cost import LIST, Costs
from planner.paging import DEFAULT_PAGE
from planner.selection import fragments_of
from server.budget import objects_in
from tests.planner.differential import Side, pool_of
from tests.planner.generate import Generator

SCHEMA: GraphQLSchema = build_schema(
    """
    type Query { one: Author authors(first: Int, last: Int): AuthorConnection! nodes(ids: [ID!]!): [Author] report: Author }
    type Author { name: String! tags: [Tag!]! books(first: Int): BookConnection! friend: Author }
    type Tag { word: String! }
    type Book { title: String! author: Author! }
    type PageInfo { hasNextPage: Boolean! }
    type AuthorConnection { nodes: [Author!]! edges: [AuthorEdge!]! pageInfo: PageInfo! totalCount: Int! }
    type AuthorEdge { cursor: String! node: Author! }
    type BookConnection { nodes: [Book!]! pageInfo: PageInfo! }
    """
)


def cost(text: str, **variables: Any) -> int:
    document = parse(text)
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    part = Costs(SCHEMA, {("Query", "report"): 100, ("Author", "*"): 0}).of(operation, fragments_of(document))
    return part.count(variables, {})[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 0),
        ("{ one { name } }", 1),
        ("{ a: one { name } b: one { friend { name } } }", 3),
        ("{ report { name } }", 101),
        ("{ authors { totalCount } }", 1),
        ("{ authors { nodes { name } } }", 1 + DEFAULT_PAGE),
        ("{ authors(first: 3) { nodes { name } pageInfo { hasNextPage } } }", 1 + 3 + 1),
        ("{ authors(last: 3) { edges { cursor node { name } } } }", 1 + 3 * 2),
        ("{ authors(first: 3) { nodes { books(first: 2) { nodes { author { name } } } } } }", 1 + 3 * (1 + 1 + 2 * (1 + 1))),
        ('{ nodes(ids: ["a", "b"]) { name } }', 2),
        ("{ one { tags { word } } }", 1 + LIST),
        ("{ authors(first: 4) { ...Page } } fragment Page on AuthorConnection { nodes { ...Name } ... { edges { cursor } } }"
         " fragment Name on Author { friend { name } }", 1 + 4 * 2 + 4),
    ],
)  # fmt: skip
def test_objects_are_counted_by_the_sizes_of_pages(text: str, expected: int) -> None:
    assert cost(text) == expected


def test_a_size_in_a_variable_counts_as_what_it_is() -> None:
    text = (
        "query ($n: Int, $ids: [ID!]!) { authors(first: $n) { nodes { books(first: $n) { nodes { title } } } } nodes(ids: $ids) { name } }"
    )

    assert cost(text, n=5, ids=["a"] * 7) == 1 + 5 * (1 + 1 + 5) + 7
    assert cost(text, n=None, ids=[]) == 1 + DEFAULT_PAGE * (1 + 1 + DEFAULT_PAGE)


def test_fragments_within_fragments_are_walked_once_each() -> None:
    """Written out, these would be 2 ** 60 fields, in constants as well as in variables."""
    chain = " ".join(f"fragment F{i} on Author {{ a: friend {{ ...F{i + 1} }} b: friend {{ ...F{i + 1} }} }}" for i in range(60))
    last = " fragment F60 on Author { books(first: SIZE) { nodes { title } } }"
    text = "query ($n: Int) { one { ...F0 } } " + chain + last

    expected = 2**60 * (1 + 3 + 2) - 1  # twice as many friends on each of the 60 levels, and the books of the last
    assert cost(text.replace("SIZE", "3")) == cost(text.replace("SIZE", "$n"), n=3) == expected


async def test_the_cost_is_no_less_than_the_answer_on_postgresql_and_sqlite(sides: list[Side]) -> None:
    generator = Generator(sides[0].engine.schema, sides[0].engine.sources, await pool_of(sides[0]))
    for operation in generator.sweep():
        engine = sides[0].engine
        prepared = engine.prepare(operation.text)
        node = engine.operation(prepared, None)
        bound = engine.cost(prepared, node, engine.variables(prepared, node, operation.variables))

        outcome = await sides[0].planned(operation, "owner")

        assert outcome.crash or objects_in(orjson.loads(outcome.data or b"{}")) <= bound, operation.text
