"""Steps with what can be booked: types of appointments, and recurring services."""

from lifecycle import authored as given
from lifecycle import rules as r
from lifecycle.schedules import Presence
from lifecycle.transition import Axis, Transition
from lifecycle.transitions.base import AUTHOR, BOOKER

SERVICES = (
    Transition(Axis.APPOINTMENT_TYPE, "add", (), Presence.PRESENT, AUTHOR, "Makes a type of appointments.", given.AddType),
    Transition(
        Axis.SERVICE_TEMPLATE, "add", (), Presence.PRESENT, BOOKER,
        "Begins a recurring service of a client: its appointments of the next weeks are booked by themselves.", given.AddTemplate,
        rules=(r.CLIENT_INACTIVE, r.SAMPLE_ONLY),
    ),
    Transition(
        Axis.SERVICE_TEMPLATE, "remove", (Presence.PRESENT,), Presence.REMOVED, BOOKER,
        "Ends a recurring service: nothing more is booked, and what is booked stays.", reaches_client=False, undoable=True,
    ),
)  # fmt: skip
