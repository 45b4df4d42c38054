"""What every mutation reads from its request: who asks, the keys in the ids, and the key of the request itself."""

import strawberry

from gql.planned import Info
from planner.errors import RequestError
from planner.ids import split_id
from resolvers.callers import CallerKind
from resolvers.context import Context

IDEMPOTENCY_KEY = (
    str | None,
    "Key of the request, 1 to 200 characters: sent again within a day, the same request changes nothing and gives the same answer. "
    "The header `Idempotency-Key` does the same.",
    strawberry.UNSET,
)


def signed_in(context: Context) -> None:
    if context.caller.kind is CallerKind.ANONYMOUS:
        raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")


def key_of(value: str, tag: str) -> str:
    found, key = split_id(value)
    if found != tag:
        raise RequestError("INVALID_ID", f"This is not the id of a {tag}.")
    return key


def request_key(info: Info, key: str | None) -> str | None:
    """Idempotency key of a mutation, from its argument or the header."""
    header = info.context.idempotency_key
    if key is None and header is not None:
        key = f"{header} {info.path.key}"
    if key is not None and not 0 < len(key) <= 300:
        raise RequestError("BAD_USER_INPUT", "An idempotency key has 1 to 200 characters.")
    return key
