"""The gateway over an empty database, as the tests of access have it: each test makes a workspace of its own."""

import pytest_asyncio

from tests.access.conftest import site
from tests.access.site import Site
from tests.bulk.studio import Studio, studio_of

__all__ = ["site"]


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await studio_of(site)
