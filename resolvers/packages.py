"""Sources of packages, modules, products, and the clients in them."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import FLAG, ID, INT, TIME, Embedded, Expr, First, Many, One, Order, Source, Then, column
from resolvers import available
from resolvers.entitlement import MY_ITEMS, MY_MODULES, MY_VERSIONS, VERSIONS_OF_ENROLLMENT
from resolvers.filters import flag, one_of, span, with_id
from resolvers.viewers import FieldGuard, Rows, Shared
from resolvers.workspace import SCOPE


def money(amount: str = "{t}.amount_minor", currency: str = "{t}.currency") -> Embedded:
    """Money from its two columns."""
    return Embedded({"amountMinor": Expr(amount, INT), "currency": Expr(currency)})


_MY_PACKAGES = (
    "{t}.id IN (SELECT e.package_id FROM enrollment e WHERE e.workspace_id = :workspace AND e.client_id = :client AND e.state <> 'DELETED')"
)
_MY_PRODUCTS = (
    "({t}.on_sale = TRUE OR {t}.id IN (SELECT b.product_id FROM purchase b WHERE b.workspace_id = :workspace AND b.client_id = :client))"
)

#: Items `pi` that tie modules to packages: to a client, only those that their enrollment opens.
_SEEN_ITEMS = (
    "pi.workspace_id = :workspace"
    f" AND (CASE WHEN CAST(:client AS uuid) IS NULL THEN pi.removed_at IS NULL ELSE {MY_ITEMS.replace('{t}', 'pi')} END)"
)

#: A deleted enrollment is gone from the client's own view, and stays in the books for staff who ask for it.
_ENROLLMENTS = Rows("Enrollment", portal="{t}.state <> 'DELETED'")

_OF_ENROLLMENT = "(SELECT e.client_id FROM enrollment e WHERE e.workspace_id = {t}.workspace_id AND e.id = {t}.enrollment_id)"


_STANDS = "EXISTS (SELECT 1 FROM enrollment e WHERE e.workspace_id = :workspace AND e.id = {t}.enrollment_id AND e.state <> 'DELETED')"

#: What was taken out of a package is no part of it, but for the client who kept it: which that is, entitlement says.
_STANDING = "({t}.removed_at IS NULL OR CAST(:client AS uuid) IS NOT NULL)"

SOURCES = [
    Source(
        "Package",
        {
            "availableTransitions": available.listing(Axis.PACKAGE),
            "id": column("id", ID),
            "name": column("name"),
            "summary": column("summary"),
            "billing": column("billing"),
            "price": money("{t}.price_minor"),
            "durationDays": column("duration_days", INT),
            "coaching": column("coaching", FLAG),
            "drip": column("drip", FLAG),
            "onExpiry": column("on_expiry"),
            "onDeclined": column("on_declined"),
            "declinedGraceDays": column("declined_grace_days", INT),
            "onRecovered": column("on_recovered"),
            "archivedAt": column("archived_at", TIME),
            "createdAt": column("created_at", TIME),
            "version": column("version", INT),
            "items": Many("PackageItem", f"{{t}}.package_id = {{key}} AND {_STANDING}"),
            "modules": Many(
                "Module",
                f"{{t}}.id IN (SELECT pi.module_id FROM package_item pi WHERE {_SEEN_ITEMS} AND pi.package_id = {{key}})",
                order="ID",
            ),
            "enrollments": Many("Enrollment", "{t}.package_id = {key}", order="ENROLLED_AT", descending=True),
            "asOf": Then("PackageAsOf"),
        },
        table="package",
        tag="package",
        scope=SCOPE,
        visible=Shared(Resource.OPEN, _MY_PACKAGES),
        guard=FieldGuard("Package"),
        orders={"NAME": Order("{t}.name"), "CREATED_AT": Order("{t}.created_at", TIME)},
        filters={
            "billing": one_of("{t}.billing"),
            "archived": flag("{t}.archived_at IS NOT NULL", "archivedAt"),
            "coaching": flag("{t}.coaching = TRUE"),
        },
    ),
    Source(
        "PackageItem",
        {
            "id": column("id", ID),
            "position": column("position", INT),
            "quantity": column("quantity", INT),
            "addedAt": column("added_at", TIME),
            "removedAt": column("removed_at", TIME),
            "package": One("Package", "{t}.package_id"),
            "module": One("Module", "{t}.module_id"),
            "appointmentType": One("AppointmentType", "{t}.appointment_type_id"),
        },
        table="package_item",
        tag="item",
        scope=SCOPE,
        visible=Shared(Resource.CONTENT, MY_ITEMS),
        guard=FieldGuard("PackageItem"),
        orders={"POSITION": Order("{t}.position", INT)},
    ),
    Source(
        "Module",
        {
            "availableTransitions": available.listing(Axis.MODULE),
            "id": column("id", ID),
            "title": column("title"),
            "archivedAt": column("archived_at", TIME),
            "withdrawnAt": column("withdrawn_at", TIME),
            "withdrawnReason": column("withdrawn_reason"),
            "createdAt": column("created_at", TIME),
            "version": column("version", INT),
            "currentVersion": First("ModuleVersion", "{t}.module_id = {key} AND {t}.published_at <= :now", "VERSION", descending=True),
            "versions": Many("ModuleVersion", "{t}.module_id = {key}", order="VERSION", descending=True),
            "packages": Many(
                "Package",
                f"{{t}}.id IN (SELECT pi.package_id FROM package_item pi WHERE {_SEEN_ITEMS} AND pi.module_id = {{key}})",
            ),
        },
        table="module",
        tag="module",
        scope=SCOPE,
        visible=Shared(Resource.CONTENT, MY_MODULES),
        guard=FieldGuard("Module"),
        orders={"TITLE": Order("{t}.title", reads=("title",)), "ID": Order("{t}.id", ID)},  # a client may not read the working title
        filters={"archived": flag("{t}.archived_at IS NOT NULL", "archivedAt")},
    ),
    Source(
        "ModuleVersion",
        {
            "availableTransitions": available.listing(Axis.MODULE_VERSION),
            "id": column("id", ID),
            "version": column("version", INT),
            "title": column("title"),
            "body": column("body"),
            "publishedAt": column("published_at", TIME),
            "createdAt": column("created_at", TIME),
            "module": One("Module", "{t}.module_id"),
            "documents": Many("Document", "{t}.module_version_id = {key}", order="ADDED_AT"),
        },
        table="module_version",
        tag="moduleversion",
        scope=SCOPE,
        visible=Shared(Resource.CONTENT, MY_VERSIONS),
        guard=FieldGuard("ModuleVersion"),
        orders={"VERSION": Order("{t}.version", INT), "TITLE": Order("{t}.title")},
        filters={"published": flag("{t}.published_at IS NOT NULL")},
    ),
    Source(
        "Product",
        {
            "id": column("id", ID),
            "name": column("name"),
            "summary": column("summary"),
            "price": money("{t}.price_minor"),
            "onSale": column("on_sale", FLAG),
            "createdAt": column("created_at", TIME),
            "modules": Many(
                "Module",
                "{t}.id IN (SELECT i.module_id FROM product_item i WHERE i.workspace_id = :workspace AND i.product_id = {key})",
                order="ID",
            ),
            "purchases": Many("Purchase", "{t}.product_id = {key}", order="PURCHASED_AT", descending=True),
        },
        table="product",
        tag="product",
        scope=SCOPE,
        visible=Shared(Resource.OPEN, _MY_PRODUCTS),
        guard=FieldGuard("Product"),
        orders={"NAME": Order("{t}.name")},
        filters={"onSale": flag("{t}.on_sale = TRUE")},
    ),
    Source(
        "Purchase",
        {
            "id": column("id", ID),
            "purchasedAt": column("purchased_at", TIME),
            "refundedAt": column("refunded_at", TIME),
            "price": money("{t}.price_minor"),
            "product": One("Product", "{t}.product_id"),
            "client": One("Client", "{t}.client_id"),
        },
        table="purchase",
        tag="purchase",
        scope=SCOPE,
        visible=Rows("Purchase"),
        guard=FieldGuard("Purchase"),
        orders={"PURCHASED_AT": Order("{t}.purchased_at", TIME)},
    ),
    Source(
        "Enrollment",
        {
            "availableTransitions": available.listing(Axis.ENROLLMENT),
            "id": column("id", ID),
            "state": column("state"),
            "enrolledAt": column("enrolled_at", TIME),
            "frozenAt": column("frozen_at", TIME),
            "frozenReason": column("frozen_reason"),
            "deletedAt": column("deleted_at", TIME),
            "deletedReason": column("deleted_reason"),
            "versionPolicy": column("version_policy"),
            "paymentStatus": column("payment_status"),
            "paidThrough": column("paid_through", TIME),
            "declinedAt": column("declined_at", TIME),
            "expiresAt": column("expires_at", TIME),
            "expired": Expr("CASE WHEN {t}.expires_at <= :now THEN 1 ELSE 0 END = 1", FLAG),
            "version": column("version", INT),
            "client": One("Client", "{t}.client_id"),
            "package": One("Package", "{t}.package_id"),
            "modules": Many("ModuleVersion", VERSIONS_OF_ENROLLMENT, order="TITLE"),
            "contentDiff": One("ContentDiff", "{t}.id"),
            "subscription": First("Subscription", "{t}.enrollment_id = {key}", "STARTED_AT", descending=True),
            "scheduledTransitions": Many("ScheduledTransition", "{t}.subject_id = {key}", order="DUE_AT"),
            "suggestions": Many("Suggestion", "{t}.subject_id = {key}", order="CREATED_AT", descending=True),
            "history": Many("EnrollmentChange", "{t}.enrollment_id = {key}", order="AT", descending=True),
            "asOf": Then("EnrollmentAsOf"),
        },
        table="enrollment",
        tag="enrollment",
        scope=SCOPE,
        visible=_ENROLLMENTS,
        owned=_ENROLLMENTS.owned,
        guard=FieldGuard("Enrollment"),
        orders={"ENROLLED_AT": Order("{t}.enrolled_at", TIME)},
        filters={
            "state": one_of("{t}.state", absent="{t}.state <> 'DELETED'"),
            "paymentStatus": one_of("{t}.payment_status", "paymentStatus"),
            "enrolledAt": span("{t}.enrolled_at"),
            "package": with_id("package", lambda key: f"{{t}}.package_id = {key}"),
            "client": with_id("client", lambda key: f"{{t}}.client_id = {key}"),
        },
    ),
    Source(
        "EnrollmentChange",
        {
            "id": column("id", ID),
            "before": column("before"),
            "after": column("after"),
            "frozenAt": column("frozen_at", TIME),
            "at": column("at", TIME),
            "transition": column("transition"),
            "reason": column("reason"),
        },
        table="enrollment_change",
        tag="enrollmentchange",
        scope=SCOPE,
        visible=Rows("EnrollmentChange", _OF_ENROLLMENT),
        guard=FieldGuard(
            "EnrollmentChange",
            state=f"(SELECT c.data_state FROM client c WHERE c.workspace_id = {{t}}.workspace_id AND c.id = {_OF_ENROLLMENT})",
        ),
        orders={"AT": Order("{t}.at", TIME)},
    ),
    Source(
        "Subscription",
        {
            "id": column("id", ID),
            "state": column("state"),
            "amount": money(),
            "periodEnd": column("period_end", TIME),
            "startedAt": column("started_at", TIME),
            "endedAt": column("ended_at", TIME),
        },
        table="subscription",
        tag="subscription",
        scope=SCOPE,
        visible=Rows("Subscription", _OF_ENROLLMENT, portal=_STANDS),
        guard=FieldGuard("Subscription"),
        orders={"STARTED_AT": Order("{t}.started_at", TIME)},
    ),
]

ROOT = {
    "package": One("Package", argument="id"),
    "packages": Many("Package", order="NAME"),
    "module": One("Module", argument="id"),
    "modules": Many("Module", order="ID"),
    "products": Many("Product", order="NAME"),
    "enrollment": One("Enrollment", argument="id"),
}
