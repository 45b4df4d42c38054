"""An erasure of 10,000 interactions beside bare deletes of the same rows, and the wait of another writer: `python -m bench.erasure -h`."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bench import report
from bench.data import Engine, arguments, build, scratch
from bench.transitions import Bare
from lifecycle.vocabulary import DataPart, DataState, ErasureState
from resolvers.desk import Desk
from resolvers.erasure.going import ALONE, going
from resolvers.erasure.run import begin, carry_out
from storage.database import Database, load_tables
from storage.tables.erasure import ErasureRequest

CLIENTS = 500
INTERACTIONS = 10_000
LOT = 500
CHOSEN = (
    "SELECT c.id, c.number, c.workspace_id FROM client c WHERE c.data_state = 'PRESENT' AND NOT EXISTS (SELECT 1 FROM subscription s"
    " JOIN enrollment e ON e.workspace_id = s.workspace_id AND e.id = s.enrollment_id WHERE e.client_id = c.id)"
    " AND c.workspace_id = (SELECT workspace_id FROM client GROUP BY workspace_id ORDER BY count(*) DESC LIMIT 1) ORDER BY c.id LIMIT {}"
)
TALK = (
    "INSERT INTO conversation (workspace_id, id, subject, state, opened_at, last_message_at, version) VALUES (?, ?, 'S', 'OPEN', ?, ?, 1)"
)
PLACE = "INSERT INTO participant (workspace_id, id, conversation_id, client_id, joined_at) VALUES (?, ?, ?, ?, ?)"
MESSAGE = (
    "INSERT INTO message (workspace_id, id, conversation_id, client_id, direction, body, sent_at) VALUES (?, ?, ?, ?, 'FROM_CLIENT', ?, ?)"
)
TICK = "UPDATE workspace SET currency = currency WHERE id = ?"


class Bench:
    """Database, a connection that works by hand, and one of another writer."""

    def __init__(self, engine: Engine, url: str, database: Database) -> None:
        self.engine, self.database = engine, database
        self.hand, self.other = Bare(engine, url), Bare(engine, url)
        self.waits: list[float] = []

    def key(self, value: Any) -> Any:
        key = UUID(str(value))
        return key if self.engine == "postgresql" else key.hex

    async def fill(self, client: Any, workspace: Any) -> None:
        """Ten thousand messages of one client."""
        now: Any = datetime.now(UTC) - timedelta(days=1)
        now = now if self.engine == "postgresql" else now.isoformat(" ", "microseconds")[:26]
        talk = self.key(uuid4())
        await self.hand.execute("BEGIN")
        await self.hand.execute(TALK, workspace, talk, now, now)
        await self.hand.execute(PLACE, workspace, self.key(uuid4()), talk, client, now)
        for _ in range(INTERACTIONS):
            await self.hand.execute(MESSAGE, workspace, self.key(uuid4()), talk, client, "How are you? " * 8, now)
        await self.hand.execute("COMMIT")

    async def beside(self, work: Callable[[], Awaitable[None]], workspace: Any) -> tuple[float, float]:
        """Seconds of some work, and the longest wait of somebody who writes a little all the time."""
        stop, waits = asyncio.Event(), [0.0]

        async def write() -> None:
            while not stop.is_set():
                began = time.perf_counter()
                await self.other.execute(TICK, workspace)
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.002)

        writer = asyncio.create_task(write())
        await asyncio.sleep(0.05)
        waits[:] = [0.0]
        began = time.perf_counter()
        await work()
        took = time.perf_counter() - began
        stop.set()
        await writer
        return took, max(waits)

    async def erase(self, client: Any, number: int, workspace: Any) -> None:
        """As the worker does it when the day of a request has come."""
        owner, now = UUID(str(workspace)), datetime.now(UTC)
        async with self.database.write() as session:
            request = ErasureRequest(workspace_id=owner, client_id=UUID(str(client)), client_number=number, actor="clock", due_at=now)
            request.state, request.scheduled_for, request.parts = ErasureState.SCHEDULED, now, '["HISTORY", "CONTACT"]'
            session.add(request)
        desk = Desk(database=self.database, now=now, request_id="bench", secrets=(b"bench" * 8,))
        if not (await begin(desk, owner, request.id) and await carry_out(desk, owner, request.id)):
            raise RuntimeError("the erasure was refused")

    async def bare(self, client: Any, number: int, workspace: Any) -> None:
        """The same rows, each kind by one DELETE, in one transaction."""
        await self.hand.execute("BEGIN")
        for one in going(frozenset(DataPart), DataState.ERASED):
            if one.table == "conversation":  # its places go with it
                await self._threads(client, workspace)
                continue
            values = {":workspace": workspace, ":client": client, ":number": number}
            sql, given = _positional(f"DELETE FROM {one.table} WHERE id IN (SELECT x.id FROM {one.table} x WHERE {one.found})", values)
            if not one.blanks:
                await self.hand.execute(sql, *given)
        await self.hand.execute("COMMIT")

    async def _threads(self, client: Any, workspace: Any) -> None:
        sql, given = _positional(ALONE.format(client=":client"), {":workspace": workspace, ":client": client})
        for (talk,) in [tuple(row) for row in await self.hand.execute(sql, *given)]:
            await self.hand.execute("DELETE FROM participant WHERE workspace_id = ? AND conversation_id = ?", workspace, talk)
            await self.hand.execute("DELETE FROM conversation WHERE workspace_id = ? AND id = ?", workspace, talk)

    async def lot(self, client: Any, workspace: Any) -> None:
        """Five hundred messages, in one transaction."""
        chosen = f"SELECT id FROM message WHERE workspace_id = ? AND client_id = ? LIMIT {LOT}"
        await self.hand.execute(f"DELETE FROM message WHERE workspace_id = ? AND id IN ({chosen})", workspace, workspace, client)


def _positional(sql: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    given = []
    while found := min((at, name) for name in values if (at := sql.find(name)) >= 0) if any(name in sql for name in values) else None:
        at, name = found
        given.append(values[name])
        sql = f"{sql[:at]}?{sql[at + len(name) :]}"
    return sql, given


async def measure(engine: Engine, url: str, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds, and the other's longest wait, of each way, in turn."""
    load_tables()
    found: dict[str, list[tuple[float, float]]] = {"erasure": [], "bare deletes": [], "bare delete of 500 rows": []}
    async with await Database.open(url) as database:
        bench = Bench(engine, url, database)
        await bench.hand.open()
        await bench.other.open()
        people = await bench.hand.execute(CHOSEN.format(3 * rounds))
        for turn in range(rounds):
            first, second, third = [tuple(row) for row in people[3 * turn : 3 * turn + 3]]
            for client, _, workspace in (first, second, third):
                await bench.fill(client, workspace)
            works: dict[str, Callable[[], Awaitable[None]]] = {
                "erasure": lambda one=first: bench.erase(*one),  # type: ignore[misc]
                "bare deletes": lambda one=second: bench.bare(*one),  # type: ignore[misc]
                "bare delete of 500 rows": lambda one=third: bench.lot(one[0], one[2]),  # type: ignore[misc]
            }
            for name, work in works.items():
                found[name].append(await bench.beside(work, first[2]))
        await bench.hand.close()
        await bench.other.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.erasure", description=__doc__)
    arguments(parser)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with scratch(options.engine) as url:
        build(url, CLIENTS)
        found = asyncio.run(measure(options.engine, url, options.rounds))
    medians = {name: [statistics.median(side) * 1000 for side in zip(*pairs, strict=True)] for name, pairs in found.items()}
    rows = [[name, f"{took:.0f}", f"{waited:.0f}"] for name, (took, waited) in medians.items()]
    print(report.table([f"milliseconds, median, {options.engine}", "took", "another writer's longest wait"], rows))
    print(f"\nerasure / bare deletes: {medians['erasure'][0] / medians['bare deletes'][0]:.2f}")
    print(f"longest wait beside it / beside a bare delete of {LOT}: {medians['erasure'][1] / medians['bare delete of 500 rows'][1]:.2f}")
    print(f"\n{report.machine()}. {options.rounds} interleaved rounds, {INTERACTIONS:,} messages a client.")


if __name__ == "__main__":
    main()
