"""The planner against the slow reading: generated operations must give the same bytes both ways, and on both engines.

`python -m tests.planner.differential --operations 20000` runs them by the thousand and shrinks what does not agree.
"""

# ruff: noqa: T201 - it is a command

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid5

import orjson
from graphql import GraphQLObjectType, get_named_type

from gql.schema import GRAPHQL
from lifecycle.vocabulary import Role
from planner.engine import Answer, Engine
from planner.errors import RequestError
from planner.reference import Reference
from planner.source import Elsewhere, Kind, Order, Poly
from planner.statements import JSON_OPTIONS, Viewer
from resolvers.callers import Caller, CallerKind, Proof, fetch
from resolvers.demo_receipts import give_receipts
from resolvers.sources import SOURCES
from resolvers.viewers import viewer_of
from server.app import build_engine
from storage.database import Database
from storage.demo.people import DEMO_PEOPLE
from storage.tables.workspace import LoginSession
from tests.databases import DEMO_DAY, Databases, PostgresDatabases, SqliteDatabases
from tests.planner.generate import Generator, Operation, Pair, Pool, planned
from tests.planner.shrink import shrink

NOW = datetime(DEMO_DAY.year, DEMO_DAY.month, DEMO_DAY.day, 12, tzinfo=UTC)
SECRET = b"secret of the differential test"
VIEWERS = (
    "owner",
    "coach",
    "assistant",
    "accountant",
    "analyst",
    "active-client",
    "frozen-client",
    "hot-lead",
    "buyer",
    "coach, with a reason",
)
_PERSON = (
    "SELECT w.id, a.id, m.id, m.role, c.id FROM account a JOIN workspace w ON w.slug = 'hart'"
    " LEFT JOIN member m ON m.workspace_id = w.id AND m.account_id = a.id"
    " LEFT JOIN client c ON c.workspace_id = w.id AND c.account_id = a.id WHERE a.username = :username"
)


@dataclass
class Side:
    """One engine with the demo data, and who asks."""

    database: Database
    engine: Engine
    reference: Reference
    viewers: Mapping[str, Viewer]

    @classmethod
    async def open(cls, url: str) -> "Side":
        database = await Database.open(url, readers=1)
        await give_receipts(database, SECRET)
        engine = build_engine(database.dialect, SECRET)
        return cls(database, engine, Reference(engine), {name: await _viewer(database, name) for name in VIEWERS})

    async def planned(self, operation: Operation, viewer: str) -> "Outcome":
        async def run() -> Answer:
            prepared = self.engine.prepare(operation.text)
            node = self.engine.operation(prepared, None)
            assert self.engine.plannable(prepared, node)
            values = self.engine.variables(prepared, node, operation.variables)
            return await self.engine.run(prepared, node, values, self.viewers[viewer], self.database.read)

        return await Outcome.of(run())

    async def slowly(self, operation: Operation, viewer: str) -> "Outcome":
        document = self.engine.prepare(operation.text).document
        assert document is not None
        return await Outcome.of(self.reference.run(document, None, operation.variables, self.viewers[viewer], self.database.read))


@dataclass(frozen=True)
class Outcome:
    """What came of an operation: its data as bytes and what was withheld, or the code of a refusal, or a crash."""

    data: bytes = b""
    withheld: frozenset[tuple[object, ...]] = frozenset()
    refusal: str = ""
    crash: str = ""

    @classmethod
    async def of(cls, work: Any) -> "Outcome":
        try:
            answer = await work
        except RequestError as error:
            return cls(refusal=error.code)
        except Exception:
            return cls(crash=traceback.format_exc(limit=-4))
        withheld = frozenset((tuple(note["path"]), note["code"], note["because"]) for note in answer.withheld)
        if len(withheld) != len(answer.withheld):
            return cls(crash="something is noted as withheld twice")
        return cls(orjson.dumps(answer.data, option=JSON_OPTIONS), withheld)

    @property
    def substance(self) -> int:
        """How many values the answer holds that say something."""
        return sum(
            isinstance(value, str | int | float) and not isinstance(value, bool) for value in _leaves(orjson.loads(self.data or b"{}"))
        )


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "__typename":
                yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


