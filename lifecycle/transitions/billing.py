"""Transitions of invoices: `Invoice.state`."""

from lifecycle.access import Resource
from lifecycle.inputs import (
    RecordPayment,
)
from lifecycle.permits import Permit
from lifecycle.transition import Axis, Transition
from lifecycle.vocabulary import (
    InvoiceState,
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
        Axis.INVOICE, "void", (InvoiceState.DRAFT, InvoiceState.OPEN), InvoiceState.VOID, Permit(Resource.INVOICES),
        "Cancels an invoice, and keeps it for the books. NOBODY CAN UNDO IT.", permanent=True, reaches_client=False,
    ),
)  # fmt: skip
