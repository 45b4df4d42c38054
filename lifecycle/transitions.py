"""THE table of transitions: who may take which step, from where to where, under which rules, and what else it touches.

A row is all there is to a transition: its mutation and preview, its input, its permission, its place in `availableTransitions`, its event,
its line in the diagram and its tests follow from it.
"""

from dataclasses import replace
from typing import Any

from lifecycle import rules as r
from lifecycle.access import Resource
from lifecycle.facts import Facts
from lifecycle.inputs import (
    AddClient,
    AssignCredentials,
    Complete,
    CorrectStatus,
    Deactivate,
    DeleteEnrollment,
    Enroll,
    MakeInactive,
    ReactivateEnrollment,
    Reclassify,
    RecordPayment,
    SetAccessMode,
    Withdraw,
)
from lifecycle.permits import Permit
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.vocabulary import (
    AccessMode,
    AppointmentState,
    CancelSubscription,
    ClientStatus,
    ContentState,
    ConversationState,
    EffectAction,
    EffectKind,
    EnrollmentState,
    Grant,
    InvoiceState,
    OfferState,
    Role,
    VersionState,
    Word,
)

# fmt: off
PROSPECT, HOT_LEAD, ACTIVE, INACTIVE, BUYER = (
    ClientStatus.PROSPECT, ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.INACTIVE, ClientStatus.BUYER)
# fmt: on

#: Statuses whose clients have no login.
WITHOUT_LOGIN = frozenset({PROSPECT, INACTIVE})
#: Access modes whose clients have none either.
CLOSED_MODES = frozenset({AccessMode.NONE, AccessMode.PAY_ONLY})

_RESTAMP = Touch(EffectKind.APPOINTMENTS, EffectAction.RESTAMP)
_RESTAMP_PLACES = Touch(EffectKind.ATTENDANCES, EffectAction.RESTAMP)
_STAMPS = (_RESTAMP, _RESTAMP_PLACES)
_REVOKE = Touch(EffectKind.SESSIONS, EffectAction.REVOKE)
_UNSCHEDULE = Touch(EffectKind.SCHEDULES, EffectAction.CANCEL)


def _end_subscription(given: Any, _facts: Facts, _after: Word | None) -> bool:
    return bool(given.cancel_subscription is not CancelSubscription.NONE)


def _promotes(_given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.status is PROSPECT


def _last_tie(_given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.status is BUYER and facts.other_ties == 0


_END = Touch(EffectKind.SUBSCRIPTIONS, EffectAction.END, _end_subscription)

STAFF = Permit(Resource.STATUS)
_REACTIVATOR = Permit(Resource.STATUS, grant=Grant.REACTIVATE)
_OWNER = Permit(Resource.STATUS, roles=(Role.OWNER,))
_ENROLLER = Permit(Resource.ENROLLMENTS)
_AUTHOR = Permit(Resource.AUTHORING)
_BOOKER = Permit(Resource.APPOINTMENTS)
_TALKER = Permit(Resource.SUBJECTS, also=(Role.OWNER,))

CLIENTS = (
    Transition(
        Axis.CLIENT, "add", (), PROSPECT, Permit(Resource.CONTACT), "Adds a contact.", AddClient,
        rules=(r.CLIENT_EXISTS_INACTIVE, r.CLIENT_EXISTS, r.SUPPRESSED),
    ),
    Transition(
        Axis.CLIENT, "mark_hot_lead", (PROSPECT, BUYER), HOT_LEAD, STAFF,
        "Marks somebody who is on the verge of hiring. Credentials may be assigned; a buyer keeps the products.",
        touches=_STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "assign_credentials", (HOT_LEAD, ACTIVE), Target.SAME, STAFF,
        "Gives a client a login: a username, and a link by which they choose the password.", AssignCredentials,
        rules=(r.USERNAME_TAKEN,),
    ),
    Transition(
        Axis.CLIENT, "return_to_prospect", (HOT_LEAD,), PROSPECT, STAFF,
        "Takes a hot lead back to prospect; the login closes.",
        touches=(_REVOKE, *_STAMPS), undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "activate", (PROSPECT, HOT_LEAD, BUYER), ACTIVE, STAFF,
        "Starts the working relationship, for free or paid. The portal opens; hours count.",
        touches=_STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "make_inactive", (ACTIVE, HOT_LEAD, BUYER), INACTIVE, STAFF,
        "Ends the working relationship, without a word to the client. Logins close at once; all data stays, except what the options name. "
        "Not to be confused with `enrollmentDeactivate`, which freezes the content of one package.",
        MakeInactive,
        rules=(r.OPEN_BALANCE, r.LIVE_SUBSCRIPTION, r.SERVICES_KEPT),
        touches=(
            _REVOKE,
            Touch(EffectKind.APPOINTMENTS, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_future_services),
            Touch(EffectKind.ATTENDANCES, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_future_services),
            Touch(EffectKind.SERVICE_TEMPLATES, EffectAction.REMOVE, lambda given, _facts, _after: given.delete_templates),
            Touch(EffectKind.APPOINTMENTS, EffectAction.RESTAMP, lambda given, _facts, _after: not given.delete_future_services),
            Touch(EffectKind.ATTENDANCES, EffectAction.RESTAMP, lambda given, _facts, _after: not given.delete_future_services),
            _UNSCHEDULE,
        ),
        undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "reactivate", (INACTIVE,), Target.EARLIER, _REACTIVATOR,
        "Takes the relationship up again, with the status from before. Services removed at the end stay removed: see `transitionUndo`.",
        touches=_STAMPS, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "set_access_mode", (INACTIVE,), Target.SAME, STAFF,
        "Changes what an inactive client may still see.", SetAccessMode,
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE),), undoable=True, bulk=True,
    ),
    Transition(
        Axis.CLIENT, "correct_status", tuple(ClientStatus), Target.CHOSEN, _OWNER,
        "Repairs a status that was entered by mistake. Sessions already held keep their stamp.", CorrectStatus,
        rules=(r.STATUS_OVERRIDDEN,),
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE, lambda _given, _facts, after: after in WITHOUT_LOGIN), *_STAMPS),
        undoable=True,
    ),
)  # fmt: skip

