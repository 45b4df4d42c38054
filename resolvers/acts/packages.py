"""Steps with packages and products: what is sold, and what is in it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddItem, AddPackage, AddProduct
from resolvers.acts.base import Act, Columns, Writer, Written, bad_input, compare_and_set, made, setting
from storage.tables.packages import Module, Package, PackageItem, Product, ProductItem

_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code.upper()):
        raise bad_input("currency", "A currency is three letters, such as USD.")
    return code.upper()


def said(act: Act, *names: str) -> dict[str, Any]:
    """Columns for what the input names; what is left out stays as it is."""
    return {name: value for name in names if (value := getattr(act.given, name)) is not None}


async def last_place(session: AsyncSession, act: Act, table: type[Any], *whose: Any) -> int:
    """Last place among the items, 0 where there are none."""
    found = (await session.exec(select(func.max(table.position)).where(col(table.workspace_id) == act.workspace, *whose))).one()
    return found or 0


async def present(session: AsyncSession, act: Act, key: str, field: str) -> UUID:
    """Key of a module that may be put somewhere."""
    module = await session.get_one(Module, (act.workspace, UUID(key)))
    if module.withdrawn_at is not None:
        raise bad_input(field, "The module is withdrawn.")
    return module.id


async def add(session: AsyncSession, act: Act) -> Written:
    given: AddPackage = act.given
    row = Package(
        workspace_id=act.workspace,
        id=uuid7(),
        name=given.name,
        summary=given.summary or None,
        billing=given.billing,
        price_minor=given.price_minor,
        currency=_currency(given.currency),
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
    named(columns, "name")
    _emptied(columns, "summary", "duration_days")
    return columns


def _emptied(columns: dict[str, Any], *names: str) -> None:
    """An empty text, or none of a number, takes away what was there."""
    for name in names:
        if name in columns:
            columns[name] = columns[name] or None


def named(columns: Mapping[str, Any], name: str) -> None:
    """A name that is changed is changed to one."""
    if name in columns and not columns[name].strip():
        raise bad_input(name, "A text is needed here.")


async def add_item(session: AsyncSession, act: Act) -> Written:
    given: AddItem = act.given
    if (given.module is None) == (given.appointment_type is None):
        raise bad_input("module", "Give either `module` or `appointmentType`.")
    package = await session.get_one(Package, (act.workspace, UUID(given.package)), with_for_update=True)
    mine = (col(PackageItem.package_id) == package.id, col(PackageItem.removed_at).is_(None))
    module = await present(session, act, given.module, "module") if given.module else None
    if module is not None:
        same = select(PackageItem.id).where(col(PackageItem.workspace_id) == act.workspace, *mine, col(PackageItem.module_id) == module)
        if (await session.exec(same)).first() is not None:
            raise bad_input("module", "The module is in this package already.")
    place = given.position if given.position is not None else await last_place(session, act, PackageItem, *mine) + 1
    row = PackageItem(
        workspace_id=act.workspace,
        id=uuid7(),
        package_id=package.id,
        position=place,
        module_id=module,
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
        module = await present(session, act, key, "modules")
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
        currency=_currency(given.currency),
        on_sale=given.on_sale,
        created_at=act.now,
    )
    session.add(row)
    await session.flush()
    await _fill(session, act, row.id, given.modules or [])
    return Written(row)


async def update_product(session: AsyncSession, act: Act) -> Written:
    columns = said(act, "name", "summary", "price_minor", "on_sale")
    named(columns, "name")
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
