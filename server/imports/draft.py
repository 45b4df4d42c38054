"""A row as the file has it, before any value is judged: what the three formats have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lifecycle.vocabulary import ContactKind


class Cell(NamedTuple):
    """Text of the file and the column (or vCard property) it stands in."""

    column: str
    text: str


@dataclass(slots=True)
class Draft:
    """Candidates for each field of a contact, best first."""

    line: int
    name: Cell
    emails: Iterable[Cell] = ()
    phones: Iterable[Cell] = ()
    address: Cell | None = None
    notes: Cell | None = None
    tags: Iterable[Cell] = ()
    kind: Cell | ContactKind | None = None
    external_id: Cell | None = None
