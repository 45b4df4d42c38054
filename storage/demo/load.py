"""What a load into either engine is, and what both ask of the tables."""

from collections.abc import Callable
from typing import Literal, Protocol

from sqlalchemy import Date, Table
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

import storage.tables.every  # noqa: F401  - fills the metadata
from storage.demo.rows import COLUMNS, Rows

LARGE = 20_000  # clients from which it pays to take the indexes down and build them anew
NOT_EMPTY = "This database already has a workspace. Demo data goes into an empty database only."
Kind = Literal["time", "day", "plain"]


class Load(Protocol):
    """One transaction that takes rows; `finish` commits and brings the statistics up to date."""

    async def write(self, rows: Rows) -> None: ...
    async def finish(self, stage: Callable[[str], None]) -> None: ...
    async def abandon(self) -> None: ...


#: Tables in an order in which every parent comes before its children.
TABLES: tuple[Table, ...] = tuple(table for table in SQLModel.metadata.sorted_tables if table.name in COLUMNS)


def kinds(table: Table) -> list[Kind]:
    types = [table.columns[name].type for name in COLUMNS[table.name]]
    return ["time" if isinstance(kind, UTCDateTime) else "day" if isinstance(kind, Date) else "plain" for kind in types]
