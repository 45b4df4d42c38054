"""The raw material of certification."""

from datetime import date, datetime

import strawberry

from gql.base import Node, connection, one, ordering, planned, ref, some
from gql.certification import ReportKind, ReportMonth, ReportTotals
from gql.guard import guarded
from gql.readiness import MetricProgress, ReasonCount
from gql.steps import STEPS, AvailableTransition
from gql.workspace import MEMBER
from lifecycle.rule_sets import RuleSetCode
from lifecycle.vocabulary import ClientStatus, CoachingKind, Compensation, CountingBasis, RunState

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


ReportRunOrder = ordering("ReportRun", SEALED_AT="Time the report was sealed.")


@strawberry.input(description="Conditions on sealed reports; all that are given must hold.")
class ReportRunFilter:
    coach: strawberry.ID | None = some("Report is on the hours of this coach.")
    state: list[RunState] | None = some("Report is in one of these states.")


@guarded
@strawberry.type(description="Sealed certification report: what it said on that day, whatever became of the sessions since.")
class ReportRun(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    state: RunState = planned("State of the report.")
    period_from: date | None = planned("First day of the period; null where it was open.")
    period_to: date = planned("Last day of the period.")
    sealed_at: datetime = planned("Time the report was sealed.")
    voided_at: datetime | None = planned("Time the report was withdrawn; null while it stands.")
    void_reason: str | None = planned("Reason of the withdrawal.")
    ledger_position: int = planned("Position of the last entry of the hour ledger that the report knew.")
    content_hash: str = planned("SHA-256 of `content`, in UTF-8.")
    content: str = planned("Everything that the report says, as canonical JSON without personal data.")
    rule_set: RuleSetCode = planned("Credential whose rules the report was made by.")
    rule_set_version: int = planned("Version of the rules.")
    basis: CountingBasis = planned("Which status of a client decided.")
    timezone: str = planned("Time zone whose days the sessions are in.")
    totals: ReportTotals = planned("What the sessions that count added up to.")
    excluded_by_reason: list[ReasonCount] = planned("Sessions that did not count, by reason.")
    not_for_credential: list[ReasonCount] = planned("Sessions that counted in the report and not for the credential, by reason.")
    by_month: list[ReportMonth] = planned("Sessions that counted, by month.")
    by_kind: list[ReportKind] = planned("Sessions that counted, by kind.")
    met: bool = planned("Was everything met that the credential asks for?")
    metrics: list[MetricProgress] = planned("Everything that the credential asks for, and what there was.")
    coach = one(MEMBER, "Coach of the report.")


@strawberry.type
class ReportsQuery:
    report_runs = connection(
        ref("ReportRun", "reports"),
        "Sealed reports that the viewer may see, latest first.",
        filter=ReportRunFilter,
        order=ReportRunOrder,
        required=True,
    )
    hour_ledger = connection(
        ref("HourLedgerEntry", "reports"),
        "Hours that the viewer may see, latest first.",
        filter=HourLedgerFilter,
        order=HourLedgerOrder,
        required=True,
    )
