"""What a document asks: aliases, fragments, merged fields, `@skip` and `@include`, variables, `__typename`."""

from typing import Any

import pytest

from planner.errors import RequestError
from tests.planner.domain import World, gid

ONE = gid("library", 1)


async def test_aliases_answer_under_their_own_keys(world: World) -> None:
    data = await world.ask(f'{{ a: library(id: "{ONE}") {{ x: name y: name name }} b: library(id: "{gid("library", 2)}") {{ name }} }}')

    assert data == {"a": {"x": "Alder", "y": "Alder", "name": "Alder"}, "b": {"name": "Birch"}}


async def test_fields_asked_twice_are_merged_in_the_order_of_their_first_place(world: World) -> None:
    query = f'{{ library(id: "{ONE}") {{ city {{ name }} name }} library(id: "{ONE}") {{ open city {{ id mayor {{ name }} }} }} }}'

    data = await world.ask(query)

    city = {"name": "Oslo", "id": gid("city", 1), "mayor": {"name": "Mira"}}
    assert data == {"library": {"city": city, "name": "Alder", "open": True}}
    assert list(data["library"]) == ["city", "name", "open"]


async def test_fragments_named_inline_and_nested(world: World) -> None:
    query = """
    query { ...Root }
    fragment Root on Query { library(id: "ID") { ...Both ... { open } ... on Node { id } ... on Library { label } } }
    fragment Both on Library { ...Name city { ...Where } }
    fragment Name on Library { name }
    fragment Where on City { name ...Nothing }
    fragment Nothing on Node { ... on Book { title } }
    """

    data = await world.ask(query.replace("ID", ONE))

    assert data == {"library": {"name": "Alder", "city": {"name": "Oslo"}, "open": True, "id": ONE, "label": "Alder (1)"}}


@pytest.mark.parametrize(
    ("skip", "include", "there"), [(False, True, True), (True, True, False), (False, False, False), (True, False, False)]
)
async def test_skip_and_include_together(world: World, skip: bool, include: bool, there: bool) -> None:
    written = f"@skip(if: {str(skip).lower()}) @include(if: {str(include).lower()})"
    by_variable = "@include(if: $include) @skip(if: $skip)"
    for directives, head in ((written, ""), (by_variable, "query ($skip: Boolean!, $include: Boolean = true)")):
        variables = {"skip": skip, "include": include} if head else {}

        field = await world.ask(f'{head} {{ library(id: "{ONE}") {{ id name {directives} }} }}', variables)
        inline = await world.ask(f'{head} {{ library(id: "{ONE}") {{ id ... {directives} {{ name }} }} }}', variables)
        spread = await world.ask(
            f'{head} {{ library(id: "{ONE}") {{ id ...N {directives} }} }} fragment N on Library {{ name }}', variables
        )

        assert field == inline == spread == {"library": {"id": ONE, **({"name": "Alder"} if there else {})}}


async def test_what_is_skipped_costs_no_statement(world: World) -> None:
    query = "query ($no: Boolean = false) { libraries { nodes { name shelves @include(if: $no) { nodes { code } } } } }"

    await world.ask(query)

    assert len(world.scratch.statements) == 1


async def test_one_document_with_several_values_of_a_flag_is_planned_for_each(world: World) -> None:
    query = f'query ($yes: Boolean!) {{ library(id: "{ONE}") {{ id name @include(if: $yes) }} }}'
    with_it, without, again = [await world.ask(query, {"yes": yes}) for yes in (True, False, True)]

    assert with_it == again == {"library": {"id": ONE, "name": "Alder"}}
    assert without == {"library": {"id": ONE}}


async def test_null_for_a_flag_is_refused(world: World) -> None:
    query = f'query ($yes: Boolean = true) {{ library(id: "{ONE}") {{ id name @include(if: $yes) }} }}'

    with pytest.raises(RequestError) as refused:
        await world.plan(query, {"yes": None})

    assert (refused.value.code, refused.value.message) == ("BAD_USER_INPUT", "`$yes` decides what is included and may not be null.")


