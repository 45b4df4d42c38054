"""Reads that go together: everybody gets the rows of their own parameters, and nobody fails by what somebody else asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.database import Database
from storage.errors import Unavailable
from storage.gathering import MOST_TOGETHER, MOST_UNDER_WAY, Gathering
from storage.instants import instant_of
from storage.pool import Pool

on_a_server = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")


class Answering:
    """Connection that answers when it is told to: each parameter doubled. The word `bad` is an error of whoever sent it."""

    usable = True

    def __init__(self) -> None:
        self.trips: list[int] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def fetch(self, sql: str, args: Sequence[Any]) -> Any:
        return (await self.fetch_each(sql, [args]))[0]

    async def fetch_each(self, _sql: str, many: Sequence[Sequence[Any]]) -> Any:
        self.trips.append(len(many))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        if any(args == ["bad"] for args in many):
            raise ValueError("bad")
        return [[[args[0] * 2]] for args in many]

    async def close(self) -> None:
        self.open.set()


def gathering() -> tuple[Gathering, Answering]:
    connection = Answering()

    async def connect() -> Answering:
        return connection

    pool: Pool[Any] = Pool(connect, MOST_UNDER_WAY)
    for _ in range(MOST_UNDER_WAY):
        pool._idle.append(connection)
        pool._open += 1
    return Gathering(pool), connection


async def ask(gathering: Gathering, *values: object) -> list["asyncio.Task[Any]"]:
    tasks = [asyncio.create_task(gathering.fetch("SELECT", [value])) for value in values]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_comes_first_goes_alone_and_the_others_together() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(20))
    assert connection.trips == [1] * MOST_UNDER_WAY
    connection.open.set()
    assert [(await task)[0][0] for task in tasks] == [2 * i for i in range(20)]
    assert connection.trips == [1] * MOST_UNDER_WAY + [20 - MOST_UNDER_WAY]
    assert (await gathered.fetch("SELECT", [21]))[0][0] == 42
    assert not gathered._lines, "nothing is kept of what has ended"


async def test_statements_that_differ_do_not_wait_for_each_other() -> None:
    gathered, connection = gathering()
    connection.open.set()
    both = await asyncio.gather(gathered.fetch("SELECT 1", [1]), gathered.fetch("SELECT 2", [2]))
    assert [rows[0][0] for rows in both] == [2, 4]
    assert connection.trips == [1, 1]


async def test_a_crowd_goes_in_parts() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(3 * MOST_TOGETHER))
    connection.open.set()
    assert [(await task)[0][0] for task in tasks] == [2 * i for i in range(3 * MOST_TOGETHER)]
    assert max(connection.trips) == MOST_TOGETHER
    assert sum(connection.trips) == 3 * MOST_TOGETHER


async def test_an_error_is_only_of_whoever_sent_what_is_wrong() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(MOST_UNDER_WAY), 5, "bad", 7)
    connection.open.set()
    told = await asyncio.gather(*tasks[MOST_UNDER_WAY:], return_exceptions=True)
    assert [told[0], told[2]] == [[[10]], [[14]]]
    assert isinstance(told[1], ValueError)


async def test_a_database_that_is_away_is_so_for_everybody_at_once() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(10))
    connection.error = Unavailable("gone")
    connection.open.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in told)
    assert len({id(one) for one in told[MOST_UNDER_WAY:]}) == 10 - MOST_UNDER_WAY, "each has an error of its own"
    assert connection.trips == [1] * MOST_UNDER_WAY + [10 - MOST_UNDER_WAY]


async def test_who_has_left_is_not_asked_for_and_hinders_nobody() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(10))
    for task in (tasks[0], tasks[4]):  # one under way, one that waits
        task.cancel()
    await asyncio.sleep(0.01)
    connection.open.set()
    assert [(await task)[0][0] for i, task in enumerate(tasks) if i not in {0, 4}] == [2 * i for i in range(10) if i not in {0, 4}]
    assert sum(connection.trips) == 9


async def test_who_waits_when_the_database_is_closed_is_told() -> None:
    gathered, connection = gathering()
    tasks = await ask(gathered, *range(10))
    tasks[0].cancel()  # its place is taken by a round trip of those who wait
    await asyncio.sleep(0.01)
    await gathered.close()
    told = await asyncio.wait_for(asyncio.gather(*tasks[MOST_UNDER_WAY:], return_exceptions=True), 5)
    assert all(isinstance(one, Unavailable) for one in told)
    connection.open.set()


@on_a_server
async def test_each_has_the_rows_of_their_own_parameters(database: Database) -> None:
    sql = "WITH given AS (SELECT $1::text AS word, $2::timestamptz AS at) SELECT word, at, $1, n FROM given, generate_series(1, $3::int) n"
    now = datetime.now(UTC)
    many: list[list[object]] = [["a", now, 1], ["b", now + timedelta(days=1), 0], [None, None, 2], ["d$2", now, 3]]
    async with database.read() as reader:
        together: Any = await reader.fetch_each(sql, many)  # type: ignore[attr-defined]  # PostgreSQL's
        alone = [await reader.fetch(sql, args) for args in many]
    assert [[tuple(row) for row in rows] for rows in together] == [[tuple(row) for row in rows] for rows in alone]
    assert [len(rows) for rows in together] == [1, 0, 2, 3]
    assert instant_of(together[0][0][1]) == now


@on_a_server
async def test_many_at_once_over_the_connections_of_a_database(database: Database) -> None:
    assert database.gathering is not None
    sql = "SELECT $1::int + 1 WHERE $1::int % 3 > 0"
    told: Any = await asyncio.gather(*(database.gathering.fetch(sql, [i]) for i in range(500)))
    assert [[row[0] for row in rows] for rows in told] == [[i + 1] if i % 3 else [] for i in range(500)]
