"""Keys already met in a file and the line of each, in 16 bytes a slot: a million addresses fit in 32 MB."""

from array import array

_MASK = (1 << 64) - 1


class Seen:
    """Open addressing over two arrays; keys are 64-bit hashes, a set of strings would hold the whole file."""

    def __init__(self) -> None:
        self._hashes = array("Q", [0]) * 1024
        self._lines = array("Q", [0]) * 1024
        self._count = 0

    def claim(self, key: str, line: int) -> None:
        """Remember the key; the first line that claimed it stays."""
        mark = hash(key) & _MASK or 1
        slot = self._slot(mark)
        if self._hashes[slot] == 0:
            self._hashes[slot], self._lines[slot] = mark, line
            self._count += 1
            if self._count * 3 > len(self._hashes) * 2:
                self._grow()

    def line(self, key: str) -> int | None:
        """Line that claimed the key."""
        slot = self._slot(hash(key) & _MASK or 1)
        return self._lines[slot] if self._hashes[slot] else None

    def _slot(self, mark: int) -> int:
        last = len(self._hashes) - 1
        slot = mark & last
        while self._hashes[slot] not in (0, mark):
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        hashes, lines = self._hashes, self._lines
        self._hashes = array("Q", [0]) * (2 * len(hashes))
        self._lines = array("Q", [0]) * (2 * len(hashes))
        for mark, line in zip(hashes, lines, strict=True):
            if mark:
                slot = self._slot(mark)
                self._hashes[slot], self._lines[slot] = mark, line
