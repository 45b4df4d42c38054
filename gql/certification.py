"""The certification report: which sessions count, why others do not, and how far it is to a credential."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.types.nodes import SelectedField
from strawberry.utils.str_converters import to_snake_case

from gql.base import ref
from gql.certification_lines import Lines, lines_field
from gql.planned import Info, resolved, told
from gql.readiness import CertificationRuleSet, Readiness, ReasonCount, reasons_of
from lifecycle.rule_sets import RULE_SETS, RuleSetCode
from lifecycle.vocabulary import CoachingKind, CountingBasis
from resolvers.certification.ask import Wish, certification_report, rows_refusal
from resolvers.certification.report import Report
from resolvers.certification.totals import Bucket
from resolvers.wishes import note


@strawberry.type(description="What the sessions that count add up to.")
class ReportTotals:
    sessions: int = strawberry.field(description="Number of sessions that count.")
    hours: float = strawberry.field(description="Hours of these sessions, rounded to 0.01.")
    paid_hours: float = strawberry.field(description="Hours that were paid, in money, kind, employment or by somebody else.")
    pro_bono_hours: float = strawberry.field(description="Hours that were not paid.")
    clients: int = strawberry.field(
        description="Number of different clients; people in a group who are no clients count as many as the largest such group has."
    )
    recent_hours: float = strawberry.field(description="Hours within the recent months: those of the rules, 18 without rules.")
    unlisted_hours: float = strawberry.field(
        description="Hours that count and have no row with a name: the client gave no consent CERT_LOG, or is erased."
    )
    excluded_sessions: int = strawberry.field(description="Number of sessions that do not count.")
    all_sessions: int = strawberry.field(description="Number of all sessions: those that count and those that do not.")

    @classmethod
    def of(cls, report: Report) -> "ReportTotals":
        sums = report.totals.sums
        counted, everything = sums["all"].sessions, report.totals.everything
        names = {"hours": "all", "paid_hours": "paid", "pro_bono_hours": "pro_bono", "recent_hours": "recent", "unlisted_hours": "unlisted"}
        shown: dict[str, Any] = {name: sums[of].hours for name, of in names.items()}
        known = {"sessions": counted, "all_sessions": everything, "excluded_sessions": everything - counted}
        return cls(**shown, **known, clients=report.totals.clients["all"])


@strawberry.type(description="Sessions that count and belong together.")
class ReportGroup:
    bucket: strawberry.Private[Bucket]
    sessions: int = told(lambda root: root.bucket.all.sessions, "Number of the sessions.")

    hours: float = told(lambda root: root.bucket.all.hours, "Hours of the sessions, rounded to 0.01.")
    paid_hours: float = told(lambda root: root.bucket.paid.hours, "Hours of the sessions that were paid.")

    pro_bono_hours: float = told(lambda root: root.bucket.pro_bono.hours, "Hours of the sessions that were not paid.")


@strawberry.type(description="Sessions of a month that count.")
class ReportMonth(ReportGroup):
    month: str = told(lambda root: str(root.bucket.key), "Month of the sessions in the coach's time zone, as `2026-11`.")


@strawberry.type(description="Sessions of a kind that count.")
class ReportKind(ReportGroup):
    kind: CoachingKind = told(lambda root: CoachingKind[root.bucket.key], "Kind of the sessions.")


@strawberry.type(description="Sessions in a package that count.")
class ReportPackage(ReportGroup):
    package = resolved(
        ref("Package", "packages"),
        lambda root: ("Package", root.bucket.key),
        "Package of the sessions; null for sessions outside of any package.",
    )


@strawberry.type(description="Sessions with a client that count.")
class ReportClient(ReportGroup):
    client_number: int | None = told(
        lambda root: root.bucket.key,
        "Number of the client; null for all sessions together that have no row with a name: groups, and whoever is unlisted.",
    )
    name: str | None = told(lambda root: root.bucket.label, "Name of the client, who agreed to be named.")


def _by_client(root: "CertificationReport", info: Info) -> list[ReportClient] | None:
    if (why := rows_refusal(info.context.caller)) is not None:
        note(info.context, info._raw_info, why)
        return None
    return [ReportClient(bucket=bucket) for bucket in root.report.by_client or ()]


@strawberry.type(
    description="Report of a coach's sessions for certification: every session counts, or is excluded with the reason. The day of a session"
    " is that of the coach's time zone."
)
class CertificationReport:
    report: strawberry.Private[Report]

    coach = resolved(ref("Member", "workspace"), lambda root: ("Member", root.report.asked.coach), "Coach of the report.")
    at: datetime = told(lambda root: root.report.asked.at, "Instant as of which the report speaks.")

    timezone: str = told(lambda root: root.report.asked.zone.key, "Time zone whose days the sessions are in.")
    basis: CountingBasis = told(lambda root: root.report.asked.basis, "Which status of a client decided.")

    rule_set: CertificationRuleSet | None = told(
        lambda root: None if root.report.asked.rules is None else CertificationRuleSet.of(root.report.asked.rules),
        "Rules the report was made by; null where none were asked about.",
    )
    totals: ReportTotals = told(lambda root: ReportTotals.of(root.report), "What the sessions that count add up to.")

    excluded_by_reason: list[ReasonCount] = told(
        lambda root: reasons_of(root.report.totals.excluded), "Sessions that do not count, by reason."
    )
    by_month: list[ReportMonth] = told(
        lambda root: [ReportMonth(bucket=bucket) for bucket in root.report.by_month or ()], "Sessions that count, by month."
    )
    by_kind: list[ReportKind] = told(
        lambda root: [ReportKind(bucket=bucket) for bucket in root.report.by_kind or ()], "Sessions that count, by kind."
    )
    by_package: list[ReportPackage] = told(
        lambda root: [ReportPackage(bucket=bucket) for bucket in root.report.by_package or ()], "Sessions that count, by package."
    )
    by_client: list[ReportClient] | None = strawberry.field(
        resolver=_by_client, description="Sessions that count, by client. Read by staff: OWNER, COACH (own hours)."
    )
    counted: Lines | None = lines_field("Lines that count, latest first.", counted=True)
    excluded: Lines | None = lines_field("Lines that do not count, each with the reason, latest first.", counted=False)
    readiness: Readiness | None = told(
        lambda root: None if root.report.readiness is None else Readiness.of(root.report.readiness, root.report.totals),
        "Progress towards the credential; null without `ruleSet`.",
    )


def _parts(info: Info) -> frozenset[str]:
    """Names of the fields that are asked of the report, those in fragments included."""

    def names(selections: Any) -> Iterator[str]:
        for selection in selections:
            if isinstance(selection, SelectedField):
                yield to_snake_case(selection.name)
            else:
                yield from names(selection.selections)

    return frozenset(name for field in info.selected_fields for name in names(field.selections))


def _argument(description: str, name: str | None = None) -> Any:
    return strawberry.argument(description=description, name=name)


_ABOUT = (
    "Report of a coach's sessions for certification, computed now from what is stored. Null where the coach is absent or not yours to see,"
    " or, with an entry in `extensions.withheld`, where you may read no hours. Read by staff: OWNER, COACH (own hours), ANALYST (numbers"
    " without lines or clients)."
)


Coach = Annotated[strawberry.ID, _argument("Global id of the coach, a member.")]
RuleSet = Annotated[RuleSetCode | None, _argument("Credential whose rules are asked about.")]
RuleSetVersion = Annotated[int | None, _argument("Version of the rules; the one in force when left out.")]
From = Annotated[date | None, _argument("First day of the period.", "from")]
To = Annotated[date | None, _argument("Last day of the period.")]
Basis = Annotated[CountingBasis | None, _argument("Which status of a client decides; as the workspace has it, SESSION_START by default.")]
At = Annotated[
    datetime | None,
    _argument("Instant of the past as of which the report speaks, by what the history tells of states and decisions; now by default."),
]
CountFrom = Annotated[date | None, _argument("Day from which hours count for the credential, such as the start of training.")]


def wish_of(coach: str, *given: Any) -> Wish:
    """Report as the arguments of a field ask for it, in their order there; what was left out is None."""
    names = ("rule_set", "version", "first", "last", "basis", "at", "count_from")
    return Wish(coach=coach, **{name: value or None for name, value in zip(names, given, strict=True)})


async def _report(  # noqa: PLR0917 - the arguments of the field
    info: Info,
    coach: Coach,
    rule_set: RuleSet = UNSET,
    rule_set_version: RuleSetVersion = UNSET,
    from_: From = UNSET,
    to: To = UNSET,
    basis: Basis = UNSET,
    at: At = UNSET,
    count_from: CountFrom = UNSET,
) -> CertificationReport | None:
    wish = wish_of(coach, rule_set, rule_set_version, from_, to, basis, at, count_from)
    found = await certification_report(info.context, info._raw_info, wish, _parts(info))
    return None if found is None else CertificationReport(report=found)


def _rule_sets() -> list[CertificationRuleSet]:
    return [CertificationRuleSet.of(rules) for versions in RULE_SETS.values() for rules in versions]


@strawberry.type
class CertificationQuery:
    certification_report: CertificationReport | None = strawberry.field(resolver=_report, description=_ABOUT)
    certification_rule_sets: list[CertificationRuleSet] = strawberry.field(
        resolver=_rule_sets, description="Rules of the credentialing bodies that reports can be asked about, every version."
    )


#: Root fields that a resolver answers.
