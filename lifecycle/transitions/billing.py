"""Transitions of invoices: `Invoice.state`."""

from lifecycle.access import Resource
from lifecycle.inputs import (
    RecordPayment,
)
from lifecycle.permits import Permit
from lifecycle.requests import MakeLink, Pay
from lifecycle.transition import Axis, Target, Transition
from lifecycle.vocabulary import (
    InvoiceState,
    LinkPurpose,
)

INVOICES = (
    Transition(
        Axis.INVOICE, "issue", (InvoiceState.DRAFT,), InvoiceState.OPEN, Permit(Resource.INVOICES), "Issues a draft to the client.",
    ),
    Transition(
        Axis.INVOICE, "record_payment", (InvoiceState.OPEN,), InvoiceState.PAID, Permit(Resource.INVOICES),
        "Records that an invoice was paid in full.", RecordPayment, reaches_client=False,
    ),
    Transition(
        Axis.INVOICE, "pay", (InvoiceState.OPEN,), InvoiceState.PAID,
        Permit(Resource.INVOICES, roles=(), portal=True, link=LinkPurpose.PAY_INVOICE),
        "Records that a client paid an invoice of theirs in full, in the portal or through its link.", Pay,
    ),
    Transition(
        Axis.INVOICE, "payment_link", (InvoiceState.OPEN,), Target.SAME, Permit(Resource.INVOICES),
        "Makes a link by which one invoice is seen and paid without a login. It opens nothing else.", MakeLink,
    ),
    Transition(
        Axis.INVOICE, "void", (InvoiceState.DRAFT, InvoiceState.OPEN), InvoiceState.VOID, Permit(Resource.INVOICES),
        "Cancels an invoice, and keeps it for the books. NOBODY CAN UNDO IT.", permanent=True, reaches_client=False,
    ),
)  # fmt: skip
