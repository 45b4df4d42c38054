"""The HTTP surface: each malformed request gets its status, its code and its sentence; nothing ends in a traceback."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from server.limits import MAX_BODY_BYTES, MAX_DEPTH, MAX_ROOT_FIELDS
from tests.databases import Databases
from tests.server.gateway import gateway

JSON = {"content-type": "application/json"}
MODERN = JSON | {"accept": "application/graphql-response+json"}
SIGN_IN = "Sign in first: send `Authorization: Bearer ...`."
DEEP = "{ clients " + "{ nodes { enrollments { nodes { client { enrollments " * 4 + "{ totalCount } " + "} } } } } " * 4 + "}"
WIDE = "{ ...F } fragment F on Query { " + " ".join(f"a{i}: __typename" for i in range(MAX_ROOT_FIELDS + 1)) + " }"


@pytest.fixture
async def client(databases: Databases) -> AsyncIterator[httpx2.AsyncClient]:
    async with gateway(databases, headers={}, environment="development") as opened:
        yield opened


#: Body, headers, status, code, message.
REFUSED: list[tuple[bytes, dict[str, str], int, str, str]] = [
    (b"{", JSON, 400, "INVALID_JSON", "The body is not JSON."),
    (b"\xff\xfe", JSON, 400, "INVALID_JSON", "The body is not JSON."),
    (b"", JSON, 400, "INVALID_JSON", "The body is not JSON."),
    (b"null", JSON, 400, "INVALID_REQUEST", "The body must be a JSON object with `query`."),
    (b"[]", JSON, 400, "INVALID_REQUEST", "The body must be a JSON object with `query`."),
    (b"{}", JSON, 400, "INVALID_REQUEST", "`query` must be the text of a GraphQL document."),
    (b'{"query": 1}', JSON, 400, "INVALID_REQUEST", "`query` must be the text of a GraphQL document."),
    (b'{"query": "{a}", "variables": []}', JSON, 400, "INVALID_REQUEST", "`variables` must be an object."),
    (b'{"query": "{a}", "operationName": 1}', JSON, 400, "INVALID_REQUEST", "`operationName` must be a text."),
    (b'{"query": "{a}", "extensions": 1}', JSON, 400, "INVALID_REQUEST", "`extensions` must be an object."),
    (b"{}", {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE", "The body must be `application/json` in UTF-8."),
    (b"{}", {"content-type": "application/jsonx"}, 415, "UNSUPPORTED_MEDIA_TYPE", "The body must be `application/json` in UTF-8."),
    (b" " * (MAX_BODY_BYTES + 1), JSON, 413, "BODY_TOO_LARGE", f"The body has more than {MAX_BODY_BYTES} bytes."),
]


async def test_a_malformed_request_is_refused_with_its_status(client: httpx2.AsyncClient) -> None:
    for body, headers, status, code, message in REFUSED:
        answer = await client.post("/graphql", content=body, headers=headers)
        told = (answer.status_code, answer.json())
        assert told == (status, {"errors": [{"message": message, "extensions": {"code": code}}]}), body[:60]


async def test_only_queries_come_by_get_and_other_methods_by_none(client: httpx2.AsyncClient) -> None:
    for method, query, message in (
        ("GET", "mutation { signOut { problems { code } } }", "Only queries may be sent by GET."),
        ("PUT", "{ __typename }", "GraphQL requests are sent by POST, queries also by GET."),
    ):
        answer = await client.request(method, "/graphql", params={"query": query})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
        assert answer.json() == {"errors": [{"message": message, "extensions": {"code": "METHOD_NOT_ALLOWED"}}]}
    found = await client.get("/graphql", params={"query": "{ __typename }"})
    assert (found.status_code, found.json()) == (200, {"data": {"__typename": "Query"}})
    unread = await client.get("/graphql", params={"query": "{ __typename }", "variables": "{"})
    assert (unread.status_code, unread.json()["errors"][0]["message"]) == (400, "The query string cannot be read.")


@pytest.mark.parametrize(
    ("sent", "status", "code", "message"),
    [
        ({"query": "{ nope }"}, 400, "INVALID_DOCUMENT", "Cannot query field 'nope' on type 'Query'."),
        ({"query": "{"}, 400, "INVALID_DOCUMENT", "Syntax Error: Expected Name, found <EOF>."),
        ({"query": "{ members { totalCount } }"}, 401, "UNAUTHENTICATED", SIGN_IN),
        ({"query": "query A { __typename } query B { __typename }"}, 400, "OPERATION_NOT_FOUND", None),
        ({"query": "query A { __typename }", "operationName": "B"}, 400, "OPERATION_NOT_FOUND", None),
        ({"query": "query ($id: ID!) { client(id: $id) { id } }"}, 400, "BAD_USER_INPUT", None),
        ({"query": DEEP}, 400, "LIMIT_EXCEEDED", f"A document is at most {MAX_DEPTH} levels deep; this one has 22."),
        ({"query": WIDE}, 400, "LIMIT_EXCEEDED", f"An operation has at most {MAX_ROOT_FIELDS} root fields; this one has 31."),
    ],
)
async def test_a_request_that_cannot_be_answered_says_why(
    client: httpx2.AsyncClient, sent: dict[str, Any], status: int, code: str, message: str | None
) -> None:
    modern = await client.post("/graphql", json=sent, headers=MODERN)
    assert modern.status_code == status
    assert modern.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    error = modern.json()["errors"][0]
    assert error["extensions"]["code"] == code
    assert message is None or error["message"] == message
    # a client that knows of no statuses gets the same answer with 200
    plain = await client.post("/graphql", json=sent, headers=JSON)
    assert (plain.status_code, plain.json()) == (200, modern.json())


async def test_a_bad_token_is_refused_without_being_repeated(client: httpx2.AsyncClient) -> None:
    for proof in ("Bearer nonsense-token", "Bearer ptc_no_such", "Basic eDp5"):
        answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=MODERN | {"authorization": proof})
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert proof.split()[1] not in answer.text
