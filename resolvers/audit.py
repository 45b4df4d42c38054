"""Audit events: who did what to which object, in opaque ids only."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables.operations import AuditEvent


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
