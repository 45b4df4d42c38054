"""Google Contacts CSV, under the header of before 2024 (`Given Name`, `Group Membership`) and the one since (`First Name`, `Labels`)."""

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from lifecycle.vocabulary import ContactKind
from server.imports.draft import Cell, Draft
from server.imports.table import Record
from storage.values import postal_address

_VALUE = re.compile(r"(E-mail|Phone) (\d{1,9}) - Value")
_ADDRESS = re.compile(r"Address \d+ - (?:Formatted|Street)")
_NAMES = (
    ("Name",),
    ("Name Prefix", "Given Name", "Additional Name", "Family Name", "Name Suffix"),
    ("Name Prefix", "First Name", "Middle Name", "Last Name", "Name Suffix"),
    ("File As",),
    ("Nickname",),
    ("Organization Name",),
    ("Organization 1 - Name",),
)
_GROUPS = ("Labels", "Group Membership")
_IDS = ("resourceName", "ContactID", "Id")
_KINDS = {"* friends": ContactKind.FRIEND, "* family": ContactKind.FAMILY}
_JOINER = ":::"
_RANK_LAST = re.compile("fax|pager", re.IGNORECASE)


def is_google(columns: Sequence[str]) -> bool:
    """Whether a header is one that Google Contacts writes."""
    known = set(columns)
    named = bool(known & {"Given Name", "First Name"})
    return named and (bool(known & set(_GROUPS)) or any(map(_VALUE.fullmatch, columns)))


class _Values(NamedTuple):
    """Column of addresses or numbers, and the column that labels them."""

    column: str
    place: int
    label: int | None


class GoogleColumns:
    """Where each value stands under one header; a header has dozens of columns, so they are looked up once and not per row."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._at = {column: index for index, column in reversed(list(enumerate(columns)))}
        self._emails = self._numbered("E-mail")
        self._phones = self._numbered("Phone")
        self._addresses = sorted({column.rpartition(" - ")[0] for column in self._at if _ADDRESS.fullmatch(column)})
        self._names = [(group, present) for group in _NAMES if (present := self._present(group))]
        self._ids = self._present(_IDS)
        self._groups = self._present(_GROUPS)

    def draft(self, record: Record) -> Draft:
        groups = [Cell(column, text) for column, index in self._groups for text in _texts(record.cells[index])]
        return Draft(
            line=record.line,
            name=self._name(record),
            emails=_ranked(record, self._emails),
            phones=_ranked(record, self._phones),
            address=self._address(record),
            notes=Cell("Notes", self._text(record, "Notes")),
            tags=[group for group in groups if not group.text.startswith("*")],
            kind=next((_KINDS[group.text.lower()] for group in groups if group.text.lower() in _KINDS), None),
            external_id=next((Cell(column, record.cells[index]) for column, index in self._ids if record.cells[index].strip()), None),
        )

    def _present(self, columns: Sequence[str]) -> list[tuple[str, int]]:
        return [(column, self._at[column]) for column in columns if column in self._at]

    def _numbered(self, kind: str) -> list[_Values]:
        found: list[tuple[int, _Values]] = []
        for column, index in self._at.items():
            if (match := _VALUE.fullmatch(column)) and match[1] == kind:
                title = column.removesuffix("Value")
                found.append((int(match[2]), _Values(column, index, self._at.get(f"{title}Label", self._at.get(f"{title}Type")))))
        return [values for _, values in sorted(found)]

    def _text(self, record: Record, column: str) -> str:
        index = self._at.get(column)
        return "" if index is None else record.cells[index]

    def _name(self, record: Record) -> Cell:
        for group, present in self._names:
            parts = [part for _, index in present if (part := record.cells[index].strip())]
            if parts:
                return Cell(group[0] if len(group) == 1 else group[1], " ".join(parts))
        return Cell("Name" if "Name" in self._at else "First Name", "")

    def _address(self, record: Record) -> Cell | None:
        for address in self._addresses:
            formatted = _texts(self._text(record, f"{address} - Formatted"))
            if text := formatted[0] if formatted else self._address_in_parts(record, address):
                return Cell(f"{address} - Formatted", text)
        return None

    def _address_in_parts(self, record: Record, address: str) -> str:
        def part(title: str) -> str:
            return self._text(record, f"{address} - {title}")

        return postal_address(
            po_box=part("PO Box"),
            extended=part("Extended Address"),
            street=part("Street"),
            city=part("City"),
            region=part("Region"),
            code=part("Postal Code"),
            country=part("Country"),
        )


def _texts(cell: str) -> list[str]:
    return [text.strip() for text in cell.split(_JOINER) if text.strip()] if cell else []


def _ranked(record: Record, columns: Sequence[_Values]) -> list[Cell]:
    """Google stars the label of the value it shows first; faxes come last."""
    ranked: list[tuple[int, Cell]] = []
    for column, index, label_index in columns:
        texts = _texts(record.cells[index])
        label = record.cells[label_index] if texts and label_index is not None else ""
        rank = 2 if _RANK_LAST.search(label) else 0 if label.startswith("*") else 1
        ranked.extend((rank, Cell(column, text)) for text in texts)
    return [cell for _, cell in sorted(ranked, key=itemgetter(0))]
