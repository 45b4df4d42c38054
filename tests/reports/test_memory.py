"""However long a report is, no more than a page of it is in memory at a time, and a page is read by its place."""

import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import insert

from resolvers.certification import stream
from storage.tables.appointments import Appointment
from tests.certification.practice import Practice, ago
from tests.reports.files import export, link, opened

SESSIONS = 2_000


@pytest.mark.parametrize("form", ["CSV", "XLSX"])
async def test_a_long_log_is_streamed(practice: Practice, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given thousands of sessions, when they are exported, then the peak is far below what they take, and each is there once."""
    monkeypatch.setattr(stream, "PAGE", 100)
    client = await practice.client()
    rows: list[dict[str, Any]] = [practice.planned(client, ago(900) + timedelta(hours=number)).model_dump() for number in range(SESSIONS)]
    async with practice.site.database.write() as session:
        await (await session.connection()).execute(insert(Appointment), rows)
    del rows
    path = await link(practice, export(practice, "SESSIONS", form))
    file = await opened(practice, path)
    size = largest = 0
    tracemalloc.start()
    async for part in file.parts:
        size, largest = size + len(part), max(largest, len(part))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > SESSIONS * (20 if form == "XLSX" else 60)
    assert largest < 70_000
    assert peak < 1_500_000
