"""Transitions of the content: `Enrollment.state`."""

from dataclasses import replace
from typing import Any

from lifecycle import rules as r
from lifecycle.facts import Facts
from lifecycle.inputs import (
    Deactivate,
    DeleteEnrollment,
    Enroll,
    ReactivateEnrollment,
)
from lifecycle.transition import Axis, Touch, Transition
from lifecycle.transitions.base import (
    END,
    ENROLLER,
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
        touches=(END, UNSCHEDULE), undoable=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "reactivate", (_FROZEN,), _IN, ENROLLER,
        "Lifts the freeze: the client follows the package again.", ReactivateEnrollment,
        rules=(r.CLIENT_INACTIVE,),
        touches=(UNSCHEDULE,), undoable=True, lifts=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "delete", (_IN, _FROZEN), _GONE, ENROLLER,
        "Removes a client from one package, with all access to its content. NOBODY CAN UNDO IT: to stop new content only, use "
        "`enrollmentDeactivate`.",
        DeleteEnrollment,
        rules=(r.LIVE_SUBSCRIPTION, r.LOGIN_REMAINS),
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE, _is_last_tie), END, UNSCHEDULE), permanent=True,
    ),
)  # fmt: skip
