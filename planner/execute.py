"""Runs: statements level by level on one connection, and their rows made into the answer from the leaves up."""

from collections.abc import Mapping, Sequence
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
        if not shape.children:
            return shape.make(rows, (), self._standing, self.notes)
        below = []
        for child in shape.children:
            if child.column is None:
                below.append(await self._rootward(child.level))
            else:
                below.append(await self._below(child.level, [row[child.column] for row in rows]))
        return shape.make(rows, below, self._standing, self.notes)

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
        distinct = dict.fromkeys(parents)
        distinct.pop(None, None)
        keys = list(distinct)
        if not keys:
            return {}
        match level:
            case OneLevel():
                return await self._by_keys(level, keys, len(parents))
            case ThenLevel():
                at = self._dialect.instant(self._argument(level.arguments))
                return await self._as_of(at)._by_keys(level.one, keys, len(parents))
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

    def _as_of(self, at: object) -> "Run":
        """This run, with the instant as the parameter `at` of its statements."""
        run = copy(self)
        run._viewer = replace(self._viewer, parameters={**self._viewer.parameters, "at": at})
        return run

    async def _by_keys(self, level: OneLevel, keys: list[Any], parents: int) -> Mapping[Any, Any]:
        statement = level.memo.get("keys")
        if statement is None:
            statement = level.memo["keys"] = self._sql.by_keys(level.shape.source, level.columns)
        rows = await self._fetch(statement, {"keys": self._dialect.keys_value(keys)})
        made: list[Any] = list(await self.objects(level.shape, rows))
        if not level.shape.withholds and parents >= 2 * len(rows):
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
