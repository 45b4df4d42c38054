"""Sums that begin anew with each window: in this process, or in Valkey or Redis where several processes count together.

While Valkey cannot be reached each process counts for itself, so that nobody is kept out by it and nobody is let in without limit.
"""

import time
from typing import Any, Final, Protocol

import structlog

_LOG: Final = structlog.get_logger("portico.counters")


class Counter(Protocol):
    """Sums by key, of one window."""

    async def add(self, window: int, costs: dict[str, int]) -> list[int]:
        """Sums with these costs, in their order."""

    async def close(self) -> None: ...


class Memory:
    """Sums in this process."""

    def __init__(self) -> None:
        self._window = 0
        self._sums: dict[str, int] = {}

    async def add(self, window: int, costs: dict[str, int]) -> list[int]:
        return self.count(window, costs)

    async def close(self) -> None:
        """Nothing is held open."""

    def count(self, window: int, costs: dict[str, int]) -> list[int]:
        if window != self._window:
            self._window, self._sums = window, {}
        sums = self._sums
        found = []
        for key, cost in costs.items():
            sums[key] = total = sums.get(key, 0) + cost
            found.append(total)
        return found


class Valkey:
    """Sums in Valkey or Redis, under names of a purpose, for windows of so many seconds."""

    def __init__(self, url: str, purpose: str, seconds: int) -> None:
        from valkey.asyncio import Valkey as Client  # noqa: PLC0415 - where several processes count together

        self._client = Client.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self._prefix, self._seconds = f"portico:{purpose}", seconds
        self._own = Memory()
        self._quiet_until = 0.0

    async def add(self, window: int, costs: dict[str, int]) -> list[int]:
        from valkey.exceptions import ValkeyError  # noqa: PLC0415

        if time.monotonic() >= self._quiet_until:
            try:
                return await self._ask(window, costs)
            except (ValkeyError, OSError, TimeoutError):
                self._quiet_until = time.monotonic() + 5
                _LOG.warning("counts_alone", because="Valkey cannot be reached")
        return self._own.count(window, costs)

    async def _ask(self, window: int, costs: dict[str, int]) -> list[int]:
        async with self._client.pipeline(transaction=False) as pipe:
            for key, cost in costs.items():
                name = f"{self._prefix}:{window}:{key}"
                pipe.incrby(name, cost)
                pipe.expire(name, 2 * self._seconds)
            answers: list[Any] = await pipe.execute()
        return [int(answer) for answer in answers[::2]]

    async def close(self) -> None:
        await self._client.aclose()


def counter(url: str | None, purpose: str, seconds: int) -> Counter:
    """Counter of a purpose, in the store at this address, or else in this process."""
    return Memory() if url is None else Valkey(url, purpose, seconds)
