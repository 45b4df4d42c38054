"""Steps with modules: their drafts, and their release to one client."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddVersion
from lifecycle.problems import Problem, ProblemCode
from resolvers.acts.base import Act, Refused, Writer, Written, bad_input, compare_and_set, made
from resolvers.acts.packages import named, said
from storage.tables.packages import Module, ModuleVersion, PackageItem, Release


async def add(session: AsyncSession, act: Act) -> Written:
    row = Module(workspace_id=act.workspace, id=uuid7(), title=act.given.title, created_at=act.now)
    return await made(session, row)


async def add_version(session: AsyncSession, act: Act) -> Written:
    """Next version, as a draft. Whoever adds one holds the module, so that two make one draft."""
    given: AddVersion = act.given
    module = await session.get_one(Module, (act.workspace, UUID(given.module)), with_for_update=True)
    if module.withdrawn_at is not None:
        raise bad_input("module", "The module is withdrawn.")
    mine = (col(ModuleVersion.workspace_id) == act.workspace, col(ModuleVersion.module_id) == module.id)
    last = (await session.exec(select(ModuleVersion).where(*mine).order_by(col(ModuleVersion.version).desc()).limit(1))).first()
    if last is not None and last.published_at is None:
        raise Refused(Problem(ProblemCode.DRAFT_EXISTS, "The module has a draft already.", ("input", "module")))
    row = ModuleVersion(
        workspace_id=act.workspace,
        id=uuid7(),
        module_id=module.id,
        version=last.version + 1 if last is not None else 1,
        title=given.title or (last.title if last is not None else module.title),
        body=given.body,
        created_at=act.now,
    )
    return await made(session, row)


async def update_version(session: AsyncSession, act: Act) -> Written:
    columns = said(act, "title", "body")
    named(columns, "title")
    if columns:
        await compare_and_set(session, act, {**columns, "published_at": None})
    return Written(act.row, columns)


async def release(session: AsyncSession, act: Act) -> Written:
    """Release for one enrollment. Its own row is left alone: a frozen client must not notice."""
    version = await session.get_one(ModuleVersion, (act.workspace, UUID(act.given.module_version)))
    if version.published_at is None:
        raise bad_input("module_version", "A draft cannot be released: publish it first.")
    held = select(PackageItem.id).where(
        col(PackageItem.workspace_id) == act.workspace,
        col(PackageItem.package_id) == act.row.package_id,
        col(PackageItem.module_id) == version.module_id,
        col(PackageItem.removed_at).is_(None),
    )
    if (await session.exec(held)).first() is None:
        raise bad_input("module_version", "The module is not in the package of this enrollment.")
    these = {"enrollment_id": act.subject, "module_version_id": version.id}
    same = select(Release.id).where(
        col(Release.workspace_id) == act.workspace, *(col(getattr(Release, name)) == key for name, key in these.items())
    )
    if (await session.exec(same)).first() is not None:
        raise Refused(Problem(ProblemCode.ALREADY_IN_STATE, "The module is released to this client already."))
    session.add(Release(workspace_id=act.workspace, id=uuid7(), released_at=act.now, **these))
    return Written(act.row)


WRITERS: Mapping[str, Writer] = {
    "moduleAdd": add,
    "moduleVersionAdd": add_version,
    "moduleVersionUpdate": update_version,
    "enrollmentReleaseModule": release,
}
