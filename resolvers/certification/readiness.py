"""How far a coach is on the way to a credential, until when their hours still count, and what would help most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lifecycle.certification import COUNTED, NO_COACHING, Metric, NextAction, ReportReason, Unit, ages_out, full_years, months_before
from lifecycle.rule_sets import RuleSet
from resolvers.certification.asked import Ask, Asked, instant
from resolvers.certification.lines import branches, lines, often, words
from resolvers.certification.totals import Sum, Totals, day_of

_FITS: Final = often("s.reason IS NULL AND s.credential IS NULL")
_WINDOW: Final = (
    f"SELECT s.at, s.day, COUNT(*), SUM(s.minutes) FROM ({{}}) s WHERE {_FITS} AND {often('s.recent = 1')} GROUP BY s.at, s.day"
)
_FIRST: Final = f"SELECT s.at, s.day FROM ({{}}) s WHERE {_FITS} ORDER BY s.at LIMIT 1"
_KNOWN: Final = (
    "SELECT s.client_id FROM ({single}) s WHERE s.reason IS NULL AND s.credential IS NULL AND s.client_id IN"
    " (SELECT a.client_id FROM appointment a WHERE a.workspace_id = :workspace AND a.coach_id = :coach AND a.state = 'BOOKED')"
    " GROUP BY s.client_id"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """A metric: what there is and what is needed, in whole minutes where the unit is hours."""

    metric: Metric
    have: int
    need: int
    timed: bool

    @property
    def met(self) -> bool:
        return self.have >= self.need

    def shown(self, amount: int) -> float:
        return round(amount / 60, 2) if self.timed else float(amount)


@dataclass(frozen=True, slots=True)
class Ageing:
    """What leaves the window of recent months on a day."""

    on: date
    amount: Sum


@dataclass(frozen=True, slots=True)
class Ahead:
    """Session that is booked and would count."""

    day: date
    past: bool
    minutes: int
    paid: bool
    new_client: str | None


@dataclass(frozen=True, slots=True)
class Readiness:
    rules: RuleSet
    progress: tuple[Progress, ...]
    ages_out: tuple[Ageing, ...]
    eligible_until: date | None
    earliest_eligible: date | None
    action: NextAction
    advice: str

    @property
    def met(self) -> bool:
        return all(one.met for one in self.progress)


@dataclass(slots=True)
class _Count:
    """What a coach has, as days go by."""

    rules: RuleSet
    total: int
    paid: int
    clients: int
    recent: list[tuple[date, int]]
    first: date | None

    def on(self, day: date) -> tuple[Progress, ...]:
        since = months_before(day, self.rules.recent_months)
        have = {
            Metric.TOTAL: self.total,
            Metric.PAID: self.paid,
            Metric.CLIENTS: self.clients,
            Metric.RECENT: sum(amount for held, amount in self.recent if held >= since),
            Metric.YEARS: full_years(self.first, day) if self.first is not None else 0,
        }
        hours = self.rules.unit is Unit.HOURS
        timed = {metric: hours and metric in (Metric.TOTAL, Metric.PAID, Metric.RECENT) for metric in Metric}
        needs = self.rules.needs.items()
        return tuple(Progress(metric, have[metric], need * 60 if timed[metric] else need, timed[metric]) for metric, need in needs)

    def met(self, day: date) -> bool:
        return all(one.met for one in self.on(day))

    def hold(self, session: Ahead) -> None:
        amount = session.minutes if self.rules.unit is Unit.HOURS else 1
        self.total += amount
        self.paid += amount if session.paid else 0
        self.recent.append((session.day, amount))
        self.first = min(self.first or session.day, session.day)


async def readiness_of(ask: Ask, asked: Asked, totals: Totals) -> Readiness | None:
    """Progress towards the credential whose rules were asked about."""
    rules = asked.rules
    if rules is None:
        return None
    window = await _window(ask, asked) if rules.recent else []
    ahead = await _ahead(ask, asked)
    count = await _count(ask, asked, totals, window)
    progress = count.on(asked.today)
    action, advice = advise(progress, ahead)
    ageing = tuple(Ageing(ages_out(day, rules.recent_months), amount) for day, amount in window)
    until = _until(count, ageing) if all(one.met for one in progress) else None
    return Readiness(rules, progress, _merged(ageing), until, _earliest(count, asked.today, ahead), action, advice)


async def _count(ask: Ask, asked: Asked, totals: Totals, window: Sequence[tuple[date, Sum]]) -> _Count:
    rules = asked.rules
    if rules is None:
        raise ValueError("a count without rules")
    hours = rules.unit is Unit.HOURS

    def amount(one: Sum) -> int:
        return one.minutes if hours else one.sessions

    earliest = await ask(_FIRST.format(lines(asked)), asked.parameters) if rules.years else []
    return _Count(
        rules,
        total=amount(totals.sums["credential"]),
        paid=amount(totals.sums["credential_paid"]),
        clients=totals.clients["credential"],
        recent=[(day, amount(one)) for day, one in window],
        first=day_of(asked, *earliest[0]) if earliest else None,
    )


def _opens_earlier(asked: Asked) -> bool:
    return asked.first is None or asked.first < asked.recent_from


async def _window(ask: Ask, asked: Asked) -> list[tuple[date, Sum]]:
    """Recent sessions that count for the credential, by day."""
    days: dict[date, Sum] = {}
    parameters = asked.parameters
    late = {"lo": parameters["recent"], "lo_day": parameters["recent_day"]} if _opens_earlier(asked) else {}
    single, _, entry = branches(asked, bounded=True)
    recent = " UNION ALL ".join((single, branches(asked)[1], entry))  # groups are joined, which PostgreSQL plans worse for a period
    for at, own, sessions, minutes in await ask(_WINDOW.format(recent), parameters | late):
        days.setdefault(day_of(asked, at, own), Sum()).add(int(sessions), int(minutes))
    return sorted(days.items(), key=lambda item: item[0])


async def _ahead(ask: Ask, asked: Asked) -> list[Ahead]:
    """Appointments that are booked and would count once they are held, earliest first."""
    single = branches(asked)[0]
    counted = words((*COUNTED, "BUYER") if asked.rules is not None and asked.rules.buyers else COUNTED)
    sql = (
        f"SELECT s.at, s.minutes, s.paid, s.client_id FROM ({single}) s WHERE s.state = 'BOOKED'"
        f" AND s.reason = '{ReportReason.NOT_HELD_YET}' AND s.coaching = 1 AND s.kind NOT IN {words(NO_COACHING)}"
        f" AND s.status IN {counted} AND s.credential IS NULL ORDER BY s.at, s.id"
    )
    found = await ask(sql, asked.parameters)
    known = {key for (key,) in await ask(_KNOWN.format(single=single), asked.parameters)} if found else set()
    return [_booked(asked, row, known) for row in found]


def _booked(asked: Asked, row: Sequence[Any], known: set[Any]) -> Ahead:
    at, minutes, paid, client = row
    new = client if client not in known else None
    return Ahead(day_of(asked, at, None), instant(at) <= asked.at, int(minutes), bool(paid), new)


def _merged(ageing: Sequence[Ageing]) -> tuple[Ageing, ...]:
    """Days on which something leaves; several days may leave on one, at the end of a month."""
    days: dict[date, Sum] = {}
    for one in ageing:
        days.setdefault(one.on, Sum()).add(one.amount.sessions, one.amount.minutes)
    return tuple(Ageing(day, amount) for day, amount in sorted(days.items(), key=lambda item: item[0]))


def _until(count: _Count, ageing: Sequence[Ageing]) -> date | None:
    """First day on which not all is met any more, if nothing further is held; None where nothing ages out of it."""
    return next((one.on for one in ageing if not count.met(one.on)), None)


def _earliest(count: _Count, today: date, ahead: Sequence[Ahead]) -> date | None:
    """First day on which all would be met with what is booked; None where it does not suffice."""
    if count.met(today):
        return today
    clients: set[str] = set()
    years = _anniversary(count)
    for day in sorted({session.day for session in ahead if not session.past} | ({years} if years and years > today else set())):
        for session in (one for one in ahead if one.day == day and not one.past):
            count.hold(session)
            if session.new_client is not None and session.new_client not in clients:
                clients.add(session.new_client)
                count.clients += 1
        if count.met(day):
            return day
    return None


def _anniversary(count: _Count) -> date | None:
    """Day on which the years of experience are full."""
    if not count.rules.years or count.first is None:
        return None
    day = months_before(count.first, -12 * count.rules.years)
    return day if full_years(count.first, day) >= count.rules.years else months_before(day.replace(day=1), -1)  # born on a leap day


#: What to do about a metric that is not met, and how it is said; the first that is missing decides.
_ADVICE: Final[Mapping[Metric, tuple[NextAction, str]]] = {
    Metric.CLIENTS: (NextAction.FIND_CLIENTS, "Hold paid sessions with {} further clients: they count for everything that is missing."),
    Metric.PAID: (NextAction.HOLD_PAID_SESSIONS, "Hold {} more of paid sessions."),
    Metric.RECENT: (NextAction.HOLD_SESSIONS, "Hold {} more within the recent months."),
    Metric.TOTAL: (NextAction.HOLD_SESSIONS, "Hold {} more, paid or not."),
    Metric.YEARS: (NextAction.WAIT, "Wait: {} more full years since the first session are asked for."),
}


def advise(progress: Sequence[Progress], ahead: Sequence[Ahead]) -> tuple[NextAction, str]:
    """What brings the coach nearest, and the sentence for it."""
    missing = {one.metric: one for one in progress if not one.met}
    if not missing:
        return NextAction.APPLY, "Everything is met: apply."
    unrecorded = sum(one.past for one in ahead)
    if unrecorded and missing.keys() != {Metric.YEARS}:
        return NextAction.RECORD_SESSIONS, f"Record of {unrecorded} sessions of the past that they were held, or were not."
    metric = next(metric for metric in _ADVICE if metric in missing)
    one, (action, words_) = missing[metric], _ADVICE[metric]
    left = one.shown(one.need - one.have)
    return action, words_.format(f"{left:g} hours" if one.timed else f"{left:g}")
