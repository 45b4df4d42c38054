"""The words of the field: every status, state, kind and role, each with the sentence the schema prints for it."""

from enum import StrEnum
from typing import Final


class Word(StrEnum):
    """An enum whose members carry their own description."""

    description: str

    def __new__(cls, value: str, description: str) -> "Word":
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member


class ClientStatus(Word):
    """Relationship of a client with one workspace."""

    PROSPECT = "PROSPECT", "Potential client, friend, family member or referral source; no login; may book a sample session only."
    HOT_LEAD = "HOT_LEAD", "Prospect on the verge of hiring; may be given a login to parts of the portal; their sessions count."
    ACTIVE = "ACTIVE", "Someone working with the coach, for free or paid; logs in to the portal; their sessions count."
    INACTIVE = "INACTIVE", "Former client whose access has ended; all data stays; hours earned keep counting."
    BUYER = "BUYER", "Person who first entered by purchasing a product; reads their own products; set by the system only."


class DataState(Word):
    """What is still stored about a client in one workspace."""

    PRESENT = "PRESENT", "Contact and history are stored."
    HISTORY_DELETED = "HISTORY_DELETED", "The seven kinds of interaction are deleted; the contact remains."
    CONTACT_DELETED = "CONTACT_DELETED", "The contact is removed; the history remains under a pseudonym."
    ERASED = "ERASED", "Nothing about the person remains; terminal, nobody can undo it."


class DataPart(Word):
    """Part of what is stored about a client, which is deleted as one."""

    HISTORY = "HISTORY", "The seven kinds of interaction."
    CONTACT = "CONTACT", "Who the client is, and how they are reached."


#: Data states of a client who can no longer be reached.
GONE: Final = (DataState.CONTACT_DELETED, DataState.ERASED)


class AccessMode(Word):
    """What an inactive client may still see."""

    NONE = "NONE", "Nothing: every login and token is refused."
    PURCHASED_CONTENT = "PURCHASED_CONTENT", "Content of purchases and packages as of the day they became inactive."
    READ_ONLY = "READ_ONLY", "Everything as of the day they became inactive, read only."
    PAY_ONLY = "PAY_ONLY", "Open invoices through a signed link, and nothing else."


class EnrollmentState(Word):
    """Access of a client to the content of one package."""

    ACTIVE = "ACTIVE", "New content reaches the client."
    DEACTIVATED = "DEACTIVATED", "Frozen: the client keeps what they had at `frozenAt`, and gets nothing new."
    DELETED = "DELETED", "The client is removed from the package; terminal, nobody can undo it."


class ContactKind(Word):
    """How a contact came to be known."""

    FRIEND = "FRIEND", "Friend of the coach."
    FAMILY = "FAMILY", "Family member of the coach."
    REFERRAL_SOURCE = "REFERRAL_SOURCE", "Person who refers clients."
    POTENTIAL_CLIENT = "POTENTIAL_CLIENT", "Person who may hire the coach."


class Origin(Word):
    """How a client first entered the workspace; never changes."""

    STAFF = "STAFF", "Added by a member of the workspace."
    INQUIRY = "INQUIRY", "Came through a public form."
    PURCHASE = "PURCHASE", "Registered and purchased a product."
    IMPORT = "IMPORT", "Came with an imported file of contacts."
    REENTRY = "REENTRY", "Came back by their own action after deletion."


class Role(Word):
    """Role of a member in a workspace."""

    OWNER = "OWNER", "Owns the workspace: sees and may do everything, irreversible steps included."
    COACH = "COACH", "Works with their own clients, and sees no others."
    ASSISTANT = "ASSISTANT", "Keeps contacts and bookings; reads no notes, messages or money."
    ACCOUNTANT = "ACCOUNTANT", "Keeps invoices and payments, and the contact data on them."
    ANALYST = "ANALYST", "Reads numbers and statuses, and never an identity."


class Grant(Word):
    """Permission given to a member beyond their role."""

    REACTIVATE = "REACTIVATE", "May reactivate an inactive client."
    ERASE = "ERASE", "May delete history, contact, or both."
    HOLD = "HOLD", "May place and release legal holds."


class KeyScope(Word):
    """What an API key is for."""

    READ = "READ", "Reads what its member reads; mutations and previews are refused."
    FULL = "FULL", "Reads what its member reads, and does what they may."


