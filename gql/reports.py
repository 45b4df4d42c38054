"""The raw material of certification."""

from datetime import date, datetime

import strawberry

from gql.base import Node, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.workspace import MEMBER
from lifecycle.vocabulary import ClientStatus, CoachingKind, Compensation

HourLedgerOrder = ordering("HourLedgerEntry", DAY="Day of the session.")


@strawberry.input(description="Conditions on entries of the hour ledger; all that are given must hold.")
class HourLedgerFilter:
    coach: strawberry.ID | None = some("Entry is of this coach.")
    counting_status: list[ClientStatus] | None = some("Status that decides whether the hours count is one of these.")
    compensation: list[Compensation] | None = some("Session was paid in one of these ways.")
    coaching_kind: list[CoachingKind] | None = some("Session is of one of these kinds.")
    manual: bool | None = some("Was the entry made by hand?")
    erased: bool | None = some("Is the client of the entry erased?")


@guarded
@strawberry.type(description="Hours of one session; append-only, and without personal data: the client is a number.")
class HourLedgerEntry(Node):
    day: date = planned("Day of the session, in the coach's time zone.")
    starts_at: datetime | None = planned("Start of the session; null for an entry by hand.")
    minutes: int = planned("Minutes of the session.")
    hours: float = planned("Hours of the session, rounded to 0.01.")
    compensation: Compensation = planned("How the session was paid.")
    coaching_kind: CoachingKind = planned("Kind of the session.")
    group_size: int | None = planned("Number of people in the group; null for a single client.")
    client_number: int = planned("Number of the client.")
    counting_status: ClientStatus = planned("Status of the client that decides whether the hours count.")
    counts_override: bool | None = planned("Was it decided by hand that the hours count, or do not? Null where it was not.")
    override_reason: str | None = planned("Reason of the decision by hand.")
    manual: bool = planned("Was the entry made by hand?")
    erased: bool = planned("Is the client of the entry erased?")
    coach = one(MEMBER, "Coach of the session.")
    appointment = one(ref("Appointment", "appointments"), "Appointment of the entry; null for groups, entries by hand and erased clients.")


@strawberry.type
class ReportsQuery:
    hour_ledger = connection(
        ref("HourLedgerEntry", "reports"),
        "Hours that the viewer may see, latest first.",
        filter=HourLedgerFilter,
        order=HourLedgerOrder,
        required=True,
    )
