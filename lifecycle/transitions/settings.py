"""Steps with what a workspace sets for itself."""

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.permits import Permit
from lifecycle.schedules import Presence
from lifecycle.settings import SetRule, UpdateWorkspace
from lifecycle.transition import Axis, Target, Transition
from lifecycle.transitions.base import ERASER

_RETENTION = Permit(Resource.RETENTION)

SETTINGS = (
    Transition(
        Axis.RETENTION_RULE, "set", (), Presence.PRESENT, _RETENTION,
        "Sets how long records of a category are kept when their client is deleted, in the place of the rule before and of the law of the "
        "country. Deletions that begin from then on go by it; what is sealed already keeps its day.", SetRule, reaches_client=False,
    ),
    Transition(
        Axis.RETENTION_RULE, "remove", (Presence.PRESENT,), Presence.REMOVED, _RETENTION,
        "Removes a rule of the workspace's own: the law of its country holds again, for deletions that begin from then on.",
        reaches_client=False,
    ),
    Transition(
        Axis.WORKSPACE, "update", (Presence.PRESENT,), Target.SAME, Permit(Resource.SETTINGS),
        "Changes the settings of the workspace; what is left out stays as it is.", UpdateWorkspace,
        rules=(r.SWITCHED_OFF_ALONE,), reaches_client=False,
    ),
    Transition(
        Axis.WORKSPACE, "propose_erasure_by_one", (Presence.PRESENT,), Target.SAME, ERASER,
        "Proposes that one member may delete a client's data again. Within a week an owner who is another member can do it, with "
        "`workspaceUpdate(input: {erasureByTwo: false})`; `erasureByTwo: true` drops the proposal.",
        rules=(r.BY_ONE_ALREADY,), reaches_client=False,
    ),
)  # fmt: skip
