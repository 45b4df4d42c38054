"""Announcements: what was done, numbered without a gap in each workspace, in the transaction of the change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from resolvers.inserts import send

_TURN: Final = "SELECT w.id FROM workspace w WHERE w.id = :workspace FOR NO KEY UPDATE"
_NEXT: Final = (
    "INSERT INTO outbox_event (workspace_id, id, position, name, subject_kind, subject_id, payload, created_at, attempts)"
    " SELECT :workspace, :id, (SELECT COALESCE(max(x.position), 0) + 1 FROM outbox_event x WHERE x.workspace_id = :workspace),"
    " :name, :kind, :subject, :payload, :at, 0"
)


class Told(Protocol):
    """Event as far as it is announced."""

    @property
    def id(self) -> UUID: ...
    @property
    def at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject_id(self) -> UUID | None: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...


async def announce(session: AsyncSession, workspace: UUID, events: Sequence[Told]) -> None:
    """Announcements of these events, last in their transaction: whoever holds the turn of the workspace numbers them without a gap."""
    await take_turn(session, workspace)
    for event in events:
        subject = event.subject_id
        if subject is None:
            raise ValueError("an announcement without an object")
        payload = orjson.dumps({"event": event.id.hex, "before": event.before, "after": event.after}).decode()
        said = {"name": event.action, "kind": event.subject_kind, "subject": subject, "payload": payload, "at": event.at}
        await send(session, _NEXT, {"workspace": workspace, "id": uuid7(), **said})


async def take_turn(session: AsyncSession, workspace: UUID) -> None:
    """Wait for the turn among those who number things in this workspace, until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        await send(session, _TURN, {"workspace": workspace})
