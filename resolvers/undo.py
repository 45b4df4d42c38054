"""Taking a step back: the object as it was, and of what the step touched all that can still be given back."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, get_type_hints
from uuid import UUID

import orjson
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.permits import ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.transition import Axis
from lifecycle.transitions import BY_NAME
from lifecycle.transitions.base import REVOKE, STAMPS, WITHOUT_LOGIN
from lifecycle.vocabulary import GONE, AppointmentState, ClientStatus, EffectAction, EffectKind, EnrollmentState, Role
from resolvers import effects, records
from resolvers.acts.base import set_columns
from resolvers.announce import announce
from resolvers.audit import record
from resolvers.callers import Caller
from resolvers.cases import locked
from resolvers.desk import Clerk, Desk, clerk_of
from resolvers.lifecycle import REUSED, TOO_MANY, Rollback, tries
from resolvers.restore import Skipped, restore, taken
from resolvers.sources import SOURCES, seen_by
from resolvers.sql import row
from resolvers.steps import Outcome
from resolvers.subjects import SUBJECTS, Subject
from storage.tables.appointments import Appointment
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.operations import AuditEvent, Batch
from storage.tables.packages import EnrollmentChange, EnrollmentGap

#: Name of the mutation.
UNDO: Final = "transitionUndo"
#: Tables whose rows a step may have added, and an undo takes away.
ADDED: Final[Mapping[str, type[Any]]] = {"enrollment_gap": EnrollmentGap}
_HIDDEN: Final = (ProblemCode.NOT_FOUND, "There is no such step, or its object is not open to you.")


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of an undo."""

    outcome: Outcome
    axis: Axis | None = None
    restored: int = 0
    skipped: tuple[Skipped, ...] = ()


def _refused(code: ProblemCode, message: str) -> Undone:
    return Undone(Outcome(problems=(Problem(code, message, ("batchId",)),)))


async def undo(desk: Desk, caller: Caller, batch: str, key: str | None = None) -> Undone:
    """Take a step back, in one transaction; a refusal changes nothing. `key` makes the request safe to repeat."""

    async def once() -> Undone:
        async with desk.database.write() as session:
            undone = await _keyed(session, desk, await clerk_of(session, caller, desk.now), UUID(batch), key)
            if undone.outcome.problems:
                raise Rollback(undone)
            return undone

    return await tries(once, _refused(TOO_MANY.code, TOO_MANY.message))


async def _keyed(session: AsyncSession, desk: Desk, clerk: Clerk, batch: UUID, key: str | None) -> Undone:
    if key is None:
        return await undo_as(session, desk, clerk, batch)
    digest = hashlib.blake2b(orjson.dumps([UNDO, batch.hex]), digest_size=24).hexdigest()
    given = await _given_before(session, desk, clerk, key, digest)
    if given is not None:
        return given
    undone = await undo_as(session, desk, clerk, batch)
    if undone.outcome.problems:  # perhaps because the same request, sent at the same time, was first in the line
        return await _given_before(session, desk, clerk, key, digest) or undone
    skipped = [[one.kind, one.key, one.because] for one in undone.skipped]
    answer: dict[str, object] = {"axis": undone.axis, "restored": undone.restored, "skipped": skipped}
    answer |= {"subject": undone.outcome.subject, "event": undone.outcome.event}
    records.keep(session, clerk.workspace, clerk.actor.name, key, digest=digest, answer=answer, now=desk.now)
    return undone


async def _given_before(session: AsyncSession, desk: Desk, clerk: Clerk, key: str, digest: str) -> Undone | None:
    earlier = await records.earlier_answer(session, clerk.workspace, clerk.actor.name, key, desk.now)
    if earlier is None:
        return None
    if earlier.request_hash != digest or earlier.response is None:
        return Undone(Outcome(problems=(REUSED,)))
    kept = orjson.loads(earlier.response)
    skipped = tuple(Skipped(EffectKind[kind], one, because) for kind, one, because in kept["skipped"])
    return Undone(Outcome(subject=kept["subject"], event=kept["event"]), Axis(kept["axis"]), kept["restored"], skipped)


