"""Steps with appointments."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import ActorKind
from lifecycle.vocabulary import AppointmentState, ClientStatus, Compensation
from resolvers.acts.base import Act, Columns, Writer, Written, setting, state
from resolvers.acts.clients import first_owner, tell
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import Client


def usual_compensation(kind: AppointmentType) -> Compensation:
    """Compensation of a session of which nothing else was said."""
    return Compensation.PRO_BONO if kind.sample else Compensation.PAID


async def _coach(session: AsyncSession, act: Act, client: Client) -> UUID:
    """Coach of a new session: the one who is named, else the client's own; at the public door, the owner."""
    if act.given.coach is None:
        return client.coach_id if act.actor.kind is not ActorKind.ANONYMOUS else await first_owner(session, act.workspace)
    return UUID(act.given.coach)


async def book(session: AsyncSession, act: Act) -> Written:
    """Session with the client, stamped with the status they have, or get with this very booking."""
    if act.whom is None or act.facts.status is None:
        raise ValueError("a session without a client")
    given, before = act.given, act.facts.status
    client = await session.get_one(Client, (act.workspace, act.whom))
    kind = await session.get_one(AppointmentType, (act.workspace, UUID(given.type)))
    warmed = before is ClientStatus.PROSPECT and getattr(given, "mark_hot_lead", False)
    status = ClientStatus.HOT_LEAD if warmed else before
    enrollment = getattr(given, "enrollment", None)
    row = Appointment(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=act.whom,
        coach_id=await _coach(session, act, client),
        type_id=kind.id,
        enrollment_id=UUID(enrollment) if enrollment else None,
        starts_at=given.starts_at,
        planned_minutes=getattr(given, "planned_minutes", None) or kind.planned_minutes,
        state=AppointmentState.BOOKED,
        booked_at=act.now,
        booked_status=status,
        counting_status=status,
        compensation=getattr(given, "compensation", None) or usual_compensation(kind),
        coaching_kind=kind.coaching_kind,
    )
    session.add(row)
    await session.flush()
    if warmed:
        await tell(session, act, act.whom, before, status)
    return Written(row)


def _moved(act: Act) -> Columns:
    return {"starts_at": act.given.starts_at, "planned_minutes": act.given.planned_minutes or act.row.planned_minutes}


def _completed(act: Act) -> Columns:
    said = {"actual_minutes": act.given.actual_minutes, "compensation": act.given.compensation}
    return {**state(act), **{name: value for name, value in said.items() if value is not None}}


async def reclassify(session: AsyncSession, act: Act) -> Written:
    """What a member decides; the audit event keeps it, so that a report of then finds it again."""
    written = await setting(_reclassified)(session, act)
    return replace(written, detail={"counts": act.given.counts})


def _reclassified(act: Act) -> Columns:
    return {"counts_override": act.given.counts, "override_reason": act.given.reason}


WRITERS: Mapping[str, Writer] = {
    "appointmentBook": book,
    "appointmentBookSample": book,
    "appointmentReschedule": setting(_moved),
    "appointmentComplete": setting(_completed),
    "appointmentCancel": setting(state),
    "appointmentMarkNoShow": setting(state),
    "appointmentReclassify": reclassify,
}
