"""How the engines would run the statements of every list: none reads through a table that grows.

A list of the root may walk an index in its own order and stop at the end of the page; whatever hangs from a parent is found
by that parent. `totalCount` reads what it counts, and is left out here.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, get_named_type

from gql.schema import GRAPHQL
from planner.instants import microseconds
from planner.source import Expr, First, Many, One, Poly, Values
from resolvers.sources import SOURCES
from storage.database import Database
from storage.demo.build import build_demo
from tests.databases import DEMO_DAY, Databases
from tests.planner.differential import Side, pool_of
from tests.planner.generate import PAST, Pool

CLIENTS = 3000
#: Tables of which a workspace has few rows, however long it works.
SMALL = {
    "account", "appointment_type", "audience", "document", "document_revision", "form", "member", "member_grant", "module",
    "module_version", "package", "package_item", "page", "product", "product_item", "workspace",
}  # fmt: skip
GROWING = {str(source.table) for source in SOURCES.values() if source.tag} - SMALL | {
    "client_tag", "client_search_term", "participant", "login_session", "release", "enrollment_gap",
}  # fmt: skip
VIEWERS = ("owner", "coach", "active-client")
#: Hardly any entry carries these flags, so that either way of reading comes to all of them.
RARE = {"Query.hourLedger(first: 10, filter: {manual: true})", "Query.hourLedger(first: 10, filter: {erased: true})"}
#: A table with fewer rows than this in the demo tells nothing: reading all of it is the quickest way.
TELLING = 300


# -- statements ----------------------------------------------------------------------------------------------------------


def _lists(pool: Pool) -> Iterator[tuple[str, str, bool]]:
    """What is asked, as a document, and whether it hangs from a parent."""
    for type_name, source in SOURCES.items():
        type_: Any = GRAPHQL.type_map[type_name]
        for name, origin in source.fields.items():
            if not isinstance(origin, Many | First | Poly | Values):
                continue
            key = "id" if not isinstance(origin, Many) or SOURCES[origin.target].tag else "__typename"
            below = f"{{ nodes {{ {key} }} }}" if isinstance(origin, Many | Poly) else "{ id }" if isinstance(origin, First) else ""
            for arguments in _arguments(type_.fields[name], pool) if isinstance(origin, Many | Poly) else ("",):
                if source.table is None:
                    yield f"{type_name}.{name}{arguments}", f"{{ {name}{arguments} {below} }}", False
                elif not source.tag:
                    yield f"{type_name}.{name}{arguments}", _by_road(type_name, f"{name}{arguments} {below}", pool), True
                else:
                    ids = orjson.dumps(pool.ids[source.tag][:20]).decode()
                    inner = f"{name}{arguments} {below}"
                    yield f"{type_name}.{name}{arguments}", f"{{ nodes(ids: {ids}) {{ ... on {type_name} {{ {inner} }} }} }}", True


def _by_road(type_name: str, inner: str, pool: Pool) -> str:
    """Document that reaches a type without ids through what it is a part or a past of."""
    if type_name == "ContentDiff":
        ids = orjson.dumps(pool.ids["enrollment"][:20]).decode()
        return f"{{ nodes(ids: {ids}) {{ ... on Enrollment {{ contentDiff {{ {inner} }} }} }} }}"
    if type_name == "ModuleVersionAsOf":
        return _by_road("PackageAsOf", f"modules(first: 10) {{ nodes {{ {inner} }} }}", pool)
    base = type_name.removesuffix("AsOf")
    ids = orjson.dumps(pool.ids[SOURCES[base].tag][:20]).decode()
    return f'{{ nodes(ids: {ids}) {{ ... on {base} {{ asOf(at: "{PAST}") {{ {inner} }} }} }} }}'


def _bundles() -> Iterator[tuple[str, str]]:
    """Lists below each list of the root, read together with it."""
    for root, way in SOURCES["Query"].fields.items():
        if not isinstance(way, Many):
            continue
        for name, origin in SOURCES[way.target].fields.items():
            if isinstance(origin, Many | First | Values):
                below = (
                    ""
                    if isinstance(origin, Values)
                    else "{ id }"
                    if isinstance(origin, First)
                    else "(first: 3) { totalCount nodes { id } }"
                )
                yield f"{root}.{name}", f"{{ {root}(first: 20) {{ nodes {{ {name}{below} }} }} }}"


def _arguments(definition: Any, pool: Pool) -> Iterator[str]:
    """Each order, in both directions; each filter; search."""
    yield "(first: 10)"
    if "orderBy" in definition.args:
        words: Any = get_named_type(definition.args["orderBy"].type)
        fields: Any = get_named_type(words.fields["field"].type)
        for field in fields.values:
            for way in ("ASC", "DESC"):
                yield f"(first: 10, orderBy: {{field: {field}, direction: {way}}})"
                yield f"(last: 10, orderBy: {{field: {field}, direction: {way}}})"
    if "filter" in definition.args:
        filter_: Any = get_named_type(definition.args["filter"].type)
        for name, member in filter_.fields.items():
            yield f"(first: 10, filter: {{{name}: {_value(name, member.type, pool)}}})"
    if "search" in definition.args:
        yield '(first: 10, search: "mar sm")'


def _value(name: str, type_: Any, pool: Pool) -> str:
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(type_, GraphQLList):
        return f"[{_value(name, type_.of_type, pool)}]"
    if isinstance(type_, GraphQLEnumType):
        return str(next(iter(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        return '{from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z"}'
    if type_.name == "ID":
        return orjson.dumps(pool.ids[{"coach": "member"}.get(name, name)][3]).decode()
    return {"Boolean": "true", "Int": "7"}.get(type_.name) or orjson.dumps(pool.texts.get(name, ["clientDeactivate"])[0]).decode()


class Recorder:
    """Connection that remembers the statements of a run."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.statements: list[tuple[str, Sequence[object]]] = []

    async def fetch(self, sql: str, args: Sequence[object]) -> Any:
        self.statements.append((sql, args))
        return await self.reader.fetch(sql, args)

    def snapshot(self) -> Any:
        return self.reader.snapshot()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Any]:
        yield self


