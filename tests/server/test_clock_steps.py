"""The clock of the machine is set back by an hour, or forward by a day, between requests, and then set right: nobody is shut out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import pytest
import time_machine

from tests.server.gateway import served
from tests.server.test_faults import demo_url

__all__ = ["demo_url"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS: Final = pytest.mark.parametrize("by", [pytest.param(-HOUR, id="back"), pytest.param(DAY, id="forward")])
SIGN_IN: Final = """mutation {
  it: signIn(input: {username: "owner", password: "portico-demo"}) { accessToken refreshToken problems { code } }
}"""
REFRESH: Final = "mutation ($t: String!) { it: tokenRefresh(refreshToken: $t) { accessToken refreshToken problems { code } } }"
CREATE: Final = 'mutation { it: apiKeyCreate(input: {name: "server"}) { key problems { code } } }'
READ: Final = "{ viewer { __typename } }"
PAGE: Final = "{ clients(first: 40) { nodes { id } } }"


async def send(http: httpx2.AsyncClient, query: str, token: str | None = None, **variables: Any) -> httpx2.Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def done(http: httpx2.AsyncClient, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
    """Payload of a mutation that must succeed."""
    answer = (await send(http, query, token, **variables)).json()
    assert "errors" not in answer, answer
    assert answer["data"]["it"]["problems"] == []
    return dict(answer["data"]["it"])


async def said(http: httpx2.AsyncClient, token: str) -> str:
    """`OK`, or the reason why a token is not accepted."""
    answer = (await send(http, READ, token)).json()
    return "OK" if "errors" not in answer else str(answer["errors"][0]["extensions"]["reason"])


@asynccontextmanager
async def process(url: str, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(url, environment="demo", clock=False, log_level="error", **settings) as http:
        yield http


@STEPS
async def test_a_session_goes_on_after_a_refresh_at_most(demo_url: str, by: timedelta) -> None:
    """Given a token, then a process that knows it and one that has just begun accept it, or say EXPIRED, which clients know."""
    start, back = datetime.now(UTC), by < timedelta()
    async with process(demo_url) as old:
        tokens = await done(old, SIGN_IN)
        assert await said(old, tokens["accessToken"]) == "OK"
        for instant, known in ((start + by, back), (start + timedelta(minutes=2), not back)):
            with time_machine.travel(instant):
                async with process(demo_url) as new:
                    accepted = [await said(http, tokens["accessToken"]) for http in (old, new)]
                    assert accepted == ["OK" if known else "EXPIRED", "EXPIRED"]
                    tokens = await done(new, REFRESH, t=tokens["refreshToken"])
                    assert [await said(http, tokens["accessToken"]) for http in (old, new)] == ["OK", "OK"]


@STEPS
async def test_an_api_key_is_accepted_throughout(demo_url: str, by: timedelta) -> None:
    start = datetime.now(UTC)
    async with process(demo_url) as http:
        key = (await done(http, CREATE, (await done(http, SIGN_IN))["accessToken"]))["key"]
        for instant in (start, start + by, start + timedelta(minutes=2)):
            with time_machine.travel(instant):
                assert await said(http, key) == "OK"
                async with process(demo_url) as new:
                    assert await said(new, key) == "OK"


@STEPS
async def test_who_has_spent_all_waits_for_a_minute_at_most(demo_url: str, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    monkeypatch.setattr("server.budget.READING_COST", 0)  # which goes by the machine
    start = datetime.now(UTC).replace(second=1)
    async with process(demo_url) as http:
        key = (await done(http, CREATE, (await done(http, SIGN_IN))["accessToken"]))["key"]
    async with process(demo_url, cost_per_minute=100) as http:

        async def spend() -> list[int]:
            """Statuses of pages until there is nothing left."""
            statuses = []
            while 429 not in statuses:
                answer = await send(http, PAGE, key)
                statuses.append(answer.status_code)
                assert "t=" in answer.headers.get("ratelimit", "t=0")
                assert int(answer.headers.get("ratelimit", "t=0").rpartition("t=")[2]) <= 60
                if answer.status_code == 429:
                    assert 1 <= answer.json()["errors"][0]["extensions"]["retryAfter"] <= 60
                    assert 1 <= int(answer.headers["retry-after"]) <= 60
                assert len(statuses) < 5
            return statuses

        for instant in (start, start + by, start + timedelta(minutes=2)):
            with time_machine.travel(instant):  # another minute, whichever it is
                assert await spend() == [200, 200, 429]
        with time_machine.travel(start + timedelta(minutes=3)):
            assert (await send(http, PAGE, key)).status_code == 200


@STEPS
async def test_who_has_tried_too_often_waits_for_ten_minutes_at_most(demo_url: str, by: timedelta) -> None:
    start = datetime.now(UTC).replace(minute=0, second=1)
    wrong = SIGN_IN.replace("portico-demo", "wrong")
    async with process(demo_url) as http:
        with time_machine.travel(start):
            codes = [(await send(http, wrong)).json()["data"]["it"]["problems"][0]["code"] for _ in range(11)]
            assert codes == ["WRONG_CREDENTIALS"] * 10 + ["TRY_LATER"]
        for instant in (start + by, start + timedelta(minutes=10)):
            with time_machine.travel(instant):
                assert (await done(http, SIGN_IN))["accessToken"]
