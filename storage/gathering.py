"""Reads of one row that many ask for at once: whoever comes while the same statement is under way goes with all who wait for the next.

A round trip costs more than the row, on either side of it. One caller alone waits for nobody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.errors import Unavailable
from storage.pool import Lease, Pool
from storage.readers import PostgresReader, Rows

#: So many round trips of one statement are under way at once.
MOST_UNDER_WAY: Final = 2
#: So many go together at most.
MOST_TOGETHER: Final = 64

Waiting = tuple[Sequence[object], "asyncio.Future[Rows]"]


@dataclass(slots=True)
class Line:
    """Those who wait for one statement, and how many round trips of it are under way."""

    sql: str
    under_way: int = 0
    waiting: list[Waiting] = field(default_factory=list)


class Gathering:
    """Sends statements together that are the same but for their parameters."""

    def __init__(self, pool: Pool[PostgresReader]) -> None:
        self._pool = pool
        self._lines: dict[str, Line] = {}
        self._trips: set[asyncio.Task[None]] = set()

    async def fetch(self, sql: str, args: Sequence[object] = ()) -> Rows:
        """Rows of a statement that gives few."""
        line = self._lines.get(sql)
        if line is None:
            line = self._lines[sql] = Line(sql)
        if line.under_way >= MOST_UNDER_WAY:
            future: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
            line.waiting.append((args, future))
            return await future
        line.under_way += 1
        try:
            async with Lease(self._pool) as reader:
                return await reader.fetch(sql, args)
        finally:
            self._next(line)

    def _next(self, line: Line) -> None:
        """Send those who wait, in the place of a round trip that has ended."""
        going = [one for one in line.waiting if not one[1].done()]
        going, line.waiting = going[:MOST_TOGETHER], going[MOST_TOGETHER:]
        if going:
            trip = asyncio.get_running_loop().create_task(self._send(line, going))
            self._trips.add(trip)
            trip.add_done_callback(self._trips.discard)
            return
        line.under_way -= 1
        if not line.under_way:
            del self._lines[line.sql]

    async def _send(self, line: Line, going: Sequence[Waiting]) -> None:
        try:
            async with Lease(self._pool) as reader:
                answers = await reader.fetch_each(line.sql, [args for args, _ in going])
            for (_, future), rows in zip(going, answers, strict=True):
                if not future.done():
                    future.set_result(rows)
        except Exception as error:
            await self._alone(line, going, error)
        finally:
            for _, future in going:
                if not future.done():  # this task was cancelled
                    future.set_exception(Unavailable("database is closed"))
            self._next(line)

    async def _alone(self, line: Line, going: Sequence[Waiting], error: Exception) -> None:
        """After an error everybody goes alone: nobody fails by what somebody else has asked. A database that is away is so for all."""
        for args, future in going:
            if future.done():
                continue
            try:
                if isinstance(error, Unavailable):
                    raise Unavailable(*error.args)
                async with Lease(self._pool) as reader:
                    future.set_result(await reader.fetch(line.sql, args))
            except Exception as own:
                if not future.done():
                    future.set_exception(own)

    async def close(self) -> None:
        for trip in self._trips:
            trip.cancel()
        while self._trips:
            await asyncio.gather(*self._trips, return_exceptions=True)
