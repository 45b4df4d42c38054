"""Statements of a write transaction that are written as SQL: parameters by name, keys as 32 hexadecimal digits on both engines.

They go to the driver of the session's own connection, inside its transaction. What the session itself still holds back is not seen by
them: flush it first.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

from pydantic_core import PydanticUndefined
from sqlmodel.ext.asyncio.session import AsyncSession

from planner.dialect import DIALECTS, Statement
from storage.address import Dialect
from storage.errors import translate

_DRIVER: Final = "portico driver"


@lru_cache(maxsize=1024)
def _compiled(sql: str, dialect: Dialect) -> Statement:
    return DIALECTS[dialect].compile(sql)


async def _driver(session: AsyncSession) -> tuple[Dialect, Any]:
    """Driver's connection of the session."""
    known: tuple[Dialect, Any] | None = session.info.get(_DRIVER)
    if known is None:
        connection = await session.connection()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        dialect: Dialect = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
        known = session.info[_DRIVER] = (dialect, driver)
    return known


async def _fetch(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> Any:
    """Rows as the driver has them. On PostgreSQL a transaction begins with its first statement, which so goes through the session."""
    dialect, driver = await _driver(session)
    statement = _compiled(sql, dialect)
    values = [_sent(parameters[name], dialect) for name in statement.names]
    try:
        if dialect == "sqlite":
            return await driver.execute_fetchall(statement.text, values)
        if driver.is_in_transaction():
            return await driver.fetch(statement.text, *values)
        return (await (await session.connection()).exec_driver_sql(statement.text, tuple(values))).all()
    except Exception as error:
        raise translate(error) or error from None


def _sent(value: Any, dialect: Dialect) -> Any:
    """Value as the driver takes it."""
    if isinstance(value, UUID):
        return value.hex if dialect == "sqlite" else value
    if isinstance(value, datetime):
        return DIALECTS[dialect].instant(value)
    if isinstance(value, date):
        return DIALECTS[dialect].day(value)
    return str(value) if isinstance(value, Enum) else value


async def rows(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Rows of a statement, in the caller's transaction; parameters that it does not name are left out."""
    found = await _fetch(session, sql, parameters)
    return [tuple(value.hex if isinstance(value, UUID) else value for value in row) for row in found]


async def row(session: AsyncSession, sql: str, parameters: Mapping[str, object]) -> tuple[Any, ...] | None:
    """First row of a statement; None where there is none."""
    found = await rows(session, sql, parameters)
    return found[0] if found else None


def instant(cell: Any) -> datetime:
    """Instant out of a cell: text in UTC on SQLite."""
    return datetime.fromisoformat(cell).replace(tzinfo=UTC) if isinstance(cell, str) else cell


async def read_row(session: AsyncSession, table: type[Any], workspace: UUID, key: UUID) -> Any:
    """Row of a table by its key, its columns as attributes; LookupError where there is none."""
    columns = table.__table__.columns.keys()
    sql = f"SELECT {', '.join(columns)} FROM {table.__tablename__} WHERE workspace_id = :workspace AND id = :key"
    for cells in await _fetch(session, sql, {"workspace": workspace, "key": key}):
        kinds = _kinds(table)  # type: ignore[arg-type]  # mypy takes the class of a table for unhashable
        return SimpleNamespace(**{name: kinds[name](cell) if cell is not None else None for name, cell in zip(columns, cells, strict=True)})
    raise LookupError(f"no such {table.__tablename__}")


@cache
def _kinds(table: type) -> Mapping[str, Callable[[Any], Any]]:
    """How a cell of each column becomes a value of Python."""
    return {name: _kind(hint) for name, hint in get_type_hints(table).items()}


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


@cache
def _insertion(table: type) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Statement that inserts a row, its columns, and the defaults of those that may be left out."""
    made: Any = table
    columns = tuple(column.name for column in made.__table__.columns)
    listed = ", ".join(f":{name}" for name in columns)
    return f"INSERT INTO {made.__tablename__} ({', '.join(columns)}) VALUES ({listed})", columns, dict(made.model_fields)


async def insert(session: AsyncSession, table: type[Any], **values: Any) -> UUID:
    """New row of a table, with the table's own defaults; its key."""
    sql, columns, known = _insertion(table)  # type: ignore[arg-type]  # mypy takes the class of a table for unhashable
    given = {name: values[name] if name in values else _default(known[name]) for name in columns}
    if given["id"] is PydanticUndefined or PydanticUndefined in given.values():
        raise TypeError(f"{table.__name__} lacks {[name for name, value in given.items() if value is PydanticUndefined]}")
    await rows(session, sql, given)
    key: UUID = given["id"]
    return key


def _default(about: Any) -> Any:
    return about.get_default(call_default_factory=True)


async def update(
    session: AsyncSession, table: str, values: Mapping[str, Any], where: str, parameters: Mapping[str, object]
) -> Sequence[str]:
    """Set columns of the rows where a condition holds; their keys. `version` goes up by one where it is named with None."""
    sets = ", ".join("version = version + 1" if name == "version" else f"{name} = :set_{name}" for name in values)
    given = {f"set_{name}": value for name, value in values.items()}
    return [key for (key,) in await rows(session, f"UPDATE {table} SET {sets} WHERE {where} RETURNING id", {**parameters, **given})]
