"""The gateway over a database of its own, asked without a socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from server.app import create_app
from server.settings import load_settings
from tests.databases import Databases

#: What a client sends that understands statuses.
MODERN = {"accept": "application/graphql-response+json"}


@asynccontextmanager
async def gateway(
    databases: Databases, template: str = "empty", headers: Mapping[str, str] = MODERN, **settings: Any
) -> AsyncIterator[httpx2.AsyncClient]:
    """Client of a gateway with these settings over a copy of a database."""
    url = await databases.copy(template)
    async with served(url, headers, **settings) as client:
        yield client
    await databases.drop(url)


@asynccontextmanager
async def served(url: str, headers: Mapping[str, str] = MODERN, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Client of a gateway with these settings over a database."""
    app = create_app(load_settings(database_url=url, **settings))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://portico", headers=dict(headers)) as client,
    ):
        yield client
