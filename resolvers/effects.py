"""What transitions do to other objects: which rows, what is written, and when it can be taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.transition import Axis, Touch
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import (
    AppointmentState,
    CancelSubscription,
    ClientStatus,
    EffectAction,
    EffectKind,
    ScheduleState,
    SubscriptionState,
)
from resolvers.erasure.going import CONTENT, HISTORY
from resolvers.inserts import defer
from resolvers.sql import assignment, listed, rows
from resolvers.steps import Found
from storage.tables.appointments import Appointment, Attendance, ServiceTemplate
from storage.tables.billing import Estimate, Invoice, Payment
from storage.tables.clients import Client
from storage.tables.content import FormResponse
from storage.tables.conversations import ClientDocument, Conversation, Message
from storage.tables.operations import ScheduledTransition, Suggestion
from storage.tables.packages import Enrollment, Purchase, Subscription
from storage.tables.workspace import LoginSession


@dataclass(frozen=True, slots=True)
class Setting:
    """What effects look at when they write. `status` is the client's status after the step."""

    now: datetime
    batch: UUID
    status: ClientStatus | None
    given: Any


@dataclass(frozen=True, slots=True)
class Effect:
    """Rows `t` where a condition holds get `values`; `column` is what they are remembered by. Without `values` they are deleted, once the
    step is taken, by `resolvers/erasure/`.

    `minutes` is SQL for the time that certification may count. `lasting` is the condition under which a row can be given back, in which
    `:at` is the instant of the step, and `lost` why it cannot where that fails; without `lasting` nothing is given back.
    """

    table: type[Any]
    column: str
    where: str
    values: Callable[[Setting], Mapping[str, Any]] | None
    minutes: str = "0"
    lasting: str = ""
    lost: str = ""
    clears: tuple[str, ...] = ()
    keys: str = ""  # SQL of the keys of the rows, where that is how they are found

    @property
    def was(self) -> str:
        """SQL of what a row is remembered by; NULL where that says nothing, or is never given back."""
        return "NULL" if self.column in ("id", "removed_at", "dismissed_at", "generated_until") else f"t.{self.column}"


_THEIRS: Final = "t.client_id = :whom"
_AHEAD: Final = f"{_THEIRS} AND t.state = 'BOOKED' AND t.starts_at > :now"
_PLACES: Final = f"{_THEIRS} AND t.state = 'BOOKED' AND t.at > :now"
_RECOUNTED: Final = " AND t.counting_status <> :status"
_STILL_AHEAD: Final = "t.starts_at > :now"


def _removed(setting: Setting) -> Mapping[str, Any]:
    return {"state": AppointmentState.REMOVED, "removed_batch_id": setting.batch}


def _ended(setting: Setting) -> Mapping[str, Any]:
    if setting.given.cancel_subscription is CancelSubscription.NOW:
        return {"state": SubscriptionState.CANCELLED, "ended_at": setting.now}
    return {"state": SubscriptionState.ENDING}


def _unscheduled(setting: Setting) -> Mapping[str, Any]:
    return {"state": ScheduleState.CANCELLED, "finished_at": setting.now, "outcome": "NO_LONGER_APPLIES"}


def _outdated() -> str:
    """Condition that a step with a client does not start from the new status; the table of transitions says so."""
    steps = [step for step in TRANSITIONS if step.axis is Axis.CLIENT and not step.makes]
    parts = []
    for status in ClientStatus:
        names = ", ".join(f"'{step.name}'" for step in steps if status not in step.before)
        parts.append(f"(:status = '{status}' AND t.transition IN ({names}))")
    return " OR ".join(parts)


_PENDING: Final = "t.state = 'PENDING'"
_NOT_MADE_AGAIN: Final = (
    "NOT EXISTS (SELECT 1 FROM suggestion x WHERE x.workspace_id = :workspace AND x.subject_id = t.subject_id"
    " AND x.transition = t.transition AND x.reason = t.reason AND x.dismissed_at IS NULL)"
)


