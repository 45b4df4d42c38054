"""What breaks beneath the gateway: it says so in one word, loses nothing that it has acknowledged, and goes on without a restart."""

import asyncio
import json
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from resolvers.demo import sign_in_as
from server.app import Gateway, create_app
from server.settings import load_settings
from storage.database import Database
from storage.readers import SQLITE_PRAGMAS
from tests.databases import Databases
from tests.serving import serve

READ: Final = "{ clients(first: 1, orderBy: {field: NUMBER}) { nodes { id number tags } } }"
TAG: Final = """mutation ($id: ID!, $tag: String!) {
  clientAddTag(id: $id, input: {tag: $tag}, idempotencyKey: $tag) { client { version } problems { code } }
}"""
NOTES: Final = "mutation ($id: ID!, $notes: String!) { clientUpdate(id: $id, input: {notes: $notes}) { problems { code } } }"
UNAVAILABLE: Final = "The database cannot be reached at the moment: try again in a few seconds."

on_a_server = pytest.mark.parametrize("databases", ["postgresql"], indirect=True, scope="session")
in_a_file = pytest.mark.parametrize("databases", ["sqlite"], indirect=True, scope="session")


class Site:
    """Gateway over demo data, and its owner."""

    def __init__(self, app: Gateway, http: httpx2.AsyncClient, token: str, url: str) -> None:
        self.app, self.http, self.token, self.url = app, http, token, url
        self.client = ""

    async def ask(self, query: str, **variables: Any) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self.token}", "accept": "application/graphql-response+json"}
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        return answer.status_code, answer.json()

    async def code(self, query: str, **variables: Any) -> str:
        """`OK`, or the code of the error."""
        _, answer = await self.ask(query, **variables)
        return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else "OK"

    async def tags(self) -> list[str]:
        _, answer = await self.ask("query ($id: ID!) { client(id: $id) { tags } }", id=self.client)
        return list(answer["data"]["client"]["tags"])


@asynccontextmanager
async def opened(url: str, behind: str | None = None, **changed: Any) -> AsyncIterator[Site]:
    """Site over the database, which the gateway reaches by another address where one is given."""
    settings = load_settings(database_url=behind or url, environment="development", clock=False, **changed)
    app = create_app(settings)
    async with await Database.open(url, readers=1) as database:
        token = (await sign_in_as(database, settings.token_codec(), "owner")).access_token
    transport = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://portico", timeout=60) as http:
        site = Site(app, http, token, url)
        _, answer = await site.ask(READ)
        site.client = answer["data"]["clients"]["nodes"][0]["id"]
        yield site


@pytest.fixture
async def demo_url(databases: Databases) -> AsyncIterator[str]:
    url = await databases.copy("demo")
    yield url
    await databases.drop(url)


class Line:
    """Wire to a database server, which can be cut and mended."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return self._to._replace(netloc=f"{self._to.username}@127.0.0.1:{self.port}").geturl()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()


@on_a_server
async def test_a_database_that_is_gone_is_unavailable_and_back_without_a_restart(demo_url: str) -> None:
    line = Line(demo_url)
    await line.mend()
    async with opened(demo_url, line.url) as site:
        assert await site.code(TAG, id=site.client, tag="before") == "OK"

        await line.cut()
        assert [await site.code(READ) for _ in range(12)] == ["UNAVAILABLE"] * 12
        assert [await site.code(TAG, id=site.client, tag="meanwhile") for _ in range(6)] == ["UNAVAILABLE"] * 6
        status, answer = await site.ask(READ)
        assert (status, answer["data"], answer["errors"][0]["message"]) == (503, None, UNAVAILABLE)
        assert [(await site.http.get(path)).status_code for path in ("/readyz", "/healthz")] == [503, 200]

        await line.mend()
        assert await site.code(READ) == "OK"
        assert await site.code(TAG, id=site.client, tag="after") == "OK"
        assert (await site.http.get("/readyz")).status_code == 200
        assert {"before", "meanwhile", "after"} & set(await site.tags()) == {"before", "after"}
    await line.cut()


@on_a_server
async def test_no_acknowledged_write_is_lost_and_none_done_twice_while_connections_die(demo_url: str) -> None:
    async with opened(demo_url) as site:

        async def kill() -> None:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            killer = await asyncpg.connect(demo_url)
            for number in range(8):
                await killer.fetch(f"SELECT pg_terminate_backend(pid) {others}")
                await asyncio.sleep(number * 0.05)
            await killer.close()

        async def write(number: int) -> list[str]:
            codes: list[str] = []
            while not codes or codes[-1] != "OK":
                codes.append(await site.code(TAG, id=site.client, tag=f"kept-{number}"))
                assert len(codes) < 200
            return codes

        killing = asyncio.create_task(kill())
        codes = [code for number in range(25) for code in await write(number)]
        await killing

        assert set(codes) == {"OK", "UNAVAILABLE"}
        kept = [tag for tag in await site.tags() if tag.startswith("kept-")]
        assert sorted(kept) == sorted(f"kept-{number}" for number in range(25))
        history = "query ($id: ID!) { client(id: $id) { history(last: 100) { nodes { name } } } }"
        _, answer = await site.ask(history, id=site.client)
        names = [event["name"] for event in answer["data"]["client"]["history"]["nodes"]]
        assert names.count("client.add_tag") == 25


@contextmanager
def full(file: Path) -> Iterator[None]:
    """No file of this process grows beyond what is nearly reached: a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@in_a_file
