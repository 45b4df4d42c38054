"""`/healthz` and `/readyz`: two words for a load balancer, and nothing for anybody else."""

import asyncio
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from server.health import health_routes, newest_revision
from storage.database import Database
from storage.errors import Unavailable
from storage.migrations import current


async def ask(database: Any, path: str) -> tuple[int, Any]:
    transport = httpx2.ASGITransport(app=Starlette(routes=health_routes(database)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://portico") as client:
        response = await client.get(path)
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, response.json()


async def test_a_migrated_database_is_ready(database: Database) -> None:
    assert await ask(database, "/healthz") == (200, {"status": "alive"})
    assert await ask(database, "/readyz") == (200, {"status": "ready"})


async def test_an_empty_database_is_not_ready(blank_url: str) -> None:
    async with await Database.open(blank_url) as database:
        assert await ask(database, "/healthz") == (200, {"status": "alive"})
        assert await ask(database, "/readyz") == (503, {"status": "unavailable", "reason": "DATABASE_NOT_MIGRATED"})


@pytest.mark.parametrize(("revision", "status"), [("0000", 503), ("9999", 200)])
async def test_a_database_may_be_ahead_and_not_behind(database: Database, revision: str, status: int) -> None:
    """While a newer version is being rolled out, the older one keeps answering."""
    async with database.write() as session:
        await (await session.connection()).exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    assert (await ask(database, "/readyz"))[0] == status


class Gone:
    """Database that is not there, or does not answer."""

    def __init__(self, wait: float) -> None:
        self.wait = wait

    def read(self) -> "Gone":
        return self

    async def __aenter__(self) -> None:
        await asyncio.sleep(self.wait)
        raise Unavailable("no route to postgresql://user:password@host")

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("wait", [0, 60])
async def test_a_database_that_is_gone_is_reported_in_time_and_in_one_word(wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.health.PATIENCE_SECONDS", 0.05)
    assert await ask(Gone(wait), "/healthz") == (200, {"status": "alive"})
    assert await ask(Gone(wait), "/readyz") == (503, {"status": "unavailable", "reason": "DATABASE_UNREACHABLE"})


async def test_the_newest_revision_is_what_alembic_makes_of_the_tree(database: Database) -> None:
    assert await current(database_url(database)) == newest_revision()


def database_url(database: Database) -> str:
    target = database.address.target
    return target if database.dialect == "postgresql" else f"sqlite:///{target}"
