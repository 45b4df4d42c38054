"""Search for a person who was deleted, in every text of every table: whatever the plan forgot is found here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Enum, String, Table
from sqlmodel import AutoString, SQLModel

from resolvers.callers import fetch
from resolvers.erasure.deletion import Deletion
from resolvers.erasure.going import OF_HISTORY
from storage.database import load_tables

#: Rows that may name the person: their own, which is blanked last, and what the law keeps.
_APART: Final = frozenset({"client", "sealed_item"})
_PERSON: Final = (
    "SELECT c.name, c.email, c.phone, c.address, c.external_id, a.username FROM client c LEFT JOIN account a ON a.id = c.account_id"
    " WHERE c.workspace_id = :workspace AND c.id = :client"
)
_SHORTEST: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Column, with its table, in which the person is still found, and in how many rows."""

    column: str
    count: int


@dataclass(frozen=True, slots=True)
class Person:
    """What identifies somebody: `certain` is theirs alone; `likely` may be another's too, as a name or a family's phone."""

    certain: tuple[str, ...]
    likely: tuple[str, ...]


async def search(deletion: Deletion) -> list[Place]:
    """Where the person is still found, in their workspace. Nothing is written, and nobody is kept waiting."""
    load_tables()
    async with deletion.desk.database.read() as reader:
        (person,) = await fetch(reader, _PERSON, deletion.asked)
        who = _identifiers(*(None if cell is None else str(cell) for cell in person))
        found: list[Place] = []
        for table in sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name):
            if not deletion.last and table.name in OF_HISTORY:
                continue
            found += await _search(reader, table, who, deletion.asked)
        return found


def _identifiers(name: str | None, *rest: str | None) -> Person:
    email, phone, address, external, username = rest
    whole = name if name and " " in name.strip() else None  # a first name alone is everybody's
    return Person(_long(email, external, username), _long(phone, address, whole))


def _long(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(texts) if text and len(text) >= _SHORTEST)


def texts_of(table: Table) -> Iterator[str]:
    """Names of the columns that hold free text; the words of an enum are none."""
    return (column.name for column in table.columns if isinstance(column.type, String | AutoString) and not isinstance(column.type, Enum))


async def _search(reader: Any, table: Table, who: Person, asked: Mapping[str, Any]) -> list[Place]:
    columns = list(texts_of(table))
    if not columns or table.name in _APART or "workspace_id" not in table.columns:
        return []
    known = dict(asked)
    certain, likely = _hits(who.certain, "c", known, reader.dialect), _hits(who.likely, "l", known, reader.dialect)
    theirs = " AND (x.client_id IS NULL OR x.client_id = :client)" if "client_id" in table.columns else ""
    sums = [_sum(column, certain, likely, theirs) for column in columns]
    sql = f"SELECT {', '.join(sums)} FROM {table.name} x WHERE x.workspace_id = :workspace"
    (counts,) = await fetch(reader, sql, known)
    return [Place(f"{table.name}.{column}", int(str(count))) for column, count in zip(columns, counts, strict=True) if count]


def _hits(texts: Iterable[str], prefix: str, known: dict[str, Any], dialect: str) -> str:
    """Condition that a column, written `{column}`, holds one of the texts, however it is written."""
    parts = []
    for number, text in enumerate(texts):
        for how, value in (("{column}", text), ("lower({column})", text.lower())):
            name = f"{prefix}{number}{'l' if how != '{column}' else ''}"
            known[name] = value
            parts.append(f"strpos({how}, :{name}) > 0" if dialect == "postgresql" else f"instr({how}, :{name}) > 0")
    return " OR ".join(parts)


def _sum(column: str, certain: str, likely: str, theirs: str) -> str:
    parts = [f"({certain})"] if certain else []
    parts += [f"(({likely}){theirs})"] if likely else []
    where = (" OR ".join(parts) or "1 = 0").replace("{column}", f"x.{column}")
    return f"COALESCE(SUM(CASE WHEN {where} THEN 1 ELSE 0 END), 0)"
