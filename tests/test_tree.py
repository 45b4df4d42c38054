"""The tree itself: an application run from its folder, installed from its locks, naming nothing that a reader does not have."""

import importlib.metadata
import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import gql

TREE = Path(__file__).parent.parent
PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["importlinter"]["root_packages"]
LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-dev.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
    "requirements-uv.lock": PROJECT["dependency-groups"]["uv"],
}


@cache
def files() -> list[Path]:
    """Every file that is committed, or would be by `git add --all`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=True).stdout.split("\0")
    return [TREE / name for name in sorted(set(names)) if name and (TREE / name).is_file()]


def locked(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)(?:\[[^]]*\])?==([^ ;]+)", (TREE / lock).read_text(), re.MULTILINE))


def test_gql_is_ours() -> None:
    """A client library of the same name exists; installed beside ours, the two folders merge silently."""
    assert importlib.metadata.packages_distributions().get("gql", []) == []
    assert Path(gql.__file__ or "") == TREE / "gql/__init__.py"


def test_no_package_takes_the_name_of_another() -> None:
    taken = {"graphql", "http", "types", "queue"}
    folders = {path.relative_to(TREE).parts[0] for path in files() if path.suffix == ".py"}
    assert folders & taken == set()


def test_no_folder_is_a_drawer() -> None:
    drawers = {"utils", "core", "services", "repositories", "models", "http"}
    parts = {(package, part) for package in PACKAGES for path in (TREE / package).rglob("*.py") for part in path.relative_to(TREE).parts}
    assert [(package, part) for package, part in sorted(parts) if part in drawers and "node_modules" not in part] == []


@pytest.mark.parametrize("decision", sorted((TREE / "docs/decisions").glob("*.md")), ids=lambda path: path.name)
def test_a_decision_fits_twenty_lines(decision: Path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", decision.name)
    assert len(decision.read_text().splitlines()) <= 20


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in (TREE / "docs/decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))


def test_a_file_is_a_noun_and_stays_short() -> None:
    source = [path for path in files() if path.suffix == ".py" and path.relative_to(TREE).parts[0] in PACKAGES]
    lengths = {str(path.relative_to(TREE)): len(path.read_text().splitlines()) for path in source if path.parent.name != "versions"}
    tables = {"lifecycle/fields.py", "lifecycle/vocabulary.py", "server/settings.py"}  # a line for each field, word and setting
    assert {name: length for name, length in lengths.items() if length > 300 and name not in tables} == {}


def test_no_file_names_a_registry_or_a_folder_outside_the_tree() -> None:
    """Where packages come from is the reader's setting, and nobody who clones the tree has what lies beside it."""
    registries = ["pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "registry.yarn" + "pkg", "deb.debian" + ".org"]
    outside = [".." + "/shared", "/work" + "/"]
    named = re.compile("|".join(re.escape(name) for name in registries + outside).encode())
    assert [str(path.relative_to(TREE)) for path in files() if named.search(path.read_bytes())] == []


@pytest.mark.parametrize("script", ["portico", "check", "scripts/lock", ".ci/run", "docker/new-secrets"])
def test_a_command_can_be_run(script: str) -> None:
    assert os.access(TREE / script, os.X_OK)
    shell = "bash" if script == ".ci/run" else "sh"
    subprocess.run([f"/bin/{shell}", "-n", TREE / script], check=True)


def test_a_command_says_what_it_does_not_know() -> None:
    done = subprocess.run([TREE / "check", "--slow"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "portico: check knows --fast and -- (then pytest's arguments), not --slow\n"


def test_portico_says_which_python_it_needs(tmp_path: Path) -> None:
    # given a fresh tree, and a machine whose Python is too old
    for name in ("portico", "scripts/setup.sh", "requirements.lock", "requirements-uv.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((TREE / name).read_bytes())
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin/python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for tool in ("dirname", "readlink", "cmp", "mkdir", "ln", "rm"):
        (tmp_path / "bin" / tool).symlink_to(f"/usr/bin/{tool}")
    # when portico starts there
    done = subprocess.run(["/bin/sh", tmp_path / "portico"], env={"PATH": f"{tmp_path}/bin"}, capture_output=True, text=True, check=False)
    # then it says what to do, and leaves no lock behind
    assert done.returncode == 1
    assert "portico: needs Python 3.11 or newer with its venv module on the PATH" in done.stderr
    assert not (tmp_path / ".tools/turn").is_symlink()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_satisfies_the_project(lock: str) -> None:
    versions = locked(lock)
    for requirement in map(Requirement, LOCKS[lock]):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in {lock}: run scripts/lock"
        assert requirement.specifier.contains(versions[name], prereleases=True), f"{lock} has {name} {versions[name]}: run scripts/lock"


def test_the_development_lock_contains_the_runtime_lock() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (TREE / lock).read_text())[1:]
    assert len(entries) == len(locked(lock))
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "gql" not in locked(lock)
