"""Every row of a database as one text for each table, so that a test can say that nothing changed, or what did."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from storage.database import Database, load_tables

#: What steps leave behind; it is cleared between cases that share a workspace.
RECORDS = (
    "audit_event",
    "outbox_event",
    "batch",
    "transition_plan",
    "idempotency_record",
    "client_status_change",
    "enrollment_change",
    "enrollment_gap",
    "scheduled_transition",
    "payment",
)


def names() -> list[str]:
    load_tables()
    return sorted(SQLModel.metadata.tables)


def _sqlite(name: str, where: str) -> str:
    cells = " || ',' || ".join(f"quote({column.name})" for column in SQLModel.metadata.tables[name].columns)
    return f"SELECT '{name}' AS name, (SELECT group_concat(r, char(10)) FROM (SELECT {cells} AS r FROM {name}{where} ORDER BY 1)) AS rows"


def _postgresql(name: str, where: str) -> str:
    return f"SELECT '{name}' AS name, (SELECT string_agg(x::text, chr(10) ORDER BY x::text) FROM {name} x{where}) AS rows"


@lru_cache(100)
def _statement(dialect: str, workspace: UUID | None, tables: tuple[str, ...]) -> str:
    made = _sqlite if dialect == "sqlite" else _postgresql
    parts = []
    for name in tables or names():
        owned = "workspace_id" in SQLModel.metadata.tables[name].columns
        if workspace is not None and not owned and name != "workspace":
            continue
        key = workspace.hex if workspace is not None else ""
        where = f" WHERE {'workspace_id' if owned else 'id'} = '{key}'" if workspace is not None else ""
        parts.append(made(name, where))
    return " UNION ALL ".join(parts)


async def every_row(database: Database, workspace: UUID | None = None, tables: Iterable[str] = ()) -> dict[str, str]:
    """Rows of each table that has some; of one workspace if given, with what belongs to none left out."""
    load_tables()
    statement = _statement(database.dialect, workspace, tuple(tables))
    async with database.write() as session:
        found: Any = (await (await session.connection()).exec_driver_sql(statement)).all()
    return {name: rows for name, rows in found if rows}


def changed(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """Rows that went and rows that came, by table."""
    moved = {}
    for name in sorted(before.keys() | after.keys()):
        was, now = set(before.get(name, "").split("\n")), set(after.get(name, "").split("\n"))
        if was != now:
            moved[name] = (sorted(was - now - {""}), sorted(now - was - {""}))
    return moved


async def forget(database: Database, workspace: UUID) -> None:
    """Clear what steps left behind in a workspace."""
    async with database.write() as session:
        connection = await session.connection()
        for name in RECORDS:
            await connection.exec_driver_sql(f"DELETE FROM {name} WHERE workspace_id = '{workspace.hex}'")
