"""Statements of a run: how they reach the database, and who is let through."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import orjson
from graphql import GraphQLError, VariableNode, get_argument_values
from graphql.execution import VariableValues

from planner.columns import Columns
from planner.dialect import Dialect, Statement
from planner.errors import NotLiveError, RequestError
from planner.ids import Cursors
from planner.levels import Arguments, Memo
from planner.project import Note
from planner.source import Sources
from planner.sql import Sql

#: How orjson writes an answer: instants in UTC with a `Z`.
JSON_OPTIONS = orjson.OPT_UTC_Z

Row = Sequence[Any]
Objects = list[dict[str, Any]]


class Fetching(Protocol):
    """Whatever brings the rows of a statement."""

    async def fetch(self, sql: str, args: Sequence[object]) -> Sequence[Row]: ...


class Connected(Fetching, Protocol):
    """Connection of the driver, as storage hands it out."""

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


class Given(NamedTuple):
    """What is the same for all runs of an engine."""

    sources: Sources
    dialect: Dialect
    cursors: Cursors


class Statements:
    """Statements of one run, on one connection, the first of them through the gate."""

    def __init__(self, connection: Fetching, viewer: Viewer, variables: VariableValues, given: Given) -> None:
        self._connection = connection
        self._viewer = viewer
        self._variables = variables
        self._sources, self._dialect, self._cursors = given
        self._gate = viewer.gate
        self._standing: tuple[object, ...] = ()
        self.notes: list[tuple[dict[str, Any], Note]] = []

    @property
    def _sql(self) -> Sql:
        return Sql(self._dialect, self._sources, self._viewer.key)

    async def _fetch(self, statement: Statement, local: Mapping[str, object]) -> Sequence[Row]:
        given = self._viewer.parameters
        arguments = [local[name] if name in local else given[name] for name in statement.names]
        return await self._connection.fetch(statement.text, arguments)

    async def _fetch_known(self, memo: Memo, key: object, sql: Callable[[], str], local: Mapping[str, object]) -> Sequence[Row]:
        """Rows of a statement that is compiled once for its key."""
        statement: Statement | None = memo.get(key)
        if statement is None:
            statement = memo[key] = self._dialect.compile(sql())
        return await self._fetch(statement, local)

    async def _fetch_first(
        self, memo: Memo, key: object, sql: Callable[[], str], columns: Columns, local: Mapping[str, object]
    ) -> Sequence[Row]:
        """Rows of a statement without parents; the first of the run also passes the gate."""
        gate, self._gate = self._gate, None
        if gate is None:
            return await self._fetch_known(memo, (None, key), sql, local)
        rows = await self._fetch_known(memo, (gate, key), lambda: self._sql.gated(gate.sql, gate.width, sql(), columns), local)
        if not rows:
            raise NotLiveError
        self._standing = tuple(rows[0])[-gate.width :]
        return rows if rows[0][0] is not None else ()

    async def pass_gate(self) -> None:
        """Passes the gate by itself, where no statement did."""
        if self._gate is not None:
            await self._fetch_first(Memo(), None, lambda: "SELECT 1 AS key", Columns(), {})

    def _argument(self, arguments: Arguments) -> Any:
        """Value of the only argument of a field."""
        given = (arguments.node.arguments or ())[0].value
        if isinstance(given, VariableNode) and given.name.value in self._variables.coerced:
            return self._variables.coerced[given.name.value]
        return next(iter(self._arguments(arguments).values()))

    def _arguments(self, arguments: Arguments) -> Mapping[str, Any]:
        try:
            return get_argument_values(arguments.definition, arguments.node, self._variables)
        except GraphQLError as error:
            raise RequestError("BAD_USER_INPUT", error.message) from error
