"""The export of a client as a file to import: one contact, and beside it what is restored of the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import SQLModel, col, func, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from gql.exports import FORMAT, VERSION
from server.imports.checker import Checker
from server.imports.contact import Contact, ImportFileError, Row
from server.imports.draft import Cell, Draft
from server.imports.export_rows import Item, Restoring
from server.imports.text_source import read_head, unreadable
from storage.contacts import Place
from storage.tables.appointments import AppointmentType
from storage.tables.base import now
from storage.tables.billing import Estimate, Invoice
from storage.tables.clients import Client
from storage.tables.content import Form

LOT: Final = 1_000
_NOBODY: Final = UUID(int=0)


def is_export(path: Path) -> bool:
    """Whether a file starts like one; no table of contacts does."""
    return read_head(path).lstrip()[:1] == b"{"


@dataclass(frozen=True)
class ExportSource:
    """An export that can be restored; iterating gives its one contact."""

    path: Path
    file: Item
    default_region: str | None

    def __iter__(self) -> Iterator[Row]:
        client = self.file["client"]

        def cell(name: str) -> Cell:
            return Cell(f"client.{name}", client.get(name) or "")

        draft = Draft(
            1,
            name=cell("name"),
            emails=[cell("email")],
            phones=[cell("phone")],
            address=cell("address"),
            notes=cell("notes"),
            tags=[Cell("client.tags", tag) for tag in client.get("tags") or ()],
            kind=cell("contactKind"),
            external_id=cell("id"),
        )
        yield from Checker(self.default_region, "utf-8").check(draft)

    async def restore(self, session: AsyncSession, place: Place, contacts: Sequence[Contact]) -> None:
        """Everything beside the contact, once the contact is a client."""
        for contact in contacts:
            of = (col(Client.workspace_id) == place.workspace, col(Client.external_id) == contact.external_id)
            client = (await session.exec(select(Client.id).where(*of))).one()
            restoring = Restoring(
                self.file,
                place.workspace,
                client,
                place.coach,
                await _named(session, place, AppointmentType, AppointmentType.name, _types(self.file)),
                await _named(session, place, Form, Form.title, _forms(self.file)),
                await _highest(session, place, Invoice),
                await _highest(session, place, Estimate),
            )
            await _write(session, restoring.rows())


def open_export_file(path: Path, default_region: str | None) -> ExportSource:
    """Read a file whole and refuse at once what is no export, or holds what cannot be restored."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    hint = "Fetch the export again with a new link."
    try:
        file = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ImportFileError(f"{path.name} is not whole: it is no JSON.", hint) from None
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ImportFileError(f"{path.name} is not an export of a client.", f"An export has the format {FORMAT}: see docs/export.md.")
    if file.get("version") != VERSION:
        raise ImportFileError(f"{path.name} is an export of version {file.get('version')}.", f"This Portico reads version {VERSION}.")
    restoring = Restoring(file, _NOBODY, _NOBODY, _NOBODY, dict.fromkeys(_titles(file), _NOBODY), dict.fromkeys(_titles(file), _NOBODY))
    try:
        if b"\\u0000" in raw:
            raise ValueError
        source = ExportSource(path, file, default_region)
        list(source)
        list(restoring.rows())
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ImportFileError(f"{path.name} cannot be read at {restoring.at or 'client'}.", hint) from None
    return source


def _types(file: Item) -> dict[str, dict[str, Any]]:
    """Kinds of the sessions by name, and what one is made of where the workspace has none: nobody can book it."""
    named = {one["type"]["name"] for one in file["appointments"] if one["type"] is not None}
    return {name: {"archived_at": now(), "coaching": False} for name in named}


def _forms(file: Item) -> dict[str, dict[str, Any]]:
    """The same of forms: nobody can answer it."""
    forms = [one["form"] for one in file["formResponses"] if one["form"] is not None]
    return {
        form["title"]: {"questions": orjson.dumps(form["questions"]).decode(), "published_at": None, "withdrawn_at": now()}
        for form in forms
    }


def _titles(file: Item) -> set[str]:
    return {*_types(file), *_forms(file)}


async def _named(session: AsyncSession, place: Place, table: type[Any], column: Any, wanted: dict[str, dict[str, Any]]) -> dict[str, UUID]:
    """Keys of what sessions and answers belong to, by name; made where it is missing."""
    asked = select(column, table.id).where(table.workspace_id == place.workspace, column.in_(list(wanted))).order_by(table.id.desc())
    found: dict[str, UUID] = dict((await session.exec(asked)).all())
    missing = {name: uuid7() for name in sorted(wanted.keys() - found.keys())}
    session.add_all(table(workspace_id=place.workspace, id=key, **{column.key: name}, **wanted[name]) for name, key in missing.items())
    await session.flush()
    return found | missing


async def _highest(session: AsyncSession, place: Place, table: type[Any]) -> int:
    return (await session.exec(select(func.max(table.number)).where(table.workspace_id == place.workspace))).one() or 0


async def _write(session: AsyncSession, rows: Iterator[SQLModel]) -> None:
    """Rows in their order, those of one table that follow each other together."""
    connection = await session.connection()
    for table, same in groupby(rows, key=type):
        values = (row.model_dump() for row in same)
        while lot := list(islice(values, LOT)):
            await connection.execute(insert(table), lot)
