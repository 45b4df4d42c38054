"""Search for a person who was deleted, in every text of every table: whatever the plan forgot is found here."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
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
#: What identifies somebody, in the order of `_PERSON`; of these, what may be another's too, as a family's phone.
_IDENTIFIERS: Final = ("name", "email", "phone", "address", "external", "username")
_LIKELY: Final = frozenset({"name", "phone", "address"})
_SHORTEST: Final = 6
_ASCII: Final = re.compile(r"[\x00-\x7f]+")
_AT: Final[Mapping[Dialect, str]] = {"postgresql": "strpos", "sqlite": "instr"}
#: How SQL makes the letters A to Z small, and no others: on PostgreSQL that takes a fifth of the time of all letters.
_FOLDED: Final[Mapping[Dialect, str]] = {"postgresql": 'lower({} COLLATE "C")', "sqlite": "lower({})"}
_LOWER: Final[Mapping[Dialect, str]] = {"postgresql": "lower", "sqlite": "lower_all"}


@dataclass(frozen=True, slots=True)
class Place:
    """Column, with its table, in which the person is still found, and in how many rows."""

    column: str
    count: int


async def search(deletion: Deletion) -> list[Place]:
    """Where the person is still found, in their workspace; nobody looks while the contact stays. It keeps nobody waiting."""
    if not deletion.of_contact:
        return []
    async with deletion.desk.database.read() as reader:
        (person,) = await fetch(reader, _PERSON, deletion.asked)
        known = {**deletion.asked, **_wanted(*(None if cell is None else str(cell) for cell in person))}
        tables = _searched(of_history=deletion.last)
        found: list[Place] = []
        for (number,) in await fetch(reader, _suspecting(reader.dialect, of_history=deletion.last), known):
            found += await _search(reader, tables[int(str(number))], known)
        return found


def _wanted(*person: str | None) -> dict[str, str | None]:
    """Parameters for what is long enough to identify somebody: its longest part of ASCII, and the whole where that is more."""
    name, *others = person
    texts = [name if name and " " in name.strip() else None, *others]  # a first name alone is everybody's
    known: dict[str, str | None] = {}
    for one, text in zip(_IDENTIFIERS, texts, strict=True):
        meant = text if text and len(text) >= _SHORTEST else None
        more = meant if meant and not meant.isascii() else None
        known[f"{one}_ascii"] = meant and max(_ASCII.findall(meant), key=len, default="").lower()
        known[f"{one}_raw"], known[f"{one}_small"] = more, more and more.lower()
    return known


def _any(table: Table, hit: Callable[[str], str]) -> str:
    """Condition on rows `x` of a table that one of the identifiers hits. What may be another's too does not count in the rows of others."""
    certain, likely = (" OR ".join(hit(one) for one in _IDENTIFIERS if (one in _LIKELY) is shared) for shared in (False, True))
    theirs = " AND (x.client_id IS NULL OR x.client_id = :client)" if "client_id" in table.columns else ""
    return f"{certain} OR ({likely}){theirs}"


@cache
def _searched(*, of_history: bool) -> list[Table]:
    """Tables of a workspace with free text, by name."""
    load_tables()
    tables = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)
    apart = _APART if of_history else _APART | OF_HISTORY
    return [table for table in tables if table.name not in apart and "workspace_id" in table.columns and any(texts_of(table))]


@cache
def _suspecting(dialect: Dialect, *, of_history: bool) -> str:
    """Statement for the numbers of the tables that hold a part of ASCII: each text of a row is folded once, for all that is looked for."""
    parts = []
    for number, table in enumerate(_searched(of_history=of_history)):
        where = _any(table, lambda one: f"{_AT[dialect]}(x.folded, :{one}_ascii) > 0")
        parts.append(f"SELECT {number} AS n WHERE EXISTS (SELECT 1 FROM ({_words(table, dialect)}) x WHERE {where})")
    return " UNION ALL ".join(parts)


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
    return f"SELECT {_FOLDED[dialect].format(words)} AS folded{whose} FROM {table.name} t WHERE t.workspace_id = :workspace{fence}"


def texts_of(table: Table) -> Iterator[str]:
    """Names of the columns that hold free text; the words of an enum are none."""
    return (column.name for column in table.columns if isinstance(column.type, String | AutoString) and not isinstance(column.type, Enum))


async def _search(reader: Reader, table: Table, known: Mapping[str, object]) -> list[Place]:
    """Columns of a table that hold one of the texts whole, however it is written."""
    at, lower, columns, sums = _AT[reader.dialect], _LOWER[reader.dialect], list(texts_of(table)), []
    for column in columns:
        text, folded = f"x.{column}", _FOLDED[reader.dialect].format(f"x.{column}")
        whole = f"({at}({text}, :{{0}}_raw) > 0 OR {at}({lower}({text}), :{{0}}_small) > 0 OR :{{0}}_raw IS NULL)"
        hit = _any(table, f"({at}({folded}, :{{0}}_ascii) > 0 AND {whole})".format)
        sums.append(f"COALESCE(SUM(CASE WHEN {hit} THEN 1 ELSE 0 END), 0)")
    sql = f"SELECT {', '.join(sums)} FROM {table.name} x WHERE x.workspace_id = :workspace"
    (counts,) = await fetch(reader, sql, known)
    return [Place(f"{table.name}.{column}", int(str(count))) for column, count in zip(columns, counts, strict=True) if count]
