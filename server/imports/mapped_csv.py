"""Any CSV whose columns the caller names: `name="First+Last"`, `email=Mail`, `tags=Segment`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from server.imports.contact import ImportFileError
from server.imports.draft import Cell, Draft
from server.imports.table import Record
from storage.values import shown

FIELDS = ("name", "email", "phone", "address", "notes", "tags", "kind", "id")
_EXAMPLE = 'Write --map field=Column, for example --map name="First+Last" --map email=Mail.'
_MANY_EMAILS = re.compile(r":::|[;,\n]")
_MANY_PHONES = re.compile(r":::|\n|;(?!\s*ext=)")
_MANY_TAGS = re.compile(r":::|[;,|\n]")
_HEADINGS = {
    "name": ("name", "full name", "display name", "client", "client name", "contact", "contact name"),
    "first": ("first name", "first", "given name", "firstname", "vorname"),
    "last": ("last name", "last", "family name", "surname", "lastname", "nachname"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "primary email"),
    "phone": ("phone", "mobile", "mobile phone", "phone number", "tel", "telephone", "cell", "telefon"),
    "address": ("address", "postal address", "home address", "mailing address", "adresse"),
    "notes": ("notes", "note", "comments", "comment", "notizen"),
    "tags": ("tags", "tag", "labels", "segment", "groups", "categories", "category"),
}


def read_mapping(items: Iterable[str]) -> dict[str, str]:
    """`field=Column` as typed on a command line."""
    mapping: dict[str, str] = {}
    for item in items:
        field, equals, column = (part.strip() for part in item.partition("="))
        if not (field and equals and column):
            raise ImportFileError(f"{shown(item)} is not a mapping.", _EXAMPLE)
        if field in mapping:
            raise ImportFileError(f"{field} is mapped twice.", f'Join columns with a plus: --map {field}="{mapping[field]}+{column}".')
        mapping[field] = column
    return mapping


def suggest(columns: Sequence[str]) -> str:
    """A mapping that the header's own words make likely, ready to be typed."""
    found: dict[str, str] = {}
    for field, headings in _HEADINGS.items():
        column = next((column for heading in headings for column in columns if column.casefold() == heading), None)
        if column:
            found[field] = column
    parts = [found.pop(part) for part in ("first", "last") if part in found]
    if "name" not in found and parts:
        found = {"name": "+".join(parts), **found}
    return " ".join(f'--map {field}="{column}"' for field, column in found.items())


def listed(columns: Sequence[str]) -> str:
    named = [shown(column, 40) for column in columns if column]
    more = f" and {len(named) - 30} more" if len(named) > 30 else ""
    return ", ".join(named[:30]) + more


class MappedColumns:
    """Where each mapped field stands under one header."""

    def __init__(self, columns: Sequence[str], mapping: Mapping[str, str], name: str) -> None:
        self._columns = columns
        self._file = name
        for field in mapping:
            if field not in FIELDS:
                raise ImportFileError(f"{shown(field)} is not a field of a contact.", f"The fields are {', '.join(FIELDS)}.")
        if "name" not in mapping:
            raise ImportFileError("The mapping names no column for the name.", suggest(columns) or _EXAMPLE)
        self._at = {field: self._places(field, wanted) for field, wanted in mapping.items()}

    def draft(self, record: Record) -> Draft:
        return Draft(
            line=record.line,
            name=self._joined(record, "name", " ") or Cell(self._columns[self._at["name"][0]], ""),
            emails=self._split(record, "email", _MANY_EMAILS),
            phones=self._split(record, "phone", _MANY_PHONES),
            address=self._joined(record, "address", "\n"),
            notes=self._joined(record, "notes", "\n"),
            tags=self._split(record, "tags", _MANY_TAGS),
            kind=self._joined(record, "kind", " "),
            external_id=self._joined(record, "id", " "),
        )

    def _places(self, field: str, wanted: str) -> tuple[int, ...]:
        names = [wanted] if self._matches(wanted) else [part.strip() for part in wanted.split("+")]
        return tuple(self._place(field, name) for name in names)

    def _place(self, field: str, name: str) -> int:
        matches = self._matches(name)
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise ImportFileError(f"{self._file} has {len(matches)} columns named {shown(name)}.", "Rename all but one in the file.")
        raise ImportFileError(f"{self._file} has no column {shown(name)} for {field}.", f"Its columns are {listed(self._columns)}.")

    def _matches(self, name: str) -> list[int]:
        exact = [index for index, column in enumerate(self._columns) if name and column == name]
        return exact or [index for index, column in enumerate(self._columns) if name and column.casefold() == name.casefold()]

    def _cells(self, record: Record, field: str) -> Iterator[Cell]:
        for index in self._at.get(field, ()):
            if text := record.cells[index].strip():
                yield Cell(self._columns[index], text)

    def _joined(self, record: Record, field: str, joiner: str) -> Cell | None:
        cells = list(self._cells(record, field))
        return Cell(cells[0].column, joiner.join(cell.text for cell in cells)) if cells else None

    def _split(self, record: Record, field: str, many: re.Pattern[str]) -> list[Cell]:
        return [Cell(cell.column, part.strip()) for cell in self._cells(record, field) for part in many.split(cell.text) if part.strip()]
