"""What every resolver function may ask for: the caller, the database, the clock, and the planner."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLResolveInfo

from planner.engine import Engine, Prepared
from planner.errors import RequestError
from resolvers.callers import Caller, CallerKind
from resolvers.tokens import TokenCodec
from resolvers.viewers import viewer_of
from storage.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """Context of one request."""

    caller: Caller
    database: Database
    tokens: TokenCodec
    request_id: str
    now: Callable[[], datetime] = _utc_now
    engine: Engine | None = None
    prepared: Prepared | None = None
    withheld: list[dict[str, Any]] = field(default_factory=list)

    async def read(self, info: GraphQLResolveInfo[Any]) -> Any:
        """Value of a root field of the read graph, where the executor and not the planner runs the operation."""
        if self.caller.kind is CallerKind.ANONYMOUS:
            raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")
        if self.engine is None or self.prepared is None:
            raise TypeError("this context has no planner")
        viewer = viewer_of(self.caller, self.database.dialect, self.now())
        answer = await self.engine.run_field(self.prepared, info.field_nodes, info.variable_values, viewer, self.database.read)
        self.withheld += answer.withheld
        return answer.data[str(info.path.key)]
