"""Reading others' clients with a reason: the reason is on record before anything is read."""

from typing import TYPE_CHECKING
from uuid import UUID

from planner.errors import NotLiveError
from resolvers.callers import CallerKind, gate

if TYPE_CHECKING:
    from resolvers.context import Context


async def record_reason(context: "Context", operation: str | None) -> None:
    """Audit event for the reason that a member gave; other callers have none to give. Whose login has ended leaves no event."""
    caller = context.caller
    if caller.kind is not CallerKind.STAFF or caller.workspace is None or caller.member is None:
        return
    async with context.database.write() as session:
        if await gate(session, caller, context.now()) is None:
            raise NotLiveError
        from resolvers import audit  # noqa: PLC0415 - it needs the tables, which whoever has a session has loaded

        audit.record(
            session,
            UUID(caller.workspace),
            "read_with_reason",
            "member",
            UUID(caller.member),
            actor=caller.actor,
            at=context.now(),
            request_id=context.request_id,
            reason=f"{caller.reason} ({operation})" if operation else caller.reason,
        )
