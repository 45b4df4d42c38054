"""A job whose worker is killed between its objects goes on where it was: every object is done, and once."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, func, select, update

from storage.database import Database
from storage.tables.operations import AuditEvent, BulkJob, BulkJobItem, OutboxEvent
from tests.access.site import open_site
from tests.bulk.studio import Studio, studio_of
from tests.bulk.test_jobs import made
from tests.databases import Databases
from tests.docs.conftest import TREE

CLIENTS = 240


async def _done(database: Database) -> int:
    async with database.write() as session:
        return (await session.exec(select(func.count()).select_from(BulkJobItem).where(col(BulkJobItem.done_at).is_not(None)))).one()


async def _worker(url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "server.cli", "work", "--database", url,
        cwd=TREE, env={**os.environ, "PYTHONPATH": str(TREE)}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def _free_the_lease(database: Database) -> None:
    """What the passing of time does."""
    async with database.write() as session:
        await session.exec(update(BulkJob).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))


@pytest.mark.req("P13")
async def test_each_object_is_done_once_although_its_workers_are_killed(databases: Databases) -> None:
    url = await databases.copy("empty")
    async with open_site(url) as site:  # ends before its own worker begins
        studio: Studio = await studio_of(site)
        clients = await made(studio, CLIENTS)
        answer = await studio.do("clientsMakeInactive", filter={"status": ["ACTIVE"]})
        assert answer["job"]["done"] == 0
    async with await Database.open(url) as database:
        seen = [0]
        for _ in range(3):
            worker = await _worker(url)
            while await _done(database) < seen[-1] + 20:
                assert worker.returncode is None, (await worker.communicate())[0]
                await asyncio.sleep(0.01)
            worker.send_signal(signal.SIGKILL)
            await worker.wait()
            seen.append(await _done(database))
            assert seen[-1] < CLIENTS
            await _free_the_lease(database)
        last = await _worker(url)
        said, _ = await last.communicate()
        assert last.returncode == 0, said
        async with database.write() as session:
            job = (await session.exec(select(BulkJob))).one()
            assert (job.state, job.done, job.failed) == ("COMPLETED", CLIENTS, 0)
            events = (await session.exec(select(AuditEvent).where(col(AuditEvent.action) == "client.make_inactive"))).all()
            assert Counter(event.subject_id for event in events) == Counter(client.id for client in clients)
            items = (await session.exec(select(BulkJobItem))).all()
            assert {item.event_id for item in items} == {event.id for event in events}
            positions = sorted((await session.exec(select(OutboxEvent.position))).all())
            assert positions == list(range(1, CLIENTS + 1))
    await databases.drop(url)
