"""What each transition writes on its own object, and the rows it adds beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import SQLModel, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.decide import Decision
from lifecycle.facts import Facts
from lifecycle.rules import mode_after
from lifecycle.transition import Axis
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import AccessMode, ClientStatus, ContentState, EnrollmentState, InvoiceState
from resolvers.steps import Step
from resolvers.subjects import SUBJECTS
from storage.errors import Conflict
from storage.tables.billing import Payment
from storage.tables.clients import ClientStatusChange
from storage.tables.packages import EnrollmentChange, EnrollmentGap


@dataclass(slots=True)
class Act:
    """A step being taken: who, when, on what, and what was decided. `row` is the object as it was before."""

    step: Step
    facts: Facts
    decision: Decision
    row: Any
    workspace: UUID
    actor: str
    now: datetime
    batch: UUID

    @property
    def given(self) -> Any:
        return self.step.given

    @property
    def subject(self) -> UUID:
        key: UUID = self.row.id
        return key

    @property
    def reason(self) -> str | None:
        """Why, in the words of the caller."""
        why = getattr(self.given, "note", None) or getattr(self.given, "reason", None)
        return None if why is None else str(why)


Columns = Mapping[str, Any]


def _client(act: Act) -> Columns:
    after = act.decision.after
    closed = {"access_mode": AccessMode.NONE, "access_until": None}
    return {"status": after, "status_since": act.now, **closed}


def _made_inactive(act: Act) -> Columns:
    mode = {"access_mode": mode_after(act.facts, act.given), "access_until": act.given.access_until}
    return {"status": ClientStatus.INACTIVE, "status_since": act.now, **mode}


def _frozen(act: Act) -> Columns:
    return {"state": act.decision.after, "frozen_at": act.now, "frozen_reason": act.given.reason}


def _thawed(act: Act) -> Columns:
    return {"state": act.decision.after, "frozen_at": None, "frozen_reason": None}


def _enrollment_deleted(act: Act) -> Columns:
    return {"state": act.decision.after, "deleted_at": act.now, "deleted_reason": act.given.reason}


def _completed(act: Act) -> Columns:
    given = act.given
    said = {"actual_minutes": given.actual_minutes, "compensation": given.compensation}
    return {"state": act.decision.after, **{name: value for name, value in said.items() if value is not None}}


def _state(act: Act) -> Columns:
    return {"state": act.decision.after}


def _archived(act: Act) -> Columns:
    return {"archived_at": None if act.decision.after in (ContentState.PRESENT, "OFFERED") else act.now}


def _withdrawn(act: Act) -> Columns:
    return {"withdrawn_at": act.now, "withdrawn_reason": act.given.reason}


#: Columns of the object after the step, by the name of the transition.
WRITES: Final[Mapping[str, Callable[[Act], Columns]]] = {
    "clientMarkHotLead": _client,
    "clientReturnToProspect": _client,
    "clientActivate": _client,
    "clientReactivate": _client,
    "clientCorrectStatus": _client,
    "clientMakeInactive": _made_inactive,
    "clientSetAccessMode": lambda act: {"access_mode": act.given.access_mode, "access_until": act.given.access_until},
    "enrollmentDeactivate": _frozen,
    "enrollmentReactivate": _thawed,
    "enrollmentDelete": _enrollment_deleted,
    "appointmentComplete": _completed,
    "appointmentCancel": _state,
    "appointmentMarkNoShow": _state,
    "appointmentReclassify": lambda act: {"counts_override": act.given.counts, "override_reason": act.given.reason},
    "conversationClose": _state,
    "conversationReopen": _state,
    "packageArchive": _archived,
    "packageRestore": _archived,
    "moduleArchive": _archived,
    "moduleRestore": _archived,
    "moduleWithdraw": _withdrawn,
    "moduleVersionPublish": lambda act: {"published_at": act.now},
    "documentWithdraw": _withdrawn,
    "invoiceIssue": lambda act: {"state": InvoiceState.OPEN, "issued_at": act.now},
    "invoiceRecordPayment": lambda act: {"state": InvoiceState.PAID, "paid_at": act.now},
    "invoiceVoid": _state,
}


def _gap(act: Act) -> list[SQLModel]:
    if act.given.grant_missed_content:
        return []
    since = act.row.frozen_at
    return [EnrollmentGap(workspace_id=act.workspace, enrollment_id=act.subject, from_at=since, until_at=act.now)]


def _payment(act: Act) -> list[SQLModel]:
    invoice = act.row
    paid = {"amount_minor": invoice.amount_minor, "currency": invoice.currency, "method": act.given.method, "paid_at": act.now}
    return [Payment(workspace_id=act.workspace, client_id=invoice.client_id, invoice_id=invoice.id, **paid)]


#: Rows that stand beside the object after the step.
BESIDE: Final[Mapping[str, Callable[[Act], list[SQLModel]]]] = {"enrollmentReactivate": _gap, "invoiceRecordPayment": _payment}


async def write(session: AsyncSession, act: Act) -> tuple[Columns, list[SQLModel]]:
    """Change the object where it is as it was decided upon; the columns written and the rows added."""
    transition = act.step.transition
    subject = SUBJECTS[transition.axis]
    columns = WRITES[transition.name](act)
    await compare_and_set(session, subject.table, act.row, columns, versioned=subject.versioned)
    added = BESIDE[transition.name](act) if transition.name in BESIDE else []
    session.add_all(added)
    return columns, added


async def compare_and_set(session: AsyncSession, table: type[Any], row: Any, columns: Columns, *, versioned: bool) -> None:
    """The one statement that writes a state: it finds nothing where the row is no longer the one that was judged."""
    same = [col(getattr(table, name)).is_not_distinct_from(getattr(row, name)) for name in columns]
    if versioned:
        same.append(col(table.version) == row.version)
        columns = {**columns, "version": row.version + 1}
    these = (col(table.workspace_id) == row.workspace_id, col(table.id) == row.id, *same)
    changed = await session.exec(update(table).where(*these).values(**columns).execution_options(synchronize_session=False))
    if changed.rowcount != 1:
        raise Conflict("object changed meanwhile", retry=True)


def history(act: Act) -> list[SQLModel]:
    """Row of the object's own history, where its axis keeps one."""
    match act.step.transition.axis:
        case Axis.CLIENT:
            return [status_change(act, act.subject, act.facts.status, act.decision.after, _mode(act))]
        case Axis.ENROLLMENT:
            return [_enrollment_change(act)]
        case _:
            return []