_IN, _FROZEN, _GONE = EnrollmentState.ACTIVE, EnrollmentState.DEACTIVATED, EnrollmentState.DELETED

ENROLLMENTS = (
    Transition(
        Axis.ENROLLMENT, "create", (), _IN, _ENROLLER,
        "Enrolls a client in a package, at the versions of today. A prospect becomes active, or a buyer where it is for reading only.",
        Enroll,
        rules=(r.CLIENT_INACTIVE, r.NOT_OFFERED, r.ALREADY_ENROLLED, r.CLIENT_PROMOTED),
        touches=(Touch(EffectKind.CLIENTS, EffectAction.PROMOTE, _promotes), *(replace(touch, when=_promotes) for touch in _STAMPS)),
    ),
    Transition(
        Axis.ENROLLMENT, "deactivate", (_IN,), _FROZEN, _ENROLLER,
        "Freezes the content of one package for one client: they keep what they had at that instant and get nothing new. Reversible. "
        "Not to be confused with `enrollmentDelete`, which takes everything, or `clientMakeInactive`, which ends the relationship.",
        Deactivate,
        rules=(r.LIVE_SUBSCRIPTION, r.WAITS),
        touches=(_END, _UNSCHEDULE), undoable=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "reactivate", (_FROZEN,), _IN, _ENROLLER,
        "Lifts the freeze: the client follows the package again.", ReactivateEnrollment,
        rules=(r.CLIENT_INACTIVE,),
        touches=(_UNSCHEDULE,), undoable=True, lifts=True, bulk=True,
    ),
    Transition(
        Axis.ENROLLMENT, "delete", (_IN, _FROZEN), _GONE, _ENROLLER,
        "Removes a client from one package, with all access to its content. NOBODY CAN UNDO IT: to stop new content only, use "
        "`enrollmentDeactivate`.",
        DeleteEnrollment,
        rules=(r.LIVE_SUBSCRIPTION, r.LOGIN_REMAINS),
        touches=(Touch(EffectKind.SESSIONS, EffectAction.REVOKE, _last_tie), _END, _UNSCHEDULE), permanent=True,
    ),
)  # fmt: skip

_BOOKED, _HELD = AppointmentState.BOOKED, AppointmentState.COMPLETED

