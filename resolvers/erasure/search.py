"""Search for a person who was deleted, in every text of every table: whatever the plan forgot is found here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Enum, String, Table
from sqlmodel import AutoString, SQLModel

from resolvers.callers import fetch
from resolvers.erasure.deletion import Deletion
from resolvers.erasure.going import OF_HISTORY
from storage.address import Dialect
from storage.database import load_tables
from storage.readers import Reader

#: Rows that may name the person: their own, which is blanked last, and what the law keeps.
_APART: Final = frozenset({"client", "sealed_item"})
_PERSON: Final = (
    "SELECT c.name, c.email, c.phone, c.address, c.external_id, a.username FROM client c LEFT JOIN account a ON a.id = c.account_id"
    " WHERE c.workspace_id = :workspace AND c.id = :client"
)
_SHORTEST: Final = 6
_AT: Final[Mapping[Dialect, str]] = {"postgresql": "strpos", "sqlite": "instr"}
#: How SQL makes the letters A to Z small, and no others: on PostgreSQL that takes a fifth of the time of all letters.
_FOLDED: Final[Mapping[Dialect, str]] = {"postgresql": 'lower({} COLLATE "C")', "sqlite": "lower({})"}


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
    async with deletion.desk.database.read() as reader:
        (person,) = await fetch(reader, _PERSON, deletion.asked)
        who = _identifiers(*(None if cell is None else str(cell) for cell in person))
        tables = [table for table in _searched() if deletion.last or table.name not in OF_HISTORY]
        found: list[Place] = []
        for number in await _suspected(reader, tables, who, deletion.asked):
            found += await _search(reader, tables[number], who, deletion.asked)
        return found


def _searched() -> list[Table]:
    """Tables of a workspace with free text, by name."""
    load_tables()
    tables = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
    return [table for table in tables if table.name not in _APART and "workspace_id" in table.columns and any(texts_of(table))]


async def _suspected(reader: Reader, tables: Sequence[Table], who: Person, asked: Mapping[str, object]) -> list[int]:
    """Numbers of the tables that hold one of the texts, in one statement: each text of a row is folded once, for all that is looked for."""
    known = dict(asked)
    certain, likely = _hits(who.certain, "c", known, reader.dialect), _hits(who.likely, "l", known, reader.dialect)
    parts = []
    for number, table in enumerate(tables):
        where = _where(certain, likely, table).format(column="x.words", folded="x.folded")
        parts.append(f"SELECT {number} AS n WHERE EXISTS (SELECT 1 FROM ({_words(table, reader.dialect)}) x WHERE {where})")
    return [int(str(number)) for (number,) in await fetch(reader, " UNION ALL ".join(parts), known)]


def _words(table: Table, dialect: Dialect) -> str:
    """Rows of a table, each with all its texts in one. PostgreSQL would fold it again for each comparison, were it not for `OFFSET`."""
    columns = list(texts_of(table))
    whose = ", t.client_id" if "client_id" in table.columns else ""
    fence = " OFFSET 0" if dialect == "postgresql" else ""
    if len(columns) == 1:
        words = f"t.{columns[0]}"
    elif dialect == "postgresql":
        words = f"concat_ws(chr(1), {', '.join(f't.{column}' for column in columns)})"
    else:
        words = " || char(1) || ".join(f"COALESCE(t.{column}, '')" for column in columns)
    folded = _FOLDED[dialect].format(words)
    return f"SELECT {words} AS words, {folded} AS folded{whose} FROM {table.name} t WHERE t.workspace_id = :workspace{fence}"


def _identifiers(name: str | None, *rest: str | None) -> Person:
    email, phone, address, external, username = rest
    whole = name if name and " " in name.strip() else None  # a first name alone is everybody's
    return Person(_long(email, external, username), _long(phone, address, whole))


def _long(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(texts) if text and len(text) >= _SHORTEST)


def texts_of(table: Table) -> Iterator[str]:
    """Names of the columns that hold free text; the words of an enum are none."""
    return (column.name for column in table.columns if isinstance(column.type, String | AutoString) and not isinstance(column.type, Enum))


async def _search(reader: Reader, table: Table, who: Person, asked: Mapping[str, object]) -> list[Place]:
    columns, known = list(texts_of(table)), dict(asked)
    where = _where(_hits(who.certain, "c", known, reader.dialect), _hits(who.likely, "l", known, reader.dialect), table)
    sums = []
    for column in columns:
        hit = where.format(column=f"x.{column}", folded=_FOLDED[reader.dialect].format(f"x.{column}"))
        sums.append(f"COALESCE(SUM(CASE WHEN {hit} THEN 1 ELSE 0 END), 0)")
    sql = f"SELECT {', '.join(sums)} FROM {table.name} x WHERE x.workspace_id = :workspace"
    (counts,) = await fetch(reader, sql, known)
    return [Place(f"{table.name}.{column}", int(str(count))) for column, count in zip(columns, counts, strict=True) if count]


def _hits(texts: Iterable[str], prefix: str, known: dict[str, object], dialect: Dialect) -> str:
    """Condition that a text, written `{column}`, and `{folded}` with small letters of ASCII, holds one of those, however it is written."""
    parts = []
    for number, text in enumerate(texts):
        ways = {"{folded}": text.lower()} if text.isascii() else {"{column}": text, "lower({column})": text.lower()}
        for letter, (how, value) in zip("ab", ways.items(), strict=False):
            name = f"{prefix}{number}{letter}"
            known[name] = value
            parts.append(f"{_AT[dialect]}({how}, :{name}) > 0")
    return " OR ".join(parts)


def _where(certain: str, likely: str, table: Table) -> str:
    """Condition on rows `x` of a table: what is likely counts only where nobody else's row holds it."""
    theirs = " AND (x.client_id IS NULL OR x.client_id = :client)" if "client_id" in table.columns else ""
    parts = [f"({certain})"] if certain else []
    parts += [f"(({likely}){theirs})"] if likely else []
    return " OR ".join(parts) or "1 = 0"
