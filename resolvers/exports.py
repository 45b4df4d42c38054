"""Links to exports: good for a day, and for no longer than whoever made one could make it again."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.decide import obstacle
from lifecycle.permits import ActorKind
from lifecycle.transitions import BY_NAME
from planner.errors import NotLiveError
from resolvers.audit import record
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.desk import Desk, clerk_of
from resolvers.export_tokens import read_token
from resolvers.ground import ground_of
from resolvers.report_exports import KIND, ReportExport, open_report
from storage.tables.clients import Client
from storage.tables.operations import ExportFile
from storage.tables.workspace import Member

LIFETIME: Final = timedelta(days=1)
_STEP: Final = BY_NAME["clientExport"]


class ExportKind(StrEnum):
    """What an export is of. With a reason, staff also read the messages of another coach's client."""

    CLIENT = "client"
    CLIENT_WITH_REASON = "client with reason"

    @classmethod
    def of(cls, reason: str | None) -> "ExportKind":
        return cls.CLIENT_WITH_REASON if reason and reason.strip() else cls.CLIENT


@dataclass(frozen=True, slots=True)
class Export:
    """Export that may be made now: of whom, and who reads."""

    client: str
    number: int
    reader: Caller


async def open_export(desk: Desk, token: str) -> Export | ReportExport | None:
    """Export of a token, put on record as fetched; None where the link opens nothing, whatever the cause."""
    named = read_token(desk.secrets, token)
    if named is None:
        return None
    try:
        async with desk.database.write() as session:
            row = await session.get(ExportFile, named)
            if row is None or row.expires_at <= desk.now or row.kind not in {KIND, *ExportKind}:
                return None
            return await (open_report if row.kind == KIND else _opened)(session, desk, row)
    except NotLiveError:
        return None


async def _opened(session: AsyncSession, desk: Desk, row: ExportFile) -> Export | None:
    """The step is judged once more, as if whoever made the link took it now."""
    client = None if row.subject_id is None else await session.get(Client, (row.workspace_id, row.subject_id))
    reader = await _reader(session, row)
    if client is None or reader is None:
        return None
    clerk = await clerk_of(session, reader, desk.now)
    known = {**clerk.parameters, "subject": client.id.hex, "whom": None}
    elsewhere = {"by_staff": clerk.actor.kind is ActorKind.STAFF}
    ground = await ground_of(session, _STEP, clerk.viewer, known, elsewhere=elsewhere)
    if ground is None or obstacle(_STEP, ground.facts, clerk.actor) is not None:
        return None
    by = f"link:{row.id.hex}"
    record(session, row.workspace_id, "export_fetched", "client", client.id, actor=by, at=desk.now, request_id=desk.request_id)
    return Export(client.id.hex, client.number, reader)


async def _reader(session: AsyncSession, row: ExportFile) -> Caller | None:
    """Whoever made the link, as the export reads for them."""
    kind, _, key = row.actor.partition(":")
    staff = kind == "member"
    if not staff and kind != "client":
        return None
    named = (row.workspace_id, UUID(key))
    person = await session.get(Member, named) if staff else await session.get(Client, named)
    if person is None or person.account_id is None:
        return None
    return Caller(
        kind=CallerKind.STAFF if staff else CallerKind.CLIENT,
        workspace=row.workspace_id.hex,
        account=person.account_id.hex,
        member=key if staff else None,
        client=None if staff else key,
        role=person.role if isinstance(person, Member) else None,
        proof=Proof.EXPORT,
        proof_id=row.id.hex,
        expires_at=row.expires_at.timestamp(),
        reason=row.kind if row.kind == ExportKind.CLIENT_WITH_REASON else None,
    )
