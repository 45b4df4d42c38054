"""What the sources say is stored, held against what PostgreSQL says: the columns of a bundle rest on it."""

import re
from collections.abc import Iterator

import asyncpg

from planner.dialect import TYPES
from planner.source import Derived, Embedded, Expr, Kind, Listing, Source
from resolvers.sources import SOURCES
from tests.databases import Databases

SAME = {
    "varchar": "text",
    "bpchar": "text",
    "int2": "bigint",
    "int4": "bigint",
    "int8": "bigint",
    "bool": "boolean",
    "float8": "double precision",
}


def _told(source: Source) -> Iterator[tuple[str, str, Kind]]:
    """Every expression of a source, where it stands, and its kind."""
    for name, field in source.fields.items():
        members = field.fields.values() if isinstance(field, Embedded) else [field]
        for member in members:
            for told in member.needs if isinstance(member, Derived | Listing) else [member]:
                if isinstance(told, Expr):
                    yield name, told.sql, told.kind
    for name, order in source.orders.items():
        yield name, order.column, order.kind


def _bound(sql: str) -> str:
    """Statement with the parameters of a viewer in it."""
    for names, value in (("workspace|client|member|account", "NULL::uuid"), ("now|at", "now()"), ("role", "'OWNER'")):
        sql = re.sub(rf"(?<!:):({names})\b", value, sql)
    return sql


async def test_kinds_are_what_is_stored(databases: Databases) -> None:
    url = await databases.copy("empty")
    if not url.startswith("postgresql"):  # SQLite's unions take columns of any type
        return
    connection = await asyncpg.connect(url)
    try:
        for source in (source for source in SOURCES.values() if source.table):
            for name, sql, kind in _told(source):
                statement = await connection.prepare(
                    _bound(f"SELECT c FROM (SELECT {sql.replace('{t}', 't')} AS c FROM {source.table} t) x")
                )
                found = statement.get_attributes()[0].type.name
                assert SAME.get(found, found) == TYPES[kind], (source.name, name)
    finally:
        await connection.close()
        await databases.drop(url)
