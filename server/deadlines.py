"""Deadlines: how long requests may take, with one timer for all of them.

`asyncio.timeout` sets a timer for each, which costs several times as much. All of these have the same time, so the first that began is
the first that is due.
"""

import asyncio
from types import TracebackType


class Deadline:
    """`with` around the work of the current task: cancelled when the time is over, and then a TimeoutError."""

    __slots__ = ("_all", "_cancelling", "_task", "due", "over")

    def __init__(self, deadlines: "Deadlines") -> None:
        self._all = deadlines
        self.over = False
        self.due = 0.0

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is a task's")
        self._task, self._cancelling = task, task.cancelling()
        self._all.add(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._all.remove(self)
        if self.over and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def strike(self) -> None:
        self.over = True
        self._task.cancel()


class Deadlines:
    """The deadlines of what runs, each so many seconds after its begin."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[Deadline, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def set(self) -> Deadline:
        return Deadline(self)

    def add(self, deadline: Deadline) -> None:
        loop = asyncio.get_running_loop()
        deadline.due = loop.time() + self._seconds
        self._running[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.due, self._strike, loop)

    def remove(self, deadline: Deadline) -> None:
        self._running.pop(deadline, None)

    def _strike(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ends what is due, and waits for the next."""
        self._timer = None
        now = loop.time()
        for deadline in list(self._running):
            if deadline.due > now:
                self._timer = loop.call_at(deadline.due, self._strike, loop)
                return
            self.remove(deadline)
            deadline.strike()
