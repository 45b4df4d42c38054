"""Steps with what a workspace sets for itself."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.settings import PROPOSAL_DAYS, SetRule, UpdateWorkspace
from resolvers.acts.base import Act, Columns, Writer, Written, made, setting
from resolvers.acts.packages import said
from resolvers.announce import take_turn
from resolvers.sql import rows, update
from storage.errors import Conflict
from storage.tables.erasure import RetentionRule

_REPLACED: Final = (
    "UPDATE retention_rule SET removed_at = :now WHERE workspace_id = :workspace AND category = :category AND removed_at IS NULL"
    " RETURNING years, reason, source"
)


async def set_rule(session: AsyncSession, act: Act) -> Written:
    """New rule, in the place of the one before, which stays in the list of those that were. One is set after another."""
    given: SetRule = act.given
    if act.member is None:
        raise ValueError("a rule is set by a member")
    await take_turn(session, act.workspace)
    replaced = await rows(session, _REPLACED, {"workspace": act.workspace, "category": given.category, "now": act.now})
    rule = RetentionRule(
        workspace_id=act.workspace,
        category=given.category,
        years=given.years,
        reason=given.reason,
        source=given.source or None,
        set_by=act.member,
        set_at=act.now,
    )
    written = await made(session, rule)
    before = [_told(*cells) for cells in replaced]
    detail = {"category": given.category, "before": before[0] if before else None, "after": _told(rule.years, rule.reason, rule.source)}
    return Written(written.row, detail=detail)


def _told(years: int, reason: str, source: str | None) -> dict[str, Any]:
    return {"years": years, "reason": reason, "source": source}


def _removed(act: Act) -> Columns:
    return {"removed_at": act.now}


_SETTINGS: Final = tuple(about.name for about in fields(UpdateWorkspace) if about.name not in ("said", "reason"))


async def update_workspace(session: AsyncSession, act: Act) -> Written:
    """What is to be otherwise, and in the audit what it was and is."""
    wanted = said(act, *_SETTINGS)
    wanted |= {name: wanted[name].upper() for name in ("country", "currency") if name in wanted}
    before = {name: getattr(act.row, name) for name, value in wanted.items() if value != getattr(act.row, name)}
    after = {name: wanted[name] for name in before}
    settled = {"erasure_by_one_proposer": None, "erasure_by_one_until": None} if "erasure_by_two" in wanted else {}
    await _set(session, act, {**after, **settled})
    return Written(act.row, detail={"before": before, "after": after})


async def propose(session: AsyncSession, act: Act) -> Written:
    await _set(session, act, {"erasure_by_one_proposer": act.member, "erasure_by_one_until": act.now + timedelta(days=PROPOSAL_DAYS)})
    return Written(act.row)


async def _set(session: AsyncSession, act: Act, columns: Columns) -> None:
    """Set columns of the workspace, which is its own and of nobody else's."""
    known = {"workspace": act.workspace, "version": act.row.version}
    if not await update(session, "workspace", {**columns, "version": None}, "id = :workspace AND version = :version", known):
        raise Conflict("object changed meanwhile", retry=True)


WRITERS: Mapping[str, Writer] = {
    "retentionRuleSet": set_rule,
    "retentionRuleRemove": setting(_removed),
    "workspaceUpdate": update_workspace,
    "workspaceProposeErasureByOne": propose,
}
