"""The tables of docs/access.md are those of the matrix."""

import subprocess
import sys

from tests.docs.conftest import TREE


def test_the_access_page_is_current() -> None:
    command = [sys.executable, "-P", "-m", "scripts.access_page", "--check"]
    done = subprocess.run(command, cwd=TREE, env={"PYTHONPATH": str(TREE)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
