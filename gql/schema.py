"""The schema: every type of the gateway, checked against the access matrix, and how its operations run."""

from typing import Any

import strawberry
from graphql import GraphQLResolveInfo, GraphQLSchema
from graphql.execution import Executor

import gql.enums  # noqa: F401 - publishes the vocabulary
from gql.appointments import Appointment, AppointmentsQuery, Attendance
from gql.base import CONFIG, Node, field
from gql.billing import BillingQuery, Estimate, Invoice, Payment
from gql.clients import ClientsQuery
from gql.content import ContentQuery
from gql.conversations import ClientDocument, ConversationsQuery, Message
from gql.guard import check
from gql.packages import PackagesQuery
from gql.payloads import PlainProblem
from gql.reports import ReportsQuery
from gql.sessions import SessionMutations
from gql.viewing import AccessChange, ViewingQuery
from gql.workspace import WorkspaceQuery
from resolvers.access_changes import access_changes
from resolvers.context import Context
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
    ViewingQuery,
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
class Mutation(SessionMutations):
    pass


class Prepared:
    """Value that the planner made: the executor passes it through as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class PlannedExecutor(Executor[Any]):
    """Executor that leaves what the planner answered alone."""

    def complete_value(  # noqa: PLR0917 - graphql-core's signature
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if isinstance(result, Prepared):
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


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
    types=[Appointment, Attendance, Message, Estimate, Invoice, Payment, ClientDocument, PlainProblem],
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
        root.resolve = _RESOLVERS.get(name, _resolve_planned)


_wire(GRAPHQL)


def print_sdl() -> str:
    """Schema in the schema definition language, sorted, as `schema.graphql` holds it."""
    return SCHEMA.as_str() + "\n"
