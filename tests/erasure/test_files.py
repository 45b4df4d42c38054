"""Really gone: after an erasure the bytes of the person are found nowhere in the files of the database."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import orjson
import pytest
import pytest_asyncio

from resolvers.erasure.run import conclude
from storage.database import Database
from storage.scrub import scrub
from tests.access.site import Site, gid
from tests.erasure.acts import confirmed, delete, erasure, finish
from tests.erasure.person import Person, full, somebody
from tests.lifecycle.stage import Stage, build
from tests.rows import every_row

#: How many random clients are erased on each engine; `PORTICO_ERASURES=200` for more.
CLIENTS: Final = int(os.environ.get("PORTICO_ERASURES", "50"))


@pytest_asyncio.fixture(scope="module")
async def stage(site: Site) -> AsyncIterator[Stage]:
    yield await build(site, name="files")


async def files(database: Database) -> list[Path]:
    """Files in which the rows of the database lie. The server's write-ahead log is recycled by the server."""
    if database.dialect == "sqlite":
        path = Path(database.address.target)
        return [one for suffix in ("", "-wal", "-shm") if (one := path.with_name(path.name + suffix)).exists()]
    connection = await asyncpg.connect(database.address.target)
    try:
        await connection.execute("CHECKPOINT")
        home = Path(await connection.fetchval("SHOW data_directory"))
        key = await connection.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    finally:
        await connection.close()
    return [path for path in (home / "base" / str(key)).iterdir() if path.is_file()]


async def found_in_files(database: Database, *canaries: str) -> dict[str, set[str]]:
    """Canaries by the file that holds them."""
    held: dict[str, set[str]] = {}
    for path in await files(database):
        data = path.read_bytes()
        if mine := {canary for canary in canaries if canary.encode() in data}:
            held[path.name] = mine
    return held


async def done_with(stage: Stage) -> None:
    """Finish, however long the transactions of others, in other databases of the server, hold it up."""
    for _ in range(120):
        await finish(stage)
        waits = await stage.site.data(stage.tokens["OWNER"], "{ erasureRequests(filter: {state: [RUNNING]}) { totalCount } }")
        if waits["erasureRequests"]["totalCount"] == 0:
            return
        await asyncio.sleep(0.25)
    raise AssertionError("the receipts never came")


@pytest.mark.req("T1", "T11", "T-Q12")
async def test_the_bytes_are_gone(site: Site, stage: Stage) -> None:
    person = await full(stage)
    assert await found_in_files(site.database, person.canary), "the canary was never written: this test proves nothing"
    made = await delete(stage, "clientErase", person)
    await done_with(stage)
    assert (await erasure(stage, made["id"]))["state"] == "COMPLETED"
    assert await found_in_files(site.database, person.canary) == {}


@pytest.mark.req("T1", "T11")
async def test_a_reader_holds_them_and_the_receipt_waits_for_it(site: Site, stage: Stage) -> None:
    """Given a reader who began before, then the deletion is done at once, and COMPLETED is not said until the bytes are gone."""
    person = await full(stage)
    async with _reading(site.database):
        made = await confirmed(stage, "clientErase", gid("client", person.client))
        await finish(stage)
        waits = await erasure(stage, made["erasure"]["id"])
        assert (waits["state"], waits["receipt"]) == ("RUNNING", None)
        assert waits["deletedAt"] is not None
    await done_with(stage)
    assert (await erasure(stage, made["erasure"]["id"]))["state"] == "COMPLETED"
    assert await found_in_files(site.database, person.canary) == {}


