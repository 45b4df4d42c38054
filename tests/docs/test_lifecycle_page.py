"""The diagrams and tables of docs/lifecycle.md are those of the table of transitions."""

import subprocess
import sys

from tests.docs.conftest import TREE


def test_the_lifecycle_page_is_current() -> None:
    command = [sys.executable, "-P", "-m", "scripts.lifecycle_page", "--check"]
    done = subprocess.run(command, cwd=TREE, env={"PYTHONPATH": str(TREE)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
