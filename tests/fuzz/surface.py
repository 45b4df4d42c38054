"""schemathesis against what surface.yaml says of HTTP; the exit status says whether anything was otherwise."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx2

from server.app import create_app
from server.settings import load_settings
from tests.fuzz.command import demo, options
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
    async with demo("surface", postgres=postgres) as url:
        code, said = await surface(url, examples, start)
    sys.stdout.write(said)
    return code


def main() -> int:
    examples, start, postgres = options("python -m tests.fuzz.surface", __doc__, "examples", 1000)
    return asyncio.run(run(examples, start, postgres=postgres))


if __name__ == "__main__":
    sys.exit(main())
