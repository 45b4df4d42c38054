"""Requests for one object that come at once are read together: each caller is answered as if they had asked alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import httpx2
import pytest

from resolvers.demo import sign_in_as
from server.settings import load_settings
from storage.database import Database
from storage.readers import PostgresReader
from tests.databases import Databases
from tests.server.gateway import served

PEOPLE: Final = ("owner", "coach", "assistant", "analyst", "active-client", "frozen-client", "hot-lead", "buyer")
POINT: Final = "query Point($id: ID!) { client(id: $id) { id name email status coach { name } } }"
ALL: Final = "{ clients(first: 60) { nodes { id } } }"
OUT: Final = "mutation { signOut { problems { code } } }"
SETTINGS: Final[dict[str, Any]] = {"environment": "development", "clock": False}


class Site:
    """Gateway over demo data with several people, each signed in twice."""

    def __init__(self, http: httpx2.AsyncClient, tokens: dict[str, tuple[str, str]]) -> None:
        self.http, self.tokens = http, tokens

    async def ask(self, token: str, query: str, **variables: Any) -> tuple[int, Any]:
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"authorization": f"Bearer {token}"}
        )
        return answer.status_code, answer.json()

    async def at_once(self, asked: Sequence[tuple[str, str]]) -> list[tuple[int, Any]]:
        """Answers to callers, by token and id."""
        return await asyncio.gather(*(self.ask(token, POINT, id=id_) for token, id_ in asked))


@pytest.fixture
async def site(databases: Databases) -> AsyncIterator[Site]:
    url = await databases.copy("demo")
    codec = load_settings(database_url=url, **SETTINGS).token_codec()
    async with await Database.open(url) as database:
        tokens = {who: tuple([(await sign_in_as(database, codec, who)).access_token for _ in range(2)]) for who in PEOPLE}
    async with served(url, **SETTINGS) as http:
        yield Site(http, tokens)  # type: ignore[arg-type]  # two of each
    await databases.drop(url)


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many went in each round trip of several."""
    seen: list[int] = []
    whole = PostgresReader.fetch_each

    async def fetch_each(self: PostgresReader, sql: str, many: Sequence[Sequence[object]]) -> Any:
        seen.append(len(many))
        return await whole(self, sql, many)

    monkeypatch.setattr(PostgresReader, "fetch_each", fetch_each)
    return seen


async def test_everybody_is_answered_as_if_they_had_asked_alone(site: Site, trips: list[int], databases: Databases) -> None:
    _, listed = await site.ask(site.tokens["owner"][0], ALL)
    ids = [node["id"] for node in listed["data"]["clients"]["nodes"]]
    asked = [(site.tokens[who][0], id_) for id_ in ids for who in PEOPLE]
    alone = [await site.ask(token, POINT, id=id_) for token, id_ in asked]
    assert not trips, "whoever asks alone is read alone"
    assert await site.at_once(asked) == alone
    assert max(trips, default=0) > 2 or "sqlite" in databases.__class__.__name__.lower()
    seen = {
        (who, id_): answer["data"]["client"] for (who, id_), (_, answer) in zip([(w, i) for i in ids for w in PEOPLE], alone, strict=True)
    }
    for who in PEOPLE[4:]:
        mine = [id_ for id_ in ids if seen[who, id_] is not None]
        assert len(mine) <= 1, f"{who} sees nobody but themselves"
    assert all(seen["owner", id_] is not None for id_ in ids)


async def test_who_has_signed_out_is_refused_amid_others_who_are_answered(site: Site, trips: list[int]) -> None:
    _, listed = await site.ask(site.tokens["owner"][0], ALL)
    ids = [node["id"] for node in listed["data"]["clients"]["nodes"]][:20]
    gone, stays = site.tokens["owner"]
    before = [await site.ask(stays, POINT, id=id_) for id_ in ids]
    assert (await site.ask(gone, OUT))[1] == {"data": {"signOut": {"problems": []}}}
    told = await site.at_once([(token, id_) for id_ in ids for token in (gone, stays)])
    assert told[1::2] == before
    assert {(status, answer["errors"][0]["extensions"]["reason"], "data" in answer) for status, answer in told[::2]} == {
        (401, "REVOKED", False)
    }
    assert all(size > 1 for size in trips)
