"""Steps with steps: those that wait for their day, and those that are suggested to a coach."""

from lifecycle.schedules import SuggestionState
from lifecycle.transition import Axis, Transition
from lifecycle.transitions.base import ENROLLER, STAFF
from lifecycle.vocabulary import ScheduleState

WAITING = (
    Transition(
        Axis.SCHEDULE, "cancel", (ScheduleState.PENDING,), ScheduleState.CANCELLED, STAFF, "Cancels a transition that waits for its day.",
        reaches_client=False,
    ),
    Transition(
        Axis.SUGGESTION, "dismiss", (SuggestionState.OPEN,), SuggestionState.DISMISSED, ENROLLER,
        "Puts a suggestion away. It is followed by taking the step that it names.", reaches_client=False,
    ),
)  # fmt: skip
