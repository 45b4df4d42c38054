"""The gateway over an empty database, shared by the tests of certification; each makes a practice of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.access.site import Site, open_site
from tests.certification.practice import Practice, open_practice
from tests.databases import Databases


@pytest_asyncio.fixture(scope="session")
async def site(databases: Databases) -> AsyncIterator[Site]:
    url = await databases.copy("empty")
    async with open_site(url) as opened:
        yield opened
    await databases.drop(url)


@pytest_asyncio.fixture
async def practice(site: Site) -> Practice:
    return await open_practice(site)
