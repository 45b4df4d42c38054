"""The Node project beside this file, built once; a gateway with demo data; and clients that run against it."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import subprocess
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest

from resolvers.demo import sign_in_as
from server.app import create_app
from server.settings import load_settings
from storage.database import Database
from tests.databases import Databases
from tests.serving import serve

HERE: Final = Path(__file__).parent
Run = Callable[..., Awaitable[str]]


def install(folder: Path) -> None:
    """`npm ci`, unless that has been done for this very lock; one at a time."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing: apt-get install nodejs npm")  # CI makes a skip a failure
    modules, wanted = folder / "node_modules", hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    with (folder / ".npmrc").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        stamp = modules / ".lock-sha256"
        if not stamp.exists() or stamp.read_text() != wanted:
            npm(folder, "ci", "--prefer-offline", "--loglevel=error")
            stamp.write_text(wanted)


def npm(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["npm", *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S607 - whichever npm there is
    assert done.returncode == 0, f"npm {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="session")
def installed() -> Path:
    install(HERE)
    return HERE


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Folder of this run that the first worker who wants it makes, for all of them."""
    base = factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / name
    with (HERE / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            make(folder)
    return folder


@pytest.fixture(scope="session")
def bundles(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clients typed by codegen and by the Relay compiler, and ready to run."""

    def build(folder: Path) -> None:
        npm(installed, "run", "--silent", "generate")
        npm(installed, "run", "--silent", "bundle", "--", f"--outdir={folder}")

    return once(tmp_path_factory, "clients", build)


@pytest.fixture(scope="session")
async def run(bundles: Path, databases: Databases) -> AsyncIterator[Run]:
    """Runs a client, as the owner of the demo data, and gives what it says."""
    url = await databases.copy("demo")
    settings = load_settings(database_url=url, environment="demo")
    database = await Database.open(url, readers=1)
    async with serve(create_app(settings)) as base:

        async def client(*command: str) -> str:
            token = (await sign_in_as(database, settings.token_codec(), "owner")).access_token
            variables = {"GATEWAY": base, "TOKEN": token, "PATH": os.environ["PATH"]}
            made = await asyncio.create_subprocess_exec(*command, cwd=bundles, env=variables, stdout=PIPE, stderr=PIPE)
            out, complaints = await made.communicate()
            assert (made.returncode, complaints.decode()) == (0, ""), out.decode()
            return out.decode()

        yield client
    await database.close()
    await databases.drop(url)
