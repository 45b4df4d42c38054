"""The step that makes the link to an export."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from resolvers.acts.base import Act, Writer, Written
from resolvers.exports import LIFETIME, ExportKind
from storage.tables.operations import ExportFile


async def export(session: AsyncSession, act: Act) -> Written:
    """Record of an export. Its secret is the key of the record, which is signed where the link is shown."""
    row = export_file(act)
    session.add(row)
    return Written(act.row, secret=row.id.hex)


def export_file(act: Act) -> ExportFile:
    """Record of an export of the client of a step."""
    about: dict[str, Any] = {"kind": ExportKind.of(act.reason), "actor": act.actor.name, "subject_id": act.subject}
    return ExportFile(workspace_id=act.workspace, id=uuid7(), created_at=act.now, expires_at=act.now + LIFETIME, **about)


WRITERS: Mapping[str, Writer] = {"clientExport": export}
