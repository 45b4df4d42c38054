"""Sources of the raw material of certification: the hour ledger and the rule sets."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import DATE, FLAG, ID, INT, TIME, Derived, Embedded, Listing, Many, One, Order, Source, column
from resolvers import available
from resolvers.appointments import hours
from resolvers.callers import CallerKind
from resolvers.certification import seal
from resolvers.filters import flag, one_of, with_id
from resolvers.viewers import FieldGuard, Shared, ViewerKey
from resolvers.workspace import SCOPE


def _ledger(viewer: ViewerKey) -> str:
    """An owner reads all hours, a coach their own."""
    condition = Shared(Resource.HOURS)(viewer)
    own = viewer.kind is CallerKind.STAFF and viewer.role is not None and viewer.role.value == "COACH"
    return "{t}.coach_id = :member" if own else condition


_CONTENT = (column("content"),)


def _said(*path: str) -> Derived:
    """Value out of what the report said when it was sealed."""
    return Derived(seal.part(*path), _CONTENT)


_TOTALS = {
    "sessions": _said("sums", "all", "sessions"),
    "hours": Derived(seal.hours_in("all"), _CONTENT),
    "paidHours": Derived(seal.hours_in("paid"), _CONTENT),
    "proBonoHours": Derived(seal.hours_in("pro_bono"), _CONTENT),
    "clients": _said("clients"),
    "recentHours": Derived(seal.hours_in("recent"), _CONTENT),
    "unlistedHours": Derived(seal.hours_in("unlisted"), _CONTENT),
    "excludedSessions": Derived(seal.excluded_sessions, _CONTENT),
    "allSessions": Derived(seal.all_sessions, _CONTENT),
}
SOURCES = [
    Source(
        "ReportRun",
        {
            "availableTransitions": available.listing(Axis.REPORT),
            "id": column("id", ID),
            "state": column("state"),
            "periodFrom": column("period_from", DATE),
            "periodTo": column("period_to", DATE),
            "sealedAt": column("sealed_at", TIME),
            "voidedAt": column("voided_at", TIME),
            "voidReason": column("void_reason"),
            "ledgerPosition": column("ledger_position", INT),
            "contentHash": column("content_hash"),
            "content": column("content"),
            "ruleSet": _said("ruleSet", "code"),
            "ruleSetVersion": _said("ruleSet", "version"),
            "basis": _said("parameters", "basis"),
            "timezone": _said("parameters", "timezone"),
            "totals": Embedded(_TOTALS),
            "excludedByReason": Listing(seal.reasons("excluded"), _CONTENT),
            "notForCredential": Listing(seal.reasons("notForCredential"), _CONTENT),
            "byMonth": Listing(seal.groups("byMonth", "month"), _CONTENT),
            "byKind": Listing(seal.groups("byKind", "kind"), _CONTENT),
            "met": _said("readiness", "met"),
            "metrics": Listing(seal.metrics, _CONTENT),
            "coach": One("Member", "{t}.coach_id"),
        },
        table="report_run",
        tag="report",
        scope=SCOPE,
        visible=_ledger,
        guard=FieldGuard("ReportRun"),
        orders={"SEALED_AT": Order("{t}.sealed_at", TIME)},
        filters={"coach": with_id("member", lambda key: f"{{t}}.coach_id = {key}"), "state": one_of("{t}.state")},
    ),
    Source(
        "HourLedgerEntry",
        {
            "id": column("id", ID),
            "day": column("day", DATE),
            "startsAt": column("starts_at", TIME),
            "minutes": column("minutes", INT),
            "hours": Derived(hours, (column("minutes", INT),)),
            "compensation": column("compensation"),
            "coachingKind": column("coaching_kind"),
            "groupSize": column("group_size", INT),
            "clientNumber": column("client_number", INT),
            "countingStatus": column("counting_status"),
            "countsOverride": column("counts_override", FLAG),
            "overrideReason": column("override_reason"),
            "manual": column("manual", FLAG),
            "erased": column("erased", FLAG),
            "coach": One("Member", "{t}.coach_id"),
            "appointment": One("Appointment", "{t}.appointment_id"),
        },
        table="hour_ledger_entry",
        tag="hours",
        scope=SCOPE,
        visible=_ledger,
        guard=FieldGuard("HourLedgerEntry"),
        orders={"DAY": Order("{t}.day", DATE)},
        filters={
            "coach": with_id("member", lambda key: f"{{t}}.coach_id = {key}"),
            "countingStatus": one_of("{t}.counting_status"),
            "compensation": one_of("{t}.compensation"),
            "coachingKind": one_of("{t}.coaching_kind"),
            "manual": flag("{t}.manual = TRUE"),
            "erased": flag("{t}.erased = TRUE"),
        },
    ),
]

ROOT = {
    "hourLedger": Many("HourLedgerEntry", order="DAY", descending=True),
    "reportRuns": Many("ReportRun", order="SEALED_AT", descending=True),
}
