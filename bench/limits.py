"""What the limits on cost take of the point operation: their work beside that of a whole request: `python -m bench.limits --help`.

The application is called without a socket, so the share of a gateway behind a server is smaller. Turns with the limits and without
could not be compared: two turns of the same differ by more than the limits take.
"""

import argparse
import asyncio
import statistics
import time
from typing import Any, Final

import orjson

from bench import report
from bench.data import arguments, prepare
from bench.operations import bodies
from bench.servers import Server, contender
from lifecycle.vocabulary import Role
from resolvers.callers import Caller as Who
from resolvers.callers import CallerKind, Proof
from server.app import Gateway, build_engine, create_app
from server.budget import Budget, Spending, rate_headers
from server.logs import configure_logs
from server.reading import Reading
from server.settings import load_settings
from storage.counters import Memory

CONNECTIONS: Final = 32
REQUESTS: Final = 2048
MOST_COST: Final = 500_000
CALLER: Final = Who(CallerKind.STAFF, "1" * 32, "2" * 32, "3" * 32, None, Role.OWNER, Proof.SESSION, "4" * 32, 0.0)


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

    async def turn(self, count: int) -> float:
        """Microseconds of this process for a request."""
        began = time.process_time()
        for _ in range(count // CONNECTIONS):
            await asyncio.gather(*(self.ask() for _ in range(CONNECTIONS)))
        return (time.process_time() - began) / (count // CONNECTIONS * CONNECTIONS) * 1e6


class Limits:
    """The limits on cost, as the endpoint goes through them."""

    def __init__(self, body: dict[str, Any], per_minute: int) -> None:
        self._engine = build_engine("postgresql", b"bench" * 8)
        self._spending = Spending(MOST_COST, Budget(per_minute, Memory()), Reading(self._engine))
        self._prepared = self._engine.prepare(body["query"])
        self._operation = self._engine.operation(self._prepared, body["operationName"])
        self._variables = self._engine.variables(self._prepared, self._operation, body["variables"])

    async def turn(self, count: int) -> float:
        """Microseconds of this process for what a request has of them."""
        began = time.process_time()
        for _ in range(count):
            purse = self._spending.of(CALLER, "127.0.0.1")
            left = await purse.charge(self._engine.cost(self._prepared, self._operation, self._variables))
            if left is not None:
                rate_headers(left)
        return (time.process_time() - began) / count * 1e6


async def measure(environment: dict[str, str], token: str, sent: list[dict[str, Any]], rounds: int) -> list[tuple[float, float]]:
    """Microseconds of a request and of the limits in it, in turn."""
    settings = load_settings(**{name.removeprefix("PORTICO_").lower(): value for name, value in environment.items()})
    configure_logs(as_json=settings.logs_json, level=settings.log_level)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        whole = Caller(app, token, [orjson.dumps(body) for body in sent])
        part = Limits(sent[0], settings.cost_per_minute)
        found = [(await whole.turn(REQUESTS), await part.turn(10 * REQUESTS)) for _ in range(rounds + 1)]
    return found[1:]  # the first round warms up


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    data = prepare(options.engine, options.clients)
    portico = contender("portico", options.engine)
    with Server(portico, data) as server:
        token = str(server.token())
    found = asyncio.run(measure(portico.environment(data, 1), token, bodies("portico", "point", data), options.rounds))
    rows = [
        [name, f"{statistics.median(side):.1f}"]
        for name, side in zip(("a request", "its limits on cost"), zip(*found, strict=True), strict=True)
    ]
    print(report.table([f"microseconds of the processor, median, point, {options.engine}", ""], rows))
    print(f"\nshare of the limits: {statistics.median(part / whole for whole, part in found):.1%}")
    print(f"\n{report.machine()}. {options.rounds} rounds of {REQUESTS:,} requests, {CONNECTIONS} at once.")


if __name__ == "__main__":
    main()
