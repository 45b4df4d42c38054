"""Estimates, invoices and payments; money in minor units of its currency."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from lifecycle.vocabulary import EstimateState, InvoiceState, PaymentMethod, PaymentState
from storage.tables.base import Owned, index, now, ref, words


class Estimate(Owned, table=True):
    """Estimate for a client."""

    __table_args__ = (ref("client_id", "client"), index("client_id", "issued_at", "id"), index("issued_at", "id"))
    client_id: UUID
    number: int
    title: str
    state: EstimateState = Field(default=EstimateState.DRAFT, sa_type=words(EstimateState, "state"))
    amount_minor: int
    currency: str = Field(default="USD", max_length=3)
    issued_at: datetime = Field(default_factory=now)


class Invoice(Owned, table=True):
    """Invoice to a client. `snapshot_name` is the name as it stood when the invoice was issued."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("enrollment_id", "enrollment"),
        index("client_id", "issued_at", "id"),
        index("issued_at", "id"),
        index("state", "issued_at", "id"),
        index("number", unique=True),
        index("enrollment_id"),
    )
    client_id: UUID
    enrollment_id: UUID | None = None
    number: int
    title: str
    snapshot_name: str
    snapshot_address: str | None = None
    state: InvoiceState = Field(default=InvoiceState.OPEN, sa_type=words(InvoiceState, "state"))
    amount_minor: int
    currency: str = Field(default="USD", max_length=3)
    issued_at: datetime = Field(default_factory=now)
    due_at: datetime | None = None
    paid_at: datetime | None = None
    version: int = 1


class Payment(Owned, table=True):
    """Payment by a client."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("invoice_id", "invoice"),
        index("client_id", "paid_at", "id"),
        index("invoice_id", "paid_at", "id"),
        index("paid_at", "id"),
    )
    client_id: UUID
    invoice_id: UUID | None = None
    state: PaymentState = Field(default=PaymentState.SUCCEEDED, sa_type=words(PaymentState, "state"))
    method: PaymentMethod = Field(default=PaymentMethod.CARD, sa_type=words(PaymentMethod, "method"))
    amount_minor: int
    currency: str = Field(default="USD", max_length=3)
    paid_at: datetime = Field(default_factory=now)
