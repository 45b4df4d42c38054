"""Clients that people use work against the gateway, each with what it is known for."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import HERE, Run, npm

TREE = HERE.parents[1]


@pytest.mark.parametrize("project", [HERE, TREE / "examples"], ids=["clients", "examples"])
def test_locks_name_no_registry(project: Path) -> None:
    packages = json.loads((project / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_what_codegen_and_the_relay_compiler_make_of_the_schema_passes_strict_types(bundles: Path) -> None:
    assert json.loads((HERE / "tsconfig.json").read_text())["compilerOptions"]["strict"] is True
    npm(HERE, "run", "--silent", "types")


async def test_urql_asks_by_get_caches_and_is_told_of_changes(run: Run) -> None:
    assert json.loads(await run("node", "urql.mjs")) == {
        "role": "OWNER",
        "count": 2,
        "cached": True,
        "notes": "by urql",
        "problems": ["CONFLICT"],
        "reread": "by urql",
        "refused": ["INVALID_PAGE"],
        "methods": ["GET", "GET", "POST", "POST", "GET", "GET"],
    }


async def test_apollo_client_merges_pages_and_a_mutation_changes_the_cached_client(run: Run) -> None:
    assert json.loads(await run("node", "apollo.mjs")) == {
        "pages": [2, 4, 4],
        "numbers": [1, 2, 16, 22],
        "normalised": True,
        "version": True,
        "refused": ["INVALID_PAGE"],
    }


async def test_relay_grows_a_connection_and_fetches_a_node_again(run: Run) -> None:
    found = json.loads(await run("node", "relay/run.mjs"))

    assert len(set(found.pop("numbers"))) == 4
    assert found == {"pages": [2, 4], "notes": "by Relay", "version": True, "refetched": "by Relay"}


async def test_the_python_client_of_the_pages_reads_every_client(run: Run) -> None:
    [program] = re.findall(r"^```python\n(.*?)^```", (TREE / "docs/api.md").read_text(), re.MULTILINE | re.DOTALL)

    lines = (await run(sys.executable, "-c", program)).splitlines()

    assert [line.split()[0] for line in lines[:4]] == ["1", "2", "3", "4"]
    assert len(lines) in {187, 188}  # of the 200, those whose contact is not deleted; the clock may have deleted one whose day has come
