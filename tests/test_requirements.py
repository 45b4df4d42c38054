"""Every requirement that is due has a test that names it, and no test names one that there is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.requirements import PAGE, Requirement, faults_of, report, requirements_of
from tests.server.command import portico

TABLE = """
| id | requirement | here |
|---|---|---|
| J1 | Shown. | yes |
| J-Q2 | Asked? | Ruled, `a \\| b`. | reads |
| C12a | Not yet. | - |
| 1 | no id | yes |
"""


def test_the_tables_are_read() -> None:
    assert requirements_of(TABLE) == {
        "J1": Requirement("J1", "Shown.", "yes"),
        "J-Q2": Requirement("J-Q2", "Asked? | Ruled, `a \\| b`.", "reads"),
        "C12a": Requirement("C12a", "Not yet.", "-"),
    }


@pytest.mark.parametrize(("line", "complaint"), [("| J9 | Soon. | soon |", "soon"), ("| J1 | Again. | - |", "two lines")])
def test_a_line_that_says_nothing_clear_is_refused(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        requirements_of(TABLE + line)


def test_what_is_due_needs_a_test_and_what_is_named_a_requirement() -> None:
    requirements = requirements_of(TABLE)
    assert faults_of(requirements, {"J1": ["a"], "C12a": ["b"]}) == []
    assert faults_of(requirements, {"J-Q2": ["a"], "J99": ["b", "c"]}) == [
        "J1 is due and no test names it: Shown.",
        "J99 is no requirement, and is named by b, c",
    ]
    assert report(requirements, {"J1": ["a", "b"], "C12a": ["b"]}).splitlines()[2:] == [
        "| J1 | yes | a<br>b |",
        "| J-Q2 | reads |  |",
        "| C12a | - | b |",
        "",
        "3 requirements, 2 named by tests; 1 due, 1 of them named by tests.",
    ]
    assert "| J1 | yes | MISSING |" in report(requirements, {})


def test_the_page_names_everything() -> None:
    counts: dict[str, int] = {}
    for name in requirements_of(PAGE.read_text(encoding="utf-8")):
        kind = name.rstrip("0123456789ab")
        counts[kind] = counts.get(kind, 0) + 1
    assert counts == {"J": 21, "J-Q": 16, "C": 21, "C-Q": 12, "T": 15, "T-Q": 14, "P": 14, "P-Q": 11, "X": 8, "I": 10, "A": 7}


def test_every_due_requirement_is_named_by_a_test_and_no_test_names_another() -> None:
    """The whole tree is collected, whatever part of it runs now."""
    done = portico("requirements")
    assert done.code == 0, done.out
    assert "FAULT" not in done.out
    assert "| J11 | yes | tests/access/" in done.out


def test_a_fault_is_an_exit_code(tmp_path: Path) -> None:
    """Given a test that names what there is not, then the report says so and fails."""
    (tmp_path / "test_wrong.py").write_text('import pytest\n\n@pytest.mark.req("J99")\ndef test_it() -> None:\n    pass\n')
    tree, file = PAGE.parent.parent, tmp_path / "report.md"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--requirements",
        str(file),
        "-c",
        str(tree / "pyproject.toml"),
        "--rootdir",
        str(tree),
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    said = file.read_text()
    assert "FAULT: J99 is no requirement, and is named by " in said
    assert "FAULT: J11 is due and no test names it" in said
