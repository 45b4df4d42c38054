"""Reading others' clients with a reason: the reason is on record before anything is read."""

from datetime import UTC, datetime
from uuid import UUID

from planner.errors import NotLiveError
from resolvers.callers import Caller, CallerKind, gate
from storage.database import Database


async def record_reason(database: Database, caller: Caller, request_id: str, operation: str | None) -> None:
    """Audit event for the reason that a member gave; other callers have none to give. Whose login has ended leaves no event."""
    now = datetime.now(UTC)
    if caller.kind is not CallerKind.STAFF or caller.workspace is None or caller.member is None:
        return
    async with database.write() as session:
        if await gate(session, caller, now) is None:
            raise NotLiveError
        from resolvers import audit  # noqa: PLC0415 - it needs the tables, which whoever has a session has loaded

        audit.record(
            session,
            UUID(caller.workspace),
            "read_with_reason",
            "member",
            UUID(caller.member),
            actor=caller.actor,
            at=now,
            request_id=request_id,
            reason=f"{caller.reason} ({operation})" if operation else caller.reason,
        )