class Billing(Word):
    """How a package is paid."""

    FREE = "FREE", "No payment."
    ONE_TIME = "ONE_TIME", "One payment."
    MONTHLY = "MONTHLY", "A payment every month."
    YEARLY = "YEARLY", "A payment every year."


class ExpiryAction(Word):
    """What happens to an enrollment by itself at expiry or on a declined payment."""

    NONE = "NONE", "Nothing; the coach decides."
    DEACTIVATE = "DEACTIVATE", "The enrollment is deactivated."


class PaymentStatus(Word):
    """Payment of an enrollment, as last reported."""

    NOT_REQUIRED = "NOT_REQUIRED", "The package is free."
    CURRENT = "CURRENT", "Paid so far."
    DECLINED = "DECLINED", "The last payment was declined."
    CANCELLED = "CANCELLED", "The client cancelled the payment subscription."
    EXPIRED = "EXPIRED", "The paid period is over."


class VersionPolicy(Word):
    """Which version of a module an active enrollment follows."""

    LATEST = "LATEST", "The newest published version."
    PINNED = "PINNED", "The version that was newest on the day of enrollment."


class FreezeReason(Word):
    """Why an enrollment was deactivated."""

    PAYMENT_DECLINED = "PAYMENT_DECLINED", "A payment was declined."
    PACKAGE_EXPIRED = "PACKAGE_EXPIRED", "The package has expired."
    SUBSCRIPTION_CANCELLED = "SUBSCRIPTION_CANCELLED", "The client cancelled the subscription."
    COACH_DECISION = "COACH_DECISION", "The coach decided so."


class DeleteReason(Word):
    """Why an enrollment was deleted."""

    CLIENT_REQUESTED = "CLIENT_REQUESTED", "The client no longer wants access."
    COACH_DECISION = "COACH_DECISION", "The coach no longer wants the client to access any material."


class SubscriptionState(Word):
    """State of a payment subscription."""

    LIVE = "LIVE", "Payments are collected."
    ENDING = "ENDING", "Cancelled at the end of the paid period."
    CANCELLED = "CANCELLED", "No payment is collected any more."


class AppointmentState(Word):
    """State of an appointment or of an attendance."""

    BOOKED = "BOOKED", "Planned and not yet held."
    COMPLETED = "COMPLETED", "Held."
    CANCELLED = "CANCELLED", "Cancelled before it was held."
    NO_SHOW = "NO_SHOW", "The client did not come."
    REMOVED = "REMOVED", "Removed when the client became inactive; restorable until the undo window closes."


class Compensation(Word):
    """How a session was paid, in the terms of certification."""

    PAID = "PAID", "Paid by the client."
    PRO_BONO = "PRO_BONO", "Not paid."
    BARTER = "BARTER", "Paid in kind."
    INTERNAL = "INTERNAL", "Part of the coach's employment."
    THIRD_PARTY = "THIRD_PARTY", "Paid by somebody else, such as the client's organisation."


class CoachingKind(Word):
    """Kind of a session, in the terms of certification."""

    INDIVIDUAL = "INDIVIDUAL", "One client."
    GROUP = "GROUP", "Several clients, each with their own goal."
    TEAM = "TEAM", "A team with a common goal."
    INTERNAL = "INTERNAL", "A colleague in the coach's own organisation."
    THIRD_PARTY = "THIRD_PARTY", "A client sent and paid by an organisation."
    MENTOR = "MENTOR", "Mentor coaching received or given; not client coaching."
    SUPERVISION = "SUPERVISION", "Supervision; not client coaching."
    PEER = "PEER", "Coaching exchanged with another coach."


class ConversationState(Word):
    """State of a conversation."""

    OPEN = "OPEN", "In the inbox."
    CLOSED = "CLOSED", "Done, and kept."


class MessageDirection(Word):
    """Who wrote a message."""

    FROM_CLIENT = "FROM_CLIENT", "Written by the client."
    FROM_STAFF = "FROM_STAFF", "Written by a member of the workspace."


class EstimateState(Word):
    """State of an estimate."""

    DRAFT = "DRAFT", "Not sent yet."
    SENT = "SENT", "Waiting for the client."
    ACCEPTED = "ACCEPTED", "Accepted by the client."
    DECLINED = "DECLINED", "Declined by the client."


