"""The requirements of docs/requirements.md, and the tests that name them: `@pytest.mark.req("J11")`.

As a plugin of pytest it answers `--requirements FILE`: the report is written there, and no test runs.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

PAGE: Final = Path(__file__).parent.parent / "docs" / "requirements.md"
_ROW: Final = re.compile(r"\| ([A-Z](?:-Q)?\d+[a-z]?) \| (.+) \| ([^|]*) \|")
_HERE: Final = ("yes", "reads", "-")


class Requirement(NamedTuple):
    """One line of the tables. It is due where the column `here` says yes: then a test must name it."""

    id: str
    words: str
    here: str

    @property
    def due(self) -> bool:
        return self.here == "yes"


def requirements_of(page: str) -> dict[str, Requirement]:
    """Requirements of the tables by id."""
    found: dict[str, Requirement] = {}
    for line in page.splitlines():
        match = _ROW.fullmatch(line.strip())
        if match is None:
            continue
        requirement = Requirement(match[1], match[2], match[3])
        if requirement.here not in _HERE:
            raise ValueError(f"{requirement.id}: the last column says {requirement.here!r}, not one of {', '.join(_HERE)}.")
        if requirement.id in found:
            raise ValueError(f"{requirement.id} stands in two lines.")
        found[requirement.id] = requirement
    return found


def tests_of(items: Iterable[pytest.Item]) -> dict[str, list[str]]:
    """Tests by the id they name, each once, whatever its parameters."""
    found: dict[str, dict[str, None]] = {}
    for item in items:
        for mark in item.iter_markers("req"):
            for requirement in mark.args:
                found.setdefault(str(requirement), {})[item.nodeid.partition("[")[0]] = None
    return {requirement: list(tests) for requirement, tests in found.items()}


def faults_of(requirements: Mapping[str, Requirement], tests: Mapping[str, list[str]]) -> list[str]:
    """What is due and has no test, and what tests name that is no requirement."""
    missing = [f"{one.id} is due and no test names it: {one.words}" for one in requirements.values() if one.due and one.id not in tests]
    unknown = [f"{name} is no requirement, and is named by {', '.join(tests[name])}" for name in tests if name not in requirements]
    return missing + unknown


def report(requirements: Mapping[str, Requirement], tests: Mapping[str, list[str]]) -> str:
    """Every requirement, whether it is due, and the tests that name it; then the sums."""
    lines = ["| id | here | tests |", "|---|---|---|"]
    for one in requirements.values():
        lines.append(f"| {one.id} | {one.here} | {'<br>'.join(tests.get(one.id, ())) or ('MISSING' if one.due else '')} |")
    due = [one for one in requirements.values() if one.due]
    named = sum(one.id in tests for one in requirements.values())
    proved = sum(one.id in tests for one in due)
    lines += ["", f"{len(requirements)} requirements, {named} named by tests; {len(due)} due, {proved} of them named by tests."]
    return "\n".join([*lines, *(f"FAULT: {fault}" for fault in faults_of(requirements, tests))])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requirements", metavar="FILE", help="write requirement id -> tests to the file, and run no test")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """The report instead of the run; a fault counts as a failed test."""
    file = session.config.getoption("--requirements")
    if file is None or session.testsfailed:  # what could not be collected is told as always
        return None
    requirements, tests = requirements_of(PAGE.read_text(encoding="utf-8")), tests_of(session.items)
    Path(file).write_text(report(requirements, tests) + "\n", encoding="utf-8")
    session.testsfailed = len(faults_of(requirements, tests))
    return True
