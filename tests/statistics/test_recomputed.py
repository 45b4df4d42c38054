"""Random studios: what the API tells is what plain Python makes of the exported rows, exact for owners and blurred for analysts.

`PORTICO_STATISTICS_STUDIOS=300 .venv/bin/python -m pytest -n 0 tests/statistics/test_recomputed.py` tries three hundred.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlmodel import col, select

from storage.tables.workspace import Member
from tests.access.site import Site
from tests.statistics.oracle import Books
from tests.statistics.studio import EVERYTHING, NUMBERS, ORDER, ZONES, Draw, Studio, columns, open_studio, ways

STUDIOS: Final = int(os.environ.get("PORTICO_STATISTICS_STUDIOS", "5"))


async def exported(studio: Studio) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    async with studio.site.database.write() as session:
        for table in (*ORDER, Member):
            if hasattr(table, "workspace_id"):
                mine = select(table).where(col(table.workspace_id) == studio.workspace.id)
                found[str(table.__tablename__)] = list((await session.exec(mine)).all())
        session.expunge_all()
    return found


def rows_of(name: str, by: Any, answer: Any) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of the answer by group; ids without their tag."""
    wanted = columns(name, by)
    return {
        tuple(row[one].partition("_")[2] if one in {"coachId", "packageId"} else row[one] for one in wanted): {
            number: row[number] for number in (*NUMBERS[name], "suppressed")
        }
        for row in answer
    }


def checked(books: Books, answer: Any) -> None:
    for name in NUMBERS:
        for by in ways(name):
            told = rows_of(name, by, answer["_".join([name, *by])])
            assert told == getattr(books, name)([dimension.value for dimension in by]), (name, by)


@pytest.mark.req("A7")
@pytest.mark.parametrize("seed", range(STUDIOS))
async def test_the_answer_is_what_python_makes_of_the_rows(site: Site, seed: int) -> None:
    studio = await open_studio(site, zone=ZONES[seed % len(ZONES)], threshold=3 + seed % 3)
    draw = Draw(f"studio {seed}", studio)
    await draw.fill(draw.choice([0, 12, 40]) if seed else 40)
    rows = await exported(studio)
    at = draw.choice([None, datetime(2025, 6, 1, tzinfo=UTC) + timedelta(days=draw.uniform(0, 300), microseconds=5)])
    last = 12 if at is None else (at.month if at.year == 2025 else 12)
    months = [f"2025-{number:02}" for number in range(1, min(last, 12) + 1)][draw.choice([0, 0, -3]) :]
    asked = {"from_": months[0], "to": months[-1]} | ({} if at is None else {"at": at.isoformat()})
    hidden = studio.left_out
    coach: UUID = studio.members["COACH"].id
    for by, keep, threshold in (
        ("OWNER", lambda _: True, None),
        ("COACH", lambda client: client.coach_id == coach, None),
        ("ANALYST", lambda client: client.data_state == "PRESENT" and client.id.hex[-2:] not in hidden, 3 + seed % 3),
    ):
        books = Books(rows, studio.zone, at or datetime.now(UTC), months, keep, threshold)
        checked(books, await studio.statistics(EVERYTHING, by=by, **asked))
