"""Where values come from: scalars of every kind, to-one, first of many, lists of scalars, objects made of columns, nodes."""

from collections.abc import Sequence
from typing import Any

import pytest

from planner.errors import RequestError, TooDeepError
from planner.source import Kind
from tests.planner.domain import World, gid

ONE = gid("library", 1)


async def test_scalars_of_every_kind(world: World) -> None:
    query = """{ library(id: "%s") { id name open openedAt founded settings label size secret } }"""

    assert (await world.ask(query % ONE))["library"] == {
        "id": ONE,
        "name": "Alder",
        "open": True,
        "openedAt": "2026-03-01T10:00:00Z",
        "founded": "1950-01-02",
        "settings": {"quiet": True},
        "label": "Alder (1)",
        "size": 8,
        "secret": "secret 1",
    }
    two = (await world.ask(query % gid("library", 2)))["library"]
    assert (two["open"], two["openedAt"], two["settings"]) == (False, "2026-03-02T10:00:00.250000Z", None)


async def test_embedded_object_is_null_when_its_first_member_is(world: World) -> None:
    query = '{ libraries(filter: {names: ["Birch"]}) { nodes { address { number street } } } }'

    nodes = (await world.ask(query))["libraries"]["nodes"]

    assert nodes == [{"address": {"number": 2, "street": "Main Street"}}, {"address": None}]


async def test_to_one_is_null_when_it_is_absent_or_in_another_house(world: World) -> None:
    query = """{ libraries(filter: {names: ["Birch", "Cedar"]}) { nodes { city { name mayor { name } } } }
      six: library(id: "%s") { city { name } } }"""

    data = await world.ask(query % gid("library", 6))

    oslo = {"name": "Oslo", "mayor": {"name": "Mira"}}
    assert [node["city"] for node in data["libraries"]["nodes"]] == [None, oslo, {"name": "Rome", "mayor": None}]
    assert data["six"] == {"city": None}


async def test_first_of_many_and_lists_of_scalars(world: World) -> None:
    data = await world.ask("{ libraries(first: 3) { nodes { tags newest { title addedAt } } } }")

    newest = {"title": "Book 2", "addedAt": "2026-03-02T10:00:00.250000Z"}
    assert data["libraries"]["nodes"] == [
        {"tags": ["big", "old"], "newest": newest},
        {"tags": [], "newest": None},
        {"tags": [], "newest": None},
    ]


async def test_shared_objects_are_written_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner import plan

    monkeypatch.setattr(plan, "MOST_JOINS", 0)

    data = await world.ask("{ books(first: 10) { nodes { shelf { code library { name } } } } }")

    assert {(node["shelf"]["code"], node["shelf"]["library"]["name"]) for node in data["books"]["nodes"]} == {
        ("S1", "Alder"),
        ("S2", "Alder"),
    }
    assert len(world.scratch.statements) == (1 if world.together else 3)


async def test_to_one_by_joins_and_by_statements_is_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner import plan

    query = "{ books { nodes { price shelf { code library { name city { mayor { name } } shelves(first: 1) { nodes { code } } } } } } }"
    answers = []
    for most in (0, 1, 2, 8):
        monkeypatch.setattr(plan, "MOST_JOINS", most)
        fresh = World(world.scratch)
        answers.append([await fresh.ask(query), (await fresh.whole(query, viewer=fresh.viewer("guest", card=1))).data])

    assert all(answer == answers[0] for answer in answers)


async def test_nodes_keep_their_order_and_are_null_where_nothing_is_to_be_seen(world: World) -> None:
    ids = [gid("book", 3), gid("library", 7), gid("library", 99), gid("book", 3), gid("city", 1)]
    quoted = ", ".join(f'"{one}"' for one in ids)

    data = await world.ask(f"{{ nodes(ids: [{quoted}]) {{ id }} none: nodes(ids: []) {{ id }} }}")

    assert data == {"nodes": [{"id": ids[0]}, None, None, {"id": ids[0]}, {"id": ids[4]}], "none": []}


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "library",
        "library_",
        "library_1",
        gid("nothing", 1),
        gid("library", 1).upper(),
        gid("library", 1) + "0",
        "x" * 5000,
        "é",
        "library_\x00",
    ],
)
async def test_texts_that_are_no_ids_are_refused(world: World, wrong: str) -> None:
    for query in (
        "query ($id: ID!) { library(id: $id) { id } }",
        "query ($id: ID!) { node(id: $id) { id } }",
        "query ($id: ID!) { nodes(ids: [$id]) { id } }",
    ):
        with pytest.raises(RequestError) as refused:
            await world.plan(query, {"id": wrong})
        assert refused.value.code == "INVALID_ID"


async def test_an_id_of_another_type_is_refused_where_one_type_is_meant(world: World) -> None:
    with pytest.raises(RequestError, match="not the id of a Library"):
        await world.plan(f'{{ library(id: "{gid("city", 1)}") {{ id }} }}')
    with pytest.raises(RequestError, match="not an id of this API"):
        await world.plan(f'{{ medium(id: "{gid("city", 1)}") {{ __typename }} }}')


