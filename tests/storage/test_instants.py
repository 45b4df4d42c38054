"""Instants as text: what orjson would write of the driver's own."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest

from storage.instants import decode_instant, encode_instant

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
    assert decode_instant(encode_instant(moment)) == orjson.loads(orjson.dumps(moment.astimezone(UTC), option=orjson.OPT_UTC_Z))
