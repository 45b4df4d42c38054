"""The pool, with connections that only count."""

import asyncio

import pytest

from storage.errors import Unavailable
from storage.pool import Pool


class Fake:
    """Connection that only counts."""

    def __init__(self) -> None:
        self.usable = True
        self.closed = False

    async def close(self) -> None:
        self.closed = True


async def make_pool(size: int, wait: float = 10.0) -> tuple[Pool[Fake], list[Fake]]:
    made: list[Fake] = []

    async def connect() -> Fake:
        made.append(Fake())
        return made[-1]

    return Pool(connect, size, wait), made


async def test_pool_lends_last_in_first_out_and_opens_no_more_than_it_needs() -> None:
    pool, made = await make_pool(3)
    first, second = await pool.acquire(), await pool.acquire()
    pool.release(first)
    pool.release(second)
    assert await pool.acquire() is second
    assert len(made) == 2


async def test_pool_serves_waiters_in_their_order() -> None:
    pool, _ = await make_pool(1)
    held, served = await pool.acquire(), []

    async def wait(name: int) -> None:
        connection = await pool.acquire()
        served.append(name)
        pool.release(connection)

    waiters = [asyncio.create_task(wait(name)) for name in range(3)]
    await asyncio.sleep(0)
    pool.release(held)
    await asyncio.gather(*waiters)
    assert served == [0, 1, 2]


async def test_pool_gives_up_waiting_and_loses_no_place() -> None:
    pool, _ = await make_pool(1, wait=0.01)
    held = await pool.acquire()
    with pytest.raises(Unavailable, match="no free connection"):
        await pool.acquire()
    waiter = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    waiter.cancel()
    pool.release(held)
    assert await pool.acquire() is held


async def test_pool_passes_on_what_a_cancelled_waiter_was_just_given() -> None:
    pool, _ = await make_pool(1)
    held = await pool.acquire()
    waiter = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    pool.release(held)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert await pool.acquire() is held


async def test_pool_replaces_a_broken_connection_for_the_one_who_waits() -> None:
    pool, made = await make_pool(1)
    held = await pool.acquire()
    waiter = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    held.usable = False
    pool.release(held)
    assert await waiter is made[1]
    await asyncio.sleep(0)
    assert held.closed


async def test_pool_that_cannot_connect_says_so_and_keeps_its_place() -> None:
    failures = 2

    async def connect() -> Fake:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise Unavailable("down")
        return Fake()

    pool: Pool[Fake] = Pool(connect, 1)
    for _ in range(2):
        with pytest.raises(Unavailable, match="down"):
            await pool.acquire()
    assert await pool.acquire()


async def test_closed_pool_lends_nothing_and_closes_what_comes_back() -> None:
    pool, _ = await make_pool(2)
    lent, idle = await pool.acquire(), await pool.acquire()
    pool.release(idle)
    await pool.close()
    assert idle.closed
    pool.release(lent)
    await asyncio.sleep(0)
    assert lent.closed
    with pytest.raises(Unavailable, match="closed"):
        await pool.acquire()
