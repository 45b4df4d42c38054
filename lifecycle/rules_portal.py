"""Rules of booking, writing and buying, whoever does it: what the status of a client admits, and what stands in the way."""

from typing import Any

from lifecycle.facts import Facts
from lifecycle.problems import ProblemCode
from lifecycle.rules import Rule
from lifecycle.vocabulary import ClientStatus, EnrollmentState, WarningCode


def _may_book(facts: Facts) -> bool:
    match facts.status:
        case ClientStatus.PROSPECT | ClientStatus.HOT_LEAD:
            return facts.sample
        case ClientStatus.BUYER:
            return facts.sample or facts.sessions_left > 0
        case ClientStatus.INACTIVE:
            return False
    return True


def _frozen(facts: Facts, given: Any) -> bool:
    """A session of a frozen package: one that is named, or that the client books and that comes with no other."""
    if facts.enrollment_state is not None:
        return facts.enrollment_state == EnrollmentState.DEACTIVATED
    return facts.only_frozen and not facts.by_staff and given.enrollment is None


WHOSE = Rule(ProblemCode.INVALID_INPUT, "Name the client.", lambda facts, _: facts.status is None, ("by_staff",), ("input", "client"))
MAY_BOOK = Rule(
    ProblemCode.BOOKING_NOT_ALLOWED_FOR_STATUS,
    "The status of the client does not admit sessions of this kind.",
    lambda facts, _: not _may_book(facts),
    ("sample", "sessions_left"),
    ("input", "type"),
)
SAMPLE_ONLY = Rule(
    ProblemCode.BOOKING_NOT_ALLOWED_FOR_STATUS,
    "The public form books sample sessions only.",
    lambda facts, _: not facts.sample,
    ("sample",),
    ("input", "type"),
)
TYPE_OFFERED = Rule(
    ProblemCode.NOT_OFFERED,
    "Sessions of this kind are not offered any more.",
    lambda facts, _: not facts.type_offered,
    ("type_offered",),
    ("input", "type"),
)
ENROLLMENT_UNKNOWN = Rule(
    ProblemCode.NOT_FOUND,
    "The client has no such enrollment.",
    lambda facts, given: given.enrollment is not None and facts.enrollment_state in (None, EnrollmentState.DELETED),
    ("enrollment_state",),
    ("input", "enrollment"),
)
FROZEN = Rule(
    ProblemCode.ENROLLMENT_FROZEN,
    "The package is frozen: its sessions cannot be booked.",
    _frozen,
    ("enrollment_state", "only_frozen"),
    ("input", "type"),
)
AHEAD = Rule(
    ProblemCode.NOT_IN_THE_FUTURE,
    "A session is booked for a time that is still to come.",
    lambda facts, _: not facts.ahead,
    ("ahead",),
    ("input", "startsAt"),
)
STARTED = Rule(ProblemCode.NOT_IN_THE_FUTURE, "The session has started already.", lambda facts, _: facts.started, ("started",))
SLOT_TAKEN = Rule(
    ProblemCode.SLOT_TAKEN,
    "The coach has another session at that time.",
    lambda facts, _: facts.slot_taken,
    ("slot_taken",),
    ("input", "startsAt"),
)

NOT_OWN_CLIENT = Rule(
    ProblemCode.FORBIDDEN,
    "This is another coach's client: their coach writes to them.",
    lambda facts, _: facts.by_staff and not facts.own_client,
    ("own_client", "by_staff"),
    ("input", "client"),
)
OTHERS_CLIENTS = Rule(
    ProblemCode.FORBIDDEN,
    "Another coach's client takes part: their coach writes to them.",
    lambda facts, _: facts.by_staff and facts.others_clients > 0,
    ("others_clients", "by_staff"),
    ("input", "conversation"),
)
NOBODY_REACHABLE = Rule(
    ProblemCode.CONTACT_ERASED,
    "The contact of everybody in this conversation is deleted.",
    lambda facts, _: facts.reachable == 0,
    ("reachable",),
    ("input", "conversation"),
)
MESSAGING_CLOSED = Rule(
    ProblemCode.MESSAGING_CLOSED,
    "Messages are closed while all of your packages are frozen.",
    lambda facts, _: facts.messaging_closed and not facts.by_staff,
    ("messaging_closed", "by_staff"),
)

ON_SALE = Rule(
    ProblemCode.NOT_OFFERED, "This product is not on sale.", lambda facts, _: not facts.on_sale, ("on_sale",), ("input", "product")
)
COACHING_INCLUDED = Rule(
    WarningCode.COACHING_INCLUDED,
    "The product includes coaching sessions: the client may be one to activate.",
    lambda facts, _: facts.includes_sessions,
    ("includes_sessions",),
)
ADDRESS_TAKEN = Rule(
    ProblemCode.INVALID_INPUT,
    "This address cannot be used here.",
    lambda facts, _: facts.same_email is not None and not facts.by_staff,
    ("same_email", "by_staff"),
    ("input", "email"),
)
