"""Memory and time of reports as files, fetched through their links from a gateway of its own: `python -m bench.exports --help`."""

import argparse
import asyncio
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from bench import report
from bench.certification import build
from bench.data import Dataset, arguments, scratch
from bench.servers import SECRET, Server, contender
from resolvers.export_tokens import export_token
from storage.database import Database
from storage.migrations import migrate
from storage.tables.operations import ExportFile

MEGABYTE = 2**20
#: Files that are measured: their form, their log, and whether only of the last sessions, for a PDF takes a thousand lines.
FILES = (
    ("CSV", "SESSIONS", False),
    ("XLSX", "SESSIONS", False),
    ("JSON", "SESSIONS", False),
    ("CSV", "CLIENTS", False),
    ("XLSX", "CLIENTS", False),
    ("PDF", "SESSIONS", True),
)


def memory(pid: int | str, field: str) -> float:
    """VmRSS or VmHWM, the highest since it was reset, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024 / MEGABYTE


class Children:
    """Highest memory of the processes that another one starts, as far as a look every few milliseconds sees it."""

    def __init__(self, pid: int) -> None:
        self.pid, self.peak, self._stop = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            with suppress(OSError, StopIteration):
                for task in Path(f"/proc/{self.pid}/task").iterdir():
                    for child in (task / "children").read_text().split():
                        self.peak = max(self.peak, memory(child, "VmHWM"))

    def __enter__(self) -> "Children":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


async def links(url: str, sessions: int, clients: int) -> tuple[UUID, list[str]]:
    """A coach with so many sessions over ten years, and a link to each file."""
    await migrate(url)
    async with await Database.open(url) as database:
        workspace, coach = await build(database, sessions, clients)
        now = datetime.now(UTC)
        recent = (now - timedelta(days=3650 * 900 / sessions)).date().isoformat()
        tokens = []
        async with database.write() as session:
            for form, log, last in FILES:
                wish = {"coach": coach} | ({"first": recent} if last else {})
                asked = orjson.dumps({"format": form, "log": log, "wish": wish}).decode()
                row = ExportFile(
                    workspace_id=UUID(workspace), id=uuid7(), kind="report", actor=f"member:{coach}", subject_id=UUID(coach), asked=asked,
                    expires_at=now + timedelta(hours=1),
                )  # fmt: skip
                session.add(row)
                tokens.append(export_token(SECRET.encode(), workspace, row.id.hex))
        return UUID(workspace), tokens


def fetch(url: str) -> tuple[int, int]:
    """Bytes and line ends of what stands at an address."""
    size = lines = 0
    with urllib.request.urlopen(url, timeout=600) as answer:
        while chunk := answer.read(1 << 16):
            size, lines = size + len(chunk), lines + chunk.count(b"\n")
    return size, lines


def awake(port: int) -> None:
    for _ in range(600):
        with suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.exports", description=__doc__)
    arguments(parser)
    parser.add_argument("--sessions", type=int, default=100_000, help="of one coach")
    parser.add_argument("--clients", type=int, default=2_000)
    options = parser.parse_args()
    rows: list[list[Any]] = []
    with scratch(options.engine) as url:
        workspace, tokens = asyncio.run(links(url, options.sessions, options.clients))
        server = Server(contender("portico", options.engine), Dataset(options.engine, url, options.clients, workspace, ()))
        server.start()
        try:
            awake(server.port)
            time.sleep(10)  # what a start loads late is there
            pid = server.process.pid
            for (form, log, _), token in zip(FILES, tokens, strict=True):
                before = memory(pid, "VmRSS")
                Path(f"/proc/{pid}/clear_refs").write_text("5")
                start = time.perf_counter()
                with Children(pid) as children:
                    size, lines = fetch(f"http://127.0.0.1:{server.port}/exports/{token}")
                took, peak = time.perf_counter() - start, memory(pid, "VmHWM")
                cells = [f"{lines:,}" if form == "CSV" else "", f"{size / MEGABYTE:.1f}", f"{took:.1f}", f"{before:.0f}", f"{peak:.0f}"]
                rows.append([f"{form} {log}", *cells, f"{children.peak:.0f}" if children.peak else ""])
        finally:
            server.stop()
    print(report.table(["file", "lines", "MB", "s", "RSS before, MB", "peak RSS, MB", "its own process, MB"], rows))
    print(f"\n{report.machine()}. {options.engine}, {options.sessions:,} sessions of one coach with {options.clients:,} clients.")


if __name__ == "__main__":
    main()