async def fault(sides: Sequence[Side], operation: Operation, viewer: str, *, slow_side: int | None = None) -> tuple[str, Outcome]:
    """What is wrong, empty when nothing is, and what the planner answered. Every side reads slowly too, unless one is named for it."""
    first: Outcome | None = None
    for number, side in enumerate(sides):
        fast = await side.planned(operation, viewer)
        slow = await side.slowly(operation, viewer) if slow_side in (None, number) else fast
        name = side.engine.dialect.name
        if fast.crash or slow.crash:
            return f"{name}: crash\nplanner: {fast.crash or 'fine'}\nreference: {slow.crash or 'fine'}", fast
        if bool(fast.refusal) != bool(slow.refusal) or (fast.data, fast.withheld) != (slow.data, slow.withheld):
            return f"{name}: planner and reference differ\nplanner:   {_shown(fast)}\nreference: {_shown(slow)}", fast
        if first is not None and fast != first:
            return f"the engines differ\n{sides[0].engine.dialect.name}: {_shown(first)}\n{name}: {_shown(fast)}", fast
        first = first or fast
    return "", first or Outcome()


def _shown(outcome: Outcome) -> str:
    if outcome.refusal:
        return f"refused: {outcome.refusal}"
    noted = f"\n    withheld {sorted(map(str, outcome.withheld))}" if outcome.withheld else ""
    return f"{outcome.data.decode()[:3000]}{noted[:3000]}"


def pairs() -> set[Pair]:
    """Every field of every object type that the planner can reach."""
    root = SOURCES["Query"].fields
    ours = [name for name, origin in root.items() if not isinstance(origin, Elsewhere)]
    query: Any = GRAPHQL.query_type
    found: set[Pair] = {("Query", name) for name in ours}
    todo: list[Any] = [get_named_type(query.fields[name].type) for name in ours]
    seen: set[str] = {"Query"}
    while todo:
        type_ = todo.pop()
        if type_.name in seen:
            continue
        seen.add(type_.name)
        if isinstance(type_, GraphQLObjectType):
            fields = planned(type_, SOURCES)
            found |= {(type_.name, name) for name in fields}
            todo += [get_named_type(f.type) for f in fields.values()]
        elif hasattr(type_, "resolve_type"):
            todo += GRAPHQL.get_possible_types(type_)
    return found


# -- people and values ---------------------------------------------------------------------------------------------------


async def _viewer(database: Database, name: str) -> Viewer:
    person, _, reason = name.partition(", ")
    async with database.read() as reader:
        rows: Any = await fetch(reader, _PERSON, {"username": DEMO_PEOPLE[person].username})
    workspace, account, member, role, client = rows[0]
    session = uuid5(UUID(account), "differential")
    async with database.write() as writing:
        if await writing.get(LoginSession, (UUID(workspace), session)) is None:
            row = LoginSession(
                workspace_id=UUID(workspace), id=session, account_id=UUID(account), expires_at=datetime(9000, 1, 1, tzinfo=UTC)
            )
            row.member_id, row.client_id = UUID(member) if member else None, UUID(client) if client else None
            writing.add(row)
    caller = Caller(
        kind=CallerKind.STAFF if member else CallerKind.CLIENT,
        workspace=workspace,
        account=account,
        member=member,
        client=client,
        role=Role[role] if role else None,
        proof=Proof.SESSION,
        proof_id=session.hex,
        expires_at=inf,
        reason=reason or None,
    )
    return viewer_of(caller, database.dialect, NOW)


async def pool_of(side: Side) -> Pool:
    """Ids, cursors and texts of the demo data."""
    pool = Pool(day=NOW)
    async with side.database.read() as reader:

        async def column(sql: str) -> list[Any]:
            rows: Any = await reader.fetch(sql)
            return [row[0] for row in rows]

        for source in SOURCES.values():
            if source.table and not source.tag:
                continue  # what stood at an instant has no rows without one
            if source.table:
                keys = await column(f"SELECT id FROM {source.table} ORDER BY id")
                # of a table that is empty in the demo, an id that is nobody's
                pool.ids[source.tag] = [f"{source.tag}_{key}" for key in _some(keys, 60) or ["0" * 32]]
            for name, order in source.orders.items():
                await _cursors(side, pool, reader, table=source.table, name=name, order=order)
            for origin in source.fields.values():
                if isinstance(origin, Poly):
                    for target, branch in origin.branches.items():
                        at = Order(branch.at, Kind.TIME)
                        await _cursors(side, pool, reader, table=SOURCES[target].table, name="AT", order=at)
        names = await column("SELECT name FROM client WHERE name <> '' ORDER BY id")
        pool.texts = {
            "tag": await column("SELECT DISTINCT tag FROM client_tag ORDER BY tag"),
            "email": [*_some(await column("SELECT email FROM client WHERE email IS NOT NULL ORDER BY id"), 30), "nobody@example.org"],
            "number": [*range(1, 60), 10_000],
            "clientNumber": [*range(1, 60), 10_000],
            "search": [*(name.split()[-1][:3] for name in _some(names, 30)), *_some(names, 20), "example", "+1", "m", "nobody", "", " - "],
        }
    return pool


