"""Long new documents are read by a process of its own: one may take as long as a hundred requests, and would hold all of them up.

`python -m server.reading` is that process. It takes texts from its input and gives back what they are, until the input ends.
"""

import asyncio
import io
import os
import pickle
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import structlog
from graphql import GraphQLError, Location
from graphql.language import SourceLocation

from gql.contract import CONTRACT
from planner.documents import Prepared, read
from planner.engine import Engine
from server.limits import MAX_TOKENS, Limits

#: Characters from which a new document is long.
LONG: Final = 300
#: The slowest document that the limits let through takes a tenth of a second.
PATIENCE_SECONDS: Final = 10
#: Once a thread has read for so long, the process is worth its start.
WORTH_SECONDS: Final = 1.0
#: How much the process lets others go before it.
NICE: Final = 15
_ROOT: Final = Path(__file__).parent.parent
_SIZE: Final = struct.Struct(">I")
_THREAD: Final = ThreadPoolExecutor(1, "portico-reader")
_LOG: Final = structlog.get_logger("portico.reading")

#: Document, and the seconds of work that its reading took.
Read = tuple[Prepared, float]


class Reading:
    """Reads documents for one gateway. Until its process is there, a thread reads the long ones."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._by_thread = 0.0
        self._turn = asyncio.Lock()
        self.starting: asyncio.Task[None] | None = None
        self.process: Process | None = None

    async def read(self, text: str) -> Read:
        """Raises TimeoutError where the process does not answer."""
        if len(text) <= LONG:
            return _timed(self.engine.read, text)
        if self.process is None or self.process.returncode is not None:
            return await self._read_here(text)
        # whoever asked may leave meanwhile: the answer is fetched all the same, or the next one would get it
        return await asyncio.shield(asyncio.create_task(self._ask(text)))

    async def close(self) -> None:
        if self.starting is not None:
            self.starting.cancel()
            await asyncio.wait([self.starting])
        await self._end()

    def start(self) -> "asyncio.Task[None]":
        """Start the process, beside everything else, unless it starts already; done when it is there."""
        if self.starting is None or self.starting.done():
            self.starting = asyncio.create_task(self._started())
        return self.starting

    async def _started(self) -> None:
        command = [sys.executable, "-m", "server.reading"]
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=_ROOT, start_new_session=True)
            try:
                await _exchange(process, "{ __typename }")
            except BaseException:
                await _kill(process)
                raise
        except (OSError, EOFError) as error:
            _LOG.warning("reader_failed", because=str(error))
            return
        self.process = process

    async def _ask(self, text: str) -> Read:
        async with self._turn:
            process = self.process
            if process is not None:
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        return await _exchange(process, text)
                except TimeoutError:
                    await self._end()
                    raise
                except (OSError, EOFError):
                    await self._end()
                    _LOG.warning("reader_lost", status=process.returncode)
        return await self._read_here(text)

    async def _read_here(self, text: str) -> Read:
        read = await asyncio.get_running_loop().run_in_executor(_THREAD, _timed, self.engine.read, text)
        self._by_thread += read[1]
        if self._by_thread > WORTH_SECONDS:
            self.start()
        return read

    async def _end(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            await _kill(process)


async def _kill(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


def _timed(reads: Callable[[str], Prepared], text: str) -> Read:
    began = time.thread_time()
    return reads(text), time.thread_time() - began


async def _exchange(process: Process, text: str) -> Read:
    """Raises OSError or EOFError where the process is gone."""
    if process.stdin is None or process.stdout is None:
        raise TypeError("a process without pipes")
    sent = text.encode(errors="surrogatepass")
    process.stdin.write(_SIZE.pack(len(sent)) + sent)
    await process.stdin.drain()
    (size,) = _SIZE.unpack(await process.stdout.readexactly(_SIZE.size))
    return _unpacked(await process.stdout.readexactly(size))


class _Pickler(pickle.Pickler):
    """Leaves out where in the text each node stands: only errors tell that, and it is most of the bytes."""

    def reducer_override(self, value: Any) -> Any:
        return (type(None), ()) if isinstance(value, Location) else NotImplemented


def packed(read: Read) -> bytes:
    """Document for another process: of its errors, what is answered."""
    prepared, took = read
    errors = [(error.message, error.locations, error.extensions) for error in prepared.errors]
    parts = (None, {}, ()) if errors else (prepared.document, prepared.fragments, prepared.flags)
    made = io.BytesIO()
    _Pickler(made, pickle.HIGHEST_PROTOCOL).dump((parts, errors, took))
    return made.getvalue()


def _unpacked(packed: bytes) -> Read:
    (document, fragments, flags), errors, took = pickle.loads(packed)  # noqa: S301 - what our own process has written
    return Prepared(document, [_error(*error) for error in errors], fragments, flags), took


def _error(message: str, locations: list[SourceLocation] | None, extensions: dict[str, Any] | None) -> GraphQLError:
    error = GraphQLError(message, extensions=extensions)
    error.locations = locations
    return error


def main(given: BinaryIO, answers: BinaryIO) -> None:
    """Read what is given, text by text, until there is no more."""
    os.nice(NICE)
    reads = partial(read, schema=CONTRACT, limits=Limits(CONTRACT), max_tokens=MAX_TOKENS)
    while head := given.read(_SIZE.size):
        text = given.read(_SIZE.unpack(head)[0]).decode(errors="surrogatepass")
        made = packed(_timed(reads, text))
        answers.write(_SIZE.pack(len(made)) + made)
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
