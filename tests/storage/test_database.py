"""Transactions, readers and the pool, on both engines."""

import asyncio
import sqlite3
from contextlib import nullcontext
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlmodel import col, select, update

from lifecycle.vocabulary import Role
from planner.errors import TooDeepError
from storage.database import Database
from storage.errors import Conflict, Rejected, Unavailable, translate
from storage.tables.workspace import Account, Member, Workspace

#: What a file, which has no server, cannot show.
on_a_server = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")


def place(database: Database, number: int) -> str:
    return f"${number}" if database.dialect == "postgresql" else f"?{number}"


async def slugs(database: Database) -> list[object]:
    async with database.read() as reader:
        return [row[0] for row in await reader.fetch("SELECT slug FROM workspace ORDER BY slug")]


async def change_of_mind(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(name="Lost", slug="lost"))
        await session.flush()
        raise KeyError


async def test_write_commits_at_its_end_and_rolls_back_on_an_error(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(name="Kept", slug="kept"))
        await session.flush()
        assert await slugs(database) == []
    with pytest.raises(KeyError):
        await change_of_mind(database)
    assert await slugs(database) == ["kept"]


async def test_objects_stay_readable_after_the_commit(database: Database) -> None:
    async with database.write() as session:
        workspace = Workspace(name="Hart", slug="hart")
        session.add(workspace)
    assert workspace.name == "Hart"


async def test_ids_are_32_hex_digits_on_both_engines_and_go_back_in_as_text_or_uuid(database: Database) -> None:
    async with database.write() as session:
        workspace = Workspace(name="Hart", slug="hart")
        session.add(workspace)
    sql = f"SELECT id FROM workspace WHERE id = {place(database, 1)}"
    async with database.read() as reader:
        assert [row[0] for row in await reader.fetch(sql, [workspace.id.hex])] == [workspace.id.hex]
        if database.dialect == "postgresql":
            assert [row[0] for row in await reader.fetch(sql, [workspace.id])] == [workspace.id.hex]
            many = await reader.fetch("SELECT id FROM workspace WHERE id = ANY($1::uuid[])", [[workspace.id.hex, uuid4()]])
            assert [row[0] for row in many] == [workspace.id.hex]


async def test_conflict_names_the_same_constraint_on_both_engines_and_no_value(database: Database) -> None:
    async with database.write() as session:
        session.add(Account(username="someone@example.org"))
    with pytest.raises(Conflict) as caught:
        async with database.write() as session:
            session.add(Account(username="someone@example.org"))
    assert caught.value.constraint == "account_username"
    assert not caught.value.retry
    assert "someone" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_missing_parent_is_rejected(database: Database) -> None:
    with pytest.raises(Rejected):
        async with database.write() as session:
            session.add(Member(workspace_id=uuid4(), account_id=uuid4(), name="Nobody", role=Role.OWNER))


async def test_unknown_word_is_rejected_by_the_table_itself(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(name="Hart", slug="hart"))
    with pytest.raises(Rejected):
        async with database.write() as session:
            await (await session.connection()).exec_driver_sql("UPDATE workspace SET counting_basis = 'WHENEVER'")


async def test_no_update_is_lost_between_concurrent_writers(database: Database) -> None:
    async with database.write() as session:
        workspace = Workspace(name="Hart", slug="hart", undo_window_hours=0)
        session.add(workspace)

    async def add(session_of: Database, key: UUID) -> None:
        async with session_of.write() as session:
            hours = (await session.exec(select(Workspace.undo_window_hours).where(Workspace.id == key).with_for_update())).one()
            await session.exec(update(Workspace).where(col(Workspace.id) == key).values(undo_window_hours=hours + 1))

    await asyncio.gather(*(add(database, workspace.id) for _ in range(20)))
    async with database.read() as reader:
        assert (await reader.fetch("SELECT undo_window_hours FROM workspace"))[0][0] == 20


async def test_cancelled_write_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    started = asyncio.Event()

    async def forever() -> None:
        async with database.write() as session:
            session.add(Workspace(name="Lost", slug="lost"))
            await session.flush()
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(forever())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.write() as session:
        session.add(Workspace(name="Kept", slug="kept"))
    assert await slugs(database) == ["kept"]


