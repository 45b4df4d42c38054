"""What statistics are asked about: months as instants, and the clients that the caller's numbers come from."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from lifecycle.statistics import MOST_MONTHS, ONE_OF, Lens
from planner.dialect import DIALECTS
from planner.errors import RequestError
from resolvers.certification.asked import midnight
from storage.address import Dialect

_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_USUAL_MONTHS: Final = 12
_LAST_BYTES: Final = 256


def month_of(text: str) -> date:
    """First day of a month such as `2026-11`."""
    if _MONTH.fullmatch(text) is None or not 1900 <= int(text[:4]) < 9000:
        raise RequestError("BAD_USER_INPUT", f"{text[:20]!r} is no month, such as `2026-11`.")
    return date(int(text[:4]), int(text[5:]), 1)


def later(month: date, months: int) -> date:
    """Month so many months later, or earlier."""
    years, rest = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(years, rest + 1, 1)


def period_of(first: str | None, last: str | None, today: date) -> list[date]:
    """Months of a period; the last twelve where nobody says otherwise."""
    current = today.replace(day=1)
    end = month_of(last) if last else current
    start = month_of(first) if first else later(end, 1 - _USUAL_MONTHS)
    if end > current:
        raise RequestError("BAD_USER_INPUT", "The period ends after the instant that the statistics speak of.")
    if end < start:
        raise RequestError("BAD_USER_INPUT", "The period ends before it starts.")
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    if count > MOST_MONTHS:
        raise RequestError("BAD_USER_INPUT", f"A period has at most {MOST_MONTHS} months; this one has {count}.")
    return [later(start, step) for step in range(count)]


def left_out(workspace: str, secret: bytes) -> list[str]:
    """Last bytes of the keys of those clients whom nobody's approximate numbers come from: the same for ever, and known to nobody."""
    key = blake2b(secret, digest_size=64, person=b"portico samples").digest()
    order = sorted(range(_LAST_BYTES), key=lambda byte: blake2b(bytes.fromhex(workspace) + bytes([byte]), key=key).digest())
    return [f"{byte:02x}" for byte in sorted(order[: _LAST_BYTES // ONE_OF])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Statistics that are asked for. `seen` is the condition on the clients `c` that the caller sees."""

    workspace: str
    member: str | None
    zone: ZoneInfo
    at: datetime
    months: tuple[date, ...]
    dialect: Dialect
    seen: str
    lens: Lens
    left_out: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        return [month.isoformat()[:7] for month in self.months]

    @property
    def parameters(self) -> dict[str, object]:
        """Everything that the statements speak of: month number `i` goes from `m<i>` until before the next."""
        dialect = DIALECTS[self.dialect]
        starts = [*self.months, later(self.months[-1], 1)]
        found: dict[str, object] = {f"m{place}": dialect.instant(midnight(day, self.zone)) for place, day in enumerate(starts)}
        found |= {"workspace": self.workspace, "member": self.member, "at": dialect.instant(self.at)}
        return found | {"left_out": dialect.array(self.left_out)}

    def month(self, instant: str) -> str:
        """SQL of the number of the month that an instant is in: -1 before the period, the number of months after it."""
        steps = " ".join(f"WHEN {instant} < :m{place} THEN {place - 1}" for place in range(len(self.months) + 1))
        return f"CASE {steps} ELSE {len(self.months)} END"

    def within(self, instant: str) -> str:
        """Condition that an instant is in the period, and not after the one that is spoken of."""
        return f"{instant} >= :m0 AND {instant} < :m{len(self.months)} AND {instant} <= :at"
