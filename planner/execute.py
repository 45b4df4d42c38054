"""Runs: statements level by level on one connection, and their rows made into the answer from the leaves up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from graphql import GraphQLError, get_argument_values
from graphql.execution import VariableValues

from planner.dialect import Dialect, Statement
from planner.errors import NotLiveError, RequestError
from planner.ids import Cursors, split_id
from planner.paging import Page, cursor_value, order_label, page_of, plain
from planner.plan import (
    Arguments,
    Connection,
    Edges,
    FirstLevel,
    HereLevel,
    Level,
    ManyLevel,
    NodeLevel,
    Nodes,
    OneLevel,
    PageInfo,
    PolyLevel,
    Shape,
    Total,
    TypeName,
    ValuesLevel,
)
from planner.project import Note
from planner.source import Kind, Order, Poly, Source, Sources
from planner.sql import Sql

#: How orjson writes an answer: instants in UTC with a `Z`.
JSON_OPTIONS = orjson.OPT_UTC_Z

Row = Sequence[Any]
Objects = list[dict[str, Any]]


class Connected(Protocol):
    """Connection of the driver, as storage hands it out."""

    async def fetch(self, sql: str, args: Sequence[object]) -> Sequence[Row]: ...
    def snapshot(self) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Gate:
    """Statement that gives one row of `width` columns while the caller is still who they say, and none afterwards."""

    sql: str
    width: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: `key` names their class and chooses the plan; `parameters` are bound in every statement."""

    key: Any
    parameters: Mapping[str, object] = field(default_factory=dict)
    gate: Gate | None = None


