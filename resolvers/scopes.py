"""What the keys of servers are for: one that only reads takes no step, and prepares none."""

from collections.abc import Set as AbstractSet
from typing import Final

from graphql import OperationType

from planner.errors import NotLiveError, RequestError
from resolvers.callers import Caller, fetch, gate_sql
from resolvers.elsewhere import BULK_PREVIEWS, PREVIEWS
from storage.database import Database

#: Root fields of queries that write: a preview keeps what it showed, for the step that may follow.
WRITING_QUERIES: Final = PREVIEWS | BULK_PREVIEWS


def writes(kind: OperationType, roots: AbstractSet[str]) -> bool:
    """Whether an operation of this kind with these root fields writes what its caller asks to be written."""
    return kind is OperationType.MUTATION or not WRITING_QUERIES.isdisjoint(roots)


def only_reads() -> RequestError:
    """Refusal of whatever writes, to a key of scope READ."""
    return RequestError("FORBIDDEN", "This API key only reads: mutations and previews take a key of scope FULL.")


async def refuse_to_write(database: Database, caller: Caller) -> None:
    """Raise `only_reads`; or NotLiveError where the key has ended, about which it says nothing more."""
    async with database.read() as reader:
        live = await fetch(reader, *gate_sql(caller, reader.dialect))
    if not live:
        raise NotLiveError
    raise only_reads()
