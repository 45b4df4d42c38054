"""Each code in the table of docs/api.md is answered by a request, with the status that the table gives it; no other is in the table."""

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson
import pytest

from planner.engine import Engine
from server.limits import MAX_BODY_BYTES
from storage.readers import SQLITE_PRAGMAS
from tests.docs.test_codes import API, documented
from tests.server.gateway import served
from tests.server.test_endpoint import DEEP
from tests.server.test_faults import Line, demo_url, held

__all__ = ["demo_url"]

WHO: Final = "{ viewer { __typename } }"
WRITE: Final = 'mutation { clientAdd(input: {name: "Nobody"}) { problems { code } } }'
HASH: Final = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
JSON: Final = {"content-type": "application/json"}

#: Code, who asks, and the request, which is posted where it names no method.
REQUESTS: Final[list[tuple[str, str | None, dict[str, Any]]]] = [
    ("UNAUTHENTICATED", None, {"json": {"query": WHO}}),
    ("INVALID_DOCUMENT", None, {"json": {"query": "{ nope }"}}),
    ("LIMIT_EXCEEDED", None, {"json": {"query": DEEP}}),
    ("PERSISTED_QUERY_NOT_FOUND", None, {"json": {"extensions": HASH}}),
    ("DOCUMENT_NOT_FOUND", None, {"json": {"documentId": "nobody"}}),
    ("OPERATION_NOT_FOUND", None, {"json": {"query": "query A { __typename } query B { __typename }"}}),
    ("BAD_USER_INPUT", "owner", {"json": {"query": "query ($id: ID!) { client(id: $id) { id } }"}}),
    ("INVALID_ID", "owner", {"json": {"query": '{ client(id: "nobody") { id } }'}}),
    ("INVALID_CURSOR", "owner", {"json": {"query": '{ clients(after: "nowhere") { nodes { id } } }'}}),
    ("INVALID_PAGE", "owner", {"json": {"query": "{ clients(first: -1) { nodes { id } } }"}}),
    ("FORBIDDEN", "active-client", {"json": {"query": f'{{ viewAs(client: "client_{"0" * 32}") {{ __typename }} }}'}}),
    ("FORBIDDEN_FILTER", "analyst", {"json": {"query": '{ clients(search: "Maya") { totalCount } }'}}),
    ("INVALID_JSON", None, {"content": b"{", "headers": JSON}),
    ("INVALID_REQUEST", None, {"json": []}),
    ("METHOD_NOT_ALLOWED", None, {"method": "PUT", "json": {"query": WHO}}),
    ("BODY_TOO_LARGE", None, {"content": b" " * (MAX_BODY_BYTES + 1), "headers": JSON}),
    ("UNSUPPORTED_MEDIA_TYPE", None, {"content": b"{}", "headers": {"content-type": "text/plain"}}),
]
#: Code, and a gateway with other settings at which the owner's request is answered with it.
ELSEWHERE: Final[list[tuple[str, dict[str, Any], dict[str, Any]]]] = [
    ("RATE_LIMITED", {"cost_per_minute": 100}, {"json": {"query": "{ clients(first: 100) { nodes { id } } }"}}),
    ("PERSISTED_QUERY_NOT_SUPPORTED", {"documents": "off"}, {"json": {"extensions": HASH}}),
    ("DOCUMENT_NOT_TRUSTED", {"documents": "only"}, {"json": {"query": WHO}}),
    ("TIMEOUT", {"request_timeout_seconds": 0.2}, {"json": {"query": WRITE}}),
    ("INTERNAL", {}, {"json": {"query": WHO}}),
]


def statuses() -> dict[str, int]:
    """Status of each code, by the page."""
    section = API.split("\n### Errors\n", 1)[1].split("\n### ", 1)[0]
    return {code: int(status) for code, status in re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", section, re.MULTILINE)}


def test_every_code_has_a_request() -> None:
    assert {code for code, *_ in (*REQUESTS, *ELSEWHERE)} | {"UNAVAILABLE"} == documented("Errors") == set(statuses())


async def told(http: httpx2.AsyncClient, who: str | None, sent: dict[str, Any]) -> tuple[str, int]:
    """Code and status of the answer to one of the demo's people, or to nobody."""
    headers = dict(sent.get("headers", {}))
    if who is not None:
        signed_in = await http.post("/demo/sign-in", json={"as": who})
        headers["authorization"] = f"Bearer {signed_in.json()['accessToken']}"
    return await answered(http, {**sent, "headers": headers})


async def answered(http: httpx2.AsyncClient, sent: dict[str, Any]) -> tuple[str, int]:
    """Code of the one error and the status of the answer; where the rest of it is good, the status that the page has for the code."""
    answer = await http.request(sent.get("method", "POST"), "/graphql", **{name: value for name, value in sent.items() if name != "method"})
    (error,) = answer.json()["errors"]
    if "path" in error and "data" in answer.json():  # one field of an answer was refused, and so there is an answer
        data = answer.json()["data"]
        assert (answer.status_code, data and data[error["path"][0]]) == (200, None)
        return error["extensions"]["code"], statuses()[error["extensions"]["code"]]
    assert answer.json().get("data") is None
    return error["extensions"]["code"], answer.status_code


async def test_every_code_is_reached(demo_url: str) -> None:
    async with served(demo_url, environment="demo", clock=False) as http:
        for code, who, sent in REQUESTS:
            assert await told(http, who, sent) == (code, statuses()[code]), code


@pytest.mark.parametrize("case", ELSEWHERE, ids=lambda case: case[0])
async def test_every_code_of_another_gateway_is_reached(
    demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    code, settings, sent = case
    (tmp_path / "documents.json").write_bytes(orjson.dumps({"a": "{ __typename }"}))
    monkeypatch.setattr("storage.writers.SQLITE_PRAGMAS", SQLITE_PRAGMAS.replace("busy_timeout=5000", "busy_timeout=1000"))
    if "documents" in settings:
        settings = {**settings, "documents_file": tmp_path / "documents.json"}
    async with served(demo_url, environment="demo", clock=False, **settings) as http:
        token = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
        asked = {**sent, "headers": {"authorization": f"Bearer {token}"}}
        if code == "INTERNAL":
            monkeypatch.setattr(Engine, "run", None)
        async with held(demo_url) if code == "TIMEOUT" else nullcontext():
            assert await answered(http, asked) == (code, statuses()[code])


async def test_a_database_that_cannot_be_reached_is_unavailable(demo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its server is gone; on SQLite, which has none, another process holds the file, which only writes come to know."""
    monkeypatch.setattr("storage.writers.SQLITE_PRAGMAS", SQLITE_PRAGMAS.replace("busy_timeout=5000", "busy_timeout=200"))
    if demo_url.startswith("sqlite"):
        async with served(demo_url, environment="demo", clock=False) as http:
            token = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
            async with held(demo_url):
                asked = {"json": {"query": WRITE}, "headers": {"authorization": f"Bearer {token}"}}
                assert await answered(http, asked) == ("UNAVAILABLE", statuses()["UNAVAILABLE"])
        return
    line = Line(demo_url)
    await line.mend()
    async with served(line.url, environment="demo", clock=False) as http:
        token = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]
        await line.cut()
        asked = {"json": {"query": WHO}, "headers": {"authorization": f"Bearer {token}"}}
        assert await answered(http, asked) == ("UNAVAILABLE", statuses()["UNAVAILABLE"])
