"""Fixtures of every test: each runs on SQLite and on PostgreSQL.

`demo_database` is shared, for tests that only read; `database` is fresh, with tables and without a row; `own_demo` is a
private copy of the demo data, for tests that change it; `blank_url` is an address where nothing is yet.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from resolvers.afterwards import settle
from resolvers.passwords import PASSWORDS
from storage.database import Database
from tests.databases import Databases, PostgresDatabases, SqliteDatabases


@pytest.fixture(autouse=True)
def quick_hashes() -> Iterator[None]:
    """A password takes next to nothing to check, where it would take 64 MB and 0.2 s. The parameters are not those of `tests.people`, so
    that who signs in with a hash from there gets a new one, as from the gateway."""
    quick = {"_hasher": PasswordHasher(1, 16, 1), "_nobody": PASSWORDS._nobody.replace("m=65536,t=3,p=4", "m=16,t=1,p=1")}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in quick.items():
            patched.setattr(PASSWORDS, name, value)
        yield


@pytest_asyncio.fixture(scope="session", params=["sqlite", "postgresql"])
async def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Databases]:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    made: Databases = SqliteDatabases(tmp_path_factory.mktemp("sqlite"))
    if request.param == "postgresql":
        made = await PostgresDatabases(worker).start()
    yield made
    await made.close()


@pytest_asyncio.fixture(scope="session")
async def demo_database(databases: Databases) -> AsyncIterator[Database]:
    database = await Database.open(await databases.copy("demo"))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async for opened in _opened(databases, "empty"):
        yield opened


@pytest_asyncio.fixture
async def own_demo(databases: Databases) -> AsyncIterator[Database]:
    async for opened in _opened(databases, "demo"):
        yield opened


@pytest_asyncio.fixture
async def blank_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.blank()
    yield url
    await databases.drop(url)


async def _opened(databases: Databases, template: str) -> AsyncIterator[Database]:
    url = await databases.copy(template)
    database = await Database.open(url)
    yield database
    await settle()
    await database.close()
    await databases.drop(url)