class Run:
    """One run of a plan. With `fragments`, objects that many parents share are written to JSON once."""

    def __init__(
        self,
        *,
        connection: Connected,
        viewer: Viewer,
        variables: VariableValues,
        sources: Sources,
        dialect: Dialect,
        cursors: Cursors,
        fragments: bool,
    ) -> None:
        self._connection = connection
        self._viewer = viewer
        self._variables = variables
        self._sources = sources
        self._dialect = dialect
        self._cursors = cursors
        self._fragments = fragments
        self._sql = Sql(dialect, sources, viewer.key)
        self._gate = viewer.gate
        self._standing: tuple[object, ...] = ()
        self.notes: list[tuple[dict[str, Any], Note]] = []

    # -- statements ------------------------------------------------------------------------------------------------

    async def _fetch(self, statement: Statement, local: Mapping[str, object]) -> Sequence[Row]:
        given = self._viewer.parameters
        arguments = [local[name] if name in local else given[name] for name in statement.names]
        return await self._connection.fetch(statement.text, arguments)

    async def _fetch_first(
        self, memo: dict[Any, Any], key: object, sql: Callable[[], str], columns: int, local: Mapping[str, object]
    ) -> Sequence[Row]:
        """Rows of a statement without parents; the first of the run also passes the gate."""
        gate, self._gate = self._gate, None
        statement: Statement | None = memo.get((gate, key))
        if statement is None:
            text = sql() if gate is None else self._sql.gated(gate.sql, gate.width, sql(), columns)
            statement = memo[gate, key] = self._dialect.compile(text)
        rows = await self._fetch(statement, local)
        if gate is None:
            return rows
        if not rows:
            raise NotLiveError
        self._standing = tuple(rows[0])[-gate.width :]
        return rows if rows[0][0] is not None else ()

    async def pass_gate(self) -> None:
        """Passes the gate by itself, where no statement did."""
        if self._gate is not None:
            await self._fetch_first({}, None, lambda: "SELECT 1 AS key", 0, {})

    # -- levels ----------------------------------------------------------------------------------------------------

    async def objects(self, shape: Shape, rows: Sequence[Row]) -> Objects:
        """Objects of the rows, with all that is below them."""
        if not shape.children:
            return shape.make(rows, (), self._standing, self.notes)
        below = []
        for child in shape.children:
            if child.column is None:
                below.append(await self._rootward(child.level))
            else:
                below.append(await self._below(child.level, [row[child.column] for row in rows]))
        return shape.make(rows, below, self._standing, self.notes)

    async def _rootward(self, level: Level) -> Any:
        """Value of a field of a rowless object."""
        match level:
            case HereLevel():
                return (await self.objects(level.shape, [()]))[0]
            case OneLevel():
                return await self._picked(level)
            case ManyLevel():
                return await self._root_page(level)
            case NodeLevel():
                return await self._nodes(level)
            case _:
                raise TypeError(f"{level} needs a parent with rows")

    async def _below(self, level: Level, parents: Sequence[Any]) -> Mapping[Any, Any]:
        """Values of a field by the key of the parent."""
        distinct = dict.fromkeys(parents)
        distinct.pop(None, None)
        keys = list(distinct)
        if not keys:
            return {}
        match level:
            case OneLevel():
                return await self._by_keys(level, keys, len(parents))
            case FirstLevel():
                return await self._firsts(level, keys)
            case ValuesLevel():
                return await self._values(level, keys)
            case ManyLevel():
                return await self._pages(level, keys)
            case PolyLevel():
                return await self._poly_pages(level, keys)
            case _:
                raise TypeError(f"{level} has no parent with rows")

    async def _by_keys(self, level: OneLevel, keys: list[Any], parents: int) -> Mapping[Any, Any]:
        statement = level.memo.get("keys")
        if statement is None:
            statement = level.memo["keys"] = self._sql.by_keys(level.shape.source, level.columns)
        rows = await self._fetch(statement, {"keys": self._dialect.keys_value(keys)})
        made: list[Any] = list(await self.objects(level.shape, rows))
        if self._fragments and not level.shape.withholds and parents >= 2 * len(rows):
            made = [orjson.Fragment(orjson.dumps(value, option=JSON_OPTIONS)) for value in made]
        return dict(zip((row[0] for row in rows), made, strict=True))

    async def _firsts(self, level: FirstLevel, keys: list[Any]) -> Mapping[Any, Any]:
        statement = level.memo.get("first")
        if statement is None:
            statement = level.memo["first"] = self._sql.first(level.shape.source, level.columns, level.spec)
        rows = await self._fetch(statement, {"keys": self._dialect.keys_value(keys)})
        return dict(zip((keys[row[0]] for row in rows), await self.objects(level.shape, rows), strict=True))

    async def _values(self, level: ValuesLevel, keys: list[Any]) -> Mapping[Any, Any]:
        statement = level.memo.get("values")
        if statement is None:
            statement = level.memo["values"] = self._sql.values(level.spec)
        lists: dict[Any, list[Any]] = {}
        for row in await self._fetch(statement, {"keys": self._dialect.keys_value(keys)}):
            lists.setdefault(keys[row[0]], []).append(row[1])
        return lists

    async def _picked(self, level: OneLevel) -> Any:
        """Object that a condition picks, or that an argument names; null when it is absent or hidden."""
        source, condition, local = level.shape.source, level.on, {}
        if level.arguments is not None:
            tag, key = split_id(self._argument(level.arguments))
            if tag != source.tag:
                raise RequestError("INVALID_ID", f"This is not the id of a {source.name}.")
            condition, local = "{t}.id = :key", {"key": key}
        rows = await self._fetch_first(
            level.memo, "picked", lambda: self._sql.picked(source, level.columns, condition or ""), len(level.columns.sql), local
        )
        return (await self.objects(level.shape, rows))[0] if rows else None

    def _argument(self, arguments: Arguments) -> Any:
        return next(iter(self._arguments(arguments).values()))

    def _arguments(self, arguments: Arguments) -> Mapping[str, Any]:
        try:
            return get_argument_values(arguments.definition, arguments.node, self._variables)
        except GraphQLError as error:
            raise RequestError("BAD_USER_INPUT", error.message) from error

    # -- connections -----------------------------------------------------------------------------------------------

    def _page(self, level: ManyLevel) -> Page:
        if level.arguments.fixed is not None:
            page: Page = level.arguments.fixed
            return page
        spec = level.spec
        page = page_of(
            level.source,
            self._arguments(level.arguments),
            default=(spec.order or next(iter(level.source.orders)), spec.descending),
            guard=level.guard,
            dialect=self._dialect,
            cursors=self._cursors,
            whole=spec.whole,
        )
        if level.arguments.constant:
            level.arguments.fixed = page
        return page

    def _places(self, level: ManyLevel, page: Page) -> tuple[int, int]:
        """Places in a row of what a cursor is made of, where one is asked for."""
        if not level.connection.cursors:
            return 0, 0
        return level.columns.use(page.order.column), level.columns.use("{t}.id")

    async def _root_page(self, level: ManyLevel) -> dict[str, Any]:
        page, connection = self._page(level), level.connection
        rows: Sequence[Row] = ()
        places = self._places(level, page)
        if connection.rows:
            limit, width = page.limit + connection.more, len(level.columns.sql)
            key = (page.shape, limit, width)
            rows = await self._fetch_first(
                level.memo, key, lambda: self._sql.page(level.source, level.columns, level.spec.on, page, limit), width, page.parameters
            )
        total = None
        if connection.total:
            counted = await self._fetch_first(
                level.memo,
                ("count", page.conditions),
                lambda: self._sql.count(level.source, level.spec.on, page),
                0,
                page.parameters,
            )
            total = counted[0][0]
        rows, more = _cut(rows, page)
        listed = Listed([await self.objects(shape, rows) for shape in level.shapes], len(rows), more, total)
        if connection.cursors:
            listed.cursors = self._row_cursors(page, rows, places)
        return listed.answer(connection, page)

    async def _pages(self, level: ManyLevel, keys: list[Any]) -> Mapping[Any, Any]:
        page, connection = self._page(level), level.connection
        local = {**page.parameters, "keys": self._dialect.keys_value(keys)}
        places = self._places(level, page)
        rows: Sequence[Row] = ()
        if connection.rows:
            limit = page.limit + connection.more
            key = (page.shape, limit, len(level.columns.sql))
            statement = level.memo.get(key)
            if statement is None:
                statement = level.memo[key] = self._sql.pages(level.source, level.columns, level.spec, page, limit)
            rows = await self._fetch(statement, local)
        if connection.only_nodes is not None and not page.backward:
            return await self._only_nodes(level, connection.only_nodes, keys, rows)
        groups: dict[Any, list[Row]] = {key: [] for key in keys}
        for row in rows:
            groups[keys[row[0]]].append(row)
        totals = await self._totals(level, page, local, keys) if connection.total else {}
        cut = {key: _cut(group, page) for key, group in groups.items()}
        rows = [row for group, _ in cut.values() for row in group]
        made = [await self.objects(shape, rows) for shape in level.shapes]
        found, start = {}, 0
        for key, (group, more) in cut.items():
            end = start + len(group)
            listed = Listed([objects[start:end] for objects in made], len(group), more, totals.get(key))
            if connection.cursors:
                listed.cursors = self._row_cursors(page, group, places)
            found[key] = listed.answer(connection, page)
            start = end
        return found

    async def _only_nodes(self, level: ManyLevel, name: str, keys: list[Any], rows: Sequence[Row]) -> Mapping[Any, Any]:
        """The commonest pages, of which nothing but `nodes` is asked."""
        lists: list[Objects] = [[] for _ in keys]
        for row, made in zip(rows, await self.objects(level.shapes[0], rows), strict=True):
            lists[row[0]].append(made)
        return {key: {name: listed} for key, listed in zip(keys, lists, strict=True)}

    async def _totals(self, level: ManyLevel, page: Page, local: Mapping[str, object], keys: list[Any]) -> dict[Any, Any]:
        key = ("count", page.conditions)
        statement = level.memo.get(key)
        if statement is None:
            statement = level.memo[key] = self._sql.counts(level.source, level.spec.on, page, owned=level.spec.owned)
        return {keys[row[0]]: row[1] for row in await self._fetch(statement, local)}

    def _row_cursors(self, page: Page, rows: Sequence[Row], places: tuple[int, int]) -> list[str]:
        label, (at, key) = order_label(page), places
        return [self._cursors.encode(label, [cursor_value(row[at], page.order.kind), row[key]]) for row in rows]

    # -- several types at once -------------------------------------------------------------------------------------

    async def _poly_pages(self, level: PolyLevel, keys: list[Any]) -> Mapping[Any, Any]:
        arguments, spec = self._arguments(level.arguments), level.spec
        wanted = (plain(arguments.get("filter")) or {}).get("kinds")
        types = list(dict.fromkeys(spec.kinds[kind] for kind in (spec.kinds if wanted is None else wanted)))
        pages = {name: self._poly_page(spec, spec.branches[name].at, arguments) for name in types}
        page = pages[types[0]] if types else self._poly_page(spec, "", arguments)
        local = {"keys": self._dialect.keys_value(keys), **page.parameters}
        groups: dict[Any, list[Row]] = {}
        totals: dict[Any, int] = dict.fromkeys(keys, 0)
        if types and level.connection.rows:
            memo = (page.shape, tuple(types))
            statement = level.memo.get(memo)
            if statement is None:
                statement = level.memo[memo] = self._sql.kinds(spec, types, pages, page.limit + 1)
            for row in await self._fetch(statement, local):
                groups.setdefault(keys[row[0]], []).append(row)
        if level.connection.total:
            for name in types:
                statement = level.memo.get(name)
                if statement is None:
                    statement = level.memo[name] = self._sql.counts(
                        self._sources[name], spec.branches[name].on, pages[name], owned=spec.owned
                    )
                for row in await self._fetch(statement, local):
                    totals[keys[row[0]]] += row[1]
        return await self._poly_connections(level, page, {key: groups.get(key, []) for key in keys}, totals)

    def _poly_page(self, spec: Poly, at: str, arguments: Mapping[str, Any]) -> Page:
        """Page of the rows whose instant is `at`."""
        source = Source("", {}, orders={"AT": Order(at, Kind.TIME)})
        cut = {k: v for k, v in arguments.items() if k in ("first", "last", "after", "before")}
        return page_of(source, cut, default=("AT", spec.descending), guard=None, dialect=self._dialect, cursors=self._cursors)

    async def _poly_connections(
        self, level: PolyLevel, page: Page, groups: Mapping[Any, list[Row]], totals: Mapping[Any, int]
    ) -> Mapping[Any, Any]:
        cut: dict[Any, tuple[Sequence[Row], bool]] = {}
        for key, found_rows in groups.items():
            ordered = sorted(found_rows, key=lambda row: (row[2], row[3]), reverse=page.descending != page.backward)
            cut[key] = _cut(ordered[: page.limit + 1], page)
        rows = [row for group, _ in cut.values() for row in group]
        made = []
        for shape in level.shapes:
            by_type: dict[str, list[Any]] = {}
            for row in rows:
                by_type.setdefault(row[1], []).append(row[3])
            found = {name: await self._by_keys(shape[name], keys, 0) for name, keys in by_type.items()}
            made.append(found)
        answer = {}
        for key, (group, more) in cut.items():
            # what vanished between the statements is left out of every shape alike
            alive = [row for row in group if all(row[3] in found[row[1]] for found in made)]
            mine = [[found[row[1]][row[3]] for row in alive] for found in made]
            listed = Listed(mine, len(alive), more, totals[key])
            if level.connection.cursors:
                listed.cursors = self._row_cursors(page, alive, (2, 3))
            answer[key] = listed.answer(level.connection, page)
        return answer

    async def _nodes(self, level: NodeLevel) -> Any:
        await self.pass_gate()
        given = self._argument(level.arguments)
        ids = given if level.many else [given]
        if len(ids) > 100:
            raise RequestError("INVALID_PAGE", f"At most 100 ids may be asked for at once; {len(ids)} were.")
        pairs = [split_id(text) for text in ids]
        by_type: dict[str, list[str]] = {}
        for tag, key in pairs:
            source = self._sources.by_tag.get(tag)
            if source is None or source.name not in level.levels:
                raise RequestError("INVALID_ID", "This is not an id of this API.")
            by_type.setdefault(source.name, []).append(key)
        found = {name: await self._below(level.levels[name], keys) for name, keys in by_type.items()}
        values = [found[self._sources.by_tag[tag].name].get(key) for tag, key in pairs]
        return values if level.many else values[0]