async def test_more_than_a_hundred_ids_are_refused(world: World) -> None:
    with pytest.raises(RequestError, match="At most 100 ids") as refused:
        await world.plan("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [gid("book", 1)] * 101})
    assert refused.value.code == "INVALID_PAGE"


async def test_one_statement_a_level_however_many_objects(world: World) -> None:
    query = """{ libraries { nodes { name city { name } tags newest { title }
      shelves { nodes { code books(first: 3) { nodes { title shelf { code } } } } } } } }"""

    await world.ask(query)

    assert len(world.scratch.statements) == (1 if world.together else 5)  # libraries with cities, tags, newest, shelves, books with shelves


async def test_no_value_of_a_request_stands_in_a_statement(world: World) -> None:
    marker = "O'Hara; DROP TABLE library --"
    query = """query ($text: String!, $id: ID!, $cursor: String) {
      libraries(filter: {names: [$text, "ma'rk"], secret: $text}, search: $text, after: $cursor) { nodes { name } }
      library(id: $id) { name } nodes(ids: [$id]) { id } }"""
    cursor = world.engine.cursors.encode("NAME+", [marker, gid("library", 1)[8:]])

    data = await world.ask(query, {"text": marker, "id": gid("library", 2), "cursor": cursor})

    assert data["library"] == {"name": "Birch"}
    for statement in world.scratch.statements:
        assert not any(word in statement for word in ("O'Hara", "ma'rk", "DROP", gid("library", 2)[8:], gid("library", 1)[8:]))
    assert (await world.ask("{ libraries { totalCount } }"))["libraries"]["totalCount"] == 5


TOGETHER = [
    """{ libraries { totalCount nodes { name city { name } tags newest { title } shelves { totalCount pageInfo { hasNextPage }
      nodes { code books(first: 3) { edges { cursor node { title shelf { code library { name tags } } } } } } } } } }""",
    """{ a: libraries(first: 1) { pageInfo { hasNextPage endCursor } nodes { name shelves(last: 1) {
      pageInfo { hasPreviousPage startCursor } nodes { code books { nodes { title } } } } } }
      b: books(last: 2) { totalCount nodes { title shelf { code books(first: 1) { nodes { id } } } } }
      me { home { name shelves { totalCount } } } }""",
    """{ books(first: 5, orderBy: {field: TITLE}) { pageInfo { hasNextPage } edges { node { shelf { library { newest { title }
      shelves(first: 1) { nodes { books(last: 2, orderBy: {field: PAGES}) {
      nodes { pages } pageInfo { hasPreviousPage } } } } } } } } } }""",
    "{ libraries(first: 0) { totalCount nodes { shelves { nodes { code } } } } }",
]


@pytest.mark.parametrize("query", TOGETHER)
@pytest.mark.parametrize("joins", [0, 8])
async def test_levels_read_together_and_apart_are_the_same(world: World, monkeypatch: pytest.MonkeyPatch, query: str, joins: int) -> None:
    from planner import bundle, plan

    monkeypatch.setattr(plan, "MOST_JOINS", joins)
    answers = []
    for most in (1, 2, 3, 16):
        monkeypatch.setattr(bundle, "MOST_LEVELS", most)
        fresh = World(world.scratch)
        answers.append([await fresh.ask(query), await fresh.plan(query, viewer=fresh.viewer("guest", card=1))])
        assert not fresh.together or most < 16 or len(world.scratch.statements) == 1
    for most in (0, 2, 4, 8):
        monkeypatch.setattr(bundle, "MOST_COLUMNS", most)
        fresh = World(world.scratch)
        answers.append([await fresh.ask(query), await fresh.plan(query, viewer=fresh.viewer("guest", card=1))])

    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("query", TOGETHER)
async def test_what_the_engine_cannot_read_at_once_is_read_level_by_level(
    world: World, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    together = [await world.ask(query), await world.plan(query, viewer=world.viewer("guest", card=1))]
    whole, refused = world.scratch.fetch, []

    async def fetch(sql: str, args: Sequence[object] = ()) -> Any:
        if " AS MATERIALIZED " in sql:
            refused.append(sql)
            raise TooDeepError
        return await whole(sql, args)

    fresh = World(world.scratch)
    monkeypatch.setattr(world.scratch, "fetch", fetch)
    for _ in range(2):  # the second time nobody tries
        assert [await fresh.ask(query), await fresh.plan(query, viewer=fresh.viewer("guest", card=1))] == together
    assert len(refused) == 2, "once for each class of viewers"


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("width", [0, 1, 3, 99, 100, 101, 320])
@pytest.mark.parametrize("count", [0, 1, 3])
async def test_rows_of_any_width_are_packed_and_unpacked(world: World, width: int, count: int, keyed: bool) -> None:
    dialect = world.engine.dialect
    kinds = [(Kind.PLAIN, Kind.INT, Kind.FLOAT, Kind.JSON)[i % 4] for i in range(width)]
    values = [
        ("'{t} \"a\"'", "7", "CAST(0.1 AS double precision) + CAST(0.2 AS double precision)", "'{\"a\": [1]}'")[i % 4] for i in range(width)
    ]
    held = ", ".join(f"{value} AS c{i}" for i, value in enumerate(values, 1))
    rows = " UNION ALL ".join(f"SELECT '{n}' AS key{', ' if held else ''}{held}" for n in range(3))
    packed = ", ".join(dialect.packed(kinds, keyed=keyed))
    found = await world.scratch.fetch(f"SELECT {packed} FROM (SELECT * FROM ({rows}) r WHERE CAST(key AS integer) < {count}) b", ())
    unpacked = dialect.unpacked(tuple(found[0]), keyed=keyed)
    assert len(unpacked) == count
    expected = ['{t} "a"', 7, 0.1 + 0.2, '{"a": [1]}']
    for n, row in enumerate(unpacked):
        assert not keyed or row[0] == str(n)
        assert [float(cell) if kinds[i] is Kind.FLOAT else cell for i, cell in enumerate(row[1 : width + 1])] == [
            expected[i % 4] for i in range(width)
        ]
