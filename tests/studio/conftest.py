"""A studio for each test: a workspace over an empty database that all of them share, and whose clock only the tests wind."""

import pytest_asyncio

from tests.access.conftest import site
from tests.access.site import Site
from tests.studio.studio import Studio, open_studio

__all__ = ["site"]


@pytest_asyncio.fixture
async def studio(site: Site) -> Studio:
    return await open_studio(site)