def _deleted(table: type[Any], *more: str, minutes: str = "0") -> Effect:
    """Rows that go with a deletion, by the table that it goes by. Of several kinds an index finds each, and none holds a row of another."""
    name = str(table.__tablename__)
    kinds = [*(one.theirs for one in (*HISTORY, *CONTENT) if one.table == name), *more]
    kinds = [kind.replace(":client", ":whom") for kind in kinds]
    if len(kinds) == 1:
        return Effect(table, "id", kinds[0].replace("x.", "t."), None, minutes)
    keys = " UNION ALL ".join(f"SELECT x.id FROM {name} x WHERE x.workspace_id = :workspace AND {kind}" for kind in kinds)
    return Effect(table, "id", f"t.id IN ({keys})", None, minutes, keys=keys)


K, A = EffectKind, EffectAction

EFFECTS: Final[Mapping[tuple[EffectKind, EffectAction], Effect]] = {
    (K.SESSIONS, A.REVOKE): Effect(
        LoginSession,
        "id",
        f"{_THEIRS} AND t.revoked_at IS NULL AND t.expires_at > :now",
        lambda setting: {"revoked_at": setting.now, "revoked_reason": "access ended"},
    ),
    (K.APPOINTMENTS, A.REMOVE): Effect(
        Appointment,
        "state",
        _AHEAD,
        lambda setting: {**_removed(setting), "version": None},
        "t.planned_minutes",
        _STILL_AHEAD,
        "IN_THE_PAST",
        ("removed_batch_id",),
    ),
    (K.ATTENDANCES, A.REMOVE): Effect(Attendance, "state", _PLACES, _removed, "0", "t.at > :now", "IN_THE_PAST", ("removed_batch_id",)),
    (K.APPOINTMENTS, A.RESTAMP): Effect(
        Appointment,
        "counting_status",
        _AHEAD + _RECOUNTED,
        lambda setting: {"counting_status": setting.status, "version": None},
        "t.planned_minutes",
        f"{_STILL_AHEAD} AND t.state = 'BOOKED'",
        "STARTED",
    ),
    (K.ATTENDANCES, A.RESTAMP): Effect(
        Attendance,
        "counting_status",
        _PLACES + _RECOUNTED,
        lambda setting: {"counting_status": setting.status},
        "0",
        "t.at > :now AND t.state = 'BOOKED'",
        "STARTED",
    ),
    (K.SERVICE_TEMPLATES, A.REMOVE): Effect(
        ServiceTemplate,
        "removed_at",
        f"{_THEIRS} AND t.removed_at IS NULL",
        lambda setting: {"removed_at": setting.now, "removed_batch_id": setting.batch},
        lasting="1 = 1",
        clears=("removed_batch_id",),
    ),
    (K.SUBSCRIPTIONS, A.END): Effect(
        Subscription,
        "state",
        "t.enrollment_id = :subject AND t.state = 'LIVE'",
        _ended,
        lasting="(t.state = 'ENDING' AND t.ended_at IS NULL OR t.state = 'CANCELLED' AND t.ended_at = :at)",
        lost="CHANGED",
        clears=("ended_at",),
    ),
    (K.SCHEDULES, A.CANCEL): Effect(
        ScheduledTransition,
        "state",
        f"{_PENDING} AND (t.subject_id = :subject OR t.client_id = :subject)",
        _unscheduled,
        lasting="t.due_at > :now",
        lost="IN_THE_PAST",
        clears=("finished_at", "outcome"),
    ),
    (K.SCHEDULES, A.REMOVE): Effect(
        ScheduledTransition,
        "state",
        f"{_PENDING} AND t.subject_id = :subject AND ({_outdated()})",
        _unscheduled,
        lasting="t.due_at > :now",
        lost="IN_THE_PAST",
        clears=("finished_at", "outcome"),
    ),
    (K.SCHEDULES, A.SUPERSEDE): Effect(
        ScheduledTransition, "state", f"{_PENDING} AND t.subject_id = :subject AND t.cause IS NOT NULL", _unscheduled
    ),
    (K.SUGGESTIONS, A.DISMISS): Effect(
        Suggestion,
        "dismissed_at",
        "t.dismissed_at IS NULL AND (t.subject_id = :subject OR t.client_id = :subject)",
        lambda setting: {"dismissed_at": setting.now},
        lasting=_NOT_MADE_AGAIN,
        lost="CHANGED",
    ),
    (K.SERVICE_TEMPLATES, A.RESUME): Effect(
        ServiceTemplate,
        "generated_until",
        f"{_THEIRS} AND t.removed_at IS NULL AND t.generated_until IS NOT NULL",
        lambda _setting: {"generated_until": None},
    ),
    (K.CLIENTS, A.PROMOTE): Effect(
        Client,
        "status",
        "t.id = :whom AND t.status = 'PROSPECT'",
        lambda setting: {"status": setting.status, "status_since": setting.now, "version": None},
    ),
    (K.APPOINTMENTS, A.DELETE): _deleted(Appointment, minutes="COALESCE(t.actual_minutes, t.planned_minutes)"),
    (K.SERVICE_TEMPLATES, A.DELETE): _deleted(ServiceTemplate),
    (K.ATTENDANCES, A.DELETE): _deleted(Attendance),
    (K.CONVERSATIONS, A.DELETE): _deleted(Conversation),
    (K.MESSAGES, A.DELETE): _deleted(Message, "x.conversation_id = :subject"),
    (K.ESTIMATES, A.DELETE): _deleted(Estimate),
    (K.INVOICES, A.DELETE): _deleted(Invoice),
    (K.PAYMENTS, A.DELETE): _deleted(Payment),
    (K.DOCUMENTS, A.DELETE): _deleted(ClientDocument),
    (K.ANSWERS, A.DELETE): _deleted(FormResponse),
    (K.ENROLLMENTS, A.DELETE): _deleted(Enrollment),
    (K.ENROLLMENTS, A.CLOSE): Effect(Enrollment, "id", f"{_THEIRS} AND t.state <> 'DELETED'", None),
    (K.PURCHASES, A.DELETE): _deleted(Purchase),
}

