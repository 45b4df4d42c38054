"""One deletion being carried out, in lots: each is a transaction of its own that can be the last before the process dies."""

from collections.abc import Mapping
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import DataCategory
from resolvers.callers import fetch
from resolvers.clock.turns import in_turns
from resolvers.erasure.deletion import Deletion, lot
from resolvers.erasure.going import Going
from resolvers.erasure.hours import keep_hours
from resolvers.erasure.seals import seal
from resolvers.inserts import insert
from resolvers.sql import listed, rows
from storage.errors import Conflict
from storage.tables.erasure import ErasureItem

#: Rows of one transaction.
LOT: Final = 500
_KEYS: Final = "SELECT x.id FROM {table} x WHERE {found} LIMIT :most"
_PLANNED: Final = "SELECT 1 FROM erasure_item x WHERE x.workspace_id = :workspace AND x.request_id = :request LIMIT 1"
_COUNT: Final = "SELECT count(*) FROM {table} x WHERE {found}"


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
    counts: dict[DataCategory, int] = {}
    async with deletion.desk.database.read() as reader:
        for one in deletion.steps:
            ((count,),) = await fetch(reader, _COUNT.format(table=one.table, found=one.found), deletion.asked)
            counts[one.category] = counts.get(one.category, 0) + int(str(count))
    return counts


async def delete(deletion: Deletion) -> None:
    """Delete what goes, lot by lot; what was done before is not found again."""
    left = list(deletion.steps)
    async for _ in in_turns(iter(lambda: bool(left), False)):
        async with lot(deletion) as session:
            room = LOT
            while left and room:
                done = await _delete(session, deletion, left[0], room)
                room -= done
                if room:  # there was no more of it
                    del left[0]


async def _delete(session: AsyncSession, deletion: Deletion, one: Going, most: int) -> int:
    """Do up to so many rows of one kind; how many they were."""
    known = {**deletion.known, "most": most}
    keys = [key for (key,) in await rows(session, _KEYS.format(table=one.table, found=one.found), known)]
    if not keys:
        return 0
    retained = await _keep(session, deletion, one, keys)
    among, chosen = listed(keys)
    where = f"workspace_id = :workspace AND id IN {among}"
    if one.blanks:
        await rows(session, f"UPDATE {one.table} SET {one.blanks} = NULL WHERE {where}", {**known, **chosen})
    else:
        await rows(session, f"DELETE FROM {one.table} WHERE {where}", {**known, **chosen})
    await _count(session, deletion, one.category, {"removed": len(keys) - retained, "retained": retained})
    return len(keys)


async def _keep(session: AsyncSession, deletion: Deletion, one: Going, keys: list[str]) -> int:
    """Keep what must be kept of these rows, which go in the same transaction; how many the law keeps."""
    if one.blanks:
        return 0
    if one.table in ("appointment", "attendance"):
        await keep_hours(session, deletion, one.table, keys)
    elif one.table in ("invoice", "payment"):
        return await seal(session, deletion, one.table, keys)
    elif one.table == "conversation":
        among, chosen = listed(keys)
        sql = f"DELETE FROM participant WHERE workspace_id = :workspace AND conversation_id IN {among}"
        await rows(session, sql, {**deletion.known, **chosen})
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
