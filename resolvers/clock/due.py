"""Steps whose day has come. Whoever claims one has it for a while; the step and its being done are written together, so once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ScheduleState
from resolvers.acts.waiting import PAYMENTS
from resolvers.callers import fetch
from resolvers.clock.turns import in_turns
from resolvers.desk import Desk, clock
from resolvers.leases import free, instants, never
from resolvers.lifecycle import attempt, take
from resolvers.records import kept_input
from resolvers.scheduling import day_of
from resolvers.sql import rows
from resolvers.steps import Outcome, Step
from storage.database import Database
from storage.errors import StorageError
from storage.tables.clients import Client
from storage.tables.operations import ScheduledTransition

#: How long whoever claimed a step has it to themselves; what a dead process held is free after it.
LEASE: Final = timedelta(seconds=60)
LOT: Final = 20
#: A step that fails so often by a fault of ours is put away.
MOST_ATTEMPTS: Final = 5

_DUE: Final = f"x.state = 'PENDING' AND x.due_at <= :now AND {free('x')}"
_ANY: Final = f"SELECT x.id FROM scheduled_transition x WHERE {_DUE} LIMIT 1"
_CLAIM: Final = (
    "UPDATE scheduled_transition SET locked_until = :lease, attempts = attempts + 1 WHERE (workspace_id, id) IN"
    f" (SELECT x.workspace_id, x.id FROM scheduled_transition x WHERE {_DUE} ORDER BY x.due_at LIMIT {LOT})"
    f" AND {_DUE.replace('x.', '')} RETURNING workspace_id, id"
)
_LOG: Final = structlog.get_logger("portico.clock")


async def work(database: Database, secrets: tuple[bytes, ...], now: Callable[[], datetime]) -> bool:
    """Take the next steps whose day has come; False where none waits."""
    async with database.read() as reader:
        if not await fetch(reader, _ANY, instants(now(), LEASE, reader.dialect)):
            return False
    at = now()
    lease = at + LEASE
    async with database.write() as session:
        claimed = await rows(session, _CLAIM, {"now": at, "lease": lease, "never": never(at, LEASE)})
    async for workspace, key in in_turns(claimed):
        desk = Desk(database=database, now=now(), request_id=None, secrets=secrets)
        try:
            await carry_out(desk, UUID(workspace), UUID(key), lease)
        except StorageError:
            raise
        except Exception:
            _LOG.exception("scheduled_transition_failed", id=key)
    return bool(claimed)


async def carry_out(desk: Desk, workspace: UUID, key: UUID, lease: datetime) -> None:
    """Take one step that is claimed until `lease`, or write down why it no longer applies."""

    async def act(session: AsyncSession) -> Outcome:
        return await _take(session, desk, workspace, key, lease)

    outcome = await attempt(desk, act, None)
    if outcome.problems and outcome.problems[0].code is not ProblemCode.TRY_LATER:
        async with desk.database.write() as session:
            gone = {"state": ScheduleState.CANCELLED, "finished_at": desk.now, "outcome": outcome.problems[0].code.value}
            await _write(session, workspace, key, lease, gone)


async def _take(session: AsyncSession, desk: Desk, workspace: UUID, key: UUID, lease: datetime) -> Outcome:
    waits = await session.get(ScheduledTransition, (workspace, key))
    if waits is None or waits.state is not ScheduleState.PENDING or waits.locked_until != lease:
        return Outcome()
    transition = BY_NAME[waits.transition]
    if transition.permanent:
        return Outcome(problems=(Problem(ProblemCode.CONFIRMATION_REQUIRED, "What nobody can undo is done by a person."),))
    if waits.client_id is not None:  # as everybody does who takes a step: the client first
        whose = (col(Client.workspace_id) == workspace, col(Client.id) == waits.client_id)
        await session.exec(select(Client.id).where(*whose).with_for_update())
    finished = await _settled(session, desk, waits)
    if finished is not None:
        await _write(session, workspace, key, lease, finished)
        return Outcome()
    done = {"state": ScheduleState.DONE, "finished_at": desk.now, "outcome": "DONE"}
    if not await _write(session, workspace, key, lease, done):
        return Outcome()
    clerk = clock(workspace, desk.now, PAYMENTS if waits.cause is not None else "")
    given = kept_input(transition.input, waits.input)
    outcome = await take(session, desk, clerk, Step(transition=transition, subject=waits.subject_id.hex, given=given))
    if outcome.event is not None:
        mine = (col(ScheduledTransition.workspace_id) == workspace, col(ScheduledTransition.id) == key)
        told = update(ScheduledTransition).where(*mine).values(event_id=UUID(outcome.event))
        await session.exec(told.execution_options(synchronize_session=False))
    return outcome


async def _settled(session: AsyncSession, desk: Desk, waits: ScheduledTransition) -> dict[str, Any] | None:
    """What is written where the step is not taken now: its day has moved, or it cannot be taken."""
    if waits.attempts > MOST_ATTEMPTS:
        return {"state": ScheduleState.CANCELLED, "finished_at": desk.now, "outcome": "FAILED"}
    due = await day_of(session, waits)
    if due is None:
        return {"state": ScheduleState.CANCELLED, "finished_at": desk.now, "outcome": "NO_LONGER_APPLIES"}
    return {"due_at": due, "locked_until": None, "attempts": 0} if due > desk.now else None


async def _write(session: AsyncSession, workspace: UUID, key: UUID, lease: datetime, values: dict[str, Any]) -> bool:
    """Write on a row that is still ours; False where somebody else has it, or it waits no more."""
    mine = (
        col(ScheduledTransition.workspace_id) == workspace,
        col(ScheduledTransition.id) == key,
        col(ScheduledTransition.state) == ScheduleState.PENDING,
        col(ScheduledTransition.locked_until) == lease,
    )
    changed = await session.exec(update(ScheduledTransition).where(*mine).values(**values).execution_options(synchronize_session=False))
    return bool(changed.rowcount == 1)
