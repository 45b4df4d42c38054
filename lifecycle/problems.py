"""Refusals of business: a code from a closed list, a sentence for a person, and where in the input the cause stands."""

from dataclasses import dataclass

from lifecycle.vocabulary import WarningCode, Word


class ProblemCode(Word):
    """Why a mutation changed nothing."""

    WRONG_CREDENTIALS = "WRONG_CREDENTIALS", "Username and password do not belong together; says nothing about which of the two is wrong."
    NO_ACCESS = "NO_ACCESS", "Person is known, and nothing is open to them now."
    CHOOSE_WORKSPACE = "CHOOSE_WORKSPACE", "Person is known in several places; sign in again with one of the choices."
    TRY_LATER = "TRY_LATER", "Too much is being done at this moment; the same request may succeed in a few seconds."
    REFRESH_TOKEN_INVALID = "REFRESH_TOKEN_INVALID", "Refresh token is unknown, expired, or of a session that has ended."
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED", "Refresh token was used before; its session is revoked, sign in again."
    CROSS_SITE = "CROSS_SITE", "Session cookie does not count: the header `Portico-Session: cookie` is missing, or the origin may not call."
    NOT_SIGNED_IN = "NOT_SIGNED_IN", "Mutation needs a live login session, and an API key is none."
    INVALID_INPUT = "INVALID_INPUT", "Value of the input is outside of what its description allows."
    NOT_FOUND = "NOT_FOUND", "Object does not exist, or is not open to the caller; the answer is the same."
    FORBIDDEN = "FORBIDDEN", "Object is open to the caller, and the step is not: it takes another role, a grant, or another status."
    INVALID_TRANSITION = "INVALID_TRANSITION", "Step does not start from the state the object is in; see `availableTransitions`."
    ALREADY_IN_STATE = "ALREADY_IN_STATE", "Object is already in the state the step leads to; it is answered as it is."
    IRREVERSIBLE = "IRREVERSIBLE", "Object is in a state that nobody can undo."
    CONTACT_ERASED = "CONTACT_ERASED", "Contact of the client is deleted: nothing can be sent to them or done with them."
    CONFLICT = "CONFLICT", "Object has another version than `expectedVersion`: somebody changed it; it is answered as it is."
    KEY_REUSED = "KEY_REUSED", "Idempotency key was used before with another mutation or other arguments."
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED", "Step cannot be undone: it takes the `token` of its preview."
    TOKEN_INVALID = "TOKEN_INVALID", "Token is of another step, object, input or caller, or its time is over: ask for the preview again."
    PLAN_STALE = "PLAN_STALE", "What the step would touch is no longer what its preview showed; `difference` names it."
    CLIENT_EXISTS = "CLIENT_EXISTS", "Client with this e-mail address exists."
    CLIENT_EXISTS_INACTIVE = "CLIENT_EXISTS_INACTIVE", "Client with this e-mail address exists and is inactive: reactivate them instead."
    LEGAL_HOLD = "LEGAL_HOLD", "Legal hold stands on the client: nothing of theirs may be deleted until it is released."
    ACTIVE_SUBSCRIPTION = "ACTIVE_SUBSCRIPTION", "Payment subscription of the client is live: say `cancelSubscription` to end it."
    ERASURE_RUNNING = "ERASURE_RUNNING", "Deletion that was asked for before is not done yet."
    SECOND_MEMBER_NEEDED = (
        "SECOND_MEMBER_NEEDED",
        "Step takes two members here: one asks with `erasureRequest` or proposes the change, and another carries it out.",
    )
    SUPPRESSED = "SUPPRESSED", "Address belongs to somebody who was deleted and must not be contacted unless that is acknowledged."
    USERNAME_TAKEN = "USERNAME_TAKEN", "Another account has this username."
    REASON_REQUIRED = "REASON_REQUIRED", "Step takes a reason."
    CLIENT_INACTIVE = "CLIENT_INACTIVE", "Client is inactive: reactivate them first."
    ALREADY_ENROLLED = "ALREADY_ENROLLED", "Client is in this package already."
    NOT_OFFERED = "NOT_OFFERED", "Package or product is not offered any more."
    BOOKING_NOT_ALLOWED_FOR_STATUS = "BOOKING_NOT_ALLOWED_FOR_STATUS", "Status of the client does not admit sessions of this type."
    NOT_IN_THE_FUTURE = (
        "NOT_IN_THE_FUTURE",
        "Session starts in the future, and the step is for one that has started; or the other way round.",
    )
    DRAFT_EXISTS = "DRAFT_EXISTS", "Module has a draft already: change that one, or publish it."
    SLOT_TAKEN = "SLOT_TAKEN", "Coach has another session at that time."
    ENROLLMENT_FROZEN = "ENROLLMENT_FROZEN", "Package is frozen for the client: its sessions cannot be booked."
    LINK_INVALID = "LINK_INVALID", "Link is unknown, made for something else, was used, or its time is over; which of these is not said."
    EXPORT_TOO_LONG = "EXPORT_TOO_LONG", "File would have more lines than its format takes: ask for a shorter period, or another format."
    MESSAGING_CLOSED = "MESSAGING_CLOSED", "Workspace has closed messaging for clients whose packages are all frozen."
    BATCH_REFUSED = "BATCH_REFUSED", "Some objects refuse the step, and it was all or nothing; `results` names them."
    UNDO_CLOSED = "UNDO_CLOSED", "Step can no longer be undone: its time is over, or it was undone before."
    UNDO_SUPERSEDED = "UNDO_SUPERSEDED", "Object has changed since: undo the later steps first."


@dataclass(frozen=True, slots=True)
class Problem:
    """Refusal of a mutation."""

    code: ProblemCode
    message: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """Warning of a mutation or its preview."""

    code: WarningCode
    message: str
