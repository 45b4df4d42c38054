"""What every resolver function may ask for: the caller, the database, the clock, and the planner."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from graphql import GraphQLResolveInfo

from planner.documents import Prepared
from planner.engine import Asked, Engine
from planner.errors import RequestError
from resolvers.browser import BrowserSession
from resolvers.callers import Caller, CallerKind
from resolvers.tokens import TokenCodec
from resolvers.tries import Tries
from resolvers.viewers import viewer_of
from storage.database import Database


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Allowance(NamedTuple):
    """What is left to a caller of what they may spend; `resets_at` is in seconds since 1970."""

    limit: int
    remaining: int
    resets_at: int


@dataclass(slots=True)
class Context:
    """Context of one request."""

    caller: Caller
    database: Database
    tokens: TokenCodec
    request_id: str
    now: Callable[[], datetime] = _utc_now
    secrets: tuple[bytes, ...] = ()
    idempotency_key: str | None = None
    engine: Engine | None = None
    prepared: Prepared | None = None
    prepare: Callable[[str], Awaitable[Prepared]] | None = None  # another document, whose reading the caller pays for
    allowance: Allowance | None = None
    most_cost: int = 0
    tries: Tries | None = None
    address: str = ""
    browser: BrowserSession = field(default_factory=BrowserSession)
    withheld: list[dict[str, Any]] = field(default_factory=list)

    def signed_in(self) -> None:
        """UNAUTHENTICATED for whoever is nobody."""
        if self.caller.kind is CallerKind.ANONYMOUS:
            raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")

    async def read(self, info: GraphQLResolveInfo[Any]) -> Any:
        """Value of a root field of the read graph, where the executor and not the planner runs the operation."""
        self.signed_in()
        if self.engine is None or self.prepared is None:
            raise TypeError("this context has no planner")
        viewer = viewer_of(self.caller, self.database.dialect, self.now())
        answer = await self.engine.run_field(self.prepared, info.field_nodes, info.variable_values, viewer, self.database.read)
        self.withheld += answer.withheld
        return answer.data[str(info.path.key)]

    async def read_objects(self, info: GraphQLResolveInfo[Any], type_name: str, keys: Sequence[str]) -> list[Any]:
        """Objects with these keys as the field asks for them, as the caller sees them after what was done."""
        found, withheld = await self._objects(info, type_name, keys)
        self.withheld += [{**note, "path": [*info.path.as_list(), *note["path"][1:]]} for note in withheld]
        return found

    async def read_object(self, info: GraphQLResolveInfo[Any], type_name: str, key: str | None) -> Any:
        """Object with this key as the field asks for it; None where it is absent or hidden."""
        found, withheld = await self._objects(info, type_name, [] if key is None else [key])
        self.withheld += [{**note, "path": [*info.path.as_list(), *note["path"][2:]]} for note in withheld]
        return found[0] if found else None

    async def _objects(self, info: GraphQLResolveInfo[Any], type_name: str, keys: Sequence[str]) -> tuple[list[Any], list[dict[str, Any]]]:
        if self.caller.kind is CallerKind.ANONYMOUS or not keys:
            return [], []
        if self.engine is None or self.prepared is None:
            raise TypeError("this context has no planner")
        asked = Asked(self.prepared, info.field_nodes, info.variable_values)
        viewer = viewer_of(self.caller, self.database.dialect, self.now())
        answer = await self.engine.run_objects(asked, type_name, keys, viewer, self.database.read)
        return answer.data["objects"], answer.withheld
