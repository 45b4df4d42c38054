"""What a sealed report says: canonical JSON with every number of it and nothing that leads to a client, and its hash."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from lifecycle.certification import ReportReason
from resolvers.appointments import hours
from resolvers.certification.asked import Asked
from resolvers.certification.log import LogRow
from resolvers.certification.readiness import Readiness
from resolvers.certification.report import Report
from resolvers.certification.totals import Bucket, Sum

#: Version of the layout of the content.
LAYOUT: Final = 2
_NAMESPACE: Final = UUID("6f1d7f0a-6c1e-5b53-9c6e-0d2f5a1b7c11")


@dataclass(frozen=True, slots=True)
class By:
    """Names of the coach and of the workspace, as they are on the day of the report."""

    coach: str
    workspace: str


def hash_of(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def content_of(report: Report, by: By, position: int) -> str:
    """Everything that the report says, the same bytes for the same numbers."""
    said = {**said_of(report, by), "ledgerPosition": position}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def said_of(report: Report, by: By) -> dict[str, Any]:
    """Everything that the report says; no client is named in it."""
    asked, totals = report.asked, report.totals
    rules = asked.rules
    about = {} if rules is None else {"code": rules.code, "version": rules.version, "title": rules.title, "source": rules.source}
    return {
        "layout": LAYOUT,
        "ruleSet": None if rules is None else {**about, **rules.thresholds},
        "by": {"coach": by.coach, "workspace": by.workspace},
        "parameters": {
            "coach": asked.coach,
            "from": asked.first,
            "to": asked.last or asked.today,
            "basis": asked.basis,
            "countFrom": asked.count_from,
            "timezone": asked.zone.key,
            "at": asked.at,
        },
        "clients": totals.clients.get("all"),
        "sums": {name: asdict(one) for name, one in totals.sums.items()},
        "excluded": _reasons(totals.excluded),
        "notForCredential": _reasons(totals.not_for_credential),
        "byMonth": _buckets(report.by_month or ()),
        "byKind": _buckets(report.by_kind or ()),
        "readiness": None if report.readiness is None else _readiness(report.readiness),
        "log": [] if report.log is None else [logged(row) for row in (*report.log.rows, *report.log.sums)],
    }


def logged(row: LogRow) -> dict[str, Any]:
    """Line of the log by client, of which only the number tells whose it is."""
    about = {"row": row.kind, "number": row.number, "size": row.size, "first": row.first, "last": row.last}
    return {**about, "sessions": row.sessions, "paid": row.paid, "free": row.free}


def _reasons(found: Mapping[ReportReason, Sum]) -> list[dict[str, Any]]:
    return [{"reason": reason, **asdict(one)} for reason, one in found.items()]


def _buckets(found: Sequence[Bucket]) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "sessions": one.all.sessions, "minutes": one.all.minutes, "paid": one.paid.minutes, "free": one.pro_bono.minutes}
        for one in found
    ]


def _readiness(ready: Readiness) -> dict[str, Any]:
    return {
        "met": ready.met,
        "metrics": [
            {"metric": one.metric, "have": one.shown(one.have), "need": one.shown(one.need), "met": one.met} for one in ready.progress
        ],
        "agesOut": [{"date": one.on, **asdict(one.amount)} for one in ready.ages_out],
        "eligibleUntil": ready.eligible_until,
        "earliestEligible": ready.earliest_eligible,
        "action": ready.action,
        "sentence": ready.advice,
    }


def rule_set_key(asked: Asked) -> tuple[UUID, dict[str, object]]:
    """Key of the row of a version of rules, the same in every database, and its columns."""
    rules = asked.rules
    if rules is None:
        raise ValueError("a sealed report without rules")
    key = uuid5(_NAMESPACE, f"{rules.code} {rules.version}")
    thresholds = orjson.dumps(rules.thresholds, option=orjson.OPT_SORT_KEYS).decode()
    about = {"code": rules.code, "version": rules.version, "title": rules.title, "effective_from": rules.effective_from}
    return key, {"id": key, **about, "thresholds": thresholds, "source_url": rules.source}


# -- reading -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _read(content: str) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(content)
    return read


def part(*path: str) -> Any:
    """Function that finds a part of the content."""

    def find(content: str) -> Any:
        found: Any = _read(content)
        for name in path:
            found = found[name]
        return found

    return find


def hours_in(name: str) -> Any:
    return lambda content: hours(_read(content)["sums"][name]["minutes"])


def excluded_sessions(content: str) -> int:
    return sum(one["sessions"] for one in _read(content)["excluded"])


def all_sessions(content: str) -> int:
    counted: int = _read(content)["sums"]["all"]["sessions"]
    return counted + excluded_sessions(content)


def reasons(name: str) -> Any:
    """Function that lists the reasons of a part of the content."""

    def listed(content: str) -> list[dict[str, object]]:
        return [{"reason": one["reason"], "count": one["sessions"], "hours": hours(one["minutes"])} for one in _read(content)[name]]

    return listed


def groups(name: str, key: str) -> Any:
    """Function that lists the groups of a part of the content; `key` is the name of what they share."""

    def listed(content: str) -> list[dict[str, object]]:
        return [
            {key: one["key"], "sessions": one["sessions"], "hours": hours(one["minutes"])}
            | {"paidHours": hours(one["paid"]), "proBonoHours": hours(one["free"])}
            for one in _read(content)[name]
        ]

    return listed


def metrics(content: str) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = _read(content)["readiness"]["metrics"]
    return listed
