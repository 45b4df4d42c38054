"""Rules of credentialing bodies, and how far it is to what they ask for."""

from collections.abc import Mapping
from datetime import date

import strawberry
from strawberry.utils.str_converters import to_camel_case

import gql.enums  # noqa: F401 - publishes the vocabulary
from lifecycle.certification import Metric, NextAction, ReportReason, Unit
from lifecycle.rule_sets import RuleSet
from lifecycle.vocabulary import CoachingKind
from resolvers.certification.readiness import Ageing, Progress
from resolvers.certification.readiness import Readiness as Ready
from resolvers.certification.totals import Sum, Totals

Day = date


@strawberry.type(description="Sessions with the same reason not to count.")
class ReasonCount:
    reason: ReportReason = strawberry.field(description="Reason of the sessions.")
    count: int = strawberry.field(description="Number of the sessions.")
    hours: float = strawberry.field(description="Hours of the sessions, rounded to 0.01.")


def reasons_of(found: Mapping[ReportReason, Sum]) -> list[ReasonCount]:
    return [ReasonCount(reason=reason, count=one.sessions, hours=one.hours) for reason, one in found.items()]


@strawberry.type(description="Version of the rules for a credential. A threshold of 0 is none.")
class CertificationRuleSet:
    code: str = strawberry.field(description="Code of the credential.")
    title: str = strawberry.field(description="Title of the credential.")
    version: int = strawberry.field(description="Number of the version.")
    effective_from: date = strawberry.field(description="First day on which the version is in force.")
    source: str = strawberry.field(description="Address of the page that says so.")
    unit: Unit = strawberry.field(description="What the credential counts.")
    total: int = strawberry.field(description="Hours or sessions that are needed.")
    paid: int = strawberry.field(description="Paid hours or sessions that are needed.")
    clients: int = strawberry.field(description="Clients that are needed.")
    recent: int = strawberry.field(description="Hours or sessions that are needed within the recent months.")
    recent_months: int = strawberry.field(description="Months that are recent.")
    years: int = strawberry.field(description="Full years of experience that are needed.")
    min_minutes: int = strawberry.field(description="Minutes that a session must have.")
    group_cap: int = strawberry.field(description="Most people in a group that counts.")
    direct_reports: bool = strawberry.field(description="Do sessions with people count who report to the coach at work?")
    buyers: bool = strawberry.field(description="Do sessions with buyers of products count?")
    excluded_kinds: list[CoachingKind] = strawberry.field(description="Kinds of sessions that do not count.")
    not_from_the_body: list[str] = strawberry.field(
        description="Names of the fields here whose values were not read on a page of the body itself: ask it before you rely on them."
    )

    @classmethod
    def of(cls, rules: RuleSet) -> "CertificationRuleSet":
        plain = {name: getattr(rules, name) for name in RuleSet.__dataclass_fields__}
        lists = {"excluded_kinds": list(rules.excluded_kinds), "not_from_the_body": list(map(to_camel_case, rules.not_from_the_body))}
        return cls(**plain | lists)


@strawberry.type(description="Something that a credential asks for.")
class MetricProgress:
    metric: Metric = strawberry.field(description="What is asked for.")
    have: float = strawberry.field(description="Amount there is; hours are rounded to 0.01.")
    need: float = strawberry.field(description="Amount that is needed.")
    met: bool = strawberry.field(description="Is there enough?")

    @classmethod
    def of(cls, one: Progress) -> "MetricProgress":
        return cls(metric=one.metric, have=one.shown(one.have), need=one.shown(one.need), met=one.met)


@strawberry.type(description="What leaves the recent months on a day.")
class AgeingOut:
    date: Day = strawberry.field(description="First day on which it is recent no longer.")
    hours: float = strawberry.field(description="Hours that leave, rounded to 0.01.")
    sessions: int = strawberry.field(description="Number of sessions that leave.")

    @classmethod
    def of(cls, one: Ageing) -> "AgeingOut":
        return cls(date=one.on, hours=one.amount.hours, sessions=one.amount.sessions)


@strawberry.type(description="What brings a coach nearest to a credential.")
class NextBestAction:
    action: NextAction = strawberry.field(description="What to do.")
    sentence: str = strawberry.field(description="The same, for people.")


@strawberry.type(description="How far a coach is on the way to a credential.")
class Readiness:
    met: bool = strawberry.field(description="Is everything met?")
    metrics: list[MetricProgress] = strawberry.field(description="Everything that is asked for.")
    missing: list[MetricProgress] = strawberry.field(description="What is not met.")
    not_for_credential: list[ReasonCount] = strawberry.field(
        description="Sessions that count in the report and not for this credential, by reason."
    )
    ages_out: list[AgeingOut] = strawberry.field(description="What leaves the recent months, day by day, if time goes on.")
    eligible_until: date | None = strawberry.field(
        description="First day on which not everything is met any more, if nothing further is held; null where it is not met, or stays so."
    )
    earliest_eligible: date | None = strawberry.field(
        description="First day on which everything is met, if what is booked is held; null where that does not suffice."
    )
    next_best_action: NextBestAction = strawberry.field(description="What would help most.")

    @classmethod
    def of(cls, ready: Ready, totals: Totals) -> "Readiness":
        metrics = [MetricProgress.of(one) for one in ready.progress]
        return cls(
            met=ready.met,
            metrics=metrics,
            missing=[one for one in metrics if not one.met],
            not_for_credential=reasons_of(totals.not_for_credential),
            ages_out=[AgeingOut.of(one) for one in ready.ages_out],
            eligible_until=ready.eligible_until,
            earliest_eligible=ready.earliest_eligible,
            next_best_action=NextBestAction(action=ready.action, sentence=ready.advice),
        )
