"""What the holder of a link for deletion may do: ask for it, see how far it is, and take it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lifecycle.inputs import Plain, RequestErasure
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ErasureState, LinkPurpose
from resolvers.desk import Desk
from resolvers.lifecycle import TOO_MANY, Rollback, take, tries
from resolvers.link_acts import holder, opened
from resolvers.links import INVALID, use_link
from resolvers.steps import Outcome, Step
from storage.tables.erasure import ErasureRequest
from storage.tables.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """Request for deletion as its link shows it; without a state where nothing was asked for yet."""

    workspace: str
    state: ErasureState | None = None
    requested_at: datetime | None = None
    scheduled_for: datetime | None = None
    due_at: datetime | None = None


async def erasure_by_link(desk: Desk, token: str) -> Asked | None:
    """What was asked for by a link, until the time of the link is over."""
    async with desk.database.write() as session:
        try:
            link, _ = await opened(session, token, LinkPurpose.ERASURE, desk.now, used_too=True)
        except Rollback:
            return None
        workspace = (await session.get_one(Workspace, link.workspace_id)).name
        if link.subject_id is None:
            return Asked(workspace)
        request = await session.get_one(ErasureRequest, (link.workspace_id, link.subject_id))
        return Asked(workspace, request.state, request.requested_at, request.scheduled_for, request.due_at)


async def ask_erasure(desk: Desk, token: str, given: RequestErasure) -> Outcome:
    """Ask for all about oneself to be deleted. The link then takes it back, for as long as it may take until it is carried out."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            link, client = await opened(session, token, LinkPurpose.ERASURE, desk.now)
            step = Step(transition=BY_NAME["erasureRequest"], subject=client.id.hex, given=given)
            outcome = await take(session, desk, holder(link, desk.now), step)
            if outcome.problems or outcome.erasure is None:
                raise Rollback(outcome)
            request = await session.get_one(ErasureRequest, (link.workspace_id, UUID(outcome.erasure)))
            grace = (await session.get_one(Workspace, link.workspace_id)).erasure_grace_hours
            request.member_id, link.subject_id, link.expires_at = link.member_id, request.id, request.due_at + timedelta(hours=grace)
            session.add_all([request, link])
            await session.flush()
            await use_link(session, link, desk.now)
            return outcome

    return await tries(once, Outcome(problems=(TOO_MANY,)))


async def cancel_erasure(desk: Desk, token: str) -> Outcome:
    """Take back what was asked for by this link."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            link, _ = await opened(session, token, LinkPurpose.ERASURE, desk.now, used_too=True)
            if link.subject_id is None:
                raise Rollback(Outcome(problems=(INVALID,)))
            step = Step(transition=BY_NAME["erasureCancel"], subject=link.subject_id.hex, given=Plain())
            outcome = await take(session, desk, holder(link, desk.now), step)
            if outcome.problems:
                raise Rollback(outcome)
            return outcome

    return await tries(once, Outcome(problems=(TOO_MANY,)))
