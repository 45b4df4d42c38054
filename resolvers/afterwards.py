"""Work whose duration must not show, neither in an answer nor in the next: done some seconds later, and before the database closes."""

import asyncio
from collections.abc import Coroutine
from secrets import SystemRandom
from typing import Any, Final

import structlog

#: Seconds within which the work begins, at an instant that nobody can tell.
WITHIN: Final = 5.0
_waiting: Final[dict[Coroutine[Any, Any, None], asyncio.TimerHandle]] = {}
_pending: Final[set[asyncio.Task[None]]] = set()


def after_the_answer(work: Coroutine[Any, Any, None]) -> None:
    """Do work whose duration must not show in an answer, nor in that to the request right after it."""
    _waiting[work] = asyncio.get_running_loop().call_later(SystemRandom().uniform(0, WITHIN), _begin, work)


def _begin(work: Coroutine[Any, Any, None]) -> None:
    _waiting.pop(work).cancel()
    task = asyncio.get_running_loop().create_task(work)
    _pending.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _pending.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        structlog.get_logger("portico.audit").error("audit_failed", exc_info=error)


async def settle() -> None:
    """Do the work that outlives its answer now, and wait for it; to be called before the database closes."""
    for work in list(_waiting):
        _begin(work)
    while _pending:
        await asyncio.wait(_pending)
