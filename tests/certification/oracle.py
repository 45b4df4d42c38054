"""The report a second time: the rulings in plain Python over the rows of the database, with nothing of the program but its words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

COUNTING = ("ACTIVE", "INACTIVE", "HOT_LEAD")
PAID = ("PAID", "BARTER", "INTERNAL", "THIRD_PARTY")


@dataclass
class Rules:
    """What of a rule set decides whether a line counts for a credential."""

    cap: int = 0
    shortest: int = 0
    direct_reports: bool = True
    sessions: bool = False  # and not hours
    months: int = 18


@dataclass
class Question:
    coach: Any
    zone: str
    at: datetime
    basis: str = "SESSION_START"
    rules: Rules = field(default_factory=Rules)
    first: date | None = None
    last: date | None = None
    count_from: date | None = None


@dataclass
class Found:
    """Line as the rulings make it; `people` are the clients who count, by number."""

    key: str
    day: date
    minutes: int
    reason: str | None
    kind: str
    paid: bool = False
    unlisted: bool = False
    early: bool = False
    size: int = 0
    direct: bool = False
    people: frozenset[int] = frozenset()
    package: Any = None

    def credential(self, rules: Rules) -> str | None:
        if self.early:
            return "BEFORE_COUNT_FROM"
        if rules.cap and self.size > rules.cap:
            return "GROUP_OVER_CAP"
        if self.minutes < rules.shortest:
            return "BELOW_MIN_MINUTES"
        return "DIRECT_REPORT" if self.direct and not rules.direct_reports else None


def earlier(day: date, months: int) -> date:
    """The same day of an earlier month, or its last."""
    for number in range(day.day, 0, -1):
        total = day.year * 12 + day.month - 1 - months
        try:
            return date(total // 12, total % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError(day)


class Books:
    """Rows of one workspace."""

    def __init__(self, rows: dict[str, Sequence[Any]]) -> None:
        self.rows = rows
        self.clients = {client.id: client for client in rows["client"]}
        self.numbers = {client.number: client for client in rows["client"]}
        self.training = {kind.id for kind in rows["appointment_type"] if not kind.coaching}

    def listed(self, client: Any, at: datetime) -> bool:
        given = [c for c in self.rows["consent"] if c.client_id == client.id and c.purpose == "CERT_LOG" and c.given_at <= at]
        return client.data_state not in ("CONTACT_DELETED", "ERASED") and any(c.withdrawn_at is None or c.withdrawn_at > at for c in given)

    def status(self, row: Any, client: Any, basis: str) -> str:
        if basis == "BOOKING" and hasattr(row, "booked_status"):
            return str(row.booked_status)
        if basis == "CURRENT" and client is not None and client.data_state not in ("CONTACT_DELETED", "ERASED"):
            return str(client.status)
        return str(row.counting_status)

    # -- lines -------------------------------------------------------------------------------------------------------

    def lines(self, asked: Question) -> list[Found]:
        made = [*self._appointments(asked), *self._events(asked), *self._entries(asked)]
        low, high = asked.first or date.min, asked.last or date.max
        for line in made:
            line.early = asked.count_from is not None and line.day < asked.count_from
        return [line for line in made if low <= line.day <= high]

    def _appointments(self, asked: Question) -> Iterable[Found]:
        for row in self.rows["appointment"]:
            if row.coach_id != asked.coach or row.booked_at > asked.at:
                continue
            client = self.clients[row.client_id]
            reason = self._reason(row, row.counts_override, str(row.state), row.type_id, self.status(row, client, asked.basis))
            yield Found(
                key=row.id.hex,
                day=row.starts_at.astimezone(ZoneInfo(asked.zone)).date(),
                minutes=row.planned_minutes if row.actual_minutes is None else row.actual_minutes,
                reason=reason,
                kind=str(row.coaching_kind),
                paid=row.compensation in PAID,
                unlisted=not self.listed(client, asked.at),
                direct=row.direct_report,
                people=frozenset({client.number}),
                package=next((e.package_id for e in self.rows["enrollment"] if e.id == row.enrollment_id), None),
            )

    def _reason(self, row: Any, override: bool | None, state: str, kind: Any, status: str | None) -> str | None:
        if override is not None:
            return None if override else "OVERRIDDEN"
        if state != "COMPLETED":
            return "NOT_HELD_YET" if state == "BOOKED" else state
        if kind in self.training or row.coaching_kind in ("MENTOR", "SUPERVISION"):
            return "NOT_COACHING"
        if status in ("PROSPECT", "BUYER"):
            return "PROSPECT" if status == "PROSPECT" else "BUYER_NOT_COUNTED"
        return None

    def _places(self, event: Any, asked: Question) -> list[tuple[Any, str, int, bool]]:
        """Row, status, number and consent of everybody who was there."""
        here = [x for x in self.rows["attendance"] if x.event_id == event.id and x.state in ("BOOKED", "COMPLETED")]
        found = []
        for x in here:
            client = self.clients[x.client_id]
            found.append((x, self.status(x, client, asked.basis), client.number, self.listed(client, asked.at)))
        return found + [(e, str(e.counting_status), e.client_number, False) for e in self.rows["hour_ledger_entry"] if _of(e, event)]

    def _events(self, asked: Question) -> Iterable[Found]:
        for event in self.rows["group_event"]:
            if event.coach_id != asked.coach:
                continue
            places = self._places(event, asked)
            decided = [x.counts_override for x, *_ in places]
            count = [p for p in places if p[0].counts_override or (p[0].counts_override is None and p[1] in COUNTING)]
            undecided = [p[1] for p in places if p[0].counts_override is None]
            best = "ACTIVE" if count else "BUYER" if "BUYER" in undecided else "PROSPECT"
            override = True if True in decided else False if decided and set(decided) == {False} else None
            state = str(event.state) if places or event.state != "COMPLETED" else "NO_SHOW"
            yield Found(
                key=event.id.hex,
                day=event.starts_at.astimezone(ZoneInfo(asked.zone)).date(),
                minutes=event.planned_minutes if event.actual_minutes is None else event.actual_minutes,
                reason=self._reason(event, override, state, event.type_id, best),
                kind=str(event.coaching_kind),
                paid=any(p[0].compensation in PAID for p in count),
                unlisted=not any(p[3] for p in places),
                size=event.size,
                people=frozenset(p[2] for p in count),
            )

    def _entries(self, asked: Question) -> Iterable[Found]:
        told: set[tuple[Any, ...]] = set()
        replaced = {e.supersedes_id for e in self.rows["hour_ledger_entry"] if e.entered_at <= asked.at}
        for row in sorted(self.rows["hour_ledger_entry"], key=lambda e: e.id.hex):
            if row.coach_id != asked.coach or row.appointment_id or row.attendance_id or row.id in replaced:
                continue
            if row.erased and row.group_size is not None:
                if any(_of(row, event) for event in self.rows["group_event"]):
                    continue
                if (twin := (row.day, row.minutes, row.group_size)) in told:
                    continue
                told.add(twin)
            client = self.numbers.get(row.client_number)
            yield Found(
                key=row.id.hex,
                day=row.day,
                minutes=row.minutes,
                reason=self._reason(row, row.counts_override, "COMPLETED", None, self.status(row, client, asked.basis)),
                kind=str(row.coaching_kind),
                paid=row.compensation in PAID,
                unlisted=row.erased or client is None or not self.listed(client, asked.at),
                size=row.group_size or 0,
                people=frozenset({row.client_number}),
            )


def _of(entry: Any, event: Any) -> bool:
    """Whether the entry is what is left of an erased client's place in the event."""
    if not entry.erased or entry.group_size is None or entry.coach_id != event.coach_id:
        return False
    if entry.event_id is not None:
        return bool(entry.event_id == event.id)
    if entry.starts_at is not None:
        return bool(entry.starts_at == event.starts_at)
    minutes = event.planned_minutes if event.actual_minutes is None else event.actual_minutes
    return bool(entry.minutes == minutes) and abs(entry.day - event.starts_at.date()) <= timedelta(days=1)


