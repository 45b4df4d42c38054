"""Deletion of clients' data: requests, what was deleted, receipts, what is kept and by which rules, and legal holds."""

import inspect
from datetime import datetime
from typing import Any

import strawberry

from gql.base import Node, by_id, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.keys import key_of
from gql.operations import operation
from gql.planned import Info
from gql.steps import STEPS, AvailableTransition
from lifecycle.problems import ProblemCode
from lifecycle.schedules import Presence
from lifecycle.vocabulary import DataCategory, DataPart, ErasureState, HoldState
from resolvers.erasure.proofs import verified

CLIENT, MEMBER = ref("Client", "clients"), ref("Member", "workspace")
ERASURE, RECEIPT, SEALED, RULE, HOLD = (
    ref(name, "erasure") for name in ("ErasureRequest", "ErasureReceipt", "SealedItem", "RetentionRule", "LegalHold")
)
ErasureRequestOrder = ordering("ErasureRequest", REQUESTED_AT="Time of the request.")
RetentionRuleOrder = ordering("RetentionRule", SET_AT="Time the rule was set.")
LegalHoldOrder = ordering("LegalHold", PLACED_AT="Time the hold was placed.")


@strawberry.input(description="Conditions on erasure requests; all that are given must hold.")
class ErasureRequestFilter:
    state: list[ErasureState] | None = some("Request is in one of these states.")
    client: strawberry.ID | None = some("Request is about this client.")
    client_number: list[int] | None = some("Request is about the client with one of these numbers.")


@strawberry.input(description="Conditions on receipts; all that are given must hold.")
class ErasureReceiptFilter:
    complete: bool | None = some("Was nothing of the person found any more?")
    client_number: list[int] | None = some("Receipt is about the client with one of these numbers.")


@strawberry.input(description="Conditions on sealed records; all that are given must hold.")
class SealedItemFilter:
    category: list[DataCategory] | None = some("Record is of one of these categories.")
    client_number: list[int] | None = some("Record is of the client with one of these numbers.")


@strawberry.input(description="Conditions on retention rules; all that are given must hold.")
class RetentionRuleFilter:
    state: list[Presence] | None = some("Rule is in one of these states.")
    category: list[DataCategory] | None = some("Rule is about one of these categories.")


@strawberry.input(description="Conditions on legal holds; all that are given must hold.")
class LegalHoldFilter:
    state: list[HoldState] | None = some("Hold is in one of these states.")
    client: strawberry.ID | None = some("Hold is on this client.")


