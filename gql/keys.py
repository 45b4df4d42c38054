"""What every mutation reads from its request: who asks, the keys in the ids, and the key of the request itself."""

import strawberry

from gql.planned import Info
from planner.errors import RequestError
from planner.ids import split_id

LONGEST_KEY = 200

IDEMPOTENCY_KEY = (
    str | None,
    "Key of the request, 1 to 200 characters: sent again within a day, the same request changes nothing and gives the same answer. "
    "The header `Idempotency-Key` does the same.",
    strawberry.UNSET,
)


def key_of(value: str, tag: str) -> str:
    found, key = split_id(value)
    if found != tag:
        raise RequestError("INVALID_ID", f"This is not the id of a {tag}.")
    return key


def request_key(info: Info, key: str | None) -> str | None:
    """Idempotency key of a mutation, from its argument or the header; the header's serves each mutation of a document by its place."""
    header = info.context.idempotency_key
    if not all(said is None or (0 < len(said) <= LONGEST_KEY and said.isprintable()) for said in (key, header)):
        raise RequestError("BAD_USER_INPUT", f"An idempotency key has 1 to {LONGEST_KEY} printable characters.")
    return f"{header} {info.path.key}" if key is None and header is not None else key
