"""vCard 2.1, 3.0 and 4.0 (RFC 6350, 6868), card by card as a stream.

vobject was tried: it ends the file at the first bad line, leaves `^n` of RFC 6868 and `TYPE="a,b"` undone, and takes 0.6 ms a card.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from server.imports.contact import MAX_CELL, MAX_RECORD, ProblemCode, RowProblem
from server.imports.content_line import Line, Property, decoded, logical_lines, parse_property, plain, split
from server.imports.draft import Cell, Draft
from storage.values import postal_address, shown

_WANTED = {"FN", "N", "NICKNAME", "ORG", "EMAIL", "TEL", "ADR", "LABEL", "NOTE", "CATEGORIES", "UID", "KIND", "VERSION"}
_WANTED.add("X-ADDRESSBOOKSERVER-KIND")
_VERSIONS = {"2.1", "3.0", "4.0"}


@dataclass(slots=True)
class _Card:
    start: int
    properties: list[Property] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    size: int = 0
    base64: bool = False

    def refuse(self, column: str | None, code: ProblemCode, message: str) -> None:
        """One problem of a kind is enough: a card may be a gigabyte of nonsense."""
        if not any(problem.column == column and problem.code == code for problem in self.problems):
            self.problems.append(RowProblem(self.start, column, code, message))


def read_cards(stream: TextIO, encoding: str) -> Iterator[Draft | RowProblem]:
    """A draft for each card; a broken card costs itself, not the file."""
    card: _Card | None = None
    outside = False
    for line in logical_lines(stream):
        word = line.text.strip().upper()
        if word == "BEGIN:VCARD":
            if card:
                yield RowProblem(card.start, None, ProblemCode.MALFORMED, "The card has no END:VCARD.")
            card, outside = _Card(line.number), False
        elif card is None:
            if word and not outside:
                yield RowProblem(line.number, None, ProblemCode.MALFORMED, f"{shown(line.text)} stands outside of any card.")
                outside = True
        elif word == "END:VCARD":
            yield from _finish(card)
            card = None
        else:
            _add(card, line, encoding)
    if card:
        yield RowProblem(card.start, None, ProblemCode.MALFORMED, "The card has no END:VCARD.")


def _add(card: _Card, line: Line, encoding: str) -> None:
    prop = parse_property(line.text)
    if prop is None:
        if line.text.strip() and not card.base64:
            card.refuse(None, ProblemCode.MALFORMED, f"Line {line.number}, {shown(line.text)}, is not a vCard property.")
        return
    card.base64 = prop.base64
    if prop.name not in _WANTED:
        return
    card.size += len(line.text)
    if card.size > MAX_RECORD:
        card.refuse(None, ProblemCode.TOO_LONG, f"The card is longer than {MAX_RECORD:,} characters.")
    elif line.cut:
        card.refuse(prop.name, ProblemCode.TOO_LONG, f"The value is longer than {MAX_CELL:,} characters.")
    elif (value := decoded(prop, encoding)) is None:
        card.refuse(prop.name, ProblemCode.ENCODING, f"The character set {shown(prop.params['CHARSET'][0])} is not known.")
    else:
        card.properties.append(prop._replace(value=value))


def _finish(card: _Card) -> Iterator[Draft | RowProblem]:
    version = next((prop.value.strip() for prop in card.properties if prop.name == "VERSION"), "3.0")
    if version not in _VERSIONS:
        card.refuse("VERSION", ProblemCode.MALFORMED, f"vCard version {shown(version)} is not known; export as 4.0 or 3.0.")
    if card.problems:
        yield from card.problems
    elif not any(prop.name.endswith("KIND") and prop.value.strip().lower() == "group" for prop in card.properties):
        yield _draft(card)  # a group is a list of other cards, not a person


def _draft(card: _Card) -> Draft:
    named: dict[str, list[Property]] = {}
    for prop in sorted(card.properties, key=lambda prop: prop.rank):
        named.setdefault(prop.name, []).append(prop)
    notes = "\n".join(plain(prop.value) for prop in named.get("NOTE", ()))
    return Draft(
        line=card.start,
        name=_name(named),
        emails=[Cell("EMAIL", plain(prop.value).strip().removeprefix("mailto:")) for prop in named.get("EMAIL", ())],
        phones=[Cell("TEL", plain(prop.value)) for prop in named.get("TEL", ())],
        address=_address([*named.get("ADR", ()), *named.get("LABEL", ())]),
        notes=Cell("NOTE", notes) if notes else None,
        tags=[Cell("CATEGORIES", plain(tag)) for prop in named.get("CATEGORIES", ()) for tag in split(prop.value, ",") if tag.strip()],
        external_id=next((Cell("UID", plain(prop.value)) for prop in named.get("UID", ())), None),
    )


def _name(named: dict[str, list[Property]]) -> Cell:
    for name in ("FN", "N", "NICKNAME", "ORG"):
        for prop in named.get(name, ()):
            parts = [plain(part) for part in split(prop.value, ";")]
            if name == "N":
                family, given, additional, prefix, suffix = (*parts, "", "", "", "", "")[:5]
                parts = [prefix, given, additional, family, suffix]
            text = plain(prop.value) if name == "FN" else " ".join(part for part in parts if part.strip())
            if text.strip():
                return Cell(name, text)
    return Cell("FN", "")


def _address(props: Iterable[Property]) -> Cell | None:
    for prop in props:
        label = next(iter(prop.params.get("LABEL", ())), "") if prop.name == "ADR" else prop.value
        text = plain(label) if label.strip() else _address_in_parts(prop.value)
        if text.strip():
            return Cell(prop.name, text)
    return None


def _address_in_parts(value: str) -> str:
    po_box, extended, street, city, region, code, country = (*map(plain, split(value, ";")), *[""] * 7)[:7]
    return postal_address(po_box=po_box, extended=extended, street=street, city=city, region=region, code=code, country=country)
