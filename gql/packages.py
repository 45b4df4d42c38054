"""Packages, modules, products, and the clients in them."""

from datetime import datetime

import strawberry

from gql.as_of import as_of
from gql.base import Money, Node, TimeSpan, by_id, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
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

CLIENT = ref("Client", "clients")
PACKAGE = ref("Package", "packages")
MODULE = ref("Module", "packages")
VERSION = ref("ModuleVersion", "packages")
ENROLLMENT = ref("Enrollment", "packages")

PackageOrder = ordering("Package", NAME="Name of the package.", CREATED_AT="Creation time of the package.")
ModuleOrder = ordering("Module", TITLE="Title of the module.")
VersionOrder = ordering("ModuleVersion", VERSION="Number of the version.", TITLE="Title of the version.")
EnrollmentOrder = ordering("Enrollment", ENROLLED_AT="Time of the enrollment.")
ProductOrder = ordering("Product", NAME="Name of the product.")


@strawberry.input(description="Conditions on packages; all that are given must hold.")
class PackageFilter:
    billing: list[Billing] | None = some("Package is paid in one of these ways.")
    archived: bool | None = some("Is the package archived?")
    coaching: bool | None = some("Is the package for coaching, and not only for reading?")


@strawberry.input(description="Conditions on modules; all that are given must hold.")
class ModuleFilter:
    archived: bool | None = some("Is the module archived?")


@strawberry.input(description="Conditions on versions of modules; all that are given must hold.")
class ModuleVersionFilter:
    published: bool | None = some("Is the version published?")


@strawberry.input(description="Conditions on products; all that are given must hold.")
class ProductFilter:
    on_sale: bool | None = some("Is the product on sale?")


@strawberry.input(description="Conditions on enrollments; all that are given must hold.")
class EnrollmentFilter:
    state: list[EnrollmentState] | None = some("Enrollment has one of these states; when left out, deleted ones are left out.")
    payment_status: list[PaymentStatus] | None = some("Payment of the enrollment has one of these statuses.")
    enrolled_at: TimeSpan | None = some("Enrollment was made in this span.")
    package: strawberry.ID | None = some("Enrollment is in this package.")
    client: strawberry.ID | None = some("Enrollment is of this client.")


