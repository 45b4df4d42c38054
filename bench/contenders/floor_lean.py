"""The floor once more, without the reset round trip that asyncpg's pool makes when a connection comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.contenders.environment import DATABASE_URL, POOL_SIZE
from bench.contenders.floor import read
from bench.contenders.pool import Pool

pool = Pool[asyncpg.Connection]()


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    await pool.fill(POOL_SIZE, lambda: asyncpg.connect(DATABASE_URL))
    yield
    await pool.drain(asyncpg.Connection.close)


async def answer(request: Request) -> Response:
    body = orjson.loads(await request.body())
    async with pool.connection() as connection:
        return await read(connection, body)


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
