"""Steps with what can be booked: types of appointments, and recurring services."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddTemplate, AddType
from resolvers.acts.base import Act, Writer, Written, made, setting
from resolvers.recurrence import checked, checked_time
from storage.tables.appointments import AppointmentType, ServiceTemplate
from storage.tables.clients import Client


async def add_type(session: AsyncSession, act: Act) -> Written:
    given: AddType = act.given
    row = AppointmentType(
        workspace_id=act.workspace,
        id=uuid7(),
        name=given.name,
        sample=given.sample,
        coaching=given.coaching,
        coaching_kind=given.coaching_kind,
        planned_minutes=given.planned_minutes,
    )
    return await made(session, row)


async def add_template(session: AsyncSession, act: Act) -> Written:
    """Template; the clock makes its appointments."""
    given: AddTemplate = act.given
    client = await session.get_one(Client, (act.workspace, UUID(given.client)))
    row = ServiceTemplate(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=client.id,
        coach_id=UUID(given.coach) if given.coach else client.coach_id,
        type_id=UUID(given.type),
        recurrence=checked(given.recurrence, given.starts_on),
        starts_on=given.starts_on,
        start_time=checked_time(given.start_time),
        ends_on=given.ends_on,
        created_at=act.now,
    )
    return await made(session, row)


WRITERS: Mapping[str, Writer] = {
    "appointmentTypeAdd": add_type,
    "serviceTemplateAdd": add_template,
    "serviceTemplateRemove": setting(lambda act: {"removed_at": act.now, "removed_batch_id": act.batch}),
}
