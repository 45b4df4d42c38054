"""`portico workspace`: the first workspace and its owner."""

from pathlib import Path

import pytest
from sqlmodel import select

from resolvers.sessions import sign_in
from server.settings import load_settings
from storage.database import Database
from storage.migrations import migrate
from storage.tables.workspace import Account, Workspace
from tests.server.command import Done, portico_async, words

MAKE = ("workspace", "hart", "--name", "Hart Coaching", "--owner", "Olivia")
PASSWORD = "a long password"


async def made(url: str, *args: str, password: str = PASSWORD) -> Done:
    return await portico_async(*args, "--database", url, typed=password + "\n")


async def counts(url: str) -> tuple[int, int]:
    async with await Database.open(url) as database, database.write() as session:
        return len((await session.exec(select(Workspace))).all()), len((await session.exec(select(Account))).all())


async def test_the_owner_of_a_new_workspace_signs_in(blank_url: str) -> None:
    # given a migrated database without a workspace
    await migrate(blank_url)
    # when one is made
    done = await made(blank_url, *MAKE)
    assert (done.code, done.out.strip()) == (0, "Made the workspace hart. Its owner signs in as olivia.")
    # then its owner signs in
    async with await Database.open(blank_url) as database:
        result = await sign_in(database, load_settings().token_codec(), "olivia", PASSWORD, "hart")
    assert result.problems == ()
    assert result.tokens is not None


@pytest.mark.req("T-Q13")
async def test_two_members_for_a_deletion_where_that_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/portico.sqlite3"
    await migrate(url)
    await made(url, *MAKE)
    await made(url, "workspace", "care", "--name", "Care", "--owner", "Cleo", "--erasure-by-two")
    async with await Database.open(url) as database, database.write() as session:
        found = {one.slug: one.erasure_by_two for one in (await session.exec(select(Workspace))).all()}
    assert found == {"hart": False, "care": True}


@pytest.mark.parametrize(
    ("args", "password", "message"),
    [
        (("workspace", "Hart!", "--name", "x", "--owner", "eva"), PASSWORD, "Error: 'Hart!' is no slug."),
        (("workspace", "other", "--name", "x", "--owner", " "), PASSWORD, "Error: The owner needs a username."),
        (("workspace", "other", "--name", "x", "--owner", "eva"), "short", "Error: The password has fewer than 12 characters."),
        (("workspace", "hart", "--name", "x", "--owner", "eva"), PASSWORD, "Error: There is a workspace hart already."),
        (("workspace", "other", "--name", "x", "--owner", "OLIVIA"), PASSWORD, "Error: The username olivia is taken."),
    ],
)
async def test_a_refused_workspace_changes_nothing(tmp_path: Path, args: tuple[str, ...], password: str, message: str) -> None:
    url = f"sqlite:///{tmp_path}/portico.sqlite3"
    await migrate(url)
    await made(url, *MAKE)
    before = await counts(url)

    done = await made(url, *args, password=password)

    assert done.code == 1
    assert message in words(done.err)
    assert await counts(url) == before == (1, 1)
