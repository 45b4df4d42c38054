"""An attacker who asks everything and reasons from it.

A cell is a group by its value in each dimension, None in those that one does not ask by. What is told of it bounds its people, and a cell
is the sum of its parts by any other dimension: from the bounds of the whole and of all parts but one follow those of the one, from those of
the parts those of the whole, again and again until nothing new follows.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import ceil, floor, inf
from typing import Any

Cell = tuple[Any, ...]
Bounds = tuple[float, float]


def exact(number: int | None, threshold: int) -> Bounds:
    """Bounds of a number that is told as it is, and withheld below the threshold, unless there is nobody."""
    return (1, threshold - 1) if number is None else (number, number)


def rounded(number: int | None, threshold: int) -> Bounds:
    """Bounds of how many of seven of eight there are, of whom a number is told that is scaled up and rounded."""
    if number is None:
        return 0, threshold - 1
    return max(threshold, ceil((number - threshold / 2) * 7 / 8)), floor((number + threshold / 2) * 7 / 8)


class Attacker:
    """Bounds of every cell, as narrow as they get."""

    def __init__(self, domains: Sequence[Sequence[Any]], told: Mapping[Cell, Bounds]) -> None:
        self.bounds: dict[Cell, Bounds] = {cell: told.get(cell, (0, inf)) for cell in product(*([None, *values] for values in domains))}
        self._sums = [
            (cell, [(*cell[:place], value, *cell[place + 1 :]) for value in values])
            for cell in self.bounds
            for place, values in enumerate(domains)
            if cell[place] is None
        ]
        while sum(self._follows(whole, parts) for whole, parts in self._sums):
            pass

    def _follows(self, whole: Cell, parts: Sequence[Cell]) -> bool:
        """Whether something new follows from a sum."""
        low, high = (sum(self.bounds[part][side] for part in parts) for side in (0, 1))
        found = self._narrow(whole, low, high)
        for part in parts:
            others = [self.bounds[other] for other in parts if other is not part]
            least, most = sum(one[0] for one in others), sum(one[1] for one in others)
            found |= self._narrow(part, self.bounds[whole][0] - most, self.bounds[whole][1] - least)
        return found

    def _narrow(self, cell: Cell, low: float, high: float) -> bool:
        known = self.bounds[cell]
        self.bounds[cell] = max(known[0], low), min(known[1], high)
        return self.bounds[cell] != known
