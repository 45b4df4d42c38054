"""What members ask about the portal: a client, as they are or in another standing, now or at an instant of the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from graphql import GraphQLResolveInfo

from lifecycle.access import Refusal
from lifecycle.entry import entry_refusal
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState
from planner.dialect import DIALECTS, place
from planner.errors import NotLiveError, RequestError
from planner.ids import split_id
from resolvers.callers import BUYER_OWNS, Caller, fetch, gate_sql
from resolvers.context import Context
from resolvers.past import then
from resolvers.supposed import Standing
from resolvers.viewers import ViewerKey, client_rows
from storage.instants import instant_of

_KNOWN: Final = ["workspace_id", "id", "account_id", "coach_id", "status", "status_since", "access_mode", "access_until", "data_state"]


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
    left: bool
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
        return entry_refusal(
            standing.status, standing.mode, self.state, login=login, ended=self.ended and not wish.supposes, left=self.left
        )


def seen_by(caller: Caller) -> str:
    """Condition that the member sees the client `c`."""
    return place(client_rows(ViewerKey(caller.kind, caller.role, False)), "c") or "1 = 1"


async def find(context: Context, wish: Wish, now: datetime) -> Found | None:
    """The client, if the member sees their row; a member whose login has ended finds nothing out."""
    caller, dialect = context.caller, context.database.dialect
    sql, parameters = gate_sql(caller, dialect, now)
    table = "client" if wish.at is None else then("client", _KNOWN)
    moment = DIALECTS[dialect].instant(wish.at or now)
    text = (
        f"WITH gate AS ({sql}) SELECT c.id, c.account_id, c.status, c.status_since, c.access_mode, c.data_state,"
        " CASE WHEN a.disabled_at IS NULL THEN 1 ELSE 0 END, CASE WHEN c.access_until <= :at THEN 1 ELSE 0 END,"
        f" CASE WHEN c.coach_id = :member THEN 1 ELSE 0 END, CASE WHEN {BUYER_OWNS} THEN 1 ELSE 0 END, w.default_access_mode"
        " FROM gate JOIN workspace w ON w.id = :workspace"
        f" LEFT JOIN {table} c ON c.workspace_id = w.id AND c.id = :asked AND {seen_by(caller)}"
        " LEFT JOIN account a ON a.id = c.account_id"
    )
    async with context.database.read() as reader:
        rows = await fetch(reader, text, {**parameters, "asked": wish.client, "at": moment})
    if not rows:
        raise NotLiveError
    row: Any = rows[0]
    if row[0] is None or row[2] is None:
        return None
    return Found(
        account=row[1],
        status=ClientStatus[row[2]],
        since=DIALECTS[dialect].instant(instant_of(row[3])),
        mode=AccessMode[row[4] or AccessMode.NONE],
        state=DataState[row[5]],
        enabled=bool(row[6]),
        ended=bool(row[7]),
        theirs=bool(row[8]),
        left=bool(row[9]),
        default_mode=AccessMode[row[10]],
    )


def note(context: Context, info: GraphQLResolveInfo[Any], refusal: Refusal | None) -> None:
    """Tell why the field is null."""
    if refusal is not None:
        context.withheld.append({"path": info.path.as_list(), "code": refusal.code, "because": refusal.because})
