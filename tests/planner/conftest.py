"""The same demo data on both engines at once, for tests that hold the two against each other."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.databases import Databases
from tests.planner.differential import Side, opened
from tests.planner.domain import PostgresScratch, SqliteScratch, World


@pytest_asyncio.fixture(scope="session")
async def sides(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Side]]:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    async with opened(f"{worker}_sides", tmp_path_factory.mktemp("sides")) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def scratch_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.blank()
    yield url
    await databases.drop(url)


@pytest_asyncio.fixture
async def world(scratch_url: str) -> AsyncIterator[World]:
    """The tiny domain, as new for every test."""
    scratch = SqliteScratch() if scratch_url.startswith("sqlite") else await PostgresScratch.open(scratch_url)
    yield World(scratch)
    await scratch.close()
