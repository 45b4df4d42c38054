"""Steps with hours and the reports on them: everybody writes their own."""

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.hours import RecordHours, SealReport
from lifecycle.permits import Permit
from lifecycle.transition import Axis, Transition
from lifecycle.vocabulary import RecordState, RunState

_HOURS = Permit(Resource.HOURS)

HOURS = (
    Transition(
        Axis.HOURS, "record", (), RecordState.RECORDED, _HOURS,
        "Records hours of your own that have no session here. An entry is never changed; another may take its place.", RecordHours,
    ),
    Transition(
        Axis.REPORT, "seal", (), RunState.SEALED, _HOURS,
        "Seals the certification report on your own hours: it says the same for ever, whatever becomes of what it was made from.",
        SealReport,
    ),
    Transition(
        Axis.REPORT, "void", (RunState.SEALED,), RunState.VOID, _HOURS,
        "Withdraws a sealed report of your own. What it says stays readable.", rules=(r.NOT_OWN_HOURS,), undoable=True,
    ),
)  # fmt: skip
