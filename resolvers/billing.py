"""Sources of estimates, invoices and payments."""

from lifecycle.transition import Axis
from planner.source import ID, INT, TIME, Expr, Many, One, Order, Source, column
from resolvers import available
from resolvers.filters import one_of, span, with_id
from resolvers.packages import money
from resolvers.viewers import STATE_OF_CLIENT, FieldGuard, Rows
from resolvers.workspace import SCOPE

_CLIENT = with_id("client", lambda key: f"{{t}}.client_id = {key}")

_ESTIMATES = Rows("Estimate", at="{t}.issued_at")
_INVOICES = Rows("Invoice", at="{t}.issued_at")
_PAYMENTS = Rows("Payment", at="{t}.paid_at")

SOURCES = [
    Source(
        "Estimate",
        {
            "id": column("id", ID),
            "kind": Expr("'ESTIMATE'"),
            "at": column("issued_at", TIME),
            "number": column("number", INT),
            "title": column("title"),
            "state": column("state"),
            "amount": money(),
            "issuedAt": column("issued_at", TIME),
            "client": One("Client", "{t}.client_id"),
        },
        table="estimate",
        tag="estimate",
        scope=SCOPE,
        visible=_ESTIMATES,
        owned=_ESTIMATES.owned,
        guard=FieldGuard("Estimate"),
        orders={"ISSUED_AT": Order("{t}.issued_at", TIME)},
        filters={"state": one_of("{t}.state"), "issuedAt": span("{t}.issued_at"), "client": _CLIENT},
    ),
    Source(
        "Invoice",
        {
            "availableTransitions": available.listing(Axis.INVOICE),
            "id": column("id", ID),
            "kind": Expr("'INVOICE'"),
            "at": column("issued_at", TIME),
            "number": column("number", INT),
            "title": column("title"),
            "snapshotName": column("snapshot_name"),
            "snapshotAddress": column("snapshot_address"),
            "state": column("state"),
            "amount": money(),
            "issuedAt": column("issued_at", TIME),
            "dueAt": column("due_at", TIME),
            "paidAt": column("paid_at", TIME),
            "version": column("version", INT),
            "client": One("Client", "{t}.client_id"),
            "enrollment": One("Enrollment", "{t}.enrollment_id"),
            "payments": Many("Payment", "{t}.invoice_id = {key}", order="PAID_AT", descending=True),
        },
        table="invoice",
        tag="invoice",
        scope=SCOPE,
        visible=_INVOICES,
        owned=_INVOICES.owned,
        guard=FieldGuard("Invoice", state=STATE_OF_CLIENT),
        orders={"ISSUED_AT": Order("{t}.issued_at", TIME), "NUMBER": Order("{t}.number", INT)},
        filters={"state": one_of("{t}.state"), "issuedAt": span("{t}.issued_at"), "client": _CLIENT},
    ),
    Source(
        "Payment",
        {
            "id": column("id", ID),
            "kind": Expr("'PAYMENT'"),
            "at": column("paid_at", TIME),
            "state": column("state"),
            "method": column("method"),
            "amount": money(),
            "paidAt": column("paid_at", TIME),
            "client": One("Client", "{t}.client_id"),
            "invoice": One("Invoice", "{t}.invoice_id"),
        },
        table="payment",
        tag="payment",
        scope=SCOPE,
        visible=_PAYMENTS,
        owned=_PAYMENTS.owned,
        guard=FieldGuard("Payment"),
        orders={"PAID_AT": Order("{t}.paid_at", TIME)},
        filters={"state": one_of("{t}.state"), "method": one_of("{t}.method"), "paidAt": span("{t}.paid_at"), "client": _CLIENT},
    ),
]

ROOT = {
    "estimates": Many("Estimate", order="ISSUED_AT", descending=True),
    "invoice": One("Invoice", argument="id"),
    "invoices": Many("Invoice", order="ISSUED_AT", descending=True),
    "payments": Many("Payment", order="PAID_AT", descending=True),
}
