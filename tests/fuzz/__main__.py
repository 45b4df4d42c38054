"""As many operations as one likes; the exit status says whether anything was wrong."""

import asyncio
import sys
import time

from tests.fuzz.attack import attack
from tests.fuzz.command import demo, options


async def run(operations: int, start: int, *, postgres: bool) -> int:
    async with demo("fuzz", postgres=postgres) as url:
        began = time.perf_counter()
        async with attack(url) as on:
            await on.operations(operations, start)
            await on.broken(operations // 4, start)
    told = on.outcome
    seconds = time.perf_counter() - began
    say = sys.stdout.write
    say(f"{told.statuses.total():,} requests in {seconds:.0f} s from {start}: {dict(told.statuses)}\n{dict(told.codes)}\n")
    say(f"slowest {told.slowest[0]:.2f} s, {told.slowest[1]}\n")
    say("".join(f"FAULT: {fault}\n" for fault in told.faults))
    return 1 if told.faults else 0


def main() -> int:
    operations, start, postgres = options("python -m tests.fuzz", __doc__, "operations", 5000)
    return asyncio.run(run(operations, start, postgres=postgres))


if __name__ == "__main__":
    sys.exit(main())
