"""All lines of a report one after the other, earliest first, a page at a time."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final

from planner.dialect import DIALECTS
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.log import people
from resolvers.certification.pages import COLUMNS, Line, named, statement

#: Lines that are read at a time.
PAGE: Final = 1_000
#: Opens a reading: each time the caller is let in again, or not.
Opening = Callable[[], AbstractAsyncContextManager[Ask]]


async def stream(opening: Opening, asked: Asked, now: datetime) -> AsyncIterator[list[Line]]:
    """Pages of the lines. No connection is held between two pages."""
    dialect, where = DIALECTS[asked.dialect], "1 = 1"
    given: dict[str, Any] = asked.parameters
    more = True
    while more:
        async with opening() as ask:
            found = await ask(statement(asked, where, "ASC", PAGE), given)
            lines = await named(ask, asked, [dict(zip(COLUMNS, row, strict=True)) for row in found])
            if asked.past:
                agreed = await people(ask, asked, (line.number for line in lines if line.name is not None), now)
                _hide([line for line in lines if line.number not in agreed])
        if lines:
            last = lines[-1].row
            given |= {"after_at": dialect.instant(instant(last["at"])), "after_id": last["id"]}
            given["lo"] = max(given["lo"], given["after_at"])  # nobody looks again at who was in the groups before
            where = "(s.at, s.id) > (:after_at, :after_id)"
            yield lines
        more = len(lines) == PAGE


def _hide(lines: list[Line]) -> None:
    """Whoever withdrew their consent since the instant of the report is not named in it."""
    for line in lines:
        if line.name is not None:
            line.name, line.row["unlisted"] = None, 1
