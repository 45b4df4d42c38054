"""Audit events: who did what to which object, in opaque ids only."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables.operations import AuditEvent

_pending: Final[set[asyncio.Task[None]]] = set()


def record(
    session: AsyncSession,
    workspace: UUID,
    action: str,
    subject_kind: str,
    subject: UUID,
    *,
    actor: str,
    at: datetime,
    request_id: str | None,
    reason: str | None = None,
    detail: str = "{}",
    member: UUID | None = None,
    client: UUID | None = None,
    before: str | None = None,
    after: str | None = None,
) -> AuditEvent:
    """Audit event in the transaction of what it tells."""
    event = AuditEvent(workspace_id=workspace, at=at, actor=actor, action=action, subject_kind=subject_kind, subject_id=subject)
    event.reason, event.detail, event.request_id = reason, detail, request_id
    event.member_id, event.client_id, event.before, event.after = member, client, before, after
    session.add(event)
    return event


def after_the_answer(work: Coroutine[Any, Any, None]) -> None:
    """Start work whose duration must not show in an answer."""
    task = asyncio.get_running_loop().create_task(work)
    _pending.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _pending.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        structlog.get_logger("portico.audit").error("audit_failed", exc_info=error)


async def settle() -> None:
    """Wait for the work that outlives its answer; to be called before the database closes."""
    while _pending:
        await asyncio.wait(_pending)
