"""Limits: what a hostile document, hostile variables and a greedy caller are answered, and that nothing of it ran."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from planner.errors import RequestError
from resolvers.tries import BY_ACCOUNT
from server.addresses import Addresses
from server.budget import CALLERS, WINDOW, Budget
from server.limits import (
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_INPUT_DEPTH,
    MAX_LIST,
    MAX_REPEATS,
    MAX_ROOT_FIELDS,
    MAX_WRITTEN_LIST,
    READING_COST,
)
from storage.counters import Memory, Valkey
from tests.databases import Databases
from tests.ports import free_port
from tests.server.gateway import gateway
from tests.server.test_endpoint import DEEP

ESTIMATE = "query ($document: String!, $name: String) { estimateCost(document: $document, operationName: $name) { FIELDS } }".replace(
    "FIELDS", "cost maximum allowed errors"
)
DIRECTED = " ".join(f"query Q{i} {{ viewer @skip(if: false) {{ __typename }} }}" for i in range(MAX_DIRECTIVES + 1))
FIELDS = "fields { type { " * 3 + "fields { name } " + "} } " * 3
COUNT = "{ clients(first: 100) { nodes { enrollments(first: 100) { nodes { client { appointments(first: 100) { nodes { id } } } } } } } }"


def chain(length: int, spreads: int = 1) -> str:
    """Fragments, each of which spreads the next."""
    inner = " ".join(f"fragment F{i} on Client {{ coach {{ id }} {f'...F{i + 1} ' * spreads}}}" for i in range(length))
    return f"{{ clients {{ nodes {{ ...F0 }} }} }} {inner} fragment F{length} on Client {{ id }}"


#: Name of an attack, document, limit that refuses it, or else the code of the refusal, and the maximum.
HOSTILE: list[tuple[str, str, str, int | None]] = [
    ("depth", DEEP, "DEPTH", MAX_DEPTH),
    ("root fields", "{" + " ".join(f"a{i}: __typename" for i in range(MAX_ROOT_FIELDS + 1)) + "}", "ROOT_FIELDS", MAX_ROOT_FIELDS),
    ("aliases", "{ viewer {" + " ".join(f"a{i}: __typename" for i in range(MAX_ALIASES + 1)) + "} }", "ALIASES", MAX_ALIASES),
    ("directives", DIRECTED, "DIRECTIVES", MAX_DIRECTIVES),
    ("tokens", "{ viewer { " + "__typename " * 4000 + "} }", "INVALID_DOCUMENT", None),
    ("nesting", "{" * 3000, "INVALID_DOCUMENT", None),
    ("long chain of fragments", chain(300), "REPEATS", MAX_REPEATS),
    ("fragments that double", chain(30, 2), "COST", 500_000),
    ("one field many times", "{ viewer { " + "__typename " * 3900 + "} }", "REPEATS", MAX_REPEATS),
    ("circular fragments", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "INVALID_DOCUMENT", None),
    ("introspection depth", f"{{ __schema {{ types {{ {FIELDS} }} }} }}", "INVALID_DOCUMENT", None),
    ("batch", "", "INVALID_REQUEST", None),
    ("a list", '{ nodes(ids: ["a"' + ' "a"' * MAX_WRITTEN_LIST + "]) { id } }", "LIST", MAX_WRITTEN_LIST),
    ("a list in an object", "{ clients(filter: {status: [" + "ACTIVE " * 201 + "]}) { totalCount } }", "LIST", MAX_WRITTEN_LIST),
    ("a list by default", "query ($ids: [ID!]! = [" + '"a" ' * 201 + "]) { nodes(ids: $ids) { id } }", "LIST", MAX_WRITTEN_LIST),
    ("cost", COUNT, "COST", 500_000),
]  # fmt: skip


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx2.AsyncClient]:
    """Client of the demo gateway, signed in as the owner."""
    async with gateway(databases, "demo", environment="demo") as opened:
        token = (await opened.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
        opened.headers["authorization"] = f"Bearer {token}"
        yield opened


async def test_a_hostile_document_is_refused_before_anything_runs(client: httpx2.AsyncClient) -> None:
    for name, document, expected, maximum in HOSTILE:
        sent: Any = [{"query": "{ __typename }"}] * 10 if name == "batch" else {"query": document}
        answer = await client.post("/graphql", json=sent)
        told = answer.json()
        assert answer.status_code == 400, (name, told)
        assert "data" not in told
        extensions = told["errors"][0]["extensions"]
        assert expected in (extensions.get("limit"), extensions["code"]), (name, told)
        assert extensions.get("maximum") == maximum, (name, told)
        assert maximum is None or extensions["value"] > maximum, (name, told)


async def test_hostile_variables_are_refused(client: httpx2.AsyncClient) -> None:
    nested: Any = 1
    for _ in range(MAX_INPUT_DEPTH + 1):
        nested = [nested]
    for variables, limit, value, maximum in (
        ({"ids": ["x"] * (MAX_LIST + 1)}, "LIST", MAX_LIST + 1, MAX_LIST),
        ({"deep": nested}, "INPUT_DEPTH", MAX_INPUT_DEPTH + 1, MAX_INPUT_DEPTH),
    ):
        answer = await client.post("/graphql", json={"query": "{ __typename }", "variables": variables})
        extensions = {"code": "LIMIT_EXCEEDED", "limit": limit, "value": value, "maximum": maximum}
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (400, extensions)
    bottomless = b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    answer = await client.post("/graphql", content=bottomless, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID_JSON")
    number = b'{"query": "query ($n: Int) { clients(first: $n) { totalCount } }", "variables": {"n": ' + b"9" * 5000 + b"}}"
    answer = await client.post("/graphql", content=number, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) in {(400, "INVALID_JSON"), (400, "BAD_USER_INPUT")}


async def test_an_answer_tells_its_cost_where_it_is_asked_for(client: httpx2.AsyncClient) -> None:
    query = "{ clients(first: 3) { nodes { coach { name } } } rateLimit { limit remaining resetAt } }"
    told = (await client.post("/graphql", json={"query": query}, headers={"portico-cost": "1"})).json()
    cost = told["extensions"]["cost"]
    assert cost["requested"] == 1 + 3 * 2 + 1
    assert cost["actual"] == cost["requested"]
    assert told["data"]["rateLimit"] == {"limit": 5_000_000, "remaining": cost["remaining"], "resetAt": cost["resetAt"]}

    planned = await client.post("/graphql", json={"query": "{ viewer { __typename } }"}, headers={"portico-cost": "1"})
    assert planned.json()["extensions"]["cost"]["requested"] == 1
    assert planned.headers["ratelimit-policy"] == f'"cost";q=5000000;w={WINDOW}'
    assert planned.headers["ratelimit"].startswith(f'"cost";r={planned.json()["extensions"]["cost"]["remaining"]};t=')
    quiet = await client.post("/graphql", json={"query": "{ viewer { __typename } }"})
    assert quiet.json().keys() == {"data"}


async def test_a_cost_is_estimated_without_running(client: httpx2.AsyncClient) -> None:
    async def estimate(document: str, name: str | None = None) -> Any:
        answer = await client.post("/graphql", json={"query": ESTIMATE, "variables": {"document": document, "name": name}})
        return answer.json()

    assert (await estimate("{ clients(first: 9) { nodes { id } } }"))["data"]["estimateCost"] == {
        "cost": 10,
        "maximum": 500_000,
        "allowed": True,
        "errors": [],
    }
    assert (await estimate("query A($n: Int = 7) { clients(first: $n) { nodes { id } } } query B { __typename }", "A"))["data"][
        "estimateCost"
    ]["cost"] == 8
    assert (await estimate(COUNT))["data"]["estimateCost"]["allowed"] is False
    wrong = (await estimate("{ nope }"))["data"]["estimateCost"]
    assert (wrong["cost"], wrong["allowed"], len(wrong["errors"])) == (None, False, 1)
    assert (await estimate("query A { __typename } query B { __typename }"))["errors"][0]["extensions"]["code"] == "OPERATION_NOT_FOUND"
    del client.headers["authorization"]
    for field in ('estimateCost(document: "{ __typename }") { cost }', "rateLimit { limit }"):
        answer = await client.post("/graphql", json={"query": f"{{ {field} }}"})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_whoever_asks_for_an_estimate_pays_for_its_reading(client: httpx2.AsyncClient) -> None:
    """Given a document in the variables that takes long to read, when its cost is asked for, it costs as one that was sent to be run."""

    async def remaining() -> int:
        return int((await client.post("/graphql", json={"query": "{ rateLimit { remaining } }"})).json()["data"]["rateLimit"]["remaining"])

    hostile = "{ viewer(" + " ".join(f"a{i}: 1" for i in range(1000)) + ") { __typename } }"
    before = await remaining()
    answer = await client.post("/graphql", json={"query": ESTIMATE, "variables": {"document": hostile}})
    assert len(answer.json()["data"]["estimateCost"]["errors"]) > 100
    assert before - await remaining() > READING_COST  # a millisecond, at the very least


async def test_who_has_spent_all_is_refused_and_nobody_else(databases: Databases) -> None:
    async with gateway(databases, "demo", environment="demo", cost_per_minute=100_000) as client:
        tokens = {who: (await client.post("/demo/sign-in", json={"as": who})).json()["accessToken"] for who in ("owner", "coach")}

        async def ask(who: str, query: str) -> httpx2.Response:
            return await client.post("/graphql", json={"query": query}, headers={"authorization": f"Bearer {tokens[who]}"})

        add = 'mutation { clientAdd(input: {name: "Too Much"}) { problems { code } } }'
        count = '{ clients(search: "Too Much") { totalCount } }'
        for query in (  # each costs less than the one before, so that at last nothing is left
            "{ clients(first: 100) { nodes { appointments(first: 100) { nodes { id } } } } }",
            "{ clients(first: 100) { nodes { id } } }",
            "{ viewer { __typename } }",
        ):
            while (await ask("owner", query)).status_code == 200:
                pass
        answer = await ask("owner", add)
        extensions = answer.json()["errors"][0]["extensions"]
        assert (answer.status_code, extensions["code"], extensions["limit"]) == (429, "RATE_LIMITED", 100_000)
        assert 1 <= int(answer.headers["retry-after"]) == extensions["retryAfter"] <= WINDOW
        assert (await ask("coach", count)).json()["data"]["clients"]["totalCount"] == 0
        assert (await ask("coach", "{ viewer { __typename } }")).status_code == 200


async def test_wrong_passwords_are_counted_by_address(client: httpx2.AsyncClient) -> None:
    query = 'mutation { signIn(input: {username: "owner", password: "wrong"}) { accessToken problems { code } } }'
    answers = [(await client.post("/graphql", json={"query": query})).json()["data"]["signIn"] for _ in range(BY_ACCOUNT + 1)]

    codes = [answer["problems"][0]["code"] for answer in answers]
    assert codes == ["WRONG_CREDENTIALS"] * BY_ACCOUNT + ["TRY_LATER"]
    assert not any(answer["accessToken"] for answer in answers)


async def test_a_budget_begins_anew_each_minute_and_a_workspace_has_one_of_its_own() -> None:
    now = 60_000.0
    budget = Budget(100, Memory(), lambda: now)

    assert (await budget.charge("a", "w", 60)).remaining == 40
    with pytest.raises(RequestError, match="more than is left"):
        await budget.charge("a", "w", 41)  # what was refused is not counted
    assert (await budget.charge("a", "w", 40)).remaining == 0
    with pytest.raises(RequestError):
        await budget.charge("a", "w", 1)
    with pytest.raises(RequestError):
        budget.check("a")
    budget.check("b")
    for number in range(CALLERS - 1):
        await budget.charge(f"b{number}", "w", 100)
    with pytest.raises(RequestError):
        await budget.charge("c", "w", 1)
    assert (await budget.charge("c", "another", 1)).remaining == 99
    now += WINDOW
    budget.check("a")
    assert (await budget.charge("a", "w", 100)).remaining == 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[str]:
    """Address of a Redis or Valkey server of this test."""
    binary = shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server and no valkey-server on this machine")
    port = free_port()
    process = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)], stdout=subprocess.DEVNULL
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


async def test_processes_count_together_and_alone_while_the_store_is_away(store: str) -> None:
    one, other, lost = (Valkey(url, "cost", WINDOW) for url in (store, store, "redis://127.0.0.1:1/0"))
    for _ in range(200):
        if await other.add(0, {"up": 1}) != [1] or await one.add(0, {"up": 0}) == [1]:
            break
        one._quiet_until = other._quiet_until = 0.0
        await asyncio.sleep(0.02)

    assert await one.add(7, {"a": 60, "w": 60}) == [60, 60]
    assert await other.add(7, {"a": 50, "w": 50}) == [110, 110]
    assert await other.add(8, {"a": 1}) == [1]
    assert await lost.add(7, {"a": 5}) == [5]
    assert await lost.add(7, {"a": 5}) == [10]
    for counter in (one, other, lost):
        await counter.close()


def test_an_address_is_believed_of_trusted_proxies_only() -> None:
    scope: dict[str, Any] = {"client": ("10.0.0.9", 1)}
    forwarded = {"x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.0.0.7"}

    assert Addresses(()).of(scope, forwarded) == "10.0.0.9"
    assert Addresses(("10.0.0.0/8",)).of(scope, forwarded) == "1.2.3.4"
    assert Addresses(("10.0.0.0/8",)).of(scope, {}) == "10.0.0.9"
    assert Addresses(("10.0.0.0/8",)).of(scope, {"x-forwarded-for": "10.0.0.1"}) == "10.0.0.1"
    assert Addresses(("10.0.0.0/8",)).of({"client": ("8.8.8.8", 1)}, forwarded) == "8.8.8.8"
    assert Addresses(()).of({"client": ("2001:db8:1:2:3:4:5:6", 1)}, {}) == "2001:db8:1:2::"
    assert Addresses(("10.0.0.0/8",)).of(scope, {"x-forwarded-for": "x" * 1000}) == ""
