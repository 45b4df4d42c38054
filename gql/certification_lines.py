"""Lines of the certification report, in pages."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from gql.base import PageInfo, ref, some
from gql.planned import Info, resolved, told
from lifecycle.certification import LineKind, ReportReason
from lifecycle.vocabulary import ClientStatus, CoachingKind, Compensation
from planner.ids import global_id
from resolvers.appointments import hours
from resolvers.certification.ask import lines_count, lines_page, rows_refusal
from resolvers.certification.asked import Asked
from resolvers.certification.pages import Line, Page, Wanted
from resolvers.wishes import note

_TAGS = {LineKind.APPOINTMENT: "appointment", LineKind.GROUP_EVENT: "event", LineKind.MANUAL: "hours", LineKind.ERASED: "hours"}


@strawberry.type(description="Session in the certification report.")
class ReportLine:
    line: strawberry.Private[Line]
    id: strawberry.ID = told(
        lambda root: strawberry.ID(global_id(_TAGS[LineKind[root.line.row.source]], root.line.row.id)),
        "Global id of the appointment, the group event, or the entry of the hour ledger.",
    )
    source: LineKind = told(lambda root: LineKind[root.line.row.source], "What the line is made from.")

    day: date = told(lambda root: root.line.day, "Day of the session, in the coach's time zone.")
    starts_at: datetime | None = told(lambda root: root.line.at, "Start of the session; null for an entry of the ledger.")

    minutes: int = told(lambda root: int(root.line.row.minutes), "Minutes of the session: the actual ones, else the planned.")
    hours: float = told(lambda root: hours(root.line.row.minutes) or 0.0, "Hours of the session, rounded to 0.01.")

    kind: CoachingKind = told(lambda root: root.line.row.kind, "Kind of the session.")
    compensation: Compensation = told(lambda root: root.line.row.compensation, "How the session was paid; for a group, by anybody in it.")
    counting_status: ClientStatus | None = told(
        lambda root: root.line.row.status, "Status that decided; of a group, that of who counts best in it."
    )
    group_size: int | None = told(lambda root: root.line.row.size, "Number of people in the group; null for a single client.")
    paid: bool = told(lambda root: bool(root.line.row.paid), "Is the session paid, in the terms of certification?")

    client_number: int | None = told(lambda root: root.line.row.number, "Number of the client; null for a group.")
    client_name: str | None = told(
        lambda root: root.line.name, "Name of the client; null for a group, and where the client may not be named in the log."
    )
    unlisted: bool = told(
        lambda root: bool(root.line.row.unlisted), "Is it without a row with a name: no consent CERT_LOG, or the client is erased?"
    )
    overridden: bool = told(lambda root: root.line.row.override is not None, "Was it decided by hand whether it counts?")

    override_reason: str | None = told(lambda root: root.line.row.override_reason, "Reason of the decision by hand.")
    reason: ReportReason | None = told(lambda root: root.line.row.reason, "Why it does not count; null where it does.")
    credential_reason: ReportReason | None = told(
        lambda root: root.line.credential, "Why it counts, and yet not for the credential of the rules; null where it does."
    )
    appointment = resolved(
        ref("Appointment", "appointments"),
        lambda root: ("Appointment", root.line.row.id if root.line.row.source == LineKind.APPOINTMENT else None),
        "Appointment of the line; null for a group and an entry of the ledger.",
    )


@strawberry.type(description="Line of a report, with its cursor.")
class ReportLineEdge:
    cursor: str = strawberry.field(description="Cursor of the line, for `after` and `before`.")
    node: ReportLine = strawberry.field(description="Line of the report.")


def _place(root: "Lines") -> PageInfo:
    page = root.page
    start, end = (page.cursor(page.lines[0]), page.cursor(page.lines[-1])) if page.lines else (None, None)
    ahead, behind = (page.continued, page.more) if page.backward else (page.more, page.continued)
    return PageInfo(has_next_page=ahead, has_previous_page=behind, start_cursor=start, end_cursor=end)


async def _total(root: "Lines", info: Info) -> int:
    return await lines_count(info.context, root.asked, root.wanted)


@strawberry.type(name="ReportLineConnection", description="Page of the lines of a report.")
class Lines:
    asked: strawberry.Private[Asked]
    wanted: strawberry.Private[Wanted]
    page: strawberry.Private[Page]
    edges: list[ReportLineEdge] = told(
        lambda root: [ReportLineEdge(cursor=root.page.cursor(line), node=ReportLine(line=line)) for line in root.page.lines],
        "Lines of the page with their cursors.",
    )
    nodes: list[ReportLine] = told(lambda root: [ReportLine(line=line) for line in root.page.lines], "Lines of the page.")
    page_info: PageInfo = told(_place, "Place of the page in the list.")
    total_count: int = strawberry.field(resolver=_total, description="Number of lines on all pages.")


@strawberry.input(description="Conditions on the lines of a report; all that are given must hold.")
class ReportLineFilter:
    reason: list[ReportReason] | None = some("Line has one of these reasons: not to count, or, where it counts, not for the credential.")
    unlisted: bool | None = some("Is the line without a row with a name?")


def _wanted(given: Any, *, counted: bool) -> Wanted:
    reasons = getattr(given, "reason", UNSET) or ()
    unlisted = getattr(given, "unlisted", UNSET)
    return Wanted(counted, tuple(reasons), None if unlisted is UNSET else unlisted)


First = Annotated[
    int | None, strawberry.argument(description="Number of items from the start of the list, 0 to 100; 25 when neither is given.")
]
After = Annotated[str | None, strawberry.argument(description="Cursor after which the page starts.")]
Last = Annotated[int | None, strawberry.argument(description="Number of items from the end of the list, 0 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Cursor before which the page ends.")]
Conditions = Annotated[ReportLineFilter | None, strawberry.argument(description="Conditions that every line meets.", name="filter")]


def lines_field(description: str, *, counted: bool) -> Any:
    """Connection of the lines that count, or of those that do not."""

    async def resolver(  # noqa: PLR0917 - the arguments of the field
        root: Any,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        given: Conditions = UNSET,
    ) -> Lines | None:
        if (why := rows_refusal(info.context.caller)) is not None:
            note(info.context, info._raw_info, why)
            return None
        given_page = {"first": first, "after": after, "last": last, "before": before}
        arguments = {name: None if value is UNSET else value for name, value in given_page.items()}
        wanted, asked = _wanted(given, counted=counted), root.report.asked
        return Lines(asked=asked, wanted=wanted, page=await lines_page(info.context, asked, wanted, arguments))

    return strawberry.field(resolver=resolver, description=f"{description} Read by staff: OWNER, COACH (own hours).")
