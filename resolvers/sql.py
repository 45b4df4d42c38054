"""Statements of a write transaction that are written as SQL: parameters by name, keys as 32 hexadecimal digits on both engines.

They go to the driver of the session's own connection, inside its transaction. What the session itself still holds back is not seen by
them: flush it first.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from planner.dialect import DIALECTS, Statement
from storage.address import Dialect
from storage.errors import translate
from storage.writers import DRIVER


@lru_cache(maxsize=1024)
def _compiled(sql: str, dialect: Dialect) -> Statement:
    return DIALECTS[dialect].compile(sql)


async def fetch(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> Any:
    """Rows as the driver has them. On PostgreSQL a transaction begins with its first statement, which so goes through the session."""
    dialect, driver = session.info[DRIVER]
    statement, values = _ready(sql, parameters, dialect)
    try:
        if dialect == "sqlite":
            return await driver.execute_fetchall(statement.text, values)
        if driver.is_in_transaction():
            return await driver.fetch(statement.text, *values)
        return (await (await session.connection()).exec_driver_sql(statement.text, tuple(values))).all()
    except Exception as error:
        raise translate(error) or error from None


async def change(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> int:
    """How many rows a statement has changed; none of them is fetched."""
    dialect, driver = session.info[DRIVER]
    statement, values = _ready(sql, parameters, dialect)
    try:
        if dialect == "sqlite":
            async with driver.execute(statement.text, values) as cursor:
                return int(cursor.rowcount)
        if driver.is_in_transaction():
            return int((await driver.execute(statement.text, *values)).rpartition(" ")[2])
        return (await (await session.connection()).exec_driver_sql(statement.text, tuple(values))).rowcount
    except Exception as error:
        raise translate(error) or error from None


async def run_in_turn(session: AsyncSession, asked: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Several statements, which SQLite's thread runs in one turn: going there and back costs more than they do."""
    dialect, driver = session.info[DRIVER]
    ready = [_ready(sql, parameters, dialect) for sql, parameters in asked]

    def in_turn(connection: sqlite3.Connection) -> None:
        for statement, values in ready:
            connection.execute(statement.text, values).close()

    try:
        await driver._execute(in_turn, driver._conn)
    except Exception as error:
        raise translate(error) or error from None


def _ready(sql: str, parameters: Mapping[str, object], dialect: Dialect) -> tuple[Statement, list[Any]]:
    """Statement with its values as the driver takes them."""
    statement = _compiled(sql, dialect)
    return statement, [_sent(parameters[name], dialect) for name in statement.names]


def _sent(value: Any, dialect: Dialect) -> Any:
    """Value as the driver takes it."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, UUID):
        return value.hex if dialect == "sqlite" else value
    if isinstance(value, datetime):
        return DIALECTS[dialect].instant(value)
    if isinstance(value, date):
        return DIALECTS[dialect].day(value)
    return str(value) if isinstance(value, Enum) else value


async def rows(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Rows of a statement, in the caller's transaction; parameters that it does not name are left out."""
    found = await fetch(session, sql, parameters)
    return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]


async def row(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> tuple[Any, ...] | None:
    """First row of a statement; None where there is none."""
    found = await rows(session, sql, parameters)
    return found[0] if found else None


def instant(cell: Any) -> datetime:
    """Instant out of a cell: text in UTC on SQLite."""
    return datetime.fromisoformat(cell).replace(tzinfo=UTC) if isinstance(cell, str) else cell


async def read_row(session: AsyncSession, table: Any, parameters: Mapping[str, object], *, owner: str, seen: str, lock: str) -> Any:
    """Row of the object that a step is about, its columns as attributes; None where there is none that meets `seen`, a condition on `t`."""
    kinds = _kinds(table)
    listed = ", ".join(f"t.{name}" for name in kinds)
    sql = f"SELECT {listed} FROM {table.__table__.name} t WHERE t.{owner} = :workspace AND t.id = :subject{seen}"
    for cells in await fetch(session, f"{sql} {lock}", parameters):
        pairs = zip(kinds.items(), cells, strict=True)
        return SimpleNamespace(**{name: kind(cell) if cell is not None else None for (name, kind), cell in pairs})
    return None


@cache
def _kinds(table: Any) -> Mapping[str, Callable[[Any], Any]]:
    """How a cell of each column becomes a value of Python."""
    hints = get_type_hints(table)
    return {column.name: _kind(hints[column.name]) for column in table.__table__.columns}


def _kind(hint: Any) -> Callable[[Any], Any]:
    """Converter for a type, or for the type that may be None."""
    plain = next((part for part in get_args(hint) if part is not type(None)), hint)
    if plain is UUID:
        return lambda cell: UUID(cell) if isinstance(cell, str) else UUID(bytes=cell.bytes)
    if plain is datetime:
        return instant
    if plain is date:
        return lambda cell: date.fromisoformat(cell) if isinstance(cell, str) else cell
    if plain is bool:
        return bool
    return plain if isinstance(plain, type) and issubclass(plain, Enum) else lambda cell: cell


def listed(keys: Iterable[str]) -> tuple[str, dict[str, str]]:
    """List of keys as it stands behind IN, and its parameters."""
    chosen = {f"key_{number}": key for number, key in enumerate(keys)}
    return f"({', '.join(f':{name}' for name in chosen)})", chosen


def assignment(table: str, values: Mapping[str, Any], where: str, parameters: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """Statement that sets columns of the rows where a condition holds, and its parameters. `version` goes up by one where it has None."""
    sets = ", ".join("version = version + 1" if name == "version" else f"{name} = :set_{name}" for name in values)
    given = {f"set_{name}": value for name, value in values.items()}
    return f"UPDATE {table} SET {sets} WHERE {where}", {**parameters, **given}


async def update(
    session: AsyncSession, table: str, values: Mapping[str, Any], where: str, parameters: Mapping[str, object]
) -> Sequence[str]:
    """Set columns of the rows where a condition holds; their keys."""
    sql, given = assignment(table, values, where, parameters)
    return [key for (key,) in await rows(session, f"{sql} RETURNING id", given)]
