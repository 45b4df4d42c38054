"""Transitions of sessions: `Appointment.state`."""

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.inputs import (
    Complete,
    Reclassify,
)
from lifecycle.permits import Permit
from lifecycle.transition import Axis, Target, Transition
from lifecycle.transitions.base import (
    BOOKER,
)
from lifecycle.vocabulary import (
    AppointmentState,
)

_BOOKED, _HELD = AppointmentState.BOOKED, AppointmentState.COMPLETED

APPOINTMENTS = (
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
