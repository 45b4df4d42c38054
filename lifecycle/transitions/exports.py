"""The step that hands out what a workspace holds about a person."""

from lifecycle.access import Resource, Standing
from lifecycle.permits import Permit
from lifecycle.problems import ProblemCode
from lifecycle.requests import ExportData
from lifecycle.rules import Rule
from lifecycle.transition import Axis, Target, Transition
from lifecycle.vocabulary import ClientStatus

#: Clients who take their own data by themselves; for the others staff do it, when they ask.
THEMSELVES = (Standing.HOT_LEAD, Standing.ACTIVE, Standing.BUYER, Standing.INACTIVE_READ_ONLY)
REASON_REQUIRED = Rule(
    ProblemCode.REASON_REQUIRED,
    "This is another coach's client: say why their data is exported, which is audited.",
    lambda facts, given: facts.by_staff and not facts.own_client and not (given.reason or "").strip(),
    ("own_client", "by_staff"),
    ("input", "reason"),
)

EXPORTS: tuple[Transition, ...] = (
    Transition(
        Axis.CLIENT, "export", tuple(ClientStatus), Target.SAME, Permit(Resource.STATUS, standings=THEMSELVES),
        "Makes a link to a file with everything that the workspace holds about a client, as far as whoever asks may read it. The file is "
        "made when the link is opened, by whoever holds it, for a day; the link closes when the contact is deleted, and when whoever made "
        "it may no longer take this step.",
        ExportData, rules=(REASON_REQUIRED,),
    ),
)  # fmt: skip
