"""The schema: every type of the gateway, checked against the access matrix, and how its operations run."""

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo, GraphQLSchema

from gql.appointments import Appointment, AppointmentsQuery, Attendance
from gql.base import CONFIG, Node, field
from gql.batches import BulkStaleProblem
from gql.billing import BillingQuery, Estimate, Invoice, Payment
from gql.bulk import BulkMutations, BulkPreviews
from gql.certification import CertificationQuery
from gql.clients import ClientsQuery
from gql.content import ContentQuery
from gql.conversations import ClientDocument, ConversationsQuery, Message
from gql.doors import DoorMutations, LinkQueries
from gql.erasure import ErasureQuery
from gql.jobs import JobsQuery
from gql.limits import LimitsQuery
from gql.matrix import check
from gql.operations import LifecycleMutations, LifecyclePreviews
from gql.packages import PackagesQuery
from gql.payloads import PlainProblem
from gql.planned import PlannedExecutor, Prepared
from gql.report_exports import ReportExportMutations
from gql.reports import ReportsQuery
from gql.schedules import SchedulesQuery
from gql.scheduling import SchedulingMutations
from gql.sessions import SessionMutations
from gql.statistics import StatisticsQuery
from gql.transitions import ClientExistsProblem, PlanStaleProblem
from gql.undo import UndoMutations
from gql.viewing import AccessChange, ViewingQuery
from gql.workspace import WorkspaceQuery
from resolvers.access_changes import access_changes
from resolvers.context import Context
from resolvers.elsewhere import ASKED, BULK_PREVIEWS, LIMITS, LINK_QUERIES, PREVIEWS
from resolvers.viewing import view_as


@strawberry.type(description="Everything that can be read; who reads what stands at each field.")
class Query(
    WorkspaceQuery,
    ClientsQuery,
    PackagesQuery,
    ContentQuery,
    AppointmentsQuery,
    ConversationsQuery,
    BillingQuery,
    ReportsQuery,
    CertificationQuery,
    StatisticsQuery,
    SchedulesQuery,
    ViewingQuery,
    JobsQuery,
    LimitsQuery,
    ErasureQuery,  # type: ignore[misc]
    BulkPreviews,  # type: ignore[misc]  # made from the table of transitions
    LifecyclePreviews,  # type: ignore[misc]  # made from the table of transitions
    LinkQueries,  # type: ignore[misc]
):
    node = field(
        Node | None,
        {"id": (strawberry.ID, "Global id of the object.")},
        "Object with this id, of any type; null when it is absent or not yours to see.",
    )
    nodes = field(
        list[Node | None],
        {"ids": (list[strawberry.ID], "Global ids of the objects, at most 100.")},
        "Objects with these ids, in their order; null for what is absent or not yours to see.",
    )


@strawberry.type(description="Everything that can be done.")
class Mutation(
    SessionMutations,
    UndoMutations,
    DoorMutations,  # type: ignore[misc]  # made from the table
    SchedulingMutations,
    ReportExportMutations,
    BulkMutations,  # type: ignore[misc]  # made from the table
    LifecycleMutations,  # type: ignore[misc]  # made from the table
):
    pass


async def _resolve_planned(_root: Any, info: GraphQLResolveInfo[Context], **_arguments: Any) -> Prepared:
    """Root field of the read graph beside fields that the planner does not know, such as introspection."""
    return Prepared(await info.context.read(info))


async def _resolve_view(_root: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Prepared | None:
    data = await view_as(info.context, info, arguments)
    return None if data is None else Prepared(data)


async def _resolve_diff(_root: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> list[AccessChange] | None:
    changes = await access_changes(info.context, info, arguments)
    return None if changes is None else [AccessChange.of(change) for change in changes]


#: Root fields that are not the planner's.
_RESOLVERS = {"viewAs": _resolve_view, "accessDiff": _resolve_diff}

SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[
        Appointment,
        Attendance,
        Message,
        Estimate,
        Invoice,
        Payment,
        ClientDocument,
        PlainProblem,
        PlanStaleProblem,
        BulkStaleProblem,
        ClientExistsProblem,
    ],
    config=CONFIG,
    execution_context_class=PlannedExecutor,
)

#: The same schema as graphql-core knows it.
GRAPHQL: GraphQLSchema = SCHEMA._schema


def _wire(schema: GraphQLSchema) -> None:
    check(schema)
    if schema.query_type is None:
        raise TypeError("the schema has no queries")
    for name, root in schema.query_type.fields.items():
        if name not in PREVIEWS | BULK_PREVIEWS | LINK_QUERIES | ASKED | LIMITS:
            root.resolve = _RESOLVERS.get(name, _resolve_planned)


_wire(GRAPHQL)


@cache
def print_sdl() -> str:
    """Schema in the schema definition language, sorted, as `schema.graphql` holds it."""
    return SCHEMA.as_str() + "\n"
