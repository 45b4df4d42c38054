"""New rows as SQL: sent at once, or held back and sent together, so that a step goes to the database less often."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from pydantic_core import PydanticUndefined
from sqlmodel.ext.asyncio.session import AsyncSession

from resolvers.sql import fetch, rows, run_in_turn
from storage.writers import LAST

_HELD: Final = "portico held"
#: Table of a new row, or None; statement; parameters.
_Held = tuple[Any, str, Mapping[str, object]]


@cache
def _columns(table: Any) -> Mapping[str, Any]:
    """Column -> what it gets where it is left out: a function that makes it, or the value."""
    known = table.model_fields
    return {column.name: known[column.name].default_factory or known[column.name].default for column in table.__table__.columns}


@cache
def _insertion(table: Any, prefix: str = "") -> str:
    """Statement that inserts a row; its parameters are the columns, each with the prefix."""
    columns = _columns(table)
    return f"INSERT INTO {table.__table__.name} ({', '.join(columns)}) VALUES ({', '.join(f':{prefix}{name}' for name in columns)})"


def _filled(table: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of every column, with the table's own defaults."""
    given = {}
    for name, default in _columns(table).items():
        given[name] = values[name] if name in values else default() if callable(default) else default
    if PydanticUndefined in given.values():
        raise TypeError(f"{table.__name__} lacks {[name for name, value in given.items() if value is PydanticUndefined]}")
    return given


async def insert(session: AsyncSession, table: Any, **values: Any) -> UUID:
    """New row of a table, with the table's own defaults; its key."""
    given = _filled(table, values)
    await rows(session, _insertion(table), given)
    key: UUID = given["id"]
    return key


def hold(session: AsyncSession, table: Any, **values: Any) -> None:
    """New row that no statement of the transaction looks for: sent with the next `send`, at the latest before the commit."""
    _held(session).append((table, _insertion(table), _filled(table, values)))


async def defer(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> None:
    """Statement whose effect no other one looks for: held back as rows are on SQLite, and sent at once where it cannot be joined."""
    if session.get_bind().dialect.name == "sqlite":
        _held(session).append((None, sql, parameters))
    else:
        await rows(session, sql, parameters)


async def send(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> None:
    """Statement, with all that was held back before it. On PostgreSQL it does not see these rows: they are parts of one statement."""
    held: list[_Held] = session.info.pop(_HELD, [])
    if not held:
        await rows(session, sql, parameters)
    elif session.get_bind().dialect.name == "sqlite":
        await run_in_turn(session, [*((text, values) for _, text, values in held), (sql, parameters)])
    else:
        named = {f"h{number}_{name}": value for number, (_, _, values) in enumerate(held) for name, value in values.items()}
        await fetch(session, _joined(tuple(table for table, _, _ in held), sql), {**named, **parameters})


def _held(session: AsyncSession) -> list[_Held]:
    session.info[LAST] = _send_rest
    held: list[_Held] = session.info.setdefault(_HELD, [])
    return held


async def _send_rest(session: AsyncSession) -> None:
    if session.info.get(_HELD):
        await send(session, "SELECT 1", {})


@lru_cache(maxsize=256)
def _joined(tables: tuple[Any, ...], sql: str) -> str:
    parts = [f"h{number} AS ({_insertion(table, f'h{number}_')})" for number, table in enumerate(tables)]
    return f"WITH {', '.join(parts)} {sql}"
