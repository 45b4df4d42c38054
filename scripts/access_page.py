"""Writes the tables of docs/access.md from lifecycle/access.py: python -m scripts.access_page [--check]"""

import sys
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from lifecycle.access import LEFT, PORTAL, STAFF, Cell, Resource, Standing
from lifecycle.fields import FIELDS, ROWS
from lifecycle.transition import Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import DataState, Role

PAGE: Final = Path(__file__).parent.parent / "docs" / "access.md"
BEGIN: Final = "<!-- access:begin -->"
END: Final = "<!-- access:end -->"

SIGNS: Final = {
    Cell.NO: ("-", "Nothing: the field is null with a reason, the row is not there."),
    Cell.READ: ("R", "Reads it."),
    Cell.WRITE: ("RW", "Reads it, and takes the steps that write it."),
    Cell.OWN: ("O", "Reads what is theirs."),
    Cell.AUDIENCE: ("A", "Reads what the audience of the page, form or document admits."),
    Cell.AS_OF: ("t0", "Reads what was theirs on the day they became inactive."),
    Cell.LINK: ("link", "Not by signing in; only through a signed link made for one purpose."),
    Cell.REASON: (
        "R!",
        "Reads what is their own clients'; others', and sealed records, with the header `Portico-Reason`, which is audited.",
    ),
    Cell.NUMBERS: (
        "n",
        "Counts and sums, never rows: in `statistics` and, for the hours of a coach, `certificationReport`. No field reads it.",
    ),
}


def tables() -> str:
    """Everything between the two marks."""
    signs = _table(("cell", "what it allows"), ((f"`{sign}`", words) for sign, words in (SIGNS[cell] for cell in Cell)))
    portal = _table(("resource", *_heads(Standing)), ((str(r), *_cells(cells)) for r, cells in PORTAL.items()))
    staff = _table(("resource", *_heads(Role)), ((str(r), *_cells(cells)) for r, cells in STAFF.items()))
    left = _table(("data state", *_heads(Role)), ((f"`{state}`", *(_left(LEFT[state][role]) for role in Role)) for state in DataState))
    steps = _table(("step", *_heads(Standing)), map(_step, (transition for transition in TRANSITIONS if transition.permit.clients)))
    fields = _table(("type", "rows are seen by readers of", "fields beyond `open`, by resource"), map(_type, FIELDS))
    return "\n\n".join(
        [
            "## What the cells mean",
            signs,
            "## Clients, in the portal, by standing",
            portal,
            "## What clients do, by standing",
            "Steps that clients take with what is theirs. What may be booked is a rule of its own: see [the portal](api.md#the-portal).",
            steps,
            "## Staff, by role",
            staff,
            "## Staff, once data was deleted",
            "What a member may still read of a client's own row. `row hidden` means that the client is not found at all.",
            left,
            "## Which field belongs to which resource",
            "Fields not listed are `open`: whoever sees the row reads them. A dash for the rows: a rule of its own, see [Rows](#rows).",
            fields,
        ]
    )


def _heads(words: type[Enum]) -> list[str]:
    return [str(word.value).replace(" with ", "<br>") for word in words]


def _cells(cells: Sequence[Cell]) -> list[str]:
    return [SIGNS[cell][0] for cell in cells]


def _step(transition: Transition) -> list[str]:
    return [f"`{transition.name}`", *("x" if standing in transition.permit.clients else "-" for standing in Standing)]


def _left(left: frozenset[Resource] | None) -> str:
    if left is None:
        return "row hidden"
    if left == frozenset(Resource):
        return "as above"
    gone = [resource for resource in Resource if resource not in left]
    kept = [resource for resource in Resource if resource in left]
    return f"all but {', '.join(gone)}" if len(gone) < len(kept) else f"only {', '.join(kept)}"


def _type(name: str) -> tuple[str, str, str]:
    grouped: dict[Resource, list[str]] = {}
    for field, resource in FIELDS[name].items():
        if resource is not Resource.OPEN:
            grouped.setdefault(resource, []).append(f"`{field}`")
    listed = "; ".join(f"**{resource}**: {', '.join(fields)}" for resource, fields in grouped.items())
    return f"`{name}`", str(ROWS.get(name, "-")), listed or "-"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rewritten(page: str) -> str:
    """The page with its tables as the matrix has them now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or not after:
        raise SystemExit(f"{PAGE} needs the marks {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    current = rewritten(page)
    if list(arguments) == ["--check"]:
        if page != current:
            raise SystemExit("docs/access.md is not what lifecycle/access.py says: run python -m scripts.access_page")
    elif arguments:
        raise SystemExit(__doc__)
    else:
        PAGE.write_text(current, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
