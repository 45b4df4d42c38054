"""Places in the hour ledger of a workspace."""

from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from resolvers.sql import row

_LAST: Final = "SELECT COALESCE(max(x.position), 0) FROM hour_ledger_entry x WHERE x.workspace_id = :workspace"


async def last_position(session: AsyncSession, workspace: UUID) -> int:
    """Position of the last entry of the ledger; whoever makes the next one holds the turn of the workspace."""
    found = await row(session, _LAST, {"workspace": workspace})
    return 0 if found is None else int(found[0])
