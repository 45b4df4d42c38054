"""Steps with modules: their drafts, and their release to one client."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddVersion
from lifecycle.problems import Problem, ProblemCode
from resolvers.acts.base import Act, Refused, Writer, Written, compare_and_set, made
from resolvers.acts.packages import said
from storage.tables.packages import Module, ModuleVersion, Release


async def add(session: AsyncSession, act: Act) -> Written:
    row = Module(workspace_id=act.workspace, id=uuid7(), title=act.given.title, created_at=act.now)
    return await made(session, row)


async def add_version(session: AsyncSession, act: Act) -> Written:
    """Next version, as a draft. Whoever adds one holds the module since it was checked, so that two make one draft."""
    given: AddVersion = act.given
    module = await session.get_one(Module, (act.workspace, UUID(given.module)))
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
    if columns:
        await compare_and_set(session, act, {**columns, "published_at": None})
    return Written(act.row, columns)


async def release(session: AsyncSession, act: Act) -> Written:
    """Release for one enrollment. Its own row is left alone: a frozen client must not notice."""
    these = {"enrollment_id": act.subject, "module_version_id": UUID(act.given.module_version)}
    session.add(Release(workspace_id=act.workspace, id=uuid7(), released_at=act.now, **these))
    return Written(act.row)


WRITERS: Mapping[str, Writer] = {
    "moduleAdd": add,
    "moduleVersionAdd": add_version,
    "moduleVersionUpdate": update_version,
    "enrollmentReleaseModule": release,
}
