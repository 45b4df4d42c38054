"""Steps with enrollments: a client in a package, frozen, thawed, removed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import Billing, ClientStatus, EnrollmentState, PaymentStatus
from resolvers.acts.base import Act, Columns, Writer, Written, setting
from resolvers.acts.clients import tell
from resolvers.inserts import hold
from storage.tables.packages import Enrollment, EnrollmentChange, EnrollmentGap, Package


def promoted(*, coaching: bool) -> ClientStatus:
    """Status of a prospect who is enrolled: a prospect has no login to use what they get."""
    return ClientStatus.ACTIVE if coaching else ClientStatus.BUYER


async def _tell(session: AsyncSession, act: Act, enrollment: UUID, after: EnrollmentState) -> None:
    """Row of the enrollment's history."""
    name, before = act.step.transition.name, act.facts.state
    hold(
        session,
        EnrollmentChange,
        workspace_id=act.workspace,
        enrollment_id=enrollment,
        before=before,
        after=after,
        frozen_at=act.now if name == "enrollmentDeactivate" else None,
        at=act.now,
        transition=name,
        actor=act.actor.name,
        reason=act.reason,
        batch_id=act.batch,
    )


async def create(session: AsyncSession, act: Act) -> Written:
    """Client in the package of the input, at today's versions."""
    if act.whom is None:
        raise ValueError("an enrollment without a client")
    package = await session.get_one(Package, (act.workspace, UUID(act.given.package)))
    days = package.duration_days
    row = Enrollment(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=act.whom,
        package_id=package.id,
        enrolled_at=act.now,
        version_policy=act.given.version_policy,
        payment_status=PaymentStatus.NOT_REQUIRED if package.billing is Billing.FREE else PaymentStatus.CURRENT,
        expires_at=act.now + timedelta(days=days) if days is not None else None,
    )
    session.add(row)
    await session.flush()
    await _tell(session, act, row.id, EnrollmentState.ACTIVE)
    if act.facts.status is ClientStatus.PROSPECT:
        await tell(session, act, act.whom, ClientStatus.PROSPECT, promoted(coaching=package.coaching))
    return Written(row)


def _frozen(act: Act) -> Columns:
    return {"state": act.decision.after, "frozen_at": act.now, "frozen_reason": act.given.reason}


def _thawed(act: Act) -> Columns:
    return {"state": act.decision.after, "frozen_at": None, "frozen_reason": None}


def _deleted(act: Act) -> Columns:
    return {"state": act.decision.after, "deleted_at": act.now, "deleted_reason": act.given.reason}


def _gap(act: Act) -> list[SQLModel]:
    if act.given.grant_missed_content:
        return []
    since = act.row.frozen_at
    return [EnrollmentGap(workspace_id=act.workspace, enrollment_id=act.subject, from_at=since, until_at=act.now)]


def changing(columns: Callable[[Act], Columns], beside: Callable[[Act], list[SQLModel]] = lambda _: []) -> Writer:
    """Writer that sets columns of the enrollment, and tells the history."""
    write = setting(columns, beside)

    async def told(session: AsyncSession, act: Act) -> Written:
        written = await write(session, act)
        if act.decision.after is None:
            raise ValueError("a step of an enrollment leads to a state")
        await _tell(session, act, act.subject, EnrollmentState[act.decision.after])
        return written

    return told


WRITERS: Mapping[str, Writer] = {
    "enrollmentCreate": create,
    "enrollmentDeactivate": changing(_frozen),
    "enrollmentReactivate": changing(_thawed, _gap),
    "enrollmentDelete": changing(_deleted),
}
