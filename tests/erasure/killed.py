"""A process that carries out a deletion and kills itself, with SIGKILL, right after its n-th transaction."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from resolvers.desk import Desk
from resolvers.erasure import run, work
from storage.database import Database

#: So few rows a transaction that there are many.
LOT = 4


async def _carry_out(url: str, secret: bytes, workspace: UUID, key: UUID, dies_after: int) -> None:
    database = await Database.open(url)
    write, done = database.write, 0

    @asynccontextmanager
    async def mortal() -> AsyncIterator[Any]:
        nonlocal done
        async with write() as session:
            yield session
        done += 1
        if done == dies_after:
            os.kill(os.getpid(), signal.SIGKILL)

    database.write = mortal  # type: ignore[method-assign]
    work.LOT = {"sqlite": LOT, "postgresql": LOT}  # type: ignore[misc]
    desk = Desk(database=database, now=datetime.now(UTC), request_id=None, secrets=(secret,))
    if not await run.carry_out(desk, workspace, key):
        raise RuntimeError("the deletion was not carried out")
    await run.conclude(database, (secret,), datetime.now(UTC))
    await database.close()


def carry_out(url: str, secret: bytes, workspace: UUID, key: UUID, dies_after: int) -> None:
    async def scrub(*_: object) -> str:  # as in the tests beside: it writes no row
        return "not in this test"

    run.scrub = scrub  # type: ignore[assignment, attr-defined]
    asyncio.run(_carry_out(url, secret, workspace, key, dies_after))
