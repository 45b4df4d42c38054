"""A gateway to drive and a browser to drive it with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from server.app import create_app
from server.settings import load_settings
from tests.browser.ide import Ide
from tests.browser.stub import stub_app
from tests.databases import Databases
from tests.serving import serve

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def base_url(databases: Databases) -> AsyncIterator[str]:
    """Base URL of the gateway that the journey is made on: the real one, with demo data."""
    database_url = await databases.copy("demo")
    app = create_app(load_settings(database_url=database_url, environment="demo"))
    async with serve(app) as url:
        yield url
    await databases.drop(database_url)


@pytest.fixture
async def stub_url() -> AsyncIterator[str]:
    """Base URL of a gateway whose tokens the test knows, outside demo mode."""
    async with serve(stub_app(demo=False)) as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: apt-get install chromium")  # CI makes a skip a failure
    return CHROMIUM


@pytest.fixture(scope="session")
async def chromium(chromium_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def ide(chromium: Browser) -> AsyncIterator[Ide]:
    context = await chromium.new_context(viewport={"width": 1440, "height": 860})
    yield Ide(await context.new_page())
    await context.close()
