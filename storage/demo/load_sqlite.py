"""Load into SQLite: one transaction on a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from storage.demo.load import NOT_EMPTY, TABLES, kinds
from storage.demo.rows import COLUMNS, Rows
from storage.errors import NotEmpty

_FORM = {"plain": "{}", "time": "datetime({}, 'unixepoch') || '.000000'", "day": "date({}, 'unixepoch')"}
_DIALECT = sqlite.dialect()
_SMALL = "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON;"
#: A rollback journal instead of the log, which would grow as large as the data; a crash still leaves the file as it was.
_LARGE = """
PRAGMA busy_timeout=5000; PRAGMA foreign_keys=OFF; PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF; PRAGMA cache_size=-49152;
ATTACH '' AS staged; PRAGMA staged.journal_mode=OFF; PRAGMA staged.cache_size=-8192;
"""


class SqliteLoad:
    """Large loads collect the rows in a temporary file, and at the end put them in the order of their keys, then build the indexes.

    Written as they come, in the order of the stories, every row would touch another page of the primary key.
    """

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor, large: bool) -> None:
        self._connection = connection
        self._thread = thread
        self._large = large
        self._inserts = {table.name: _collect(table) if large else _insert(table, "VALUES ({})", "?") for table in TABLES}

    @classmethod
    async def begin(cls, path: str, large: bool) -> "SqliteLoad":
        thread = ThreadPoolExecutor(1, "portico-demo")
        connection = await asyncio.get_running_loop().run_in_executor(thread, _open, path, large)
        return cls(connection, thread, large)

    async def write(self, rows: Rows) -> None:
        await self._on_thread(self._write, rows)

    async def finish(self, stage: Callable[[str], None]) -> None:
        if self._large:
            for table in TABLES:
                stage(f"rows and indexes of {table.name}")
                await self._on_thread(self._run, _insert(table, f'SELECT {{}} FROM staged."{table.name}" ORDER BY {_keys(table)}'))
                await self._on_thread(self._run, f'DROP TABLE staged."{table.name}"')
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    await self._on_thread(self._run, str(CreateIndex(index).compile(dialect=_DIALECT)))
        stage("commit and statistics")
        await self._on_thread(self._end)
        self._thread.shutdown()

    async def abandon(self) -> None:
        self._connection.interrupt()
        await self._on_thread(self._connection.close)
        self._thread.shutdown()

    async def _on_thread(self, call: Callable[..., None], *args: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)

    def _write(self, rows: Rows) -> None:
        for table in TABLES:
            if rows[table.name]:
                self._connection.executemany(self._inserts[table.name], rows[table.name])

    def _run(self, sql: str) -> None:
        self._connection.execute(sql)

    def _end(self) -> None:
        self._connection.execute("COMMIT")
        if self._large:
            self._connection.execute("DETACH staged")
        self._connection.executescript("PRAGMA analysis_limit=2000; ANALYZE; PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint(TRUNCATE);")
        self._connection.close()


def _open(path: str, large: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.executescript(_LARGE if large else _SMALL)
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT EXISTS (SELECT 1 FROM workspace)").fetchone()[0]:
            raise NotEmpty(NOT_EMPTY)
        if large:
            for table in TABLES:
                connection.execute(f'CREATE TABLE staged."{table.name}" ({_names(table)})')
                for index in table.indexes:
                    connection.execute(f'DROP INDEX "{index.name}"')
    except BaseException:
        connection.close()
        raise
    return connection


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in COLUMNS[table.name])


def _keys(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.primary_key)


def _collect(table: Table) -> str:
    return f'INSERT INTO staged."{table.name}" VALUES ({", ".join("?" for _ in COLUMNS[table.name])})'


def _insert(table: Table, source: str, place: str | None = None) -> str:
    """Insert that turns our seconds into the text of times; from places for values, or from columns of the same names."""
    values = (_FORM[kind].format(place or f'"{name}"') for kind, name in zip(kinds(table), COLUMNS[table.name], strict=True))
    return f'INSERT INTO main."{table.name}" ({_names(table)}) ' + source.format(", ".join(values))
