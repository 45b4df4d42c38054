"""The contenders: how each is started as one process with its production settings, asked, and stopped."""

import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from bench.data import ROOT, Dataset, Engine
from bench.operations import Dialect, Operation, bodies
from bench.wire import HOST, Answer, exchange, post
from storage.demo.people import PASSWORD

POOL_SIZE: dict[Engine, int] = {"postgresql": 8, "sqlite": 4}
SECRET = secrets.token_urlsafe(32)
NODE_FOLDER = ROOT / "bench" / "node"


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    engine: Engine
    dialect: Dialect
    command: Callable[[int], list[str]]  # of the port

    def environment(self, data: Dataset, port: int) -> dict[str, str]:
        """Everything a server is told. Portico runs as in production: no guard is off."""
        if self.dialect == "portico":
            return {
                "PORTICO_ENVIRONMENT": "production",
                "PORTICO_SECRET_KEYS": SECRET,
                "PORTICO_DATABASE_URL": data.url,
                "PORTICO_DATABASE_READERS": str(POOL_SIZE[data.engine]),
                "PORTICO_HOST": HOST,
                "PORTICO_PORT": str(port),
                "PORTICO_LOG_LEVEL": "warning",  # no contender writes a line per request
                "PORTICO_COST_PER_MINUTE": "100000000000",  # counted, as in production; one caller is the whole load here
                "PORTICO_CLOCK": "false",  # it would book weeks of services of fresh demo data beside what is measured
            }
        return {
            "BENCH_DATABASE_URL": data.url,
            "BENCH_WORKSPACE_ID": str(data.workspace),
            "BENCH_POOL_SIZE": str(POOL_SIZE[data.engine]),
            "BENCH_PORT": str(port),
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
        }


def _uvicorn(module: str) -> Callable[[int], list[str]]:
    fixed = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return lambda port: [sys.executable, "-m", "uvicorn", f"bench.contenders.{module}:app", "--host", HOST, "--port", str(port), *fixed]


def _node(script: str) -> Callable[[int], list[str]]:
    return lambda _: [node(), str(NODE_FOLDER / script)]


def _portico(_: int) -> list[str]:
    return [str(ROOT / "portico"), "serve"]


CONTENDERS = (
    Contender("portico", "Portico", "postgresql", "portico", _portico),
    Contender("floor", "Starlette + asyncpg, one statement building the JSON", "postgresql", "plain", _uvicorn("floor")),
    Contender("floor-lean", "the same with a pool that never resets", "postgresql", "plain", _uvicorn("floor_lean")),
    Contender("mercurius", "Mercurius with JIT", "postgresql", "plain", _node("mercurius.mjs")),
    Contender("postgraphile", "PostGraphile", "postgresql", "postgraphile", _node("postgraphile.mjs")),
    Contender("strawberry", "strawberry + DataLoaders", "postgresql", "plain", _uvicorn("strawberry_loaders")),
    Contender("portico", "Portico", "sqlite", "portico", _portico),
    Contender("floor", "Starlette + aiosqlite, one statement building the JSON", "sqlite", "plain", _uvicorn("floor_sqlite")),
)

#: Measured for its start only, on either engine.
BARE = Contender("bare", "bare strawberry + SQLModel application of five types", "sqlite", "plain", _uvicorn("bare"))


def contender(name: str, engine: Engine) -> Contender:
    return next(c for c in CONTENDERS if (c.name, c.engine) == (name, engine))


class Server:
    """A contender in a process of its own, for the length of a `with`."""

    def __init__(self, contender: Contender, data: Dataset, more: Mapping[str, str] | None = None) -> None:
        self.contender = contender
        self._more = more or {}
        self.data = data
        self.port = free_port()

    def start(self) -> None:
        """Start the process, without waiting until it answers."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            self.contender.command(self.port),
            cwd=ROOT,
            env={**os.environ, **self.contender.environment(self.data, self.port), **self._more},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self, request: bytes, timeout: float = 60) -> Answer:
        """First answer to the request."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                return exchange(self.port, request)
            except ConnectionError:
                time.sleep(0.002)
        self._log.seek(0)
        raise RuntimeError(f"{self.contender.name} did not start:\n{self._log.read().decode(errors='replace')[-4000:]}")

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self._log.close()

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait(self.requests("point")[0])
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def settle(self, timeout: float = 30) -> None:
        """Wait until what the load left behind is done, so that it does not run in the turn of the next server."""
        end = time.monotonic() + timeout
        before, now = -1, self._cpu_ticks()
        while before != now and time.monotonic() < end:
            time.sleep(0.1)
            before, now = now, self._cpu_ticks()

    def _cpu_ticks(self) -> int:
        """User and system time of the process, in hundredths of a second."""
        fields = Path("/proc", str(self.process.pid), "stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def requests(self, operation: Operation, token: str | None = None) -> list[bytes]:
        """Requests of an operation, to send in turn; with the token, or a fresh one where the server asks for one."""
        token = token or self.token()
        return [post(self.port, body, token) for body in bodies(self.contender.dialect, operation, self.data)]

    def token(self, username: str = "owner") -> str | None:
        """Access token of one of the demo's people, by name and password, as production asks for it; None where nobody asks."""
        if self.contender.dialect != "portico":
            return None
        document = "mutation In($input: SignInInput!) { signIn(input: $input) { accessToken problems { message } } }"
        given = {"username": username, "password": PASSWORD, "workspace": "hart"}
        body = orjson.dumps({"query": document, "variables": {"input": given}})
        request = urllib.request.Request(f"http://{HOST}:{self.port}/graphql", body, {"Content-Type": "application/json"})
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    return str(orjson.loads(response.read())["data"]["signIn"]["accessToken"])
            except urllib.error.URLError:
                if self.process.poll() is not None:
                    raise
                time.sleep(0.05)  # not listening yet


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def node() -> str:
    """Node 22, as the package manager brought it: PostGraphile needs it, whatever the machine has."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    binary = NODE_FOLDER / "node_modules" / f"node-linux-{machine}" / "bin" / "node"
    return str(binary) if binary.exists() else "node"


def install_node_contenders() -> None:
    """Install what the lock file names, unless it is there already."""
    lock, installed = NODE_FOLDER / "package-lock.json", NODE_FOLDER / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--loglevel=error"], cwd=NODE_FOLDER, check=True)


def node_version(package: str) -> str:
    """Version of an installed package of Node."""
    return str(orjson.loads(Path(NODE_FOLDER, "node_modules", package, "package.json").read_text())["version"])
