"""Write transactions: SQLModel sessions over SQLAlchemy's engines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.tables.every  # noqa: F401 - a session knows every table
from storage.address import Address
from storage.errors import translate, translated
from storage.readers import SQLITE_PRAGMAS


class Writers:
    """Connections that write to one database."""

    def __init__(self, address: Address, most: int) -> None:
        self._engine = engine(address, writers=most)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Session in one transaction: committed at the end of the `async with`, rolled back on any error."""
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            with translated():
                await session.connection()
            try:
                yield session
            except (DBAPIError, PoolTimeout) as error:
                ours = translate(error)
                if ours is None:
                    raise
                raise ours from None
            with translated():
                await session.commit()

    async def checkpoint(self) -> bool:
        """Whether all of SQLite's write-ahead log was written back, and the log emptied."""
        async with self._engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            row = (await autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        return bool(row[0] == 0)

    async def close(self) -> None:
        await self._engine.dispose()


def engine(address: Address, *, writers: int = 1) -> AsyncEngine:
    """Engine for writes. SQLite has one writer at a time, so one connection, whose waiters stand in line."""
    if address.dialect == "sqlite":
        url = URL.create("sqlite+aiosqlite", database=address.target)
        made = create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
            pool_timeout=10,
            pool_reset_on_return=None,  # a session has committed or rolled back before
            hide_parameters=True,
        )
        event.listen(made.sync_engine, "connect", _prepare_sqlite)
        event.listen(made.sync_engine, "begin", _begin_immediate)
        return made
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: _connect_postgresql(address.target),
        pool_size=writers,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
    )


async def _connect_postgresql(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(dsn, timeout=10, server_settings={"jit": "off", "application_name": "portico writes"})


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS.split(";"):
        if pragma.strip():
            cursor.execute(pragma.strip())
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
