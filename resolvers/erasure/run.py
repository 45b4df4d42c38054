"""Deletions from their day to their receipt. Killed anywhere and started again, they end in the same state, with one receipt."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.inputs import DeleteData
from lifecycle.problems import ProblemCode
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import DataPart, DataState, ErasureState
from resolvers.callers import fetch
from resolvers.clock.turns import in_turns
from resolvers.desk import Desk, clock
from resolvers.erasure.contact import finish
from resolvers.erasure.deletion import LEASE, Deletion, Taken
from resolvers.erasure.going import going
from resolvers.erasure.receipts import issue
from resolvers.erasure.search import search
from resolvers.erasure.work import delete, verify
from resolvers.leases import free, instants, never
from resolvers.lifecycle import attempt, take
from resolvers.sql import row
from resolvers.steps import Outcome, Step
from storage.database import Database
from storage.errors import StorageError
from storage.scrub import scrub
from storage.tables.erasure import ErasureRequest

#: What is blocked is looked at again after so long, and at once where a hold is released.
PATIENCE: Final = timedelta(minutes=1)
#: On PostgreSQL the tables are written anew at most every so many seconds, for all deletions that wait for it.
REST: Final = 600
_LOG: Final = structlog.get_logger("portico.erasure")

_DUE: Final = (
    "SELECT x.workspace_id, x.id FROM erasure_request x WHERE x.state IN ('SCHEDULED', 'BLOCKED') AND x.scheduled_for <= :now"
    f" AND {free('x')} LIMIT 20"
)
_RUNNING: Final = (
    f"SELECT x.workspace_id, x.id FROM erasure_request x WHERE x.state = 'RUNNING' AND x.deleted_at IS NULL AND {free('x')} LIMIT 20"
)
_DELETED: Final = "SELECT x.workspace_id, x.id FROM erasure_request x WHERE x.state = 'RUNNING' AND x.deleted_at IS NOT NULL LIMIT 100"
_CLAIM: Final = (
    "UPDATE erasure_request SET locked_until = :lease WHERE workspace_id = :workspace AND id = :key AND state = 'RUNNING'"
    f" AND deleted_at IS NULL AND {free()} RETURNING client_id, client_number, parts"
)
_AFTER: Final = "SELECT c.data_state FROM client c WHERE c.workspace_id = :workspace AND c.id = :client"


class Erasures:
    """Work on deletions, step by step."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._scrubbed: float | None = None

    async def __call__(self, database: Database, secrets: tuple[bytes, ...], now: Callable[[], datetime]) -> bool:
        """Begin what is due, carry on what was begun, give receipts for what is done; False where nothing moved."""
        moved = False
        async for workspace, key in in_turns(await _found(database, _DUE, now())):
            desk = Desk(database=database, now=now(), request_id=None, secrets=secrets)
            moved |= await begin(desk, workspace, key)
        async for workspace, key in in_turns(await _found(database, _RUNNING, now())):
            desk = Desk(database=database, now=now(), request_id=None, secrets=secrets)
            moved |= await carry_out(desk, workspace, key)
        if database.dialect == "sqlite" or self._scrubbed is None or self._scrubbed + REST <= self._seconds():
            receipts = await conclude(database, secrets, now())
            self._scrubbed = self._seconds() if receipts else self._scrubbed
            moved |= receipts > 0
        return moved


async def _found(database: Database, sql: str, now: datetime) -> list[tuple[UUID, UUID]]:
    async with database.read() as reader:
        found = await fetch(reader, sql, instants(now, LEASE, reader.dialect))
    return [(UUID(str(workspace)), UUID(str(key))) for workspace, key in found]


