"""Sources of clients and what is known about them."""

from typing import Any

from lifecycle.transition import Axis
from planner.dialect import Dialect
from planner.source import FLAG, ID, INT, TIME, Branch, Derived, Expr, Filter, First, Many, One, Order, Poly, Source, Then, Values, column
from resolvers import available
from resolvers.filters import Bind, flag, one_of, search, span, with_id
from resolvers.viewers import STATE_OF_CLIENT, FieldGuard, Rows, client_rows
from resolvers.workspace import SCOPE


def _display_name(name: str, number: int, data_state: str) -> str:
    return f"Deleted client #{number}" if data_state in ("CONTACT_DELETED", "ERASED") else name


_LAST_SESSION = (
    "(SELECT max(a.starts_at) FROM appointment a WHERE a.workspace_id = :workspace AND a.client_id = {t}.id AND a.state = 'COMPLETED')"
)
_FUTURE = (
    "EXISTS (SELECT 1 FROM appointment a WHERE a.workspace_id = :workspace AND a.client_id = {t}.id"
    " AND a.state = 'BOOKED' AND a.starts_at > :now)"
)
_OWN = "{t}.client_id = {key}"

#: Interactions of the client `{key}`, one branch for each of the seven kinds.
INTERACTIONS = {
    "Appointment": Branch("{t}.starts_at", _OWN),
    "Attendance": Branch("{t}.at", _OWN),
    "Message": Branch("{t}.sent_at", _OWN),
    "Estimate": Branch("{t}.issued_at", _OWN),
    "Invoice": Branch("{t}.issued_at", _OWN),
    "Payment": Branch("{t}.paid_at", _OWN),
    "ClientDocument": Branch("{t}.shared_at", _OWN),
}
KINDS = {
    "APPOINTMENT": "Appointment",
    "GROUP_EVENT": "Attendance",
    "MESSAGE": "Message",
    "ESTIMATE": "Estimate",
    "INVOICE": "Invoice",
    "PAYMENT": "Payment",
    "DOCUMENT": "ClientDocument",
}


def _in_package(key: str) -> str:
    return (
        "{t}.id IN (SELECT e.client_id FROM enrollment e WHERE e.workspace_id = :workspace"
        f" AND e.package_id = {key} AND e.state <> 'DELETED')"
    )


def _of_contact(filter_: Filter) -> Filter:
    """Filter that finds nobody whose contact is deleted: what it reads is withheld there, and must not show by who is found."""

    def condition(value: Any, dialect: Dialect, bind: Bind) -> str:
        return f"{{t}}.data_state NOT IN ('CONTACT_DELETED', 'ERASED') AND ({filter_.condition(value, dialect, bind)})"

    return Filter(condition, filter_.reads, filter_.absent)


_FILTERS = {
    "status": one_of("{t}.status", "status"),
    "accessMode": one_of("{t}.access_mode", "accessMode"),
    "dataState": one_of("{t}.data_state", absent="{t}.data_state NOT IN ('CONTACT_DELETED', 'ERASED')"),
    "contactKind": one_of("{t}.contact_kind", "contactKind"),
    "origin": one_of("{t}.origin", "origin"),
    "number": one_of("{t}.number"),
    "tag": Filter(
        lambda value, dialect, bind: (
            "{t}.id IN (SELECT g.client_id FROM client_tag g WHERE g.workspace_id = :workspace AND "
            f"{dialect.among('g.tag', bind(dialect.array(value)))})"
        ),
        ("tags",),
    ),
    "email": Filter(lambda value, _dialect, bind: f"{{t}}.email = :{bind(value.strip().lower())}", ("email",)),
    "coach": with_id("member", lambda key: f"{{t}}.coach_id = {key}"),
    "package": with_id("package", _in_package, "enrollments"),
    "createdAt": span("{t}.created_at"),
    "statusSince": span("{t}.status_since", "statusSince"),
    "lastSessionAt": span(_LAST_SESSION, "lastSessionAt"),
    "hasFutureAppointments": flag(_FUTURE, "appointments"),
    "hasLogin": flag("{t}.account_id IS NOT NULL", "hasLogin"),
}

