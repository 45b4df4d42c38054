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
class Wanted:
    """What identifies somebody, as conditions on a text: `certain` is theirs alone; `likely` may be another's too, as a name or a
    family's phone. A text is written `{column}`, and `{folded}` with small letters of ASCII."""

    certain: str
    likely: str
    known: Mapping[str, object]

    def among(self, table: Table) -> str:
        """Condition on rows `x` of a table: what is likely counts only where nobody else's row holds it."""
        theirs = " AND (x.client_id IS NULL OR x.client_id = :client)" if "client_id" in table.columns else ""
        parts = [f"({self.certain})"] if self.certain else []
        parts += [f"(({self.likely}){theirs})"] if self.likely else []
        return " OR ".join(parts) or "1 = 0"


async def search(deletion: Deletion) -> list[Place]:
    """Where the person is still found, in their workspace. Nothing is written, and nobody is kept waiting."""
    async with deletion.desk.database.read() as reader:
        (person,) = await fetch(reader, _PERSON, deletion.asked)
        wanted = _wanted([None if cell is None else str(cell) for cell in person], deletion.asked, reader.dialect)
        tables = [table for table in _searched() if deletion.last or table.name not in OF_HISTORY]
        found: list[Place] = []
        for number in await _suspected(reader, tables, wanted):
            found += await _search(reader, tables[number], wanted)
        return found


def _searched() -> list[Table]:
    """Tables of a workspace with free text, by name."""
    load_tables()
    tables = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
    return [table for table in tables if table.name not in _APART and "workspace_id" in table.columns and any(texts_of(table))]


async def _suspected(reader: Reader, tables: Sequence[Table], wanted: Wanted) -> list[int]:
    """Numbers of the tables that hold one of the texts, in one statement: each text of a row is folded once, for all that is looked for."""
    parts = []
    for number, table in enumerate(tables):
        where = wanted.among(table).format(column="x.words", folded="x.folded")
        parts.append(f"SELECT {number} AS n WHERE EXISTS (SELECT 1 FROM ({_words(table, reader.dialect)}) x WHERE {where})")
    return [int(str(number)) for (number,) in await fetch(reader, " UNION ALL ".join(parts), wanted.known)]


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


def _wanted(person: Sequence[str | None], asked: Mapping[str, object], dialect: Dialect) -> Wanted:
    name, email, phone, address, external, username = person
    whole = name if name and " " in name.strip() else None  # a first name alone is everybody's
    known = dict(asked)
    certain = _hits(_long(email, external, username), known, dialect)
    return Wanted(certain, _hits(_long(phone, address, whole), known, dialect), known)


def _long(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in dict.fromkeys(texts) if text and len(text) >= _SHORTEST)


def texts_of(table: Table) -> Iterator[str]:
    """Names of the columns that hold free text; the words of an enum are none."""
    return (column.name for column in table.columns if isinstance(column.type, String | AutoString) and not isinstance(column.type, Enum))


async def _search(reader: Reader, table: Table, wanted: Wanted) -> list[Place]:
    columns, where = list(texts_of(table)), wanted.among(table)
    sums = []
    for column in columns:
        hit = where.format(column=f"x.{column}", folded=_FOLDED[reader.dialect].format(f"x.{column}"))
        sums.append(f"COALESCE(SUM(CASE WHEN {hit} THEN 1 ELSE 0 END), 0)")
    sql = f"SELECT {', '.join(sums)} FROM {table.name} x WHERE x.workspace_id = :workspace"
    (counts,) = await fetch(reader, sql, wanted.known)
    return [Place(f"{table.name}.{column}", int(str(count))) for column, count in zip(columns, counts, strict=True) if count]


def _hits(texts: Iterable[str], known: dict[str, object], dialect: Dialect) -> str:
    """Condition that a text holds one of these, however it is written; their values go to what is `known`."""
    parts = []
    for text in texts:
        ways = {"{folded}": text.lower()} if text.isascii() else {"{column}": text, "lower({column})": text.lower()}
        for how, value in ways.items():
            name = f"text_{len(known)}"
            known[name] = value
            parts.append(f"{_AT[dialect]}({how}, :{name}) > 0")
    return " OR ".join(parts)
