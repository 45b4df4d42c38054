"""Reading ahead: the rows of a whole bundle by one statement, before the run asks for them level by level."""

from abc import ABC
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from planner.bundle import Bundle, text_of
from planner.dialect import Statement
from planner.errors import NotLiveError, RequestError
from planner.ids import split_id
from planner.levels import Child, Columns, ManyLevel, OneLevel
from planner.paging import Page
from planner.source import Kind
from planner.statements import Row, Statements


@dataclass(slots=True)
class Keys:
    """Keys of parents: those that are asked for, and the one that each place in the rows below stands for."""

    asked: Collection[Any]
    of: Sequence[Any]
    ahead: bool = False  # whether the rows below were read ahead
    whole: bool = True  # whether every key they are below is asked for: more may have been read than stand on a page

    def only(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows below the keys that are asked for."""
        return rows if self.whole else [row for row in rows if self.of[row[0]] in self.asked]


class Together(Statements, ABC):
    """Statements of a run, some of which were read ahead."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._ahead: dict[int, list[Row]] = {}
        self._paged: dict[int, Page] = {}

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
        try:
            for part in bundle.parts:
                match part.level:
                    case ManyLevel() as level:
                        page = self._paged[level.number] = self._page(level)
                        self._places(level, page)
                        shapes.append(page.shape)
                        local |= page.parameters
                    case OneLevel() as level if level.arguments is not None:
                        local[level.parameter] = self._key(level)
        except RequestError:
            return
        await self._read(bundle, (*shapes, len(bundle.layout.kinds)), local)

    async def _read(self, bundle: Bundle, key: tuple[object, ...], local: dict[str, object]) -> None:
        gate, self._gate = self._gate, None
        through = Columns(bundle.layout)
        standing = [through.use(f"g.g{i}", Kind.PLAIN) for i in range(gate.width)] if gate else []
        statement: Statement | None = bundle.memo.get(key)
        if statement is None:
            text = text_of(bundle, self._sql, self._paged, gate.sql if gate else None, through)
            statement = bundle.memo[key] = self._dialect.compile(text)
        ahead: dict[int, list[Row]] = {0: []}
        for part in bundle.parts:
            ahead[part.level.number], ahead[-part.level.number] = [], []
        for row in await self._fetch(statement, local):
            ahead[row[-1]].append(row)
        if gate is not None:
            if not ahead[0]:
                raise NotLiveError
            self._standing = tuple(ahead[0][0][i] for i in standing)
        self._ahead = ahead

    def _rows_of(self, number: int) -> Sequence[Row] | None:
        """Rows that were read ahead."""
        return self._ahead.get(number)

    def _keys(self, child: Child, rows: Sequence[Row]) -> Keys:
        """Keys of what is below the rows."""
        column = child.column or 0
        parents = [row[column] for row in rows]
        asked = dict.fromkeys(parents)
        asked.pop(None, None)
        if not child.above or not self._ahead:
            return Keys(asked, list(asked))
        above = self._ahead[child.above]
        if above is rows:
            return Keys(asked, parents, ahead=True)
        return Keys(asked, [row[column] for row in above], ahead=True, whole=False)
