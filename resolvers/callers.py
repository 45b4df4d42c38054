"""Who asks: the caller a proof names, and the one statement that says whether the proof still holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Final

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, KeyScope, Role, Word
from planner.dialect import DIALECTS, Statement
from storage.address import Dialect
from storage.readers import Reader, Rows

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession


class CallerKind(Word):
    """Kind of a caller."""

    STAFF = "STAFF", "Member of a workspace."
    CLIENT = "CLIENT", "Client of a workspace, through the portal."
    ANONYMOUS = "ANONYMOUS", "Somebody who has not signed in."


class Proof(Word):
    """How a caller proved who they are."""

    SESSION = "SESSION", "Access token of a login session."
    API_KEY = "API_KEY", "API key of a server."
    IDENTITY = "IDENTITY", "Token of an external identity provider."
    EXPORT = "EXPORT", "Link to an export, which reads as whoever made it; no request is signed in by one."
    REPORT = "REPORT", "Link to a file made of a report, which reads as whoever made it; no request is signed in by one."
    NONE = "NONE", "No proof."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a proof names. Every id is 32 lowercase hexadecimal digits.

    `proof_id` is the id of the login session, the API key or the export; of an external identity it is the issuer and the subject with
    a space between, and no log may hold it. `role` is the role on the proof: `gate_sql` answers whether it is the member's role still.
    `scope` is that of an API key, and FULL for whoever else.
    """

    kind: CallerKind
    workspace: str | None
    account: str | None
    member: str | None
    client: str | None
    role: Role | None
    proof: Proof
    proof_id: str | None
    expires_at: float
    reason: str | None = None
    scope: KeyScope = KeyScope.FULL

    @property
    def actor(self) -> str:
        """Caller as written into audit events and other records: opaque ids only."""
        if self.kind is CallerKind.STAFF:
            return f"member:{self.member}"
        return f"client:{self.client}" if self.kind is CallerKind.CLIENT else "anonymous"


ANONYMOUS: Final = Caller(
    kind=CallerKind.ANONYMOUS,
    workspace=None,
    account=None,
    member=None,
    client=None,
    role=None,
    proof=Proof.NONE,
    proof_id=None,
    expires_at=inf,
)


def _listed(*words: Word) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


_BOUGHT: Final = "(SELECT b.id FROM purchase b WHERE b.workspace_id = c.workspace_id AND b.client_id = c.id"
_ENROLLED: Final = "(SELECT e.id FROM enrollment e WHERE e.workspace_id = c.workspace_id AND e.client_id = c.id"
#: Whether something of what the buyer `c` had is left: with the last enrollment deleted and the last purchase refunded, nothing is.
#: It is no EXISTS, for which PostgreSQL would read what everybody has into a hash where many clients are asked about.
BUYER_OWNS: Final = (
    f"{_BOUGHT} AND b.refunded_at IS NULL LIMIT 1) IS NOT NULL OR {_ENROLLED} AND e.state <> 'DELETED' LIMIT 1) IS NOT NULL"
    f" OR ({_BOUGHT} LIMIT 1) IS NULL AND {_ENROLLED} LIMIT 1) IS NULL)"
)

#: Whether a client `c` may hold a login at all: the first row of the access matrix, as SQL.
CLIENT_MAY_ENTER: Final = (
    f"c.data_state IN {_listed(DataState.PRESENT, DataState.HISTORY_DELETED)}"
    f" AND (c.status IN {_listed(ClientStatus.HOT_LEAD, ClientStatus.ACTIVE)}"
    f" OR (c.status = '{ClientStatus.BUYER}' AND ({BUYER_OWNS}))"
    f" OR (c.status = '{ClientStatus.INACTIVE}' AND c.access_mode IN {_listed(AccessMode.PURCHASED_CONTENT, AccessMode.READ_ONLY)}"
    " AND (c.access_until IS NULL OR c.access_until > :now)))"
)

_MEMBER_STANDS: Final = (
    " JOIN account a ON a.id = m.account_id"
    " WHERE m.workspace_id = :workspace AND m.id = :member AND m.account_id = :account"
    " AND m.left_at IS NULL AND m.role = :role AND a.disabled_at IS NULL"
)
_CLIENT_STANDS: Final = (
    " JOIN account a ON a.id = c.account_id"
    " WHERE c.workspace_id = :workspace AND c.id = :client AND c.account_id = :account"
    f" AND a.disabled_at IS NULL AND {CLIENT_MAY_ENTER}"
)
_SESSION_LIVES: Final = " AND p.id = :proof_id AND p.account_id = :account AND p.revoked_at IS NULL AND p.expires_at > :now"
_KEY_LIVES: Final = " AND p.id = :proof_id AND p.revoked_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > :now)"
_EXPORT_LIVES: Final = (
    " AND p.id = :proof_id AND p.expires_at > :now AND EXISTS (SELECT 1 FROM client s WHERE s.workspace_id = p.workspace_id"
    f" AND s.id = p.subject_id AND s.data_state IN {_listed(DataState.PRESENT, DataState.HISTORY_DELETED)})"
)
_REPORT_LIVES: Final = " AND p.id = :proof_id AND p.expires_at > :now AND p.kind = 'report'"
_IDENTITY_LIVES: Final = " AND p.issuer = :issuer AND p.subject = :subject"

