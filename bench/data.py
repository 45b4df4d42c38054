"""Demo data of a size, built once and found again by its name, which changes with the code that makes tables and data.

`python -m bench.data --engine sqlite --clients 20000` builds it alone.
"""

import argparse
import asyncio
import hashlib
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from server.workers import steps, work_off
from storage.database import Database
from storage.demo.build import build_demo

Engine = Literal["postgresql", "sqlite"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
SERVER = os.environ.get("BENCH_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
SCRATCH = "portico_bench_scratch"
SEED = 1
SAMPLE = 50

LARGEST_WORKSPACE = "SELECT workspace_id, min(number), max(number) FROM client GROUP BY workspace_id ORDER BY count(*) DESC LIMIT 1"
PRESENT = "SELECT id FROM client WHERE workspace_id = '{}' AND data_state = 'PRESENT' AND number IN ({}) ORDER BY number"


@dataclass(frozen=True)
class Dataset:
    engine: Engine
    url: str
    clients: int
    workspace: UUID
    sample: tuple[UUID, ...]  # clients to ask for one by one, spread over the whole table


def prepare(engine: Engine, clients: int) -> Dataset:
    """Data of this size, built now unless it is there already."""
    return asyncio.run(_prepare(engine, clients))


async def _prepare(engine: Engine, clients: int) -> Dataset:
    url = await (_postgresql if engine == "postgresql" else _sqlite)(f"portico_bench_{clients}_", _revision(), clients)
    await _do_what_is_due(url)
    [(workspace, low, high)] = await _rows(engine, url, LARGEST_WORKSPACE)
    owner = UUID(str(workspace))
    numbers = ", ".join(str(low + (high - low) * i // (2 * SAMPLE)) for i in range(2 * SAMPLE))
    present = await _rows(engine, url, PRESENT.format(owner if engine == "postgresql" else owner.hex, numbers))
    return Dataset(engine, url, clients, owner, tuple(UUID(str(row[0])) for row in present[:: max(1, len(present) // SAMPLE)][:SAMPLE]))


async def _do_what_is_due(url: str) -> None:
    """The clock's work, such as the appointments of a series: Portico would do it between the questions of a comparison."""
    async with await Database.open(url) as database:
        taken = await work_off(database, (secrets.token_bytes(32),), steps())
    if taken and url.startswith("postgresql"):
        await _vacuum(url)


async def _vacuum(url: str) -> None:
    database = await asyncpg.connect(url)
    await database.execute("VACUUM (ANALYZE)")
    await database.close()


def _revision() -> str:
    """Digest of the code that decides what the data is."""
    digest = hashlib.sha256()
    for file in sorted([*(ROOT / "storage" / "demo").glob("*.py"), *(ROOT / "storage" / "migrations" / "versions").glob("*.py")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


async def _postgresql(prefix: str, revision: str, clients: int) -> str:
    """A finished database has its final name; one whose making was interrupted does not. Older ones of the same size go."""
    final, unfinished = prefix + revision, f"{prefix}unfinished"
    server = await asyncpg.connect(SERVER)
    try:
        present = {row["datname"] for row in await server.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix)}
    finally:
        await server.close()
    if final not in present:
        await _on_server(*(f"DROP DATABASE {name}" for name in present), f"CREATE DATABASE {unfinished}")
        await _build(_database(unfinished), clients)
        await _vacuum(_database(unfinished))
        settings = [f"ALTER DATABASE {unfinished} SET {setting}" for setting in ("jit = off", "timezone = 'UTC'")]
        await _on_server(*settings, f"ALTER DATABASE {unfinished} RENAME TO {final}")
    return _database(final)


async def _sqlite(prefix: str, revision: str, clients: int) -> str:
    """A finished file has its final name; one whose making was interrupted does not. Older ones of the same size go."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    final, unfinished = FOLDER / f"{prefix}{revision}.sqlite3", FOLDER / f"{prefix}unfinished.sqlite3"
    if not final.exists():
        for older in FOLDER.glob(f"{prefix}*"):
            older.unlink()
        await _build(f"sqlite:///{unfinished}", clients)
        unfinished.rename(final)
    return f"sqlite:///{final}"


def build(url: str, clients: int) -> None:
    """Fill an empty database with demo data."""
    asyncio.run(_build(url, clients))


@contextmanager
def scratch(engine: Engine) -> Iterator[str]:
    """URL of an empty database that is thrown away afterwards."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/scratch.sqlite3"
    else:
        asyncio.run(_on_server(f"DROP DATABASE IF EXISTS {SCRATCH}", f"CREATE DATABASE {SCRATCH}"))
        try:
            yield _database(SCRATCH)
        finally:
            asyncio.run(_on_server(f"DROP DATABASE {SCRATCH} WITH (FORCE)"))


async def _on_server(*statements: str) -> None:
    server = await asyncpg.connect(SERVER)
    try:
        for statement in statements:
            await server.execute(statement)
    finally:
        await server.close()


async def _build(url: str, clients: int) -> None:
    print(f"building demo data of {clients:,} clients in {url}", flush=True)
    await build_demo(url, clients=clients, seed=SEED, today=datetime.now(UTC).date(), progress=_progress)


def _progress(done: int, clients: int) -> None:
    end = "\n" if done >= clients else ""
    print(f"\r{done:,} of {clients:,}", end=end, flush=True)


async def _rows(engine: Engine, url: str, statement: str) -> Sequence[Sequence[Any]]:
    if engine == "sqlite":
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()
    database = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await database.fetch(statement)]
    finally:
        await database.close()


def _database(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options that choose the data."""
    parser.add_argument("--engine", choices=get_args(Engine), default="postgresql")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000)
    options = parser.parse_args()
    print(prepare(options.engine, options.clients).url)
