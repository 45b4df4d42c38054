"""Instants as text: what orjson would write of a `datetime`."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from planner import instants
from planner.dialect import DIALECTS
from planner.instants import INSTANTS, Instants, microseconds, sqlite_instant

MOMENTS = [
    datetime(2026, 11, 28, 15, 14, 15, tzinfo=UTC),
    datetime(2026, 11, 28, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 29, 0, 0, 0, 500_000, tzinfo=timezone(timedelta(hours=-7))),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_instant_is_the_text_that_an_answer_would_hold(moment: datetime) -> None:
    text = orjson.loads(orjson.dumps(moment.astimezone(UTC), option=orjson.OPT_UTC_Z))
    assert INSTANTS[microseconds(moment)] == text
    assert sqlite_instant(str(DIALECTS["sqlite"].instant(moment))) == text


def test_only_so_many_texts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instants, "MOST_KEPT", 10)
    kept = Instants()
    for day in range(25):
        moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day)
        assert datetime.fromisoformat(kept[microseconds(moment)]) == moment
        assert len(kept) <= 10