class _reading:  # noqa: N801 - read as a word
    """Reader with a snapshot of the database, from before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __aenter__(self) -> None:
        if self._database.dialect == "sqlite":
            import sqlite3

            self._sqlite = sqlite3.connect(self._database.address.target, isolation_level=None)
            self._sqlite.execute("BEGIN")
            self._sqlite.execute("SELECT count(*) FROM client").fetchall()
        else:
            self._postgres = await asyncpg.connect(self._database.address.target)
            self._transaction = self._postgres.transaction(isolation="repeatable_read", readonly=True)
            await self._transaction.start()
            await self._postgres.fetch("SELECT count(*) FROM client")

    async def __aexit__(self, *_: object) -> None:
        if self._database.dialect == "sqlite":
            self._sqlite.execute("ROLLBACK")
            self._sqlite.close()
        else:
            await self._transaction.rollback()
            await self._postgres.close()


#: Everything about a client that a coach can ask for.
ALL: Final = (
    "name email phone address notes tags status dataState version customFields { nodes { name value } } consents { nodes { evidence } }"
    " appointments(first: 50) { nodes { id startsAt state } } attendances(first: 50) { nodes { id } }"
    " messages(first: 50) { nodes { id body } } invoices(first: 50) { nodes { id title } } payments(first: 50) { nodes { id } }"
    " estimates { nodes { id title } } documents { nodes { id title } } enrollments { nodes { id state } }"
    " history(first: 50) { nodes { id reason } }"
    " formResponses { nodes { id } } statusHistory { nodes { id reason } } interactions(first: 50) { totalCount }"
)


async def answers(stage: Stage, people: list[Person]) -> dict[str, bytes]:
    asked = {person.canary: f'{{ client(id: "{gid("client", person.client)}") {{ {ALL} }} }}' for person in people}
    token = stage.tokens["COACH"]
    return {canary: orjson.dumps(await stage.site.data(token, query), option=orjson.OPT_SORT_KEYS) for canary, query in asked.items()}


@pytest.mark.req("T1", "T4", "T-Q14")
async def test_many_random_clients(site: Site, stage: Stage) -> None:
    """Given random clients with random histories, when each is erased, then no byte of them is left, and the others answer as before."""
    draw = random.Random(4)
    stay = [await full(stage) for _ in range(3)]
    before = await answers(stage, stay)
    gone: list[Person] = []
    for _ in range(CLIENTS):
        person = await _random(stage, draw)
        gone.append(person)
        steps = draw.choice(
            [("clientErase",), ("clientDeleteHistory", "clientDeleteContact"), ("clientDeleteContact", "clientDeleteHistory")]
        )
        for name in steps:
            made = await confirmed(stage, name, gid("client", person.client), also="erasure { id }")
            assert made["problems"] == [], (name, made)
    await done_with(stage)
    states = await stage.site.data(stage.tokens["OWNER"], "{ erasureRequests(filter: {state: [RUNNING, INCOMPLETE]}) { totalCount } }")
    assert states["erasureRequests"]["totalCount"] == 0
    rows = await every_row(site.database)
    assert {person.canary: held for person in gone if (held := [name for name, text in rows.items() if person.canary in text])} == {}
    assert await found_in_files(site.database, *(person.canary for person in gone)) == {}
    assert await answers(stage, stay) == before


async def _random(stage: Stage, draw: random.Random) -> Person:
    """Client with some of what there can be."""
    person = await (full(stage, draw=draw) if draw.random() < 0.8 else somebody(stage))
    for _ in range(draw.randrange(4)):
        await stage.service(person.client, draw.uniform(-300, 60), override_reason=f"For {person.canary}")
    return person


async def test_scrub_says_how(site: Site) -> None:
    for _ in range(120):
        if (how := await scrub(site.database, ["client"])) is not None:
            break
        await asyncio.sleep(0.25)
    if site.database.dialect == "sqlite":
        assert how == "secure_delete, wal_checkpoint(TRUNCATE)"
    else:  # what becomes of the log is the server's to say, and test_write_ahead_log.py's to test
        assert how is not None
        assert how.startswith("VACUUM (FULL, ANALYZE)")
    assert await conclude(site.database, (site.secret,), datetime.now(UTC)) == 0