_used = {(touch.kind, touch.action) for transition in TRANSITIONS for touch in transition.touches}
if _used != EFFECTS.keys():
    raise TypeError(f"effects without code: {_used - EFFECTS.keys()}; code without use: {EFFECTS.keys() - _used}")


async def find(session: AsyncSession, touches: Sequence[Touch], parameters: Mapping[str, object], *, counted: bool = False) -> list[Found]:
    """What each of the touches would do now, in one statement; `counted`, how many rows a deletion takes, and not which."""
    found = [Found(touch.kind, touch.action) for touch in touches]
    minutes, numbers = [0] * len(found), [0] * len(found)
    sql = _question(tuple((touch.kind, touch.action) for touch in touches), counted)
    for number, key, was, took, many in await rows(session, sql, parameters) if sql else ():
        if key is None:
            numbers[number] = many
        else:
            found[number].was[key] = was
        minutes[number] += took
    whole = zip(found, minutes, numbers, strict=True)
    return [Found(one.kind, one.action, dict(sorted(one.was.items())), took, many) for one, took, many in whole if one.was or many]


@cache
def _question(touches: tuple[tuple[EffectKind, EffectAction], ...], counted: bool) -> str:
    """Statement that finds the rows of all these touches, each with the number of its touch."""
    parts = []
    for number, touch in enumerate(touches):
        effect = EFFECTS[touch]
        rows_of, where = f"{effect.table.__tablename__} t", f" WHERE t.workspace_id = :workspace AND {effect.where}"
        told = f"t.id AS id, {effect.was} AS was, {effect.minutes} AS minutes, 0 AS many"
        if counted and effect.values is None:
            minutes = f"CAST(COALESCE(SUM({effect.minutes}), 0) AS INTEGER)"
            told = f"CAST(NULL AS UUID) AS id, NULL AS was, {minutes} AS minutes, COUNT(*) AS many"
            if effect.keys and effect.minutes == "0":  # the keys alone say how many
                rows_of, where = f"({effect.keys}) t", ""
        parts.append(f"SELECT {number} AS n, {told} FROM {rows_of}{where}")
    return " UNION ALL ".join(parts)


async def apply(session: AsyncSession, workspace: UUID, found: Sequence[Found], setting: Setting) -> None:
    """Do to these rows what their touches say."""
    for one in found:
        effect = EFFECTS[one.kind, one.action]
        if effect.values is not None:
            await _write(session, effect.table, workspace, list(one.was), effect.values(setting))


async def _write(session: AsyncSession, table: Any, workspace: UUID, keys: Sequence[str], values: Mapping[str, Any]) -> None:
    for start in range(0, len(keys), 500):
        among, chosen = listed(keys[start : start + 500])
        where = f"workspace_id = :workspace AND id IN {among}"
        await defer(session, *assignment(table.__table__.name, values, where, {"workspace": workspace, **chosen}))
