"""Check of a receipt for a caller who may see it."""

from uuid import UUID

from resolvers.context import Context
from resolvers.desk import clerk_of
from resolvers.erasure.receipts import Checked, check
from resolvers.sources import SOURCES, seen_by
from resolvers.sql import row
from storage.tables.erasure import ErasureReceipt


async def verified(context: Context, key: str) -> Checked | None:
    """What the check found; None where there is no such receipt for the caller."""
    async with context.database.write() as session:
        clerk = await clerk_of(session, context.caller, context.now())
        seen = seen_by(SOURCES["ErasureReceipt"], clerk.viewer)
        sql = f"SELECT t.id FROM erasure_receipt t WHERE t.workspace_id = :workspace AND t.id = :key{seen}"
        if await row(session, sql, {**clerk.parameters, "key": key}) is None:
            return None
        return await check(session, await session.get_one(ErasureReceipt, (clerk.workspace, UUID(key))), context.secrets)
