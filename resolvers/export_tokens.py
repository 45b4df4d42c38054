"""Tokens of links to exports: workspace and key of the record, signed."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final
from uuid import UUID

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{86}")


def export_token(secret: bytes, workspace: str, key: str) -> str:
    """Token of the link to an export, of the ids as hexadecimal digits."""
    body = bytes.fromhex(workspace + key)
    return urlsafe_b64encode(body + _signature(secret, body)).rstrip(b"=").decode()


def read_token(secrets: Sequence[bytes], token: str) -> tuple[UUID, UUID] | None:
    """Workspace and key of a token that one of the secrets signed, and that is written as we write it."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = urlsafe_b64decode(token + "==")
    body, signature = raw[:32], raw[32:]
    known = any(hmac.compare_digest(_signature(secret, body), signature) for secret in secrets)
    same = urlsafe_b64encode(raw).rstrip(b"=").decode() == token
    return (UUID(bytes=body[:16]), UUID(bytes=body[16:])) if known and same else None


def _signature(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, b"portico export " + body, "sha256")
