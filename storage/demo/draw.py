"""The dice of the demo data: every choice and every id comes from one seeded source. Times are whole seconds since 1970, UTC."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
DAY = 86_400
_SHAPE = 0x7000_8000_0000_0000_0000  # version 7, and the variant
_FREE = 0x0FFF_3FFF_FFFF_FFFF_FFFF


class Draw:
    """Seeded choices. The same calls in the same order give the same data."""

    def __init__(self, seed: str) -> None:
        random = Random(seed)  # noqa: S311 - demo data, not secrets
        self.share = random.random
        self._bits = random.getrandbits

    def id(self, at: int) -> str:
        """32 hex digits in the shape of a UUIDv7 of that time."""
        bits = self._bits(80)
        return "%032x" % ((at * 1000 + bits % 1000) << 80 | _SHAPE | bits & _FREE)

    def chance(self, share: float) -> bool:
        return self.share() < share

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.share() * len(choices))]

    def number(self, low: int, high: int) -> int:
        """Whole number from low to high, both possible."""
        return low + int(self.share() * (high - low + 1))

    def between(self, start: int, end: int) -> int:
        return start + int(self.share() * (end - start))

    def weighted(self, choices: Sequence[tuple[float, T]]) -> T:
        """Choice by shares that add up to one."""
        left = self.share()
        for share, choice in choices:
            left -= share
            if left < 0:
                return choice
        return choices[-1][1]

    def session(self, day: int) -> int:
        """Start of a session on the day of that time, in working hours."""
        return day - day % DAY + 8 * 3600 + int(self.share() * 20) * 1800