class Together:
    """Reads for many at once; remembers the statements as they are for two."""

    def __init__(self, reader: Any) -> None:
        self.reader = reader
        self.statements: list[tuple[str, Sequence[object]]] = []

    async def fetch(self, sql: str, args: Sequence[object]) -> Any:
        wire = [microseconds(value) if isinstance(value, datetime) else value for value in args]
        self.statements.append((await self.reader._for_each(sql), [[value, value] for value in wire]))
        return (await self.reader.fetch_each(sql, [args, args]))[0]


# -- plans ---------------------------------------------------------------------------------------------------------------


def _tables(sql: str) -> dict[str, set[str]]:
    """Tables by the alias that stands for them."""
    found: dict[str, set[str]] = {}
    for table, alias in re.findall(r"\b(?:FROM|JOIN) (\w+)(?: AS)? (\w+)", sql):
        found.setdefault(alias, set()).add(table)
    return found


async def _sqlite(reader: Any, sql: str, args: Sequence[object], judged: set[str], *, nested: bool) -> list[str]:
    lines = [str(row[3]) for row in await reader.fetch(f"EXPLAIN QUERY PLAN {sql}", args)]
    sorts = any("TEMP B-TREE FOR ORDER BY" in line for line in lines)
    tables = _tables(sql)
    faults: list[str] = []
    for line in lines:
        match = re.match(r"(SCAN|SEARCH) (\w+)", line)
        if match is None or "VIRTUAL TABLE" in line or line.startswith("SCAN r LEFT-JOIN"):  # keys, or the page behind the gate
            continue
        named = {table for table in tables.get(match[2], set()) if f"ix_{table}_workspace_id" in line} or tables.get(match[2], set())
        if not named or not named <= judged:
            continue
        whole = match[1] == "SCAN" or line.endswith("(workspace_id=?)")
        if whole and (nested or sorts or match[2] != "t"):
            faults.append(f"{line} {sorted(named)}")
    return faults


async def _postgresql(reader: Any, sql: str, args: Sequence[object], judged: set[str], *, nested: bool) -> list[str]:
    rows = await reader.fetch(f"EXPLAIN (FORMAT JSON) {sql}", args)
    faults: list[str] = []

    def walk(node: Any, sorted_above: bool) -> None:
        table, kind = node.get("Relation Name"), node["Node Type"]
        whole = kind == "Seq Scan" or (
            "Index" in kind and set(re.findall(r"\b(\w+) (?:=|<|>)", node.get("Index Cond", ""))) <= {"workspace_id"}
        )
        own = re.fullmatch(r"t(_\d+)?", node.get("Alias", "")) is not None
        if table in judged and kind != "Bitmap Heap Scan" and whole and (nested or sorted_above or not own):
            faults.append(f"{kind} on {table} {node.get('Alias')} {node.get('Index Cond', '')}")
        for child in node.get("Plans", ()):
            walk(child, sorted_above or kind == "Sort")

    walk(orjson.loads(rows[0][0])[0]["Plan"], False)
    return faults


