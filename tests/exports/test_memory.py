"""However much is held about a person, no more than a page of it is in memory at a time."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import insert
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import MessageDirection
from server.exports import CHUNK_BYTES
from storage.tables.conversations import Message
from tests.access.site import day
from tests.exports.person import Person
from tests.exports.reading import reading

MESSAGES = 12_000
BODY = "x" * 2_000


async def test_a_long_conversation_is_streamed(person: Person) -> None:
    """Given 24 MB of messages, when they are exported, then the parts are small, and so is what is held between them."""
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
    opened = await reading(site, await person.link())
    size = parts = largest = 0
    tracemalloc.start()
    async for part in opened.file():
        size, parts, largest = size + len(part), parts + 1, max(largest, len(part))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > MESSAGES * len(BODY)
    assert parts == pytest.approx(size / CHUNK_BYTES, rel=0.1)
    assert largest < CHUNK_BYTES + 20_000
    assert peak < 7_000_000, peak  # on SQLite a page comes as JSON, whose reader takes several times its length