_MEMBER: Final = "SELECT m.role AS role FROM member m"
_CLIENT: Final = "SELECT c.status AS status, c.access_mode AS access_mode, c.data_state AS data_state FROM client c"

_GATES: Final[Mapping[tuple[CallerKind, Proof], str]] = {
    (CallerKind.STAFF, Proof.SESSION): (
        f"{_MEMBER} JOIN login_session p ON p.workspace_id = m.workspace_id AND p.member_id = m.id{_MEMBER_STANDS}{_SESSION_LIVES}"
    ),
    (CallerKind.STAFF, Proof.API_KEY): (
        f"{_MEMBER} JOIN api_key p ON p.workspace_id = m.workspace_id AND p.member_id = m.id{_MEMBER_STANDS}{_KEY_LIVES}"
    ),
    (CallerKind.STAFF, Proof.IDENTITY): (
        f"{_MEMBER} JOIN external_identity p ON p.account_id = m.account_id{_MEMBER_STANDS}{_IDENTITY_LIVES}"
    ),
    (CallerKind.CLIENT, Proof.SESSION): (
        f"{_CLIENT} JOIN login_session p ON p.workspace_id = c.workspace_id AND p.client_id = c.id{_CLIENT_STANDS}{_SESSION_LIVES}"
    ),
    (CallerKind.CLIENT, Proof.IDENTITY): (
        f"{_CLIENT} JOIN external_identity p ON p.account_id = c.account_id{_CLIENT_STANDS}{_IDENTITY_LIVES}"
    ),
    (CallerKind.STAFF, Proof.EXPORT): (f"{_MEMBER} JOIN export_file p ON p.workspace_id = m.workspace_id{_MEMBER_STANDS}{_EXPORT_LIVES}"),
    (CallerKind.STAFF, Proof.REPORT): (f"{_MEMBER} JOIN export_file p ON p.workspace_id = m.workspace_id{_MEMBER_STANDS}{_REPORT_LIVES}"),
    (CallerKind.CLIENT, Proof.EXPORT): (f"{_CLIENT} JOIN export_file p ON p.workspace_id = c.workspace_id{_CLIENT_STANDS}{_EXPORT_LIVES}"),
}


def gate_sql(caller: Caller, dialect: Dialect, at: datetime | None = None) -> tuple[str, dict[str, object]]:
    """Statement with one row while the caller is still who the proof says, and none otherwise; its parameters by name.

    The row holds `role` of a member, and `status`, `access_mode` and `data_state` of a client. The text is the same on both engines and
    for every caller of one kind and proof. Nobody to check (`ANONYMOUS`) is an error of the code that asks.
    """
    sql = _GATES[caller.kind, caller.proof]
    moment = at or datetime.now(UTC)
    parameters: dict[str, object] = {
        "workspace": caller.workspace,
        "account": caller.account,
        "now": DIALECTS[dialect].instant(moment),
    }
    if caller.kind is CallerKind.STAFF:
        parameters |= {"member": caller.member, "role": str(caller.role)}
    else:
        parameters["client"] = caller.client
    if caller.proof is Proof.IDENTITY:
        issuer, _, subject = (caller.proof_id or "").partition(" ")
        parameters |= {"issuer": issuer, "subject": subject}
    else:
        parameters["proof_id"] = caller.proof_id
    if ":now" not in sql:
        del parameters["now"]
    return sql, parameters


async def gate(session: "AsyncSession", caller: Caller, at: datetime) -> Mapping[str, Any] | None:
    """Row of `gate_sql` inside a write transaction; None where the caller is not who the proof says any more."""
    from resolvers.sql import row  # noqa: PLC0415 - it needs SQLAlchemy, which whoever has a session has loaded

    if caller.kind is CallerKind.ANONYMOUS:
        return None
    sql, parameters = gate_sql(caller, "postgresql", at)  # an instant as it is: the statement converts it for either engine
    names = ("role",) if caller.kind is CallerKind.STAFF else ("status", "access_mode", "data_state")
    found = await row(session, sql, parameters)
    return None if found is None else dict(zip(names, found, strict=True))


@lru_cache(maxsize=64)
def _compiled(sql: str, dialect: Dialect) -> Statement:
    return DIALECTS[dialect].compile(sql)


async def fetch(reader: Reader, sql: str, parameters: Mapping[str, object]) -> Rows:
    """Rows of a statement with named parameters."""
    statement = _compiled(sql, reader.dialect)
    return await reader.fetch(statement.text, statement.arguments(parameters))
