"""Time of coaches: whether a session would overlap another."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.requests import BookSample
from lifecycle.vocabulary import AppointmentState
from resolvers.acts.base import bad_input
from resolvers.sql import row
from resolvers.steps import Step
from storage.tables.appointments import Appointment, GroupEvent

#: No session is longer, so that what overlaps an instant starts within this time before it.
LONGEST: Final = timedelta(days=1)
FARTHEST: Final = timedelta(days=3 * 365)

#: Coach who is named, or the client's own, or the owner; and the usual length of the session.
OWNER_OF: Final = (
    "(SELECT m.id FROM member m WHERE m.workspace_id = :workspace AND m.left_at IS NULL AND m.role = 'OWNER'"
    " ORDER BY m.created_at, m.id LIMIT 1)"
)
_KIND: Final = (
    "SELECT COALESCE((SELECT m.id FROM member m WHERE m.workspace_id = :workspace AND m.id = :key_coach),"
    " (SELECT c.coach_id FROM client c WHERE c.workspace_id = :workspace AND c.id = :whom), "
    f"{OWNER_OF}), x.planned_minutes FROM appointment_type x WHERE x.workspace_id = :workspace AND x.id = :key_type"
)
_COACH: Final = "SELECT m.id FROM member m WHERE m.workspace_id = :workspace AND m.id = :key FOR NO KEY UPDATE"


async def overlaps(session: AsyncSession, workspace: UUID, coach: UUID, at: datetime, minutes: int, *, besides: UUID | None = None) -> bool:
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
        if besides is not None:
            asked = asked.where(col(table.id) != besides)
        for starts, planned in (await session.exec(asked)).all():
            if starts + timedelta(minutes=planned) > at:
                return True
    return False


async def slot(session: AsyncSession, step: Step, workspace: UUID, parameters: Mapping[str, object], now: datetime) -> dict[str, bool]:
    """Facts on the time that a session is booked for. Who books with one coach stands in line until the transaction ends."""
    given = step.given
    at: datetime = given.starts_at  # type: ignore[attr-defined]  # inputs of bookings have it
    if at > now + FARTHEST:
        raise bad_input("startsAt", "A session is booked at most three years ahead.")
    moved = None
    if step.subject is not None:
        moved = await session.get(Appointment, (workspace, UUID(step.subject)))
        if moved is None:
            return {}
    whom = None if isinstance(given, BookSample) else parameters["whom"]  # a stranger must not meet the calendar of a known client's coach
    if moved is None:
        found = await row(session, _KIND, {**parameters, "key_coach": parameters.get("key_coach"), "whom": whom})
    else:
        found = moved.coach_id, moved.planned_minutes
    if found is None or found[0] is None or at <= now:
        return {"ahead": at > now}
    coach, usual = found
    if session.get_bind().dialect.name != "sqlite":
        await row(session, _COACH, {**parameters, "key": coach})
    minutes = min(max(getattr(given, "planned_minutes", None) or usual, 1), 1440)
    taken = await overlaps(session, workspace, UUID(str(coach)), at, minutes, besides=None if moved is None else moved.id)
    return {"ahead": True, "slot_taken": taken}
