"""Small pool of readers: last in first out, bounded, fair to waiters, and without a round trip of its own."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from storage.errors import Unavailable


class Pooled(Protocol):
    """What the pool asks of a connection."""

    @property
    def usable(self) -> bool: ...
    async def close(self) -> None: ...


C = TypeVar("C", bound=Pooled)


class Pool(Generic[C]):
    """At most `size` connections, opened when needed. A freed place goes to the longest waiter."""

    def __init__(self, connect: Callable[[], Awaitable[C]], size: int, wait: float = 10.0) -> None:
        self._connect = connect
        self._size = size
        self._wait = wait
        self._open = 0
        self._idle: list[C] = []
        self._waiters: deque[asyncio.Future[C | None]] = deque()
        self._due: deque[tuple[float, asyncio.Future[C | None]]] = deque()  # when each has waited long enough; those served are skipped
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(self) -> C:
        if self._closed:
            raise Unavailable("database is closed")
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            self._open -= 1
            self._discard(connection)
        if self._open < self._size:
            self._open += 1
            return await self._fill()
        connection_or_place = await self._queue()
        return connection_or_place if connection_or_place is not None else await self._fill()

    def release(self, connection: C) -> None:
        if self._closed or not connection.usable:
            self._discard(connection)
            self._pass_on(None)
        else:
            self._pass_on(connection)

    async def close(self) -> None:
        """Close what is idle, wait for what is closing; what is lent is closed when it comes back."""
        self._closed = True
        while self._idle:
            self._discard(self._idle.pop())
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(Unavailable("database is closed"))
        self._waiters.clear()
        if self._timer is not None:
            self._timer.cancel()
        while self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _fill(self) -> C:
        """Open a connection in a place already counted."""
        try:
            return await self._connect()
        except BaseException:
            self._pass_on(None)
            raise

    async def _queue(self) -> C | None:
        """Wait for a connection, or for the place of one."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[C | None] = loop.create_future()
        self._waiters.append(waiter)
        self._due.append((loop.time() + self._wait, waiter))
        if self._timer is None:
            self._timer = loop.call_at(self._due[0][0], self._give_up, loop)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
            raise
        finally:
            while self._due and self._due[0][1].done():
                self._due.popleft()

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Refuse those who have waited long enough. One timer for all: everybody waits as long, so the first to come is the first to go."""
        self._timer = None
        now = loop.time()
        while self._due:
            due, waiter = self._due[0]
            if not waiter.done():
                if due > now:
                    self._timer = loop.call_at(due, self._give_up, loop)
                    return
                self._waiters.remove(waiter)
                waiter.set_exception(Unavailable(f"no free connection in {self._wait:g} s"))
            self._due.popleft()

    def _pass_on(self, connection: C | None) -> None:
        """Give a connection, or the place of a lost one, to the longest waiter; otherwise keep it."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is None:
            self._open -= 1
        elif self._closed:
            self._discard(connection)
        else:
            self._idle.append(connection)

    def _discard(self, connection: C) -> None:
        """Close in the background: whoever returned it may itself be cancelled."""
        task = asyncio.get_running_loop().create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Lease(Generic[C]):
    """`async with` over one connection of a pool."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool[C]) -> None:
        self._pool = pool

    async def __aenter__(self) -> C:
        self._connection = await self._pool.acquire()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.release(self._connection)
