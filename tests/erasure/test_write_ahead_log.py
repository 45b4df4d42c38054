"""Really gone from a whole PostgreSQL server, its write-ahead log included: a server of the test's own, which keeps no old log."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from storage.migrations import migrate
from tests.access.site import open_site
from tests.erasure.acts import delete, erasure, finish
from tests.erasure.person import full
from tests.lifecycle.stage import build
from tests.ports import free_port

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
OWNER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups") if os.getuid() == 0 else ()


@contextmanager
def server(home: Path) -> Iterator[str]:
    """PostgreSQL whose files lie in a folder; its address."""
    binaries, port, data = BINARIES[-1], free_port(), home / "data"
    initdb = [*OWNER, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, capture_output=True)
    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off -c wal_recycle=off"
    control = [*OWNER, str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-l", str(home / "log"), "-o", settings, "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)


def holding(folder: Path, canary: str) -> set[str]:
    """Files of a folder in which the canary is."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and canary.encode() in path.read_bytes()}


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not BINARIES:
        pytest.skip("PostgreSQL half: no server is installed (Debian: postgresql)")
    made = Path("/tmp") / f"portico-wal-{os.getpid()}"  # noqa: S108 - the owner of a server must reach its folder
    made.mkdir()
    if OWNER:
        shutil.chown(made, "postgres")
    yield made
    shutil.rmtree(made)


@pytest.mark.req("T1", "T11")
async def test_the_bytes_are_gone_from_the_whole_server(home: Path) -> None:
    with server(home) as url:
        await migrate(url)
        async with open_site(url) as site:
            stage = await build(site)
            person = await full(stage)
            before = holding(home / "data", person.canary)
            assert any(name.startswith("pg_wal/") for name in before), "the canary was never in the log: this test proves nothing"
            made = await delete(stage, "clientErase", person)
            await finish(stage)
            done = await erasure(stage, made["id"])
            assert done["state"] == "COMPLETED"
            assert orjson.loads(done["receipt"]["body"])["bytes"] == "VACUUM (FULL, ANALYZE), CHECKPOINT with wal_recycle = off"
            assert holding(home / "data", person.canary) == set()
