"""The gateway over an empty database, as the tests of access have it: each test makes a workspace of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.access.site import Site, open_site
from tests.bulk.studio import Studio, studio_of
from tests.databases import Databases


@pytest_asyncio.fixture(scope="session")
async def site(databases: Databases) -> AsyncIterator[Site]:
    url = await databases.copy("empty")
    async with open_site(url) as opened:
        yield opened
    await databases.drop(url)


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await studio_of(site)
