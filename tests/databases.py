"""Databases for tests, on both engines: templates made once for each worker, copies made from them for each test."""

import os
import re
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from storage.demo.build import build_demo
from storage.migrations import migrate

SERVER = os.environ.get("PORTICO_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
DEMO_DAY = date(2026, 11, 22)  # the day that the demo data of the tests takes for today
DEMO_CLIENTS = 200
_PREFIX = "portico_test_"


class Databases(Protocol):
    """Maker of databases on one engine. `empty` has the tables, `demo` the demo data of 200 clients too."""

    async def copy(self, template: str) -> str: ...
    async def blank(self) -> str: ...
    async def drop(self, url: str) -> None: ...
    async def close(self) -> None: ...


async def fill(url: str, template: str) -> None:
    """What a template holds."""
    if template == "demo":
        await build_demo(url, clients=DEMO_CLIENTS, seed=1, today=DEMO_DAY)
    else:
        await migrate(url)


class SqliteDatabases:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

        self._templates: dict[str, str] = {}

    async def copy(self, template: str) -> str:
        if template not in self._templates:
            self._templates[template] = await self.blank()
            await fill(self._templates[template], template)
        url = await self.blank()
        shutil.copyfile(self._templates[template].removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        return url

    async def blank(self) -> str:
        return f"sqlite:///{self._folder / uuid4().hex}.db"

    async def drop(self, url: str) -> None:
        for end in ("", "-wal", "-shm"):
            file = url.removeprefix("sqlite:///") + end
            if os.path.exists(file):  # noqa: ASYNC240 - a test may block
                os.remove(file)

    async def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgresDatabases:
    """Databases of one server, named after the second and the worker, so that leftovers of a killed run are known by their age."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._templates: dict[str, str] = {}
        self._made: set[str] = set()

    async def start(self) -> "PostgresDatabases":
        """Skip where no server answers; drop what runs of an hour ago and more have left."""
        try:
            names = await self._run("SELECT datname FROM pg_database WHERE datname LIKE $1", f"{_PREFIX}%")
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            where = urlsplit(SERVER)
            pytest.skip(
                f"PostgreSQL half: no answer from {where.hostname}:{where.port} ({type(error).__name__}); set PORTICO_TEST_POSTGRES"
            )
        for name in names:
            made = re.match(_PREFIX + r"(\d+)_", name)
            if made and int(made[1]) < time.time() - 3600:
                await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        return self

    async def copy(self, template: str) -> str:
        if template not in self._templates:
            url = await self.blank()
            await fill(url, template)
            self._templates[template] = url.rpartition("/")[2]
        return await self._create(f'TEMPLATE "{self._templates[template]}"')

    async def blank(self) -> str:
        return await self._create("")

    async def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.discard(name)

    async def close(self) -> None:
        for name in sorted(self._made):
            await self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _create(self, options: str) -> str:
        name = f"{_PREFIX}{int(time.time())}_{self._worker}_{uuid4().hex[:8]}"
        await self._run(f'CREATE DATABASE "{name}" {options}')
        self._made.add(name)
        return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))

    async def _run(self, sql: str, *args: object) -> list[str]:
        connection = await asyncpg.connect(SERVER, timeout=5)
        try:
            return [str(row[0]) for row in await connection.fetch(sql, *args)]
        finally:
            await connection.close()
