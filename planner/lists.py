"""Pages of lists: rows cut to their page, made into objects, and put into the connection that was asked for."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.levels import (
    Connection,
    Edges,
    ManyLevel,
    Nodes,
    PageInfo,
    Shape,
    Total,
    TypeName,
)
from planner.paging import Page, order_label, page_of
from planner.source import Kind
from planner.statements import Objects, Row
from planner.together import Together


class Lists(Together, ABC):
    """Connections of one type. How rows become objects is the run's business."""

    @abstractmethod
    async def objects(self, shape: Shape, rows: Sequence[Row]) -> Objects:
        """Objects of the rows, with all that is below them."""

    @abstractmethod
    async def gather(self, shape: Shape, rows: Sequence[Row], lists: Mapping[Any, Objects]) -> None:
        """The same, in the lists of their parents."""

    def _page(self, level: ManyLevel) -> Page:
        page: Page | None = level.arguments.fixed or self._paged.get(level.number)
        if page is not None:
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
            prefix=f"p{level.number}_",
        )
        if level.arguments.constant:
            level.arguments.fixed = page
        return page

    def _places(self, level: ManyLevel, page: Page) -> tuple[int, int]:
        """Places in a row of what a cursor is made of, where one is asked for."""
        if not level.connection.cursors:
            return 0, 0
        return level.columns.use(page.order.column, page.order.kind), level.columns.use("{t}.id", Kind.ID)

    async def _root_page(self, level: ManyLevel) -> dict[str, Any]:
        page, connection = self._page(level), level.connection
        places = self._places(level, page)
        rows: Sequence[Row] = ()
        if connection.rows:
            rows = await self._root_rows(level, page)
        total = None
        if connection.total:
            total = (await self._root_count(level, page))[0][level.counted.width]
        rows, more = cut_to(rows, page)
        listed = Listed([await self.objects(shape, rows) for shape in level.shapes], len(rows), more, total)
        if connection.cursors:
            listed.cursors = self._row_cursors(page, rows, places)
        return listed.answer(connection, page)

    async def _root_rows(self, level: ManyLevel, page: Page) -> Sequence[Row]:
        rows = self._rows_of(level.number)
        if rows is not None:
            return rows
        source, columns, limit = level.source, level.columns, level.limit(page)
        key = (page.shape, columns.width)
        return await self._fetch_first(
            level.memo, key, lambda: self._sql.page(source, columns, level.spec.on, page, limit), columns, page.parameters
        )

    async def _root_count(self, level: ManyLevel, page: Page) -> Sequence[Row]:
        rows = self._rows_of(-level.number)
        if rows is not None:
            return rows
        return await self._fetch_first(
            level.memo,
            ("count", page.conditions),
            lambda: self._sql.count(level.source, level.counted, level.spec.on, page),
            level.counted,
            page.parameters,
        )

    async def _pages(self, level: ManyLevel, keys: Collection[Any]) -> Mapping[Any, Any]:
        page, connection = self._page(level), level.connection
        places = self._places(level, page)
        rows = await self._page_rows(level, page, keys) if connection.rows else ()
        if connection.only_nodes is not None and not page.backward:
            return await self._only_nodes(level, connection.only_nodes, keys, rows)
        groups: dict[Any, list[Row]] = {key: [] for key in keys}
        for row in rows:
            groups[row[0]].append(row)
        totals = await self._totals(level, page, keys) if connection.total else {}
        cut = {key: cut_to(group, page) for key, group in groups.items()}
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

    async def _page_rows(self, level: ManyLevel, page: Page, keys: Collection[Any]) -> Sequence[Row]:
        ahead = self._below_these(level.number, keys)
        if ahead is not None:
            return ahead
        limit, columns = level.limit(page), level.columns
        local = {**page.parameters, "keys": self._dialect.keys_value(keys)}
        key = (page.shape, columns.width)
        return await self._fetch_known(level.memo, key, lambda: self._sql.pages(level.source, columns, level.spec, page, limit), local)

    async def _only_nodes(self, level: ManyLevel, name: str, keys: Collection[Any], rows: Sequence[Row]) -> Mapping[Any, Any]:
        """The commonest pages, of which nothing but `nodes` is asked."""
        lists: dict[Any, Objects] = {key: [] for key in keys}
        await self.gather(level.shapes[0], rows, lists)
        return {key: {name: listed} for key, listed in lists.items()}

    async def _totals(self, level: ManyLevel, page: Page, keys: Collection[Any]) -> dict[Any, Any]:
        rows = self._below_these(-level.number, keys)
        if rows is None:
            local = {**page.parameters, "keys": self._dialect.keys_value(keys)}
            rows = await self._fetch_known(
                level.memo,
                ("count", page.conditions),
                lambda: self._sql.counts(level.source, level.spec.on, page, owned=level.spec.owned),
                local,
            )
        return {row[0]: row[level.counted.width] for row in rows}

    def _row_cursors(self, page: Page, rows: Sequence[Row], places: tuple[int, int]) -> list[str]:
        label, (at, key) = order_label(page), places
        return [self._cursors.encode(label, [self._dialect.cursor_value(page.order.kind, row[at]), row[key]]) for row in rows]


def cut_to(rows: Sequence[Row], page: Page) -> tuple[Sequence[Row], bool]:
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
