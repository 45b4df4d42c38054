"""Appointments of recurring services, booked some weeks ahead; each day of a service once, whoever does it and however often."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.transition import Axis
from lifecycle.vocabulary import GONE, AppointmentState, ClientStatus
from resolvers.acts.appointments import usual_compensation
from resolvers.announce import announce
from resolvers.audit import record
from resolvers.callers import fetch
from resolvers.clock.turns import in_turns
from resolvers.desk import Desk
from resolvers.lifecycle import attempt
from resolvers.recurrence import occurrences
from resolvers.slots import overlaps
from resolvers.steps import Outcome
from storage.database import Database
from storage.tables.appointments import Appointment, AppointmentType, ServiceTemplate
from storage.tables.clients import Client
from storage.tables.workspace import Workspace

#: Appointments are booked so far ahead, and further ones once what is booked reaches less far than that by a week.
HORIZON: Final = timedelta(weeks=8)
SLACK: Final = timedelta(weeks=1)
LOT: Final = 20

_RUNNING_SHORT: Final = (
    "SELECT x.workspace_id, x.id, x.client_id FROM service_template x JOIN client c ON c.workspace_id = x.workspace_id"
    " AND c.id = x.client_id WHERE x.removed_at IS NULL AND (x.generated_until IS NULL OR x.generated_until < :until)"
    f" AND c.status <> 'INACTIVE' AND c.data_state IN ('PRESENT', 'HISTORY_DELETED') LIMIT {LOT}"
)


async def work(database: Database, secrets: tuple[bytes, ...], now: Callable[[], datetime]) -> bool:
    """Book ahead for the next services that run short; False where none does."""
    short = (now() + HORIZON - SLACK).date()
    async with database.read() as reader:
        until: object = short if reader.dialect == "postgresql" else short.isoformat()
        found = await fetch(reader, _RUNNING_SHORT, {"until": until})
    async for row in in_turns(found):
        workspace, key, client = (UUID(str(part)) for part in row)
        await _extend(Desk(database=database, now=now(), request_id=None, secrets=secrets), workspace, key, client)
    return bool(found)


async def _extend(desk: Desk, workspace: UUID, key: UUID, client: UUID) -> None:
    async def act(session: AsyncSession) -> Outcome:
        await _book(session, desk, workspace, key, client)
        return Outcome()

    await attempt(desk, act, key.hex)


async def _book(session: AsyncSession, desk: Desk, workspace: UUID, key: UUID, client: UUID) -> None:
    """The client first, as everybody does who takes a step; then the mark of how far it reaches, and the appointments up to it."""
    theirs = select(Client).where(col(Client.workspace_id) == workspace, col(Client.id) == client).with_for_update()
    person = (await session.exec(theirs)).one()
    template = await session.get_one(ServiceTemplate, (workspace, key))
    if person.status is ClientStatus.INACTIVE or person.data_state in GONE:
        return
    place = await session.get_one(Workspace, workspace)
    today = desk.now.astimezone(ZoneInfo(place.timezone)).date()
    reach = today + HORIZON
    if not await _mark(session, template, reach):
        return
    first = today if template.generated_until is None else max(today, template.generated_until + timedelta(days=1))
    last = reach if template.ends_on is None else min(reach, template.ends_on)
    booked, taken = await _fill(session, desk, template, person, place.timezone, first=first, last=last)
    if booked or taken:
        await _tell(session, desk, template, booked, taken)


async def _mark(session: AsyncSession, template: ServiceTemplate, reach: date) -> bool:
    """Move the mark, where it still stands as it was read."""
    these = (
        col(ServiceTemplate.workspace_id) == template.workspace_id,
        col(ServiceTemplate.id) == template.id,
        col(ServiceTemplate.removed_at).is_(None),
        col(ServiceTemplate.generated_until).is_not_distinct_from(template.generated_until),
    )
    moved = update(ServiceTemplate).where(*these).values(generated_until=reach).execution_options(synchronize_session=False)
    return bool((await session.exec(moved)).rowcount == 1)


async def _fill(
    session: AsyncSession, desk: Desk, template: ServiceTemplate, person: Client, zone: str, *, first: date, last: date
) -> tuple[int, int]:
    """Appointments on the days of the rule that lie ahead: how many were booked, and for how many the coach has no time."""
    if last < first:
        return 0, 0
    kind = await session.get_one(AppointmentType, (template.workspace_id, template.type_id))
    mine = (col(Appointment.workspace_id) == template.workspace_id, col(Appointment.template_id) == template.id)
    asked = select(Appointment.starts_at).where(*mine, col(Appointment.state) != AppointmentState.REMOVED)
    held = set((await session.exec(asked.where(col(Appointment.starts_at) > desk.now))).all())
    booked = taken = 0
    for at in occurrences(template.recurrence, template.starts_on, template.start_time, zone, first=first, last=last):
        if at <= desk.now or at in held:
            continue
        if await overlaps(session, template.workspace_id, template.coach_id, at, kind.planned_minutes):
            taken += 1
            continue
        session.add(_appointment(desk, template, person, kind, at))
        await session.flush()
        booked += 1
    return booked, taken


def _appointment(desk: Desk, template: ServiceTemplate, person: Client, kind: AppointmentType, at: datetime) -> Appointment:
    return Appointment(
        workspace_id=template.workspace_id,
        id=uuid7(),
        client_id=template.client_id,
        coach_id=template.coach_id,
        type_id=template.type_id,
        template_id=template.id,
        starts_at=at,
        planned_minutes=kind.planned_minutes,
        booked_at=desk.now,
        booked_status=person.status,
        counting_status=person.status,
        compensation=usual_compensation(kind),
        coaching_kind=kind.coaching_kind,
    )


async def _tell(session: AsyncSession, desk: Desk, template: ServiceTemplate, booked: int, taken: int) -> None:
    event = record(
        session,
        template.workspace_id,
        f"{Axis.SERVICE_TEMPLATE}.generate",
        Axis.SERVICE_TEMPLATE,
        template.id,
        actor="clock",
        at=desk.now,
        request_id=None,
        detail=orjson.dumps({"booked": booked, "slotTaken": taken}).decode(),
        client=template.client_id,
    )
    await session.flush()
    await announce(session, template.workspace_id, [event])
