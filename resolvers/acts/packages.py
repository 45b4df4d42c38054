"""Steps with packages and products: what is sold, and what is in it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddItem, AddPackage, AddProduct
from resolvers.acts.base import Act, Columns, Writer, Written, compare_and_set, made, setting
from storage.tables.packages import Package, PackageItem, Product, ProductItem


def said(act: Act, *names: str) -> dict[str, Any]:
    """Columns for what the input names; what is left out stays as it is."""
    return {name: value for name in names if (value := getattr(act.given, name)) is not None}


async def last_place(session: AsyncSession, act: Act, table: type[Any], *whose: Any) -> int:
    """Last place among the items, 0 where there are none."""
    found = (await session.exec(select(func.max(table.position)).where(col(table.workspace_id) == act.workspace, *whose))).one()
    return found or 0


async def add(session: AsyncSession, act: Act) -> Written:
    given: AddPackage = act.given
    row = Package(
        workspace_id=act.workspace,
        id=uuid7(),
        name=given.name,
        summary=given.summary or None,
        billing=given.billing,
        price_minor=given.price_minor,
        currency=given.currency.upper(),
        duration_days=given.duration_days,
        coaching=given.coaching,
        drip=given.drip,
        on_expiry=given.on_expiry,
        on_declined=given.on_declined,
        declined_grace_days=given.declined_grace_days,
        on_recovered=given.on_recovered,
        created_at=act.now,
    )
    return await made(session, row)


def _updated(act: Act) -> Columns:
    columns = said(act, "name", "summary", "price_minor", "duration_days", "drip", "on_expiry", "on_declined")
    columns |= said(act, "declined_grace_days", "on_recovered")
    _emptied(columns, "summary", "duration_days")
    return columns


def _emptied(columns: dict[str, Any], *names: str) -> None:
    """An empty text, or none of a number, takes away what was there."""
    for name in names:
        if name in columns:
            columns[name] = columns[name] or None


async def add_item(session: AsyncSession, act: Act) -> Written:
    given: AddItem = act.given
    package = UUID(given.package)
    mine = (col(PackageItem.package_id) == package, col(PackageItem.removed_at).is_(None))
    place = given.position if given.position is not None else await last_place(session, act, PackageItem, *mine) + 1
    row = PackageItem(
        workspace_id=act.workspace,
        id=uuid7(),
        package_id=package,
        position=place,
        module_id=UUID(given.module) if given.module else None,
        appointment_type_id=UUID(given.appointment_type) if given.appointment_type else None,
        quantity=given.quantity,
        added_at=act.now,
    )
    return await made(session, row)


async def _fill(session: AsyncSession, act: Act, product: UUID, modules: Sequence[str]) -> None:
    """Put modules into a product, behind those it has; one that is in it already stays where it is."""
    mine = (col(ProductItem.workspace_id) == act.workspace, col(ProductItem.product_id) == product)
    held = set((await session.exec(select(ProductItem.module_id).where(*mine))).all())
    place = await last_place(session, act, ProductItem, *mine)
    for key in dict.fromkeys(modules):
        module = UUID(key)
        if module not in held:
            place += 1
            item: dict[str, Any] = {"product_id": product, "position": place, "module_id": module, "added_at": act.now}
            session.add(ProductItem(workspace_id=act.workspace, id=uuid7(), **item))
    await session.flush()


async def add_product(session: AsyncSession, act: Act) -> Written:
    given: AddProduct = act.given
    row = Product(
        workspace_id=act.workspace,
        id=uuid7(),
        name=given.name,
        summary=given.summary or None,
        price_minor=given.price_minor,
        currency=given.currency.upper(),
        on_sale=given.on_sale,
        created_at=act.now,
    )
    session.add(row)
    await session.flush()
    await _fill(session, act, row.id, given.modules or [])
    return Written(row)


async def update_product(session: AsyncSession, act: Act) -> Written:
    columns = said(act, "name", "summary", "price_minor", "on_sale")
    _emptied(columns, "summary")
    if columns:
        await compare_and_set(session, act, columns)
    await _fill(session, act, act.subject, act.given.modules or [])
    return Written(act.row, columns)


WRITERS: Mapping[str, Writer] = {
    "packageAdd": add,
    "packageUpdate": setting(_updated),
    "packageItemAdd": add_item,
    "packageItemRemove": setting(lambda act: {"removed_at": act.now}),
    "productAdd": add_product,
    "productUpdate": update_product,
}
