"""The database: write transactions through SQLModel sessions, reads through the drivers' own connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any, Final, Self

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.address import Address, Dialect
from storage.errors import translate, translated
from storage.pool import Lease, Pool
from storage.readers import SQLITE_PRAGMAS, PostgresReader, Reader, SqliteReader

#: What a session does before it commits, under this key of its `info`.
LAST: Final = "portico last"
_READERS: dict[Dialect, int] = {"postgresql": 8, "sqlite": 4}


class Database:
    """One database, open. `write()` lends a session in a transaction, `read()` a reader."""

    def __init__(self, address: Address, *, readers: int) -> None:
        self.address = address
        self.url = f"sqlite:///{address.target}" if address.dialect == "sqlite" else address.target
        self.dialect: Dialect = address.dialect
        self._engine = engine(address, writers=max(2, readers // 2))
        self._readers: Pool[Reader] = Pool(self._reader, readers)

    @classmethod
    async def open(cls, url: str, *, readers: int | None = None) -> "Database":
        """Open and prove that the database answers. `readers` bounds the reading connections, opened when needed."""
        address = Address.parse(url)
        database = cls(address, readers=readers or _READERS[address.dialect])
        try:
            async with database.read() as reader:
                await reader.fetch("SELECT 1")
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        await self._readers.close()
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def read(self) -> Lease[Reader]:
        """Reader for the length of an `async with`."""
        return Lease(self._readers)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Session in one transaction: committed at the end of the `async with`, rolled back on any error.

        On SQLite it is the only writer from its first line on; on PostgreSQL it reads what is committed.
        """
        load_tables()
        session = AsyncSession(self._engine, expire_on_commit=False)
        try:
            with translated():
                await session.connection()
            try:
                yield session
                if last := session.info.get(LAST):
                    await last(session)
            except (DBAPIError, PoolTimeout) as error:
                ours = translate(error)
                if ours is None:
                    raise
                raise ours from None
            with translated():
                await session.commit()
        finally:
            if session.in_transaction():
                await asyncio.shield(session.close())
            else:
                session.sync_session.close()  # holds no connection any more, so that it waits for nothing

    async def checkpoint(self) -> bool:
        """Make deleted text leave the write-ahead log; False while a reader still holds it (try again later)."""
        if self.dialect == "postgresql":
            return True
        async with self._engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            known = (await autocommit.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
            await autocommit.exec_driver_sql("PRAGMA busy_timeout = 50")  # nobody else writes while this waits
            row = (await autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            await autocommit.exec_driver_sql(f"PRAGMA busy_timeout = {known}")
        return bool(row[0] == 0)

    async def _reader(self) -> Reader:
        if self.dialect == "postgresql":
            return await PostgresReader.open(self.address.target)
        return await SqliteReader.open(self.address.target)


def load_tables() -> None:
    """Every table, which a write needs and a start should not wait for."""
    import_module("storage.tables.every")


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
    made = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: _connect_postgresql(address.target),
        pool_size=writers,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
    )
    event.listen(made.sync_engine, "checkout", _refuse_closed)
    return made


def _refuse_closed(connection: Any, *_: object) -> None:
    """A connection that was lost while it waited is replaced; the driver has noticed, so that nobody need ask the server."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


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
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    try:
        connection.connection.run_async(lambda driver: driver.execute_fetchall("BEGIN IMMEDIATE"))
    except asyncio.CancelledError:
        connection.invalidate()  # its thread begins all the same, and nobody would end it
        raise
