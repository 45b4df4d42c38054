"""Killed after each of its transactions in turn, and started again, a deletion ends in the same state, with one receipt."""

import multiprocessing
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from storage.tables.certification import HourLedgerEntry
from storage.tables.erasure import ErasureReceipt
from tests.access.site import Site, gid
from tests.erasure import killed
from tests.erasure.acts import confirmed, counts, erasure, finish
from tests.erasure.person import Person, full
from tests.lifecycle.stage import Stage, build
from tests.rows import every_row

SEVEN = ("APPOINTMENTS", "GROUP_EVENTS", "MESSAGES", "ESTIMATES", "INVOICES", "PAYMENTS", "DOCUMENTS")


@pytest.mark.req("T1", "T5", "T-Q12")
async def test_killed_at_every_step(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def later(*_: object) -> None:
        """The process that took the step does not delete."""

    monkeypatch.setattr("gql.operations.delete_now", later)
    stage = await build(site)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.erasure.killed"])
    dies_after, was_killed = 0, True
    while was_killed:
        dies_after += 1
        person = await full(stage)
        made = await confirmed(stage, "clientErase", gid("client", person.client))
        key = UUID(made["erasure"]["id"].partition("_")[2])
        given = (site.database.url, site.secret, stage.workspace.id, key, dies_after)
        process = processes.Process(target=killed.carry_out, args=given)
        process.start()
        while process.is_alive():
            process.join(0.02)
        assert process.exitcode in (-9, 0), f"died otherwise after {dies_after}: {process.exitcode}"
        was_killed = process.exitcode == -9
        await finish(stage, timedelta(minutes=2))
        await check(stage, person, made["erasure"]["id"], f"killed after {dies_after}")
    assert dies_after > 10, "hardly anything was killed"


async def check(stage: Stage, person: Person, key: str, when: str) -> None:
    done = await erasure(stage, key)
    assert (done["state"], done["receipt"]["complete"]) == ("COMPLETED", True), when
    found = counts(done)
    assert all(found[kind][0] == found[kind][1] and found[kind][3] == 0 for kind in SEVEN), (when, found)
    assert {name for name, rows in (await every_row(stage.site.database, stage.workspace.id)).items() if person.canary in rows} == set(), (
        when
    )
    async with stage.site.database.write() as session:
        mine = (col(HourLedgerEntry.workspace_id) == stage.workspace.id, col(HourLedgerEntry.client_number) == person.client.number)
        hours = sorted((await session.exec(select(HourLedgerEntry.minutes).where(*mine))).all())
        receipts = select(ErasureReceipt.id).where(col(ErasureReceipt.client_number) == person.client.number)
        given = (await session.exec(receipts.where(col(ErasureReceipt.workspace_id) == stage.workspace.id))).all()
    assert (hours, len(given)) == ([50, 90], 1), when
