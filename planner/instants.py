"""Instants as text of an answer: RFC 3339 in UTC, as orjson writes a `datetime`.

PostgreSQL's driver gives the microseconds that are on the wire: a `datetime` of each, which orjson then takes apart again, costs several
times as much.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

#: PostgreSQL counts microseconds from here.
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = 86_400_000_000
#: Texts that are kept, of days and of instants: 4 MB at most.
MOST_KEPT: Final = 20_000


def microseconds(value: datetime) -> int:
    """Microseconds since 2000, as PostgreSQL counts."""
    return (value - EPOCH) // _MICROSECOND


class _Days(dict[int, str]):
    """Text of a day and the `T` after it, by its number."""

    def __missing__(self, number: int) -> str:
        if len(self) >= MOST_KEPT:
            self.clear()
        text = self[number] = f"{(EPOCH + timedelta(days=number)).date().isoformat()}T"
        return text


class Instants(dict[int, str]):
    """Text of an instant by its microseconds. Many rows share theirs: appointments begin at the full hour."""

    def __init__(self) -> None:
        super().__init__()
        self._days = _Days()

    def __missing__(self, micros: int) -> str:
        if len(self) >= MOST_KEPT:
            self.clear()
        number, rest = divmod(micros, _DAY)
        seconds, fraction = divmod(rest, 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        text = self[micros] = f"{self._days[number]}{clock}.{fraction:06}Z" if fraction else f"{self._days[number]}{clock}Z"
        return text


INSTANTS: Final = Instants()


def sqlite_instant(text: str) -> str:
    """Text of an instant as SQLite stores it (`2026-11-22 10:00:00.000000`)."""
    fraction = "" if text[19:] in ("", ".000000") else text[19:26]
    return f"{text[:10]}T{text[11:19]}{fraction}Z"
