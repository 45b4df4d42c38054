"""How the engines would run each measure: every growing table is read by an index that begins with the workspace."""

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lifecycle.statistics import MEASURES, Lens
from planner.dialect import DIALECTS
from resolvers.callers import fetch
from resolvers.statistics.asked import Asked, period_of
from resolvers.statistics.measures import MEASURED
from storage.database import Database
from tests.databases import DEMO_DAY
from tests.statistics.studio import at_noon, ways

#: What SQLite reads from beginning to end: tables of the database go by these names in the statements, and no others do.
READ_THROUGH: Final = re.compile(r"SCAN [cuelaxg]( USING|$)|Seq Scan on (?!member|package)")


class _Planned(Exception):  # noqa: N818 - it is no error
    """The statement that was to be run."""


@pytest.mark.parametrize("measure", MEASURES)
async def test_no_growing_table_is_read_through(demo_database: Database, measure: str) -> None:
    """Given that PostgreSQL uses an index wherever there is one, as it does by itself where the period is a small part of all."""
    dialect = demo_database.dialect
    async with demo_database.read() as reader, reader.snapshot():
        [(workspace,)] = await fetch(reader, "SELECT w.id FROM workspace w WHERE w.slug = 'hart'", {})
        asked = Asked(
            workspace=UUID(str(workspace)).hex, member=None, zone=ZoneInfo("America/New_York"), at=at_noon(DEMO_DAY),
            months=tuple(period_of("2026-11", "2026-11", DEMO_DAY)), dialect=dialect, seen="", lens=Lens(5), left_out=("00", "a7"),
        )  # fmt: skip

        async def ask(sql: str, parameters: Mapping[str, object]) -> Any:
            raise _Planned(sql, parameters)

        if dialect == "postgresql":
            await reader.fetch("SET LOCAL enable_seqscan = off", [])
        for by in ways(measure):
            with pytest.raises(_Planned) as planned:
                await MEASURED[measure](ask, asked, by)
            sql, parameters = planned.value.args
            statement = DIALECTS[dialect].compile(sql)
            explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
            lines = [str(row[-1]).strip(" ->") for row in await reader.fetch(explain + statement.text, statement.arguments(parameters))]
            assert len(lines) > 5
            assert [line for line in lines if READ_THROUGH.match(line)] == [], (by, lines)
