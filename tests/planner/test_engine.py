"""What is kept between runs, how much of it, and what many runs of one plan share."""

import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from graphql import FieldNode

from planner import engine as engines
from planner.engine import Engine
from planner.errors import RequestError
from planner.levels import MOST_STATEMENTS, Memo
from planner.recent import Recent
from planner.source import Sources
from planner.statements import JSON_OPTIONS
from tests.planner import domain
from tests.planner.domain import World, gid


def test_recent_entries_are_kept_up_to_a_number() -> None:
    recent: Recent[int] = Recent(2, 100)
    for number in (1, 2):
        recent.keep(number, number * 10, 1)
    assert recent.get(1) == 10

    recent.keep(3, 30, 1)

    assert [recent.get(number) for number in (1, 2, 3)] == [10, None, 30]


def test_recent_entries_are_kept_up_to_a_weight() -> None:
    recent: Recent[str] = Recent(100, 10)
    recent.keep("a", "A", 4)
    recent.keep("b", "B", 6)
    recent.keep("c", "C", 5)
    assert [recent.get(key) for key in "abc"] == [None, None, "C"]

    recent.keep("d", "D", 11)

    assert recent.get("d") is None
    recent.keep("e", "E", 10)
    assert recent.get("e") == "E"


def test_statements_of_a_level_are_kept_up_to_a_number() -> None:
    memo = Memo()
    for number in range(3 * MOST_STATEMENTS):
        memo[number] = number
        assert memo[number] == number
        assert len(memo) <= MOST_STATEMENTS


async def test_a_document_is_read_once_and_one_that_is_not_valid_is_not_kept(world: World) -> None:
    text, wrong = "{ __typename }", "{ nothing }"

    assert world.engine.prepare(text) is world.engine.prepare(text)
    assert world.engine.prepare(wrong) is not world.engine.prepare(wrong)
    assert [error.message for error in world.engine.prepare(wrong).errors] == ["Cannot query field 'nothing' on type 'Query'."]
    assert world.engine.prepare("{").errors


async def test_a_long_document_puts_nobody_elses_away_and_is_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, short = World(world.scratch), "{ libraries { nodes { name } } }"
    kept = fresh.engine.prepare(short)
    for number in range(3):
        long = f"{{ libraries {{ nodes {{ name }} }} }} # {number} {'x' * engines.MOST_KEPT}"
        assert (await fresh.plan(long)).data == (await fresh.plan(short)).data
        assert fresh.engine.known(long) is None
    assert fresh.engine.prepare(short) is kept
    monkeypatch.setattr(engines, "Planner", None)  # whatever is asked from here on is planned already
    assert (await fresh.plan(short)).data["libraries"]["nodes"]


async def test_a_plan_keeps_no_document_that_was_put_away(world: World) -> None:
    fresh, text = World(world.scratch), "{ libraries { nodes { name } } }"
    await fresh.plan(text)
    gone = weakref.ref(fresh.engine.prepare(text).document)
    for number in range(12):
        await fresh.plan(f"{{ libraries {{ nodes {{ name }} }} }} # {number} {'x' * (engines.MOST_KEPT - 60)}")
    gc.collect()
    assert gone() is None


async def test_documents_and_plans_that_no_longer_fit_are_made_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_TEXT", 100)
    monkeypatch.setattr(engines, "MOST_FIELDS", 6)
    fresh = World(world.scratch)
    queries = [f"{{ a{number}: libraries {{ nodes {{ name }} }} }}" for number in range(10)]

    answers = [await fresh.plan(query) for query in [*queries, *queries]]

    assert [list(answer.data) for answer in answers] == [[f"a{number}"] for number in (*range(10), *range(10))]


def _doubled(times: int) -> str:
    """Short document whose fragments, written out, double at every step."""
    step = "fragment F%d on Shelf { a: library { shelves { nodes { ...F%d } } } b: library { shelves { nodes { ...F%d } } } }"
    steps = [step % (n, n + 1, n + 1) for n in range(times)]
    return "{ libraries { nodes { shelves { nodes { ...F0 } } } } } " + " ".join([*steps, f"fragment F{times} on Shelf {{ id }}"])


async def test_fragments_that_multiply_are_stopped_before_they_cost_anything(world: World) -> None:
    assert len(_doubled(30)) < 4000
    with pytest.raises(RequestError, match="more than 4000 fields") as refused:
        await world.plan(_doubled(30))
    assert refused.value.code == "LIMIT_EXCEEDED"
    assert world.scratch.statements == []


