"""The slow reading of the same sources: graphql-core's executor, one small statement for each field of each object.

It shares the declarations, the page arguments and the cursors with the planner, and nothing else: no plan, no batches, no
generated code. The differential test holds the two against each other.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema, build_schema, execute, print_schema
from graphql.execution import ExecutionResult
from graphql.pyutils import is_awaitable

from planner.dialect import both, place
from planner.engine import Answer, Connect, Engine
from planner.errors import NotLiveError, RequestError
from planner.ids import global_id, split_id
from planner.paging import Page, order_label, page_of, plain
from planner.source import (
    AnyNode,
    AnyNodes,
    Derived,
    Elsewhere,
    Embedded,
    Expr,
    FieldSource,
    First,
    Here,
    Kind,
    Listing,
    Many,
    One,
    Order,
    Poly,
    Source,
    Then,
    Values,
)
from planner.statements import Connected, Row, Viewer


@dataclass(frozen=True, slots=True)
class Ref:
    """Object of a source: its key, None when the source has no rows, and the instant that it is read as of."""

    source: Source
    key: str | None
    at: object = None


class Reference:
    """Answers operations field by field; `reached` counts the fields that it was asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._schema: GraphQLSchema = build_schema(print_schema(engine.schema), assume_valid_sdl=True)
        self.reached: Counter[tuple[str, str]] = Counter()

    async def run(
        self, document: DocumentNode, operation: str | None, variables: Mapping[str, Any], viewer: Viewer, connect: Connect
    ) -> Answer:
        """Data and what was withheld; raises the first RequestError that a field met."""
        async with connect() as connection:
            reading = _Reading(self._engine, viewer, connection, self.reached)
            await reading.pass_gate()
            result = execute(
                self._schema,
                document,
                root_value=Ref(self._engine.sources[self._engine.query.name], None),
                variable_values=dict(variables),
                operation_name=operation,
                field_resolver=reading.resolve,
                type_resolver=lambda value, _info, _type: value.source.name,
            )
            if is_awaitable(result):
                result = await result
        if not isinstance(result, ExecutionResult):
            raise TypeError("an incremental result")
        for error in result.errors or ():
            raise error.original_error or error
        return Answer(result.data or {}, reading.withheld)


