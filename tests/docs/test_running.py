"""What the pages show as an answer is what the demo answers."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from server.app import create_app
from server.settings import load_settings
from storage.database import Database
from tests.docs.conftest import TREE

EXAMPLES: Final = TREE / "server" / "graphiql" / "src" / "examples"
SHOWN: Final = {name: (TREE / name).read_text(encoding="utf-8") for name in ("README.md", "docs/access.md")}
DOCUMENTS: Final = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.graphql")}


@pytest_asyncio.fixture
async def client(demo_database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    app: Starlette = create_app(load_settings(database_url=demo_database.url, environment="demo"))
    transport = httpx2.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://portico") as opened:
        yield opened


async def ask(client: httpx2.AsyncClient, person: str, query: str) -> dict[str, Any]:
    signed_in = (await client.post("/demo/sign-in", json={"as": person})).json()
    headers = {"Authorization": f"Bearer {signed_in['accessToken']}"}
    answer: dict[str, Any] = (await client.post("/graphql", json={"query": query}, headers=headers)).json()
    return answer


@pytest.mark.parametrize("page", SHOWN)
async def test_the_answer_to_an_analyst_is_as_shown(client: httpx2.AsyncClient, page: str) -> None:
    [shown] = re.findall(r"^ *```json\n(.*?)^ *```", SHOWN[page], re.MULTILINE | re.DOTALL)
    query = "{ clients(first: 1, orderBy: {field: NUMBER}) { nodes { number status name } } }"
    assert await ask(client, "analyst", query) == json.loads(shown)


@pytest.mark.parametrize(
    ("example", "person"),
    [
        ("single-page-app", "owner"),
        ("single-page-app", "coach"),
        ("analyst", "analyst"),
        ("analyst", "owner"),
        ("mobile-app", "active-client"),
        ("mobile-app", "frozen-client"),
    ],
)
async def test_the_examples_answer_those_the_readme_names(client: httpx2.AsyncClient, example: str, person: str) -> None:
    answer = await ask(client, person, DOCUMENTS[example])
    assert "errors" not in answer
    assert answer["data"]


async def test_the_query_of_the_readme_answers_the_owner(client: httpx2.AsyncClient) -> None:
    [body] = re.findall(r"-d '(\{.*?\})'", SHOWN["README.md"])
    answer = await ask(client, "owner", json.loads(body)["query"])
    assert len(answer["data"]["clients"]["nodes"]) == 3
