"""Time of coaches: whether a session would overlap another."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import AppointmentState
from storage.tables.appointments import Appointment, GroupEvent

#: No session is longer, so that what overlaps an instant starts within this time before it.
LONGEST: Final = timedelta(days=1)


async def overlaps(session: AsyncSession, workspace: UUID, coach: UUID, at: datetime, minutes: int) -> bool:
    """Whether a booked session of the coach overlaps that time."""
    end = at + timedelta(minutes=minutes)
    for table in (Appointment, GroupEvent):
        asked = select(table.starts_at, table.planned_minutes).where(
            col(table.workspace_id) == workspace,
            col(table.coach_id) == coach,
            col(table.state) == AppointmentState.BOOKED,
            col(table.starts_at) > at - LONGEST,
            col(table.starts_at) < end,
        )
        for starts, planned in (await session.exec(asked)).all():
            if starts + timedelta(minutes=planned) > at:
                return True
    return False
