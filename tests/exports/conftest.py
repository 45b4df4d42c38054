"""The gateway over an empty database, shared by the tests of exports; each makes a studio of its own."""

import pytest_asyncio

from tests.access.conftest import site
from tests.access.site import Site
from tests.exports.person import Person, open_person
from tests.portal.studio import Studio, open_studio

__all__ = ["site"]


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await open_studio(site)


@pytest_asyncio.fixture
async def person(studio: Studio) -> Person:
    return await open_person(studio)
