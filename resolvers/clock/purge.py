"""What is kept no longer: old plans, answers, links and jobs, and sessions that can no longer be given back. A little at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from planner.dialect import DIALECTS
from resolvers.callers import fetch
from resolvers.sql import rows
from storage.database import Database

LOT: Final = 500
WORKSPACES: Final = 50
#: Seconds between two rounds through all workspaces.
REST: Final = 600

_REMOVED: Final = (
    "SELECT x.id FROM {table} x JOIN batch b ON b.workspace_id = x.workspace_id AND b.id = x.removed_batch_id"
    " WHERE x.workspace_id = :workspace AND x.removed_batch_id IS NOT NULL AND x.state = 'REMOVED' AND b.undo_until <= :now"
)
_OVER: Final = "SELECT x.id FROM {table} x WHERE x.workspace_id = :workspace AND x.{end} <= :now"
_EXPIRING: Final = ("transition_plan", "idempotency_record", "one_time_link", "export_file")
_FINISHED: Final = "SELECT j.id FROM bulk_job j WHERE j.workspace_id = :workspace AND j.finished_at <= :before"
#: How long a finished job is kept, with what came of each of its objects.
JOBS_KEPT: Final = timedelta(days=90)
#: Rows of each table that are kept no longer; what belongs to others stands before them.
OLD: Final = {
    **{table: _OVER.format(table=table, end="expires_at") for table in _EXPIRING},
    **{table: _REMOVED.format(table=table) for table in ("appointment", "attendance")},
    "bulk_job_item": f"SELECT x.id FROM bulk_job_item x WHERE x.workspace_id = :workspace AND x.job_id IN ({_FINISHED})",
    "bulk_job": _FINISHED,
    "sealed_item": _OVER.format(table="sealed_item", end="purge_after"),
}
_NEXT: Final = f"SELECT w.id FROM workspace w WHERE w.id > :key ORDER BY w.id LIMIT {WORKSPACES}"
_FIRST: Final = "0" * 32


class Purge:
    """Round through the workspaces."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._after = _FIRST
        self._rests_until = seconds()

    async def __call__(self, database: Database, _secrets: tuple[bytes, ...], now: Callable[[], datetime]) -> bool:
        """Look after the next workspaces; False at the end of a round, and while it rests."""
        if self._seconds() < self._rests_until:
            return False
        async with database.read() as reader:
            found = [str(key).replace("-", "") for (key,) in await fetch(reader, _NEXT, {"key": self._after})]
        if not found:
            self._after, self._rests_until = _FIRST, self._seconds() + REST
            return False
        for workspace in found:
            await purge(database, workspace, now())
        self._after = found[-1]
        return True


async def purge(database: Database, workspace: str, now: datetime) -> dict[str, int]:
    """Delete what a workspace keeps no longer, in lots, each in a transaction of its own; how many of each table."""
    deleted: dict[str, int] = {}
    for table, old in OLD.items():
        while lot := await _purge(database, table, old, UUID(workspace).hex, now):
            deleted[table] = deleted.get(table, 0) + lot
    return deleted


async def _purge(database: Database, table: str, old: str, workspace: str, now: datetime) -> int:
    """Delete one lot. Whether there is any is read first: on SQLite, a write keeps everybody else waiting."""
    instants = {"now": now, "before": now - JOBS_KEPT}
    async with database.read() as reader:
        stored = {name: DIALECTS[reader.dialect].instant(at) for name, at in instants.items()}
        if not await fetch(reader, f"{old} LIMIT 1", {"workspace": workspace, **stored}):
            return 0
    sql = f"DELETE FROM {table} WHERE workspace_id = :workspace AND id IN ({old} LIMIT {LOT}) RETURNING id"
    async with database.write() as session:
        return len(await rows(session, sql, {"workspace": workspace, **instants}))
