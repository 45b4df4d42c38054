"""What the commands share: their options, and the demo that they are tried on."""

import argparse
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import SystemRandom

from tests.databases import PostgresDatabases, SqliteDatabases


def options(prog: str, description: str | None, of: str, count: int) -> tuple[int, int, bool]:
    """How many of what is tried, where to start, and whether on PostgreSQL."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument(f"--{of}", dest="count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=None, help="where to start; another each time when left out")
    parser.add_argument("--postgres", action="store_true", help="on the server of PORTICO_TEST_POSTGRES instead of SQLite")
    given = parser.parse_args()
    return given.count, SystemRandom().randrange(10**6) if given.seed is None else given.seed, given.postgres


@asynccontextmanager
async def demo(purpose: str, *, postgres: bool) -> AsyncIterator[str]:
    """Address of a copy of the demo data."""
    with tempfile.TemporaryDirectory() as folder:
        databases = await PostgresDatabases(purpose).start() if postgres else SqliteDatabases(Path(folder))
        yield await databases.copy("demo")
        await databases.close()
