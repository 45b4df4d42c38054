"""However much is held about a person, no more than a page of it is in memory at a time."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import insert
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import MessageDirection
from resolvers.desk import Desk
from resolvers.exports import open_export
from resolvers.viewers import viewer_of
from server.app import build_engine
from server.exports import CHUNK_BYTES, Reading
from storage.tables.conversations import Message
from tests.access.site import day
from tests.exports.person import Person

MESSAGES = 6_000
BODY = "x" * 2_000


async def test_a_long_conversation_is_streamed(person: Person) -> None:
    """Given 12 MB of messages, when they are exported, then the parts are small, and so is what is held between them."""
    site = person.studio.site
    talk = await person.studio.talk(person.client)
    mine: dict[str, Any] = {"workspace_id": talk.workspace_id, "client_id": person.client.id, "conversation_id": talk.id}
    rows = [
        {"id": uuid7(), "direction": MessageDirection.FROM_CLIENT, "body": BODY, "sent_at": day(-40) + timedelta(seconds=at), **mine}
        for at in range(MESSAGES)
    ]
    async with site.database.write() as session:
        await (await session.connection()).execute(insert(Message), rows)
    del rows
    token = (await person.link()).rpartition("/")[2]
    now = datetime.now(UTC)
    export = await open_export(Desk(database=site.database, now=now, request_id=None, secrets=(site.secret,)), token)
    assert export is not None
    engine = build_engine(site.database.dialect, site.secret)
    reading = Reading(engine, site.database, export, viewer_of(export.reader, site.database.dialect, now), now)
    size = parts = largest = 0
    tracemalloc.start()
    async for part in reading.file():
        size, parts, largest = size + len(part), parts + 1, max(largest, len(part))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > MESSAGES * len(BODY)
    assert parts == pytest.approx(size / CHUNK_BYTES, rel=0.1)
    assert largest < CHUNK_BYTES + 20_000
    assert peak < 6_000_000, peak
