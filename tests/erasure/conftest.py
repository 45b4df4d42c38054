"""The gateway over an empty database of each engine, shared by all tests of deletion: each makes workspaces of its own."""

from collections.abc import Iterable

import pytest

from resolvers.erasure import run
from storage.database import Database
from tests.access.conftest import site

__all__ = ["site"]


@pytest.fixture(autouse=True)
def _unscrubbed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are written anew only where the files are looked at: it takes seconds on PostgreSQL."""

    async def scrub(_database: Database, _tables: Iterable[str]) -> str | None:
        return "not in this test"

    if request.module.__name__ not in ("tests.erasure.test_files", "tests.erasure.test_write_ahead_log"):
        monkeypatch.setattr(run, "scrub", scrub)