@pytest.mark.parametrize(
    "text",
    [
        "{ a" * 3000 + " }" * 3000,
        "{ me" + " { ..." * 3000 + " { home { id } }" + " }" * 3000 + " }",
        "{ libraries(filter: {names: " + "[" * 3000 + "]" * 3000 + "}) { totalCount } }",
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(2000))
        + " fragment F2000 on Query { __typename }",
    ],
)
async def test_what_is_nested_too_deeply_is_refused(world: World, text: str) -> None:
    assert world.engine.prepare(text).errors


async def test_many_aliases_are_one_statement(world: World) -> None:
    aliases = " ".join(f"a{number}: name" for number in range(1000))

    data = await world.ask(f'{{ library(id: "{gid("library", 1)}") {{ {aliases} }} }}')

    assert len(data["library"]) == 1000
    assert len(world.scratch.statements) == 1


async def test_one_plan_serves_runs_with_other_orders_sizes_and_cursors_at_the_same_time(world: World) -> None:
    query = """query ($first: Int, $order: LibraryOrder, $names: [String!]) {
      libraries(first: $first, orderBy: $order, filter: {names: $names}) {
        edges { cursor node { name founded shelves(first: 1) { edges { cursor } } } } } }"""
    asked: list[dict[str, Any]] = [
        {"first": first, "order": {"field": field, "direction": way}, "names": names}
        for first in (1, 2, 5)
        for field in ("NAME", "OPENED", "FOUNDED")
        for way in ("ASC", "DESC")
        for names in (["Birch", "Alder"], ["Elm"])
    ]
    alone = [(await World(world.scratch).plan(query, variables)).data for variables in asked]

    class Slow:
        """Connection whose statements take turns with those of other runs."""

        async def fetch(self, sql: str, args: Sequence[object]) -> Sequence[Any]:
            for _ in range(len(sql) % 5):
                await asyncio.sleep(0)
            async with lock:
                return await world.scratch._fetch(sql, args)

        def snapshot(self) -> Any:
            raise AssertionError("nothing disagrees")

    class Lent:
        async def __aenter__(self) -> Any:
            return Slow()

        async def __aexit__(self, *_: object) -> None:
            pass

    lock = asyncio.Lock()
    prepared = world.engine.prepare(query)
    operation = world.engine.operation(prepared, None)

    async def one(variables: dict[str, Any]) -> Any:
        values = world.engine.variables(prepared, operation, variables)
        answer = await world.engine.run(prepared, operation, values, world.viewer(), Lent)
        return orjson.loads(orjson.dumps(answer.data, option=JSON_OPTIONS))

    assert await asyncio.gather(*map(one, asked)) == alone


async def test_one_root_field_alone(world: World) -> None:
    text = """query ($yes: Boolean!) {
      x: library(id: "ID") { name open @include(if: $yes) } __schema { queryType { name } } }"""
    prepared = world.engine.prepare(text.replace("ID", gid("library", 1)))
    operation = world.engine.operation(prepared, None)
    assert not world.engine.plannable(prepared, operation)
    first = operation.selection_set.selections[0]
    assert isinstance(first, FieldNode)
    values = world.engine.variables(prepared, operation, {"yes": False})

    answer = await world.engine.run_field(prepared, [first], values, world.viewer(), world.scratch.connect)

    assert answer.data == {"x": {"name": "Alder"}}


def test_a_plannable_operation_has_no_field_of_others_even_in_fragments() -> None:
    engine = Engine(domain.SCHEMA, Sources(domain.ALL), dialect="sqlite", secret=b"tiny")
    for body, expected in (
        ("{ me { __typename } __typename }", True),
        ("{ ... { ...F } } fragment F on Query { me { __typename } }", True),
        ("{ ... { ...F } } fragment F on Query { __schema { queryType { name } } }", False),
    ):
        prepared = engine.prepare(body)
        assert engine.plannable(prepared, engine.operation(prepared, None)) is expected


def test_the_planner_imports_nothing_of_ours() -> None:
    """import-linter says the same of the files; this says it of what is loaded."""
    code = "import sys, planner.engine, planner.reference; print({m.partition('.')[0] for m in sys.modules} & set(sys.argv[1:]))"
    ours = ["lifecycle", "storage", "resolvers", "gql", "server", "strawberry", "sqlmodel", "sqlalchemy"]

    found = subprocess.run([sys.executable, "-c", code, *ours], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"
