"""Drafts into contacts: every value judged, every reason against a row told, people met twice refused."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from lifecycle.vocabulary import ContactKind
from server.imports.contact import MAX_ADDRESS, MAX_NAME, MAX_NOTES, MAX_RECORD, MAX_TAG, MAX_TAGS, Contact, ProblemCode, Row, RowProblem
from server.imports.draft import Cell, Draft
from server.imports.seen import Seen
from server.imports.text_source import title
from storage.values import (
    BadValueError,
    Phone,
    email_address,
    is_broken,
    many_lines,
    one_line,
    phone_number,
    shown,
    unique,
    without_blank_lines,
)

_MAX_ID = 255


class Checker:
    """Judge of one file; remembers who was already met in it."""

    def __init__(self, region: str | None, encoding: str) -> None:
        self._region = region
        self._encoding = title(encoding)
        self._seen = Seen()

    def check(self, draft: Draft) -> Sequence[Row]:
        """The contact, or every reason why the row is none."""
        row = _RowCheck(draft, self._region, self._encoding)
        contact = row.contact()
        if row.problems:
            return row.problems
        for key, column, said in (keys := list(_keys(contact, draft, row.email_column))):
            if earlier := self._seen.line(key):
                return [RowProblem(draft.line, column, ProblemCode.DUPLICATE_IN_FILE, f"{said} already on line {earlier}.")]
        for key, _, _ in keys:
            self._seen.claim(key, draft.line)
        return [contact]


def _keys(contact: Contact, draft: Draft, email_column: str | None) -> Iterator[tuple[str, str | None, str]]:
    """What may stand in a file once: key, column, and how to say it. An id made from the e-mail adds nothing to the e-mail."""
    if contact.email:
        yield f"email {contact.email}", email_column, f"{shown(contact.email)} is"
    if draft.external_id and draft.external_id.text.strip():
        yield f"id {contact.external_id}", draft.external_id.column, f"The id {shown(contact.external_id)} is"
    elif not contact.email:
        yield f"id {contact.external_id}", draft.name.column, f"{shown(contact.name)} with the same phone is"


class _RowCheck:
    def __init__(self, draft: Draft, region: str | None, encoding: str) -> None:
        self.draft = draft
        self.problems: list[RowProblem] = []
        self.email_column: str | None = None
        self._region = region
        self._encoding = encoding
        self._extra_notes: list[str] = []

    def contact(self) -> Contact:
        draft = self.draft
        name = self._text(draft.name, one_line, MAX_NAME)
        if not name and not self.problems:
            self._refuse(draft.name.column, ProblemCode.NO_NAME, "The contact has no name.")
        email, phone = self._email(draft.emails), self._phone(draft.phones)
        return Contact(
            line=draft.line,
            external_id=self._external_id(name, email, phone),
            name=name,
            email=email,
            phone=phone,
            address=self._text(draft.address, without_blank_lines, MAX_ADDRESS) or None,
            tags=self._tags(draft.tags),
            notes=self._notes() or None,
            kind=self._kind(draft.kind),
        )

    def _refuse(self, column: str | None, code: ProblemCode, message: str) -> None:
        self.problems.append(RowProblem(self.draft.line, column, code, message))

    def _readable(self, cell: Cell) -> bool:
        if not is_broken(cell.text):
            return True
        if "\0" in cell.text:
            self._refuse(cell.column, ProblemCode.ENCODING, f"{shown(cell.text)} contains a NUL character.")
        else:
            self._refuse(cell.column, ProblemCode.ENCODING, f"{shown(cell.text)} is not {self._encoding} text.")
        return False

    def _text(self, cell: Cell | None, clean: Callable[[str], str], limit: int) -> str:
        if cell is None or not self._readable(cell):
            return ""
        text = clean(cell.text)
        if len(text) > limit:
            self._refuse(cell.column, ProblemCode.TOO_LONG, f"{len(text):,} characters, at most {limit:,} fit.")
        return text

    def _email(self, cells: Iterable[Cell]) -> str | None:
        good: list[str] = []
        bad: list[tuple[Cell, str]] = []
        for cell in cells:
            if not cell.text.strip() or not self._readable(cell):
                continue
            try:
                address = email_address(cell.text)
            except BadValueError as error:
                bad.append((cell, str(error)))
                continue
            self.email_column = self.email_column or cell.column
            if address not in good:
                good.append(address)
        return self._first(good, bad, ProblemCode.BAD_EMAIL, "Other e-mail")

    def _phone(self, cells: Iterable[Cell]) -> str | None:
        good: dict[str, Phone] = {}
        bad: list[tuple[Cell, str]] = []
        for cell in cells:
            if not cell.text.strip() or not self._readable(cell):
                continue
            try:
                phone = phone_number(cell.text, self._region)
            except BadValueError as error:
                bad.append((cell, f"{error}."))
            else:
                good.setdefault(phone.number, phone)
        for phone in good.values():
            if phone.extension:
                self._extra_notes.append(f"Extension of {phone.number}: {phone.extension}")
        return self._first(list(good), bad, ProblemCode.BAD_PHONE, "Other phone")

    def _first(self, good: list[str], bad: list[tuple[Cell, str]], code: ProblemCode, title: str) -> str | None:
        """The best good value; the others are kept in the notes. Bad values matter only where no good one stands beside them."""
        if good:
            others = [*good[1:], *(one_line(cell.text) for cell, _ in bad)]
            if others:
                self._extra_notes.append(f"{title}: {', '.join(others)}")
            return good[0]
        for cell, message in bad:
            self._refuse(cell.column, code, message)
        return None

    def _notes(self) -> str:
        """The file's own notes, and below them the values that have no column of their own."""
        cell = self.draft.notes
        notes = "\n".join(filter(None, (self._text(cell, many_lines, MAX_RECORD), *self._extra_notes)))
        if len(notes) > MAX_NOTES:
            self._refuse(cell.column if cell else None, ProblemCode.TOO_LONG, f"{len(notes):,} characters, at most {MAX_NOTES:,} fit.")
        return notes

    def _tags(self, cells: Iterable[Cell]) -> tuple[str, ...]:
        cells = list(cells)
        tags = unique(filter(None, (self._text(cell, one_line, MAX_TAG) for cell in cells)))
        if len(tags) > MAX_TAGS:
            self._refuse(cells[0].column, ProblemCode.TOO_LONG, f"{len(tags)} tags, at most {MAX_TAGS} fit.")
        return tags

    def _kind(self, kind: Cell | ContactKind | None) -> ContactKind:
        if isinstance(kind, ContactKind):
            return kind
        if kind is None or not kind.text.strip():
            return ContactKind.POTENTIAL_CLIENT
        word = "_".join(kind.text.upper().replace("-", " ").replace("_", " ").split())
        if found := ContactKind.__members__.get(word):
            return found
        known = ", ".join(ContactKind)
        self._refuse(kind.column, ProblemCode.BAD_KIND, f"{shown(kind.text)} is not a kind of contact; use one of {known}.")
        return ContactKind.POTENTIAL_CLIENT

    def _external_id(self, name: str, email: str | None, phone: str | None) -> str:
        """The file's own id, else a digest of who it is: a second run of the same file meets the same ids."""
        cell = self.draft.external_id
        given = self._text(cell, one_line, 100_000) if cell else ""
        if given and len(given) <= _MAX_ID:
            return given
        identity = given or "\x1f".join((name, email or "", phone or ""))
        return f"sha256:{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()}"