async def test_everything_skipped_leaves_an_empty_object(world: World) -> None:
    assert await world.ask(f'{{ library(id: "{ONE}") {{ name @skip(if: true) }} }}') == {"library": {}}
    assert await world.ask("{ me @skip(if: true) { home { id } } }") == {}


async def test_variables_and_their_defaults(world: World) -> None:
    query = """query ($n: Int = 1, $order: LibraryOrder = {field: NAME, direction: DESC}, $names: [String!]) {
      libraries(first: $n, orderBy: $order, filter: {names: $names}) { nodes { name } } }"""

    def named(data: Any) -> list[str]:
        return [node["name"] for node in data["libraries"]["nodes"]]

    assert named(await world.ask(query)) == ["Elm"]
    assert named(await world.ask(query, {"n": 2, "order": {"field": "NAME"}})) == ["Alder", "Birch"]
    assert named(await world.ask(query, {"n": None, "order": None, "names": ["Cedar", "Elm"]})) == ["Cedar", "Elm"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [({}, "to be provided"), ({"id": None}, "not to be None"), ({"id": {}}, "$id")],
)
async def test_variables_that_do_not_fit_are_refused(world: World, variables: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError) as refused:
        await world.plan("query ($id: ID!) { library(id: $id) { name } }", variables)

    assert refused.value.code == "BAD_USER_INPUT"
    assert message in refused.value.message


async def test_typename_everywhere(world: World) -> None:
    query = f"""{{ __typename me {{ __typename home {{ __typename }} }}
      library(id: "{ONE}") {{ t: __typename address {{ __typename }} city {{ __typename }}
        shelves(first: 1) {{ __typename pageInfo {{ __typename }} edges {{ __typename node {{ __typename }} }} nodes {{ __typename }} }}
        items(first: 1) {{ __typename nodes {{ __typename }} }} }}
      medium(id: "{gid("film", 1)}") {{ __typename }} }}"""

    data = await world.ask(query)

    shelves = {
        "__typename": "ShelfConnection",
        "pageInfo": {"__typename": "PageInfo"},
        "edges": [{"__typename": "ShelfEdge", "node": {"__typename": "Shelf"}}],
        "nodes": [{"__typename": "Shelf"}],
    }
    assert data == {
        "__typename": "Query",
        "me": {"__typename": "Me", "home": {"__typename": "Library"}},
        "library": {
            "t": "Library",
            "address": {"__typename": "Address"},
            "city": {"__typename": "City"},
            "shelves": shelves,
            "items": {"__typename": "ItemConnection", "nodes": [{"__typename": "Film"}]},
        },
        "medium": {"__typename": "Film"},
    }


async def test_interfaces_and_unions(world: World) -> None:
    book, film = gid("book", 1), gid("film", 2)
    query = f"""{{ nodes(ids: ["{film}", "{book}", "{ONE}"]) {{
        id ... on Item {{ title }} ... on Book {{ pages }} ... on Film {{ minutes }} ... on Library {{ name }} }}
      a: medium(id: "{book}") {{ ... on Book {{ pages }} ... on Film {{ minutes }} ... on Node {{ id }} }} }}"""

    data = await world.ask(query)

    assert data["nodes"] == [
        {"id": film, "title": "Film 2", "minutes": 90},
        {"id": book, "title": "Book 1", "pages": 101},
        {"id": ONE, "name": "Alder"},
    ]
    assert data["a"] == {"pages": 101, "id": book}


async def test_a_document_with_several_operations(world: World) -> None:
    prepared = world.engine.prepare("query A { me { home { name } } } query B { __typename }")

    assert world.engine.operation(prepared, "B").name.value == "B"  # type: ignore[union-attr]
    for name, message in ((None, "several operations"), ("C", "no operation of that name")):
        with pytest.raises(RequestError, match=message) as refused:
            world.engine.operation(prepared, name)
        assert refused.value.code == "OPERATION_NOT_FOUND"
