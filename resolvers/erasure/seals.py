"""Records that a retention rule keeps: sealed with the day on which they go too, instead of being deleted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.retention import RETENTION
from lifecycle.vocabulary import DataCategory
from resolvers.erasure.deletion import Deletion
from resolvers.inserts import insert
from resolvers.sql import instant, listed, row, rows
from storage.tables.erasure import SealedItem

#: What is kept of each record: only what the books need. The first column is the instant from whose year the law counts.
_KEPT: Final[Mapping[str, tuple[DataCategory, tuple[str, ...], str]]] = {
    "invoice": (
        DataCategory.INVOICES,
        ("issuedAt", "number", "title", "name", "address", "state", "amountMinor", "currency", "paidAt"),
        "SELECT x.issued_at, x.number, x.title, x.snapshot_name, x.snapshot_address, x.state, x.amount_minor, x.currency, x.paid_at"
        " FROM invoice x WHERE x.workspace_id = :workspace AND x.state <> 'DRAFT' AND x.id IN {keys}",
    ),
    "payment": (
        DataCategory.PAYMENTS,
        ("paidAt", "invoice", "state", "method", "amountMinor", "currency"),
        "SELECT x.paid_at, i.number, x.state, x.method, x.amount_minor, x.currency FROM payment x"
        " LEFT JOIN invoice i ON i.workspace_id = x.workspace_id AND i.id = x.invoice_id"
        " WHERE x.workspace_id = :workspace AND x.id IN {keys}",
    ),
}
_INSTANTS: Final = frozenset({"issuedAt", "paidAt"})
#: Country, and the workspace's own rule of a category as it was when the deletion began: all its lots go by the same.
_RULE: Final = (
    "SELECT w.country, x.years, x.reason FROM workspace w JOIN erasure_request r ON r.workspace_id = w.id AND r.id = :request"
    " LEFT JOIN retention_rule x ON x.workspace_id = w.id AND x.category = :category AND x.set_at <= r.started_at"
    " AND (x.removed_at IS NULL OR x.removed_at > r.started_at) WHERE w.id = :workspace"
)


async def seal(session: AsyncSession, deletion: Deletion, table: str, keys: Sequence[str]) -> int:
    """Seal those of the records that are still to be kept; how many they are."""
    category, names, sql = _KEPT[table]
    years, reason = await _rule(session, deletion, category)
    if years == 0:
        return 0
    among, chosen = listed(keys)
    sealed = 0
    for cells in await rows(session, sql.format(keys=among), {"workspace": deletion.workspace, **chosen}):
        until = datetime(instant(cells[0]).year + years + 1, 1, 1, tzinfo=UTC)
        if until <= deletion.desk.now:
            continue
        sealed += 1
        body = {name: _plain(name, cell) for name, cell in zip(names, cells, strict=True)}
        await insert(
            session,
            SealedItem,
            workspace_id=deletion.workspace,
            client_number=deletion.number,
            category=category.value,
            body=orjson.dumps(body, option=orjson.OPT_UTC_Z).decode(),
            reason=reason,
            sealed_at=deletion.desk.now,
            purge_after=until,
        )
    return sealed


async def _rule(session: AsyncSession, deletion: Deletion, category: DataCategory) -> tuple[int, str]:
    """For how many years records of the category are kept, and why; 0 where they are not."""
    found = await row(session, _RULE, {"workspace": deletion.workspace, "request": deletion.request, "category": category})
    if found is None:
        raise LookupError("no such deletion")
    country, years, reason = found
    if years is not None:
        return years, reason
    law = RETENTION.get(country)
    return (0, "") if law is None else (law.years, law.reason)


def _plain(name: str, cell: Any) -> Any:
    return instant(cell) if name in _INSTANTS and cell is not None else cell