class InvoiceState(Word):
    """State of an invoice."""

    DRAFT = "DRAFT", "Not issued yet."
    OPEN = "OPEN", "Issued and unpaid."
    PAID = "PAID", "Paid in full."
    VOID = "VOID", "Cancelled, and kept for the books."


class PaymentState(Word):
    """State of a payment."""

    SUCCEEDED = "SUCCEEDED", "Received."
    DECLINED = "DECLINED", "Refused by the bank."
    REFUNDED = "REFUNDED", "Given back."


class PaymentMethod(Word):
    """How a payment was made."""

    CARD = "CARD", "Card."
    BANK_TRANSFER = "BANK_TRANSFER", "Bank transfer."
    DIRECT_DEBIT = "DIRECT_DEBIT", "Direct debit."
    CASH = "CASH", "Cash."


class InteractionKind(Word):
    """The seven kinds of interaction between a client and the business."""

    APPOINTMENT = "APPOINTMENT", "Appointment with the client."
    GROUP_EVENT = "GROUP_EVENT", "Group event the client attended."
    MESSAGE = "MESSAGE", "Message to or from the client."
    ESTIMATE = "ESTIMATE", "Estimate for the client."
    INVOICE = "INVOICE", "Invoice to the client."
    PAYMENT = "PAYMENT", "Payment by the client."
    DOCUMENT = "DOCUMENT", "Document exchanged with the client."


class ConsentPurpose(Word):
    """What a client agreed to."""

    CERT_LOG = "CERT_LOG", "Being named in the coach's certification log."
    RECORDING = "RECORDING", "Recording of sessions."
    MARKETING = "MARKETING", "Marketing announcements."


class CountingBasis(Word):
    """Which status of the client decides whether a session counts."""

    SESSION_START = "SESSION_START", "Status when the session started."
    BOOKING = "BOOKING", "Status when the session was booked."
    CURRENT = "CURRENT", "Status now."


class RunState(Word):
    """State of a sealed certification report."""

    SEALED = "SEALED", "Pinned: later changes never alter it."
    VOID = "VOID", "Withdrawn by the coach; what it says stays readable."


class ErasureState(Word):
    """State of an erasure request."""

    REQUESTED = "REQUESTED", "Asked for, not verified yet."
    VERIFIED = "VERIFIED", "The person behind the request is known."
    SCHEDULED = "SCHEDULED", "In the grace period; may be cancelled."
    RUNNING = "RUNNING", "Being carried out; can no longer be cancelled."
    COMPLETED = "COMPLETED", "Done, with a receipt."
    INCOMPLETE = "INCOMPLETE", "Done, and the search after it found the person in places that are not ours to delete: see the receipt."
    CANCELLED = "CANCELLED", "Cancelled in the grace period."
    BLOCKED = "BLOCKED", "Waiting for a legal hold to be released or a subscription to end; goes on by itself."


class DataCategory(Word):
    """Category of what an erasure deletes; the first seven are the history."""

    APPOINTMENTS = "APPOINTMENTS", "Appointments, and the services that repeat."
    GROUP_EVENTS = "GROUP_EVENTS", "Places in group events; the events and the other people stay."
    MESSAGES = "MESSAGES", "Messages."
    ESTIMATES = "ESTIMATES", "Estimates."
    INVOICES = "INVOICES", "Invoices."
    PAYMENTS = "PAYMENTS", "Payments."
    DOCUMENTS = "DOCUMENTS", "Documents exchanged, and answers to forms."
    CONVERSATIONS = "CONVERSATIONS", "Conversations, places in those of groups, and what was waiting to be sent."
    CONTENT = "CONTENT", "Enrollments, subscriptions and purchases."
    CONTACT = "CONTACT", "Name, addresses, tags, fields, notes, consents, and whatever finds the person."
    LOGIN = "LOGIN", "Login, sessions and links."
    RECORDS = "RECORDS", "Words about the person in records that stay: reasons and remarks."


class HoldState(Word):
    """State of a legal hold."""

    PLACED = "PLACED", "Nothing of the client may be deleted."
    RELEASED = "RELEASED", "The hold stands in nobody's way any more."