class _Reading:
    def __init__(self, engine: Engine, viewer: Viewer, connection: Connected, reached: Counter[tuple[str, str]]) -> None:
        self._reached = reached
        self._engine = engine
        self._viewer = viewer
        self._reader = connection
        self._lock = asyncio.Lock()
        self._standing: tuple[object, ...] = ()
        self._at: object = None
        self.withheld: list[dict[str, Any]] = []

    def _as_of(self, at: object) -> "_Reading":
        reading = copy(self)
        reading._at = at
        reading._viewer = replace(self._viewer, parameters={**self._viewer.parameters, "at": at})
        return reading

    def _ref(self, source: Source, key: str | None) -> Ref:
        return Ref(source, key, self._at)

    async def _fetch(self, sql: str, local: Mapping[str, object]) -> list[Row]:
        statement = self._engine.dialect.compile(sql)
        async with self._lock:
            return list(await self._reader.fetch(statement.text, statement.arguments({**self._viewer.parameters, **local})))

    async def pass_gate(self) -> None:
        if self._viewer.gate is not None:
            rows = await self._fetch(self._viewer.gate.sql, {})
            if not rows:
                raise NotLiveError
            self._standing = tuple(rows[0])

    def _where(self, source: Source, *conditions: str, key: str = ":key") -> str:
        return place(both(source.scope, source.visible(self._viewer.key), *conditions), "t", key)

    async def _cells(self, ref: Ref, *columns: str) -> Row:
        listed = ", ".join(place(sql, "t") for sql in columns)
        where = place(both(ref.source.scope, "{t}.id = :key"), "t")
        return (await self._fetch(f"SELECT {listed} FROM {ref.source.table} t WHERE {where}", {"key": ref.key}))[0]

    async def _seen(self, source: Source, key: str | None) -> Ref | None:
        """The object, when the viewer may see its row."""
        if key is None:
            return None
        rows = await self._fetch(f"SELECT t.id FROM {source.table} t WHERE {self._where(source, '{t}.id = :key')}", {"key": key})
        return self._ref(source, key) if rows else None

    async def resolve(self, parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        self._reached[info.parent_type.name, info.field_name] += 1
        if isinstance(parent, dict):
            return parent[info.field_name]
        reading = self if parent.at is None else self._as_of(parent.at)
        return await reading._field(parent, info, arguments)

    async def _field(self, parent: Ref, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> Any:
        origin = parent.source.fields[info.field_name]
        guard = parent.source.guard(self._viewer.key)
        if guard is not None:
            key = tuple(await self._cells(parent, *guard.columns)) if guard.columns else self._standing
            denial = guard.denial(key, info.field_name)
            if denial is not None:
                self.withheld.append({"path": info.path.as_list(), "code": denial.code, "because": denial.because})
                return None
        return await self._value(parent, origin, arguments)

    async def _value(self, parent: Ref, origin: FieldSource, arguments: dict[str, Any]) -> Any:
        sources = self._engine.sources
        match origin:
            case Expr() | Derived() | Listing():
                return await self._scalar(parent, origin)
            case Embedded(fields):
                first = next(iter(fields.values()))
                columns = first.needs if isinstance(first, Derived) else (first,)
                if (await self._cells(parent, columns[0].sql))[0] is None:
                    return None
                return {name: await self._scalar(parent, field) for name, field in fields.items()}
            case Here(target):
                return self._ref(sources[target], None)
            case One(target):
                return await self._one(parent, origin, sources[target], arguments)
            case First(target, on, order, descending):
                source = sources[target]
                by = f"{source.orders[order].column}{' DESC' if descending else ''}, {{t}}.id{' DESC' if descending else ''}"
                sql = f"SELECT t.id FROM {source.table} t WHERE {self._where(source, on)} ORDER BY {place(by, 't')} LIMIT 1"
                rows = await self._fetch(sql, {"key": parent.key})
                return self._ref(source, rows[0][0]) if rows else None
            case Values(sql):
                return sorted(row[0] for row in await self._fetch(place(sql, "t", ":key"), {"key": parent.key}))
            case Many():
                return await self._many(parent, origin, arguments)
            case Poly():
                return await self._poly(parent, origin, arguments)
            case Then() | Elsewhere():
                return await self._then(parent, origin, arguments)
            case AnyNode(argument):
                return await self._node(arguments[argument])
            case AnyNodes(argument):
                return [await self._node(one) for one in arguments[argument]]

    async def _then(self, parent: Ref, origin: Then | Elsewhere, arguments: dict[str, Any]) -> Ref | None:
        if isinstance(origin, Elsewhere):
            raise RequestError(origin.code, origin.because)
        at = self._engine.dialect.instant(datetime.fromisoformat(arguments[origin.argument]))
        return await self._as_of(at)._seen(self._engine.sources[origin.target], parent.key)

    async def _scalar(self, parent: Ref, origin: Expr | Derived | Listing) -> Any:
        needs = (origin,) if isinstance(origin, Expr) else origin.needs
        cells = await self._cells(parent, *(need.sql for need in needs))
        if isinstance(origin, Expr):
            return self._stored(cells[0], origin.kind, parent.source)
        kinds = [Kind.PLAIN if need.kind is Kind.ID else need.kind for need in needs]  # a function is given the key itself
        return origin.function(*(self._stored(cell, kind, parent.source) for cell, kind in zip(cells, kinds, strict=True)))

    def _stored(self, cell: Any, kind: Kind, source: Source) -> Any:
        if cell is None:
            return None
        if kind is Kind.ID:
            return global_id(source.tag, cell)
        if kind is Kind.JSON:
            return orjson.loads(cell)
        if kind is Kind.FLAG:
            return bool(cell)
        return self._engine.dialect.cursor_value(kind, cell)

    async def _one(self, parent: Ref, origin: One, target: Source, arguments: dict[str, Any]) -> Ref | None:
        if origin.argument is not None:
            tag, key = split_id(arguments[origin.argument])
            if tag != target.tag:
                raise RequestError("INVALID_ID", f"This is not the id of a {target.name}.")
            return await self._seen(target, key)
        if origin.key is not None:
            return await self._seen(target, (await self._cells(parent, origin.key))[0])
        rows = await self._fetch(f"SELECT t.id FROM {target.table} t WHERE {self._where(target, origin.on or '')} LIMIT 1", {})
        return self._ref(target, rows[0][0]) if rows else None

    async def _node(self, text: str) -> Ref | None:
        tag, key = split_id(text)
        source = self._engine.sources.by_tag.get(tag)
        if source is None:
            raise RequestError("INVALID_ID", "This is not an id of this API.")
        return await self._seen(source, key)

    def _page(self, source: Source, arguments: dict[str, Any], default: tuple[str, bool], *, whole: bool = False) -> Page:
        return page_of(
            source,
            arguments,
            default=default,
            guard=source.guard(self._viewer.key),
            dialect=self._engine.dialect,
            cursors=self._engine.cursors,
            whole=whole,
        )

    async def _many(self, parent: Ref, origin: Many, arguments: dict[str, Any]) -> dict[str, Any]:
        source = self._engine.sources[origin.target]
        page = self._page(source, arguments, (origin.order or next(iter(source.orders)), origin.descending), whole=origin.whole)
        local = {**page.parameters, "key": parent.key}
        where = self._where(source, origin.on, *page.conditions)
        total = (await self._fetch(f"SELECT count(*) FROM {source.table} t WHERE {where}", local))[0][0]
        rows = await self._listed(source, page, (origin.on, *page.conditions, page.keyset), local, page.limit + 1)
        return self._connection([(self._ref(source, row[0]), row[1]) for row in rows], page, total)

    async def _listed(self, source: Source, page: Page, conditions: tuple[str, ...], local: Mapping[str, object], limit: int) -> list[Row]:
        order = place(page.order_by, "t")
        sql = f"SELECT t.id, {place(page.order.column, 't')} FROM {source.table} t WHERE {self._where(source, *conditions)}"
        return await self._fetch(f"{sql} ORDER BY {order} LIMIT {limit}", local)

    async def _poly(self, parent: Ref, origin: Poly, arguments: dict[str, Any]) -> dict[str, Any]:
        wanted = (plain(arguments.pop("filter", None)) or {}).get("kinds")
        found: list[tuple[Ref, Any]] = []
        total, page = 0, self._page(Source("", {}, orders={"AT": Order("", Kind.TIME)}), arguments, ("AT", origin.descending))
        for kind, name in origin.kinds.items():
            if wanted is not None and kind not in wanted:
                continue
            source, branch = self._engine.sources[name], origin.branches[name]
            ordered = Source(name, {}, orders={"AT": Order(branch.at, Kind.TIME)})
            page = self._page(ordered, arguments, ("AT", origin.descending))
            local = {**page.parameters, "key": parent.key}
            total += (await self._fetch(f"SELECT count(*) FROM {source.table} t WHERE {self._where(source, branch.on)}", local))[0][0]
            rows = await self._listed(source, page, (branch.on, page.keyset), local, page.limit + 1)
            found += [(self._ref(source, row[0]), row[1]) for row in rows]
        found.sort(key=lambda pair: (pair[1], pair[0].key), reverse=page.descending != page.backward)
        return self._connection(found[: page.limit + 1], page, total)

    def _connection(self, found: list[tuple[Ref, Any]], page: Page, total: int) -> dict[str, Any]:
        more = len(found) > page.limit
        found = found[: page.limit][:: -1 if page.backward else 1]
        edges = [{"node": ref, "cursor": self._cursor(page, ref, at)} for ref, at in found]
        return {
            "totalCount": total,
            "nodes": [ref for ref, _ in found],
            "edges": edges,
            "pageInfo": {
                "hasNextPage": page.continued if page.backward else more,
                "hasPreviousPage": more if page.backward else page.continued,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
        }

    def _cursor(self, page: Page, ref: Ref, at: Any) -> str:
        return self._engine.cursors.encode(order_label(page), [self._engine.dialect.cursor_value(page.order.kind, at), ref.key])