@guarded
@strawberry.type(
    description="Deletion of a client's data: asked for, waiting, being carried out, or done. Nobody can undo one that has begun."
)
class ErasureRequest(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    client_number: int | None = planned("Number of the client, which outlives their data.")
    parts: list[DataPart] | None = planned("Parts of the client's data that are deleted.")
    state: ErasureState | None = planned("State of the request.")
    blocked_by: ProblemCode | None = planned("What the request waits for; null while nothing stands in its way.")
    actor: str | None = planned("Kind of whoever asked: STAFF, CLIENT, or CLOCK.")
    requested_at: datetime | None = planned("Time of the request.")
    scheduled_for: datetime | None = planned("End of the time in which it can be cancelled; null where it was not scheduled.")
    due_at: datetime | None = planned("Day by which the person must have their answer: 30 days after the request.")
    started_at: datetime | None = planned("Time from which it could no longer be cancelled.")
    deleted_at: datetime | None = planned("Time at which the last row was deleted; the receipt follows once the bytes have left the files.")
    completed_at: datetime | None = planned("Time of the receipt, or of the cancelling.")
    cancel_subscription: bool | None = planned("Does a live payment subscription end with it?")
    member = one(MEMBER, "Member who asked for it, or who made the link by which the client did; null where neither is so.")
    client = one(CLIENT, "Client, as far as anything about them is left.")
    categories = connection(ref("ErasureCategory", "erasure"), "What is deleted, by category, each with its counts.")
    receipt = one(RECEIPT, "Receipt; null until all is done.")


@guarded
@strawberry.type(description="Category of a deletion, with its counts.")
class ErasureCategory(Node):
    category: DataCategory | None = planned("Category of the rows.")
    expected: int | None = planned("Rows that were there when it began.")
    removed: int | None = planned("Rows that were deleted, or emptied of what they said about the person.")
    retained: int | None = planned("Rows that are sealed, because the law keeps them.")
    left: int | None = planned("Rows that were found afterwards; null before the search.")
    done_at: datetime | None = planned("Time of the search.")


@guarded
@strawberry.type(
    description="Receipt of a deletion: what was removed, what is kept and why, what the search found. It holds no personal data. Each is "
    "chained to the one before and signed; `erasureReceiptVerify` checks it."
)
class ErasureReceipt(Node):
    client_number: int | None = planned("Number of the client.")
    position: int | None = planned("Place of the receipt in the chain of the workspace, from 1.")
    complete: bool | None = planned("Was nothing of the person found any more, outside of sealed records?")
    body: str | None = planned("Receipt as JSON with sorted keys, as it was hashed.")
    previous_hash: str | None = planned("`contentHash` of the receipt before; zeros for the first.")
    content_hash: str | None = planned("SHA-256, in hexadecimal digits, of `previousHash`, a newline, and `body`.")
    signature: str | None = planned("Ed25519 signature, in hexadecimal digits, of the 32 bytes of `contentHash`.")
    issued_at: datetime | None = planned("Time of the receipt.")
    request = one(ERASURE, "Deletion of the receipt.")


@guarded
@strawberry.type(description="Record that a retention rule keeps after its client was erased. It goes by itself on its day.")
class SealedItem(Node):
    client_number: int | None = planned("Number of the client.")
    category: DataCategory | None = planned("Category of the record.")
    body: str | None = planned("Record as JSON, with what the books need and nothing else.")
    reason: str | None = planned("Why the record is kept: the reason of the rule that held when the deletion began.")
    sealed_at: datetime | None = planned("Time the record was sealed.")
    purge_after: datetime | None = planned("Day on which the record is deleted.")


@guarded
@strawberry.type(
    description="Rule of a workspace's own: how long records of a category are kept when their client is deleted. It stands before the "
    "law of the country; see `Workspace.retention`. One that was replaced or removed stays in the list."
)
class RetentionRule(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    category: DataCategory | None = planned("Category of the records.")
    years: int | None = planned("Years that they are kept, from the end of the year they belong to; with 0, nothing is kept.")
    reason: str | None = planned("Why they are kept, such as the section of a law.")
    source: str | None = planned("Where that can be read.")
    state: Presence | None = planned("State of the rule: PRESENT while it holds.")
    set_at: datetime | None = planned("Time from which the rule holds.")
    removed_at: datetime | None = planned("Time at which it was replaced or removed; null while it holds.")
    member = one(MEMBER, "Member who set the rule.")


@guarded
@strawberry.type(description="Legal hold on a client: while it stands, nothing of theirs may be deleted.")
class LegalHold(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    state: HoldState | None = planned("State of the hold.")
    reason: str | None = planned("Why the data must be kept.")
    placed_at: datetime | None = planned("Time the hold was placed.")
    released_at: datetime | None = planned("Time the hold was released; null while it stands.")
    member = one(MEMBER, "Member who placed the hold.")
    client = one(CLIENT, "Client of the hold.")


@strawberry.type(description="Check of a receipt.")
class ReceiptCheck:
    valid: bool = strawberry.field(description="Is the receipt genuine, in all three respects?")
    content: bool = strawberry.field(description="Is the body the one that was hashed?")
    chain: bool = strawberry.field(description="Does the receipt follow the one before it?")
    signature: bool = strawberry.field(description="Was the receipt signed by this gateway?")
    key: str | None = strawberry.field(
        description="Public key of the signature, in hexadecimal digits, for a check elsewhere; null where it is nobody's."
    )


async def _verify(info: Info, id: strawberry.ID) -> ReceiptCheck | None:  # noqa: A002 - the argument's name in the schema
    found = await verified(info.context, key_of(id, "receipt"))
    if found is None:
        return None
    valid = found.content and found.chain and found.signature
    return ReceiptCheck(valid=valid, content=found.content, chain=found.chain, signature=found.signature, key=found.key)


def _query() -> type[Any]:
    body: dict[str, Any] = {
        "__annotations__": {},
        "erasure_request": by_id(ERASURE, "erasure request"),
        "erasure_requests": connection(
            ERASURE, "Erasure requests, newest first.", filter=ErasureRequestFilter, order=ErasureRequestOrder, required=True
        ),
        "erasure_receipts": connection(RECEIPT, "Receipts of deletions, newest first.", filter=ErasureReceiptFilter, required=True),
        "sealed_items": connection(SEALED, "Records that retention rules keep, newest first.", filter=SealedItemFilter, required=True),
        "retention_rules": connection(
            RULE,
            "Rules of the workspace's own, newest first.",
            filter=RetentionRuleFilter,
            order=RetentionRuleOrder,
            required=True,
        ),
        "legal_holds": connection(HOLD, "Legal holds, newest first.", filter=LegalHoldFilter, order=LegalHoldOrder, required=True),
        "erasure_receipt_verify": operation(
            ReceiptCheck | None,
            {"id": (strawberry.ID, "Id of the receipt.", inspect.Parameter.empty)},
            "Checks a receipt: its content, its place in the chain, its signature. Null where it is absent or not yours to see.",
            _verify,
        ),
    }
    return strawberry.type(type("ErasureQuery", (), body))


ErasureQuery: type = _query()
