"""Transitions of the content: `Enrollment.state`."""

from dataclasses import replace
from typing import Any

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.facts import Facts
from lifecycle.inputs import (
    Deactivate,
    DeleteEnrollment,
    Enroll,
    ReactivateEnrollment,
    ReportPayment,
)
from lifecycle.permits import Permit
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.transitions.base import (
    END,
    ENROLLER,
    SETTLE,
    STAMPS,
    UNSCHEDULE,
)
from lifecycle.vocabulary import (
    ClientStatus,
    EffectAction,
    EffectKind,
    EnrollmentState,
    Word,
)

_IN, _FROZEN, _GONE = EnrollmentState.ACTIVE, EnrollmentState.DEACTIVATED, EnrollmentState.DELETED


def _is_promoted(_given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.status is ClientStatus.PROSPECT


def _is_last_tie(_given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.status is ClientStatus.BUYER and facts.other_ties == 0


def _is_news(given: Any, facts: Facts, _after: Word | None) -> bool:
    return given.status is not facts.payment_status


ENROLLMENTS = (
    Transition(
        Axis.ENROLLMENT, "create", (), _IN, ENROLLER,
        "Enrolls a client in a package, at the versions of today. A prospect becomes active, or a buyer where it is for reading only.",
        Enroll,
        rules=(r.CLIENT_INACTIVE, r.NOT_OFFERED, r.ALREADY_ENROLLED, r.CLIENT_PROMOTED),
        touches=(Touch(EffectKind.CLIENTS, EffectAction.PROMOTE, _is_promoted), *(replace(touch, when=_is_promoted) for touch in STAMPS)),
    ),
    Transition(
        Axis.ENROLLMENT, "deactivate", (_IN,), _FROZEN, ENROLLER,
        "Freezes the content of one package for one client: they keep what they had at that instant and get nothing new. Reversible. "
        "Not to be confused with `enrollmentDelete`, which takes everything, or `clientMakeInactive`, which ends the relationship.",
        Deactivate,
        rules=(r.LIVE_SUBSCRIPTION, r.WAITS),
        touches=(END, UNSCHEDULE, SETTLE), undoable=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "reactivate", (_FROZEN,), _IN, ENROLLER,
        "Lifts the freeze: the client follows the package again.", ReactivateEnrollment,
        rules=(r.CLIENT_INACTIVE,),
        touches=(UNSCHEDULE, SETTLE), undoable=True, lifts=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "delete", (_IN, _FROZEN), _GONE, ENROLLER,
        "Removes a client from one package, with all access to its content. NOBODY CAN UNDO IT: to stop new content only, use "
        "`enrollmentDeactivate`.",
        DeleteEnrollment,
        rules=(r.LIVE_SUBSCRIPTION, r.LOGIN_REMAINS),
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE, _is_last_tie), END, UNSCHEDULE, SETTLE), permanent=True,
    ),
    Transition(
        Axis.ENROLLMENT, "report_payment", (_IN, _FROZEN), Target.SAME, Permit(Resource.BILLING_STATE),
        "Tells how the payment of an enrollment stands, as a payment provider reports it. What follows, a suggestion or a freeze by "
        "itself, is said by the package; nothing is ever deleted by itself.",
        ReportPayment,
        rules=(r.STEP_SUGGESTED, r.STEP_SCHEDULED),
        touches=(
            Touch(EffectKind.SCHEDULES, EffectAction.SUPERSEDE, _is_news),
            Touch(EffectKind.SUGGESTIONS, EffectAction.DISMISS, _is_news),
        ),
        reaches_client=False,
    ),
)  # fmt: skip