async def begin(desk: Desk, workspace: UUID, key: UUID) -> bool:
    """Take the step that a request waited for, or write down what stands in its way; whether its state has changed."""

    async def act(session: AsyncSession) -> Outcome:
        request = await session.get_one(ErasureRequest, (workspace, key))
        if request.state not in (ErasureState.SCHEDULED, ErasureState.BLOCKED):
            return Outcome()
        given = DeleteData(cancel_subscription=request.cancel_subscription)
        step = Step(transition=BY_NAME["clientErase"], subject=request.client_id.hex, given=given)
        return await take(session, desk, clock(workspace, desk.now, "erasure"), step)

    outcome = await attempt(desk, act, None)
    if not outcome.problems:
        return True
    code = outcome.problems[0].code
    async with desk.database.write() as session:
        request = await session.get_one(ErasureRequest, (workspace, key))
        blocked = code in (ProblemCode.LEGAL_HOLD, ProblemCode.ACTIVE_SUBSCRIPTION)
        state = ErasureState.BLOCKED if blocked else request.state
        if code is ProblemCode.ALREADY_IN_STATE:  # somebody erased the client meanwhile
            state = ErasureState.CANCELLED
        moved = state is not request.state
        mine = (col(ErasureRequest.workspace_id) == workspace, col(ErasureRequest.id) == key, col(ErasureRequest.state) == request.state)
        values: dict[str, Any] = {"state": state, "blocked_by": code.value if blocked else None, "locked_until": desk.now + PATIENCE}
        await session.exec(update(ErasureRequest).where(*mine).values(**values).execution_options(synchronize_session=False))
    return moved


async def carry_out(desk: Desk, workspace: UUID, key: UUID) -> bool:
    """Delete what a request that runs is about; False where somebody else is at it."""
    deletion = await _claim(desk, workspace, key)
    if deletion is None:
        return False
    try:
        await delete(deletion)
        found, _ = await asyncio.gather(search(deletion), verify(deletion))
        await finish(deletion, found)
    except Taken:
        return False
    except StorageError as error:
        _LOG.warning("erasure_waits", id=key.hex, because=str(error))
        return False
    return True


async def _claim(desk: Desk, workspace: UUID, key: UUID) -> Deletion | None:
    lease = desk.now + LEASE
    async with desk.database.write() as session:
        known: dict[str, Any] = {"workspace": workspace, "key": key, "lease": lease, "now": desk.now, "never": never(desk.now, LEASE)}
        mine = await row(session, _CLAIM, known)
        if mine is None:
            return None
        client, number, parts = mine
        state = await row(session, _AFTER, {"workspace": workspace, "client": client})
    if state is None:
        raise LookupError("no such client")
    asked = frozenset(DataPart[part] for part in orjson.loads(parts))
    return Deletion(desk, workspace, key, client, number, asked, DataState[state[0]], lease)


async def conclude(database: Database, secrets: tuple[bytes, ...], now: datetime) -> int:
    """Take the deleted text out of the files, and give the receipts; how many. None while a reader holds the text there."""
    waiting = await _found(database, _DELETED, now)
    if not waiting:
        return 0
    how = await scrub(database, sorted({"client", "account", *(one.table for one in going(frozenset(DataPart), DataState.ERASED))}))
    if how is None:
        return 0
    given = 0
    for workspace, key in waiting:
        async with database.write() as session:
            mine = (col(ErasureRequest.workspace_id) == workspace, col(ErasureRequest.id) == key)
            request = (await session.exec(select(ErasureRequest).where(*mine).with_for_update())).one()
            if request.state is not ErasureState.RUNNING:
                continue
            receipt = await issue(session, request, secrets[0], how, now)
            request.state = ErasureState.COMPLETED if receipt.complete else ErasureState.INCOMPLETE
            request.completed_at, request.locked_until = now, None
            session.add(request)
            given += 1
    if given and database.dialect == "sqlite":
        await database.checkpoint()
    return given


async def delete_now(desk: Desk, workspace: UUID, key: UUID) -> None:
    """Carry out a deletion in the request that asked for it. What cannot be done at once is done by the workers."""
    if await carry_out(desk, workspace, key) and desk.database.dialect == "sqlite":
        await conclude(desk.database, desk.secrets, desk.now)
