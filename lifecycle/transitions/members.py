"""Steps with the people who work in the workspace."""

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.members import SetTimezone
from lifecycle.permits import Permit
from lifecycle.schedules import Presence
from lifecycle.transition import Axis, Target, Transition
from lifecycle.vocabulary import Role

MEMBERS = (
    Transition(
        Axis.MEMBER, "set_timezone", (Presence.PRESENT,), Target.SAME, Permit(Resource.TEAM, also=tuple(Role)),
        "Sets the time zone of a member, whose days their sessions are in: one's own, or, as the owner, anybody's. Certification reports "
        "are made by it from then on; sealed ones stay as they are.", SetTimezone, rules=(r.NOT_ONESELF,), reaches_client=False,
    ),
)  # fmt: skip
