"""Processes that take steps and take them back until they are killed, and tell each that was acknowledged: see `test_crash.py`.

All is imported once, here; each line of the input makes one such process out of it.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from math import inf
from uuid import uuid4

from sqlmodel import col, select

from lifecycle.transition import Axis
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import FreezeReason, Role
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.desk import Desk
from resolvers.lifecycle import perform
from resolvers.steps import Step
from resolvers.undo import undo
from storage.database import Database, load_tables
from storage.tables.clients import Client
from storage.tables.operations import Batch
from storage.tables.packages import Enrollment
from storage.tables.workspace import LoginSession, Member


async def work(url: str, times: float = inf) -> None:
    database = await Database.open(url)
    async with database.write() as session:
        login = (await session.exec(select(LoginSession))).one()
        owner = (await session.exec(select(Member))).one()
        clients = (await session.exec(select(Client))).all()
        enrollments = (await session.exec(select(Enrollment))).all()
    caller = Caller(
        kind=CallerKind.STAFF, workspace=owner.workspace_id.hex, account=owner.account_id.hex, member=owner.id.hex, client=None,
        role=Role.OWNER, proof=Proof.SESSION, proof_id=login.id.hex, expires_at=login.expires_at.timestamp(),
    )  # fmt: skip
    say("ready")
    rows: list[Client | Enrollment] = [*clients, *enrollments]
    await asyncio.gather(*(go_on(database, caller, row, times) for row in rows))
    await database.close()


async def go_on(database: Database, caller: Caller, row: Client | Enrollment, times: float) -> None:
    """Take the one step that the object admits, then take it back, and so on."""
    axis = Axis.CLIENT if isinstance(row, Client) else Axis.ENROLLMENT
    name, said = ("clientMakeInactive", {}) if axis is Axis.CLIENT else ("enrollmentDeactivate", {"reason": FreezeReason.COACH_DECISION})
    transition = BY_NAME[name]
    async with database.write() as session:
        mine = (col(Batch.subject_id) == row.id, col(Batch.undone_at).is_(None))
        left = (await session.exec(select(Batch).where(*mine).order_by(col(Batch.id).desc()))).first()
    batch = None if left is None else left.id.hex
    while (times := times - 1) >= 0:
        desk = Desk(database=database, now=datetime.now(UTC), request_id=None, secrets=(b"secret",))
        if batch is None:
            given = transition.input(**said, said=frozenset(said))
            outcome = await perform(desk, caller, Step(transition=transition, subject=row.id.hex, given=given, idempotency_key=uuid4().hex))
        else:
            outcome = (await undo(desk, caller, batch)).outcome
        if outcome.problems:
            say(f"refused {outcome.problems[0].code}")
            return
        batch = outcome.batch if batch is None else None
        say(f"done {outcome.event}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def nurse(url: str) -> None:
    """Make a process for each line, and tell when it has ended."""
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(work(url))
            os._exit(0)
        say(f"process {child}")
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    load_tables()
    asyncio.run(work(sys.argv[1], 2))  # what is slow the first time is known to all that follow
    nurse(sys.argv[1])
