"""What the limits on cost take of the point operation: the gateway, in one process, with them and without: `python -m bench.limits --help`.

The application is called without a socket, so that what is compared is its own work and that of the database; the share of a gateway
behind a server is smaller.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import orjson

from bench import report
from bench.data import arguments, prepare
from bench.operations import bodies
from bench.servers import Server, contender
from planner.engine import Engine
from server.app import Gateway, create_app
from server.budget import Purse
from server.logs import configure_logs
from server.settings import load_settings

CONNECTIONS = 32


async def _free(*_: object) -> None:
    """Nothing is charged."""


@contextmanager
def without() -> Iterator[None]:
    """No operation has a cost, and nobody pays."""
    with patch.object(Engine, "cost", lambda *_: 0), patch.object(Purse, "charge", _free):
        yield


class Caller:
    """Calls the application as a server does."""

    def __init__(self, app: Gateway, token: str, sent: list[bytes]) -> None:
        self._app = app
        self._sent = sent
        self._headers = [(b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json"), (b"host", b"bench")]
        self.done = 0

    async def ask(self) -> bytes:
        """Body of the next answer; raises RuntimeError where it is no 200."""
        body, got = self._sent[self.done % len(self._sent)], bytearray()
        self.done += 1

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message.get("status", 200) != 200:
                raise RuntimeError(f"status {message['status']}")
            got.extend(message.get("body", b""))

        scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/graphql", "raw_path": b"/graphql", "query_string": b""}
        await self._app({**scope, "root_path": "", "headers": self._headers, "client": ("127.0.0.1", 1), "scheme": "http"}, receive, send)
        return bytes(got)

    async def turn(self, seconds: float) -> tuple[float, float]:
        """Microseconds of the clock and of this process for a request, with so many at once."""
        began, until, before, used = time.perf_counter(), time.perf_counter() + seconds, self.done, time.process_time()

        async def one() -> None:
            while time.perf_counter() < until:
                await self.ask()

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        count = self.done - before
        return (time.perf_counter() - began) / count * 1e6, (time.process_time() - used) / count * 1e6


async def measure(caller: Caller, rounds: int, seconds: float) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {"with limits on cost": [], "without": []}
    for number in range(rounds + 1):
        ways = list(found) if number % 2 else list(reversed(found))
        for way in ways:
            if way == "without":
                with without():
                    figures = await caller.turn(seconds)
            else:
                figures = await caller.turn(seconds)
            if number:  # the first round warms up
                found[way].append(figures)
    return found


async def _run(environment: dict[str, str], token: str | None, sent: list[bytes], options: argparse.Namespace) -> Any:
    settings = load_settings(**{name.removeprefix("PORTICO_").lower(): value for name, value in environment.items()})
    configure_logs(as_json=settings.logs_json, level=settings.log_level)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        return await measure(Caller(app, str(token), sent), options.rounds, options.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2, help="of each turn")
    options = parser.parse_args()
    data = prepare(options.engine, options.clients)
    portico = contender("portico", options.engine)
    with Server(portico, data) as server:
        token = server.token()
    sent = [orjson.dumps(body) for body in bodies("portico", "point", data)]
    found = asyncio.run(_run(portico.environment(data, 1), token, sent, options))
    medians = {way: [statistics.median(side) for side in zip(*turns, strict=True)] for way, turns in found.items()}
    shown = [[way, *(f"{figure:.0f}" for figure in figures)] for way, figures in medians.items()]
    print(report.table([f"microseconds a request, median, point, {options.engine}", "clock", "processor"], shown))
    (clock, used), (bare_clock, bare_used) = medians.values()
    print(f"\nshare of the limits: {1 - bare_clock / clock:.1%} of the clock, {1 - bare_used / used:.1%} of the processor")
    print(f"\n{report.machine()}. {options.rounds} interleaved rounds of {options.seconds:g} s, {CONNECTIONS} requests at once.")


if __name__ == "__main__":
    main()
