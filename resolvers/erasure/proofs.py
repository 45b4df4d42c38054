"""Check of a receipt for a caller who may see it."""

from typing import Final

from resolvers.callers import fetch
from resolvers.context import Context
from resolvers.desk import clerk_through
from resolvers.erasure.receipts import Checked, check
from resolvers.sources import SOURCES, seen_by

_RECEIPT: Final = (
    "SELECT t.body, t.previous_hash, t.content_hash, t.signature, (SELECT p.content_hash FROM erasure_receipt p"
    " WHERE p.workspace_id = t.workspace_id AND p.position = t.position - 1) FROM erasure_receipt t"
    " WHERE t.workspace_id = :workspace AND t.id = :key"
)


async def verified(context: Context, key: str) -> Checked | None:
    """What the check found; None where there is no such receipt for the caller."""
    async with context.database.read() as reader:
        clerk = await clerk_through(reader, context.caller, context.now())
        seen = seen_by(SOURCES["ErasureReceipt"], clerk.viewer)
        found = await fetch(reader, f"{_RECEIPT}{seen}", {**clerk.parameters, "key": key})
    for *parts, before in found:
        body, previous, hashed, signature = (str(part) for part in parts)
        return check(body, previous, hashed, signature, before=None if before is None else str(before), secrets=context.secrets)
    return None