# -- sums ----------------------------------------------------------------------------------------------------------------


def hours(lines: Iterable[Found]) -> float:
    return round(sum(line.minutes for line in lines) / 60, 2)


def people(lines: Sequence[Found], groups: set[str]) -> int:
    known: set[int] = set().union(*(line.people for line in lines))
    strangers = [line.size - len(line.people) for line in lines if line.key in groups]
    return len(known) + max([0, *strangers])


def progress(books: Books, asked: Question, counted: Sequence[Found]) -> dict[str, float]:
    """What `readiness` must say there is for the credential, by metric."""
    fitting = [line for line in counted if line.credential(asked.rules) is None]
    since = earlier(asked.at.astimezone(ZoneInfo(asked.zone)).date(), asked.rules.months)
    lines = {"TOTAL": fitting, "PAID": [line for line in fitting if line.paid], "RECENT": [line for line in fitting if line.day >= since]}
    have = {metric: len(found) if asked.rules.sessions else hours(found) for metric, found in lines.items()}
    return have | {"CLIENTS": people(fitting, {event.id.hex for event in books.rows["group_event"]})}


def totals(books: Books, asked: Question) -> dict[str, Any]:
    """What `totals` must say."""
    lines = books.lines(asked)
    counted = [line for line in lines if line.reason is None]
    since = earlier(asked.at.astimezone(ZoneInfo(asked.zone)).date(), asked.rules.months)
    return {
        "sessions": len(counted),
        "hours": hours(counted),
        "paidHours": hours(line for line in counted if line.paid),
        "proBonoHours": hours(line for line in counted if not line.paid),
        "clients": people(counted, {event.id.hex for event in books.rows["group_event"]}),
        "recentHours": hours(line for line in counted if line.day >= since),
        "unlistedHours": hours(line for line in counted if line.unlisted),
        "excludedSessions": len(lines) - len(counted),
        "allSessions": len(lines),
    }
