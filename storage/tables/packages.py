"""Packages, modules and their versions, products, and the clients in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from lifecycle.payments import RecoveryAction
from lifecycle.vocabulary import (
    Billing,
    DeleteReason,
    EnrollmentState,
    ExpiryAction,
    FreezeReason,
    PaymentStatus,
    SubscriptionState,
    VersionPolicy,
)
from storage.tables.base import BYTEWISE, Owned, check, exactly_one, index, now, ref, words


class Package(Owned, table=True):
    """What a coach sells: modules and sessions for a price and a time. With `drip`, modules are released one by one."""

    __table_args__ = (index("name", "id"), index("created_at", "id"))
    name: str = Field(sa_type=BYTEWISE)
    summary: str | None = None
    billing: Billing = Field(sa_type=words(Billing, "billing"))
    price_minor: int = 0
    currency: str = Field(default="USD", max_length=3)
    duration_days: int | None = None
    coaching: bool = True
    drip: bool = False
    on_expiry: ExpiryAction = Field(default=ExpiryAction.NONE, sa_type=words(ExpiryAction, "on_expiry"))
    on_declined: ExpiryAction = Field(default=ExpiryAction.NONE, sa_type=words(ExpiryAction, "on_declined"))
    declined_grace_days: int = 0
    on_recovered: RecoveryAction = Field(default=RecoveryAction.NONE, sa_type=words(RecoveryAction, "on_recovered"))
    archived_at: datetime | None = None
    version: int = 1
    created_at: datetime = Field(default_factory=now)


class Module(Owned, table=True):
    """Unit of content; its text lives in its versions."""

    __table_args__ = (index("title", "id"),)
    title: str = Field(sa_type=BYTEWISE)
    archived_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    version: int = 1
    created_at: datetime = Field(default_factory=now)


class ModuleVersion(Owned, table=True):
    """Version of a module; immutable once published. A draft has no `published_at`."""

    __table_args__ = (ref("module_id", "module"), index("module_id", "version", unique=True), index("module_id", "published_at"))
    module_id: UUID
    version: int
    title: str
    body: str = ""
    published_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)


class PackageItem(Owned, table=True):
    """Module or number of sessions in a package. One that was removed stays, for the clients who were frozen before."""

    __table_args__ = (
        ref("package_id", "package"),
        ref("module_id", "module"),
        ref("appointment_type_id", "appointment_type"),
        index("package_id", "position", "id"),
        index("module_id", "package_id"),
        index("appointment_type_id"),
        check("one_thing", exactly_one("module_id", "appointment_type_id")),
    )
    package_id: UUID
    position: int
    module_id: UUID | None = None
    appointment_type_id: UUID | None = None
    quantity: int = 1
    added_at: datetime = Field(default_factory=now)
    removed_at: datetime | None = None


class Product(Owned, table=True):
    """What a stranger may register for and buy: content to read by oneself."""

    __table_args__ = (index("name", "id"),)
    name: str = Field(sa_type=BYTEWISE)
    summary: str | None = None
    price_minor: int = 0
    currency: str = Field(default="USD", max_length=3)
    on_sale: bool = True
    created_at: datetime = Field(default_factory=now)


class ProductItem(Owned, table=True):
    """Module or number of sessions in a product."""

    __table_args__ = (
        ref("product_id", "product"),
        ref("module_id", "module"),
        ref("appointment_type_id", "appointment_type"),
        index("product_id", "position", "id"),
        index("module_id", "product_id"),
        index("appointment_type_id"),
        check("one_thing", exactly_one("module_id", "appointment_type_id")),
    )
    product_id: UUID
    position: int
    module_id: UUID | None = None
    appointment_type_id: UUID | None = None
    quantity: int = 1
    added_at: datetime = Field(default_factory=now)


class Purchase(Owned, table=True):
    """Product a client bought."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("product_id", "product"),
        index("client_id", "purchased_at", "id"),
        index("product_id", "purchased_at", "id"),
    )
    client_id: UUID
    product_id: UUID
    purchased_at: datetime = Field(default_factory=now)
    price_minor: int = 0
    currency: str = Field(default="USD", max_length=3)
    refunded_at: datetime | None = None


