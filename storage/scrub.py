"""Make deleted text leave the files of a database, once nobody reads from before the deletion."""

from collections.abc import Iterable
from typing import Final

import asyncpg

from storage.database import Database

#: Whether rows that were deleted before the transaction `$1` are still seen: by whoever wrote at that time, in whatever database, since
#: snapshots reach back as far as the oldest of them; by a reader with an older snapshot; by a replication slot.
_HELD: Final = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint <= $1::text::bigint"
    " OR EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND age(backend_xmin) >= age(($1::text::bigint % 4294967296)::text::xid))"
    " OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE age(xmin) >= age(($1::text::bigint % 4294967296)::text::xid))"
)
LOCK_TIMEOUT: Final = "2s"


async def scrub(database: Database, tables: Iterable[str]) -> str | None:
    """How the text of deleted rows was taken out of the files; None while somebody holds it there: try again later.

    SQLite overwrites what it deletes (`secure_delete`), so that only its write-ahead log is left to empty. PostgreSQL writes the tables
    anew: a plain VACUUM frees the space and leaves the bytes in it. Statistics hold sample values, and are made anew too. Its write-ahead
    log is left behind by a checkpoint, where the role may make one; with `wal_recycle = off` the server then removes it.
    """
    if database.dialect == "sqlite":
        return "secure_delete, wal_checkpoint(TRUNCATE)" if await database.checkpoint() else None
    connection = await asyncpg.connect(database.address.target, timeout=10, server_settings={"application_name": "portico scrub"})
    try:
        await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        now = await connection.fetchval("SELECT pg_current_xact_id()::text")
        if await connection.fetchval(_HELD, now):
            return None
        for table in tables:
            await connection.execute(f"VACUUM (FULL, ANALYZE) {table}")
        await connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
        return f"VACUUM (FULL, ANALYZE){await _leave_the_log(connection)}"
    except asyncpg.LockNotAvailableError:
        return None
    finally:
        await connection.close()


async def _leave_the_log(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """What a receipt says of the write-ahead log: nothing where the role may not make a checkpoint."""
    try:
        await connection.execute("SELECT pg_switch_wal()")
        await connection.execute("CHECKPOINT")
    except asyncpg.InsufficientPrivilegeError:
        return ""
    return f", CHECKPOINT with wal_recycle = {await connection.fetchval('SHOW wal_recycle')}"
