"""As many operations as one likes; the exit status says whether anything was wrong."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from random import SystemRandom

from tests.databases import PostgresDatabases, SqliteDatabases
from tests.fuzz.attack import attack


async def run(operations: int, start: int, *, postgres: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        databases = await PostgresDatabases("fuzz").start() if postgres else SqliteDatabases(Path(folder))
        began = time.perf_counter()
        async with attack(await databases.copy("demo")) as on:
            await on.operations(operations, start)
            await on.broken(operations // 4, start)
        await databases.close()
    told = on.outcome
    seconds = time.perf_counter() - began
    say = sys.stdout.write
    say(f"{told.statuses.total():,} requests in {seconds:.0f} s from {start}: {dict(told.statuses)}\n{dict(told.codes)}\n")
    say(f"slowest {told.slowest[0]:.2f} s, {told.slowest[1]}\n")
    say("".join(f"FAULT: {fault}\n" for fault in told.faults))
    return 1 if told.faults else 0


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--operations", type=int, default=5000)
    options.add_argument("--seed", type=int, default=None, help="where to start; another each time when left out")
    options.add_argument("--postgres", action="store_true", help="on the server of PORTICO_TEST_POSTGRES instead of SQLite")
    given = options.parse_args()
    start = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    return asyncio.run(run(given.operations, start, postgres=given.postgres))


if __name__ == "__main__":
    sys.exit(main())
