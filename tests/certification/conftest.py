"""The gateway over an empty database, shared by the tests of certification; each makes a practice of its own."""

import pytest_asyncio

from tests.access.conftest import site
from tests.access.site import Site
from tests.certification.practice import Practice, open_practice

__all__ = ["site"]


@pytest_asyncio.fixture
async def practice(site: Site) -> Practice:
    return await open_practice(site)
