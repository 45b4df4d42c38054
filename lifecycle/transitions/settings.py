"""Steps with what a workspace sets for itself."""

from lifecycle.access import Resource
from lifecycle.permits import Permit
from lifecycle.schedules import Presence
from lifecycle.settings import SetRule
from lifecycle.transition import Axis, Transition

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
)  # fmt: skip
