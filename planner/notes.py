"""What was withheld from an answer, told by its place there."""

from collections.abc import Mapping
from typing import Any


def withheld(data: Any, notes: Mapping[int, Any]) -> list[dict[str, Any]]:
    """Path and reason of everything withheld, in the order of the answer."""
    found: list[dict[str, Any]] = []

    def walk(value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, denial in notes.get(id(value), ()):
                found.append({"path": [*path, key], "code": denial.code, "because": denial.because})
            for key, item in value.items():
                if isinstance(item, dict | list):
                    walk(item, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, dict | list):
                    walk(item, (*path, i))

    walk(data, ())
    return found
