"""The last of the deletions: who the client is, and their login where nobody else uses it."""

from typing import Any, Final

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import EnrollmentState
from resolvers.erasure.deletion import Deletion, lot
from resolvers.erasure.search import Place
from resolvers.inserts import insert
from resolvers.sql import row, rows
from storage.suppression import Suppression
from storage.tables.packages import EnrollmentChange

_PERSON: Final = "SELECT c.email, c.account_id FROM client c WHERE c.workspace_id = :workspace AND c.id = :client"
_NOBODY: Final = (
    "UPDATE client SET name = '', sort_name = '', email = NULL, phone = NULL, address = NULL, notes = NULL, external_id = NULL,"
    " account_id = NULL, access_mode = 'NONE', access_until = NULL{more} WHERE workspace_id = :workspace AND id = :client"
)
#: Of somebody erased, what they once were says nothing any more.
_PLAIN: Final = ", status = 'INACTIVE', contact_kind = 'POTENTIAL_CLIENT', origin = 'STAFF', reentry = FALSE"
_USED: Final = (
    "SELECT 1 FROM account a WHERE a.id = :account AND (EXISTS (SELECT 1 FROM client c WHERE c.account_id = a.id)"
    " OR EXISTS (SELECT 1 FROM member m WHERE m.account_id = a.id) OR EXISTS (SELECT 1 FROM login_session s WHERE s.account_id = a.id))"
)
_IN: Final = "SELECT x.id, x.state FROM enrollment x WHERE x.workspace_id = :workspace AND x.client_id = :client AND x.state <> 'DELETED'"
_OUT: Final = (
    "UPDATE enrollment SET state = 'DELETED', deleted_at = :now, deleted_reason = 'CLIENT_REQUESTED', version = version + 1"
    " WHERE workspace_id = :workspace AND id = :key"
)
_UNPAID: Final = (
    "UPDATE subscription SET state = 'CANCELLED', ended_at = :now WHERE workspace_id = :workspace AND state IN ('LIVE', 'ENDING')"
    " AND enrollment_id IN (SELECT e.id FROM enrollment e WHERE e.workspace_id = :workspace AND e.client_id = :client)"
)
_HOURS: Final = "UPDATE hour_ledger_entry SET erased = TRUE WHERE workspace_id = :workspace AND client_number = :number"
_VERIFIED: Final = "UPDATE erasure_item SET verified = 0, done_at = :now WHERE workspace_id = :workspace AND request_id = :request"
_DONE: Final = "UPDATE erasure_request SET deleted_at = :now, found = :found WHERE workspace_id = :workspace AND id = :request"


async def finish(deletion: Deletion, found: list[Place]) -> None:
    """Blank the client where the contact goes, and write down that all was looked for and is gone, and what the search had found."""
    async with lot(deletion) as session:
        await rows(session, _VERIFIED, deletion.known)
        if deletion.of_contact:
            await _forget(session, deletion)
        if deletion.last:
            await rows(session, _HOURS, deletion.known)
        told = orjson.dumps([[place.column, place.count] for place in found]).decode()
        await rows(session, _DONE, {**deletion.known, "found": told})


async def _forget(session: AsyncSession, deletion: Deletion) -> None:
    person = await row(session, _PERSON, deletion.known)
    if person is None:
        raise LookupError("no such client")
    email, account = person
    if not deletion.last:
        await _close(session, deletion)
    if email:
        await Suppression(deletion.workspace, deletion.desk.secrets).add(session, email, deletion.desk.now)
    await rows(session, _NOBODY.format(more=_PLAIN if deletion.last else ""), deletion.known)
    if account and await row(session, _USED, {"account": account}) is None:
        await rows(session, "DELETE FROM external_identity WHERE account_id = :account", {"account": account})
        await rows(session, "DELETE FROM account WHERE id = :account", {"account": account})


async def _close(session: AsyncSession, deletion: Deletion) -> None:
    """Take somebody whose history stays out of all packages."""
    await rows(session, _UNPAID, deletion.known)
    for key, before in await rows(session, _IN, deletion.known):
        await rows(session, _OUT, {**deletion.known, "key": key})
        told: dict[str, Any] = {"before": before, "after": EnrollmentState.DELETED, "at": deletion.desk.now, "actor": "clock:erasure"}
        more = {"workspace_id": deletion.workspace, "id": uuid7(), "enrollment_id": key, "transition": "clientDeleteContact"}
        await insert(session, EnrollmentChange, **more, **told)
