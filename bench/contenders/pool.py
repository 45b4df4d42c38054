"""Connections kept open and handed out newest first, without the reset round trip of asyncpg's own pool."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

Connection = TypeVar("Connection")


class Pool(Generic[Connection]):
    def __init__(self) -> None:
        self._idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()

    async def fill(self, size: int, connect: Callable[[], Awaitable[Connection]]) -> None:
        for _ in range(size):
            self._idle.put_nowait(await connect())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        connection = await self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put_nowait(connection)

    async def drain(self, close: Callable[[Connection], Awaitable[None]]) -> None:
        while not self._idle.empty():
            await close(self._idle.get_nowait())
