"""What a step leaves behind, in its own transaction: audit event, announcement, memory for undoing, and the answer under its key."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.inputs import Input, restored, values_of
from lifecycle.transition import Axis
from resolvers.acts.base import Act, Written
from resolvers.inserts import hold
from resolvers.steps import Found, Outcome, Step
from storage.tables.operations import AuditEvent, Batch, IdempotencyRecord

#: How long an answer is kept under its idempotency key.
#: A key is good for a day; kept for two, it outlives a clock that is set forward by one between a request and its repetition.
KEY_LIFETIME: Final = timedelta(hours=48)


def input_json(given: Input) -> bytes:
    """Input as canonical JSON; fields left out and fields given with their default are the same."""
    return orjson.dumps(values_of(given), option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def kept_input(kind: type[Input], text: str) -> Input:
    """Input out of its canonical JSON."""
    return restored(kind, orjson.loads(text))


def request_hash(step: Step) -> str:
    """Hash of all that makes two requests the same."""
    body = [step.transition.name, step.subject, step.expected_version, input_json(step.given).decode()]
    return hashlib.blake2b(orjson.dumps(body), digest_size=24).hexdigest()


@dataclass(frozen=True, slots=True)
class Event:
    """Audit event that was written, as far as it is announced."""

    id: UUID
    at: datetime
    action: str
    subject_kind: str
    subject_id: UUID
    before: str | None
    after: str | None


async def audit(session: AsyncSession, act: Act, request_id: str | None, detail: Mapping[str, object]) -> Event:
    """Audit event of a step."""
    transition, after = act.step.transition, act.decision.after
    event = Event(uuid7(), act.now, transition.event, transition.thing, act.subject, act.facts.state, None if after is None else str(after))
    hold(
        session,
        AuditEvent,
        workspace_id=act.workspace,
        id=event.id,
        at=act.now,
        actor=act.actor.name,
        member_id=act.member,
        action=event.action,
        subject_kind=event.subject_kind,
        subject_id=event.subject_id,
        client_id=act.subject if transition.thing is Axis.CLIENT else act.whom,
        before=event.before,
        after=event.after,
        batch_id=act.batch if transition.undoable else None,
        reason=act.reason,
        detail=orjson.dumps(detail).decode(),
        request_id=request_id,
    )
    return event


def _plain(value: Any) -> Any:
    return value.hex if isinstance(value, UUID) else value


async def remember(session: AsyncSession, act: Act, written: Written, found: Sequence[Found]) -> datetime:
    """Batch by which the step can be undone: what the columns were, what was added, what was touched. Until when it can."""
    memory = {
        "version": getattr(act.row, "version", 0),
        "columns": {name: _plain(getattr(act.row, name)) for name in written.columns},
        "added": [[row.__tablename__, row.id.hex] for row in written.added],
        "touched": [[one.kind, one.action, one.was] for one in found],
    }
    until = act.now + timedelta(hours=act.facts.undo_window_hours)
    hold(
        session,
        Batch,
        workspace_id=act.workspace,
        id=act.batch,
        transition=act.step.transition.name,
        subject_id=act.subject,
        version=getattr(act.row, "version", 0) + 1,
        actor=act.actor.name,
        memory=orjson.dumps(memory, option=orjson.OPT_UTC_Z).decode(),
        at=act.now,
        undo_until=until,
    )
    return until


# -- answers under a key -------------------------------------------------------------------------------------------------


async def earlier_answer(session: AsyncSession, workspace: UUID, actor: str, key: str, now: datetime) -> IdempotencyRecord | None:
    """Answer that was given under the key; expired ones are forgotten."""
    mine = (col(IdempotencyRecord.workspace_id) == workspace, col(IdempotencyRecord.actor) == actor)
    found = (await session.exec(select(IdempotencyRecord).where(*mine, col(IdempotencyRecord.key) == key))).one_or_none()
    if found is not None and found.expires_at <= now:
        await session.exec(delete(IdempotencyRecord).where(*mine, col(IdempotencyRecord.key) == key))
        return None
    return found


def keep_answer(session: AsyncSession, workspace: UUID, actor: str, key: str, *, digest: str, outcome: Outcome, now: datetime) -> None:
    """Keep what came of a step under its key. A secret is not kept: it was shown once."""
    answer = {
        "subject": outcome.subject,
        "warnings": [[caution.code, caution.message] for caution in outcome.warnings],
        "event": outcome.event,
        "batch": outcome.batch,
        "undo_until": outcome.undo_until,
        "scheduled": outcome.scheduled,
        "erasure": outcome.erasure,
    }
    keep(session, workspace, actor, key, digest=digest, answer=answer, now=now)


def keep(session: AsyncSession, workspace: UUID, actor: str, key: str, *, digest: str, answer: Mapping[str, object], now: datetime) -> None:
    """Keep an answer under its key."""
    record: SQLModel = IdempotencyRecord(
        workspace_id=workspace,
        actor=actor,
        key=key,
        request_hash=digest,
        response=orjson.dumps(answer, option=orjson.OPT_UTC_Z).decode(),
        created_at=now,
        expires_at=now + KEY_LIFETIME,
    )
    session.add(record)
