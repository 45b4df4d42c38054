"""Steps with what is stored about a client: deletions, requests for them, and holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.erasure import ANSWER_DAYS
from lifecycle.permits import ActorKind
from lifecycle.vocabulary import AccessMode, ClientStatus, DataPart, DataState, ErasureState, LinkPurpose
from resolvers.acts.base import Act, Columns, Writer, Written, compare_and_set, made, setting, state
from resolvers.acts.exports import export_file
from resolvers.erasure.going import ALONE, INTERACTIONS
from resolvers.inserts import insert
from resolvers.links import open_link
from resolvers.sql import row, rows
from storage.errors import Conflict
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.erasure import ErasureRequest, LegalHold
from storage.tables.operations import ExportFile
from storage.tables.workspace import Workspace

_OPEN: Final = (ErasureState.REQUESTED, ErasureState.VERIFIED, ErasureState.SCHEDULED, ErasureState.BLOCKED)


async def delete_data(session: AsyncSession, act: Act) -> Written:
    """The new data state, by which nothing more happens with the person; and the deletion, which goes on in small steps."""
    await compare_and_set(session, act, {"data_state": act.decision.after})
    await _tell(session, act, act.row, DataState[str(act.decision.after)])
    request = await _asked_before(session, act) or _request(act, ErasureState.RUNNING)
    request.state, request.started_at, request.locked_until, request.blocked_by = ErasureState.RUNNING, act.now, None, None
    request.parts = orjson.dumps([part.value for part in act.step.transition.deletes]).decode()
    session.add(request)
    await session.flush()
    return Written(act.row, erasure=request.id)


async def _tell(session: AsyncSession, act: Act, client: Any, after: DataState) -> None:
    """Row of the history of what is stored; the status stays."""
    told: dict[str, Any] = {"at": act.now, "transition": act.step.transition.name, "actor": act.actor.name, "batch_id": act.batch}
    status, mode = ClientStatus[client.status], AccessMode[client.access_mode]
    key = {"workspace_id": client.workspace_id, "client_id": client.id}
    await insert(session, ClientStatusChange, before=status, after=status, access_mode=mode, data_state=after, **key, **told)


async def _asked_before(session: AsyncSession, act: Act) -> ErasureRequest | None:
    """Request that waits, where the step does all that it asks for."""
    if set(act.step.transition.deletes) != set(DataPart):
        return None
    mine = (col(ErasureRequest.workspace_id) == act.workspace, col(ErasureRequest.client_id) == act.subject)
    return (await session.exec(select(ErasureRequest).where(*mine, col(ErasureRequest.state).in_(_OPEN)))).first()


def _request(act: Act, state_: ErasureState) -> ErasureRequest:
    return ErasureRequest(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=act.row.id,
        client_number=act.row.number,
        parts=orjson.dumps([part.value for part in DataPart]).decode(),
        state=state_,
        actor=act.actor.name,
        member_id=act.member,
        requested_at=act.now,
        due_at=act.now + timedelta(days=ANSWER_DAYS),
        cancel_subscription=getattr(act.given, "cancel_subscription", False),
    )


async def request(session: AsyncSession, act: Act) -> Written:
    """Request: of staff who know the person, on its way; of the client, or where it takes two members, waiting for another; otherwise to be
    verified first."""
    made = export_file(act) if act.given.export_first and act.facts.unexported else None
    if made is not None:
        session.add(made)
        await session.flush()
    if not act.given.verified:
        asked = _request(act, ErasureState.REQUESTED)
    elif act.facts.by_two or act.actor.kind in (ActorKind.CLIENT, ActorKind.LINK):
        asked = _request(act, ErasureState.VERIFIED)
    else:
        asked = _request(act, ErasureState.SCHEDULED)
        asked.scheduled_for = await _day(session, act, act.row.id)
    session.add(asked)
    await session.flush()
    return Written(act.row, erasure=asked.id, secret=None if made is None else made.id.hex)


async def _day(session: AsyncSession, act: Act, client: UUID) -> datetime:
    """End of the time of grace, and of the links to exports of the client."""
    graced = act.now + timedelta(hours=(await session.get_one(Workspace, act.workspace)).erasure_grace_hours)
    mine = (col(ExportFile.workspace_id) == act.workspace, col(ExportFile.subject_id) == client, col(ExportFile.expires_at) > graced)
    return (await session.exec(select(func.max(ExportFile.expires_at)).where(*mine))).one() or graced


async def erasure_link(session: AsyncSession, act: Act) -> Written:
    """Link by which a client asks for their data to be deleted."""
    return Written(act.row, secret=open_link(session, act, act.subject, purpose=LinkPurpose.ERASURE))


async def schedule(session: AsyncSession, act: Act) -> Written:
    columns = {"state": act.decision.after, "scheduled_for": await _day(session, act, act.row.client_id)}
    await compare_and_set(session, act, columns)
    return Written(act.row, columns)


def _cancelled(act: Act) -> Columns:
    return {"state": act.decision.after, "completed_at": act.now}


async def place_hold(session: AsyncSession, act: Act) -> Written:
    if act.whom is None or act.member is None:
        raise ValueError("a hold is placed on a client, by a member")
    hold = LegalHold(workspace_id=act.workspace, client_id=act.whom, reason=act.given.reason, placed_by=act.member, placed_at=act.now)
    return await made(session, hold)


async def release_hold(session: AsyncSession, act: Act) -> Written:
    """Release; what waited for it is looked at again at once."""
    columns = {"released_at": act.now}
    await compare_and_set(session, act, columns)
    mine = (col(ErasureRequest.workspace_id) == act.workspace, col(ErasureRequest.client_id) == act.row.client_id)
    waiting = update(ErasureRequest).where(*mine, col(ErasureRequest.state) == ErasureState.BLOCKED)
    await session.exec(waiting.values(locked_until=None).execution_options(synchronize_session=False))
    return Written(act.row, columns)


# -- conversations -------------------------------------------------------------------------------------------------------

_LAST: Final = "SELECT p.client_id FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = :key"
_LEFT: Final = " UNION ALL ".join(
    f"SELECT 1 FROM {table} x WHERE x.workspace_id = :workspace AND x.client_id = :client" for table in INTERACTIONS
)


async def delete_conversation(session: AsyncSession, act: Act) -> Written:
    """The thread, its messages and its places. A client of whom it was all the history has none now."""
    known = {"workspace": act.workspace, "key": act.row.id, "version": act.row.version}
    people = [UUID(key) for (key,) in await rows(session, _LAST, known)]
    for table in ("message", "participant"):
        await rows(session, f"DELETE FROM {table} WHERE workspace_id = :workspace AND conversation_id = :key", known)
    gone = "DELETE FROM conversation WHERE workspace_id = :workspace AND id = :key AND version = :version RETURNING id"
    if await row(session, gone, known) is None:
        raise Conflict("object changed meanwhile", retry=True)
    for person in people:
        left = await row(session, f"{_LEFT} LIMIT 1", {"workspace": act.workspace, "client": person})
        alone = await row(session, f"{ALONE.format(client=':client')} LIMIT 1", {"workspace": act.workspace, "client": person})
        client = await session.get_one(Client, (act.workspace, person))
        if left is None and alone is None and client.data_state is DataState.PRESENT:
            client.data_state, client.version = DataState.HISTORY_DELETED, client.version + 1
            session.add(client)
            await _tell(session, act, client, DataState.HISTORY_DELETED)
    return Written(act.row)


WRITERS: Mapping[str, Writer] = {
    "clientDeleteHistory": delete_data,
    "clientDeleteContact": delete_data,
    "clientErase": delete_data,
    "erasureRequest": request,
    "clientErasureLink": erasure_link,
    "erasureVerify": setting(state),
    "erasureSchedule": schedule,
    "erasureCancel": setting(_cancelled),
    "holdPlace": place_hold,
    "holdRelease": release_hold,
    "conversationDelete": delete_conversation,
}
