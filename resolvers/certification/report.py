"""A report: everything about it that was asked for, read together."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from resolvers.certification import totals as t
from resolvers.certification.asked import Ask, Asked
from resolvers.certification.log import Log
from resolvers.certification.readiness import Readiness, readiness_of
from resolvers.certification.totals import Bucket, Totals


@dataclass(slots=True)
class Report:
    """What was read of a report; what nobody asked for is None."""

    asked: Asked
    totals: Totals
    readiness: Readiness | None = None
    by_month: list[Bucket] | None = None
    by_kind: list[Bucket] | None = None
    by_package: list[Bucket] | None = None
    by_client: list[Bucket] | None = None
    log: Log | None = None


_BUCKETS: Final[dict[str, Callable[[Ask, Asked], Awaitable[list[Bucket]]]]] = {
    "by_month": t.by_month,
    "by_kind": t.by_kind,
    "by_package": t.by_package,
    "by_client": t.by_client,
}
#: Parts of a report, as fields of it.
PARTS: Final = ("totals", "excluded_by_reason", "readiness", *_BUCKETS)
#: Parts of a report that is sealed: no name is in them.
SEALED: Final = ("totals", "excluded_by_reason", "readiness", "by_month", "by_kind")


async def report_of(ask: Ask, asked: Asked, parts: Collection[str] = PARTS) -> Report:
    """Report with these parts."""
    ready = "readiness" in parts and asked.rules is not None
    made = Report(asked, await t.totals_of(ask, asked, credential=ready) if ready or "totals" in parts else Totals())
    if "excluded_by_reason" in parts:
        made.totals.excluded = await t.excluded_of(ask, asked)
    if ready:
        made.readiness = await readiness_of(ask, asked, made.totals)
    for name, read in _BUCKETS.items():
        if name in parts:
            setattr(made, name, await read(ask, asked))
    return made


def consistent(report: Report) -> bool:
    """Whether the rows add up to the totals, as they do unless somebody wrote between two statements."""
    whole = report.totals.sums["all"]
    buckets: list[Any] = [report.by_month, report.by_kind, report.by_package]
    logged = whole.minutes if report.log is None else report.log.total.paid + report.log.total.free
    return logged == whole.minutes and all(sum(one.all.minutes for one in rows) == whole.minutes for rows in buckets if rows is not None)
