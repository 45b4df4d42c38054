"""The statistics once more, in plain Python over exported rows: instants are looked at one by one, and nothing is counted by months."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product, zip_longest
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lifecycle.vocabulary import ClientStatus, Origin

Row = dict[str, Any]


class Stay(NamedTuple):
    status: str
    since: datetime
    until: datetime | None
    after: str | None


@dataclass
class Books:
    """Rows of one workspace, and the question."""

    rows: dict[str, list[Any]]
    zone: str
    at: datetime
    months: list[str]
    keep: Callable[[Any], bool] = lambda _client: True
    threshold: int | None = None
    _stays: dict[Any, list[Stay]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        gone = {"CONTACT_DELETED", "ERASED"}
        self.people = [c for c in self.rows["client"] if c.data_state not in gone and c.created_at <= self.at and self.keep(c)]
        self.by_id = {c.id: c for c in self.people}
        changes: dict[Any, list[Any]] = defaultdict(list)
        for change in self.rows["client_status_change"]:
            changes[change.client_id].append(change)
        self._stays = {c.id: self._of(c, changes[c.id]) for c in self.people}

    # -- time ----------------------------------------------------------------------------------------------------------

    def start(self, month: str) -> datetime:
        return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def end(self, month: str) -> datetime:
        year, number = int(month[:4]), int(month[5:])
        return self.start(f"{year + number // 12}-{number % 12 + 1:02}")

    def month(self, at: datetime) -> str | None:
        """Month of the period that an instant is in."""
        label = at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m")
        return label if label in self.months and at <= self.at else None

    def lasting(self, changes: Iterable[Any]) -> list[Any]:
        """Changes that stand at the instant."""
        known = sorted((c for c in changes if c.at <= self.at), key=lambda c: (c.at, c.id.hex))
        undone = {c.batch_id for c in known if c.transition == "transitionUndo"}
        return [c for c in known if c.before != c.after and (c.batch_id is None or c.batch_id not in undone)]

    def _of(self, client: Any, changes: list[Any]) -> list[Stay]:
        known = self.lasting(changes)
        if not known:
            later = sorted((c for c in changes if c.at > self.at), key=lambda c: (c.at, c.id.hex))
            return [Stay((later[0].before if later and later[0].before else client.status), client.created_at, None, None)]
        first = [] if known[0].before is None else [(known[0].before, client.created_at)]
        marks = [*first, *((c.after, c.at) for c in known)]
        following: list[Any] = [*marks[1:], (None, None)]
        return [Stay(status, since, then, after) for (status, since), (after, then) in zip(marks, following, strict=True)]

    def stay(self, client: Any, before: datetime) -> Stay | None:
        """Stay in which a client is just before an instant."""
        begun = [stay for stay in self._stays[client.id] if stay.since < before]
        return begun[-1] if begun else None

    # -- groups --------------------------------------------------------------------------------------------------------

    def packages(self, client: Any, before: datetime | None = None) -> set[Any]:
        """Packages of a client just before an instant, or as of the whole question."""
        found = set()
        for e in self.rows["enrollment"]:
            deleted = e.deleted_at if e.deleted_at is not None and e.deleted_at <= self.at else None
            begun = e.enrolled_at <= self.at and (before is None or e.enrolled_at < before)
            if e.client_id == client.id and begun and (deleted is None or (before is not None and deleted >= before)):
                found.add(e.package_id)
        return found

    def keys(self, by: Sequence[str], **known: Iterable[Any]) -> list[tuple[Any, ...]]:
        """Groups that something belongs to: the product of what is known of each dimension."""
        return list(product(*(known[dimension.lower()] for dimension in by)))

    def table(self, by: Sequence[str], found: dict[Any, Any], nothing: Callable[[], Any], more: Sequence[tuple[Any, ...]] = ((),)) -> Any:
        """Every group that there may be, with what was found of it."""
        choices = {"MONTH": self.months, "STATUS": [s.value for s in ClientStatus], "SOURCE": [o.value for o in Origin]}
        if self.threshold is not None:
            choices["COACH"] = [m.id.hex for m in self.rows["member"] if m.role in {"OWNER", "COACH"}]
            choices["PACKAGE"] = [p.id.hex for p in self.rows["package"]]
        domains = [choices[d] if d in choices else sorted({key[place] for key in found}) for place, d in enumerate(by)]
        wanted = product(*domains)
        return {(*key, *rest): found[*key, *rest] if (*key, *rest) in found else nothing() for key in wanted for rest in more}

    # -- what is told --------------------------------------------------------------------------------------------------

    def told(self, value: float | None, heads: int, *, scaled: bool = True) -> float | None:
        if value is None or self.threshold is None:
            return value
        if heads < self.threshold:
            return None
        exact = value * 8 / 7 if scaled else value
        return float(int(exact / self.threshold + 0.5) * self.threshold)

    def hidden(self, *heads: int) -> bool:
        return self.threshold is not None and any(one < self.threshold for one in heads)

    def part(self, both: Sequence[int], names: tuple[str, str, str]) -> Row:
        whole, some = both
        all_ = self.told(whole, whole)
        part = None if self.hidden(whole) else self.told(some, some)
        ratio = None if part is None or not all_ else round(part / all_, 4)
        return dict(zip(names, (all_, part, ratio), strict=True)) | {"suppressed": self.hidden(whole, some)}

    def took(self, seconds: list[int], whole: int, heads: int) -> Row:
        if not seconds or self.hidden(whole, heads):
            return {"medianDays": None, "meanDays": None}
        found = {"medianDays": statistics.median(seconds) / 86_400, "meanDays": sum(seconds) / len(seconds) / 86_400}
        return {name: round(days, 1) if self.threshold is None else self.told(days, heads, scaled=False) for name, days in found.items()}

    # -- measures ------------------------------------------------------------------------------------------------------

    def clients(self, by: Sequence[str]) -> Any:
        found: dict[Any, set[Any]] = defaultdict(set)
        for month in self.months if "MONTH" in by else self.months[-1:]:
            for client in self.people:
                stay = self.stay(client, self.end(month))
                if stay is not None:
                    packages = self.packages(client, self.end(month))
                    said = {"status": [stay.status], "coach": [client.coach_id.hex], "source": [client.origin.value]}
                    for key in self.keys(by, month=[month], package=[p.hex for p in packages], **said):
                        found[key].add(client.id)
        return {
            key: {"clients": self.told(len(ids), len(ids)), "suppressed": self.hidden(len(ids))}
            for key, ids in self.table(by, found, set).items()
        }

    def churn(self, by: Sequence[str]) -> Any:
        found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        spans = [(month, month) for month in self.months] if "MONTH" in by else [(self.months[0], self.months[-1])]
        for (first, last), client in product(spans, self.people):
            stay = self.stay(client, self.start(first))
            if stay is None or stay.status != "ACTIVE":
                continue
            left = stay.until is not None and stay.after == "INACTIVE" and stay.until < self.end(last)
            enrolled = [e for e in self.rows["enrollment"] if e.client_id == client.id and e.enrolled_at < self.start(first)]
            ends = {
                e.package_id.hex: e.deleted_at
                for e in enrolled
                if e.deleted_at is None or e.deleted_at >= self.start(first) or e.deleted_at > self.at
            }
            for package in ends if "PACKAGE" in by else [None]:
                over = ends[package] if package is not None else None
                over = None if over is None or over > self.at else over
                for key in self.keys(by, month=[first], package=[package], coach=[client.coach_id.hex], source=[client.origin.value]):
                    found[key][0] += 1
                    found[key][1] += int(left and (over is None or stay.until is None or over >= stay.until))
        names = ("activeAtStart", "left", "churn")
        return {key: self.part(both, names) for key, both in self.table(by, found, lambda: [0, 0]).items()}

    def retention(self, by: Sequence[str]) -> Any:
        found: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        for client in self.people:
            first = [stay.since for stay in self._stays[client.id] if stay.status == "ACTIVE"]
            cohort = self.month(min(first)) if first else None
            if cohort is None:
                continue
            place = self.months.index(cohort)
            packages = [p.hex for p in self.packages(client)]
            for step, month in enumerate(self.months[place:]):
                stay = self.stay(client, self.end(month))
                for key in self.keys(by, package=packages, coach=[client.coach_id.hex], source=[client.origin.value]):
                    found[*key, cohort, step][0] += 1
                    found[*key, cohort, step][1] += int(stay is not None and stay.status == "ACTIVE")
        more = [(month, step) for place, month in enumerate(self.months) for step in range(len(self.months) - place)]
        names = ("clients", "active", "retention")
        return {key: self.part(both, names) for key, both in self.table(by, found, lambda: [0, 0], more).items()}

    def funnel(self, by: Sequence[str]) -> Any:
        steps = ("PROSPECT_TO_HOT_LEAD", "HOT_LEAD_TO_ACTIVE", "PROSPECT_TO_ACTIVE")
        found: dict[Any, list[int | None]] = defaultdict(list)
        for client in self.people:
            stays = self._stays[client.id]
            month = self.month(stays[0].since)
            if stays[0].status != "PROSPECT" or month is None:
                continue
            entered = stays[0].since
            hot = min((s.since for s in stays if s.status == "HOT_LEAD"), default=None)
            active = min((s.since for s in stays if s.status == "ACTIVE"), default=None)
            said = {"month": [month], "coach": [client.coach_id.hex], "source": [client.origin.value]}
            for key in self.keys(by, package=[p.hex for p in self.packages(client)], **said):
                found[*key, steps[0]].append(_seconds(entered, hot))
                found[*key, steps[2]].append(_seconds(entered, active))
                if hot is not None and (active is None or active >= hot):
                    found[*key, steps[1]].append(_seconds(hot, active))
        made = {}
        for key, all_ in self.table(by, found, list, [(step,) for step in steps]).items():
            done = [seconds for seconds in all_ if seconds is not None]
            made[key] = self.part((len(all_), len(done)), ("clients", "converted", "conversion")) | self.took(done, len(all_), len(done))
        return made

    def timeInStatus(self, by: Sequence[str]) -> Any:  # noqa: N802 - the field's own name
        found: dict[Any, list[Any]] = defaultdict(list)
        for client in self.people:
            for stay in self._stays[client.id]:
                month = self.month(stay.until) if stay.until is not None else None
                if month is None or stay.until is None:
                    continue
                said = {"month": [month], "coach": [client.coach_id.hex], "source": [client.origin.value]}
                for key in self.keys(by, package=[p.hex for p in self.packages(client)], **said):
                    found[*key, stay.status].append((client.id, _seconds(stay.since, stay.until)))
        made = {}
        for key, all_ in self.table(by, found, list, [(s.value,) for s in ClientStatus]).items():
            heads = len({who for who, _ in all_})
            counts = {"clients": self.told(heads, heads), "stays": self.told(len(all_), heads), "suppressed": self.hidden(heads)}
            made[key] = counts | self.took([seconds for _, seconds in all_], heads, heads)
        return made

    def sessions(self, by: Sequence[str]) -> Any:
        found: dict[Any, list[Any]] = defaultdict(list)
        enrollments = {e.id: e.package_id.hex for e in self.rows["enrollment"]}
        events = {g.id: g for g in self.rows["group_event"]}
        alone = [(a, a.starts_at, a, enrollments.get(a.enrollment_id)) for a in self.rows["appointment"]]
        together = [(x, x.at, events[x.event_id], None) for x in self.rows["attendance"]]
        for place, at, session, package in alone + together:
            client, month = self.by_id.get(place.client_id), self.month(at)
            if client is not None and month is not None and place.state == session.state == "COMPLETED":
                said = {"month": [month], "coach": [session.coach_id.hex], "source": [client.origin.value]}
                for key in self.keys(by, package=[] if package is None else [package], status=[place.counting_status.value], **said):
                    found[key].append((client.id, session.actual_minutes or session.planned_minutes))
        made = {}
        for key, all_ in self.table(by, found, list).items():
            heads = len({who for who, _ in all_})
            hours = self.told(sum(minutes for _, minutes in all_) / 60, heads)
            counts = {"clients": self.told(heads, heads), "sessions": self.told(len(all_), heads)}
            made[key] = counts | {"hours": None if hours is None else round(hours, 2), "suppressed": self.hidden(heads)}
        return made

    def freezes(self, by: Sequence[str]) -> Any:
        found: dict[Any, list[Any]] = defaultdict(list)
        for e in self.rows["enrollment"]:
            client = self.by_id.get(e.client_id)
            changes = self.lasting(c for c in self.rows["enrollment_change"] if c.enrollment_id == e.id)
            for change, following in zip_longest(changes, changes[1:]):
                month = self.month(change.at)
                if client is None or month is None or change.after != "DEACTIVATED":
                    continue
                end = self.at if following is None else following.at
                signed = any(
                    s.client_id == client.id and change.at < s.created_at <= self.at and (following is None or s.created_at < end)
                    for s in self.rows["login_session"]
                )
                back = following is not None and following.after == "ACTIVE"
                said = {"month": [month], "coach": [client.coach_id.hex], "source": [client.origin.value], "package": [e.package_id.hex]}
                for key in self.keys(by, **said):
                    found[key].append((client.id, signed, back))
        made = {}
        for key, all_ in self.table(by, found, list).items():
            heads = len({who for who, *_ in all_})
            some = [len({one[0] for one in all_ if one[place]}) for place in (1, 2)]
            told = [None if self.hidden(heads) else self.told(number, number) for number in some]
            counts = {
                "clients": self.told(heads, heads),
                "freezes": self.told(len(all_), heads),
                "signedIn": told[0],
                "reactivated": told[1],
            }
            made[key] = counts | {"suppressed": self.hidden(heads, *some)}
        return made


def _seconds(start: datetime, end: datetime | None) -> Any:
    return None if end is None else int(end.timestamp() // 1) - int(start.timestamp() // 1)
