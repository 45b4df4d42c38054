"""Hours that outlive their sessions: lines of the ledger with the number of the client and nothing else about them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from resolvers.announce import take_turn
from resolvers.erasure.deletion import Deletion
from resolvers.inserts import insert
from resolvers.ledger import last_position
from resolvers.sql import instant, listed, row, rows
from storage.tables.certification import HourLedgerEntry

_KEEPS: Final = "SELECT w.keep_hours_on_erasure FROM workspace w WHERE w.id = :workspace"
#: Time zone of the coach of a session, and whether it is coaching: a bare line says of neither any more.
_ZONE: Final = (
    "(SELECT COALESCE(m.timezone, w.timezone) FROM member m JOIN workspace w ON w.id = m.workspace_id"
    " WHERE m.workspace_id = {0}.workspace_id AND m.id = {0}.coach_id)"
)
_COACHING: Final = "{0}.type_id IN (SELECT y.id FROM appointment_type y WHERE y.workspace_id = :workspace AND y.coaching = TRUE)"
_HELD: Final[Mapping[str, str]] = {
    "appointment": (
        "SELECT x.id, x.coach_id, x.starts_at, COALESCE(x.actual_minutes, x.planned_minutes), x.compensation, x.coaching_kind,"
        f" x.counting_status, x.counts_override, NULL, NULL, {_ZONE.format('x')} FROM appointment x"
        f" WHERE {_COACHING.format('x')} AND x.workspace_id = :workspace AND x.state = 'COMPLETED' AND x.id IN {{keys}}"
    ),
    "attendance": (
        "SELECT x.id, g.coach_id, g.starts_at, COALESCE(g.actual_minutes, g.planned_minutes), x.compensation, g.coaching_kind,"
        f" x.counting_status, x.counts_override, g.size, g.id, {_ZONE.format('g')} FROM attendance x"
        " JOIN group_event g ON g.workspace_id = x.workspace_id AND g.id = x.event_id"
        f" WHERE {_COACHING.format('g')} AND x.workspace_id = :workspace AND x.state = 'COMPLETED' AND x.id IN {{keys}}"
    ),
}
_KNOWN: Final = "SELECT x.{column} FROM hour_ledger_entry x WHERE x.workspace_id = :workspace AND x.{column} IN {keys}"
_BARE: Final = (
    "UPDATE hour_ledger_entry SET erased = TRUE, starts_at = NULL, override_reason = NULL, event_id = COALESCE(event_id,"
    " (SELECT a.event_id FROM attendance a WHERE a.workspace_id = hour_ledger_entry.workspace_id"
    " AND a.id = hour_ledger_entry.attendance_id)), appointment_id = NULL, attendance_id = NULL"
    " WHERE workspace_id = :workspace AND {column} IN {keys}"
)
_GONE: Final = "DELETE FROM hour_ledger_entry WHERE workspace_id = :workspace AND {column} IN {keys}"


async def keep_hours(session: AsyncSession, deletion: Deletion, table: str, keys: Sequence[str]) -> None:
    """Bare lines for the sessions that were held: those that the ledger has lose what leads to the session, the others are written."""
    among, chosen = listed(keys)
    known: dict[str, Any] = {"workspace": deletion.workspace, **chosen}
    column = f"{table}_id"
    keeps = await row(session, _KEEPS, known)
    if keeps is None or not keeps[0]:
        await rows(session, _GONE.format(column=column, keys=among), known)
        return
    there = {key for (key,) in await rows(session, _KNOWN.format(column=column, keys=among), known)}
    await rows(session, _BARE.format(column=column, keys=among), known)
    held = [line for line in await rows(session, _HELD[table].format(keys=among), known) if line[0] not in there]
    if held:
        await _write(session, deletion, held)


async def _write(session: AsyncSession, deletion: Deletion, held: Sequence[tuple[Any, ...]]) -> None:
    await take_turn(session, deletion.workspace)
    first = await last_position(session, deletion.workspace) + 1
    for position, line in enumerate(held, first):
        _, coach, starts_at, minutes, compensation, kind, counting, override, size, event, zone = line
        await insert(
            session,
            HourLedgerEntry,
            workspace_id=deletion.workspace,
            coach_id=UUID(coach),
            position=position,
            day=instant(starts_at).astimezone(ZoneInfo(zone)).date(),
            minutes=minutes,
            compensation=compensation,
            coaching_kind=kind,
            group_size=size,
            client_number=deletion.number,
            event_id=UUID(event) if event else None,
            counting_status=counting,
            counts_override=None if override is None else bool(override),
            erased=True,
            entered_at=deletion.desk.now,
        )
