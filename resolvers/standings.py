"""Where an account may sign in: as a member, or as a client, of a workspace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lifecycle.vocabulary import Role
from planner.dialect import DIALECTS
from resolvers.callers import CLIENT_MAY_ENTER, Caller, CallerKind, Proof, fetch
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """One place that is open to an account. Ids are 32 hexadecimal digits."""

    kind: CallerKind
    workspace: str
    slug: str
    name: str
    account: str
    person: str
    role: Role | None

    def caller(self, proof: Proof, proof_id: str, expires_at: float) -> Caller:
        staff = self.kind is CallerKind.STAFF
        return Caller(
            kind=self.kind,
            workspace=self.workspace,
            account=self.account,
            member=self.person if staff else None,
            client=None if staff else self.person,
            role=self.role,
            proof=proof,
            proof_id=proof_id,
            expires_at=expires_at,
        )


_STANDINGS: Final = (
    "SELECT 'STAFF' AS kind, w.id AS workspace, w.slug AS slug, w.name AS name, m.id AS person, m.role AS role"
    " FROM member m JOIN account a ON a.id = m.account_id JOIN workspace w ON w.id = m.workspace_id"
    " WHERE m.account_id = :account AND m.left_at IS NULL AND a.disabled_at IS NULL"
    " UNION ALL"
    " SELECT 'CLIENT' AS kind, w.id AS workspace, w.slug AS slug, w.name AS name, c.id AS person, NULL AS role"
    " FROM client c JOIN account a ON a.id = c.account_id JOIN workspace w ON w.id = c.workspace_id"
    f" WHERE c.account_id = :account AND a.disabled_at IS NULL AND {CLIENT_MAY_ENTER}"
)
_TIES: Final = (
    "SELECT w.id AS workspace, w.slug AS slug FROM member m JOIN workspace w ON w.id = m.workspace_id WHERE m.account_id = :account"
    " UNION"
    " SELECT w.id AS workspace, w.slug AS slug FROM client c JOIN workspace w ON w.id = c.workspace_id WHERE c.account_id = :account"
)


async def standings(database: Database, account: str, at: datetime) -> list[Standing]:
    """Places that are open to an account now, by name."""
    moment = DIALECTS[database.dialect].instant(at)
    async with database.read() as reader:
        rows: Any = await fetch(reader, _STANDINGS, {"account": account, "now": moment})
    places = [
        Standing(CallerKind[kind], workspace, slug, name, account, person, Role[role] if role else None)
        for kind, workspace, slug, name, person, role in rows
    ]
    return sorted(places, key=lambda place: (place.name, place.slug, place.kind != CallerKind.STAFF))


def choose(places: Iterable[Standing], workspace: str | None, kind: CallerKind | None = None) -> list[Standing]:
    """Places that a slug or an id of a workspace, and a kind, leave."""
    return [
        place
        for place in places
        if (workspace is None or names(workspace, place.workspace, place.slug)) and (kind is None or place.kind is kind)
    ]


def names(wanted: str, workspace: str, slug: str) -> bool:
    """Whether a slug or an id names the workspace."""
    return wanted == slug or wanted.replace("-", "").lower() == workspace


async def workspaces_that_know(database: Database, account: str, wanted: str | None) -> list[str]:
    """Workspaces with a member or a client of this account, whether or not anything is open to them; only the wanted one if given."""
    async with database.read() as reader:
        rows: Any = await fetch(reader, _TIES, {"account": account})
    return sorted(workspace for workspace, slug in rows if wanted is None or names(wanted, workspace, slug))