async def test_a_full_disk_is_unavailable_for_writes_and_reads_go_on(demo_url: str) -> None:
    async with opened(demo_url) as site:
        assert await site.code(NOTES, id=site.client, notes="before") == "OK"

        with full(Path(demo_url.removeprefix("sqlite:///") + "-wal")):
            codes = [await site.code(NOTES, id=site.client, notes="x" * 9000) for _ in range(5)]
            assert (set(codes), await site.code(READ)) == ({"UNAVAILABLE"}, "OK")

        query = "query ($id: ID!) { client(id: $id) { notes } }"
        assert (await site.ask(query, id=site.client))[1]["data"]["client"]["notes"] == "before"
        assert await site.code(NOTES, id=site.client, notes="after") == "OK"
    with sqlite3.connect(demo_url.removeprefix("sqlite:///")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@in_a_file
async def test_a_file_that_another_process_holds_is_unavailable_for_writes(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.writers.SQLITE_PRAGMAS", SQLITE_PRAGMAS.replace("busy_timeout=5000", "busy_timeout=200"))
    async with opened(demo_url) as site:
        async with held(demo_url):
            assert await site.code(TAG, id=site.client, tag="meanwhile") == "UNAVAILABLE"
            assert await site.code("mutation { signOut { problems { code } } }") == "UNAVAILABLE"
            assert await site.code(READ) == "OK"

        assert await site.code(TAG, id=site.client, tag="after") == "OK"
        assert {"meanwhile", "after"} & set(await site.tags()) == {"after"}


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Nobody else writes; on PostgreSQL nobody reads clients either."""
    if url.startswith("sqlite"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        yield
        file.close()
    else:
        connection = await asyncpg.connect(url)
        await connection.execute("BEGIN; LOCK TABLE client IN ACCESS EXCLUSIVE MODE")
        yield
        await connection.close()


async def test_what_takes_too_long_is_stopped_and_leaves_its_connection_to_others(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.writers.SQLITE_PRAGMAS", SQLITE_PRAGMAS.replace("busy_timeout=5000", "busy_timeout=1000"))
    async with opened(demo_url, request_timeout_seconds=0.5, database_readers=2) as site:
        async with held(demo_url):
            codes = await asyncio.gather(*(site.code(TAG, id=site.client, tag=f"late-{number}") for number in range(8)))
            status, answer = await site.ask(TAG, id=site.client, tag="late")
            if not demo_url.startswith("sqlite"):
                assert await asyncio.gather(*(site.code(READ) for _ in range(8))) == ["TIMEOUT"] * 8
        assert codes == ["TIMEOUT"] * 8
        assert (status, answer["errors"][0]["message"]) == (504, "The operation took too long and was stopped.")

        assert await _reads_and_writes(site) == ["OK"] * 8
        assert [tag for tag in await site.tags() if tag.startswith("late")] == []


async def _reads_and_writes(site: Site) -> list[str]:
    """Codes of more operations than there are connections, all at once."""
    reads = [site.code(READ) for _ in range(4)]
    return await asyncio.gather(*reads, *(site.code(TAG, id=site.client, tag=f"next-{number}") for number in range(4)))


async def test_clients_that_leave_in_the_middle_hold_no_connection(demo_url: str) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(opened(demo_url, request_timeout_seconds=1, database_readers=2))
        base = urlsplit(await stack.enter_async_context(serve(site.app)))
        body = json.dumps({"query": TAG, "variables": {"id": site.client, "tag": "gone"}}).encode()
        head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {site.token}\r\nContent-Type: application/json\r\n"
        async with held(demo_url):
            for _ in range(6):
                _, writer = await asyncio.open_connection(base.hostname, base.port)
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.transport.abort()
            await asyncio.sleep(1.2)

        assert await _reads_and_writes(site) == ["OK"] * 8
