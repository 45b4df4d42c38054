"""Load into PostgreSQL: binary COPY on one connection, in one transaction."""

from collections.abc import Callable

import asyncpg
from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex, ExecutableDDLElement
from sqlmodel import SQLModel

from storage.demo.draw import DAY
from storage.demo.load import NOT_EMPTY, TABLES
from storage.demo.rows import COLUMNS, Rows
from storage.errors import NotEmpty

_2000 = 946_684_800
_COPY = MetaData(naming_convention=SQLModel.metadata.naming_convention)  # AddConstraint takes a constraint out of its table's CREATE
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


for _table in SQLModel.metadata.sorted_tables:
    _table.to_metadata(_COPY)
_TABLES = [_COPY.tables[table.name] for table in TABLES]


class PostgresLoad:
    """Large loads drop the keys and indexes of the tables they fill, and build them at the end, in the same transaction."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", large: bool) -> None:
        self._connection = connection
        self._large = large

    @classmethod
    async def begin(cls, dsn: str, large: bool) -> "PostgresLoad":
        settings = {"jit": "off", "synchronous_commit": "off", "maintenance_work_mem": "256MB", "application_name": "portico demo"}
        connection = await asyncpg.connect(dsn, timeout=10, command_timeout=None, server_settings=settings)
        try:
            await connection.set_type_codec("uuid", schema="pg_catalog", format="binary", encoder=bytes.fromhex, decoder=bytes.hex)
            await connection.set_type_codec("timestamptz", schema="pg_catalog", format="tuple", encoder=_instant, decoder=_never)
            await connection.set_type_codec("date", schema="pg_catalog", format="tuple", encoder=_day, decoder=_never)
            await connection.execute("BEGIN; LOCK TABLE workspace IN EXCLUSIVE MODE")
            if await connection.fetchval("SELECT EXISTS (SELECT FROM workspace)"):
                raise NotEmpty(NOT_EMPTY)
            if large:
                await connection.execute(";".join(_text(step) for step in _take_down()))
        except BaseException:
            await connection.close()
            raise
        return cls(connection, large)

    async def write(self, rows: Rows) -> None:
        for table in TABLES:
            if rows[table.name]:
                await self._connection.copy_records_to_table(table.name, records=rows[table.name], columns=COLUMNS[table.name])

    async def finish(self, stage: Callable[[str], None]) -> None:
        if self._large:
            for name, steps in _build():
                stage(name)
                for step in steps:
                    await self._connection.execute(_text(step))
        stage("commit and statistics")
        await self._connection.execute("COMMIT")
        await self._connection.execute("VACUUM (ANALYZE)" if self._large else "ANALYZE")
        await self._connection.close()

    async def abandon(self) -> None:
        await self._connection.close(timeout=5)


def _foreign_keys() -> list[ForeignKeyConstraint]:
    filled = {table.name for table in TABLES}
    every = [key for table in _COPY.tables.values() for key in table.foreign_key_constraints]
    ours = [key for key in every if key.parent.name in filled or key.referred_table.name in filled]
    return sorted(ours, key=lambda key: str(key.name))


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _take_down() -> list[ExecutableDDLElement]:
    steps: list[ExecutableDDLElement] = [DropConstraint(key) for key in _foreign_keys()]
    for table in _TABLES:
        steps += [DropIndex(index) for index in _indexes(table)]
        steps.append(DropConstraint(table.primary_key))
    return steps


def _build() -> list[tuple[str, list[ExecutableDDLElement]]]:
    steps: list[tuple[str, list[ExecutableDDLElement]]] = []
    for table in _TABLES:
        key = AddConstraint(table.primary_key)
        steps.append((f"indexes of {table.name}", [key, *(CreateIndex(index) for index in _indexes(table))]))
    for reference in _foreign_keys():
        steps.append((f"foreign keys of {reference.parent.name}", [AddConstraint(reference)]))
    return steps


def _text(step: ExecutableDDLElement) -> str:
    return str(step.compile(dialect=_DIALECT))


def _instant(seconds: int) -> tuple[int]:
    return ((seconds - _2000) * 1_000_000,)


def _day(seconds: int) -> tuple[int]:
    return ((seconds - _2000) // DAY,)


def _never(_: object) -> object:
    raise TypeError("A load reads no times")
