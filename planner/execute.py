"""Runs: statements level by level on one connection, and their rows made into the answer from the leaves up."""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import orjson

from planner.errors import RequestError
from planner.ids import split_id
from planner.kinds import Kinds
from planner.levels import (
    FirstLevel,
    HereLevel,
    Level,
    ManyLevel,
    NodeLevel,
    OneLevel,
    PolyLevel,
    Shape,
    ThenLevel,
    ValuesLevel,
)
from planner.statements import JSON_OPTIONS, Objects, Row


class Run(Kinds):
    """One run of a plan. Objects that many parents share are written to JSON once."""

    async def objects(self, shape: Shape, rows: Sequence[Row]) -> Objects:
        """Objects of the rows, with all that is below them."""
        return shape.make(rows, await self._children(shape, rows), self._standing, self.notes)

    async def gather(self, shape: Shape, rows: Sequence[Row], lists: Mapping[Any, Objects]) -> None:
        """The same, in the lists of their parents."""
        shape.gather(rows, await self._children(shape, rows), self._standing, self.notes, lists)

    async def _children(self, shape: Shape, rows: Sequence[Row]) -> Sequence[Any]:
        """What is below the rows, child by child."""
        below = []
        for child in shape.children:
            if child.column is None:
                below.append(await self._rootward(child.level))
            else:
                below.append(await self._below(child.level, [row[child.column] for row in rows]))
        return below

    async def known(self, level: OneLevel, keys: Sequence[Any]) -> list[Any]:
        """Objects of known keys, in their order; what is absent or hidden is left out."""
        await self.pass_gate()
        found = await self._below(level, keys)
        return [found[key] for key in keys if key in found]

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
        keys = dict.fromkeys(parents)
        keys.pop(None, None)
        if not keys:
            return {}
        match level:
            case ManyLevel():
                return await self._pages(level, keys)
            case OneLevel():
                return await self._by_keys(level, keys, len(parents))
            case ThenLevel():
                at = self._dialect.instant(self._argument(level.arguments))
                return await self._as_of(at)._by_keys(level.one, keys, len(parents))
            case FirstLevel():
                return await self._firsts(level, keys)
            case ValuesLevel():
                return await self._values(level, keys)
            case PolyLevel():
                return await self._poly_pages(level, keys)
            case _:
                raise TypeError(f"{level} has no parent with rows")

    def _as_of(self, at: object) -> "Run":
        """This run, with the instant as the parameter `at` of its statements."""
        run = copy(self)
        run._viewer = replace(self._viewer, parameters={**self._viewer.parameters, "at": at})
        return run

    async def _keyed(self, level: OneLevel | FirstLevel | ValuesLevel, keys: Collection[Any], sql: Callable[[], str]) -> Sequence[Row]:
        """Rows of a level by key, read ahead or now."""
        ahead = self._below_these(level.number, keys)
        if ahead is not None:
            return ahead
        return await self._fetch_known(level.memo, "keys", sql, {"keys": self._dialect.keys_value(keys)})

    async def _by_keys(self, level: OneLevel, keys: Collection[Any], parents: int) -> Mapping[Any, Any]:
        rows = await self._keyed(level, keys, lambda: self._sql.by_keys(level.shape.source, level.columns))
        made: list[Any] = list(await self.objects(level.shape, rows))
        if not level.shape.withholds and parents >= 2 * len(rows):
            made = [orjson.Fragment(orjson.dumps(value, option=JSON_OPTIONS)) for value in made]
        return dict(zip((row[0] for row in rows), made, strict=True))

    async def _firsts(self, level: FirstLevel, keys: Collection[Any]) -> Mapping[Any, Any]:
        rows = await self._keyed(level, keys, lambda: self._sql.first(level.shape.source, level.columns, level.spec))
        return dict(zip((row[0] for row in rows), await self.objects(level.shape, rows), strict=True))

    async def _values(self, level: ValuesLevel, keys: Collection[Any]) -> Mapping[Any, Any]:
        lists: dict[Any, list[Any]] = {}
        for row in await self._keyed(level, keys, lambda: self._sql.values(level.spec, level.columns)):
            lists.setdefault(row[0], []).append(row[level.columns.width])
        return lists

    async def _picked(self, level: OneLevel) -> Any:
        """Object that a condition picks, or that an argument names; null when it is absent or hidden."""
        rows = self._rows_of(level.number)
        if rows is None:
            source, columns = level.shape.source, level.columns
            local = {} if level.arguments is None else {level.parameter: self._key(level)}
            rows = await self._fetch_first(level.memo, "picked", lambda: self._sql.picked(source, columns, level.condition), columns, local)
        return (await self.objects(level.shape, rows))[0] if rows else None

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
