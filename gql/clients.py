"""Clients and what is known about them."""

from datetime import datetime

import strawberry

from gql.appointments import AppointmentFilter, AppointmentOrder, AttendanceFilter, AttendanceOrder
from gql.as_of import as_of
from gql.base import Node, TimeSpan, by_id, connection, one, ordering, planned, ref, some
from gql.billing import EstimateFilter, EstimateOrder, InvoiceFilter, InvoiceOrder, PaymentFilter, PaymentOrder
from gql.conversations import ConversationFilter, ConversationOrder, InteractionFilter, MessageFilter, MessageOrder
from gql.erasure import ErasureRequestFilter, ErasureRequestOrder, LegalHoldFilter
from gql.guard import guarded
from gql.packages import EnrollmentFilter, EnrollmentOrder
from gql.schedules import (
    SCHEDULED,
    SUGGESTED,
    ScheduledTransitionFilter,
    ScheduledTransitionOrder,
    SuggestionFilter,
    SuggestionOrder,
)
from gql.steps import STEPS, AvailableTransition
from gql.transitions import history
from gql.workspace import MEMBER
from lifecycle.vocabulary import AccessMode, ClientStatus, ConsentPurpose, ContactKind, DataState, Origin

CLIENT = ref("Client", "clients")
ClientOrder = ordering(
    "Client",
    NAME="Name of the client, without regard to case and accents.",
    CREATED_AT="Time the client was added.",
    NUMBER="Number of the client.",
)


@strawberry.input(description="Conditions on clients; all that are given must hold.")
class ClientFilter:
    status: list[ClientStatus] | None = some("Client has one of these statuses.")
    access_mode: list[AccessMode] | None = some("Client has one of these access modes.")
    data_state: list[DataState] | None = some(
        "Client has one of these data states; when left out, those whose contact is deleted are left out."
    )
    contact_kind: list[ContactKind] | None = some("Client is one of these kinds of contact.")
    origin: list[Origin] | None = some("Client first entered in one of these ways.")
    number: list[int] | None = some("Client has one of these numbers.")
    tag: list[str] | None = some("Client has one of these tags.")
    email: str | None = some("Client has exactly this e-mail.")
    coach: strawberry.ID | None = some("Client works with this member.")
    package: strawberry.ID | None = some("Client is in this package.")
    created_at: TimeSpan | None = some("Client was added in this span.")
    status_since: TimeSpan | None = some("Client has had their status since an instant in this span.")
    last_session_at: TimeSpan | None = some("Last session of the client was held in this span.")
    has_future_appointments: bool | None = some("Has the client booked appointments ahead?")
    has_login: bool | None = some("Has the client a login?")


