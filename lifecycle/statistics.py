"""What statistics are asked by, and what is told of them to those who may read numbers and no names."""

from dataclasses import dataclass
from typing import Final

from lifecycle.vocabulary import Word


class Dimension(Word):
    """What a statistic is grouped by."""

    MONTH = "MONTH", "Month in the time zone of the workspace."
    STATUS = "STATUS", "Status of the client at the time that is told of."
    COACH = "COACH", "Coach: of the client, and of a session the one who held it."
    PACKAGE = "PACKAGE", "Package; who is in several counts in each, and who is in none is in no group."
    SOURCE = "SOURCE", "Where the client came from."


class FunnelStep(Word):
    """Step on the way from a prospect to an active client."""

    PROSPECT_TO_HOT_LEAD = "PROSPECT_TO_HOT_LEAD", "From the first day to the first day as a hot lead."
    HOT_LEAD_TO_ACTIVE = "HOT_LEAD_TO_ACTIVE", "From the first day as a hot lead to the first as an active client."
    PROSPECT_TO_ACTIVE = "PROSPECT_TO_ACTIVE", "From the first day to the first as an active client, with or without the step between."


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure may be grouped by, how much of it at once, and what it is grouped by where nobody says."""

    dimensions: tuple[Dimension, ...]
    usual: tuple[Dimension, ...] = ()
    most: int = 2


#: Most months of a period.
MOST_MONTHS: Final = 60

_WHOSE: Final = (Dimension.COACH, Dimension.PACKAGE, Dimension.SOURCE)
_BY_MONTH: Final = (Dimension.MONTH, *_WHOSE)

MEASURES: Final[dict[str, Measure]] = {
    "clients": Measure(tuple(Dimension), (Dimension.STATUS,)),
    "funnel": Measure(_BY_MONTH),
    "timeInStatus": Measure(_BY_MONTH),
    "churn": Measure(_BY_MONTH, (Dimension.MONTH,)),
    "retention": Measure(_WHOSE, most=1),
    "sessions": Measure(tuple(Dimension), (Dimension.MONTH,)),
    "freezes": Measure(_BY_MONTH),
}

#: Of so many clients one is left out of what is told to who reads no names: which ones is a secret.
ONE_OF: Final = 8


@dataclass(frozen=True, slots=True)
class Lens:
    """How numbers are told. With a threshold they come from the clients who were not left out; the lens scales them up, rounds them to
    multiples of the threshold, and tells nothing of fewer clients than that. Without one they are told as they are."""

    threshold: int | None = None

    def hides(self, *heads: int) -> bool:
        """Whether something would be told of too few clients, nobody included: who knows that there is somebody knows too much."""
        return self.threshold is not None and any(number < self.threshold for number in heads)

    def people(self, number: int) -> int | None:
        """Number of clients."""
        found = self.amount(number, number)
        return None if found is None else int(found)

    def amount(self, value: float, heads: int) -> float | None:
        """What so many clients have together."""
        if self.hides(heads):
            return None
        return value if self.threshold is None else self._rounded(value * ONE_OF / (ONE_OF - 1))

    def days(self, seconds: float | None, heads: int) -> float | None:
        """Mean or median of so many clients."""
        if seconds is None or self.hides(heads):
            return None
        return round(seconds / 86_400, 1) if self.threshold is None else self._rounded(seconds / 86_400)

    def _rounded(self, value: float) -> float:
        step = self.threshold or 1
        return float(step * int(value / step + 0.5))


def share(part: int | None, whole: int | None) -> float | None:
    """Part of a whole, of numbers as they are told."""
    return round(part / whole, 4) if part is not None and whole else None
