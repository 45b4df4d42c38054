"""A deletion that is being carried out, and the transactions in which it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import DataPart, DataState
from resolvers.desk import Desk
from resolvers.erasure.going import Going, going
from resolvers.sql import row, rows

#: How long whoever carries it out has it to themselves. Then another may go on, who finds done what is done.
LEASE: Final = timedelta(seconds=60)


class Taken(Exception):  # noqa: N818 - named as one says it
    """Somebody else carries it out."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that is being carried out. Keys are 32 hexadecimal digits."""

    desk: Desk
    workspace: UUID
    request: UUID
    client: str
    number: int
    parts: frozenset[DataPart]
    after: DataState
    lease: datetime

    @property
    def known(self) -> dict[str, Any]:
        return {"workspace": self.workspace, "client": self.client, "number": self.number, "request": self.request, "now": self.desk.now}

    @property
    def asked(self) -> dict[str, object]:
        """The same, as a reader takes it."""
        return {"workspace": self.workspace.hex, "client": self.client, "number": self.number, "request": self.request.hex}

    @property
    def steps(self) -> tuple[Going, ...]:
        return going(self.parts, self.after)

    @property
    def last(self) -> bool:
        """Whether nothing about the person is left afterwards."""
        return self.after is DataState.ERASED

    @property
    def of_contact(self) -> bool:
        return self.last or DataPart.CONTACT in self.parts


@asynccontextmanager
async def lot(deletion: Deletion) -> AsyncIterator[AsyncSession]:
    """Transaction of one lot, for whoever still has the lease: the client's row first, as everybody does."""
    async with deletion.desk.database.write() as session:
        if session.get_bind().dialect.name != "sqlite":
            await rows(session, "SELECT c.id FROM client c WHERE c.workspace_id = :workspace AND c.id = :client FOR UPDATE", deletion.known)
        held = "SELECT r.id FROM erasure_request r WHERE r.workspace_id = :workspace AND r.id = :request AND r.state = 'RUNNING'"
        if await row(session, f"{held} AND r.locked_until = :lease", {**deletion.known, "lease": deletion.lease}) is None:
            raise Taken
        yield session
