"""A job over ten thousand clients, and what others feel of it meanwhile: `python -m bench.jobs --help`."""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from bench import report
from bench.data import LARGEST_WORKSPACE, Dataset, _rows, arguments, build, scratch
from bench.servers import Server, contender
from bench.wire import HOST, post

READS_A_SECOND, STEPS_A_SECOND = 40, 4
TOKEN_USED = 600.0  # seconds; a token lives longer
POINT = "query($id: ID!) { client(id: $id) { id name status coach { name } } }"
CHOSEN = "filter: {status: [ACTIVE, BUYER]}"
PREVIEW = f"{{ clientsMakeInactivePreview({CHOSEN}) {{ token total allowed effects {{ kind action count }} }} }}"
START = (
    f"mutation($token: String) {{ clientsMakeInactive({CHOSEN}, errorPolicy: SKIP_FAILED, token: $token)"
    " { job { id total } problems { code } } }"
)
JOB = "query($id: ID!) { bulkJob(id: $id) { state done failed } }"
OTHERS = "{ clients(filter: {status: PROSPECT}, first: 50) { nodes { id } } }"
STEPS = ("clientMarkHotLead", "clientReturnToProspect")


@dataclass
class Felt:
    """Latencies of one kind of request, in milliseconds."""

    values: list[float] = field(default_factory=list)

    def row(self, name: str) -> list[str]:
        cuts = statistics.quantiles(self.values, n=100)
        return [name, f"{len(self.values)}", *(f"{value:.1f}" for value in (cuts[49], cuts[94], cuts[98], max(self.values)))]


class Line:
    """One kept-alive connection to a server."""

    def __init__(self, server: Server, username: str = "owner") -> None:
        self._server, self._port, self._username = server, server.port, username
        self._sign_in()

    def _sign_in(self) -> None:
        self._token, self._until = self._server.token(self._username), time.monotonic() + TOKEN_USED

    async def open(self) -> "Line":
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        return self

    async def ask(self, query: str, **variables: Any) -> Any:
        answer = await self.send(query, **variables)
        if "errors" in answer:
            raise RuntimeError(answer["errors"])
        return answer["data"]

    async def send(self, query: str, **variables: Any) -> Any:
        """Answer, whether it is a refusal or not."""
        if time.monotonic() > self._until:
            await asyncio.to_thread(self._sign_in)
        self._writer.write(post(self._port, {"query": query, "variables": variables}, self._token))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        return orjson.loads(await self._reader.readexactly(length))

    def close(self) -> None:
        self._writer.close()


async def paced(rate: float, felt: Felt, over: asyncio.Event, once: Callable[[int], Awaitable[None]]) -> None:
    """Requests at a fixed rate; one that had to wait for the one before it counts from when it was due."""
    began, number = time.perf_counter(), 0
    while not over.is_set():
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await once(number)
        felt.values.append((time.perf_counter() - due) * 1e3)
        number += 1


@asynccontextmanager
async def others(server: Server, ids: list[str], felt: dict[str, Felt]) -> AsyncIterator[None]:
    """Readers and a coach at work, for the length of the `async with`."""
    reader, writer, over = await Line(server).open(), await Line(server).open(), asyncio.Event()

    async def read(number: int) -> None:
        await reader.ask(POINT, id=ids[number % len(ids)])

    async def step(number: int) -> None:
        name = STEPS[number % 2]
        found = await writer.ask(f"mutation($id: ID!) {{ {name}(id: $id) {{ problems {{ code }} }} }}", id=ids[0])
        if found[name]["problems"]:
            raise RuntimeError(found)

    async with asyncio.TaskGroup() as group:
        group.create_task(paced(READS_A_SECOND, felt["point read"], over, read))
        group.create_task(paced(STEPS_A_SECOND, felt["single step"], over, step))
        try:
            yield
        finally:
            over.set()
    if len(felt["single step"].values) % 2:
        await step(1)  # back to where it was
    reader.close()
    writer.close()


async def measure(server: Server, seconds: float) -> list[str]:
    line = await Line(server).open()
    ids = ["client_" + UUID(row["id"][-32:]).hex for row in (await line.ask(OTHERS))["clients"]["nodes"]]
    kinds = ("point read", "single step")
    warm, alone, during, previewing = ({kind: Felt() for kind in kinds} for _ in range(4))
    async with others(server, ids, warm):
        await asyncio.sleep(3)
    async with others(server, ids, alone):
        await asyncio.sleep(seconds)
    line.close()  # the server has, too: nobody asked for a while
    line = await Line(server).open()
    async with others(server, ids, previewing):
        began = time.perf_counter()
        shown = (await line.ask(PREVIEW))["clientsMakeInactivePreview"]
        preview_took = time.perf_counter() - began
        for _ in range(4):
            await line.ask(PREVIEW)
    async with others(server, ids, during):
        began = time.perf_counter()
        started = (await line.ask(START, token=shown["token"]))["clientsMakeInactive"]
        start_took = time.perf_counter() - began
        if started["problems"]:
            raise RuntimeError(started["problems"])
        job = {"state": "QUEUED"}
        while job["state"] in {"QUEUED", "RUNNING"}:
            await asyncio.sleep(0.5)
            job = (await line.ask(JOB, id=started["job"]["id"]))["bulkJob"]
        took = time.perf_counter() - began
    head = ["in ms", "requests", "p50", "p95", "p99", "most"]
    rows = [felt[kind].row(f"{kind}, {when}") for kind in kinds for when, felt in (
        ("alone", alone), ("while previews are made", previewing), ("while the job runs", during)
    ) if len(felt[kind].values) > 1]  # fmt: skip
    effects = ", ".join(f"{one['count']:,} {one['kind']} {one['action']}" for one in shown["effects"])
    return [
        report.table(head, rows),
        f"\n{shown['total']:,} clients made inactive with {effects}: preview {preview_took:.2f} s, answer with the job {start_took:.2f} s, "
        f"job {took:.1f} s ({shown['allowed'] / took:.0f} a second): {job}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.jobs", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000, help="of the demo data; about half of them are in the job")
    parser.add_argument("--seconds", type=float, default=15, help="of the measurement without a job")
    options = parser.parse_args()
    with scratch(options.engine) as url:
        build(url, options.clients)
        [(workspace, *_)] = asyncio.run(_rows(options.engine, url, LARGEST_WORKSPACE))
        sample = asyncio.run(_rows(options.engine, url, "SELECT id FROM client WHERE data_state = 'PRESENT' AND status = 'ACTIVE' LIMIT 1"))
        data = Dataset(options.engine, url, options.clients, UUID(str(workspace)), tuple(UUID(str(row[0])) for row in sample))
        with Server(contender("portico", options.engine), data) as server:
            for line in asyncio.run(measure(server, options.seconds)):
                print(line)
    pace = f"{READS_A_SECOND} reads and {STEPS_A_SECOND} steps a second beside it"
    print(f"\n{report.machine()}. {options.engine}, {options.clients:,} clients in all; {pace}.")


if __name__ == "__main__":
    main()
