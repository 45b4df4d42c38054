"""Signing in as the people of the demo data, without their password."""

from datetime import UTC, datetime
from typing import Any

from lifecycle.vocabulary import Role
from resolvers.callers import CallerKind, fetch
from resolvers.sessions import Tokens, open_session
from resolvers.standings import Standing
from resolvers.tokens import TokenCodec
from storage.database import Database
from storage.demo.people import DEMO_PEOPLE

_FIND = (
    "SELECT w.id, w.slug, w.name, a.id, m.id, m.role, c.id FROM account a"
    " JOIN workspace w ON w.slug = :slug"
    " LEFT JOIN member m ON m.workspace_id = w.id AND m.account_id = a.id"
    " LEFT JOIN client c ON c.workspace_id = w.id AND c.account_id = a.id"
    " WHERE a.username = :username"
)


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
