"""One deletion being carried out, in lots: each is a transaction of its own that can be the last before the process dies."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import DataCategory
from resolvers.callers import fetch
from resolvers.erasure.deletion import Deletion, lot
from resolvers.erasure.going import Going
from resolvers.erasure.hours import keep_hours
from resolvers.erasure.seals import seal
from resolvers.inserts import hold, send
from resolvers.sql import change, listed, row, rows
from storage.address import Dialect
from storage.errors import Conflict
from storage.tables.erasure import ErasureItem

#: Rows of one transaction. On SQLite nobody else writes meanwhile; on PostgreSQL only who writes about the same client waits.
LOT: Final[Mapping[Dialect, int]] = {"sqlite": 500, "postgresql": 20_000}
#: Of those that leave something, whose keys are parameters of the statements.
LEAVING: Final = 2_000
_KEYS: Final = "SELECT x.id FROM {table} x WHERE {found} LIMIT :most"
#: The same rows for the statement that does them. PostgreSQL goes to a row by its place, where by its key it searches an index for each.
_AMONG: Final[Mapping[Dialect, str]] = {
    "sqlite": "id IN (SELECT x.id FROM {table} x WHERE {found} LIMIT :most)",
    "postgresql": "ctid = ANY(ARRAY(SELECT x.ctid FROM {table} x WHERE {found} LIMIT :most))",
}
_PLANNED: Final = "SELECT 1 FROM erasure_item x WHERE x.workspace_id = :workspace AND x.request_id = :request LIMIT 1"
_COUNT: Final = "(SELECT count(*) FROM {table} x WHERE {found})"


async def _counted(deletion: Deletion) -> list[tuple[Going, int]]:
    """Kinds of which rows are there, and how many. A reader counts them: on SQLite, a write keeps everybody else waiting."""
    asked = ", ".join(_COUNT.format(table=one.table, found=one.found) for one in deletion.steps)
    async with deletion.desk.database.read() as reader:
        (found,) = await fetch(reader, f"SELECT {asked}", deletion.asked)
    counts = [int(str(count)) for count in found]
    return [(one, count) for one, count in zip(deletion.steps, counts, strict=True) if count]


async def delete(deletion: Deletion) -> None:
    """Delete what is there, lot by lot; what was done before is not found again. The first lot writes down how much it is."""
    left, most = await _counted(deletion), LOT[deletion.desk.database.dialect]
    planned = False
    while left or not planned:
        async with lot(deletion) as session:
            if not planned:
                await _plan(session, deletion, left)
            room, removed, retained = most, Counter[DataCategory](), Counter[DataCategory]()
            while left and room:
                one, count = left[0]
                asked = min(count, room, LEAVING) if one.leaves else min(count, room)
                done, kept = await _delete(session, deletion, one, asked)
                room -= done
                removed[one.category] += done - kept
                retained[one.category] += kept
                left[:1] = [(one, count - done)] if done == asked < count else []
            if removed:
                await _count(session, deletion, removed, retained)
        planned = True
        await asyncio.sleep(0)  # whoever waits to write is before the next lot


async def _plan(session: AsyncSession, deletion: Deletion, counted: list[tuple[Going, int]]) -> None:
    """Write down how many rows go, by category, once."""
    if await row(session, _PLANNED, deletion.known):
        return
    counts = Counter({one.category: 0 for one in deletion.steps})
    for one, count in counted:
        counts[one.category] += count
    for category, count in counts.items():
        hold(session, ErasureItem, workspace_id=deletion.workspace, request_id=deletion.request, category=category, planned=count)
    await send(session, "SELECT 1", {})


async def _delete(session: AsyncSession, deletion: Deletion, one: Going, most: int) -> tuple[int, int]:
    """Do up to so many rows of one kind; how many they were, and of how many the law keeps what it asks for."""
    known, retained = {**deletion.known, "most": most}, 0
    among = _AMONG[deletion.desk.database.dialect].format(table=one.table, found=one.found)
    if one.leaves:
        keys = [key for (key,) in await rows(session, _KEYS.format(table=one.table, found=one.found), known)]
        if not keys:
            return 0, 0
        retained = await _leave(session, deletion, one.table, keys)
        chosen, given = listed(keys)
        among, known = f"id IN {chosen}", known | given
    verb = f"UPDATE {one.table} SET {one.blanks} = NULL" if one.blanks else f"DELETE FROM {one.table}"
    return await change(session, f"{verb} WHERE workspace_id = :workspace AND {among}", known), retained


async def _leave(session: AsyncSession, deletion: Deletion, table: str, keys: list[str]) -> int:
    """Do first what rows leave behind them, in the transaction in which they go; how many the law keeps."""
    if table in ("invoice", "payment"):
        return await seal(session, deletion, table, keys)
    if table == "conversation":
        among, chosen = listed(keys)
        sql = f"DELETE FROM participant WHERE workspace_id = :workspace AND conversation_id IN {among}"
        await rows(session, sql, {**deletion.known, **chosen})
    else:
        await keep_hours(session, deletion, table, keys)
    return 0


async def _count(session: AsyncSession, deletion: Deletion, removed: Counter[DataCategory], retained: Counter[DataCategory]) -> None:
    """Add what a lot has done to what was done before."""
    lines, known = [], deletion.known
    for number, category in enumerate(removed):
        lines.append(f"(:category_{number}, CAST(:removed_{number} AS INTEGER), CAST(:retained_{number} AS INTEGER))")
        known |= {f"category_{number}": category, f"removed_{number}": removed[category], f"retained_{number}": retained[category]}
    sql = (
        "UPDATE erasure_item SET removed = removed + more.column2, retained = retained + more.column3"
        f" FROM (VALUES {', '.join(lines)}) AS more"
        " WHERE workspace_id = :workspace AND request_id = :request AND category = more.column1"
    )
    await change(session, sql, known)


async def verify(deletion: Deletion) -> None:
    """Look once more for rows of each kind: there are none, or somebody is writing them."""
    if await _counted(deletion):
        raise Conflict("rows came while they were deleted", retry=True)
