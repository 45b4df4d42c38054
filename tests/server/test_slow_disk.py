"""The disk is slow: a commit takes seconds. Readers are answered, writers in bounded time, and what is sent again is there once."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiosqlite
import asyncpg
import pytest

from tests.server.test_faults import NOTES, READ, TAG, Line, Site, demo_url, on_a_server, opened

__all__ = ["demo_url"]

#: A commit of whatever leaves an audit event takes as long as the row says; no row, and the disk is as fast as ever.
SLOW: Final = """
CREATE TABLE slow_disk (seconds float);
CREATE FUNCTION slow_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(max(seconds)) FROM slow_disk; RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow_disk AFTER INSERT ON audit_event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow_disk();
"""
COUNT: Final = "query ($id: ID!) { client(id: $id) { history(last: 100) { nodes { name } } } }"


@asynccontextmanager
async def slow(url: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Every commit takes so long, half of it before it is on the disk and half of it after."""
    if not url.startswith("sqlite"):
        server = await asyncpg.connect(url)
        await server.execute(SLOW)
        await server.execute("INSERT INTO slow_disk VALUES ($1)", seconds)
        yield
        await server.execute("DROP TRIGGER slow_disk ON audit_event; DROP FUNCTION slow_disk; DROP TABLE slow_disk")
        await server.close()
        return

    async def slowly(self: aiosqlite.Connection) -> None:
        def on_the_disk() -> None:
            time.sleep(seconds / 2)
            self._conn.commit()
            time.sleep(seconds / 2)

        await self._execute(on_the_disk)  # type: ignore[no-untyped-call]  # in the thread of the connection, where nothing takes it back

    with monkeypatch.context() as patched:
        patched.setattr(aiosqlite.Connection, "commit", slowly)
        yield


async def timed(site: Site, query: str, **variables: Any) -> tuple[str, float]:
    began = time.perf_counter()
    code = await site.code(query, **variables)
    return code, time.perf_counter() - began


async def kept(site: Site) -> list[str]:
    """Tags of the tests that the client has, and as many names of the steps that gave them."""
    _, answer = await site.ask(COUNT, id=site.client)
    steps = [event["name"] for event in answer["data"]["client"]["history"]["nodes"]].count("client.add_tag")
    tags = sorted(tag for tag in await site.tags() if tag.startswith("slow-"))
    assert steps == len(tags)
    return tags


async def test_reads_are_answered_while_writes_wait_their_turn(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_url) as site:
        async with slow(demo_url, 0.6, monkeypatch):
            writes = [asyncio.create_task(timed(site, TAG, id=site.client, tag=f"slow-{number}")) for number in range(4)]
            await asyncio.sleep(0.3)
            reads = [await timed(site, READ) for _ in range(10)]
            assert not any(write.done() for write in writes)
            written = await asyncio.gather(*writes)
        assert {code for code, _ in reads} == {code for code, _ in written} == {"OK"}
        assert max(seconds for _, seconds in reads) < 0.5
        assert await kept(site) == [f"slow-{number}" for number in range(4)]


async def test_who_waits_too_long_is_told_and_what_is_sent_again_is_there_once(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given commits of four seconds and a second of patience, then everybody is answered in time, and nothing is there twice or in half."""
    async with opened(demo_url, request_timeout_seconds=1, database_readers=2) as site:
        async with slow(demo_url, 4, monkeypatch):
            told = await asyncio.gather(*(timed(site, TAG, id=site.client, tag=f"slow-{number}") for number in range(5)))
            assert {code for code, _ in told} == {"TIMEOUT"}
            assert max(seconds for _, seconds in told) < 3
            code, seconds = await timed(site, READ)
            assert (code, seconds < 1) == ("OK", True)
            assert (await site.http.get("/readyz")).status_code == 200
        await until_the_disk_is_done(site)

        there = await kept(site)
        assert len(there) >= 1  # those whose commit was under way: it went on to its end
        again = [await site.code(TAG, id=site.client, tag=f"slow-{number}") for number in range(5)]
        assert again == ["OK"] * 5
        assert await kept(site) == [f"slow-{number}" for number in range(5)]
    if demo_url.startswith("sqlite"):
        with sqlite3.connect(demo_url.removeprefix("sqlite:///")) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def until_the_disk_is_done(site: Site) -> None:
    """Writes are taken again, without a restart."""
    for _ in range(20):
        if await site.code(NOTES, id=site.client, notes="fast again") == "OK":
            return
    raise AssertionError("the disk is fast again, and writes are not taken")


class StillLine(Line):
    """Wire on which nothing more arrives, and which nobody hangs up, while it is `still`; later connections are as ever."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.still, self.over = False, asyncio.Event()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                if self.still:
                    await self.over.wait()
                    break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


async def hung_up(url: str) -> None:
    """The server gives its ends of the connections up, about which the wire says nothing."""
    server = await asyncpg.connect(url)
    await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portico writes'")
    await server.close()


@on_a_server
async def test_a_wire_that_is_dead_without_a_word_is_given_up(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given commits whose answer never comes, then everybody is told in time, and the connections are replaced, without a restart."""
    monkeypatch.setattr("storage.writers.ENDING_SECONDS", 1.0)
    line = StillLine(demo_url)
    await line.mend()
    async with opened(demo_url, line.url, request_timeout_seconds=1, database_readers=2) as site:
        assert await site.code(TAG, id=site.client, tag="slow-before") == "OK"
        async with slow(demo_url, 0.5, monkeypatch):
            writes = [asyncio.create_task(timed(site, TAG, id=site.client, tag=f"slow-{number}")) for number in range(4)]
            await asyncio.sleep(0.3)  # the first of them commit
            line.still = True
            told = await asyncio.gather(*writes)
            assert {code for code, _ in told} <= {"TIMEOUT", "UNAVAILABLE"}
            assert max(seconds for _, seconds in told) < 3
            await hung_up(demo_url)
        line.still = False
        for _ in range(20):
            if (code := await site.code(TAG, id=site.client, tag="slow-after")) == "OK":
                break
            assert code in {"TIMEOUT", "UNAVAILABLE"}
        assert {"slow-before", "slow-after"} <= set(await kept(site))
        again = [await site.code(TAG, id=site.client, tag=f"slow-{number}") for number in range(4)]
        assert again == ["OK"] * 4
        assert await kept(site) == [*(f"slow-{number}" for number in range(4)), "slow-after", "slow-before"]
    line.over.set()
    await line.cut()
