"""Running commands in the tests: in this process, on a thread of its own, for each starts an event loop."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from typer.testing import CliRunner

from server.cli import app


class Done(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def portico(*args: object, typed: str | None = None) -> Done:
    def run() -> Done:
        result = CliRunner(env={"NO_COLOR": "1", "TERM": "dumb"}).invoke(app, [str(arg) for arg in args], input=typed, prog_name="portico")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


async def portico_async(*args: object, typed: str | None = None) -> Done:
    return await asyncio.to_thread(portico, *args, typed=typed)


def words(text: str) -> str:
    """Text without the frames and line ends that a narrow terminal brings."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())
