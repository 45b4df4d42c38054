"""Reading ahead: the rows of a whole bundle by one statement, before the run asks for them level by level."""

from abc import ABC
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from planner.bundle import Bundle, Packed, text_of
from planner.dialect import Statement
from planner.errors import NotLiveError, RequestError, TooDeepError
from planner.ids import split_id
from planner.levels import ManyLevel, OneLevel
from planner.paging import Page
from planner.statements import Row, Statements


class Together(Statements, ABC):
    """Statements of a run, some of which were read ahead."""

    _ahead: Mapping[int, list[Row]] = {}  # by the number of the level; of its counts below zero
    _exact: Collection[int] = ()
    _paged: Mapping[int, Page] = {}

    def _page(self, level: ManyLevel) -> Page:
        raise NotImplementedError

    def _places(self, level: ManyLevel, page: Page) -> tuple[int, int]:
        raise NotImplementedError

    def _key(self, level: OneLevel) -> str:
        """Key that the argument of the level names."""
        source = level.shape.source
        tag, key = split_id(self._argument(level.arguments)) if level.arguments else ("", "")
        if tag != source.tag:
            raise RequestError("INVALID_ID", f"This is not the id of a {source.name}.")
        return key

    async def read(self, bundle: Bundle) -> None:
        """Reads ahead. What is wrong with an argument is said where the run meets it, if it does."""
        local: dict[str, object] = {}
        shapes: list[object] = [self._gate]
        paged: dict[int, Page] = {}
        try:
            for part in bundle.parts:
                match part.level:
                    case ManyLevel() as level:
                        page = paged[level.number] = self._page(level)
                        self._places(level, page)
                        shapes.append(page.shape)
                        local |= page.parameters
                    case OneLevel() as level if level.arguments is not None:
                        local[level.parameter] = self._key(level)
        except RequestError:
            return
        self._paged = paged
        await self._read(bundle, tuple(shapes), local)

    async def _read(self, bundle: Bundle, key: tuple[object, ...], local: dict[str, object]) -> None:
        gate, self._gate = self._gate, None
        known: tuple[Statement, list[Packed]] | None = bundle.memo.get(key)
        if known is None:
            text, packed = text_of(bundle, self._sql, self._paged, gate)
            known = bundle.memo[key] = self._dialect.compile(text), packed
        statement, packed = known
        try:
            found = await self._fetch(statement, local)
        except TooDeepError:
            bundle.too_deep, self._gate, self._paged = True, gate, {}
            return
        if not found:
            raise NotLiveError
        answer = found[0]
        if gate is not None:
            self._standing = tuple(answer[: gate.width])
        self._ahead = {one.number: one.rows(answer, self._dialect) for one in packed}
        self._exact = bundle.exact

    def _rows_of(self, number: int) -> Sequence[Row] | None:
        """Rows that were read ahead."""
        return self._ahead.get(number)

    def _below_these(self, number: int, keys: Collection[Any]) -> Sequence[Row] | None:
        """Rows that were read ahead, below these keys: more may have been read than stand on a page."""
        rows = self._ahead.get(number)
        return rows if not rows or number in self._exact else [row for row in rows if row[0] in keys]
