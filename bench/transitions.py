"""A transition beside the bare SQL transaction that does the same writes, interleaved: `python -m bench.transitions --help`."""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any
from uuid import UUID, uuid4

import aiosqlite
import asyncpg
import orjson
import structlog
from pydantic import SecretStr

from bench import report
from bench.data import Engine, arguments, build, scratch
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ClientStatus, Role
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.desk import Desk
from resolvers.lifecycle import perform
from resolvers.steps import Step
from server.app import create_app
from server.settings import Settings
from storage.database import Database, load_tables
from storage.readers import SQLITE_PRAGMAS

CLIENTS = 500
#: There and back again: each way changes the status and the stamp of one upcoming session.
ROAD = (("clientReturnToProspect", "HOT_LEAD", "PROSPECT"), ("clientMarkHotLead", "PROSPECT", "HOT_LEAD"))

#: The writes of one step, as one would write them by hand; `?` are the keys and values in their order.
UPDATE_CLIENT = (
    "UPDATE client SET status = ?, status_since = ?, access_mode = 'NONE', access_until = NULL, version = version + 1"
    " WHERE workspace_id = ? AND id = ? AND status = ?"
)
UPDATE_SESSIONS = (
    "UPDATE appointment SET counting_status = ? WHERE workspace_id = ? AND client_id = ? AND state = 'BOOKED' AND starts_at > ?"
)
INSERTS = {
    "client_status_change": "workspace_id id client_id before after access_mode data_state at transition actor batch_id",
    "audit_event": "workspace_id id at actor member_id action subject_kind subject_id client_id before after batch_id detail request_id",
    "batch": "workspace_id id transition subject_id version actor memory at undo_until",
    "outbox_event": "workspace_id id position name subject_kind subject_id payload created_at attempts",
}
POSITION = "SELECT COALESCE(max(position), 0) + 1 FROM outbox_event WHERE workspace_id = ?"
MEMORY = '{"columns":{"status":"HOT_LEAD","status_since":"2026-11-28T10:00:00Z","access_mode":"NONE","access_until":null},"added":[]}'

Execute = Callable[..., Awaitable[Any]]


def _statements() -> dict[str, str]:
    made = {}
    for table, columns in INSERTS.items():
        names = columns.split()
        made[table] = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
    return made


STATEMENTS = _statements()


async def bare(execute: Execute, ids: "Ids", before: str, after: str, name: str) -> None:
    """One step in bare SQL, between a BEGIN and a COMMIT of the caller."""
    now, batch, w, c = ids.instant(datetime.now(UTC)), ids.key(uuid4()), ids.workspace, ids.client
    await execute(UPDATE_CLIENT, after, now, w, c, before)
    await execute(UPDATE_SESSIONS, after, w, c, now)
    actor = f"member:{ids.member}"
    await execute(STATEMENTS["client_status_change"], w, ids.key(uuid4()), c, before, after, "NONE", "PRESENT", now, name, actor, batch)
    event = (w, ids.key(uuid4()), now, actor, ids.member, "client.step", "client", c, c, before, after, batch, "{}", "bench")
    await execute(STATEMENTS["audit_event"], *event)
    until = ids.instant(datetime.now(UTC) + timedelta(hours=72))
    await execute(STATEMENTS["batch"], w, batch, name, c, 2, actor, MEMORY, now, until)
    [(position,)] = await execute(POSITION, w)
    await execute(STATEMENTS["outbox_event"], w, ids.key(uuid4()), position, "client.step", "client", c, "{}", now, 0)


class Ids:
    """Keys of the client and the owner, as the driver takes them."""

    def __init__(self, engine: Engine, row: tuple[Any, ...]) -> None:
        self._engine = engine
        self.client, self.workspace, self.member, self.account = (self.key(UUID(str(value))) for value in row)
        self.hex = [UUID(str(value)).hex for value in row]

    def key(self, value: UUID) -> Any:
        return value if self._engine == "postgresql" else value.hex

    def instant(self, value: datetime) -> Any:
        return value if self._engine == "postgresql" else value.isoformat(" ", "microseconds")[:26]


class Bare:
    """Connection of the driver, with the settings of the gateway's own."""

    def __init__(self, engine: Engine, url: str) -> None:
        self._engine, self._url = engine, url
        self._connection: Any = None

    async def open(self) -> None:
        if self._engine == "postgresql":
            self._connection = await asyncpg.connect(self._url, server_settings={"jit": "off"})
        else:
            self._connection = await aiosqlite.connect(self._url.removeprefix("sqlite:///"), isolation_level=None)
            await self._connection.executescript(SQLITE_PRAGMAS)

    async def close(self) -> None:
        await self._connection.close()

    async def execute(self, sql: str, *values: Any) -> Any:
        if self._engine == "sqlite":
            return await self._connection.execute_fetchall(sql, values)
        for number in range(1, len(values) + 1):
            sql = sql.replace("?", f"${number}", 1)
        return await self._connection.fetch(sql, *values)

    async def step(self, ids: Ids, name: str, before: str, after: str) -> None:
        await self.execute("BEGIN" if self._engine == "postgresql" else "BEGIN IMMEDIATE")
        if self._engine == "postgresql":
            await self.execute("SELECT id FROM client WHERE workspace_id = ? AND id = ? FOR UPDATE", ids.workspace, ids.client)
        await bare(self.execute, ids, before, after, name)
        await self.execute("COMMIT")


