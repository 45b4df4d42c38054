"""Migrations up, down, up again, without drift, and two at once; on both engines."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from storage.address import Address
from storage.database import Database
from storage.errors import NewerSchema
from storage.migrations import check, current, migrate, pending
from storage.writers import engine
from tests.storage.shape import shape_of


async def test_up_down_and_up_again(blank_url: str) -> None:
    assert await current(blank_url) is None
    assert await pending(blank_url) == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012"]
    await migrate(blank_url)
    assert await current(blank_url) == "0012"
    assert await pending(blank_url) == []
    first = await shape_of(blank_url)
    assert set(first) == set(SQLModel.metadata.tables)
    await migrate(blank_url, "base")
    assert await shape_of(blank_url) == {}
    await migrate(blank_url)
    assert await shape_of(blank_url) == first


async def test_migrations_make_the_tables_as_they_are_written(blank_url: str) -> None:
    await migrate(blank_url)
    await check(blank_url)


async def test_constraints_bear_the_same_names_as_in_the_tables(blank_url: str, database: Database) -> None:
    made = engine(Address.parse(blank_url))
    async with made.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await made.dispose()
    assert await shape_of(blank_url) == await shape_of(database.url)


async def test_a_second_migrate_finds_nothing_to_do(database: Database) -> None:
    await migrate(database.url)
    assert await current(database.url) == "0012"


async def test_keys_of_before_there_were_scopes_keep_doing_everything(blank_url: str) -> None:
    await migrate(blank_url, "0009")
    made, one, day = engine(Address.parse(blank_url)), "0" * 31 + "1", "2026-01-01 00:00:00"
    settings = "keep_hours_on_erasure, erasure_by_two, messaging_when_frozen, erasure_grace_hours, undo_window_hours"
    rows = [
        f"workspace (id, name, slug, country, timezone, currency, {settings}, default_access_mode, counting_basis, statistics_threshold,"
        f" created_at) VALUES ('{one}', 'N', 'n', 'US', 'UTC', 'USD', TRUE, FALSE, TRUE, 72, 72, 'NONE', 'CURRENT', 5, '{day}')",
        f"account (id, username, created_at) VALUES ('{one}', 'u', '{day}')",
        f"member (workspace_id, id, account_id, name, role, created_at) VALUES ('{one}', '{one}', '{one}', 'M', 'OWNER', '{day}')",
        "api_key (workspace_id, id, member_id, name, prefix, secret_hash, created_at)"
        f" VALUES ('{one}', '{one}', '{one}', 'crm', 'p', 'h', '{day}')",
    ]
    async with made.begin() as connection:
        for row in rows:
            await connection.exec_driver_sql(f"INSERT INTO {row}")
    await migrate(blank_url)
    async with made.begin() as connection:
        assert (await connection.exec_driver_sql("SELECT name, scope FROM api_key")).one() == ("crm", "FULL")
        with pytest.raises(IntegrityError):
            await connection.exec_driver_sql("UPDATE api_key SET scope = 'ALL'")
    await migrate(blank_url, "0009")
    async with made.begin() as connection:
        assert (await connection.exec_driver_sql("SELECT name FROM api_key")).one() == ("crm",)
    await made.dispose()


async def test_a_database_of_a_newer_tree_is_refused(database: Database) -> None:
    async with database.write() as session:
        await (await session.connection()).exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for refused in (pending, migrate):
        with pytest.raises(NewerSchema, match="9999"):
            await refused(database.url)


async def test_two_processes_at_once(blank_url: str) -> None:
    program = "import asyncio, sys; from storage.migrations import migrate; asyncio.run(migrate(sys.argv[1]))"
    tree = Path(__file__).parents[2]
    both = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, blank_url), cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in both:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    assert await current(blank_url) == "0012"
    await check(blank_url)
