"""Which sessions count for certification, as data: the rows of one table, of which the first that matches decides."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation, Word


class ReportReason(Word):
    """Why a session is not counted, in the report or for the credential alone."""

    OVERRIDDEN = "OVERRIDDEN", "A member decided by hand that it does not count."
    CANCELLED = "CANCELLED", "It was cancelled."
    NO_SHOW = "NO_SHOW", "The client did not come; of a group, nobody who is known."
    REMOVED = "REMOVED", "It was removed when the client became inactive."
    NOT_HELD_YET = "NOT_HELD_YET", "It is booked, and nobody has recorded that it was held."
    NOT_COACHING = "NOT_COACHING", "Its type or its kind is not client coaching: training, mentoring, supervision."
    PROSPECT = "PROSPECT", "The client was a prospect."
    BUYER_NOT_COUNTED = "BUYER_NOT_COUNTED", "The client was a buyer, and the rules do not count them."
    BEFORE_COUNT_FROM = "BEFORE_COUNT_FROM", "For the credential: it was held before the day from which hours count."
    GROUP_OVER_CAP = "GROUP_OVER_CAP", "For the credential: the group was larger than its rules admit."
    BELOW_MIN_MINUTES = "BELOW_MIN_MINUTES", "For the credential: it was shorter than its rules ask."
    DIRECT_REPORT = "DIRECT_REPORT", "For the credential: the client reports to the coach at work."
    KIND_NOT_COUNTED = "KIND_NOT_COUNTED", "For the credential: its rules exclude sessions of this kind."


class LineKind(Word):
    """What a line of the report is made from."""

    APPOINTMENT = "APPOINTMENT", "Appointment with one client."
    GROUP_EVENT = "GROUP_EVENT", "Group event: one line, whatever the size of the group."
    MANUAL = "MANUAL", "Entry by hand in the hour ledger."
    ERASED = "ERASED", "What the hour ledger keeps of a session with a client who was erased."


class Metric(Word):
    """What a credential asks for."""

    TOTAL = "TOTAL", "All hours, or sessions where the credential counts those."
    PAID = "PAID", "Paid hours or sessions."
    CLIENTS = "CLIENTS", "Different clients."
    RECENT = "RECENT", "Hours or sessions within the last months."
    YEARS = "YEARS", "Full years since the first session that counts."


class Unit(Word):
    """What a credential counts."""

    HOURS = "HOURS", "Hours."
    SESSIONS = "SESSIONS", "Sessions, however long."


class NextAction(Word):
    """What brings a coach nearest to a credential."""

    APPLY = "APPLY", "Everything is met: apply."
    RECORD_SESSIONS = "RECORD_SESSIONS", "Record that sessions of the past were held, or were not."
    FIND_CLIENTS = "FIND_CLIENTS", "Hold sessions with further clients."
    HOLD_PAID_SESSIONS = "HOLD_PAID_SESSIONS", "Hold paid sessions."
    HOLD_SESSIONS = "HOLD_SESSIONS", "Hold sessions, paid or not."
    WAIT = "WAIT", "Wait: only time is missing."


#: Kinds and statuses that the table speaks of.
NO_COACHING: Final = (CoachingKind.MENTOR, CoachingKind.SUPERVISION)
COUNTED: Final = (ClientStatus.ACTIVE, ClientStatus.INACTIVE, ClientStatus.HOT_LEAD)
#: A session for a session between coaches is barter, so a balanced PEER is paid by its compensation.
PAID: Final = (Compensation.PAID, Compensation.BARTER, Compensation.INTERNAL, Compensation.THIRD_PARTY)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Row of the table: a line whose column has one of the values is excluded for the reason."""

    column: str
    values: tuple[str | int, ...]
    reason: ReportReason | None  # None: it counts


#: Does it count? `override`, `state`, `coaching`, `kind` and `status` are columns of a line.
EXCLUSIONS: Final = (
    Exclusion("override", (1,), None),
    Exclusion("override", (0,), ReportReason.OVERRIDDEN),
    Exclusion("state", (AppointmentState.CANCELLED,), ReportReason.CANCELLED),
    Exclusion("state", (AppointmentState.NO_SHOW,), ReportReason.NO_SHOW),
    Exclusion("state", (AppointmentState.REMOVED,), ReportReason.REMOVED),
    Exclusion("state", (AppointmentState.BOOKED,), ReportReason.NOT_HELD_YET),
    Exclusion("coaching", (0,), ReportReason.NOT_COACHING),
    Exclusion("kind", NO_COACHING, ReportReason.NOT_COACHING),
    Exclusion("status", (ClientStatus.PROSPECT,), ReportReason.PROSPECT),
    Exclusion("status", (ClientStatus.BUYER,), ReportReason.BUYER_NOT_COUNTED),
)


def exclusions(*, buyers: bool) -> tuple[Exclusion, ...]:
    """The table, for rules that count buyers or do not."""
    return tuple(row for row in EXCLUSIONS if not (buyers and row.reason is ReportReason.BUYER_NOT_COUNTED))


# -- days ----------------------------------------------------------------------------------------------------------------


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def ages_out(day: date, months: int) -> date:
    """First day on which a session of `day` lies no longer within the last `months` months."""
    gone = months_before(day, -months)
    while months_before(gone, months) <= day:
        gone += timedelta(days=1)
    return gone


def full_years(since: date, until: date) -> int:
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))
