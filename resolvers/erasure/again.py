"""Deletions done once more, after a backup from before them was restored: a backup brings back who was deleted."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.erasure import LOST
from lifecycle.inputs import DeleteData, Plain
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import DataPart, ErasureState
from resolvers.desk import Desk, clock
from resolvers.erasure.run import carry_out
from resolvers.lifecycle import attempt, take
from resolvers.steps import Outcome, Step
from storage.database import Database
from storage.tables.clients import Client
from storage.tables.erasure import ErasureRequest

_STEPS: Final = {frozenset(transition.deletes): transition for transition in BY_NAME.values() if transition.deletes}


@dataclass(frozen=True, slots=True)
class Done:
    """Deletion that was done: whose data, by key, and which parts."""

    workspace: UUID
    client: UUID
    parts: frozenset[DataPart]

    def line(self) -> str:
        body = {"workspace": self.workspace.hex, "client": self.client.hex, "parts": sorted(self.parts)}
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def of(cls, line: str) -> "Done":
        """Raises ValueError for a line that is none."""
        try:
            body: dict[str, Any] = orjson.loads(line)
            return cls(UUID(body["workspace"]), UUID(body["client"]), frozenset(DataPart[part] for part in body["parts"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no deletion") from error


async def done(database: Database) -> AsyncIterator[Done]:
    """Every deletion that was begun, oldest first."""
    begun = col(ErasureRequest.state).in_([ErasureState.RUNNING, ErasureState.COMPLETED, ErasureState.INCOMPLETE])
    async with database.write() as session:
        found = (await session.exec(select(ErasureRequest).where(begun).order_by(col(ErasureRequest.requested_at)))).all()
    for one in found:
        yield Done(one.workspace_id, one.client_id, frozenset(DataPart[part] for part in orjson.loads(one.parts)))


async def again(database: Database, secrets: tuple[bytes, ...], deletions: Iterable[Done], now: datetime) -> tuple[int, int, int]:
    """Do them again; how many were done, had nothing left to do, and were refused."""
    desk = Desk(database=database, now=now, request_id=None, secrets=secrets)
    counts = [0, 0, 0]
    for one in deletions:
        counts[await _again(desk, one)] += 1
    return counts[0], counts[1], counts[2]


async def _again(desk: Desk, one: Done) -> int:
    step = _STEPS[one.parts]
    given = DeleteData(cancel_subscription=True) if step.input is DeleteData else Plain()

    async def act(session: AsyncSession) -> Outcome:
        clerk = clock(one.workspace, desk.now, "restore")
        return await take(session, desk, clerk, Step(transition=step, subject=one.client.hex, given=given))

    async with desk.database.write() as session:
        client = await session.get(Client, (one.workspace, one.client))
    if client is None or one.parts <= LOST[client.data_state]:
        return 1
    outcome = await attempt(desk, act, None)
    if outcome.problems or outcome.erasure is None:
        return 2
    await carry_out(desk, one.workspace, UUID(outcome.erasure))
    return 0
