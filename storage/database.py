"""The database: write transactions through SQLModel sessions, reads through the drivers' own connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from storage.address import Address, Dialect
from storage.gathering import Gathering
from storage.later import later, load
from storage.pool import Lease, Pool
from storage.readers import PostgresReader, Reader, SqliteReader

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from storage.writers import Writers

_READERS: dict[Dialect, int] = {"postgresql": 8, "sqlite": 4}


class Database:
    """One database, open. `write()` lends a session in a transaction, `read()` a reader."""

    def __init__(self, address: Address, *, readers: int) -> None:
        self.address = address
        self.url = f"sqlite:///{address.target}" if address.dialect == "sqlite" else address.target
        self.dialect: Dialect = address.dialect
        self._writers: Writers | None = None  # made by the first write
        self._readers: Pool[Any] = Pool(self._reader, readers)
        self.gathering = Gathering(self._readers) if address.dialect == "postgresql" else None
        self._most_writers = max(2, readers // 2)

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
        if self.gathering is not None:
            await self.gathering.close()
        await self._readers.close()
        if self._writers is not None:
            await self._writers.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def read(self) -> Lease[Reader]:
        """Reader for the length of an `async with`."""
        return Lease(self._readers)

    @asynccontextmanager
    async def write(self) -> "AsyncIterator[AsyncSession]":
        """Session in one transaction: committed at the end of the `async with`, rolled back on any error.

        On SQLite it is the only writer from its first line on; on PostgreSQL it reads what is committed.
        """
        async with (await self._writing()).transaction() as session:
            yield session

    async def checkpoint(self) -> bool:
        """Make deleted text leave the write-ahead log; False while a reader still holds it (try again later)."""
        return self.dialect == "postgresql" or await (await self._writing()).checkpoint()

    async def _writing(self) -> "Writers":
        await later("storage.writers")
        if self._writers is None:
            from storage.writers import Writers  # noqa: PLC0415 - SQLAlchemy and every table, which no start waits for

            self._writers = Writers(self.address, self._most_writers)
        return self._writers

    async def _reader(self) -> Reader:
        if self.dialect == "postgresql":
            return await PostgresReader.open(self.address.target)
        return await SqliteReader.open(self.address.target)


def load_tables() -> None:
    """Every table, which a write needs."""
    load("storage.tables.every")
