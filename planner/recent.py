"""What was used last, up to a number and a weight."""

from collections import OrderedDict
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """The most recently used entries, up to a number and a total weight."""

    def __init__(self, number: int, weight: int) -> None:
        self._entries: OrderedDict[Any, tuple[V, int]] = OrderedDict()
        self._number = number
        self._left = weight

    def get(self, key: Any) -> V | None:
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def keep(self, key: Any, value: V, weight: int) -> None:
        self._entries[key] = value, weight
        self._left -= weight
        while self._left < 0 or len(self._entries) > self._number:
            self._left += self._entries.popitem(last=False)[1][1]
