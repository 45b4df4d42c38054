"""Work that goes on beside the requests: steps that are repeated, quickly while there is something to do and slowly while there is not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog

from storage.database import Database
from storage.errors import Unavailable
from storage.later import TURN

#: One step of some work: True while there may be more of it. Any number of processes may take the same step at the same time.
WorkStep = Callable[[Database, tuple[bytes, ...], Callable[[], datetime]], Awaitable[bool]]

FIRST_AFTER_SECONDS: Final = 3.0
IDLE_SECONDS: Final = 1.0
#: How long a step that is being taken has to end when the process stops; what it leaves is taken up by the next process.
GRACE_SECONDS: Final = 5.0
_LOG: Final = structlog.get_logger("portico.workers")


def now() -> datetime:
    return datetime.now(UTC)


def steps(*, clock: bool = True) -> list[WorkStep]:
    """Every step there is, those of the clock among them. They know the tables, which a start should not wait for."""
    with TURN:
        from resolvers.bulk.work import work as bulk_jobs  # noqa: PLC0415
        from resolvers.clock import due, expiry, services  # noqa: PLC0415
        from resolvers.clock.purge import Purge  # noqa: PLC0415
        from resolvers.erasure.run import Erasures  # noqa: PLC0415

    of_the_clock: list[WorkStep] = [due.work, expiry.work, services.work, Erasures(), Purge()]
    return [bulk_jobs, *(of_the_clock if clock else [])]


@asynccontextmanager
async def working(database: Database, secrets: tuple[bytes, ...], *, clock: bool) -> AsyncIterator[None]:
    """Work for the length of the `async with`."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_work(database, secrets, stopping, clock=clock))
    try:
        yield
    finally:
        stopping.set()
        _, unfinished = await asyncio.wait([task], timeout=GRACE_SECONDS)
        for one in unfinished:
            one.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work(database: Database, secrets: tuple[bytes, ...], stopping: asyncio.Event, *, clock: bool) -> None:
    if await _rest(stopping, FIRST_AFTER_SECONDS):
        return
    every = await asyncio.to_thread(steps, clock=clock)
    async with asyncio.TaskGroup() as group:
        for step in every:
            group.create_task(_repeat(step, database, secrets, stopping))


async def _repeat(step: WorkStep, database: Database, secrets: tuple[bytes, ...], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        if not await _taken(step, database, secrets):
            await _rest(stopping, IDLE_SECONDS)


async def _taken(step: WorkStep, database: Database, secrets: tuple[bytes, ...]) -> bool:
    """Whether there may be more; a failure is told, and tried again later."""
    try:
        return await step(database, secrets, now)
    except Unavailable as gone:
        _LOG.warning("work_waits", step=step.__module__, because=str(gone))
    except Exception:
        _LOG.exception("work_failed", step=step.__module__)
    return False


async def _rest(stopping: asyncio.Event, seconds: float) -> bool:
    """Whether the time to stop came first."""
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return False
    return True


async def work_off(database: Database, secrets: tuple[bytes, ...], every: Sequence[WorkStep]) -> int:
    """Take the steps until there is nothing left to do; how many were taken."""
    taken = 0
    while any([await step(database, secrets, now) for step in every]):
        taken += 1
    return taken
