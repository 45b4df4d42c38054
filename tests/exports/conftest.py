"""The gateway over an empty database, shared by the tests of exports; each makes a studio of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.access.site import Site, open_site
from tests.databases import Databases
from tests.exports.person import Person, open_person
from tests.portal.studio import Studio, open_studio


@pytest_asyncio.fixture(scope="session")
async def site(databases: Databases) -> AsyncIterator[Site]:
    url = await databases.copy("empty")
    async with open_site(url) as opened:
        yield opened
    await databases.drop(url)


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await open_studio(site)


@pytest_asyncio.fixture
async def person(studio: Studio) -> Person:
    return await open_person(studio)
