"""The three examples: built as their pages say, on an origin of their own, and driven in a browser against the demo."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.staticfiles import StaticFiles

from server.app import create_app
from server.settings import load_settings
from storage.demo.people import PASSWORD
from tests.browser.conftest import chromium, chromium_path
from tests.clients.conftest import HERE, npm, once
from tests.databases import Databases
from tests.serving import serve

__all__ = ["chromium", "chromium_path"]

TREE = HERE.parents[1]
SCREENSHOTS = TREE / "var" / "screenshots"


@pytest.fixture(scope="session")
def pages(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, built in a copy with the packages of the tests, which are the same."""

    def build(folder: Path) -> None:
        shutil.copytree(TREE / "examples", folder / "examples", ignore=shutil.ignore_patterns("node_modules", "generated", "main.js"))
        (folder / "schema.graphql").symlink_to(TREE / "schema.graphql")
        (folder / "examples/node_modules").symlink_to(installed / "node_modules")
        npm(folder / "examples", "run", "--silent", "build")

    return once(tmp_path_factory, "pages", build) / "examples"


@pytest.fixture(scope="session")
async def site(pages: Path, databases: Databases) -> AsyncIterator[tuple[str, str]]:
    """Origin of the examples, and the gateway, which is of another and lets this one call."""
    url = await databases.copy("demo")
    async with AsyncExitStack() as stack:
        origin = await stack.enter_async_context(serve(StaticFiles(directory=pages, html=True)))
        gateway = create_app(load_settings(database_url=url, environment="demo", allowed_origins=[origin]))
        yield origin, await stack.enter_async_context(serve(gateway))
    await databases.drop(url)


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(viewport={"width": 900, "height": 700})
    page = await context.new_page()
    page.set_default_timeout(30_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    await context.close()
    assert broken == []


async def sign_in(page: Page, site: tuple[str, str], example: str, username: str) -> None:
    origin, gateway = site
    await page.goto(f"{origin}/{example}/?gateway={gateway}")
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


def test_the_packages_of_the_examples_are_those_of_the_tests() -> None:
    ours, theirs = (json.loads((folder / "package.json").read_text()) for folder in (HERE, TREE / "examples"))
    assert theirs["devDependencies"].items() <= (ours["dependencies"] | ours["devDependencies"]).items()


async def test_the_session_outlives_the_page_and_no_script_reads_it(page: Page, site: tuple[str, str]) -> None:
    """Given somebody who signed in, when the page is loaded anew they still are; the refresh token is in a cookie that no script sees."""
    await sign_in(page, site, "coach", "coach")
    await expect(page.locator("main > p")).to_have_text("19 active clients")
    [cookie] = await page.context.cookies(site[1])
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == ("__Host-portico-refresh", True, True, "Strict")
    assert await page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    for _ in range(2):  # each time the token is another
        await page.reload()
        await expect(page.locator("main > p")).to_have_text("19 active clients")
    assert (await page.context.cookies(site[1]))[0]["value"] != cookie["value"]
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Username")).to_be_visible()
    assert await page.context.cookies(site[1]) == []
    await page.reload()
    await expect(page.get_by_label("Username")).to_be_visible()


async def test_a_coach_looks_acts_and_takes_it_back(page: Page, site: tuple[str, str]) -> None:
    await sign_in(page, site, "coach", "coach")
    await expect(page.locator("main > p")).to_have_text("19 active clients")
    await page.get_by_role("button", name="More").click()
    await expect(page.locator("tr")).to_have_count(10)  # the other nine, and the head
    name = await page.locator("tr:nth-child(2) td:nth-child(2)").text_content()
    await page.screenshot(path=SCREENSHOTS / "coach.png")

    await page.get_by_role("button", name="Make inactive …").first.click()
    await expect(page.get_by_role("heading", level=2)).to_have_text(f"Make {name} inactive?")
    await page.get_by_role("button", name="Make inactive").click()
    await expect(page.get_by_role("status")).to_have_text(f"{name} is INACTIVE.")
    await page.get_by_role("button", name="Undo").click()

    await expect(page.locator("main > p")).to_have_text("19 active clients")
    await expect(page.get_by_role("alert")).to_have_text("")


async def test_a_client_whose_package_is_frozen_sees_when_it_stopped(page: Page, site: tuple[str, str]) -> None:
    await sign_in(page, site, "mobile", "frozen-client")

    await expect(page.locator(".card").nth(1)).to_contain_text("Paused: as it was on")
    await expect(page.locator(".card li").first).to_be_visible()


async def test_an_analyst_sees_hours_and_no_client(page: Page, site: tuple[str, str]) -> None:
    await sign_in(page, site, "analyst", "analyst")
    await page.get_by_role("button", name="Marcus Reyes").click()

    await expect(page.get_by_role("heading", level=2)).to_contain_text("hours with")
    await expect(page.locator(".bar").first).to_be_visible()


async def test_a_wrong_password_is_said(page: Page, site: tuple[str, str]) -> None:
    await sign_in(page, site, "coach", "nobody")

    await expect(page.get_by_role("alert")).to_have_text("Username and password do not belong together.")
