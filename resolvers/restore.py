"""Giving back what a step took from other objects, as far as it lasts, and saying what is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import ProblemCode
from lifecycle.vocabulary import EffectAction, EffectKind
from resolvers.desk import Desk
from resolvers.effects import EFFECTS, Effect
from resolvers.slots import overlaps
from resolvers.sql import listed, rows
from storage.tables.appointments import Appointment
from storage.tables.operations import Batch

#: A step with the object itself, from before this one, is on top again: taking and giving back moved the version by two.
_ON_TOP: Final = (
    "UPDATE batch SET version = version + 2 WHERE workspace_id = :workspace AND subject_id = :key AND undone_at IS NULL AND at <= :at"
    " AND version = (SELECT x.version - 2 FROM {table} x WHERE x.workspace_id = :workspace AND x.id = :key)"
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Object that could not be given back, and why."""

    kind: EffectKind
    key: str
    because: str


async def restore(
    session: AsyncSession, desk: Desk, batch: Batch, touched: tuple[EffectKind, EffectAction], was: Mapping[str, str | None]
) -> tuple[int, list[Skipped]]:
    """Give back what one touch took, as far as it lasts; how much, and what is lost."""
    kind, effect = touched[0], EFFECTS[touched]
    if not effect.lasting:
        return 0, []
    lasting = await _lasting(session, desk, batch, effect, list(was))
    skipped = [Skipped(kind, key, effect.lost) for key in was if key not in lasting]
    restored = 0
    for key in sorted(lasting):
        removed = touched == (EffectKind.APPOINTMENTS, EffectAction.REMOVE)
        if removed and await taken(session, await session.get_one(Appointment, (batch.workspace_id, UUID(key)))):
            skipped.append(Skipped(kind, key, ProblemCode.SLOT_TAKEN.value))
            continue
        await _give_back(session, batch, effect, key, was[key])
        restored += 1
    return restored, skipped


async def _give_back(session: AsyncSession, batch: Batch, effect: Effect, key: str, was: str | None) -> None:
    table: Any = effect.table
    these = (col(table.workspace_id) == batch.workspace_id, col(table.id) == UUID(key))
    values: dict[str, Any] = {effect.column: was, **dict.fromkeys(effect.clears)}
    versioned = "version" in table.model_fields
    if versioned:
        values["version"] = col(table.version) + 1
    await session.exec(update(table).where(*these).values(**values).execution_options(synchronize_session=False))
    if versioned:
        await rows(session, _ON_TOP.format(table=table.__table__.name), {"workspace": batch.workspace_id, "key": key, "at": batch.at})


async def _lasting(session: AsyncSession, desk: Desk, batch: Batch, effect: Effect, keys: list[str]) -> set[str]:
    """Those of the rows that can still be given back."""
    found: set[str] = set()
    known = {"workspace": batch.workspace_id, "now": desk.now, "at": batch.at}
    for start in range(0, len(keys), 200):
        among, chosen = listed(keys[start : start + 200])
        sql = f"SELECT t.id FROM {effect.table.__tablename__} t WHERE t.workspace_id = :workspace AND t.id IN {among} AND {effect.lasting}"
        found |= {key for (key,) in await rows(session, sql, {**known, **chosen})}
    return found


async def taken(session: AsyncSession, removed: Appointment) -> bool:
    """Whether the coach has another session at that time by now."""
    return await overlaps(session, removed.workspace_id, removed.coach_id, removed.starts_at, removed.planned_minutes)
