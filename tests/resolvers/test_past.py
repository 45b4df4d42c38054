"""The past of every table is said or refused by name, and each expression runs on both engines."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import SQLModel

from planner.dialect import DIALECTS
from resolvers.callers import fetch
from resolvers.past import BORN, WERE, then
from resolvers.sources import SOURCES
from storage.database import Database, load_tables

#: Tables that are read as they are today, for nothing tells what they were.
OF_TODAY = {
    "appointment_type",
    "attendance",
    "audience",
    "audit_event",
    "bulk_job",
    "bulk_job_item",
    "client_field",
    "client_search_term",
    "client_tag",
    "erasure_item",
    "erasure_receipt",
    "erasure_request",
    "group_event",
    "hour_ledger_entry",
    "legal_hold",
    "member",
    "member_grant",
    "participant",
    "product",
    "report_run",
    "retention_rule",
    "scheduled_transition",
    "sealed_item",
    "service_template",
    "suggestion",
    "workspace",
    "account",
}


def test_every_table_that_a_client_reads_has_a_past_or_is_named_as_having_none() -> None:
    load_tables()
    tables = set(SQLModel.metadata.tables)
    read = {source.table for source in SOURCES.values() if source.table and not source.table.startswith("(")}
    assert read <= BORN.keys() | OF_TODAY
    assert not BORN.keys() & OF_TODAY
    assert BORN.keys() | OF_TODAY <= tables
    assert WERE.keys() <= BORN.keys()
    assert {(t, c) for t, columns in WERE.items() for c in columns if c not in SQLModel.metadata.tables[t].columns} == set()


async def test_what_was_there_is_less_than_what_is_and_all_of_it_now(demo_database: Database) -> None:
    """Given the demo, then an instant of the past has some of the rows of each table, and the present has the same values as today."""
    dialect = DIALECTS[demo_database.dialect]
    async with demo_database.read() as reader:
        for table in BORN:
            names = [column.name for column in SQLModel.metadata.tables[table].columns]
            counts: list[int] = []
            for at in (datetime(1990, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)):
                at_ = {"at": dialect.instant(at)} if ":at" in then(table, names) else {}
                rows: Any = await fetch(reader, f"SELECT count(*) FROM {then(table, names)} t", at_)
                counts.append(rows[0][0])
            published = " WHERE t.published_at IS NOT NULL" if table == "module_version" else ""  # a draft is not there yet
            listed = ", ".join(f"t.{name}" for name in names)
            now = await fetch(reader, f"SELECT {listed} FROM {table} t{published} ORDER BY t.id", {})
            assert counts[2] == len(now)
            assert counts[0] <= counts[1] <= counts[2]
            assert not BORN[table] or counts[0] == 0
            same = await fetch(reader, f"SELECT {listed} FROM {then(table, names)} t ORDER BY t.id", at_)
            assert [tuple(row) for row in same] == [tuple(row) for row in now], table
