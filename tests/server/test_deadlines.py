"""Deadlines: what takes too long is stopped, and nothing else."""

import asyncio

import pytest

from server.deadlines import Deadlines


async def test_what_takes_too_long_is_stopped_and_what_does_not_is_let_be() -> None:
    deadlines = Deadlines(0.05)

    async def work(seconds: float) -> str:
        with deadlines.set():
            await asyncio.sleep(seconds)
        return "done"

    found = await asyncio.gather(work(0), work(5), work(0.01), work(5), return_exceptions=True)

    assert [type(one) for one in found] == [str, TimeoutError, str, TimeoutError]
    assert await work(0) == "done"


async def test_the_next_one_has_its_whole_time() -> None:
    deadlines = Deadlines(0.1)
    loop = asyncio.get_running_loop()
    with deadlines.set():
        await asyncio.sleep(0.06)

    began = loop.time()
    with pytest.raises(TimeoutError), deadlines.set():
        await asyncio.sleep(5)

    assert 0.08 <= loop.time() - began < 1


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    deadlines = Deadlines(5)

    async def work() -> None:
        with deadlines.set():
            await asyncio.sleep(5)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_that_goes_on_after_its_deadline_is_not_cancelled_again() -> None:
    deadlines = Deadlines(0.02)
    with pytest.raises(TimeoutError), deadlines.set():
        await asyncio.sleep(5)
    await asyncio.sleep(0.05)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
