"""Make deleted text leave the files of a database, once nobody reads from before the deletion."""

from collections.abc import Iterable
from typing import Final

import asyncpg

from storage.database import Database

#: Readers who still see deleted rows hold them in the files; slots and prepared transactions do it for good.
_HELD: Final = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
    " UNION ALL SELECT 1 FROM pg_prepared_xacts WHERE database = current_database()"
    " UNION ALL SELECT 1 FROM pg_replication_slots WHERE xmin IS NOT NULL LIMIT 1"
)
LOCK_TIMEOUT: Final = "2s"


async def scrub(database: Database, tables: Iterable[str]) -> str | None:
    """How the text of deleted rows was taken out of the files; None while somebody holds it there: try again later.

    SQLite overwrites what it deletes (`secure_delete`), so that only its write-ahead log is left to empty. PostgreSQL writes the tables
    anew: a plain VACUUM frees the space and leaves the bytes in it. Statistics hold sample values, and are made anew too. The write-ahead
    log of PostgreSQL keeps what it holds until the server recycles it.
    """
    if database.dialect == "sqlite":
        return "secure_delete, wal_checkpoint(TRUNCATE)" if await database.checkpoint() else None
    connection = await asyncpg.connect(database.address.target, timeout=10, server_settings={"application_name": "portico scrub"})
    try:
        await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        for table in tables:
            if await connection.fetchval(_HELD) is not None:
                return None
            await connection.execute(f"VACUUM (FULL, ANALYZE) {table}")
        await connection.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    except asyncpg.LockNotAvailableError:
        return None
    finally:
        await connection.close()
    return "VACUUM (FULL, ANALYZE)"
