"""Who sees what: fields withheld by row and by viewer, rows hidden, the gate, and runs whose statements disagree."""

from dataclasses import replace
from typing import Any

import pytest

from planner.errors import InconsistentError, NotLiveError, RequestError
from planner.source import Sources
from tests.planner import domain
from tests.planner.domain import World, gid, key

SHUT = {"code": "SHUT", "because": "The library is shut."}
NEVER = {"code": "NEVER", "because": "A motto is for friends."}
POOR = {"code": "POOR", "because": "Prices are for gold."}


async def test_a_column_decides_row_by_row(world: World) -> None:
    query = "{ libraries { nodes { name s: secret secret motto city { name } } } }"

    answer = await world.whole(query, viewer=world.viewer("guest"))

    nodes = answer.data["libraries"]["nodes"]
    assert [(n["name"], n["s"], n["motto"]) for n in nodes] == [
        ("Alder", "secret 1", None),
        ("Birch", "secret 2", None),
        ("Birch", "secret 3", None),
        ("Cedar", None, None),
    ]
    assert nodes[3]["city"] is None
    there = ["libraries", "nodes", 3]
    shut = [{"path": [*there, name], **SHUT} for name in ("s", "secret", "city")]
    assert sorted(answer.withheld, key=str) == sorted(
        [{"path": ["libraries", "nodes", i, "motto"], **NEVER} for i in range(4)] + shut, key=str
    )
    assert (await world.whole(query)).withheld == []


