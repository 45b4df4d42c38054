"""Steps that are suggested to the coach."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import SuggestionReason
from resolvers.inserts import insert
from resolvers.sql import row
from storage.tables.operations import Suggestion

_OPEN: Final = (
    "SELECT s.id FROM suggestion s WHERE s.workspace_id = :workspace AND s.subject_id = :subject AND s.transition = :step"
    " AND s.reason = :reason AND s.dismissed_at IS NULL"
)


async def suggest(
    session: AsyncSession, workspace: UUID, subject: UUID, *, client: UUID | None, step: str, reason: SuggestionReason, now: datetime
) -> None:
    """Tell the coach which step they may want to take with an object, once."""
    if await row(session, _OPEN, {"workspace": workspace, "subject": subject, "step": step, "reason": reason}) is None:
        about = {"workspace_id": workspace, "subject_id": subject, "client_id": client}
        await insert(session, Suggestion, **about, transition=step, reason=reason, created_at=now)
