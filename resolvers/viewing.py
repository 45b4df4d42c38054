"""Seeing as a client: a member reads what a client of theirs would get; nothing is changed, and every use is in the audit first."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from graphql import GraphQLResolveInfo

from lifecycle.access import Refusal
from lifecycle.entry import SEES_AS
from planner.dialect import DIALECTS
from planner.errors import NotLiveError, RequestError
from planner.statements import Connected, Gate, Viewer
from resolvers import audit
from resolvers.callers import CLIENT_MAY_ENTER, Caller, CallerKind, gate, gate_sql
from resolvers.context import Context
from resolvers.elsewhere import VIEW_AS
from resolvers.supposed import Supposed, SupposedReader
from resolvers.viewers import ViewerKey
from resolvers.wishes import Found, Wish, find, note, seen_by

NO_REASON: Final = Refusal(
    "REASON_REQUIRED", "OWNER sees as another coach's client only with a reason, which is audited: the client reads their messages."
)

_AS_CLIENT: Final = ViewerKey(CallerKind.CLIENT, None, False)
_NAMED: Final = re.compile(r"(?<![:\w]):(\w+)")


async def view_as(context: Context, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> Any:
    """What the client would get for the selection; null where there is no such client, and, with a note, where they could not sign in."""
    caller, now = context.caller, context.now()
    context.signed_in()
    if caller.role not in SEES_AS:
        raise RequestError(VIEW_AS.code, VIEW_AS.because)
    wish = Wish.of(arguments, now)
    found = await find(context, wish, now)
    if found is None:
        return None
    if not found.theirs and not caller.reason:
        return note(context, info, NO_REASON)
    await _record(context, wish, now)
    return await _read_or_tell(context, info, wish, found, now)


async def _read_or_tell(context: Context, info: GraphQLResolveInfo[Any], wish: Wish, found: Found | None, now: datetime) -> Any:
    """The answer; where the gate lets nobody through, it is looked once more whether it is the member or the client who is gone."""
    for _ in range(2):
        refusal = found.refusal(wish) if found else None
        if found is None or refusal is not None:
            return note(context, info, refusal)
        with suppress(NotLiveError):
            return await _read(context, info, wish, found, now)
        found = await find(context, wish, now)
    raise NotLiveError


async def _record(context: Context, wish: Wish, now: datetime) -> None:
    caller = context.caller
    async with context.database.write() as session:
        if await gate(session, caller, now) is None:
            raise NotLiveError
        audit.record(
            session,
            UUID(caller.workspace),
            "view_as",
            "client",
            UUID(wish.client),
            actor=caller.actor,
            at=now,
            request_id=context.request_id,
            reason=caller.reason,
            detail=wish.detail,
        )


async def _read(context: Context, info: GraphQLResolveInfo[Any], wish: Wish, found: Found, now: datetime) -> Any:
    """Answer of the planner to the selection, as the client would get it; what is withheld from them is noted where it stands here."""
    if context.engine is None or context.prepared is None:
        raise TypeError("this context has no planner")
    dialect = DIALECTS[context.database.dialect]
    standing = found.standing(wish)
    since = found.since if standing.status is found.status else dialect.instant(wish.at or now)
    supposed = Supposed(wish.client, standing, since, dialect.instant(wish.at) if wish.at else None)

    @asynccontextmanager
    async def connect() -> AsyncIterator[Connected]:
        async with context.database.read() as reader:
            yield SupposedReader(reader, supposed) if wish.supposes or wish.at else reader

    viewer = _viewer(context, wish, found, now)
    answer = await context.engine.run_below(context.prepared, info.field_nodes, info.variable_values, viewer, connect)
    path = info.path.as_list()
    context.withheld += [{**note, "path": [*path, *note["path"]]} for note in answer.withheld]
    return answer.data


def _viewer(context: Context, wish: Wish, found: Found, now: datetime) -> Viewer:
    """The client, behind a gate that also checks the member's own proof, and that they see the client."""
    caller, dialect = context.caller, context.database.dialect
    proof, parameters = gate_sql(caller, dialect, now)
    mine = {"workspace": caller.workspace, "account": found.account, "member": None, "client": wish.client}
    moment = DIALECTS[dialect].instant(wish.at or now)
    theirs = {f"staff_{name}": value for name, value in {**parameters, "member": caller.member}.items()}
    return Viewer(_AS_CLIENT, {**mine, **theirs, "now": moment}, Gate(_gate(caller, proof, supposes=wish.supposes), 3))


def _gate(caller: Caller, proof: str, *, supposes: bool) -> str:
    login = "" if supposes else " AND c.account_id = :account"
    staff = _NAMED.sub(r":staff_\1", f"{seen_by(caller)} AND EXISTS ({proof})")
    return (
        "WITH gate(g0, g1, g2) AS (SELECT c.status, c.access_mode, c.data_state FROM client c LEFT JOIN account a ON a.id = c.account_id"
        f" WHERE c.workspace_id = :workspace AND c.id = :client AND a.disabled_at IS NULL{login} AND {CLIENT_MAY_ENTER} AND {staff})"
        " SELECT * FROM gate"
    )
