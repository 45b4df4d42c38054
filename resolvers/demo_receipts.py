"""The receipts of those who were deleted in the demo data."""

from typing import Final

from sqlmodel import col, select

from lifecycle.vocabulary import ErasureState
from resolvers.erasure.receipts import issue
from storage.database import Database
from storage.tables.erasure import ErasureRequest

#: What they say of the bytes.
_BYTES: Final = "demo data: what was deleted was never in these files"


async def give_receipts(database: Database, secret: bytes) -> None:
    """Sign them with the secret of the gateway that serves the demo. Each has the key of its request."""
    async with database.write() as session:
        done = select(ErasureRequest).where(col(ErasureRequest.state) == ErasureState.COMPLETED).order_by(col(ErasureRequest.id))
        for request in (await session.exec(done)).all():
            receipt = await issue(session, request, secret, _BYTES, request.completed_at or request.requested_at)
            receipt.id = request.id
            await session.flush()
