"""Instants between PostgreSQL's wire and the text of an answer.

The driver's own way makes a `datetime` of each, which orjson then takes apart again: together twice the time of going straight to text.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

#: PostgreSQL counts microseconds from here.
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = 86_400_000_000
_MOST_DAYS: Final = 50_000


class _Days(dict[int, str]):
    """Text of a day and the `T` after it, by its number."""

    def __missing__(self, number: int) -> str:
        if len(self) >= _MOST_DAYS:
            self.clear()
        text = self[number] = f"{(_EPOCH + timedelta(days=number)).date().isoformat()}T"
        return text


class _Seconds(dict[int, str]):
    """Text of a time of day by its microseconds; kept for the 86,400 whole seconds."""

    def __missing__(self, micros: int) -> str:
        seconds, fraction = divmod(micros, 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if fraction:
            return f"{clock}.{fraction:06}Z"
        text = self[micros] = f"{clock}Z"
        return text


_DAYS, _SECONDS = _Days(), _Seconds()


def decode_instant(wire: tuple[int]) -> str:
    """RFC 3339 text in UTC, as orjson writes a `datetime`."""
    day, micros = divmod(wire[0], _DAY)
    return _DAYS[day] + _SECONDS[micros]


def instant_of(text: str) -> datetime:
    """Instant of a reader's row: RFC 3339 text from PostgreSQL, text in UTC as SQLite stores it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def encode_instant(value: datetime) -> tuple[int]:
    return ((value - _EPOCH) // _MICROSECOND,)
