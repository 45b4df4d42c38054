"""Announcements: what was done, numbered without a gap in each workspace, in the transaction of the change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from resolvers.sql import insert, rows
from storage.tables.operations import OutboxEvent

_TURN: Final = "SELECT w.id FROM workspace w WHERE w.id = :workspace"
_POSITION: Final = "SELECT COALESCE(max(x.position), 0) + 1 FROM outbox_event x WHERE x.workspace_id = :workspace"


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
    [(position,)] = await rows(session, _POSITION, {"workspace": workspace.hex})
    for number, event in enumerate(events):
        subject = event.subject_id
        if subject is None:
            raise ValueError("an announcement without an object")
        ids = {"event": event.id.hex, "before": event.before, "after": event.after}
        await insert(
            session,
            OutboxEvent,
            workspace_id=workspace,
            position=position + number,
            name=event.action,
            subject_kind=event.subject_kind,
            subject_id=subject,
            payload=orjson.dumps(ids).decode(),
            created_at=event.at,
        )


async def take_turn(session: AsyncSession, workspace: UUID) -> None:
    """Wait for the turn among those who number things in this workspace, until the transaction ends."""
    lock = "" if session.get_bind().dialect.name == "sqlite" else " FOR NO KEY UPDATE"
    await rows(session, _TURN + lock, {"workspace": workspace.hex})
