"""How long records of each category are kept now: the workspace's own rule, or what the law of its country says."""

from typing import Any, Final

from lifecycle.retention import KEPT, RETENTION, RetentionBasis
from planner.ids import global_id
from planner.source import ID, INT, PLAIN, TIME, Expr, Kind, Listing

#: Columns of a rule, as the fields of its type are named.
_COLUMNS: Final[dict[str, tuple[str, Kind]]] = {
    "ruleId": ("id", ID),
    "years": ("years", INT),
    "reason": ("reason", PLAIN),
    "source": ("source", PLAIN),
    "since": ("set_at", TIME),
}
_OWN: Final = (
    "(SELECT x.{column} FROM retention_rule x WHERE x.workspace_id = {{t}}.id AND x.category = '{category}' AND x.removed_at IS NULL)"
)


def _in_force(country: str, *cells: Any) -> list[dict[str, object]]:
    """Rule of each category, with every field of its type."""
    rules, width = [], len(_COLUMNS)
    for place, category in enumerate(KEPT):
        own = dict(zip(_COLUMNS, cells[place * width : (place + 1) * width], strict=True))
        rules.append({"category": category.value, **(own | _countrys(country) if own["ruleId"] is None else _workspaces(own))})
    return rules


def _workspaces(own: dict[str, Any]) -> dict[str, object]:
    return {**own, "basis": RetentionBasis.WORKSPACE.value, "ruleId": global_id("retention", own["ruleId"])}


def _countrys(country: str) -> dict[str, object]:
    law = RETENTION.get(country)
    if law is None:
        return {"basis": RetentionBasis.NONE.value, "years": 0}
    return {"basis": RetentionBasis.COUNTRY.value, "years": law.years, "reason": law.reason, "source": law.source}


#: Field of a workspace.
IN_FORCE: Final = Listing(
    _in_force,
    (Expr("{t}.country"), *(Expr(_OWN.format(column=name, category=word), kind) for word in KEPT for name, kind in _COLUMNS.values())),
)
