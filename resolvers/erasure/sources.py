"""Sources of deletions and their receipts, of records that are kept and the rules for them, and of legal holds."""

import orjson

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import FLAG, ID, INT, TIME, Derived, Expr, Many, One, Order, Source, column
from resolvers import available
from resolvers.filters import flag, one_of, with_id
from resolvers.history import actor_kind
from resolvers.viewers import STATE_OF_CLIENT, FieldGuard, Rows, Shared
from resolvers.workspace import SCOPE

_CLIENT = with_id("client", lambda key: f"{{t}}.client_id = {key}")
_OF_REQUEST = "(SELECT r.client_id FROM erasure_request r WHERE r.workspace_id = {t}.workspace_id AND r.id = {t}.request_id)"
_RECEIPT = "(SELECT p.id FROM erasure_receipt p WHERE p.workspace_id = {t}.workspace_id AND p.request_id = {t}.id)"
_RULE = "CASE WHEN {t}.removed_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END"
_HOLD = "CASE WHEN {t}.released_at IS NULL THEN 'PLACED' ELSE 'RELEASED' END"


def _listed(text: str) -> list[str]:
    return list(orjson.loads(text))


SOURCES = [
    Source(
        "ErasureRequest",
        {
            "availableTransitions": available.listing(Axis.ERASURE),
            "id": column("id", ID),
            "clientNumber": column("client_number", INT),
            "parts": Derived(_listed, (column("parts"),)),
            "state": column("state"),
            "blockedBy": column("blocked_by"),
            "actor": Derived(actor_kind, (column("actor"),)),
            "requestedAt": column("requested_at", TIME),
            "scheduledFor": column("scheduled_for", TIME),
            "dueAt": column("due_at", TIME),
            "startedAt": column("started_at", TIME),
            "deletedAt": column("deleted_at", TIME),
            "completedAt": column("completed_at", TIME),
            "cancelSubscription": column("cancel_subscription", FLAG),
            "member": One("Member", "{t}.member_id"),
            "client": One("Client", "{t}.client_id"),
            "categories": Many("ErasureCategory", "{t}.request_id = {key}", order="CATEGORY"),
            "receipt": One("ErasureReceipt", _RECEIPT),
        },
        table="erasure_request",
        tag="erasure",
        scope=SCOPE,
        visible=Rows("ErasureRequest"),
        guard=FieldGuard("ErasureRequest", state=STATE_OF_CLIENT),
        orders={"REQUESTED_AT": Order("{t}.requested_at", TIME)},
        filters={"state": one_of("{t}.state"), "client": _CLIENT, "clientNumber": one_of("{t}.client_number")},
    ),
    Source(
        "ErasureCategory",
        {
            "id": column("id", ID),
            "category": column("category"),
            "expected": column("planned", INT),
            "removed": column("removed", INT),
            "retained": column("retained", INT),
            "left": column("verified", INT),
            "doneAt": column("done_at", TIME),
        },
        table="erasure_item",
        tag="erasurecategory",
        scope=SCOPE,
        visible=Rows("ErasureCategory", _OF_REQUEST),
        guard=FieldGuard("ErasureCategory"),
        orders={"CATEGORY": Order("{t}.category")},
    ),
    Source(
        "ErasureReceipt",
        {
            "id": column("id", ID),
            "clientNumber": column("client_number", INT),
            "position": column("position", INT),
            "complete": column("complete", FLAG),
            "body": column("body"),
            "previousHash": column("previous_hash"),
            "contentHash": column("content_hash"),
            "signature": column("signature"),
            "issuedAt": column("issued_at", TIME),
            "request": One("ErasureRequest", "{t}.request_id"),
        },
        table="erasure_receipt",
        tag="receipt",
        scope=SCOPE,
        visible=Rows("ErasureReceipt", _OF_REQUEST),
        guard=FieldGuard("ErasureReceipt"),
        orders={"POSITION": Order("{t}.position", INT)},
        filters={"complete": flag("{t}.complete = TRUE"), "clientNumber": one_of("{t}.client_number")},
    ),
    Source(
        "SealedItem",
        {
            "id": column("id", ID),
            "clientNumber": column("client_number", INT),
            "category": column("category"),
            "body": column("body"),
            "reason": column("reason"),
            "sealedAt": column("sealed_at", TIME),
            "purgeAfter": column("purge_after", TIME),
        },
        table="sealed_item",
        tag="sealed",
        scope=SCOPE,
        visible=Shared(Resource.SEALED),
        guard=FieldGuard("SealedItem", coach="CAST(NULL AS uuid)"),  # nobody's own
        orders={"SEALED_AT": Order("{t}.sealed_at", TIME)},
        filters={"category": one_of("{t}.category"), "clientNumber": one_of("{t}.client_number")},
    ),
    Source(
        "RetentionRule",
        {
            "availableTransitions": available.listing(Axis.RETENTION_RULE),
            "id": column("id", ID),
            "category": column("category"),
            "years": column("years", INT),
            "reason": column("reason"),
            "source": column("source"),
            "state": Expr(_RULE),
            "setAt": column("set_at", TIME),
            "removedAt": column("removed_at", TIME),
            "member": One("Member", "{t}.set_by"),
        },
        table="retention_rule",
        tag="retention",
        scope=SCOPE,
        visible=Shared(Resource.RETENTION),
        guard=FieldGuard("RetentionRule"),
        orders={"SET_AT": Order("{t}.set_at", TIME)},
        filters={"state": one_of(f"({_RULE})"), "category": one_of("{t}.category")},
    ),
    Source(
        "LegalHold",
        {
            "availableTransitions": available.listing(Axis.HOLD),
            "id": column("id", ID),
            "state": Expr(_HOLD),
            "reason": column("reason"),
            "placedAt": column("placed_at", TIME),
            "releasedAt": column("released_at", TIME),
            "member": One("Member", "{t}.placed_by"),
            "client": One("Client", "{t}.client_id"),
        },
        table="legal_hold",
        tag="hold",
        scope=SCOPE,
        visible=Rows("LegalHold"),
        guard=FieldGuard("LegalHold", state=STATE_OF_CLIENT),
        orders={"PLACED_AT": Order("{t}.placed_at", TIME)},
        filters={"state": one_of(f"({_HOLD})"), "client": _CLIENT},
    ),
]

ROOT = {
    "erasureRequest": One("ErasureRequest", argument="id"),
    "erasureRequests": Many("ErasureRequest", order="REQUESTED_AT", descending=True),
    "erasureReceipts": Many("ErasureReceipt", order="POSITION", descending=True),
    "sealedItems": Many("SealedItem", order="SEALED_AT", descending=True),
    "retentionRules": Many("RetentionRule", order="SET_AT", descending=True),
    "legalHolds": Many("LegalHold", order="PLACED_AT", descending=True),
}
