"""Who stands at the desk where steps are taken: the caller, known in the transaction of what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.access import standing_of
from lifecycle.permits import Actor, ActorKind
from lifecycle.vocabulary import AccessMode, ClientStatus, Grant, Role
from planner.errors import NotLiveError
from resolvers.callers import Caller, CallerKind, gate
from resolvers.plans import Plans
from resolvers.sql import rows
from resolvers.viewers import ViewerKey
from storage.database import Database

_GRANTS: Final = "SELECT x.grant_name FROM member_grant x WHERE x.workspace_id = :workspace AND x.member_id = :member"


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


def clock(workspace: UUID, now: datetime) -> Clerk:
    """The gateway itself, on somebody's standing order."""
    return Clerk(Actor(ActorKind.CLOCK, "clock"), workspace, None, {"workspace": workspace.hex, "role": None, "member": None, "now": now})


async def clerk_of(session: AsyncSession, caller: Caller, now: datetime) -> Clerk:
    """Caller of a request, whose proof is checked in the transaction of what they do."""
    found = await gate(session, caller, now)
    if found is None or caller.workspace is None:
        raise NotLiveError
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
