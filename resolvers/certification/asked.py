"""What a report is asked about, and the days of it as instants: SQL compares instants only, so that both engines agree on every day."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lifecycle.certification import months_before
from lifecycle.rule_sets import RuleSet
from lifecycle.vocabulary import CountingBasis
from planner.dialect import DIALECTS
from storage.address import Dialect
from storage.instants import instant_of

#: Rows of a statement with named parameters, from whatever connection.
Ask = Callable[[str, Mapping[str, object]], Awaitable[Sequence[Sequence[Any]]]]
#: Months that count as recent where no rules say otherwise.
RECENT_MONTHS: Final = 18
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Instant at which a day begins in a time zone; where clocks skip that midnight, the instant at which they do."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def instant(value: Any) -> datetime:
    """Instant out of a row of either connection."""
    return value if isinstance(value, datetime) else instant_of(value)


def day(value: Any) -> date:
    """Day out of a row of either connection."""
    return value if isinstance(value, date) else date.fromisoformat(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Report that is asked for. `at` is the instant as of which, `past` whether that is not now; both days belong to the period."""

    workspace: str
    coach: str
    zone: ZoneInfo
    at: datetime
    basis: CountingBasis = CountingBasis.SESSION_START
    rules: RuleSet | None = None
    first: date | None = None
    last: date | None = None
    count_from: date | None = None
    past: bool = False
    dialect: Dialect = field(default="sqlite")

    @property
    def bounded(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def today(self) -> date:
        """Day of the report, where the coach is."""
        return self.at.astimezone(self.zone).date()

    @property
    def recent_months(self) -> int:
        return (self.rules.recent_months if self.rules is not None else 0) or RECENT_MONTHS

    @property
    def recent_from(self) -> date:
        """First day that is recent."""
        return months_before(self.today, self.recent_months)

    @property
    def parameters(self) -> dict[str, object]:
        """Everything that the statements of the report speak of."""
        first, end = self.first or _FIRST, self.last + timedelta(days=1) if self.last else _LAST
        days = {"lo": first, "hi": end, "recent": self.recent_from, "early": self.count_from or _FIRST}
        dialect = DIALECTS[self.dialect]
        found: dict[str, object] = {"workspace": self.workspace, "coach": self.coach, "at": dialect.instant(self.at)}
        found |= {name: dialect.instant(midnight(value, self.zone)) for name, value in days.items()}
        return found | {f"{name}_day": dialect.day(value) for name, value in days.items()}
