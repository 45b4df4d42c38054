"""Signing in as the people of the demo data, without their password; and the receipts of those who were deleted."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select

from lifecycle.vocabulary import ErasureState, Role
from resolvers.callers import CallerKind, fetch
from resolvers.erasure.receipts import issue
from resolvers.sessions import Tokens, open_session
from resolvers.standings import Standing
from resolvers.tokens import TokenCodec
from storage.database import Database
from storage.demo.people import DEMO_PEOPLE
from storage.tables.erasure import ErasureRequest

_FIND = (
    "SELECT w.id, w.slug, w.name, a.id, m.id, m.role, c.id FROM account a"
    " JOIN workspace w ON w.slug = :slug"
    " LEFT JOIN member m ON m.workspace_id = w.id AND m.account_id = a.id"
    " LEFT JOIN client c ON c.workspace_id = w.id AND c.account_id = a.id"
    " WHERE a.username = :username"
)


#: What the receipts say of the bytes.
_BYTES = "demo data: what was deleted was never in these files"


class NoDemoPersonError(LookupError):
    """The database does not hold the person of the demo data."""


async def sign_in_as(database: Database, codec: TokenCodec, name: str, workspace: str = "hart") -> Tokens:
    """Login session of a demo person. Also of one whose status lets nobody in: the tokens are refused like their owner's."""
    async with database.read() as reader:
        rows: Any = await fetch(reader, _FIND, {"slug": workspace, "username": DEMO_PEOPLE[name].username})
    for id_, slug, title, account, member, role, client in rows:
        if member or client:
            kind = CallerKind.STAFF if member else CallerKind.CLIENT
            place = Standing(kind, id_, slug, title, account, member or client, Role[role] if role else None)
            async with database.write() as session:
                return await open_session(session, codec, place, at=datetime.now(UTC))
    raise NoDemoPersonError(name)


async def give_receipts(database: Database, secret: bytes) -> None:
    """Receipts of the deletions of the demo data, by the secret of the gateway that serves it. Each has the key of its request."""
    async with database.write() as session:
        done = select(ErasureRequest).where(col(ErasureRequest.state) == ErasureState.COMPLETED).order_by(col(ErasureRequest.id))
        for request in (await session.exec(done)).all():
            receipt = await issue(session, request, secret, _BYTES, request.completed_at or request.requested_at)
            receipt.id = request.id
            await session.flush()
