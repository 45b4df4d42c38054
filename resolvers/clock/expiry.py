"""Enrollments whose time is over: frozen where the package says so, suggested to the coach where it does not; each once."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.inputs import Deactivate
from lifecycle.problems import ProblemCode
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import GONE, Effective, EnrollmentState, ExpiryAction, FreezeReason
from planner.dialect import DIALECTS
from resolvers.acts.waiting import suggest_freeze
from resolvers.callers import fetch
from resolvers.clock.turns import in_turns
from resolvers.desk import Desk, clock
from resolvers.lifecycle import attempt, take
from resolvers.steps import Outcome, Step
from storage.database import Database
from storage.tables.clients import Client
from storage.tables.packages import Enrollment, Package

_EXPIRED: Final = (
    "SELECT x.workspace_id, x.id, x.client_id FROM enrollment x WHERE x.state = 'ACTIVE' AND x.expires_at IS NOT NULL"
    " AND x.expiry_handled_at IS NULL AND x.expires_at <= :now ORDER BY x.expires_at LIMIT 20"
)


async def work(database: Database, secrets: tuple[bytes, ...], now: Callable[[], datetime]) -> bool:
    """See to the next enrollments that have expired; False where none has."""
    async with database.read() as reader:
        found = await fetch(reader, _EXPIRED, {"now": DIALECTS[reader.dialect].instant(now())})
    async for row in in_turns(found):
        workspace, key, client = (UUID(str(part)) for part in row)
        await _expire(Desk(database=database, now=now(), request_id=None, secrets=secrets), workspace, key, client)
    return bool(found)


async def _expire(desk: Desk, workspace: UUID, key: UUID, client: UUID) -> None:
    """Freeze, or where that is refused or not asked for, suggest it."""

    async def freeze(session: AsyncSession) -> Outcome:
        return await _handle(session, desk, workspace, key, client, freezing=True)

    async def tell(session: AsyncSession) -> Outcome:
        return await _handle(session, desk, workspace, key, client, freezing=False)

    outcome = await attempt(desk, freeze, key.hex)
    if outcome.problems and outcome.problems[0].code is not ProblemCode.TRY_LATER:
        await attempt(desk, tell, key.hex)


async def _handle(session: AsyncSession, desk: Desk, workspace: UUID, key: UUID, client: UUID, *, freezing: bool) -> Outcome:
    """The client first, as everybody does who takes a step; then the mark that says the clock was here, and what follows."""
    theirs = select(Client).where(col(Client.workspace_id) == workspace, col(Client.id) == client).with_for_update()
    person = (await session.exec(theirs)).one()
    enrollment = await session.get_one(Enrollment, (workspace, key))
    these = (
        col(Enrollment.workspace_id) == workspace,
        col(Enrollment.id) == key,
        col(Enrollment.state) == EnrollmentState.ACTIVE,
        col(Enrollment.expiry_handled_at).is_(None),
        col(Enrollment.expires_at) <= desk.now,
    )
    mark = update(Enrollment).where(*these).values(expiry_handled_at=desk.now).execution_options(synchronize_session=False)
    if (await session.exec(mark)).rowcount != 1 or person.data_state in GONE:
        return Outcome()
    package = await session.get_one(Package, (workspace, enrollment.package_id))
    if package.on_expiry is ExpiryAction.NONE or not freezing:
        await suggest_freeze(session, enrollment, "enrollmentDeactivate", FreezeReason.PACKAGE_EXPIRED, desk.now)
        return Outcome()
    given = Deactivate(reason=FreezeReason.PACKAGE_EXPIRED, effective=Effective.NOW)
    step = Step(transition=BY_NAME["enrollmentDeactivate"], subject=key.hex, given=given)
    return await take(session, desk, clock(workspace, desk.now, "expiry"), step)
