"""The gateway over an empty database, shared by the tests of the portal; each makes a studio of its own."""

import pytest_asyncio

from tests.access.conftest import site
from tests.access.site import Site
from tests.portal.studio import Studio, open_studio

__all__ = ["site"]


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await open_studio(site)
