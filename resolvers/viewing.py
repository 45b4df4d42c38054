"""Seeing as a client: a member reads what a client of theirs would get; nothing is changed, and every use is in the audit first."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from graphql import GraphQLResolveInfo

from lifecycle.access import Refusal, Resource, staff_refusal, standing_of
from lifecycle.entry import SEES_AS, PortalAccess, access_diff, entry_refusal
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState
from planner.dialect import DIALECTS, place
from planner.errors import NotLiveError, RequestError
from planner.ids import split_id
from planner.source import Resolved, Source
from planner.statements import Connected, Gate, Viewer
from resolvers import audit
from resolvers.callers import CLIENT_MAY_ENTER, Caller, CallerKind, fetch, gate, gate_sql
from resolvers.context import Context
from resolvers.past import then
from resolvers.supposed import Standing, Supposed, SupposedReader
from resolvers.viewers import ViewerKey, client_rows

FORBIDDEN: Final = Resolved("FORBIDDEN", "Only owners, and coaches for their own clients, see as a client.")
NO_REASON: Final = Refusal(
    "REASON_REQUIRED", "OWNER sees as another coach's client only with a reason, which is audited: the client reads their messages."
)
STAFF_ONLY: Final = Resolved("FORBIDDEN", "Only members of the workspace ask what a change of standing opens or closes.")
ROOT: Final = {"viewAs": FORBIDDEN, "accessDiff": STAFF_ONLY}
SOURCES: Final[list[Source]] = []

_AS_CLIENT: Final = ViewerKey(CallerKind.CLIENT, None, False)
_KNOWN: Final = ["workspace_id", "id", "account_id", "coach_id", "status", "status_since", "access_mode", "access_until", "data_state"]
_NAMED: Final = re.compile(r"(?<![:\w]):(\w+)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants to see: a client, as they are or in another standing, now or at an instant of the past."""

    client: str
    status: ClientStatus | None
    mode: AccessMode | None
    at: datetime | None

    @classmethod
    def of(cls, arguments: dict[str, Any], now: datetime) -> "Wish":
        tag, key = split_id(arguments["client"])
        if tag != "client":
            raise RequestError("INVALID_ID", "This is not the id of a Client.")
        at, status, mode = (arguments.get(name) for name in ("at", "status", "accessMode"))
        if at is not None and at > now:
            raise RequestError("BAD_USER_INPUT", "`at` is an instant of the past.")
        return cls(key, ClientStatus[status] if status else None, AccessMode[mode] if mode else None, at)

    @property
    def supposes(self) -> bool:
        return self.status is not None or self.mode is not None

    @property
    def detail(self) -> str:
        return orjson.dumps({"status": self.status, "accessMode": self.mode, "at": self.at}).decode()


@dataclass(frozen=True, slots=True)
class Found:
    """Client as the member finds them: as they are, or as they stood at the instant of the wish."""

    account: str | None
    status: ClientStatus
    since: Any
    mode: AccessMode
    state: DataState
    enabled: bool
    ended: bool
    theirs: bool
    default_mode: AccessMode

    def standing(self, wish: Wish) -> Standing:
        status = wish.status or self.status
        leaving = status is ClientStatus.INACTIVE and self.status is not ClientStatus.INACTIVE
        mode = wish.mode or (self.default_mode if leaving else self.mode)
        return Standing(status, mode, self.status if leaving else None, open_ended=wish.supposes and self.ended)

    def refusal(self, wish: Wish) -> Refusal | None:
        """Why the client would be refused. A supposed standing supposes a login, too."""
        standing = self.standing(wish)
        login = self.enabled and (self.account is not None or wish.supposes)
        return entry_refusal(standing.status, standing.mode, self.state, login=login, ended=self.ended and not wish.supposes)