def status_change(act: Act, client: UUID, before: ClientStatus | None, after: Any, mode: AccessMode = AccessMode.NONE) -> SQLModel:
    return ClientStatusChange(
        workspace_id=act.workspace,
        client_id=client,
        before=before,
        after=after,
        access_mode=mode,
        data_state=act.facts.data_state,
        at=act.now,
        transition=act.step.transition.name,
        actor=act.actor,
        reason=act.reason,
        batch_id=act.batch,
    )


def _enrollment_change(act: Act) -> SQLModel:
    before, after, name = act.facts.state, act.decision.after, act.step.transition.name
    if after is None:
        raise ValueError("a step of an enrollment leads to a state")
    return EnrollmentChange(
        workspace_id=act.workspace,
        enrollment_id=act.subject,
        before=None if before is None else EnrollmentState[before],
        after=EnrollmentState[after],
        frozen_at=act.now if name == "enrollmentDeactivate" else None,
        at=act.now,
        transition=name,
        actor=act.actor,
        reason=act.reason,
        batch_id=act.batch,
    )


def _mode(act: Act) -> AccessMode:
    match act.step.transition.name:
        case "clientMakeInactive":
            return mode_after(act.facts, act.given)
        case "clientSetAccessMode":
            mode: AccessMode = act.given.access_mode
            return mode
        case _:
            return AccessMode.NONE


#: Transitions whose object is made, or written, by functions of `resolvers/makers.py`.
ELSEWHERE: Final = frozenset({"clientAssignCredentials"})

_written = {transition.name for transition in TRANSITIONS if not transition.makes} - ELSEWHERE
if _written != WRITES.keys():
    raise TypeError(f"transitions that write nothing: {_written - WRITES.keys()}; writes of no transition: {WRITES.keys() - _written}")
