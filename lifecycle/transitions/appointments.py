"""Transitions of sessions: `Appointment.state`."""

from dataclasses import replace
from typing import Any

from lifecycle import rules as r
from lifecycle import rules_portal as p
from lifecycle.access import Resource, Standing
from lifecycle.facts import Facts
from lifecycle.inputs import (
    Complete,
    Reclassify,
)
from lifecycle.permits import Permit
from lifecycle.requests import Book, BookSample, Reschedule
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.transitions.base import (
    BOOKER,
    STAMPS,
)
from lifecycle.vocabulary import (
    AppointmentState,
    EffectAction,
    EffectKind,
    Word,
)

_BOOKED, _HELD = AppointmentState.BOOKED, AppointmentState.COMPLETED

#: Clients who book for themselves; what they may book, the rules say.
BOOKING = (Standing.HOT_LEAD, Standing.ACTIVE, Standing.BUYER)


def _warms_up(given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.prospect and given.mark_hot_lead is True


APPOINTMENTS = (
    Transition(
        Axis.APPOINTMENT, "book", (), _BOOKED, Permit(Resource.APPOINTMENTS, standings=BOOKING),
        "Books a session. Prospects and hot leads book sample sessions, buyers those and what they have bought, active clients all. "
        "The status of the client is stamped on the session.",
        Book,
        rules=(p.WHOSE, p.MAY_BOOK, p.TYPE_OFFERED, p.ENROLLMENT_UNKNOWN, p.FROZEN, p.AHEAD, p.SLOT_TAKEN),
        touches=(
            Touch(EffectKind.CLIENTS, EffectAction.PROMOTE, _warms_up), *(replace(touch, when=_warms_up) for touch in STAMPS),
        ),
    ),
    Transition(
        Axis.APPOINTMENT, "book_sample", (), _BOOKED, Permit(Resource.APPOINTMENTS, roles=(), public=True),
        "Books a sample session through the public form. Who is not known yet becomes a prospect.",
        BookSample, rules=(p.SAMPLE_ONLY, p.TYPE_OFFERED, p.AHEAD, p.SLOT_TAKEN), door=True,
    ),
    Transition(
        Axis.APPOINTMENT, "reschedule", (_BOOKED,), Target.SAME, BOOKER, "Moves a session that has not started to another time.",
        Reschedule, rules=(p.STARTED, p.AHEAD, p.SLOT_TAKEN),
    ),
    Transition(
        Axis.APPOINTMENT, "complete", (_BOOKED,), _HELD, BOOKER, "Records that a session was held.", Complete,
        rules=(r.NOT_STARTED,), reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.APPOINTMENT, "cancel", (_BOOKED,), AppointmentState.CANCELLED, BOOKER, "Cancels a session that was not held.",
        reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.APPOINTMENT, "mark_no_show", (_BOOKED,), AppointmentState.NO_SHOW, BOOKER, "Records that the client did not come.",
        rules=(r.NOT_STARTED,), reaches_client=False, undoable=True,
    ),
    Transition(
        Axis.APPOINTMENT, "reclassify", (_BOOKED, _HELD), Target.SAME, Permit(Resource.HOURS),
        "Overrides whether a session counts for certification. The report shows the override and its reason.", Reclassify,
        reaches_client=False, undoable=True,
    ),
)  # fmt: skip
