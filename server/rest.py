"""The rest of the gateway, which no read needs: the schema of the code, the tables, the engine for writes.."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from graphql import OperationDefinitionNode

from gql.contract import FILE
from planner.engine import Engine
from server.reading import Reading
from storage.later import later, load, loaded

#: As a rule nobody waits for it: it is there soon after the first answers.
AFTER_SECONDS: Final = 2.0
_LOG: Final = structlog.get_logger("portico.rest")


async def have_for(engine: Engine, query: str) -> None:
    """Wait for the rest, where the document is the first with an operation that is no read. It does not count as time of the request."""
    if loaded("gql.schema"):
        return
    prepared = engine.prepare(query)
    definitions = prepared.document.definitions if prepared.document is not None and not prepared.errors else ()
    if not all(engine.plannable(prepared, one) for one in definitions if isinstance(one, OperationDefinitionNode)):
        await later("storage.writers")
        await later("gql.schema")


@asynccontextmanager
async def loading(reading: Reading, *, at_once: bool) -> AsyncIterator[None]:
    """Load the rest at once; or beside the `async with`, and then start the process that reads, which else some long documents do."""
    if at_once:
        await asyncio.to_thread(_load)
        yield
        return
    task = asyncio.create_task(_load_soon(reading))
    try:
        yield
    finally:
        task.cancel()


def _load() -> None:
    """The code says what the contract says, or this fails."""
    load("storage.writers")
    if load("gql.schema").print_sdl() != FILE.read_text(encoding="utf-8"):
        raise TypeError("schema.graphql is not the schema of the code: portico schema print schema.graphql")
    spare_the_collector()


async def _load_soon(reading: Reading) -> None:
    await asyncio.sleep(AFTER_SECONDS)
    try:
        await asyncio.to_thread(_load)
    except Exception:
        _LOG.exception("rest_failed")
    reading.start()


def spare_the_collector() -> None:
    """What stands now stays, so it need not be looked through again; an answer's own objects die by themselves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
