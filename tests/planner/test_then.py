"""Instants as a parameter of what is below a field, root fields that a resolver answers, and selections below a field as another viewer."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from graphql import FieldNode, build_schema

from planner.check import SourcesError
from planner.engine import NO_VARIABLES, Engine
from planner.errors import RequestError
from planner.reference import Reference
from planner.source import ID, Elsewhere, Many, One, Order, Source, Sources, Then, column
from tests.planner import domain
from tests.planner.domain import SCOPE, World, gid

SDL = domain.SDL.replace(
    "type Me { home: Library }", "type Me { home: Library }\ntype LibraryThen { name: String! books(first: Int): Books! }"
).replace("label: String! size", "then(at: Instant!): LibraryThen label: String! size").replace(
    "medium(id: ID!): Medium", "medium(id: ID!): Medium apart: Query"
) + ("type Books { nodes: [BookThen!]! totalCount: Int! } type BookThen { id: ID! title: String! library: LibraryThen }")
FIRST, SECOND = "2026-03-01T10:00:00+00:00", "2026-03-02T10:00:00.250000+00:00"
ALL = [
    replace(source, fields={**source.fields, "then": Then("LibraryThen")})
    if source.name == "Library"
    else replace(source, fields={**source.fields, "apart": Elsewhere("APART", "Not here.")})
    if source.name == "Query"
    else source
    for source in domain.ALL
] + [
    Source(
        "LibraryThen",
        {"name": column("name"), "books": Many("BookThen", "{t}.library_id = {key} AND {t}.added_at <= :at")},
        table="library",
        scope=f"{SCOPE} AND {{t}}.opened_at <= :at",
    ),
    Source(
        "BookThen",
        {"id": column("id", ID), "title": column("title"), "library": One("LibraryThen", "{t}.library_id")},
        table="book",
        tag="bookthen",
        scope=SCOPE,
        orders={"ID": Order("{t}.id")},
    ),
]


@pytest.fixture
async def later(world: World) -> World:
    schema = build_schema(SDL)
    instant: Any = schema.type_map["Instant"]
    instant.parse_value = instant.coerce_input_value = datetime.fromisoformat
    world.engine = Engine(schema, Sources(ALL), dialect=world.scratch.dialect, secret=b"tiny")
    world.reference = Reference(world.engine)
    return world


async def test_everything_below_is_read_with_the_instant(later: World) -> None:
    """Given two instants of one object in one answer, and one within the other, then each has its own."""
    query = f"""query ($id: ID!, $at: Instant!) {{ library(id: $id) {{
      first: then(at: $at) {{ name books {{ totalCount nodes {{ title library {{ name books {{ totalCount }} }} }} }} }}
      second: then(at: "{SECOND}") {{ books {{ totalCount }} }} never: then(at: "2020-01-01T00:00:00+00:00") {{ name }} }} }}"""
    data = await later.ask(query, {"id": gid("library", 1), "at": FIRST})
    first, second = data["library"]["first"], data["library"]["second"]
    assert (first["name"], first["books"]["totalCount"], second["books"]["totalCount"]) == ("Alder", 6, 8)
    assert {node["library"]["books"]["totalCount"] for node in first["books"]["nodes"]} == {6}
    assert data["library"]["never"] is None


async def test_a_list_of_many_asks_once_for_each_level(later: World) -> None:
    data = await later.ask(f'{{ libraries {{ nodes {{ then(at: "{FIRST}") {{ name books {{ totalCount }} }} }} }} }}')
    assert [node["then"] and node["then"]["name"] for node in data["libraries"]["nodes"]] == ["Alder", None, "Birch", "Cedar", None]
    assert len(later.scratch.statements) <= 3


async def test_a_field_that_a_resolver_answers_is_refused_by_the_planner(later: World) -> None:
    engine = later.engine
    prepared = engine.prepare("{ apart { __typename } me { home { name } } }")
    assert not engine.plannable(prepared, engine.operation(prepared, None))
    for text, code in (("{ apart { __typename } }", "APART"), ("{ __schema { __typename } }", "BAD_USER_INPUT")):
        with pytest.raises(RequestError) as refused:
            await below(later, text, "guest")
        assert refused.value.code == code


async def below(world: World, text: str, who: str) -> Any:
    """Answer to a selection as if it stood below a field, and somebody had asked."""
    prepared = world.engine.prepare(f"{{ apart {text} }}")
    assert not prepared.errors
    node = world.engine.operation(prepared, None).selection_set.selections[0]
    assert isinstance(node, FieldNode)
    viewer = world.viewer(who, card=1)
    answer = await world.engine.run_below(prepared, [node], NO_VARIABLES, viewer, world.scratch.connect)
    return answer.data, answer.withheld


async def test_a_selection_below_a_field_is_answered_for_its_own_viewer(later: World) -> None:
    """Given a guest and a friend, then each gets what they get at the root, and plans are not mixed up."""
    text = "{ libraries { nodes { name motto secret } } }"
    for who in ("friend", "guest", "friend", "guest"):
        whole = await later.plan(text, viewer=later.viewer(who, card=1))
        assert await below(later, text, who) == (whole.data, whole.withheld)
    assert (await below(later, text, "guest"))[1] != []


def test_a_past_that_leads_nowhere_is_refused_at_the_start() -> None:
    with pytest.raises(SourcesError, match=r"Library\.then leads to LibraryThen, which has no source\."):
        Engine(build_schema(SDL), Sources([source for source in ALL if source.name != "LibraryThen"]), dialect="sqlite", secret=b"tiny")
