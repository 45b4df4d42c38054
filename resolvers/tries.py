"""How often somebody may try to sign in: for each account from each address, and from each address in all.

Only wrong passwords count in the end. Nobody can lock another out, for whoever comes from elsewhere has tries of their own; and whether
there is such an account makes no difference.
"""

import hmac
import time
from collections.abc import Callable
from typing import Final

from storage.counters import Counter

WINDOW: Final = 600
BY_ACCOUNT, BY_ADDRESS = 10, 100


class Tries:
    """Tries of everybody; names are kept as keyed hashes."""

    def __init__(self, counter: Counter, secret: bytes, now: Callable[[], float] = time.time) -> None:
        self._counter = counter
        self._secret = secret
        self._now = now

    async def begin(self, username: str, address: str) -> bool:
        """Count a try, before it is known whether it is a good one; False where there were too many."""
        by_account, by_address = await self._add(username, address, 1)
        return by_account <= BY_ACCOUNT and by_address <= BY_ADDRESS

    async def forgive(self, username: str, address: str) -> None:
        """The try was a good one."""
        await self._add(username, address, -1)

    async def _add(self, username: str, address: str, number: int) -> list[int]:
        name = hmac.digest(self._secret, f"portico tries {username}".encode(), "sha256").hex()
        return await self._counter.add(int(self._now()) // WINDOW, {f"{name} {address}": number, f"from {address}": number})
