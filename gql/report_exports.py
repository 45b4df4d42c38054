"""Taking a report along: links to files."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from gql.certification import At, Basis, Coach, CountFrom, From, RuleSet, RuleSetVersion, To, wish_of
from gql.keys import key_of
from gql.payloads import Problem, problems_of
from gql.planned import Info
from lifecycle.problems import ProblemCode
from lifecycle.report_files import PERMIT, ReportFormat, ReportLog
from resolvers.export_tokens import export_token
from resolvers.lifecycle import desk_of
from resolvers.report_exports import CODES, Link, Order, make_link

_CODES = ", ".join(f"`{code.value}`" for code in sorted(CODES, key=list(ProblemCode).index))
_LINK = "The file is made when the link is opened, by whoever holds it, within an hour, as far as whoever made the link may still read it."


@strawberry.type(description=f"Link to a file made of a report, or the problems. Codes of its problems: {_CODES}.")
class ReportExportPayload:
    path: str | None = strawberry.field(description="Path of the file at this gateway, shown this once.")
    expires_at: datetime | None = strawberry.field(description="End of the link.")
    problems: list[Problem] = strawberry.field(description="Why there is no link; empty where there is one.")


async def _made(info: Info, order: Order) -> ReportExportPayload:
    context = info.context
    made = await make_link(desk_of(context), context.caller, order)
    if not isinstance(made, Link) or context.caller.workspace is None:
        return ReportExportPayload(path=None, expires_at=None, problems=[] if isinstance(made, Link) else problems_of([made]))
    token = export_token(context.secrets[0], context.caller.workspace, made.key)
    return ReportExportPayload(path=f"/exports/{token}", expires_at=made.expires_at, problems=[])


Format = Annotated[ReportFormat, strawberry.argument(description="Form of the file.")]


async def _export(  # noqa: PLR0917 - the arguments of the field
    info: Info,
    coach: Coach,
    format: Format,  # noqa: A002 - its name in the schema
    log: Annotated[ReportLog, strawberry.argument(description="What the lines of the file are.")],
    rule_set: RuleSet = UNSET,
    rule_set_version: RuleSetVersion = UNSET,
    from_: From = UNSET,
    to: To = UNSET,
    basis: Basis = UNSET,
    at: At = UNSET,
    count_from: CountFrom = UNSET,
) -> ReportExportPayload:
    info.context.signed_in()
    wish = wish_of(key_of(coach, "member"), rule_set, rule_set_version, from_, to, basis, at, count_from)
    return await _made(info, Order(format, log, wish))


async def _run_export(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="Global id of the sealed report.")],  # noqa: A002 - its name in the schema
    format: Format,  # noqa: A002 - its name in the schema
) -> ReportExportPayload:
    info.context.signed_in()
    return await _made(info, Order(format, run=key_of(id, "report")))


@strawberry.type
class ReportExportMutations:
    report_export: ReportExportPayload = strawberry.field(
        resolver=_export,
        description=f"Makes a link to the certification report on a coach's hours as a file. {_LINK} A client is named in it, and their"
        f" contact is told, only while they consent to CERT_LOG. {PERMIT.sentence()} COACH: of their own hours.",
    )
    report_run_export: ReportExportPayload = strawberry.field(
        resolver=_run_export,
        description=f"Makes a link to a sealed report as a file, which is the same bytes whenever it is fetched: what was pinned, and no"
        f" client's name. {_LINK} {PERMIT.sentence()} COACH: of their own hours.",
    )