@guarded
@strawberry.type(description="Person in one workspace: a contact, prospect, client, former client or buyer.")
class Client(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    number: int = planned("Number of the client in the workspace; opaque, and outlives the client's data.")
    data_state: DataState = planned("What is still stored about the client.")
    is_fully_erased: bool = planned("Are both the history and the contact of the client deleted?")
    erasures = connection(
        ref("ErasureRequest", "erasure"),
        "Deletions of the client's data, newest first.",
        filter=ErasureRequestFilter,
        order=ErasureRequestOrder,
    )
    legal_holds = connection(ref("LegalHold", "erasure"), "Legal holds on the client, newest first.", filter=LegalHoldFilter)
    name: str | None = planned("Name of the client; `Deleted client #n` once the contact is deleted.")
    email: str | None = planned("E-mail of the client.")
    phone: str | None = planned("Phone of the client, as E.164 has it.")
    address: str | None = planned("Postal address of the client.")
    custom_fields = connection(ref("CustomField", "clients"), "Custom fields of the client.")
    status: ClientStatus | None = planned("Relationship of the client with the workspace; decides what they see.")
    status_since: datetime | None = planned("Time of the client's last change of status.")
    access_mode: AccessMode | None = planned("What the client still sees when inactive.")
    access_until: datetime | None = planned("End of the access of an inactive client; null where it has none.")
    has_login: bool | None = planned("Has the client a login?")
    origin: Origin | None = planned("How the client first entered the workspace.")
    contact_kind: ContactKind | None = planned("How the client came to be known.")
    reentry: bool | None = planned("Did the client come back by themselves after deletion?")
    status_history = connection(
        ref("ClientStatusChange", "clients"),
        "Changes of the client's status, newest first.",
        order=ordering("ClientStatusChange", AT="Time of the change."),
    )
    scheduled_transitions = connection(
        SCHEDULED,
        "Transitions of the client and what is theirs that wait or waited for their day, the soonest first.",
        filter=ScheduledTransitionFilter,
        order=ScheduledTransitionOrder,
    )
    suggestions = connection(
        SUGGESTED,
        "Steps with the client and what is theirs that are suggested to the coach, newest first.",
        filter=SuggestionFilter,
        order=SuggestionOrder,
    )
    history = history("Steps that were taken with the client and what is theirs, newest first.")
    notes: str | None = planned("Internal notes about the client.")
    tags: list[str] | None = planned("Internal tags of the client, in alphabetical order.")
    coach = one(MEMBER, "Coach of the client.")
    created_at: datetime = planned("Time the client was added.")
    version: int = planned("Version of the client, for `expectedVersion`.")
    last_session_at: datetime | None = planned("Start of the last session that was held with the client.")
    next_appointment = one(ref("Appointment", "appointments"), "Next booked appointment of the client.")
    consents = connection(ref("Consent", "clients"), "Consents of the client.")
    enrollments = connection(
        ref("Enrollment", "packages"), "Packages the client is in, newest first.", filter=EnrollmentFilter, order=EnrollmentOrder
    )
    purchases = connection(ref("Purchase", "packages"), "Products the client bought, newest first.")
    appointments = connection(
        ref("Appointment", "appointments"), "Appointments of the client, latest first.", filter=AppointmentFilter, order=AppointmentOrder
    )
    attendances = connection(
        ref("Attendance", "appointments"), "Group events of the client, latest first.", filter=AttendanceFilter, order=AttendanceOrder
    )
    service_templates = connection(ref("ServiceTemplate", "appointments"), "Recurring services of the client.")
    conversations = connection(
        ref("Conversation", "conversations"),
        "Conversations of the client, most recent first.",
        filter=ConversationFilter,
        order=ConversationOrder,
    )
    messages = connection(
        ref("Message", "conversations"), "Messages from and to the client, newest first.", filter=MessageFilter, order=MessageOrder
    )
    estimates = connection(
        ref("Estimate", "billing"), "Estimates for the client, newest first.", filter=EstimateFilter, order=EstimateOrder
    )
    invoices = connection(ref("Invoice", "billing"), "Invoices to the client, newest first.", filter=InvoiceFilter, order=InvoiceOrder)
    payments = connection(ref("Payment", "billing"), "Payments by the client, newest first.", filter=PaymentFilter, order=PaymentOrder)
    documents = connection(ref("ClientDocument", "conversations"), "Documents exchanged with the client, newest first.")
    form_responses = connection(ref("FormResponse", "content"), "Forms the client answered, newest first.")
    interactions = connection(
        ref("Interaction", "conversations"), "All interactions with the client, of all seven kinds, latest first.", filter=InteractionFilter
    )
    as_of = as_of("ClientAsOf", "client", "was not there yet")


@guarded
@strawberry.type(description="Custom field of a client.")
class CustomField(Node):
    name: str = planned("Name of the custom field.")
    value: str = planned("Value of the custom field.")


@guarded
@strawberry.type(description="Change of a client's status.")
class ClientStatusChange(Node):
    before: ClientStatus | None = planned("Status before the change; null where the client was added.")
    after: ClientStatus = planned("Status after the change.")
    access_mode: AccessMode = planned("Access mode after the change.")
    at: datetime = planned("Time of the change.")
    transition: str = planned("Name of the transition that made the change.")
    reason: str | None = planned("Reason that was given for the change.")
    client = one(CLIENT, "Client of the change.")


@guarded
@strawberry.type(description="What a client agreed to.")
class Consent(Node):
    purpose: ConsentPurpose = planned("What the consent is for.")
    given_at: datetime = planned("Time the consent was given.")
    withdrawn_at: datetime | None = planned("Time the consent was withdrawn; null while it stands.")
    evidence: str | None = planned("How the consent was given.")


@strawberry.type
class ClientsQuery:
    client = by_id(CLIENT, "client")
    clients = connection(CLIENT, "Clients of the workspace.", filter=ClientFilter, order=ClientOrder, search=True, required=True)