async def undo_as(session: AsyncSession, desk: Desk, clerk: Clerk, key: UUID) -> Undone:
    """Take a step back in the caller's transaction. Where it is refused, the caller must roll it back."""
    asked = select(Batch).where(col(Batch.workspace_id) == clerk.workspace, col(Batch.id) == key)
    batch = (await session.exec(asked)).one_or_none()
    if batch is None or batch.transition not in BY_NAME:
        return _refused(*_HIDDEN)
    transition = BY_NAME[batch.transition]
    subject = SUBJECTS[transition.axis]
    if not await _sees(session, clerk, subject, batch.subject_id):
        return _refused(*_HIDDEN)
    actor = clerk.actor
    if actor.kind is not ActorKind.STAFF or (actor.role is not Role.OWNER and actor.name != batch.actor):
        return _refused(ProblemCode.FORBIDDEN, "A step is undone by whoever took it, or by the owner.")
    if not transition.permit.admits(actor):
        return _refused(ProblemCode.FORBIDDEN, f"You may not take this step, and so not take it back. {transition.permit.sentence()}")
    await locked(session, None, transition.axis, {**clerk.parameters, "subject": batch.subject_id.hex})
    await session.refresh(batch)  # whoever was first in the line may have undone it
    if batch.undone_at is not None or batch.undo_until is None or batch.undo_until <= desk.now:
        return _refused(ProblemCode.UNDO_CLOSED, "The time in which this step could be undone is over.")
    current = await session.get_one(subject.table, (clerk.workspace, batch.subject_id))
    if await _is_gone(session, subject, current):
        return _refused(ProblemCode.CONTACT_ERASED, "The contact of this client is deleted.")
    if subject.versioned and current.version != batch.version:
        return _refused(ProblemCode.UNDO_SUPERSEDED, "The object has changed since: undo the later steps first.")
    if transition.name == "appointmentCancel" and current.starts_at > desk.now and await taken(session, current):
        return _refused(ProblemCode.SLOT_TAKEN, "The coach has another session at that time by now.")
    return await _take_back(session, desk, clerk, batch, current)


async def _is_gone(session: AsyncSession, subject: Subject, current: Any) -> bool:
    """Whether the contact of the client, whose object it is, is deleted."""
    client = current if subject.table is Client else None
    if client is None and subject.whom:
        client = await session.get_one(Client, (current.workspace_id, current.client_id))
    return client is not None and client.data_state in GONE


async def _sees(session: AsyncSession, clerk: Clerk, subject: Subject, key: UUID) -> bool:
    seen = seen_by(SOURCES[subject.type_name], clerk.viewer)
    sql = f"SELECT t.id FROM {subject.name} t WHERE t.workspace_id = :workspace AND t.id = :subject{seen}"
    return await row(session, sql, {**clerk.parameters, "subject": key.hex}) is not None


async def _take_back(session: AsyncSession, desk: Desk, clerk: Clerk, batch: Batch, current: Any) -> Undone:
    transition, memory = BY_NAME[batch.transition], orjson.loads(batch.memory)
    subject = SUBJECTS[transition.axis]
    before = _state(subject, current)
    columns = {name: _typed(subject.table, name, value) for name, value in memory["columns"].items()}
    await set_columns(session, subject.table, current, columns, versioned=subject.versioned)
    for table, key in memory["added"]:
        kind = ADDED[table]
        await session.exec(delete(kind).where(col(kind.workspace_id) == clerk.workspace, col(kind.id) == UUID(key)))
    restored = 0
    skipped: list[Skipped] = []
    for kind, action, was in memory["touched"]:
        given_back, lost = await restore(session, desk, batch, (EffectKind[kind], EffectAction[action]), was)
        restored += given_back
        skipped += lost
    await session.refresh(current)
    await _settle(session, desk, clerk, batch, current)
    await _close(session, desk, batch, getattr(current, "version", 0))
    event = _record(session, desk, clerk, batch, current, before=before)
    await session.flush()
    await announce(session, clerk.workspace, [event])
    outcome = Outcome(subject=batch.subject_id.hex, event=event.id.hex)
    return Undone(outcome, transition.axis, restored, tuple(skipped))


