"""Work whose duration must not show in an answer: it is started beside the answer, and waited for before the database closes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import structlog

_pending: Final[set[asyncio.Task[None]]] = set()


def after_the_answer(work: Coroutine[Any, Any, None]) -> None:
    """Start work whose duration must not show in an answer."""
    task = asyncio.get_running_loop().create_task(work)
    _pending.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _pending.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        structlog.get_logger("portico.audit").error("audit_failed", exc_info=error)


async def settle() -> None:
    """Wait for the work that outlives its answer; to be called before the database closes."""
    while _pending:
        await asyncio.wait(_pending)
