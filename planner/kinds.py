"""Pages of lists over several types: first which rows, by type and instant, then the rows of each type by key."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from planner.levels import OneLevel, PolyLevel
from planner.lists import Listed, Lists, cut_to
from planner.paging import Page, page_of, plain
from planner.source import Kind, Order, Poly, Source
from planner.statements import Row


class Kinds(Lists):
    """Connections of several types."""

    @abstractmethod
    async def _by_keys(self, level: OneLevel, keys: Collection[Any], parents: int) -> Mapping[Any, Any]:
        """Objects of one type by their keys."""

    async def _poly_pages(self, level: PolyLevel, keys: Collection[Any]) -> Mapping[Any, Any]:
        arguments, spec = self._arguments(level.arguments), level.spec
        wanted = (plain(arguments.get("filter")) or {}).get("kinds")
        types = list(dict.fromkeys(spec.kinds[kind] for kind in (spec.kinds if wanted is None else wanted)))
        pages = {name: self._poly_page(spec, spec.branches[name].at, arguments) for name in types}
        page = pages[types[0]] if types else self._poly_page(spec, "", arguments)
        local = {"keys": self._dialect.keys_value(keys), **page.parameters}
        groups: dict[Any, list[Row]] = {}
        totals: dict[Any, int] = dict.fromkeys(keys, 0)
        if types and level.connection.rows:
            rows = await self._fetch_known(
                level.memo, (page.shape, tuple(types)), lambda: self._sql.kinds(spec, types, pages, page.limit + 1), local
            )
            for row in rows:
                groups.setdefault(row[0], []).append(row)
        if level.connection.total:
            for name in types:
                for row in await self._kind_counts(level, name, pages[name], local):
                    totals[row[0]] += row[1]
        return await self._poly_connections(level, page, {key: groups.get(key, []) for key in keys}, totals)

    async def _kind_counts(self, level: PolyLevel, name: str, page: Page, local: Mapping[str, object]) -> Sequence[Row]:
        source, on = self._sources[name], level.spec.branches[name].on
        return await self._fetch_known(level.memo, name, lambda: self._sql.counts(source, on, page, owned=level.spec.owned), local)

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
            cut[key] = cut_to(ordered[: page.limit + 1], page)
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