CLIENT = Source(
    "Client",
    {
        "availableTransitions": available.listing(Axis.CLIENT),
        "id": column("id", ID),
        "number": column("number", INT),
        "dataState": column("data_state"),
        "isFullyErased": Expr("CASE WHEN {t}.data_state = 'ERASED' THEN 1 ELSE 0 END = 1", FLAG),
        "erasures": Many("ErasureRequest", _OWN, order="REQUESTED_AT", descending=True),
        "legalHolds": Many("LegalHold", _OWN, order="PLACED_AT", descending=True),
        "name": Derived(_display_name, (column("name"), column("number", INT), column("data_state"))),
        "email": column("email"),
        "phone": column("phone"),
        "address": column("address"),
        "customFields": Many("CustomField", _OWN),
        "status": column("status"),
        "statusSince": column("status_since", TIME),
        "accessMode": column("access_mode"),
        "accessUntil": column("access_until", TIME),
        "hasLogin": Expr("CASE WHEN {t}.account_id IS NULL THEN 0 ELSE 1 END = 1", FLAG),
        "origin": column("origin"),
        "contactKind": column("contact_kind"),
        "reentry": column("reentry", FLAG),
        "statusHistory": Many("ClientStatusChange", _OWN, order="AT", descending=True),
        "scheduledTransitions": Many("ScheduledTransition", "{t}.client_id = {key}", order="DUE_AT"),
        "suggestions": Many("Suggestion", "{t}.client_id = {key}", order="CREATED_AT", descending=True),
        "history": Many("LifecycleEvent", "{t}.client_id = {key}", order="AT", descending=True),
        "notes": column("notes"),
        "tags": Values("SELECT g.tag AS value FROM client_tag g WHERE g.workspace_id = :workspace AND g.client_id = {key}"),
        "coach": One("Member", "{t}.coach_id"),
        "createdAt": column("created_at", TIME),
        "version": column("version", INT),
        "lastSessionAt": Expr(_LAST_SESSION, TIME),
        "nextAppointment": First("Appointment", _OWN + " AND {t}.state = 'BOOKED' AND {t}.starts_at > :now", "STARTS_AT", owned=True),
        "consents": Many("Consent", _OWN),
        "enrollments": Many("Enrollment", _OWN, order="ENROLLED_AT", descending=True, owned=True),
        "purchases": Many("Purchase", _OWN, order="PURCHASED_AT", descending=True),
        "appointments": Many("Appointment", _OWN, order="STARTS_AT", descending=True, owned=True),
        "attendances": Many("Attendance", _OWN, order="AT", descending=True, owned=True),
        "serviceTemplates": Many("ServiceTemplate", _OWN + " AND {t}.removed_at IS NULL"),
        "conversations": Many(
            "Conversation",
            "{t}.id IN (SELECT p.conversation_id FROM participant p WHERE p.workspace_id = :workspace AND p.client_id = {key})",
            order="LAST_MESSAGE_AT",
            descending=True,
        ),
        "messages": Many("Message", _OWN, order="SENT_AT", descending=True),
        "estimates": Many("Estimate", _OWN, order="ISSUED_AT", descending=True, owned=True),
        "invoices": Many("Invoice", _OWN, order="ISSUED_AT", descending=True, owned=True),
        "payments": Many("Payment", _OWN, order="PAID_AT", descending=True, owned=True),
        "documents": Many("ClientDocument", _OWN, order="SHARED_AT", descending=True),
        "formResponses": Many("FormResponse", _OWN, order="ANSWERED_AT", descending=True),
        "interactions": Poly(INTERACTIONS, KINDS),
        "asOf": Then("ClientAsOf"),
    },
    table="client",
    tag="client",
    scope=SCOPE,
    visible=client_rows,
    guard=FieldGuard("Client", state="{t}.data_state"),
    orders={
        "NAME": Order("{t}.sort_name", reads=("name",)),
        "CREATED_AT": Order("{t}.created_at", TIME),
        "NUMBER": Order("{t}.number", INT),
    },
    filters={name: _of_contact(filter_) if filter_.reads else filter_ for name, filter_ in _FILTERS.items()},
    search=_of_contact(search("name", "email", "phone")),
)

SOURCES = [
    CLIENT,
    Source(
        "CustomField",
        {"id": column("id", ID), "name": column("name"), "value": column("value")},
        table="client_field",
        tag="field",
        scope=SCOPE,
        visible=Rows("CustomField"),
        guard=FieldGuard("CustomField"),
        orders={"NAME": Order("{t}.name")},
    ),
    Source(
        "ClientStatusChange",
        {
            "id": column("id", ID),
            "before": column("before"),
            "after": column("after"),
            "accessMode": column("access_mode"),
            "at": column("at", TIME),
            "transition": column("transition"),
            "reason": column("reason"),
            "client": One("Client", "{t}.client_id"),
        },
        table="client_status_change",
        tag="statuschange",
        scope=SCOPE,
        visible=Rows("ClientStatusChange"),
        guard=FieldGuard("ClientStatusChange", state=STATE_OF_CLIENT),
        orders={"AT": Order("{t}.at", TIME)},
    ),
    Source(
        "Consent",
        {
            "id": column("id", ID),
            "purpose": column("purpose"),
            "givenAt": column("given_at", TIME),
            "withdrawnAt": column("withdrawn_at", TIME),
            "evidence": column("evidence"),
        },
        table="consent",
        tag="consent",
        scope=SCOPE,
        visible=Rows("Consent"),
        guard=FieldGuard("Consent", state=STATE_OF_CLIENT),
        orders={"GIVEN_AT": Order("{t}.given_at", TIME)},
    ),
]

ROOT = {
    "client": One("Client", argument="id"),
    "clients": Many("Client", order="NAME"),
}
