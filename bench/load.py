"""Load on one server for a few seconds: by wrk where it is installed, else by a small asyncio client."""

import asyncio
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from bench.wire import HOST

SCRIPT = Path(__file__).with_name("load.lua")


class LoadError(Exception):
    """Some answers under load were not the expected ones."""


@dataclass(frozen=True)
class Window:
    """What one stretch of load showed. Latencies are in milliseconds."""

    requests: int
    received: int  # bytes, headers included
    failures: int  # connection errors, timeouts, and answers that were not a success
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def check(self, sizes: list[int], connections: int) -> None:
        """Raise unless every answer was a success and the bytes received are those of the expected answers, `sizes` in turn."""
        if self.failures or not self.requests:
            raise LoadError(f"{self.failures} of {self.requests} answers failed")
        expected = self.requests * statistics.fmean(sizes)
        slack = max(sizes) * (connections + len(sizes))  # answers under way at the end, and a last turn not finished
        if abs(self.received - expected) > slack:
            raise LoadError(f"received {self.received:,} bytes where {expected:,.0f} were expected")


def run(port: int, requests: list[bytes], connections: int, seconds: float) -> Window:
    wrk = shutil.which("wrk")
    return _wrk(wrk, port, requests, connections, seconds) if wrk else asyncio.run(_asyncio(port, requests, connections, seconds))


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "asyncio"


def _wrk(wrk: str, port: int, requests: list[bytes], connections: int, seconds: float) -> Window:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\0".join(requests))
        file.flush()
        command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s", str(SCRIPT)]
        done = subprocess.run(
            [*command, f"http://{HOST}:{port}/", "--", file.name], capture_output=True, text=True, timeout=seconds + 60, check=False
        )
    for line in done.stdout.splitlines():
        if line.startswith("figures "):
            count, received, failures, micros, p50, p99 = map(int, line.split()[1:])
            return Window(count, received, failures, micros / 1e6, p50 / 1e3, p99 / 1e3)
    raise LoadError(f"wrk gave no figures: {done.stdout}{done.stderr}")


async def _asyncio(port: int, requests: list[bytes], connections: int, seconds: float) -> Window:
    turn = cycle(requests)
    latencies: list[float] = []
    received = failures = 0
    start = time.perf_counter()
    end = start + seconds

    async def client() -> None:
        nonlocal received, failures
        reader, writer = await asyncio.open_connection(HOST, port)
        while (sent := time.perf_counter()) < end:
            writer.write(next(turn))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            latencies.append(time.perf_counter() - sent)
            received += len(head) + length
            failures += head.split(b" ", 2)[1] != b"200"
        writer.close()

    async with asyncio.timeout(seconds + 60):
        await asyncio.gather(*(client() for _ in range(connections)))
    cuts = statistics.quantiles(latencies, n=100)
    return Window(len(latencies), received, failures, time.perf_counter() - start, cuts[49] * 1e3, cuts[98] * 1e3)
