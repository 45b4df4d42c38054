"""Records that the law keeps: sealed with the day on which they go too, instead of being deleted."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.erasure import RETENTION
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


async def seal(session: AsyncSession, deletion: Deletion, table: str, keys: Sequence[str]) -> int:
    """Seal those of the records that the law of the workspace's country still keeps; how many they are."""
    place = await row(session, "SELECT w.country FROM workspace w WHERE w.id = :workspace", {"workspace": deletion.workspace})
    law = RETENTION.get(place[0]) if place else None
    if law is None:
        return 0
    among, chosen = listed(keys)
    category, names, sql = _KEPT[table]
    sealed = 0
    for cells in await rows(session, sql.format(keys=among), {"workspace": deletion.workspace, **chosen}):
        until = datetime(instant(cells[0]).year + law.years + 1, 1, 1, tzinfo=UTC)
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
            reason=law.reason,
            sealed_at=deletion.desk.now,
            purge_after=until,
        )
    return sealed


def _plain(name: str, cell: Any) -> Any:
    return instant(cell) if name in _INSTANTS and cell is not None else cell
