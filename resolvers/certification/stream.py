"""All lines of a report one after the other, earliest first. Each source is read a page at a time, by its keys, and they are merged."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from planner.dialect import DIALECTS
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.lines import branches
from resolvers.certification.log import people
from resolvers.certification.totals import day_of

#: Lines that are read at a time.
PAGE: Final = 1_000
#: Opens a reading: each time the caller is let in again, or not.
Opening = Callable[[], AbstractAsyncContextManager[Ask]]


class Session(NamedTuple):
    """Line of a report, and the name of its client where that may be told."""

    id: str
    source: str
    at: Any
    own_day: Any
    minutes: int
    size: int | None
    kind: str
    compensation: str
    override: int | None
    reason: str | None
    credential: str | None
    paid: int
    unlisted: int
    number: int | None
    name: str | None = None

    def day(self, asked: Asked) -> date:
        return day_of(asked, self.at, self.own_day)

    def start(self, asked: Asked) -> datetime | None:
        """Start where the coach is; None where only the day is known."""
        return None if self.own_day is not None else instant(self.at).astimezone(asked.zone)


_COLUMNS: Final = (
    "s.id, s.source, s.at, s.day, s.minutes, s.size, s.kind, s.compensation, s.override, s.reason, s.credential, s.paid, s.unlisted"
)
#: Number of the client of a line of each source, and where that stands.
_NUMBERS: Final = (
    ("c.number", " JOIN client c ON c.workspace_id = :workspace AND c.id = s.client_id"),
    ("CAST(NULL AS integer)", ""),
    ("s.number", ""),
)


@dataclass(slots=True)
class _Source:
    """Source of lines: what was read of it and not yet taken, and the parameters of what comes next."""

    sql: str
    given: dict[str, Any]
    next: str = ""
    held: deque[Session] = field(default_factory=deque)
    done: bool = False

    async def fill(self, ask: Ask, asked: Asked) -> None:
        found = await ask(f"{self.sql}{self.next} ORDER BY s.at, s.id LIMIT {PAGE}", self.given)
        self.held.extend(Session(*row) for row in found)
        self.done = len(found) < PAGE
        if found:
            dialect, last = DIALECTS[asked.dialect], self.held[-1]
            self.next = " WHERE (s.at, s.id) > (:after_at, :after_id)"
            self.given |= {"after_at": dialect.instant(instant(last.at)), "after_id": last.id}
            self.given["lo"] = max(self.given["lo"], self.given["after_at"])  # nobody looks again at who was in the groups before


def _sources(asked: Asked) -> list[_Source]:
    return [
        _Source(f"SELECT {_COLUMNS}, {number} FROM ({branch}) s{join}", asked.parameters)
        for branch, (number, join) in zip(branches(asked), _NUMBERS, strict=True)
    ]


async def stream(opening: Opening, asked: Asked, now: datetime) -> AsyncIterator[list[Session]]:
    """Pages of the lines. No connection is held between two pages. Named is who agreed then and agrees now."""
    sources = _sources(asked)
    while True:
        async with opening() as ask:
            page = [line async for line in _first(sources, ask, asked)]
            known = await people(ask, asked, (line.number for line in page if not line.unlisted), now)
        if not page:
            return
        yield [_named(line, known) for line in page]


async def _first(sources: list[_Source], ask: Ask, asked: Asked) -> AsyncIterator[Session]:
    """The first lines of all sources."""
    for _ in range(PAGE):
        for source in sources:
            if not source.held and not source.done:
                await source.fill(ask, asked)
        waiting = [source for source in sources if source.held]
        if not waiting:
            return
        yield min(waiting, key=lambda source: (instant(source.held[0].at), source.held[0].id)).held.popleft()


def _named(line: Session, known: dict[int, tuple[str, str | None]]) -> Session:
    """Line with the name of its client; unlisted where they withdrew their consent since."""
    if line.unlisted or line.number is None:
        return line
    name, _ = known.get(line.number, (None, None))
    return line._replace(name=name, unlisted=0 if name is not None else 1)


async def length(ask: Ask, asked: Asked) -> int:
    """Number of the lines."""
    total = 0
    for branch in branches(asked):
        [(number,)] = await ask(f"SELECT COUNT(*) FROM ({branch}) s", asked.parameters)
        total += int(number)
    return total
