"""Steps with what can be booked: types of appointments, and recurring services."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddTemplate, AddType
from lifecycle.vocabulary import Role
from resolvers.acts.base import Act, Writer, Written, bad_input, made, setting
from resolvers.recurrence import BadRuleError, checked, checked_time
from storage.tables.appointments import AppointmentType, ServiceTemplate
from storage.tables.clients import Client
from storage.tables.workspace import Member

#: First day of a service, from today on.
EARLIEST: Final = timedelta(days=-366)
LATEST: Final = timedelta(days=3660)


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
    if not EARLIEST <= given.starts_on - act.now.date() <= LATEST:
        raise bad_input("starts_on", "A service begins within a year behind and ten years ahead.")
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise bad_input("ends_on", "The last day comes after the first.")
    try:
        rule = checked(given.recurrence, given.starts_on)
    except BadRuleError as wrong:
        raise bad_input("recurrence", str(wrong)) from None
    try:
        at = checked_time(given.start_time)
    except BadRuleError as wrong:
        raise bad_input("start_time", str(wrong)) from None
    kind = await session.get_one(AppointmentType, (act.workspace, UUID(given.type)))
    if kind.archived_at is not None:
        raise bad_input("type", "Appointments of this type are not booked any more.")
    client = await session.get_one(Client, (act.workspace, UUID(given.client)))
    row = ServiceTemplate(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=client.id,
        coach_id=await _coach(session, act, given, client),
        type_id=kind.id,
        recurrence=rule,
        starts_on=given.starts_on,
        start_time=at,
        ends_on=given.ends_on,
        created_at=act.now,
    )
    return await made(session, row)


async def _coach(session: AsyncSession, act: Act, given: AddTemplate, client: Client) -> UUID:
    """Coach of the input, or of the client. A coach plans for themselves."""
    if given.coach is None:
        return client.coach_id
    member = await session.get_one(Member, (act.workspace, UUID(given.coach)))
    if member.role not in (Role.OWNER, Role.COACH) or member.left_at is not None:
        raise bad_input("coach", "This member is no coach.")
    if act.actor.role is Role.COACH and member.id != act.member:
        raise bad_input("coach", "A coach plans for themselves.")
    return member.id


WRITERS: Mapping[str, Writer] = {
    "appointmentTypeAdd": add_type,
    "serviceTemplateAdd": add_template,
    "serviceTemplateRemove": setting(lambda act: {"removed_at": act.now, "removed_batch_id": act.batch}),
}
