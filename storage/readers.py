"""Readers: the drivers' own connections behind one small protocol. Rows are indexable; ids are 32 hex digits on both engines.

Instants are as the databases have them: microseconds since 2000 from PostgreSQL, text from SQLite.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from planner.errors import TooDeepError
from planner.instants import microseconds
from storage.address import Dialect
from storage.errors import Unavailable, translate, translated

Rows = Sequence[Sequence[object]]

#: For every connection. WAL so that readers and the writer never wait for each other; FULL so that an answered write
#: survives a power cut; secure_delete so that erased text leaves the pages.
SQLITE_PRAGMAS = """
PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;
"""


class Reader(Protocol):
    """One connection that reads, lent for one request."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def usable(self) -> bool:
        """Whether the connection may be lent again."""
        ...

    async def close(self) -> None: ...

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> Rows:
        """Rows of one statement; `args` follow $1, $2... on PostgreSQL and ?1, ?2... on SQLite."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """One instant for every statement inside."""
        ...


#: Plans are made once for each statement: they are the same for all values by design, and making one costs more than a page.
_SETTINGS = {
    "application_name": "portico reads",
    "default_transaction_read_only": "on",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}


_MOST_STATEMENTS = 1000
_PARAMETER = re.compile(r"\$(\d+)")


def _sent(value: object) -> object:
    """Value as it is sent."""
    return microseconds(value) if isinstance(value, datetime) else value


def encode_id(value: str | UUID) -> bytes:
    return value.bytes if isinstance(value, UUID) else bytes.fromhex(value)


class PostgresReader:
    """asyncpg connection; `usable` turns false when a call was cancelled midway or the connection was lost."""

    dialect: Dialect = "postgresql"

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection
        self._statements: dict[str, PreparedStatement[asyncpg.Record]] = {}
        self._each: dict[str, str] = {}  # statements as they are for many
        self._broken = False

    @classmethod
    async def open(cls, dsn: str) -> "PostgresReader":
        with translated():
            connection = await asyncpg.connect(
                dsn,
                timeout=10,
                statement_cache_size=_MOST_STATEMENTS,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
                server_settings=_SETTINGS,
            )
            await connection.set_type_codec("uuid", schema="pg_catalog", format="binary", encoder=encode_id, decoder=bytes.hex)
            await connection.set_builtin_type_codec("timestamptz", schema="pg_catalog", codec_name="int8")
        return cls(connection)

    @property
    def usable(self) -> bool:
        return not (self._broken or self._connection.is_closed())

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> Rows:
        args = list(map(_sent, args))
        try:
            try:
                statement = self._statements.get(sql) or await self._prepare(sql)
                return await statement.fetch(*args)  # type: ignore[return-value]  # a Record is indexable, though no Sequence
            except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):  # a migration came in between
                self._statements.clear()
                return await self._connection.fetch(sql, *args)  # type: ignore[return-value]
        except Exception as error:
            ours = translate(error)
            self._broken |= isinstance(ours, Unavailable)
            raise ours or error from None
        except BaseException:
            self._broken = True
            raise

    async def fetch_each(self, sql: str, many: Sequence[Sequence[object]]) -> Sequence[Rows]:
        """Rows of one statement for each of several lists of parameters, in one round trip."""
        if len(many) == 1:
            return [await self.fetch(sql, many[0])]
        given = [list(values) for values in zip(*(map(_sent, args) for args in many), strict=True)]
        answers: list[list[Sequence[object]]] = [[] for _ in many]
        for number, *row in await self.fetch(await self._for_each(sql), given):
            answers[number - 1].append(row)  # type: ignore[operator]  # an ordinal
        return answers

    async def _for_each(self, sql: str) -> str:
        """Statement that is the given one for each item of the arrays that are its parameters."""
        text = self._each.get(sql)
        if text is None:
            types = [parameter.name for parameter in (self._statements.get(sql) or await self._prepare(sql)).get_parameters()]
            items = ", ".join(f"a{i}" for i in range(1, len(types) + 1))
            arrays = ", ".join(f"${i}::{name}[]" for i, name in enumerate(types, 1))
            each = _PARAMETER.sub(r"asked.a\1", sql)
            text = f"SELECT asked.n, one.* FROM unnest({arrays}) WITH ORDINALITY AS asked({items}, n) CROSS JOIN LATERAL ({each}) one"
            self._each[sql] = text
        return text

    async def _prepare(self, sql: str) -> "PreparedStatement[asyncpg.Record]":
        """Statement that is kept: asyncpg's own way to one it has kept costs more."""
        if len(self._statements) >= _MOST_STATEMENTS:
            self._statements.clear()
            self._each.clear()
        statement = self._statements[sql] = await self._connection.prepare(sql)
        return statement

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        await self._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            if self.usable:
                await self._run("COMMIT")

    async def _run(self, sql: str) -> None:
        try:
            await self._connection.execute(sql)
        except BaseException as error:
            self._broken = True
            raise translate(error) or error from None

    async def close(self) -> None:
        """Cancels what still runs on the server; gives up politely after two seconds."""
        try:
            await self._connection.close(timeout=2)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._connection.terminate()


def connect_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=1000)
    connection.executescript(SQLITE_PRAGMAS + "PRAGMA cache_size=-4000; PRAGMA query_only=ON;")
    connection.create_function("lower_all", 1, lambda text: text and text.lower(), deterministic=True)  # `lower` knows ASCII only
    return connection


class SqliteReader:
    """SQLite connection on a thread of its own: one hop per statement, none for the ends of a snapshot."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._thread = thread
        self._broken = False

    @classmethod
    async def open(cls, path: str) -> "SqliteReader":
        thread = ThreadPoolExecutor(1, "portico-read")
        with translated():
            return cls(await asyncio.get_running_loop().run_in_executor(thread, connect_sqlite, path), thread)

    @property
    def usable(self) -> bool:
        return not self._broken

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> Rows:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._fetch, sql, args)
        except Exception as error:
            if "parser stack overflow" in str(error):
                raise TooDeepError from None
            raise translate(error) or error from None
        except BaseException:
            self._broken = True
            raise

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        self._thread.submit(self._fetch, "BEGIN", ())
        try:
            yield
        finally:
            self._thread.submit(self._fetch, "COMMIT", ())

    def _fetch(self, sql: str, args: Sequence[object]) -> Rows:
        return self._connection.execute(sql, args).fetchall()

    async def close(self) -> None:
        """Interrupts what still runs."""
        self._connection.interrupt()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)
