"""An erasure of 10,000 interactions beside bare deletes of the same rows, and the wait of another writer: `python -m bench.erasure -h`."""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import insert
from uuid_utils.compat import uuid7

from bench import report
from bench.data import arguments, build, scratch
from lifecycle.vocabulary import DataPart, DataState, ErasureState
from resolvers.desk import Desk
from resolvers.erasure.going import ALONE, going
from resolvers.erasure.run import begin, carry_out
from resolvers.sql import rows
from storage.database import Database, load_tables
from storage.tables.conversations import Conversation, Message, Participant
from storage.tables.erasure import ErasureRequest

CLIENTS = 500
INTERACTIONS = 10_000
LOT = 500
CHOSEN = (
    "SELECT c.id, c.number, c.workspace_id FROM client c WHERE c.data_state = 'PRESENT' AND NOT EXISTS (SELECT 1 FROM subscription s"
    " JOIN enrollment e ON e.workspace_id = s.workspace_id AND e.id = s.enrollment_id WHERE e.client_id = c.id)"
    " AND c.workspace_id = (SELECT workspace_id FROM client GROUP BY workspace_id ORDER BY count(*) DESC LIMIT 1)"
    " ORDER BY c.id LIMIT :count"
)
SOME = (
    "DELETE FROM message WHERE workspace_id = :workspace AND id IN"
    f" (SELECT id FROM message WHERE workspace_id = :workspace AND client_id = :client LIMIT {LOT}) RETURNING id"
)
BODY = "How are you? " * 8
TICK = "UPDATE workspace SET currency = currency WHERE id = :workspace RETURNING id"

Way = Callable[[dict[str, Any]], Awaitable[None]]


class Bench:
    """Clients of one workspace, each erased in one of the ways, while somebody else writes through the same pool."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def chosen(self, count: int) -> list[dict[str, Any]]:
        async with self.database.write() as session:
            found = await rows(session, CHOSEN, {"count": count})
        return [{"client": UUID(client), "number": number, "workspace": UUID(workspace)} for client, number, workspace in found]

    async def fill(self, who: dict[str, Any]) -> None:
        """Ten thousand messages of one client, a minute apart."""
        began, workspace, client = datetime.now(UTC) - timedelta(days=30), who["workspace"], who["client"]
        talk = Conversation(workspace_id=workspace, subject="S", opened_at=began, last_message_at=began)
        said = {"workspace_id": workspace, "conversation_id": talk.id, "client_id": client, "direction": "FROM_CLIENT", "body": BODY}
        sent = [{**said, "id": uuid7(), "sent_at": began + timedelta(minutes=minute)} for minute in range(INTERACTIONS)]
        async with self.database.write() as session:
            session.add(talk)
            await session.flush()
            session.add(Participant(workspace_id=workspace, conversation_id=talk.id, client_id=client, joined_at=began))
            await session.flush()
            await (await session.connection()).execute(insert(Message), sent)

    async def timed(self, work: Way, who: dict[str, Any]) -> float:
        began = time.perf_counter()
        await work(who)
        return time.perf_counter() - began

    async def beside(self, work: Way, who: dict[str, Any]) -> float:
        """Longest wait of somebody who writes a little all the time beside some work."""
        stop, waits = asyncio.Event(), [0.0]

        async def write() -> None:
            while not stop.is_set():
                began = time.perf_counter()
                async with self.database.write() as session:
                    await rows(session, TICK, who)
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.002)

        writer = asyncio.create_task(write())
        await asyncio.sleep(0.05)
        waits[:] = [0.0]
        await work(who)
        stop.set()
        await writer
        return max(waits)

    async def erase(self, who: dict[str, Any]) -> None:
        """As the worker does it when the day of a request has come."""
        now = datetime.now(UTC)
        async with self.database.write() as session:
            whose = {"workspace_id": who["workspace"], "client_id": who["client"], "client_number": who["number"]}
            request = ErasureRequest(**whose, actor="clock", due_at=now)
            request.state, request.scheduled_for, request.parts = ErasureState.SCHEDULED, now, '["HISTORY", "CONTACT"]'
            session.add(request)
        desk = Desk(database=self.database, now=now, request_id="bench", secrets=(b"bench" * 8,))
        if not (await begin(desk, who["workspace"], request.id) and await carry_out(desk, who["workspace"], request.id)):
            raise RuntimeError("the erasure was refused")

    async def bare(self, who: dict[str, Any]) -> None:
        """The same rows, each kind by one DELETE, in one transaction."""
        async with self.database.write() as session:
            alone = [talk for (talk,) in await rows(session, ALONE.format(client=":client"), who)]
            for one in going(frozenset(DataPart), DataState.ERASED):
                if one.table != "conversation" and not one.blanks:
                    await rows(session, f"DELETE FROM {one.table} AS x WHERE {one.found}", who)
            for talk in alone:
                for table, column in (("participant", "conversation_id"), ("conversation", "id")):
                    await rows(session, f"DELETE FROM {table} WHERE workspace_id = :workspace AND {column} = :talk", {**who, "talk": talk})

    async def lots(self, who: dict[str, Any]) -> None:
        """All messages, five hundred in a transaction."""
        for _ in range(INTERACTIONS // LOT):
            async with self.database.write() as session:
                await rows(session, SOME, who)


async def measure(url: str, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds, and the other's longest wait, of each way, in turn."""
    load_tables()
    async with await Database.open(url) as database:
        bench = Bench(database)
        works = {"erasure": bench.erase, "bare deletes": bench.bare, f"bare deletes of {LOT} rows each": bench.lots}
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        people = iter(await bench.chosen(2 * len(works) * (rounds + 1)))
        for number in range(rounds + 1):
            for name, work in works.items():
                alone, accompanied = next(people), next(people)
                await bench.fill(alone)
                await bench.fill(accompanied)
                figures = (await bench.timed(work, alone), await bench.beside(work, accompanied))
                if number:  # the first round warms up
                    found[name].append(figures)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.erasure", description=__doc__)
    arguments(parser)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with scratch(options.engine) as url:
        build(url, CLIENTS)
        found = asyncio.run(measure(url, options.rounds))
    medians = {name: [statistics.median(side) * 1000 for side in zip(*pairs, strict=True)] for name, pairs in found.items()}
    shown = [[name, f"{took:.0f}", f"{waited:.0f}"] for name, (took, waited) in medians.items()]
    print(report.table([f"milliseconds, median, {options.engine}", "took", "another writer's longest wait"], shown))
    erasure, bare, lots = medians.values()
    print(f"\nerasure / bare deletes: {erasure[0] / bare[0]:.2f}")
    print(f"longest wait beside it / beside bare deletes of {LOT} rows each: {erasure[1] / lots[1]:.2f}")
    print(f"\n{report.machine()}. {options.rounds} interleaved rounds, {INTERACTIONS:,} messages a client.")


if __name__ == "__main__":
    main()
