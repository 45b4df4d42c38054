"""One deletion being carried out, in lots: each is a transaction of its own that can be the last before the process dies."""

import asyncio
from collections.abc import Mapping
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import DataCategory
from resolvers.callers import fetch
from resolvers.erasure.deletion import Deletion, lot
from resolvers.erasure.going import Going
from resolvers.erasure.hours import keep_hours
from resolvers.erasure.seals import seal
from resolvers.inserts import insert
from resolvers.sql import change, listed, rows
from storage.address import Dialect
from storage.errors import Conflict
from storage.tables.erasure import ErasureItem

#: Rows of one transaction. On SQLite nobody else writes meanwhile; on PostgreSQL only who writes about the same client waits.
LOT: Final[Mapping[Dialect, int]] = {"sqlite": 500, "postgresql": 10_000}
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


async def plan(deletion: Deletion) -> None:
    """Write down how many rows go, by category, once."""
    async with deletion.desk.database.read() as reader:
        if await fetch(reader, _PLANNED, deletion.asked):
            return
    counted = await _counted(deletion)
    async with lot(deletion) as session:
        for category, count in counted.items():
            whose = {"workspace_id": deletion.workspace, "request_id": deletion.request}
            await insert(session, ErasureItem, category=category, planned=count, **whose)


async def _counted(deletion: Deletion) -> dict[DataCategory, int]:
    """Rows that are there of each category. A reader counts them: on SQLite, a write keeps everybody else waiting."""
    asked = ", ".join(_COUNT.format(table=one.table, found=one.found) for one in deletion.steps)
    async with deletion.desk.database.read() as reader:
        (found,) = await fetch(reader, f"SELECT {asked}", deletion.asked)
    counts: dict[DataCategory, int] = {}
    for one, count in zip(deletion.steps, found, strict=True):
        counts[one.category] = counts.get(one.category, 0) + int(str(count))
    return counts


async def delete(deletion: Deletion) -> None:
    """Delete what goes, lot by lot; what was done before is not found again."""
    left, most = list(deletion.steps), LOT[deletion.desk.database.dialect]
    while left:
        async with lot(deletion) as session:
            room = most
            while left and room:
                asked = min(room, LEAVING) if left[0].leaves else room
                done = await _delete(session, deletion, left[0], asked)
                room -= done
                if done < asked:  # there was no more of it
                    del left[0]
        await asyncio.sleep(0)  # whoever waits to write is before the next lot


async def _delete(session: AsyncSession, deletion: Deletion, one: Going, most: int) -> int:
    """Do up to so many rows of one kind; how many they were."""
    known, retained = {**deletion.known, "most": most}, 0
    among = _AMONG[deletion.desk.database.dialect].format(table=one.table, found=one.found)
    if one.leaves:
        keys = [key for (key,) in await rows(session, _KEYS.format(table=one.table, found=one.found), known)]
        if not keys:
            return 0
        retained = await _leave(session, deletion, one.table, keys)
        chosen, given = listed(keys)
        among, known = f"id IN {chosen}", known | given
    verb = f"UPDATE {one.table} SET {one.blanks} = NULL" if one.blanks else f"DELETE FROM {one.table}"
    done = await change(session, f"{verb} WHERE workspace_id = :workspace AND {among}", known)
    if done:
        await _count(session, deletion, one.category, {"removed": done - retained, "retained": retained})
    return done


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


async def _count(session: AsyncSession, deletion: Deletion, category: DataCategory, counts: Mapping[str, int]) -> None:
    sql = (
        "UPDATE erasure_item SET removed = removed + :removed, retained = retained + :retained"
        " WHERE workspace_id = :workspace AND request_id = :request AND category = :category"
    )
    await rows(session, sql, {**deletion.known, **counts, "category": category.value})


async def verify(deletion: Deletion) -> None:
    """Look once more for rows of each category, and write down that there are none; or somebody is writing them."""
    if any((await _counted(deletion)).values()):
        raise Conflict("rows came while they were deleted", retry=True)
    async with lot(deletion) as session:
        sql = "UPDATE erasure_item SET verified = 0, done_at = :now WHERE workspace_id = :workspace AND request_id = :request"
        await rows(session, sql, deletion.known)
