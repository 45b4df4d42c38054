"""Receipts: what was deleted and what was kept, without a word about the person, signed, each chained to the one before."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from resolvers.announce import take_turn
from storage.tables.erasure import ErasureItem, ErasureReceipt, ErasureRequest, SealedItem

_FIRST: Final = "0" * 64


def signer(secret: bytes) -> Ed25519PrivateKey:
    """Key that signs the receipts of a gateway with this secret."""
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(secret, b"portico erasure receipts", "sha256"))


def public_key(secret: bytes) -> str:
    """Public key, in hexadecimal digits, with which anybody can check a signature (RFC 8032)."""
    return signer(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def content_hash(previous: str, body: str) -> str:
    """SHA-256 of the hash before and the body."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


async def issue(session: AsyncSession, request: ErasureRequest, secret: bytes, how: str, now: datetime) -> ErasureReceipt:
    """Receipt of a request whose deletions are done."""
    await take_turn(session, request.workspace_id)
    here = col(ErasureReceipt.workspace_id) == request.workspace_id
    last = (await session.exec(select(ErasureReceipt).where(here).order_by(col(ErasureReceipt.position).desc()).limit(1))).first()
    found = orjson.loads(request.found or "[]")
    body = orjson.dumps(await _body(session, request, found, how, now), option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()
    previous = last.content_hash if last else _FIRST
    hashed = content_hash(previous, body)
    receipt = ErasureReceipt(
        workspace_id=request.workspace_id,
        request_id=request.id,
        client_number=request.client_number,
        position=(last.position if last else 0) + 1,
        complete=not found,
        body=body,
        previous_hash=previous,
        content_hash=hashed,
        signature=signer(secret).sign(bytes.fromhex(hashed)).hex(),
        issued_at=now,
    )
    session.add(receipt)
    return receipt


async def _body(session: AsyncSession, request: ErasureRequest, found: list[Any], how: str, now: datetime) -> dict[str, Any]:
    of_request = (col(ErasureItem.workspace_id) == request.workspace_id, col(ErasureItem.request_id) == request.id)
    items = (await session.exec(select(ErasureItem).where(*of_request).order_by(col(ErasureItem.category)))).all()
    of_client = (col(SealedItem.workspace_id) == request.workspace_id, col(SealedItem.client_number) == request.client_number)
    sealed = (await session.exec(select(SealedItem).where(*of_client))).all()
    kept: dict[tuple[str, str, datetime], int] = {}
    for one in sealed:
        key = (one.category, one.reason, one.purge_after)
        kept[key] = kept.get(key, 0) + 1
    return {
        "version": 1,
        "workspace": request.workspace_id.hex,
        "request": request.id.hex,
        "clientNumber": request.client_number,
        "parts": orjson.loads(request.parts),
        "requestedAt": request.requested_at,
        "startedAt": request.started_at,
        "deletedAt": request.deleted_at,
        "issuedAt": now,
        "categories": [
            {"category": item.category, "removed": item.removed, "retained": item.retained, "left": item.verified} for item in items
        ],
        "retained": [
            {"category": category, "count": count, "reason": reason, "purgeAfter": until}
            for (category, reason, until), count in sorted(kept.items())
        ],
        "found": [{"column": column, "rows": count} for column, count in found],
        "bytes": how,
        "verdict": "INCOMPLETE" if found else "COMPLETE",
    }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a receipt found."""

    content: bool
    chain: bool
    signature: bool
    key: str | None


def check(body: str, previous: str, hashed: str, signature: str, *, before: str | None, secrets: Sequence[bytes]) -> Checked:
    """Check the content against its hash, its place against the receipt before, and the signature against the keys of the gateway."""
    key = next((key for key in map(public_key, secrets) if _signed(hashed, signature, key)), None)
    return Checked(content=content_hash(previous, body) == hashed, chain=previous == (before or _FIRST), signature=key is not None, key=key)


def _signed(hashed: str, signature: str, key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), bytes.fromhex(hashed))
    except (InvalidSignature, ValueError):
        return False
    return True