async def _cursors(side: Side, pool: Pool, reader: Any, *, table: str | None, name: str, order: Order) -> None:
    at = order.column.replace("{t}", "t")
    rows = await reader.fetch(f"SELECT {at}, t.id FROM {table} t ORDER BY t.id")
    for value, key in _some(rows, 30):
        held = side.engine.dialect.cursor_value(order.kind, value)
        for sign in "+-":
            pool.cursors.setdefault(f"{name}{sign}", []).append(side.engine.cursors.encode(f"{name}{sign}", [held, key]))


def _some(values: Sequence[Any], count: int) -> list[Any]:
    step = max(1, len(values) // count)
    return list(values[::step])


@asynccontextmanager
async def opened(worker: str, folder: Path, engines: Sequence[str] = ("sqlite", "postgresql")) -> AsyncIterator[list[Side]]:
    """Sides with the same demo data."""
    made: list[Databases] = []
    sides: list[Side] = []
    try:
        for name in engines:
            made.append(SqliteDatabases(folder) if name == "sqlite" else await PostgresDatabases(worker).start())
            sides.append(await Side.open(await made[-1].copy("demo")))
        yield sides
    finally:
        for side in sides:
            await side.database.close()
        for databases in made:
            await databases.close()


# -- by the thousand -----------------------------------------------------------------------------------------------------


async def _main(options: argparse.Namespace) -> int:
    engines = ("sqlite", "postgresql") if options.engine == "both" else (options.engine,)
    with tempfile.TemporaryDirectory() as folder:
        async with opened("differential", Path(folder), engines) as sides:
            return await _run(sides, options)


async def _run(sides: list[Side], options: argparse.Namespace) -> int:
    generator = Generator(GRAPHQL, SOURCES, await pool_of(sides[0]))
    generator.reached = sides[0].reference.reached
    counts: Counter[str] = Counter()
    begun, everything = time.perf_counter(), pairs()
    for number in range(options.operations):
        viewer = options.viewer or VIEWERS[number % len(VIEWERS)]
        operation = generator.operation(Random(f"{options.seed} {number}"))
        if errors := sides[0].engine.prepare(operation.text).errors:
            counts["invalid"] += 1
            if options.verbose:
                print(f"invalid: {errors[0].message}\n{operation.text}\n")
            continue
        wrong, outcome = await fault(sides, operation, viewer)
        counts["refused" if outcome.refusal else "run"] += 1
        counts["substantial"] += outcome.substance >= 3
        if wrong:
            await _report(sides, operation, viewer, wrong, number)
            counts["faults"] += 1
            if counts["faults"] >= options.faults:
                break
        if number % 100 == 99 or number + 1 == options.operations:
            reached = len(everything & generator.reached.keys())
            pace = (number + 1) / (time.perf_counter() - begun)
            print(f"{number + 1:6} operations, {pace:.0f}/s: {dict(counts)}, {reached} of {len(everything)} fields reached", flush=True)
    if lost := sorted(everything - generator.reached.keys()):
        print("not reached:", ", ".join(f"{t}.{f}" for t, f in lost))
    return 1 if counts["faults"] else 0


async def _report(sides: list[Side], operation: Operation, viewer: str, wrong: str, number: int) -> None:
    kind = wrong.split("\n", 1)[0]

    async def faulty(candidate: Operation) -> bool:
        if sides[0].engine.prepare(candidate.text).errors:
            return False
        found, _ = await fault(sides, candidate, viewer)
        return found.split("\n", 1)[0] == kind

    small = await shrink(operation, faulty)
    wrong, _ = await fault(sides, small, viewer)
    print(f"\n=== operation {number} as {viewer}\n{small.text}\nvariables: {dict(small.variables)}\n{wrong}\n", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Hold the planner against the slow reading.")
    parser.add_argument("--operations", type=int, default=20_000, help="how many operations to draw (default 20000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--viewer", choices=VIEWERS, help="ask as this one only; all of them in turn otherwise")
    parser.add_argument("--faults", type=int, default=5, help="stop after so many faults")
    parser.add_argument("--verbose", action="store_true", help="also print operations that turned out invalid")
    return asyncio.run(_main(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
