"""Work in turns with everybody else: after each piece, others have as long a turn as the piece took."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")
LONGEST_PAUSE: Final = 0.1


async def in_turns(pieces: Iterable[T]) -> AsyncIterator[T]:
    """The pieces one by one, with a pause behind each."""
    for piece in pieces:
        began = monotonic()
        yield piece
        await asyncio.sleep(min(monotonic() - began, LONGEST_PAUSE))
