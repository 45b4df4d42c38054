"""The step that hands out what a workspace holds about a person."""

from lifecycle.access import Resource, Standing
from lifecycle.permits import Permit
from lifecycle.requests import ExportData
from lifecycle.rules import REASON_REQUIRED
from lifecycle.transition import Axis, Target, Transition
from lifecycle.vocabulary import ClientStatus

#: Clients who take their own data by themselves; for the others staff do it, when they ask.
THEMSELVES = (Standing.HOT_LEAD, Standing.ACTIVE, Standing.BUYER, Standing.INACTIVE_READ_ONLY)

EXPORTS: tuple[Transition, ...] = (
    Transition(
        Axis.CLIENT, "export", tuple(ClientStatus), Target.SAME, Permit(Resource.STATUS, standings=THEMSELVES),
        "Makes a link to a file with everything that the workspace holds about a client, as far as whoever asks may read it. The file is "
        "made when the link is opened, by whoever holds it, for a day; the link closes when the contact is deleted, and when whoever made "
        "it may no longer take this step.",
        ExportData, rules=(REASON_REQUIRED,),
    ),
)  # fmt: skip
