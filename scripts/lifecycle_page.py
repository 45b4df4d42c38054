"""Writes the diagrams and tables of docs/lifecycle.md from the table of transitions: python -m scripts.lifecycle_page [--check]"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lifecycle.transition import STATES, TERMINAL, Axis, Target, Transition
from lifecycle.transitions import TRANSITIONS

PAGE: Final = Path(__file__).parent.parent / "docs" / "lifecycle.md"
BEGIN: Final = "<!-- lifecycle:begin -->"
END: Final = "<!-- lifecycle:end -->"
_WORDS: Final = {
    Target.SAME: "the same",
    Target.EARLIER: "the one before",
    Target.CHOSEN: "the one chosen",
    Target.LEFT: "what is left",
}


def pages() -> str:
    """Everything between the two marks."""
    steps = {axis: [transition for transition in TRANSITIONS if transition.axis is axis] for axis in Axis}
    return "\n\n".join(_axis(axis, found) for axis, found in steps.items() if found)


def _axis(axis: Axis, steps: list[Transition]) -> str:
    rows = "\n".join(_row(step) for step in steps)
    head = "| mutation | from | to | by | |\n|---|---|---|---|---|"
    return f"### {axis}\n\n```mermaid\n{_diagram(axis, steps)}\n```\n\n{head}\n{rows}"


def _diagram(axis: Axis, steps: Iterable[Transition]) -> str:
    """State diagram; steps that leave the state as it is, or may lead anywhere, stand in the table only."""
    lines = ["stateDiagram-v2"]
    for step in steps:
        if isinstance(step.after, Target) and step.after is not Target.EARLIER:
            continue
        after = "ACTIVE" if isinstance(step.after, Target) else step.after.value
        lines += [f"    {before} --> {after}: {step.name}" for before in ([word.value for word in step.before] or ["[*]"])]
    ends = [word.value for word in STATES[axis] if word in TERMINAL]
    return "\n".join([*lines, *(f"    {word} --> [*]" for word in ends)])


def _row(step: Transition) -> str:
    before = ", ".join(step.before) or "-"
    after = _WORDS[step.after] if isinstance(step.after, Target) else step.after.value
    notes = ["**nobody can undo it**"] if step.permanent else ["undoable"] if step.undoable else []
    notes += ["in bulk"] if step.bulk else []
    return f"| `{step.name}` | {before} | {after} | {step.permit.sentence()} | {', '.join(notes)} |"


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    written = f"{head}{BEGIN}\n\n{pages()}\n\n{END}{rest.partition(END)[2]}"
    if "--check" not in sys.argv:
        PAGE.write_text(written, encoding="utf-8")
    elif text != written:
        sys.exit("docs/lifecycle.md is not current: run python -m scripts.lifecycle_page")


if __name__ == "__main__":
    main()