async def test_paths_lead_through_aliases_lists_and_shared_objects(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner import plan

    query = "{ all: books(first: 2) { edges { n: node { at: shelf { of: library { m: motto } } } } } }"
    for most in (0, 8):
        monkeypatch.setattr(plan, "MOST_JOINS", most)

        answer = await World(world.scratch).whole(query, viewer=world.viewer("guest", card=2))

        paths = [note["path"] for note in answer.withheld]
        assert paths == [["all", "edges", i, "n", "at", "of", "m"] for i in (0, 1)]


async def test_the_gate_decides_for_the_whole_run(world: World) -> None:
    query = f'{{ books(first: 1) {{ nodes {{ title price }} }} node(id: "{gid("book", 3)}") {{ ... on Book {{ price }} }} }}'

    tin = await world.whole(query, viewer=world.viewer("guest", card=1))
    gold = await world.whole(query, viewer=world.viewer("guest", card=2))

    assert tin.data["books"]["nodes"] == [{"title": "Book 1", "price": None}]
    assert [note["path"] for note in tin.withheld] == [["books", "nodes", 0, "price"], ["node", "price"]]
    assert (gold.data["node"], gold.withheld) == ({"price": 3}, [])


async def test_an_unknown_combination_withholds_all_that_is_guarded(world: World) -> None:
    await world.scratch.run(f"UPDATE library SET status = 'BURNT' WHERE id = '{key('library', 1)}'")
    await world.scratch.run(f"UPDATE pass SET grade = 'WOOD' WHERE id = '{key('pass', 1)}'")

    answer = await world.plan(
        f'{{ library(id: "{gid("library", 1)}") {{ name secret motto city {{ name }} newest {{ title price }} }}'
        " books(first: 1) { nodes { price } } }",
        viewer=world.viewer("guest", card=1),
    )

    assert answer.data == {
        "library": {"name": "Alder", "secret": None, "motto": None, "city": None, "newest": None},
        "books": {"nodes": [{"price": None}]},
    }
    assert [note["path"][-1] for note in answer.withheld] == ["secret", "motto", "city", "newest", "price"]


async def test_what_is_withheld_in_every_case_is_not_fetched(world: World) -> None:
    await world.whole("{ libraries { nodes { motto } } }", viewer=world.viewer("guest"))

    assert "motto" not in world.scratch.statements[0]


async def test_hidden_rows_are_absent_by_every_way(world: World) -> None:
    hidden, guest = gid("library", 5), world.viewer("guest", home=5)
    query = (
        f'{{ library(id: "{hidden}") {{ id }} node(id: "{hidden}") {{ id }} me {{ home {{ id }} }}'
        ' libraries(search: "elm") { totalCount nodes { id } } }'
    )

    assert await world.ask(query, viewer=guest) == {
        "library": None,
        "node": None,
        "me": {"home": None},
        "libraries": {"totalCount": 0, "nodes": []},
    }
    other = await world.ask(query.replace("elm", "alder"), viewer=world.viewer(house=2, home=5))
    assert other["library"] is other["node"] is other["me"]["home"] is None
    assert other["libraries"]["nodes"] == [{"id": gid("library", 7)}]


@pytest.mark.parametrize("arguments", ['filter: {secret: "secret 1"}', "orderBy: {field: SECRET}"])
async def test_lists_do_not_tell_what_is_withheld(world: World, arguments: str) -> None:
    query = f"{{ libraries({arguments}) {{ totalCount }} }}"
    assert (await world.ask(query))["libraries"]["totalCount"] > 0

    with pytest.raises(RequestError, match="`secret`") as refused:
        await world.plan(query, viewer=world.viewer("guest"))

    assert refused.value.code == "FORBIDDEN_FILTER"


QUERIES = [
    "{ libraries { nodes { name } } }",
    "{ libraries { totalCount } }",
    "{ libraries(first: 0) { nodes { name } } }",
    '{ libraries(search: "nothing") { nodes { name } } }',
    f'{{ library(id: "{gid("library", 99)}") {{ name }} }}',
    f'{{ node(id: "{gid("library", 1)}") {{ id }} }}',
    "{ nodes(ids: []) { id } }",
    "{ me { home { name } } }",
    "{ me { __typename } }",
    "{ __typename }",
]


@pytest.mark.parametrize("query", QUERIES)
async def test_the_gate_lets_nobody_through_whose_pass_is_void(world: World, query: str) -> None:
    assert (await world.plan(query, viewer=world.viewer(card=2))).data
    for card in (3, 99):
        with pytest.raises(NotLiveError):
            await world.plan(query, viewer=world.viewer(card=card))


async def test_the_gate_costs_no_statement_of_its_own(world: World) -> None:
    query = "{ libraries { nodes { name shelves { nodes { code } } } totalCount } }"
    await world.ask(query)
    open_house = len(world.scratch.statements)

    await world.ask(query, viewer=world.viewer(card=2))

    assert len(world.scratch.statements) == open_house


async def test_statements_that_disagree_run_once_more_inside_a_snapshot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner import bundle, plan

    monkeypatch.setattr(plan, "MOST_JOINS", 0)
    monkeypatch.setattr(bundle, "MOST_LEVELS", 1)

    async def close_a_shelf() -> None:
        await world.scratch.run(f"DELETE FROM book WHERE shelf_id = '{key('shelf', 1)}'")
        await world.scratch.run(f"DELETE FROM shelf WHERE id = '{key('shelf', 1)}'")

    world.scratch.between[2] = close_a_shelf

    answer = await world.plan("{ books { nodes { shelf { code } } } }")

    assert world.scratch.snapshots == 1
    assert answer.data["books"]["nodes"] == [{"shelf": {"code": "S2"}}] * 5


async def test_what_disagrees_even_in_a_snapshot_is_an_error_of_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from planner import plan

    await world.scratch.run(f"DELETE FROM shelf WHERE id = '{key('shelf', 1)}'")
    for most in (0, 8):
        monkeypatch.setattr(plan, "MOST_JOINS", most)
        world.scratch.snapshots = 0
        with pytest.raises(InconsistentError):
            await World(world.scratch).plan("{ books { nodes { shelf { code } } } }")
        assert world.scratch.snapshots == 1


async def test_an_item_that_vanishes_between_statements_is_left_out(world: World) -> None:
    async def burn() -> None:
        await world.scratch.run(f"DELETE FROM film WHERE id = '{key('film', 2)}'")

    query = f'{{ library(id: "{gid("library", 1)}") {{ items {{ edges {{ cursor node {{ id }} }} nodes {{ id }} }} }} }}'
    world.scratch.between[3] = burn

    items = (await world.plan(query)).data["library"]["items"]

    ids = [node["id"] for node in items["nodes"]]
    assert len(ids) == 12
    assert gid("film", 2) not in ids
    assert [edge["node"]["id"] for edge in items["edges"]] == ids


# -- the closed world ----------------------------------------------------------------------------------------------------


def _with(which: str, **changed: Any) -> Sources:
    return Sources([replace(source, **changed) if source.name == which else source for source in domain.ALL])


CHECKS: list[tuple[Any, str]] = [
    (lambda: Sources([*domain.ALL, replace(domain.LIBRARY, name="Town", tag="town")]), "Town has a source and no type."),
    (lambda: _with("Person", fields={"id": domain.FIELDS["id"]}), r"fields of Person: \['name'\] have no source; \[\] are not declared."),
    (
        lambda: _with("Person", fields={**domain.ALL[4].fields, "age": domain.FIELDS["id"]}),
        r"fields of Person: \[\] have no source; \['age'\] are not declared.",
    ),
    (lambda: Sources([s for s in domain.ALL if s.name != "Person"]), "City.mayor leads to Person, which has no source."),
    (lambda: Sources([s for s in domain.ALL if s.name != "Film"]), r"Library.items leads to \['Film'\], which have no source."),
    (lambda: _with("Shelf", orders={}), "Library.shelves: Shelf has no order CODE."),
    (lambda: _with("Library", orders={}), "Query.libraries: Library has no order NAME."),
    (
        lambda: _with("Library", orders={"NAME": domain.ORDERS["NAME"]}),
        r"orderBy of Query.libraries: \['FOUNDED', 'OPENED', 'SECRET'\] have no order.",
    ),
    (
        lambda: _with("Library", filters={**domain.FILTERS, "age": domain.FILTERS["open"]}),
        r"filter of Query.libraries: \[\] have no source; \['age'\] are not declared.",
    ),
    (lambda: _with("Library", search=None), "Query.libraries has the argument `search`, which Library does not answer."),
]


@pytest.mark.parametrize(("sources", "message"), CHECKS)
def test_sources_that_do_not_fit_the_schema_are_refused(sources: Any, message: str) -> None:
    from planner.check import SourcesError
    from planner.engine import Engine

    with pytest.raises(SourcesError, match=message):
        Engine(domain.SCHEMA, sources(), dialect="sqlite", secret=b"tiny")


def test_sources_that_share_a_name_or_a_tag_are_refused() -> None:
    with pytest.raises(ValueError, match="share a name"):
        Sources([domain.LIBRARY, replace(domain.LIBRARY, tag="other")])
    with pytest.raises(ValueError, match="share a tag"):
        Sources([domain.LIBRARY, replace(domain.LIBRARY, name="Other")])
