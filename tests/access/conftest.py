"""The gateway over an empty database, shared by all tests of access: each makes workspaces of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from lifecycle.vocabulary import Role
from tests.access.course import Course
from tests.access.site import Site, open_site
from tests.access.world import World, build
from tests.databases import Databases


@pytest_asyncio.fixture(scope="session")
async def site(databases: Databases) -> AsyncIterator[Site]:
    url = await databases.copy("empty")
    async with open_site(url) as opened:
        yield opened
    await databases.drop(url)


@pytest_asyncio.fixture(scope="session")
async def world(site: Site) -> World:
    """Workspace with a member of every role and clients with one row of everything; tests leave it as they find it."""
    return await build(site)


@pytest_asyncio.fixture
async def course(site: Site) -> Course:
    """Workspace of one coach with an empty package `P`."""
    coach = await site.member(await site.workspace("course"), Role.COACH)
    made = Course(site, coach, await site.token(coach))
    await made.package()
    return made
