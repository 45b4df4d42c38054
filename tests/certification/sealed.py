"""A sealed report that must be there to the byte at the end, whatever is done meanwhile."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from storage.tables.certification import ReportRun
from storage.tables.workspace import Workspace
from tests.access.site import Site

SEAL = "mutation { it: reportSeal(input: {ruleSet: ICF_ACC}) { report { id totals { allSessions } } problems { code } } }"


@asynccontextmanager
async def unaltered(site: Site, workspace: Workspace, token: str) -> AsyncIterator[None]:
    """Seal a report on the hours of a caller who has some, and hold its row at the end against that of the beginning."""
    sealed = (await site.data(token, SEAL))["it"]
    assert sealed["problems"] == []
    assert sealed["report"]["totals"]["allSessions"] > 0
    key = UUID(sealed["report"]["id"].removeprefix("report_"))
    before = await _row(site, workspace, key)
    yield
    after = await _row(site, workspace, key)
    assert after == before
    assert hashlib.sha256(after["content"].encode()).hexdigest() == after["content_hash"]


async def _row(site: Site, workspace: Workspace, key: UUID) -> dict[str, Any]:
    async with site.database.write() as session:
        return (await session.get_one(ReportRun, (workspace.id, key))).model_dump()
