"""Addresses that must not be contacted again, remembered as keyed hashes: who has the database alone learns no address."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.search import fold
from storage.tables.erasure import SuppressionEntry


def identifier_hash(workspace: UUID, address: str, secret: bytes) -> str:
    """Hash of an e-mail address, however it is written; the same address hashes differently in another workspace."""
    key = hashlib.blake2b(secret, digest_size=64, person=b"portico suppress").digest()
    folded = fold(address).replace(" ", "")
    return hashlib.blake2b(workspace.bytes + folded.encode("utf-8", "replace"), key=key, digest_size=32).hexdigest()


class Suppression:
    """The suppressed addresses of one workspace. The first secret hashes what is added; all of them find it again."""

    def __init__(self, workspace: UUID, secrets: Sequence[bytes]) -> None:
        self._workspace = workspace
        self._secrets = secrets

    async def add(self, session: AsyncSession, address: str, at: datetime) -> None:
        """Suppress an address; once more where it was released."""
        if await self.release(session, [address], None):
            return
        mark = identifier_hash(self._workspace, address, self._secrets[0])
        session.add(SuppressionEntry(workspace_id=self._workspace, identifier_hash=mark, suppressed_at=at))
        await session.flush()

    async def among(self, session: AsyncSession, addresses: Iterable[str]) -> set[str]:
        """Those of the addresses that are suppressed now."""
        marks = self._marks(addresses)
        live = (*self._these(marks), col(SuppressionEntry.released_at).is_(None))
        found = (await session.exec(select(SuppressionEntry.identifier_hash).where(*live))).all() if marks else ()
        return {marks[mark] for mark in found}

    async def release(self, session: AsyncSession, addresses: Iterable[str], at: datetime | None) -> int:
        """Set the end of the suppression of these addresses, or take it away; how many entries there were."""
        marks = self._marks(addresses)
        if not marks:
            return 0
        return int((await session.exec(update(SuppressionEntry).where(*self._these(marks)).values(released_at=at))).rowcount)

    def _marks(self, addresses: Iterable[str]) -> dict[str, str]:
        return {identifier_hash(self._workspace, address, secret): address for address in addresses for secret in self._secrets}

    def _these(self, marks: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
        return (col(SuppressionEntry.workspace_id) == self._workspace, col(SuppressionEntry.identifier_hash).in_(list(marks)))
