"""schemathesis against what surface.yaml says of HTTP; the exit status says whether anything was otherwise."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from random import SystemRandom
from typing import Final

import httpx2

from server.app import create_app
from server.settings import load_settings
from tests.databases import PostgresDatabases, SqliteDatabases
from tests.serving import serve

DESCRIPTION: Final = Path(__file__).with_name("surface.yaml")


async def surface(url: str, examples: int, start: int, description: Path = DESCRIPTION) -> tuple[int, str]:
    """Exit status and words of schemathesis, as the demo's owner, with so many requests of each kind at most."""
    settings = load_settings(database_url=url, environment="demo", clock=False, cost_per_minute=0, log_level="error")
    app = create_app(settings)
    async with app.router.lifespan_context(app), serve(app) as base:
        async with httpx2.AsyncClient(base_url=base) as http:
            token = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
        with tempfile.TemporaryDirectory() as folder:
            running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "schemathesis.cli", "run", str(description), "--url", base, "--no-color"),
                *("--max-examples", str(examples), "--seed", str(start), "--phases", "coverage,fuzzing", "--continue-on-failure"),
                *("--header", f"Authorization: Bearer {token}", "--header", "Accept: application/graphql-response+json"),
                cwd=folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await running.communicate()
    return running.returncode or 0, said.decode()


async def run(examples: int, start: int, *, postgres: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        databases = await PostgresDatabases("surface").start() if postgres else SqliteDatabases(Path(folder))
        code, said = await surface(await databases.copy("demo"), examples, start)
        await databases.close()
    sys.stdout.write(said)
    return code


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.fuzz.surface", description=__doc__)
    options.add_argument("--examples", type=int, default=1000)
    options.add_argument("--seed", type=int, default=None, help="where to start; another each time when left out")
    options.add_argument("--postgres", action="store_true", help="on the server of PORTICO_TEST_POSTGRES instead of SQLite")
    given = options.parse_args()
    start = SystemRandom().randrange(10**6) if given.seed is None else given.seed
    return asyncio.run(run(given.examples, start, postgres=given.postgres))


if __name__ == "__main__":
    sys.exit(main())