async def view_as(context: Context, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> Any:
    """What the client would get for the selection; null where there is no such client, and, with a note, where they could not sign in."""
    caller, now = context.caller, context.now()
    if caller.kind is CallerKind.ANONYMOUS:
        raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")
    if caller.role not in SEES_AS:
        raise RequestError(FORBIDDEN.code, FORBIDDEN.because)
    wish = Wish.of(arguments, now)
    found = await _find(context, wish, now)
    if found is None:
        return None
    if not found.theirs and not caller.reason:
        _refused(context, info, NO_REASON)
        return None
    await _record(context, wish, now)
    refusal = found.refusal(wish)
    if refusal is not None:
        _refused(context, info, refusal)
        return None
    return await _read(context, info, wish, found, now)


async def access_changes(
    context: Context, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]
) -> list[tuple[Resource, PortalAccess, PortalAccess]] | None:
    """What another standing would open or close for the client in the portal; null where there is no such client."""
    caller, now = context.caller, context.now()
    if caller.kind is CallerKind.ANONYMOUS:
        raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")
    if caller.kind is not CallerKind.STAFF or caller.role is None:
        raise RequestError(STAFF_ONLY.code, STAFF_ONLY.because)
    wish = Wish.of(arguments, now)
    found = await _find(context, wish, now)
    if found is None:
        return None
    refusal = staff_refusal(caller.role, Resource.STATUS, state=found.state)
    if refusal is not None:
        _refused(context, info, refusal)
        return None
    then = found.standing(wish)
    before = standing_of(found.status, found.mode, login=found.account is not None and found.enabled)
    return access_diff(before, standing_of(then.status, then.mode, login=True))


def _refused(context: Context, info: GraphQLResolveInfo[Any], refusal: Refusal) -> None:
    context.withheld.append({"path": info.path.as_list(), "code": refusal.code, "because": refusal.because})


async def _find(context: Context, wish: Wish, now: datetime) -> Found | None:
    """The client, if the member sees their row; a member whose login has ended finds nothing out."""
    caller, dialect = context.caller, context.database.dialect
    sql, parameters = gate_sql(caller, dialect, now)
    visible = place(client_rows(ViewerKey(caller.kind, caller.role, False)), "c") or "1 = 1"
    table = "client" if wish.at is None else then("client", _KNOWN)
    moment = DIALECTS[dialect].instant(wish.at or now)
    text = (
        f"WITH gate AS ({sql}) SELECT c.id, c.account_id, c.status, c.status_since, c.access_mode, c.data_state,"
        " CASE WHEN a.disabled_at IS NULL THEN 1 ELSE 0 END, CASE WHEN c.access_until <= :at THEN 1 ELSE 0 END,"
        " CASE WHEN c.coach_id = :member THEN 1 ELSE 0 END, w.default_access_mode"
        " FROM gate JOIN workspace w ON w.id = :workspace"
        f" LEFT JOIN {table} c ON c.workspace_id = w.id AND c.id = :subject AND {visible}"
        " LEFT JOIN account a ON a.id = c.account_id"
    )
    async with context.database.read() as reader:
        rows = await fetch(reader, text, {**parameters, "subject": wish.client, "at": moment})
    if not rows:
        raise NotLiveError
    row: Any = rows[0]
    if row[0] is None or row[2] is None:
        return None
    return Found(
        account=row[1],
        status=ClientStatus[row[2]],
        since=row[3],
        mode=AccessMode[row[4] or AccessMode.NONE],
        state=DataState[row[5]],
        enabled=bool(row[6]),
        ended=bool(row[7]),
        theirs=bool(row[8]),
        default_mode=AccessMode[row[9]],
    )


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
    visible = place(client_rows(ViewerKey(caller.kind, caller.role, False)), "c") or "1 = 1"
    login = "" if supposes else " AND c.account_id = :account"
    staff = _NAMED.sub(r":staff_\1", f"{visible} AND EXISTS ({proof})")
    return (
        "WITH gate(g0, g1, g2) AS (SELECT c.status, c.access_mode, c.data_state FROM client c LEFT JOIN account a ON a.id = c.account_id"
        f" WHERE c.workspace_id = :workspace AND c.id = :client AND a.disabled_at IS NULL{login} AND {CLIENT_MAY_ENTER} AND {staff})"
        " SELECT * FROM gate"
    )