_RUNNING_OUT = text("state = 'ACTIVE' AND expires_at IS NOT NULL AND expiry_handled_at IS NULL")


class Enrollment(Owned, table=True):
    """Client in a package. `gap_*` of a lifted freeze live in EnrollmentGap; `expiry_handled_at` is when the clock saw it expire."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("package_id", "package"),
        index("client_id", "enrolled_at", "id"),
        index("package_id", "enrolled_at", "id"),
        index("package_id", "state", "enrolled_at", "id"),
        index("client_id", "package_id", unique=True, where=text("state <> 'DELETED'")),
        Index(None, "expires_at", postgresql_where=_RUNNING_OUT, sqlite_where=_RUNNING_OUT),  # the clock asks over all workspaces
        check("frozen_at", "(state = 'DEACTIVATED') = (frozen_at IS NOT NULL) OR state = 'DELETED'"),
    )
    client_id: UUID
    package_id: UUID
    state: EnrollmentState = Field(default=EnrollmentState.ACTIVE, sa_type=words(EnrollmentState, "state"))
    enrolled_at: datetime = Field(default_factory=now)
    frozen_at: datetime | None = None
    frozen_reason: FreezeReason | None = Field(default=None, sa_type=words(FreezeReason, "frozen_reason"))
    deleted_at: datetime | None = None
    deleted_reason: DeleteReason | None = Field(default=None, sa_type=words(DeleteReason, "deleted_reason"))
    version_policy: VersionPolicy = Field(default=VersionPolicy.LATEST, sa_type=words(VersionPolicy, "version_policy"))
    payment_status: PaymentStatus = Field(default=PaymentStatus.NOT_REQUIRED, sa_type=words(PaymentStatus, "payment_status"))
    paid_through: datetime | None = None
    declined_at: datetime | None = None
    expires_at: datetime | None = None
    expiry_handled_at: datetime | None = None
    version: int = 1


class EnrollmentChange(Owned, table=True):
    """Change of an enrollment's state; append-only."""

    __table_args__ = (ref("enrollment_id", "enrollment"), index("enrollment_id", "at", "id"))
    enrollment_id: UUID
    before: EnrollmentState | None = Field(default=None, sa_type=words(EnrollmentState, "before"))
    after: EnrollmentState = Field(sa_type=words(EnrollmentState, "after"))
    frozen_at: datetime | None = None
    at: datetime = Field(default_factory=now)
    transition: str
    actor: str
    reason: str | None = None
    batch_id: UUID | None = None
    plan_id: UUID | None = None


class EnrollmentGap(Owned, table=True):
    """Time whose content stays hidden after a reactivation that did not grant what was missed."""

    __table_args__ = (ref("enrollment_id", "enrollment"), index("enrollment_id", "from_at"))
    enrollment_id: UUID
    from_at: datetime
    until_at: datetime


class Release(Owned, table=True):
    """Module version released to one enrollment of a package with drip."""

    __table_args__ = (
        ref("enrollment_id", "enrollment"),
        ref("module_version_id", "module_version"),
        index("enrollment_id", "module_version_id", unique=True),
        index("module_version_id"),
    )
    enrollment_id: UUID
    module_version_id: UUID
    released_at: datetime = Field(default_factory=now)


class Subscription(Owned, table=True):
    """Payment subscription behind an enrollment."""

    __table_args__ = (ref("enrollment_id", "enrollment"), index("enrollment_id"))
    enrollment_id: UUID
    state: SubscriptionState = Field(default=SubscriptionState.LIVE, sa_type=words(SubscriptionState, "state"))
    amount_minor: int
    currency: str = Field(default="USD", max_length=3)
    period_end: datetime
    started_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
