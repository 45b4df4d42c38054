"""What the measurements show, as Markdown."""

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """Date and machine in one line."""
    model = next((line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{datetime.now(UTC):%Y-%m-%d}, {model}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


def python_versions(*packages: str) -> str:
    return ", ".join([f"Python {platform.python_version()}", *(f"{package} {version(package)}" for package in packages)])


def program_version(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown table whose first column is text and whose others are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
