"""Write transactions: SQLModel sessions over SQLAlchemy's engines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

import storage.tables.every  # noqa: F401 - a session knows every table
from storage.address import Address
from storage.errors import translate, translated
from storage.readers import SQLITE_PRAGMAS

#: How long a server may take to end a transaction whose caller has gone.
ENDING_SECONDS: Final = 60.0
#: Under these keys of its `info` a session has the database's dialect with the driver's connection, and what it does before it commits.
DRIVER: Final = "portico driver"
LAST: Final = "portico last"


class Writers:
    """Connections that write to one database."""

    def __init__(self, address: Address, most: int) -> None:
        self._dialect = address.dialect
        self._engine = engine(address, writers=most)
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Session in one transaction: committed at the end of the `async with`, rolled back on any error.

        Whoever is cancelled does not wait for the disk or the wire. A commit that has begun goes on to its end, whatever that is, and then
        the connection is free.
        """
        session, waits = AsyncSession(self._engine, expire_on_commit=False), True
        committing: asyncio.Task[None] | None = None
        try:
            with translated():
                raw = await (await session.connection()).get_raw_connection()
                session.info[DRIVER] = (self._dialect, raw.driver_connection)
            try:
                yield session
                if last := session.info.get(LAST):
                    await last(session)
            except (DBAPIError, PoolTimeout) as error:
                ours = translate(error)
                if ours is None:
                    raise
                raise ours from None
            committing = asyncio.create_task(session.commit())
            with translated():
                await asyncio.shield(committing)
        except asyncio.CancelledError:
            waits = False
            raise
        finally:
            if session.in_transaction():
                closing = asyncio.create_task(_close(session, committing))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
                if waits:
                    await asyncio.shield(closing)
            else:
                session.sync_session.close()  # holds no connection any more, so that it waits for nothing

    async def checkpoint(self) -> bool:
        """Whether all of SQLite's write-ahead log was written back, and the log emptied."""
        async with self._engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            known = (await autocommit.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
            await autocommit.exec_driver_sql("PRAGMA busy_timeout = 50")  # nobody else writes while this waits
            row = (await autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            await autocommit.exec_driver_sql(f"PRAGMA busy_timeout = {known}")
        return bool(row[0] == 0)

    async def close(self) -> None:
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self._engine.dispose()


async def _close(session: AsyncSession, committing: asyncio.Task[None] | None) -> None:
    """Take back what the session does not commit, and give its connection back; a wire that is dead without a word is cut."""

    async def end() -> None:
        if committing is not None:
            await asyncio.wait([committing])
        with suppress(DBAPIError):  # the connection is lost, and nothing was committed
            await session.close()

    ending = asyncio.create_task(end())
    await asyncio.wait([ending], timeout=ENDING_SECONDS)
    _, driver = session.info.get(DRIVER, (None, None))  # none where the connection could not be opened
    if not ending.done() and isinstance(driver, asyncpg.Connection):
        driver.terminate()
    await ending


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
        pool_use_lifo=True,  # whoever wrote last knows the statements
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
    settings = {"jit": "off", "application_name": "portico writes"}
    return await asyncpg.connect(dsn, timeout=10, statement_cache_size=500, max_cacheable_statement_size=0, server_settings=settings)


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
