"""What the steps with hours may be told: an entry by hand, a report that is sealed."""

from dataclasses import dataclass
from datetime import date

from lifecycle.inputs import Input, Key, because, given
from lifecycle.rule_sets import RuleSetCode
from lifecycle.vocabulary import CoachingKind, Compensation, CountingBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHours(Input):
    client: Key = given("Client of the hours; their status at this moment decides whether the hours count.", tag="client")
    day: date = given("Day of the session, today or earlier, in your time zone.")
    minutes: int = given("Minutes of the session; 0 with `supersedes` takes that entry back.", least=0, most=1440)
    compensation: Compensation = given("How the session was paid.", Compensation.PAID)
    coaching_kind: CoachingKind = given("Kind of the session.", CoachingKind.INDIVIDUAL)
    group_size: int | None = given("Number of people in the group; left out for a single client.", None, least=1, most=10_000)
    supersedes: Key | None = given(
        "Entry by hand that this one takes the place of; it stays in the ledger and no longer counts.", None, tag="hours"
    )
    reason: str | None = because("of the entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReport(Input):
    rule_set: RuleSetCode = given("Credential whose rules the report is made by.")
    rule_set_version: int | None = given("Version of the rules; the one in force when left out.", None)
    period_from: date | None = given("First day of the period; open when left out.", None)
    period_to: date | None = given("Last day of the period; today when left out.", None)
    basis: CountingBasis | None = given("Which status of a client decides; as the workspace has it when left out.", None)
    count_from: date | None = given("Day from which hours count for the credential.", None)
    reason: str | None = because("of the report")
