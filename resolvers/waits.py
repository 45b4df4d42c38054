"""A step that waits, written down with the event that tells who asked for it, and for when."""

from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.transition import Axis
from resolvers.announce import announce
from resolvers.audit import record
from resolvers.desk import Clerk, Desk
from storage.tables.operations import ScheduledTransition


async def write_down(session: AsyncSession, desk: Desk, clerk: Clerk, waits: ScheduledTransition, *, reason: str | None = None) -> UUID:
    """Key of the event."""
    session.add(waits)
    event = record(
        session,
        clerk.workspace,
        f"{Axis.SCHEDULE}.add",
        Axis.SCHEDULE,
        waits.id,
        actor=clerk.actor.name,
        at=desk.now,
        request_id=desk.request_id,
        reason=reason,
        detail=orjson.dumps({"transition": waits.transition, "due": waits.due_at}, option=orjson.OPT_UTC_Z).decode(),
        member=UUID(clerk.member) if clerk.member else None,
        client=waits.client_id,
        after=waits.state,
    )
    await session.flush()
    await announce(session, clerk.workspace, [event])
    return event.id
