"""Transitions of what is stored about a client: deletion in two steps, requests for it, and the holds that forbid it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.facts import Facts
from lifecycle.inputs import DeleteData, PlaceHold, Plain, RequestErasure
from lifecycle.permits import Permit
from lifecycle.requests import MakeLink
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.transitions.base import ERASER, REVOKE, SETTLE, UNSCHEDULE
from lifecycle.vocabulary import (
    ClientStatus,
    DataPart,
    DataState,
    EffectAction,
    EffectKind,
    ErasureState,
    Grant,
    HoldState,
    LinkPurpose,
    Role,
    Word,
)

_HISTORY = tuple(
    Touch(kind, EffectAction.DELETE)
    for kind in (
        EffectKind.APPOINTMENTS,
        EffectKind.SERVICE_TEMPLATES,
        EffectKind.ATTENDANCES,
        EffectKind.CONVERSATIONS,
        EffectKind.MESSAGES,
        EffectKind.ESTIMATES,
        EffectKind.INVOICES,
        EffectKind.PAYMENTS,
        EffectKind.DOCUMENTS,
        EffectKind.ANSWERS,
    )
)
_CONTENT = (Touch(EffectKind.ENROLLMENTS, EffectAction.DELETE), Touch(EffectKind.PURCHASES, EffectAction.DELETE))


def _at_the_end(_given: Any, _facts: Facts, after: Word | None) -> bool:
    """Whether the step deletes what was left."""
    return after is DataState.ERASED


def _then(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    return tuple(replace(touch, when=_at_the_end) for touch in touches)


_CLOSED = Touch(EffectKind.ENROLLMENTS, EffectAction.CLOSE, lambda _given, _facts, after: after is DataState.CONTACT_DELETED)
#: Nobody logs in any more, nothing happens by itself any more.
_SILENCE = (REVOKE, UNSCHEDULE, SETTLE)

#: The person asks for it, and takes it back, in the portal and by the link that was made for it.
_ASKER = Permit(Resource.ERASURE, grant=Grant.ERASE, portal=True, link=LinkPurpose.ERASURE)
_HOLDER = Permit(Resource.HOLDS, grant=Grant.HOLD, also=(Role.COACH,))
_PRESENT, _NO_HISTORY, _NO_CONTACT = DataState.PRESENT, DataState.HISTORY_DELETED, DataState.CONTACT_DELETED
_WAITING = (ErasureState.REQUESTED, ErasureState.VERIFIED, ErasureState.SCHEDULED, ErasureState.BLOCKED)
_KEEPS = (r.RECORDS_SEALED, r.HOURS_KEPT, r.UNPAID)

ERASURE = (
    Transition(
        Axis.DATA, "delete_history", (_PRESENT, _NO_HISTORY, _NO_CONTACT), Target.LEFT, ERASER,
        "Deletes the history of a client: appointments, group events attended, messages, estimates, invoices, payments, documents. "
        "NOBODY CAN UNDO IT. The contact remains.",
        Plain,
        rules=(r.ERASURE_RUNNING, r.LEGAL_HOLD, r.IMMEDIATE, r.CONTACT_NEEDED, r.LIVE_SUBSCRIPTION, r.EXPORT_FIRST, *_KEEPS),
        touches=(*_HISTORY, *_then(_CONTENT)), deletes=(DataPart.HISTORY,), permanent=True, reaches_client=False,
    ),
    Transition(
        Axis.DATA, "delete_contact", (_PRESENT, _NO_HISTORY), Target.LEFT, ERASER,
        "Deletes the contact of a client, and the login: nobody can reach them any more. NOBODY CAN UNDO IT. The history remains under "
        "`Deleted client` and their number.",
        DeleteData,
        rules=(r.ERASURE_RUNNING, r.LEGAL_HOLD, r.IMMEDIATE, r.ACTIVE_SUBSCRIPTION, r.HISTORY_NEEDED, r.EXPORT_FIRST, r.UNPAID),
        touches=(*_then((*_HISTORY, *_CONTENT)), _CLOSED, *_SILENCE), deletes=(DataPart.CONTACT,), permanent=True, reaches_client=False,
    ),
    Transition(
        Axis.DATA, "erase", (_PRESENT, _NO_HISTORY, _NO_CONTACT), Target.LEFT, ERASER,
        "Deletes all about a client at once, history and contact. NOBODY CAN UNDO IT. `erasureRequest` does the same after a time in "
        "which it can be cancelled.",
        DeleteData,
        rules=(r.ERASURE_RUNNING, r.LEGAL_HOLD, r.IMMEDIATE, r.ACTIVE_SUBSCRIPTION, r.EXPORT_FIRST, *_KEEPS),
        touches=(*_HISTORY, *_CONTENT, *_SILENCE), deletes=tuple(DataPart), permanent=True, reaches_client=False,
    ),
    Transition(
        Axis.DATA, "request", (_PRESENT, _NO_HISTORY, _NO_CONTACT), Target.SAME, _ASKER,
        "Asks for all about a client to be deleted: `clientErase`, at the end of the workspace's time of grace. It can be cancelled "
        "until then. A request by the client waits for `erasureSchedule`.",
        RequestErasure, noun="erasure",
        rules=(
            *(r.ERASURE_OPEN, r.LEGAL_HOLD, r.ACTIVE_SUBSCRIPTION, r.EXPORT_EXPLAINED),
            *(r.SECOND_MEMBER_SCHEDULES, r.EXPORT_FIRST, *_KEEPS),
        ),
        touches=(*_HISTORY, *_CONTENT), permanent=True, reaches_client=False,
    ),
    Transition(
        Axis.CLIENT, "erasure_link", tuple(ClientStatus), Target.SAME, ERASER,
        "Makes a link by which a client asks for their data to be deleted, and takes that back, without a login. Send it to the address on "
        "file and nowhere else: whoever opens it counts as the client.", MakeLink,
    ),
    Transition(
        Axis.ERASURE, "verify", (ErasureState.REQUESTED,), ErasureState.VERIFIED, ERASER,
        "Says that the person behind a request is the client.", reaches_client=False,
    ),
    Transition(
        Axis.ERASURE, "schedule", (ErasureState.VERIFIED,), ErasureState.SCHEDULED, ERASER,
        "Puts a verified request on its way: it is carried out at the end of the workspace's time of grace.",
        rules=(r.ASKED_BY_SELF,), reaches_client=False,
    ),
    Transition(
        Axis.ERASURE, "cancel", _WAITING, ErasureState.CANCELLED, _ASKER,
        "Cancels a request that is not being carried out yet. Nothing was deleted.", reaches_client=False,
    ),
    Transition(
        Axis.HOLD, "place", (), HoldState.PLACED, _HOLDER,
        "Places a legal hold on a client: nothing of theirs may be deleted. Several may stand at once.", PlaceHold,
        reaches_client=False,
    ),
    Transition(
        Axis.HOLD, "release", (HoldState.PLACED,), HoldState.RELEASED, _HOLDER,
        "Releases a legal hold. An erasure that waited for the last one goes on by itself.", reaches_client=False,
    ),
)  # fmt: skip