@guarded
@strawberry.type(description="What the business sells: modules and sessions for a price and a time.")
class Package(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    name: str = planned("Name of the package.")
    summary: str | None = planned("Summary of the package.")
    billing: Billing = planned("How the package is paid.")
    price: Money | None = planned("Price of the package, for each billing period.")
    duration_days: int | None = planned("Days until an enrollment expires; null where it does not.")
    coaching: bool = planned("Is the package for coaching, and not only for reading?")
    drip: bool | None = planned("Are the modules of the package released one by one?")
    on_expiry: ExpiryAction | None = planned("What happens by itself when an enrollment expires.")
    on_declined: ExpiryAction | None = planned("What happens by itself when a payment is declined.")
    archived_at: datetime | None = planned("Time the package was archived; null while it is offered.")
    created_at: datetime = planned("Creation time of the package.")
    version: int | None = planned("Version of the package, for `expectedVersion`.")
    items = connection(ref("PackageItem", "packages"), "Modules and sessions of the package, in their order.")
    modules = connection(MODULE, "Modules of the package.", filter=ModuleFilter, order=ModuleOrder)
    enrollments = connection(ENROLLMENT, "Clients in the package, newest first.", filter=EnrollmentFilter, order=EnrollmentOrder)
    as_of = as_of("PackageAsOf", "package", "was not there yet")


@guarded
@strawberry.type(description="Module or number of sessions in a package.")
class PackageItem(Node):
    position: int = planned("Position of the item in the package.")
    quantity: int = planned("Number of sessions; 1 for a module.")
    added_at: datetime = planned("Time the item was added to the package.")
    package = one(PACKAGE, "Package of the item.")
    module = one(MODULE, "Module of the item; null for sessions.")
    appointment_type = one(ref("AppointmentType", "appointments"), "Kind of the sessions of the item; null for a module.")


@guarded
@strawberry.type(description="Unit of content; its text stands in its versions.")
class Module(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    title: str | None = planned("Working title of the module.")
    archived_at: datetime | None = planned("Time the module was archived: frozen clients keep it, others lose it.")
    withdrawn_at: datetime | None = planned("Time the module was withdrawn, for everybody.")
    withdrawn_reason: str | None = planned("Why the module was withdrawn.")
    created_at: datetime | None = planned("Creation time of the module.")
    version: int | None = planned("Version of the record, for `expectedVersion`; not the version of the content.")
    current_version = one(VERSION, "Newest version of the module that the viewer may read.")
    versions = connection(
        VERSION, "Versions of the module that the viewer may read, newest first.", filter=ModuleVersionFilter, order=VersionOrder
    )
    packages = connection(PACKAGE, "Packages that hold the module.", filter=PackageFilter, order=PackageOrder)


@guarded
@strawberry.type(description="Version of a module; never changes once it is published.")
class ModuleVersion(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    version: int = planned("Number of the version.")
    title: str | None = planned("Title of the module in the version.")
    body: str | None = planned("Text of the version, as Markdown.")
    published_at: datetime | None = planned("Time the version was published; null for a draft.")
    created_at: datetime | None = planned("Creation time of the version.")
    module = one(MODULE, "Module of the version.")
    documents = connection(ref("Document", "content"), "Documents of the version, oldest first.")


@guarded
@strawberry.type(description="What anybody may register for and buy: content to read by oneself.")
class Product(Node):
    name: str = planned("Name of the product.")
    summary: str | None = planned("Summary of the product.")
    price: Money | None = planned("Price of the product.")
    on_sale: bool = planned("Is the product on sale?")
    created_at: datetime = planned("Creation time of the product.")
    modules = connection(MODULE, "Modules of the product.", filter=ModuleFilter, order=ModuleOrder)
    purchases = connection(ref("Purchase", "packages"), "Purchases of the product, newest first.")


@guarded
@strawberry.type(description="Product that a client bought.")
class Purchase(Node):
    purchased_at: datetime = planned("Time of the purchase.")
    refunded_at: datetime | None = planned("Time the purchase was refunded.")
    price: Money | None = planned("Price that was paid.")
    product = one(ref("Product", "packages"), "Product of the purchase.")
    client = one(CLIENT, "Client of the purchase.")


@guarded
@strawberry.type(
    description="Client in a package. Its state decides what content the client sees; the client's status is another matter: see `Client`."
)
class Enrollment(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    state: EnrollmentState = planned("Access of the client to the content of the package.")
    enrolled_at: datetime = planned("Time of the enrollment.")
    frozen_at: datetime | None = planned("Instant as of which the client keeps the content; null unless deactivated.")
    frozen_reason: FreezeReason | None = planned("Why the enrollment was deactivated.")
    deleted_at: datetime | None = planned("Time the client was removed from the package.")
    deleted_reason: DeleteReason | None = planned("Why the client was removed from the package.")
    version_policy: VersionPolicy | None = planned("Which versions of the modules the client follows.")
    payment_status: PaymentStatus | None = planned("Payment of the enrollment, as last reported.")
    paid_through: datetime | None = planned("End of the time that is paid.")
    declined_at: datetime | None = planned("Time the last payment was declined.")
    expires_at: datetime | None = planned("Time the enrollment expires; null where it does not.")
    version: int = planned("Version of the enrollment, for `expectedVersion`.")
    client = one(CLIENT, "Client of the enrollment.")
    package = one(PACKAGE, "Package of the enrollment.")
    modules = connection(
        VERSION,
        "Modules the enrollment opens, each in its version; a client whose status admits no content reads none.",
        order=VersionOrder,
    )
    content_diff = one(
        ref("ContentDiff", "content_diff"), "All that is in the package, beside what of it the client reads through the enrollment."
    )
    subscription = one(ref("Subscription", "packages"), "Payment subscription of the enrollment, the newest.")
    history = connection(ref("EnrollmentChange", "packages"), "Changes of the enrollment's state, newest first.")
    as_of = as_of("EnrollmentAsOf", "enrollment", "had not been made yet")


@guarded
@strawberry.type(description="Change of an enrollment's state.")
class EnrollmentChange(Node):
    before: EnrollmentState | None = planned("State before the change; null where the client was enrolled.")
    after: EnrollmentState = planned("State after the change.")
    frozen_at: datetime | None = planned("Instant of the freeze after the change.")
    at: datetime = planned("Time of the change.")
    transition: str = planned("Name of the transition that made the change.")
    reason: str | None = planned("Reason that was given for the change.")


@guarded
@strawberry.type(description="Payment subscription behind an enrollment.")
class Subscription(Node):
    state: SubscriptionState = planned("State of the subscription.")
    amount: Money | None = planned("Amount of each payment.")
    period_end: datetime = planned("End of the period that is paid.")
    started_at: datetime = planned("Start of the subscription.")
    ended_at: datetime | None = planned("End of the subscription; null while it runs.")


@strawberry.type
class PackagesQuery:
    package = by_id(PACKAGE, "package")
    packages = connection(PACKAGE, "Packages of the workspace.", filter=PackageFilter, order=PackageOrder, required=True)
    module = by_id(MODULE, "module")
    modules = connection(MODULE, "Modules of the workspace.", filter=ModuleFilter, order=ModuleOrder, required=True)
    products = connection(ref("Product", "packages"), "Products of the workspace.", filter=ProductFilter, order=ProductOrder, required=True)
    enrollment = by_id(ENROLLMENT, "enrollment")