class JobState(Word):
    """State of a bulk job."""

    QUEUED = "QUEUED", "Waiting."
    RUNNING = "RUNNING", "Working."
    COMPLETED = "COMPLETED", "Done."
    CANCELLED = "CANCELLED", "Stopped by a member."
    FAILED = "FAILED", "Stopped by a fault."


class ErrorPolicy(Word):
    """What becomes of a step over many objects when some refuse it."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING", "All of them are done in one transaction, or none is; for at most 100 objects."
    SKIP_FAILED = "SKIP_FAILED", "Those that refuse are left as they are, the others are done."


class ItemState(Word):
    """State of an object in a bulk job."""

    WAITING = "WAITING", "Not done yet."
    DONE = "DONE", "Done; `event` tells of it."
    REFUSED = "REFUSED", "Left as it is; `code` tells why."
    LEFT_OUT = "LEFT_OUT", "Left as it is, for the job was stopped before its turn."


class ScheduleState(Word):
    """State of a scheduled transition."""

    PENDING = "PENDING", "Waiting for its day."
    DONE = "DONE", "Carried out."
    CANCELLED = "CANCELLED", "Cancelled by a member, or no longer applicable."


class ContentState(Word):
    """State of a module or a document."""

    PRESENT = "PRESENT", "Offered to whoever is entitled to it."
    ARCHIVED = "ARCHIVED", "Gone for all but the clients frozen before."
    WITHDRAWN = "WITHDRAWN", "Gone for everybody, for a reason such as the law or an error; terminal."


class VersionState(Word):
    """State of a version of a module."""

    DRAFT = "DRAFT", "Being written; staff alone see it."
    PUBLISHED = "PUBLISHED", "Published, and never changed again; terminal."


class OfferState(Word):
    """State of a package."""

    OFFERED = "OFFERED", "Clients may be enrolled."
    ARCHIVED = "ARCHIVED", "Nobody new is enrolled; those who are in it stay."


class RecordState(Word):
    """State of what is written once: a message, an answer, a purchase."""

    RECORDED = "RECORDED", "Written down, and never changed; terminal."


class Effective(Word):
    """When a deactivation takes effect."""

    NOW = "NOW", "At once."
    AT_PAID_THROUGH = "AT_PAID_THROUGH", "At the end of the time that is paid; at once where nothing is."


class CancelSubscription(Word):
    """What happens to the payment subscription behind an enrollment."""

    NONE = "NONE", "Nothing: payments are collected as before."
    AT_PERIOD_END = "AT_PERIOD_END", "It ends with the period that is paid."
    NOW = "NOW", "It ends at once."


class EffectKind(Word):
    """What a transition touches beside its own object."""

    SESSIONS = "SESSIONS", "Login sessions of the client."
    APPOINTMENTS = "APPOINTMENTS", "Appointments of the client."
    ATTENDANCES = "ATTENDANCES", "Places of the client in group events."
    SERVICE_TEMPLATES = "SERVICE_TEMPLATES", "Recurring services of the client."
    SUBSCRIPTIONS = "SUBSCRIPTIONS", "Payment subscriptions."
    ENROLLMENTS = "ENROLLMENTS", "Enrollments of the client."
    SCHEDULES = "SCHEDULES", "Transitions that wait for their day."
    CLIENTS = "CLIENTS", "Clients."
    SUGGESTIONS = "SUGGESTIONS", "Suggestions to the coach."
    MESSAGES = "MESSAGES", "Messages of the client and to them."
    ESTIMATES = "ESTIMATES", "Estimates for the client."
    INVOICES = "INVOICES", "Invoices to the client."
    PAYMENTS = "PAYMENTS", "Payments by the client."
    DOCUMENTS = "DOCUMENTS", "Documents exchanged with the client."
    ANSWERS = "ANSWERS", "Answers of the client to forms."
    CONVERSATIONS = "CONVERSATIONS", "Conversations with the client alone."
    PURCHASES = "PURCHASES", "Products the client bought."


class EffectAction(Word):
    """What a transition does to what it touches."""

    REVOKE = "REVOKE", "Ended at once."
    REMOVE = "REMOVE", "Removed; restorable while the transition can be undone."
    RESTAMP = "RESTAMP", "Status that decides whether the session counts is set anew."
    END = "END", "Ended, at once or with the period that is paid."
    CANCEL = "CANCEL", "Cancelled."
    SUPERSEDE = "SUPERSEDE", "Cancelled, because the state of payment that asked for it has changed."
    DISMISS = "DISMISS", "Put away, because it no longer applies."
    RESUME = "RESUME", "Taken up again from today on."
    PROMOTE = "PROMOTE", "Status changed, so that the client can use what they get."
    DELETE = "DELETE", "Deleted for good: nobody can bring it back."
    CLOSE = "CLOSE", "Closed for good; the record of it stays under a pseudonym."


class WarningCode(Word):
    """What a coach should know before and after a transition; nothing was refused."""

    OPEN_BALANCE = "OPEN_BALANCE", "Client has unpaid invoices, and may lose the login to pay them."
    LIVE_SUBSCRIPTION = "LIVE_SUBSCRIPTION", "Payment subscription goes on: see `cancelSubscription`."
    OPTION_IGNORED = "OPTION_IGNORED", "Option was given and there is nothing that it applies to."
    SERVICES_KEPT = "SERVICES_KEPT", "Future appointments stay booked with a client who cannot log in; nobody reminds the client."
    LOGIN_REMAINS = "LOGIN_REMAINS", "Client can still log in: the relationship itself goes on."
    CLIENT_PROMOTED = "CLIENT_PROMOTED", "Status of the client changes too, since a prospect has no login."
    COACHING_INCLUDED = "COACHING_INCLUDED", "Product includes coaching sessions: the client may be one to activate."
    SCHEDULED = "SCHEDULED", "Nothing changes today: the transition waits for its day."
    STEP_SUGGESTED = "STEP_SUGGESTED", "Step is suggested to the coach; nothing changes by itself."
    STEP_SCHEDULED = "STEP_SCHEDULED", "Step is written down, and is taken by itself on its day."
    OTHER_STEP_NEEDED = (
        "OTHER_STEP_NEEDED",
        "Step alone does not delete all: who asks for their data to be deleted may need the history and the contact deleted.",
    )
    HISTORY_REMAINS = "HISTORY_REMAINS", "Appointments, invoices or other history of the clients remain: see `clientDeleteHistory`."
    RECORDS_SEALED = "RECORDS_SEALED", "Invoices and payments are sealed instead of deleted, for as long as the retention rules keep them."
    EXPORT_FIRST = "EXPORT_FIRST", "No export was fetched since the last step with the client, and none can be made afterwards."
    SECOND_MEMBER_SCHEDULES = "SECOND_MEMBER_SCHEDULES", "Request waits for another member, who schedules it."
    HOURS_KEPT = "HOURS_KEPT", "Hours of the sessions stay in the ledger, without anything about the person."
    STATUS_OVERRIDDEN = "STATUS_OVERRIDDEN", "Status is set outside the usual transitions; sessions already held keep their stamp."


class LinkPurpose(Word):
    """What a one-time link is good for."""

    SET_PASSWORD = "SET_PASSWORD", "Choosing the password of a login."
    PAY_INVOICE = "PAY_INVOICE", "Seeing and paying one invoice without a login."
    REACTIVATION = "REACTIVATION", "Asking to be taken up again."
    ERASURE = "ERASURE", "Asking for one's data to be deleted, and taking that back."


class SuggestionReason(Word):
    """Why a step is suggested to the coach."""

    PAYMENT_DECLINED = "PAYMENT_DECLINED", "A payment was declined, or went through after it had been."
    PACKAGE_EXPIRED = "PACKAGE_EXPIRED", "The package has expired, or was renewed."
    SUBSCRIPTION_CANCELLED = "SUBSCRIPTION_CANCELLED", "The client cancelled the subscription, or took it up again."
    COACH_DECISION = "COACH_DECISION", "The coach had decided so before."
    COACHING_INCLUDED = "COACHING_INCLUDED", "What the client bought includes coaching sessions."
    PURCHASED = "PURCHASED", "A former client bought a product."
    REQUESTED = "REQUESTED", "A former client asked to be taken up again."
    INQUIRED = "INQUIRED", "Somebody wrote through the public form with the address of a former client."
    BOOKED_SAMPLE = "BOOKED_SAMPLE", "Somebody booked a sample session with the address of a former client."
    SAME_ADDRESS = "SAME_ADDRESS", "Prospect gave the address of a former client, and may be the same person."
