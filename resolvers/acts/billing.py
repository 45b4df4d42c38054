"""Steps with invoices."""

from collections.abc import Mapping

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import LinkPurpose
from resolvers.acts.base import Act, Columns, Writer, Written, setting, state
from resolvers.links import open_link
from storage.tables.billing import Payment


def _issued(act: Act) -> Columns:
    return {**state(act), "issued_at": act.now}


def _paid(act: Act) -> Columns:
    return {**state(act), "paid_at": act.now}


def _payment(act: Act) -> list[SQLModel]:
    invoice = act.row
    paid = {"amount_minor": invoice.amount_minor, "currency": invoice.currency, "method": act.given.method, "paid_at": act.now}
    return [Payment(workspace_id=act.workspace, client_id=invoice.client_id, invoice_id=invoice.id, **paid)]


async def payment_link(session: AsyncSession, act: Act) -> Written:
    """Link to this invoice; earlier ones go on working until it is paid."""
    secret = open_link(session, act, act.row.client_id, purpose=LinkPurpose.PAY_INVOICE, subject=act.row.id)
    return Written(act.row, secret=secret)


WRITERS: Mapping[str, Writer] = {
    "invoicePay": setting(_paid, _payment),
    "invoicePaymentLink": payment_link,
    "invoiceIssue": setting(_issued),
    "invoiceRecordPayment": setting(_paid, _payment),
    "invoiceVoid": setting(state),
}
