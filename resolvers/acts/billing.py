"""Steps with invoices."""

from collections.abc import Mapping

from sqlmodel import SQLModel

from resolvers.acts.base import Act, Columns, Writer, setting, state
from storage.tables.billing import Payment


def _issued(act: Act) -> Columns:
    return {**state(act), "issued_at": act.now}


def _paid(act: Act) -> Columns:
    return {**state(act), "paid_at": act.now}


def _payment(act: Act) -> list[SQLModel]:
    invoice = act.row
    paid = {"amount_minor": invoice.amount_minor, "currency": invoice.currency, "method": act.given.method, "paid_at": act.now}
    return [Payment(workspace_id=act.workspace, client_id=invoice.client_id, invoice_id=invoice.id, **paid)]


WRITERS: Mapping[str, Writer] = {
    "invoiceIssue": setting(_issued),
    "invoiceRecordPayment": setting(_paid, _payment),
    "invoiceVoid": setting(state),
}
