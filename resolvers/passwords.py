"""Passwords: argon2id in a bounded pool of threads, and the same work for a username nobody has."""

import asyncio
import functools
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_PASSWORD_LENGTH: Final = 1024

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):  # noqa: N818 - not an error of anybody: come back later
    """More passwords wait to be checked than the pool takes."""


class Passwords:
    """Hashes and checks passwords. A check takes memory, so only `threads` run at once and `waiting` more may wait."""

    def __init__(self, *, memory_kib: int = 65536, rounds: int = 3, lanes: int = 4, threads: int = 2, waiting: int = 32) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._free = threads + waiting
        self.verifications = 0
        salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        #: Hash of a password nobody knows, with today's parameters: checking against it costs what a real check costs.
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={rounds},p={lanes}${salt}${digest}"

    async def hash(self, password: str) -> str:
        """Hash to store; raises Busy."""
        return await self._run(self._hasher.hash, _bytes(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the stored hash; without one, the same work and False. Raises Busy."""
        return await self._run(self._verify, password, stored)

    def outdated(self, stored: str) -> bool:
        """Whether the stored hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, password: str, stored: str | None) -> bool:
        self.verifications += 1
        too_long = len(password) > MAX_PASSWORD_LENGTH
        try:
            matches = self._hasher.verify(self._nobody if stored is None or too_long else stored, _bytes(password[:MAX_PASSWORD_LENGTH]))
        except (VerificationError, InvalidHashError):
            return False
        return matches and stored is not None and not too_long

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._free <= 0:
            raise Busy
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, functools.partial(work, *args, **kwargs))
        finally:
            self._free += 1


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # JSON may hold half a character; it must not be an error of ours


#: Of the process: its threads start with the first password.
PASSWORDS: Final = Passwords()