def _cut(rows: Sequence[Row], page: Page) -> tuple[Sequence[Row], bool]:
    """Rows of the page in the list's own order, and whether more lie beyond it."""
    more = len(rows) > page.limit
    rows = rows[: page.limit] if more else rows
    return (rows[::-1] if page.backward else rows), more


@dataclass(slots=True)
class Listed:
    """One page of a list: its objects in each shape, how many they are, and what is known about the rest."""

    made: list[Objects]
    count: int
    more: bool
    total: int | None
    cursors: Sequence[str] = ()

    def answer(self, connection: Connection, page: Page) -> dict[str, Any]:
        """Connection object of the page."""
        answer: dict[str, Any] = {}
        for key, part in connection.parts.items():
            match part:
                case Nodes(shape):
                    answer[key] = self.made[shape]
                case Total():
                    answer[key] = self.total
                case TypeName(name):
                    answer[key] = name
                case PageInfo(fields):
                    answer[key] = self._page_info(fields, page)
                case Edges():
                    answer[key] = self._edges(part)
        return answer

    def _page_info(self, fields: Mapping[str, str], page: Page) -> dict[str, Any]:
        info = {
            "__typename": "PageInfo",
            "hasNextPage": page.continued if page.backward else self.more,
            "hasPreviousPage": self.more if page.backward else page.continued,
            "startCursor": self.cursors[0] if self.cursors else None,
            "endCursor": self.cursors[-1] if self.cursors else None,
        }
        return {key: info[name] for key, name in fields.items()}

    def _edges(self, edges: Edges) -> Objects:
        members: dict[str, Sequence[Any]] = {
            **dict.fromkeys(edges.cursors, self.cursors),
            **{key: self.made[shape] for key, shape in edges.nodes},
            **{key: [edges.type_name] * self.count for key in edges.typenames},
        }
        return [{key: members[key][i] for key in edges.order} for i in range(self.count)]
