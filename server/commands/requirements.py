"""Which requirement is named by which test, as pytest finds them."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from server.commands.console import Refused
from server.commands.place import TREE


def run() -> None:
    """Print the report that the tests' own plugin writes; refuse where it names a fault."""
    if importlib.util.find_spec("pytest") is None or not (TREE / "tests").is_dir():
        raise Refused("The tests, or pytest, are not here.", "In a clone of the tree, ./check --fast brings pytest.")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.md"
        command = [sys.executable, "-m", "pytest", "--requirements", str(file), "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)  # noqa: S603 - our own tests
        if not file.exists():
            typer.echo(done.stdout + done.stderr)
            raise Refused("The tests cannot be collected.", "What pytest says stands above.")
        report = file.read_text(encoding="utf-8").strip()
    typer.echo(report)
    if "\nFAULT: " in report:
        raise Refused("A requirement that is due has no test, or a test names none.", "Each fault stands at the end of the report.")
