"""Steps with what a workspace sets for itself."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.settings import SetRule
from resolvers.acts.base import Act, Columns, Writer, Written, made, setting
from resolvers.announce import take_turn
from resolvers.sql import rows
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


WRITERS: Mapping[str, Writer] = {"retentionRuleSet": set_rule, "retentionRuleRemove": setting(_removed)}
