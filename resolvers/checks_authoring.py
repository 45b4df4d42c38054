"""What refuses a step of authoring because of rows that no fact counts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.authored import HELD
from lifecycle.problems import Problem, ProblemCode
from resolvers.acts.base import Refused, bad_input
from resolvers.acts.clients import coaching
from resolvers.desk import Clerk
from resolvers.recurrence import BadRuleError, checked, checked_time
from resolvers.steps import Step
from storage.tables.appointments import AppointmentType
from storage.tables.content import Document, Page
from storage.tables.packages import Enrollment, Module, ModuleVersion, Package, PackageItem, Release

#: First day of a service, from today on.
EARLIEST: Final = timedelta(days=-366)
LATEST: Final = timedelta(days=3660)


async def _present(session: AsyncSession, clerk: Clerk, keys: Sequence[str], field: str, *, hold: bool = False) -> None:
    """Modules that are put somewhere are not withdrawn; one that is held stays so until the step is over."""
    for key in keys:
        module = await session.get_one(Module, (clerk.workspace, UUID(key)), with_for_update=hold or None)
        if module.withdrawn_at is not None:
            raise bad_input(field, "The module is withdrawn.")


async def _exists(session: AsyncSession, asked: Any) -> bool:
    return (await session.exec(asked)).first() is not None


def _of_package(clerk: Clerk, package: UUID, module: UUID) -> Any:
    """Item of the package that holds the module."""
    here = (col(PackageItem.workspace_id) == clerk.workspace, col(PackageItem.package_id) == package)
    return select(PackageItem.id).where(*here, col(PackageItem.module_id) == module, col(PackageItem.removed_at).is_(None))


async def item(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """A module is in a package once. Whoever adds one holds the package."""
    given: Any = step.given
    await session.get_one(Package, (clerk.workspace, UUID(given.package)), with_for_update=True)
    if given.module is None:
        return
    await _present(session, clerk, [given.module], "module")
    if await _exists(session, _of_package(clerk, UUID(given.package), UUID(given.module))):
        raise bad_input("module", "The module is in this package already.")


async def product(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    given: Any = step.given
    await _present(session, clerk, given.modules or [], "modules")


async def version(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    given: Any = step.given
    await _present(session, clerk, [given.module], "module", hold=True)


async def release(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """What is released is published, in the package of the enrollment, and not released yet."""
    given: Any = step.given
    version = await session.get_one(ModuleVersion, (clerk.workspace, UUID(given.module_version)))
    enrollment = await session.get_one(Enrollment, (clerk.workspace, UUID(step.subject)))
    if version.published_at is None:
        raise bad_input("module_version", "A draft cannot be released: publish it first.")
    if not await _exists(session, _of_package(clerk, enrollment.package_id, version.module_id)):
        raise bad_input("module_version", "The module is not in the package of this enrollment.")
    here = (col(Release.workspace_id) == clerk.workspace, col(Release.enrollment_id) == enrollment.id)
    if await _exists(session, select(Release.id).where(*here, col(Release.module_version_id) == version.id)):
        raise Refused(Problem(ProblemCode.ALREADY_IN_STATE, "The module is released to this client already."))


async def document(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """What is withdrawn takes no documents."""
    given: Any = step.given
    if given.page and (await session.get_one(Page, (clerk.workspace, UUID(given.page)))).withdrawn_at is not None:
        raise bad_input("page", "The page is withdrawn.")
    if given.module_version:
        version = await session.get_one(ModuleVersion, (clerk.workspace, UUID(given.module_version)))
        await _present(session, clerk, [version.module_id.hex], "module_version")


async def audience(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """A document that something holds is seen with it."""
    held = await session.get_one(Document, (clerk.workspace, UUID(step.subject)))
    if held.module_version_id or held.page_id:
        raise bad_input("statuses", HELD)


async def template(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """A service has a rule that can be read, a type that is offered, and somebody who coaches."""
    given: Any = step.given
    now: Any = clerk.parameters["now"]
    _rule(given, now)
    kind = await session.get_one(AppointmentType, (clerk.workspace, UUID(given.type)))
    if kind.archived_at is not None:
        raise bad_input("type", "Appointments of this type are not booked any more.")
    if given.coach is not None:
        member = UUID(clerk.member) if clerk.member else None
        await coaching(session, clerk.actor, clerk.workspace, given.coach, member=member, only_own="A coach plans for themselves.")


def _rule(given: Any, now: datetime) -> None:
    first: date = given.starts_on
    if not EARLIEST <= first - now.date() <= LATEST:
        raise bad_input("starts_on", "A service begins within a year behind and ten years ahead.")
    field = "recurrence"
    try:
        checked(given.recurrence, first)
        field = "start_time"
        checked_time(given.start_time)
    except BadRuleError as wrong:
        raise bad_input(field, str(wrong)) from None
