"""Lists: pages in both directions, filters, orders, counts, cursors."""

from typing import Any

import pytest

from planner.errors import RequestError
from tests.planner.domain import World, gid, key

LIBRARIES = """query ($first: Int, $last: Int, $after: String, $before: String, $order: LibraryOrder) {
  list: libraries(first: $first, last: $last, after: $after, before: $before, orderBy: $order, filter: {names: null}) { BODY } }"""
BOOKS = """query ($first: Int, $last: Int, $after: String, $before: String, $order: BookOrder) {
  library(id: "ID") { shelves(last: 1, after: null) { nodes {
    books(first: $first, last: $last, after: $after, before: $before, orderBy: $order) { BODY } } } } }"""
ITEMS = """query ($first: Int, $last: Int, $after: String, $before: String) {
  library(id: "ID") { items(first: $first, last: $last, after: $after, before: $before) { BODY } } }"""
BODY = "edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"


def _found(data: Any) -> Any:
    """The connection somewhere in the answer."""
    while "edges" not in data:
        data = next(iter(data.values())) if isinstance(data, dict) else data[0]
    return data


async def _page(world: World, query: str, **variables: Any) -> Any:
    found = _found(await world.ask(query.replace("BODY", BODY).replace("ID", gid("library", 1)), variables))
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    cursors = [edge["cursor"] for edge in found["edges"]] or [None]
    assert (found["pageInfo"]["startCursor"], found["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
    return found


async def _walk(world: World, query: str, size: int, *, backwards: bool, **variables: Any) -> list[str]:
    """Ids met page by page, in the order of the walk."""
    met: list[str] = []
    cursor, total = None, 0
    for _ in range(20):
        bounds = {"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}
        page = await _page(world, query, **bounds, **variables)
        ids = [node["id"] for node in page["nodes"]]
        info, total = page["pageInfo"], page["totalCount"]
        assert info["hasNextPage" if backwards else "hasPreviousPage"] is (cursor is not None)
        met += reversed(ids) if backwards else ids
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            break
        cursor = info["startCursor" if backwards else "endCursor"]
    assert len(met) == total
    return met


ORDERS: list[tuple[str, dict[str, str] | None]] = [
    *((LIBRARIES, {"field": field, "direction": way}) for field in ("NAME", "OPENED", "FOUNDED") for way in ("ASC", "DESC")),
    (LIBRARIES, None),
    *((BOOKS, {"field": field, "direction": way}) for field in ("ADDED", "TITLE", "PAGES") for way in ("ASC", "DESC")),
    (BOOKS, None),
    (ITEMS, None),
]


@pytest.mark.parametrize(("query", "order"), ORDERS)
async def test_walking_a_list_gives_the_list_and_backwards_its_reverse(world: World, query: str, order: dict[str, str] | None) -> None:
    given = {} if query == ITEMS else {"order": order}
    whole = [node["id"] for node in (await _page(world, query, first=100, **given))["nodes"]]
    assert len(set(whole)) == len(whole) >= 4
    for size in (1, 2, 3):
        assert await _walk(world, query, size, backwards=False, **given) == whole
        assert await _walk(world, query, size, backwards=True, **given) == whole[::-1]


async def test_descending_is_the_reverse_of_ascending_even_among_ties(world: World) -> None:
    for field in ("NAME", "OPENED", "FOUNDED"):
        up, down = [
            [node["id"] for node in (await _page(world, LIBRARIES, order={"field": field, "direction": way}))["nodes"]]
            for way in ("ASC", "DESC")
        ]
        assert up == down[::-1]


async def test_items_of_several_types_are_in_one_order_with_equal_instants(world: World) -> None:
    query = (
        """{ library(id: "ID") { items { nodes { __typename id addedAt ... on Book { pages } ... on Film { minutes } } totalCount } } }"""
    )

    items = (await world.ask(query.replace("ID", gid("library", 1))))["library"]["items"]

    order = [(node["addedAt"], node["id"].partition("_")[2]) for node in items["nodes"]]
    assert order == sorted(order, reverse=True)
    assert items["totalCount"] == len(order) == 13
    assert len({at for at, _ in order}) == 2


@pytest.mark.parametrize(("kinds", "count"), [(["BOOK"], 8), (["FILM"], 5), (["FILM", "BOOK", "FILM"], 13), ([], 0), (None, 13)])
async def test_items_by_kind(world: World, kinds: list[str] | None, count: int) -> None:
    query = """query ($kinds: [ItemKind!]) { library(id: "ID") { items(filter: {kinds: $kinds}, first: 2) {
      totalCount nodes { __typename } pageInfo { hasNextPage } } } }"""

    items = (await world.ask(query.replace("ID", gid("library", 1)), {"kinds": kinds}))["library"]["items"]

    assert (items["totalCount"], len(items["nodes"]), items["pageInfo"]["hasNextPage"]) == (count, min(2, count), count > 2)


async def test_an_empty_choice_of_kinds_still_checks_its_cursor(world: World) -> None:
    with pytest.raises(RequestError, match="not issued"):
        await world.plan(f'{{ library(id: "{gid("library", 1)}") {{ items(filter: {{kinds: []}}, after: "x") {{ totalCount }} }} }}')


@pytest.mark.parametrize("query", [LIBRARIES, BOOKS, ITEMS])
async def test_pages_of_nothing(world: World, query: str) -> None:
    for bounds in ({"first": 0}, {"last": 0}):
        page = await _page(world, query, **bounds)
        assert page["nodes"] == []
        assert page["totalCount"] > 0
        assert page["pageInfo"]["hasNextPage" if "first" in bounds else "hasPreviousPage"] is True


async def test_empty_lists(world: World) -> None:
    data = await world.ask(f'{{ library(id: "{gid("library", 2)}") {{ shelves {{ {BODY} }} items {{ {BODY} }} }} }}')

    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    empty = {"edges": [], "nodes": [], "pageInfo": nothing, "totalCount": 0}
    assert data["library"] == {"shelves": empty, "items": empty}


async def test_both_bounds_cut_the_list_from_either_end(world: World) -> None:
    cursors = [edge["cursor"] for edge in (await _page(world, LIBRARIES, first=100))["edges"]]
    names = [node["id"] for node in (await _page(world, LIBRARIES, first=100))["nodes"]]

    middle = await _page(world, LIBRARIES, first=2, after=cursors[0], before=cursors[4])
    end = await _page(world, LIBRARIES, last=2, after=cursors[0], before=cursors[4])
    default = await _page(world, LIBRARIES, before=cursors[2])

    assert [node["id"] for node in middle["nodes"]] == names[1:3]
    assert [node["id"] for node in end["nodes"]] == names[2:4]
    assert [node["id"] for node in default["nodes"]] == names[:2]


async def test_the_cursor_of_a_row_that_is_gone_still_marks_its_place(world: World) -> None:
    for query, table in ((LIBRARIES, "library"), (BOOKS, "book"), (ITEMS, "film")):
        page = await _page(world, query, first=100)
        place = next(i for i, node in enumerate(page["nodes"]) if node["id"].startswith(table) and 0 < i < len(page["nodes"]) - 1)
        rest = [node["id"] for node in page["nodes"][place + 1 :]]

        await world.scratch.run(f"DELETE FROM {table} WHERE id = '{page['nodes'][place]['id'].partition('_')[2]}'")

        assert [node["id"] for node in (await _page(world, query, after=page["edges"][place]["cursor"]))["nodes"]] == rest


@pytest.mark.parametrize("body", ["totalCount", "a: totalCount b: totalCount", "__typename totalCount"])
async def test_a_count_alone_reads_no_row(world: World, body: str) -> None:
    await world.ask(f"{{ libraries {{ {body} }} }}")

    assert len(world.scratch.statements) == 1
    assert world.scratch.statements[0].lower().count("count(*)") == 1


async def test_nothing_is_counted_unless_it_is_asked(world: World) -> None:
    query = "{ libraries { nodes { shelves { nodes { code } pageInfo { hasNextPage } COUNT } items { nodes { id } COUNT } } COUNT } }"

    await world.ask(query.replace("COUNT", ""))
    without = "".join(world.scratch.statements)
    await world.ask(query.replace("COUNT", "totalCount"))

    assert "count(*)" not in without
    assert "".join(world.scratch.statements).count("count(*)") == 4  # one a list, and one more for the second kind of item


async def test_rows_that_no_table_has_are_paged_for_each_parent(world: World) -> None:
    """Given each book beside each film of a library, then pages in both directions hold each pair once, by pages and then by key."""
    pairs = [(100 + book % 2, key("book", book), key("film", film)) for book in range(1, 9) for film in range(1, 6)]
    expected = [f"{book}.{film}" for _, book, film in sorted(pairs)]
    for size, cursor, end in (("first", "after", "endCursor"), ("last", "before", "startCursor")):
        seen: list[str] = []
        place = ""
        while True:
            page = f"({size}: 7{place}) {{ nodes {{ id pages book {{ id }} film {{ id }} }} pageInfo {{ {end} }} totalCount }}"
            found = (await world.ask(f"{{ libraries(first: 3) {{ nodes {{ evenings{page} }} }} }}"))["libraries"]["nodes"]
            assert [library["evenings"]["totalCount"] for library in found] == [40, 0, 0]
            nodes = found[0]["evenings"]["nodes"]
            assert [node["id"] for node in nodes] == [f"{node['book']['id'][5:]}.{node['film']['id'][5:]}" for node in nodes]
            seen = seen + [node["id"] for node in nodes] if size == "first" else [node["id"] for node in nodes] + seen
            if len(nodes) < 7:
                break
            place = f', {cursor}: "{found[0]["evenings"]["pageInfo"][end]}"'
        assert seen == expected
    short = await world.ask("{ libraries(first: 1) { nodes { evenings(first: 2) { nodes { id } } } } }")
    assert [node["id"] for node in short["libraries"]["nodes"][0]["evenings"]["nodes"]] == expected[:2]


async def test_filters_search_and_what_is_left_out_by_default(world: World) -> None:
    async def names(arguments: str) -> list[str]:
        return [node["name"] for node in (await world.ask(f"{{ libraries{arguments} {{ nodes {{ name }} }} }}"))["libraries"]["nodes"]]

    assert await names("") == ["Alder", "Birch", "Birch", "Cedar", "Elm"]
    assert await names("(filter: {deleted: true})") == ["Fir"]
    assert await names("(filter: {open: true})") == ["Alder", "Birch", "Elm"]
    assert await names('(filter: {open: false, names: ["Birch", "Elm"]})') == ["Birch"]
    assert await names("(filter: {names: []})") == []
    assert await names('(search: "b")') == ["Birch", "Birch"]
    assert await names('(search: "b", filter: {open: true}, first: 1)') == ["Birch"]
    assert await names("(filter: {}, search: null, orderBy: null)") == ["Alder", "Birch", "Birch", "Cedar", "Elm"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: -1", "INVALID_PAGE"),
        ("last: 101", "INVALID_PAGE"),
        ("first: 1, last: 1", "INVALID_PAGE"),
        ('after: ""', "INVALID_CURSOR"),
        ('after: "not a cursor"', "INVALID_CURSOR"),
        ('before: "é"', "INVALID_CURSOR"),
    ],
)
async def test_pages_that_cannot_be_are_refused(world: World, arguments: str, code: str) -> None:
    for query in (
        f"{{ libraries({arguments}) {{ nodes {{ id }} }} }}",
        f'{{ library(id: "{gid("library", 1)}") {{ items({arguments}) {{ totalCount }} }} }}',
    ):
        with pytest.raises(RequestError) as refused:
            await world.plan(query)
        assert refused.value.code == code


async def test_a_cursor_with_any_letter_changed_is_refused(world: World) -> None:
    cursor = (await _page(world, LIBRARIES, first=1))["edges"][0]["cursor"]
    for place in range(len(cursor)):
        other = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(RequestError, match="not issued"):
            world.engine.cursors.decode("NAME+", other)


async def test_a_cursor_of_another_order_or_of_another_secret_is_refused(world: World) -> None:
    from planner.ids import Cursors

    mine = world.engine.cursors.encode("NAME+", ["Alder", key("library", 1)])
    with pytest.raises(RequestError, match="another order"):
        await world.plan("query ($c: String) { libraries(after: $c, orderBy: {field: NAME, direction: DESC}) { totalCount } }", {"c": mine})
    theirs = Cursors(b"another").encode("NAME+", ["Alder", key("library", 1)])
    with pytest.raises(RequestError, match="not issued"):
        await world.plan("query ($c: String) { libraries(after: $c) { totalCount } }", {"c": theirs})


async def test_a_text_with_a_null_character_is_refused(world: World) -> None:
    for arguments in ("filter: {secret: $x}", "filter: {names: [$x]}", "search: $x"):
        with pytest.raises(RequestError) as refused:
            await world.plan(f"query ($x: String!) {{ libraries({arguments}) {{ totalCount }} }}", {"x": "a\x00b"})
        assert refused.value.code == "BAD_USER_INPUT"
