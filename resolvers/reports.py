"""Sources of the raw material of certification: the hour ledger and the rule sets."""

from lifecycle.access import Resource
from planner.source import DATE, FLAG, ID, INT, TIME, Derived, Elsewhere, Many, One, Order, Source, column
from resolvers.appointments import hours
from resolvers.callers import CallerKind
from resolvers.filters import flag, one_of, with_id
from resolvers.viewers import FieldGuard, Shared, ViewerKey
from resolvers.workspace import SCOPE


def _ledger(viewer: ViewerKey) -> str:
    """An owner reads all hours, a coach their own."""
    condition = Shared(Resource.HOURS)(viewer)
    own = viewer.kind is CallerKind.STAFF and viewer.role is not None and viewer.role.value == "COACH"
    return "{t}.coach_id = :member" if own else condition


SOURCES = [
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

_STAFF_ONLY = Elsewhere("FORBIDDEN", "Only members of the workspace ask for reports.")

ROOT = {
    "hourLedger": Many("HourLedgerEntry", order="DAY", descending=True),
    "certificationReport": _STAFF_ONLY,
    "certificationRuleSets": Elsewhere(),
}
