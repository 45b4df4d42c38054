"""What the tables of transitions share: touches, and who may take a step."""

from typing import Any

from lifecycle.access import Resource
from lifecycle.facts import Facts
from lifecycle.permits import Permit
from lifecycle.transition import Touch
from lifecycle.vocabulary import AccessMode, CancelSubscription, ClientStatus, EffectAction, EffectKind, Grant, Role, Word

#: Statuses whose clients have no login.
WITHOUT_LOGIN = frozenset({ClientStatus.PROSPECT, ClientStatus.INACTIVE})
#: Access modes whose clients have none either.
CLOSED_MODES = frozenset({AccessMode.NONE, AccessMode.PAY_ONLY})

#: Sessions that have not started are counted by the new status of their client.
STAMPS = (Touch(EffectKind.APPOINTMENTS, EffectAction.RESTAMP), Touch(EffectKind.ATTENDANCES, EffectAction.RESTAMP))
REVOKE = Touch(EffectKind.SESSIONS, EffectAction.REVOKE)
UNSCHEDULE = Touch(EffectKind.SCHEDULES, EffectAction.CANCEL)
#: Of what waits, a new status drops what does not start from it.
OUTDATED = Touch(EffectKind.SCHEDULES, EffectAction.REMOVE)
#: What was suggested about an object is settled once somebody decides.
SETTLE = Touch(EffectKind.SUGGESTIONS, EffectAction.DISMISS)


def ends_subscription(given: Any, _facts: Facts, _after: Word | None) -> bool:
    return bool(given.cancel_subscription is not CancelSubscription.NONE)


END = Touch(EffectKind.SUBSCRIPTIONS, EffectAction.END, ends_subscription)

STAFF = Permit(Resource.STATUS)
REACTIVATOR = Permit(Resource.STATUS, grant=Grant.REACTIVATE)
OWNER = Permit(Resource.STATUS, roles=(Role.OWNER,))
ENROLLER = Permit(Resource.ENROLLMENTS)
AUTHOR = Permit(Resource.AUTHORING)
BOOKER = Permit(Resource.APPOINTMENTS)
ERASER = Permit(Resource.ERASURE, grant=Grant.ERASE)
TALKER = Permit(Resource.SUBJECTS, also=(Role.OWNER,))
