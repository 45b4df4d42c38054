"""Estimates, invoices and payments."""

from datetime import datetime

import strawberry

from gql.base import Money, TimeSpan, by_id, connection, one, ordering, planned, ref, some
from gql.conversations import Interaction
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from lifecycle.vocabulary import EstimateState, InvoiceState, PaymentMethod, PaymentState

CLIENT = ref("Client", "clients")
ESTIMATE, INVOICE, PAYMENT = ref("Estimate", "billing"), ref("Invoice", "billing"), ref("Payment", "billing")
EstimateOrder = ordering("Estimate", ISSUED_AT="Time the estimate was issued.")
InvoiceOrder = ordering("Invoice", ISSUED_AT="Time the invoice was issued.", NUMBER="Number of the invoice.")
PaymentOrder = ordering("Payment", PAID_AT="Time of the payment.")


@strawberry.input(description="Conditions on estimates; all that are given must hold.")
class EstimateFilter:
    state: list[EstimateState] | None = some("Estimate has one of these states.")
    issued_at: TimeSpan | None = some("Estimate was issued in this span.")
    client: strawberry.ID | None = some("Estimate is for this client.")


@strawberry.input(description="Conditions on invoices; all that are given must hold.")
class InvoiceFilter:
    state: list[InvoiceState] | None = some("Invoice has one of these states.")
    issued_at: TimeSpan | None = some("Invoice was issued in this span.")
    client: strawberry.ID | None = some("Invoice is to this client.")


@strawberry.input(description="Conditions on payments; all that are given must hold.")
class PaymentFilter:
    state: list[PaymentState] | None = some("Payment has one of these states.")
    method: list[PaymentMethod] | None = some("Payment was made in one of these ways.")
    paid_at: TimeSpan | None = some("Payment was made in this span.")
    client: strawberry.ID | None = some("Payment is by this client.")


@guarded
@strawberry.type(description="Estimate for a client.")
class Estimate(Interaction):
    number: int = planned("Number of the estimate.")
    title: str = planned("Title of the estimate.")
    state: EstimateState = planned("State of the estimate.")
    amount: Money | None = planned("Amount of the estimate.")
    issued_at: datetime = planned("Time the estimate was issued.")
    client = one(CLIENT, "Client of the estimate.")


@guarded
@strawberry.type(description="Invoice to a client.")
class Invoice(Interaction):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    number: int = planned("Number of the invoice.")
    title: str = planned("Title of the invoice.")
    snapshot_name: str = planned("Name on the invoice, as it stood when the invoice was issued.")
    snapshot_address: str | None = planned("Address on the invoice, as it stood when the invoice was issued.")
    state: InvoiceState = planned("State of the invoice.")
    amount: Money | None = planned("Amount of the invoice.")
    issued_at: datetime = planned("Time the invoice was issued.")
    due_at: datetime | None = planned("Time the invoice is due.")
    paid_at: datetime | None = planned("Time the invoice was paid in full; null while it is not.")
    version: int = planned("Version of the invoice, for `expectedVersion`.")
    client = one(CLIENT, "Client of the invoice.")
    enrollment = one(ref("Enrollment", "packages"), "Enrollment the invoice is for.")
    payments = connection(PAYMENT, "Payments of the invoice, newest first.", filter=PaymentFilter, order=PaymentOrder, required=True)


@guarded
@strawberry.type(description="Payment by a client.")
class Payment(Interaction):
    state: PaymentState = planned("State of the payment.")
    method: PaymentMethod = planned("How the payment was made.")
    amount: Money | None = planned("Amount of the payment.")
    paid_at: datetime = planned("Time of the payment.")
    client = one(CLIENT, "Client of the payment.")
    invoice = one(INVOICE, "Invoice that was paid; null for a payment without one.")


@strawberry.type
class BillingQuery:
    estimates = connection(ESTIMATE, "Estimates of the workspace, newest first.", filter=EstimateFilter, order=EstimateOrder, required=True)
    invoice = by_id(INVOICE, "invoice")
    invoices = connection(INVOICE, "Invoices of the workspace, newest first.", filter=InvoiceFilter, order=InvoiceOrder, required=True)
    payments = connection(PAYMENT, "Payments of the workspace, newest first.", filter=PaymentFilter, order=PaymentOrder, required=True)