APPOINTMENTS = (
    Transition(
        Axis.APPOINTMENT, "complete", (_BOOKED,), _HELD, _BOOKER, "Records that a session was held.", Complete,
        rules=(r.NOT_STARTED,), reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.APPOINTMENT, "cancel", (_BOOKED,), AppointmentState.CANCELLED, _BOOKER, "Cancels a session that was not held.",
        reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.APPOINTMENT, "mark_no_show", (_BOOKED,), AppointmentState.NO_SHOW, _BOOKER, "Records that the client did not come.",
        rules=(r.NOT_STARTED,), reaches_client=False, undoable=True,
    ),
    Transition(
        Axis.APPOINTMENT, "reclassify", (_BOOKED, _HELD), Target.SAME, Permit(Resource.HOURS),
        "Overrides whether a session counts for certification. The report shows the override and its reason.", Reclassify,
        reaches_client=False, undoable=True,
    ),
)  # fmt: skip

CONVERSATIONS = (
    Transition(
        Axis.CONVERSATION, "close", (ConversationState.OPEN,), ConversationState.CLOSED, _TALKER,
        "Takes a conversation out of the inbox; nothing is deleted.", reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CONVERSATION, "reopen", (ConversationState.CLOSED,), ConversationState.OPEN, _TALKER,
        "Puts a conversation back into the inbox.", reaches_client=False, undoable=True,
    ),
)  # fmt: skip

CONTENT = (
    Transition(
        Axis.PACKAGE, "archive", (OfferState.OFFERED,), OfferState.ARCHIVED, _AUTHOR,
        "Stops offering a package: nobody new is enrolled, those who are in it stay.", undoable=True,
    ),
    Transition(
        Axis.PACKAGE, "restore", (OfferState.ARCHIVED,), OfferState.OFFERED, _AUTHOR, "Offers an archived package again.", undoable=True,
    ),
    Transition(
        Axis.MODULE, "archive", (ContentState.PRESENT,), ContentState.ARCHIVED, _AUTHOR,
        "Takes a module out of use. Clients frozen before keep it; all others lose it.", undoable=True,
    ),
    Transition(
        Axis.MODULE, "restore", (ContentState.ARCHIVED,), ContentState.PRESENT, _AUTHOR, "Brings an archived module back.",
        undoable=True, lifts=True,
    ),
    Transition(
        Axis.MODULE, "withdraw", (ContentState.PRESENT, ContentState.ARCHIVED), ContentState.WITHDRAWN, _AUTHOR,
        "Withdraws a module from everybody, frozen clients too. NOBODY CAN UNDO IT.", Withdraw, permanent=True,
    ),
    Transition(
        Axis.MODULE_VERSION, "publish", (VersionState.DRAFT,), VersionState.PUBLISHED, _AUTHOR,
        "Publishes a version of a module: active enrollments that follow the latest version see it from now on, frozen ones do not. "
        "It can never be changed again.", permanent=True,
    ),
    Transition(
        Axis.DOCUMENT, "withdraw", (ContentState.PRESENT,), ContentState.WITHDRAWN, _AUTHOR,
        "Withdraws a document from everybody, frozen clients too. NOBODY CAN UNDO IT.", Withdraw, permanent=True,
    ),
)  # fmt: skip

INVOICES = (
    Transition(
        Axis.INVOICE, "issue", (InvoiceState.DRAFT,), InvoiceState.OPEN, Permit(Resource.INVOICES), "Issues a draft to the client.",
    ),
    Transition(
        Axis.INVOICE, "record_payment", (InvoiceState.OPEN,), InvoiceState.PAID, Permit(Resource.INVOICES),
        "Records that an invoice was paid in full.", RecordPayment, reaches_client=False,
    ),
    Transition(
        Axis.INVOICE, "void", (InvoiceState.DRAFT, InvoiceState.OPEN), InvoiceState.VOID, Permit(Resource.INVOICES),
        "Cancels an invoice, and keeps it for the books. NOBODY CAN UNDO IT.", permanent=True, reaches_client=False,
    ),
)  # fmt: skip

TRANSITIONS: tuple[Transition, ...] = (*CLIENTS, *ENROLLMENTS, *APPOINTMENTS, *CONVERSATIONS, *CONTENT, *INVOICES)
BY_NAME: dict[str, Transition] = {transition.name: transition for transition in TRANSITIONS}
if len(BY_NAME) != len(TRANSITIONS):
    raise TypeError("two transitions share a name")