@asynccontextmanager
async def grown(databases: Databases, *, sign_ins: bool = False) -> AsyncIterator[tuple[Side, Pool, Any, set[str]]]:
    """Demo data that has grown: its side, what there is to ask for, a reader that avoids whole tables, and the tables that are judged."""
    url = await databases.blank()
    await build_demo(url, clients=CLIENTS, seed=1, today=DEMO_DAY)
    side = await Side.open(url)
    try:
        if sign_ins:
            await _sign_in_often(url)
        pool = await pool_of(side)
        async with side.database.read() as reader:
            judged = await _judged(reader)
            await _prepare(reader, side.database)
            yield side, pool, reader, judged
    finally:
        await side.database.close()
        await databases.drop(url)


async def test_no_list_reads_through_a_table_that_grows(databases: Databases) -> None:
    faults: set[str] = set()
    async with grown(databases) as (side, pool, reader, judged):
        assert len(judged) >= 14
        explain = _sqlite if side.database.dialect == "sqlite" else _postgresql
        bundles = ((what, text, False) for what, text in _bundles() if side.database.dialect == "postgresql")
        for what, text, nested in (*_lists(pool), *bundles):
            if what in RARE:
                continue
            prepared = side.engine.prepare(text)
            assert not prepared.errors, (text, prepared.errors)
            operation = side.engine.operation(prepared, None)
            for viewer in VIEWERS:
                recorder = Recorder(reader)
                try:
                    values = side.engine.variables(prepared, operation, {})
                    await side.engine.run(prepared, operation, values, side.viewers[viewer], recorder.connect)
                except Exception as error:
                    assert getattr(error, "code", "") == "FORBIDDEN_FILTER", (what, viewer, error)  # noqa: PT017
                for sql, args in recorder.statements:
                    faults |= {f"{what}: {fault} (as {viewer})" for fault in await explain(reader, sql, args, judged, nested=nested)}
    assert not faults, "\n".join(sorted(faults))


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")
async def test_rows_that_are_read_for_many_at_once_are_found_by_their_keys(databases: Databases) -> None:
    faults: set[str] = set()
    async with grown(databases, sign_ins=True) as (side, pool, reader, judged):
        assert judged >= {"login_session", "client", "appointment", "enrollment"}
        for name, way in SOURCES["Query"].fields.items():
            if not isinstance(way, One) or way.argument is None:
                continue
            scalars = " ".join(key for key, origin in SOURCES[way.target].fields.items() if isinstance(origin, Expr))
            key = orjson.dumps(pool.ids[SOURCES[way.target].tag][0]).decode()
            prepared = side.engine.prepare(f"{{ {name}({way.argument}: {key}) {{ {scalars} }} }}")
            assert not prepared.errors, prepared.errors
            operation, many = side.engine.operation(prepared, None), Together(reader)
            for viewer in VIEWERS:
                values = side.engine.variables(prepared, operation, {})
                await side.engine.run(prepared, operation, values, side.viewers[viewer], Recorder(reader).connect, gathering=many)
            assert many.statements, name
            for sql, args in many.statements:
                faults |= {f"{name}: {fault}" for fault in await _postgresql(reader, sql, args, judged, nested=True)}
    assert not faults, "\n".join(sorted(faults))


async def _sign_in_often(url: str) -> None:
    """Login sessions by the thousand, through which every read is let in."""
    connection = await asyncpg.connect(url)
    other = "jsonb_build_object('id', gen_random_uuid())"
    await connection.execute(
        f"INSERT INTO login_session SELECT (jsonb_populate_record(s, {other})).* FROM login_session s, generate_series(1, 500)"
    )
    await connection.execute("ANALYZE login_session")
    await connection.close()


async def _judged(reader: Any) -> set[str]:
    """Tables with enough rows to tell."""
    counted = {table: (await reader.fetch(f"SELECT count(*) FROM {table}"))[0][0] for table in GROWING}
    return {table for table, count in counted.items() if count >= TELLING}


async def _prepare(reader: Any, database: Database) -> None:
    if database.dialect == "postgresql":
        for setting in ("enable_seqscan", "enable_bitmapscan"):
            await reader.fetch(f"SET {setting} = off")
