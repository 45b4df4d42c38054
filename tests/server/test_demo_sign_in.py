"""Signing in by one click: the people of the demo, and nobody else."""

import json

import pytest

from server.limits import MAX_BODY_BYTES
from tests.databases import Databases
from tests.server.gateway import gateway

HINT = 'Send `{"as": "owner"}` or another of the names of /demo/people.'
WRONG = {
    "nobody of the demo": b'{"as": "nobody"}',
    "no text": b'{"as": 7}',
    "no object": b'["owner"]',
    "no JSON": b'{"as": "owner"',
    "half a character": b'{"as": "\xff"}',
    "too long": json.dumps({"as": "owner", "more": "x" * MAX_BODY_BYTES}).encode(),
}


async def test_everybody_who_is_shown_may_be_chosen(databases: Databases) -> None:
    async with gateway(databases, "demo", environment="demo") as client:
        people = (await client.get("/demo/people")).json()["people"]
        assert len(people) == 9
        for one in people:
            answer = await client.post("/demo/sign-in", json={"as": one["as"]})
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
            headers = {"authorization": f"Bearer {answer.json()['accessToken']}"}
            asked = await client.post("/graphql", json={"query": "{ viewer { __typename } }"}, headers=headers)
            assert asked.json() == {"data": {"viewer": {"__typename": "Viewer"}}}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
async def test_whoever_sends_something_else_is_told_what_to_send(databases: Databases, body: bytes) -> None:
    async with gateway(databases, environment="demo") as client:
        answer = await client.post("/demo/sign-in", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()) == (400, {"message": HINT})


async def test_a_form_of_another_page_signs_nobody_in(databases: Databases) -> None:
    async with gateway(databases, environment="demo") as client:
        answer = await client.post("/demo/sign-in", content=b'{"as": "owner"}', headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()) == (400, {"message": HINT})


async def test_without_the_data_of_the_demo_nobody_is_there(databases: Databases) -> None:
    async with gateway(databases, environment="demo") as client:
        answer = await client.post("/demo/sign-in", json={"as": "owner"})
        assert (answer.status_code, answer.json()) == (404, {"message": "This database does not hold the demo data."})


async def test_in_production_there_is_no_such_page(databases: Databases) -> None:
    async with gateway(databases) as client:
        assert (await client.post("/demo/sign-in", json={"as": "owner"})).status_code == 404