async def test_write_that_is_cancelled_while_it_begins_holds_nobody_up(database: Database) -> None:
    async def write(slug: str) -> None:
        async with database.write() as session:
            session.add(Workspace(name="Hart", slug=slug))

    for turns in range(25):
        task = asyncio.create_task(write(f"lost-{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(write(f"kept-{turns}"), 3)
    assert sum(str(slug).startswith("kept") for slug in await slugs(database)) == 25


async def test_readers_cannot_write(database: Database) -> None:
    async with database.read() as reader:
        with pytest.raises((Unavailable, asyncpg.ReadOnlySQLTransactionError)):
            await reader.fetch("DELETE FROM workspace")


async def test_snapshot_sees_one_instant(database: Database) -> None:
    sql = "SELECT count(*) FROM workspace"
    async with database.read() as reader:
        async with reader.snapshot():
            assert (await reader.fetch(sql))[0][0] == 0
            async with database.write() as session:
                session.add(Workspace(name="Later", slug="later"))
            assert (await reader.fetch(sql))[0][0] == 0
        assert (await reader.fetch(sql))[0][0] == 1


async def test_reader_survives_an_error_inside_a_snapshot(database: Database) -> None:
    async with database.read() as reader:
        with pytest.raises(Exception, match="nowhere"):
            async with reader.snapshot():
                await reader.fetch("SELECT * FROM nowhere")
        assert (await reader.fetch("SELECT 1"))[0][0] == 1


SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000000) SELECT count(*) FROM n",
}


async def test_cancelled_query_is_stopped_and_its_connection_not_used_again(database: Database) -> None:
    lent = []

    async def slow() -> None:
        async with database.read() as reader:
            lent.append(reader)
            await reader.fetch(SLOW[database.dialect])

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await slow()
    async with database.read() as reader:
        assert reader is not lent[0]
        assert (await reader.fetch("SELECT 1"))[0][0] == 1
        if database.dialect == "postgresql":
            running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query = $1"
            for _ in range(50):
                if (await reader.fetch(running, [SLOW["postgresql"]]))[0][0] == 0:
                    break
                await asyncio.sleep(0.05)
            assert (await reader.fetch(running, [SLOW["postgresql"]]))[0][0] == 0


@on_a_server
async def test_server_that_drops_every_connection_costs_no_later_read_or_write(database: Database) -> None:
    async with database.write() as session:
        session.add(Workspace(name="Hart", slug="hart"))
    assert await slugs(database) == ["hart"]
    killer = await asyncpg.connect(database.url)
    await killer.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await killer.close()
    await asyncio.sleep(0.1)
    assert await slugs(database) == ["hart"]
    async with database.write() as session:
        session.add(Workspace(name="Wind", slug="wind"))
    assert await slugs(database) == ["hart", "wind"]


@on_a_server
async def test_connection_lost_midway_is_unavailable_and_replaced(database: Database) -> None:
    with pytest.raises(Unavailable):
        async with database.read() as reader:
            await reader.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await slugs(database) == []


@on_a_server
async def test_write_whose_connection_dies_ends_with_its_own_error_and_the_next_one_works(database: Database) -> None:
    async def doomed() -> None:
        async with database.write() as session, database.read() as reader:
            connection = await session.connection()
            pid = (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
            await reader.fetch("SELECT pg_terminate_backend($1)", [pid])
            await asyncio.sleep(0.1)
            raise KeyError

    for _ in range(6):  # more than there are connections
        with pytest.raises(KeyError):
            await doomed()
    async with database.write() as session:
        session.add(Workspace(name="Hart", slug="hart"))
    assert await slugs(database) == ["hart"]


def test_server_that_has_said_goodbye_is_unavailable() -> None:
    """Between its last word and the end of the wire, asyncpg takes the connection for busy."""
    lost = translate(asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"))
    assert isinstance(lost, Unavailable)


async def test_sqlite_says_what_is_too_deep_for_it(database: Database) -> None:
    if database.dialect == "postgresql":
        return
    async with database.read() as reader:
        with pytest.raises(TooDeepError) if sqlite3.sqlite_version_info < (3, 46) else nullcontext():
            await reader.fetch("SELECT " + "(" * 200 + "1" + ")" * 200)
        assert (await reader.fetch("SELECT 1"))[0][0] == 1