async def _caller(database: Database, ids: Ids) -> Caller:
    from storage.tables.workspace import LoginSession  # noqa: PLC0415 - the tables are loaded by the database

    _, workspace, member, account = (UUID(key) for key in ids.hex)
    ends = datetime(9000, 1, 1, tzinfo=UTC)
    login = LoginSession(workspace_id=workspace, account_id=account, member_id=member, expires_at=ends)
    async with database.write() as session:
        session.add(login)
    return Caller(
        kind=CallerKind.STAFF,
        workspace=workspace.hex,
        account=account.hex,
        member=member.hex,
        client=None,
        role=Role.OWNER,
        proof=Proof.SESSION,
        proof_id=login.id.hex,
        expires_at=inf,
    )


_CHOSEN = (
    "SELECT c.id, c.workspace_id, m.id, m.account_id FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.role = 'OWNER'"
    " WHERE c.status = 'HOT_LEAD' AND EXISTS (SELECT 1 FROM appointment a WHERE a.workspace_id = c.workspace_id AND a.client_id = c.id"
    " AND a.state = 'BOOKED' AND a.starts_at > ?) ORDER BY c.id LIMIT 1"
)


class Whole:
    """The gateway in this process: a mutation goes in as the bytes of a request and comes out as those of an answer, without a socket."""

    def __init__(self, url: str, caller: Caller) -> None:
        settings = Settings(database_url=SecretStr(url), secret_keys=(SecretStr("bench" * 8),), clock=False)
        self._token = settings.token_codec().issue(replace(caller, expires_at=time.time() + 3600))
        self.app = create_app(settings)

    async def step(self, ids: Ids, name: str) -> None:
        query = f"mutation($id: ID!) {{ {name}(id: $id) {{ problems {{ code }} }} }}"
        body = orjson.dumps({"query": query, "variables": {"id": f"client_{ids.hex[0]}"}})
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._token}"}
        scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "client": ("127.0.0.1", 1)}
        scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
        answer = bytearray()

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            answer.extend(message.get("body", b""))

        await self.app(scope, receive, send)
        if b'"problems":[]' not in answer:
            raise RuntimeError(answer)


async def measure(engine: Engine, url: str, rounds: int) -> tuple[list[float], ...]:
    """Seconds of each step, as a whole request, by the gateway without what is around it, and in bare SQL, in turn."""
    hand, load = Bare(engine, url), load_tables
    load()
    await hand.open()
    now = datetime.now(UTC)
    found = await hand.execute(_CHOSEN, now if engine == "postgresql" else now.isoformat(" "))
    ids = Ids(engine, tuple(found[0]))
    async with await Database.open(url) as database:
        caller = await _caller(database, ids)

        async def ours(name: str) -> None:
            transition = BY_NAME[name]
            desk = Desk(database=database, now=datetime.now(UTC), request_id="bench", secrets=(b"bench" * 8,))
            outcome = await perform(desk, caller, Step(transition=transition, subject=ids.hex[0], given=transition.input()))
            if outcome.problems:
                raise RuntimeError(outcome.problems)

        times: tuple[list[float], ...] = ([], [], [])
        whole = Whole(url, caller)
        async with whole.app.router.lifespan_context(whole.app):
            for number in range(rounds + 5):
                for side, taken in enumerate(times):
                    for name, before, after in ROAD:
                        begin = time.perf_counter()
                        match side:
                            case 0:
                                await whole.step(ids, name)
                            case 1:
                                await ours(name)
                            case _:
                                await hand.step(ids, name, before, after)
                        if number >= 5:  # the first rounds fill caches
                            taken.append(time.perf_counter() - begin)
    await hand.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.transitions", description=__doc__)
    arguments(parser)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(open(os.devnull, "w")))  # noqa: SIM115 - until the process ends
    with scratch(options.engine) as url:
        build(url, CLIENTS)
        medians = [statistics.median(times) * 1000 for times in asyncio.run(measure(options.engine, url, options.rounds))]
    sides = ("whole request", "transition", "the same writes in bare SQL")
    rows = [[side, f"{median:.2f}", f"{median / medians[-1]:.2f}"] for side, median in zip(sides, medians, strict=True)]
    print(report.table(["median", f"ms, {options.engine}", "ratio"], rows))
    print(f"\n{report.machine()}. {options.rounds} interleaved rounds of {len(ROAD)} steps, {ClientStatus.HOT_LEAD} and back.")


if __name__ == "__main__":
    main()