async def _settle(session: AsyncSession, desk: Desk, clerk: Clerk, batch: Batch, current: Any) -> None:
    """What follows from the state that is back: without a login no session lives on, and what was booked meanwhile counts by it."""
    if isinstance(current, Appointment):
        client = await session.get_one(Client, (current.workspace_id, current.client_id))
        if current.state is AppointmentState.BOOKED and current.starts_at > desk.now:
            mine = (col(Appointment.workspace_id) == current.workspace_id, col(Appointment.id) == current.id)
            await session.exec(update(Appointment).where(*mine).values(counting_status=client.status))
    if not isinstance(current, Client):
        return
    touches = (*STAMPS, REVOKE) if current.status in WITHOUT_LOGIN else STAMPS
    known = {**clerk.parameters, "whom": current.id.hex, "status": current.status, "now": desk.now}
    found = await effects.find(session, touches, known)
    since = select(Appointment.id).where(col(Appointment.client_id) == current.id, col(Appointment.booked_at) >= batch.at)
    booked = {key.hex for key in await session.exec(since.where(col(Appointment.workspace_id) == current.workspace_id))}
    told = {key for _, _, was in orjson.loads(batch.memory)["touched"] for key in was}
    for one in found:
        late = booked if one.kind is EffectKind.APPOINTMENTS else one.was.keys() - told
        kept = replace(one, was={key: was for key, was in one.was.items() if key in late})
        await effects.apply(session, current.workspace_id, [kept], effects.Setting(desk.now, batch.id, current.status, None))


async def _close(session: AsyncSession, desk: Desk, batch: Batch, version: int) -> None:
    """Close a batch that was undone. The step before it stands on top again, so that it can be undone next."""
    here = col(Batch.workspace_id) == batch.workspace_id
    await session.exec(update(Batch).where(here, col(Batch.id) == batch.id).values(undone_at=desk.now))
    under = orjson.loads(batch.memory).get("version", batch.version - 1)
    before = (col(Batch.subject_id) == batch.subject_id, col(Batch.version) == under, col(Batch.undone_at).is_(None))
    await session.exec(update(Batch).where(here, *before).values(version=version))


def _state(subject: Subject, current: Any) -> str | None:
    """State of an object, where one column holds it."""
    value = getattr(current, subject.state.removeprefix("t."), None) if subject.state.startswith("t.") else None
    return None if value is None else str(value)


def _typed(table: type[Any], name: str, value: Any) -> Any:
    """Value of a column out of JSON."""
    hint = str(get_type_hints(table)[name])
    if value is None:
        return None
    if "datetime" in hint:
        return datetime.fromisoformat(value)
    return UUID(value) if "UUID" in hint else value


def _record(session: AsyncSession, desk: Desk, clerk: Clerk, batch: Batch, current: Any, *, before: str | None) -> AuditEvent:
    """Row of the object's history, and the audit event of the undo."""
    transition = BY_NAME[batch.transition]
    common: dict[str, Any] = {"workspace_id": clerk.workspace, "at": desk.now, "transition": UNDO, "actor": clerk.actor.name}
    client: UUID | None = getattr(current, "client_id", None)
    if transition.axis is Axis.CLIENT:
        client = current.id
        was = ClientStatus[before] if before else None
        now = {"after": current.status, "access_mode": current.access_mode, "data_state": current.data_state, "batch_id": batch.id}
        session.add(ClientStatusChange(client_id=current.id, before=was, **now, **common))
    elif transition.axis is Axis.ENROLLMENT:
        was_in = EnrollmentState[before] if before else None
        now = {"after": current.state, "frozen_at": current.frozen_at, "batch_id": batch.id}
        session.add(EnrollmentChange(enrollment_id=current.id, before=was_in, **now, **common))
    return record(
        session,
        clerk.workspace,
        f"{transition.axis}.undo",
        transition.axis,
        batch.subject_id,
        actor=clerk.actor.name,
        at=desk.now,
        request_id=desk.request_id,
        detail=orjson.dumps({"undone": batch.transition, "batch": batch.id.hex}).decode(),
        member=UUID(clerk.member) if clerk.member else None,
        client=client,
        before=before,
        after=_state(SUBJECTS[transition.axis], current),
    )
