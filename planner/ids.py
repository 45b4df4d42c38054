"""Global ids, `<tag>_<32 hex digits>`, and signed keyset cursors."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from hmac import compare_digest

import orjson

from planner.errors import RequestError

_ID = re.compile(r"([a-z]+)_([0-9a-f]{32})")
_LONGEST = 100
_SIGNATURE = 12


def global_id(tag: str, key: str) -> str:
    return f"{tag}_{key}"


def split_id(value: str) -> tuple[str, str]:
    """Tag and key of a global id; INVALID_ID when the text is none."""
    match = _ID.fullmatch(value) if len(value) <= _LONGEST else None
    if match is None:
        raise RequestError("INVALID_ID", "This is not an id of this API.")
    return match[1], match[2]


class Cursors:
    """Keyset cursors: the order and the row's values in it, signed so that no other can be made up."""

    def __init__(self, secret: bytes) -> None:
        self._key = blake2b(secret, digest_size=32, person=b"cursor").digest()

    def _sign(self, body: bytes) -> bytes:
        return blake2b(body, key=self._key, digest_size=_SIGNATURE).digest()

    def encode(self, order: str, values: list[object]) -> str:
        body = orjson.dumps([order, *values], option=orjson.OPT_UTC_Z)
        return urlsafe_b64encode(self._sign(body) + body).rstrip(b"=").decode()

    def decode(self, order: str, cursor: str) -> list[object]:
        """Values of a cursor that was made for this order; INVALID_CURSOR for any other text."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        body = raw[_SIGNATURE:]
        if not body or not compare_digest(self._sign(body), raw[:_SIGNATURE]):
            raise RequestError("INVALID_CURSOR", "This cursor was not issued by this API.")
        made_for, *values = orjson.loads(body)
        if made_for != order:
            raise RequestError("INVALID_CURSOR", "This cursor belongs to a list in another order.")
        return list(values)
