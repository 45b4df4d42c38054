"""Who stands at the desk where steps are taken: the caller, known in the transaction of what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.access import standing_of
from lifecycle.permits import Actor, ActorKind
from lifecycle.vocabulary import AccessMode, ClientStatus, Grant, KeyScope, Role
from planner.dialect import DIALECTS
from planner.errors import NotLiveError
from resolvers.callers import Caller, CallerKind, fetch, gate, gate_sql
from resolvers.plans import Plans
from resolvers.scopes import only_reads
from resolvers.sql import row, rows
from resolvers.viewers import ViewerKey
from storage.database import Database
from storage.readers import Reader

_GRANTS: Final = "SELECT x.grant_name FROM member_grant x WHERE x.workspace_id = :workspace AND x.member_id = :member"
_MEMBER: Final = (
    "SELECT m.role, m.account_id FROM member m JOIN account a ON a.id = m.account_id"
    " WHERE m.workspace_id = :workspace AND m.id = :member AND m.left_at IS NULL AND a.disabled_at IS NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where steps are taken: the database, the clock of one request, and the secrets."""

    database: Database
    now: datetime
    request_id: str | None
    secrets: tuple[bytes, ...]

    @property
    def plans(self) -> Plans:
        return Plans(self.secrets[0])


@dataclass(frozen=True, slots=True)
class Clerk:
    """One caller at the desk, known to be who they say."""

    actor: Actor
    workspace: UUID
    viewer: ViewerKey | None
    parameters: Mapping[str, object]

    @property
    def member(self) -> str | None:
        found = self.parameters.get("member")
        return None if found is None else str(found)


def clock(workspace: UUID, now: datetime, order: str = "") -> Clerk:
    """The gateway itself, on somebody's standing order: a member's, or what a package says of `payments` or `expiry`."""
    name = f"clock:{order}" if order else "clock"
    nobody: dict[str, object] = dict.fromkeys(("role", "member", "client"))
    return Clerk(Actor(ActorKind.CLOCK, name), workspace, None, {**nobody, "workspace": workspace.hex, "now": now})


async def clerk_of(session: AsyncSession, caller: Caller, now: datetime) -> Clerk:
    """Caller of a request, whose proof is checked in the transaction of what they do; a key that only reads does nothing."""
    found = await gate(session, caller, now)
    if found is None or caller.workspace is None:
        raise NotLiveError
    if caller.scope is KeyScope.READ:
        raise only_reads()
    parameters = {
        "workspace": caller.workspace,
        "account": caller.account,
        "member": caller.member,
        "client": caller.client,
        "role": None if caller.role is None else caller.role.value,
        "now": now,
    }
    viewer = ViewerKey(caller.kind, caller.role, False)
    if caller.kind is CallerKind.CLIENT:
        standing = standing_of(ClientStatus[found["status"]], AccessMode[found["access_mode"]], login=True)
        actor = Actor(ActorKind.CLIENT, caller.actor, standing=standing)
    else:
        owner = caller.role is Role.OWNER  # needs no grant
        grants = frozenset(Grant[name] for (name,) in await rows(session, _GRANTS, parameters)) if not owner else frozenset(Grant)
        actor = Actor(ActorKind.STAFF, caller.actor, role=caller.role, grants=grants)
    return Clerk(actor, UUID(caller.workspace), viewer, parameters)


async def member_clerk(session: AsyncSession, workspace: UUID, member: UUID, now: datetime) -> Clerk | None:
    """Member on whose order work is done while they are not there, as they stand now; None once they have left or may not log in."""
    known: dict[str, object] = {"workspace": workspace.hex, "member": member.hex, "now": now, "client": None}
    found = await row(session, _MEMBER, known)
    if found is None:
        return None
    role = Role[found[0]]
    grants = frozenset(Grant[name] for (name,) in await rows(session, _GRANTS, known))
    actor = Actor(ActorKind.STAFF, f"member:{member.hex}", role=role, grants=grants)
    return Clerk(actor, workspace, ViewerKey(CallerKind.STAFF, role, False), {**known, "account": found[1]})


async def clerk_through(reader: Reader, caller: Caller, now: datetime) -> Clerk:
    """Member of a request that only reads. Nobody else stands at this desk: the others are refused by their kind."""
    sql, parameters = gate_sql(caller, reader.dialect, now)
    if not await fetch(reader, sql, parameters) or caller.workspace is None:
        raise NotLiveError
    known = {"workspace": caller.workspace, "account": caller.account, "member": caller.member, "client": caller.client}
    grants: frozenset[Grant] = frozenset()
    if caller.member is not None:
        grants = frozenset(Grant[str(name)] for (name,) in await fetch(reader, _GRANTS, known))
    kind = ActorKind.STAFF if caller.kind is CallerKind.STAFF else ActorKind.CLIENT
    actor = Actor(kind, caller.actor, role=caller.role, grants=grants)
    now_stored = DIALECTS[reader.dialect].instant(now)
    return Clerk(actor, UUID(caller.workspace), ViewerKey(caller.kind, caller.role, False), {**known, "now": now_stored})
