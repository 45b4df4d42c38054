"""Steps with documents, pages and forms, and with who may see them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import null
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.authored import AddDocument, AddForm, AddPage, ReviseDocument, UpdatePage
from lifecycle.transition import Axis
from resolvers.acts.base import Act, Writer, Written, compare_and_set, setting
from resolvers.acts.packages import said
from storage.tables.content import Audience, Document, DocumentRevision, Form, Page

#: Column of an audience that names the object of each axis.
_PLACES = {Axis.DOCUMENT: "document_id", Axis.PAGE: "page_id", Axis.FORM: "form_id"}


def _admit(session: AsyncSession, act: Act, key: UUID) -> None:
    """Lines of the permission settings, as the input has them."""
    given = act.given
    lines: list[dict[str, Any]] = [{"status": status} for status in dict.fromkeys(given.statuses or [])]
    lines += [{"client_id": UUID(client)} for client in dict.fromkeys(given.clients or [])]
    lines += [{"package_id": UUID(package)} for package in dict.fromkeys(given.packages or [])]
    place: dict[str, Any] = {_PLACES[act.step.transition.axis]: key}
    session.add_all([Audience(workspace_id=act.workspace, id=uuid7(), **place, **line) for line in lines])


async def set_audience(session: AsyncSession, act: Act) -> Written:
    """The settings as the input has them, in place of what they were."""
    column = getattr(Audience, _PLACES[act.step.transition.axis])
    await session.exec(delete(Audience).where(col(Audience.workspace_id) == act.workspace, col(column) == act.subject))
    _admit(session, act, act.subject)
    return Written(act.row)


async def add_document(session: AsyncSession, act: Act) -> Written:
    given: AddDocument = act.given
    row = Document(
        workspace_id=act.workspace,
        id=uuid7(),
        module_version_id=UUID(given.module_version) if given.module_version else None,
        page_id=UUID(given.page) if given.page else None,
        title=given.title,
        added_at=act.now,
    )
    session.add(row)
    await session.flush()
    _revise(session, act, row.id, number=1, title=given.title, media_type=given.media_type)
    _admit(session, act, row.id)
    await session.flush()
    return Written(row)


def _revise(session: AsyncSession, act: Act, document: UUID, *, number: int, title: str, media_type: str) -> None:
    session.add(
        DocumentRevision(
            workspace_id=act.workspace,
            id=uuid7(),
            document_id=document,
            revision=number,
            title=title,
            media_type=media_type,
            byte_size=act.given.byte_size,
            storage_key=act.given.storage_key,
            revised_at=act.now,
        )
    )


async def revise_document(session: AsyncSession, act: Act) -> Written:
    given: ReviseDocument = act.given
    mine = (col(DocumentRevision.workspace_id) == act.workspace, col(DocumentRevision.document_id) == act.subject)
    last = (await session.exec(select(DocumentRevision).where(*mine).order_by(col(DocumentRevision.revision).desc()).limit(1))).first()
    title = given.title or act.row.title
    await compare_and_set(session, act, {"title": title, "withdrawn_at": None})
    number, media = (last.revision + 1, given.media_type or last.media_type) if last is not None else (1, given.media_type)
    _revise(session, act, act.subject, number=number, title=title, media_type=media or "application/pdf")
    return Written(act.row)


async def add_page(session: AsyncSession, act: Act) -> Written:
    given: AddPage = act.given
    row = Page(workspace_id=act.workspace, id=uuid7(), title=given.title, body=given.body, created_at=act.now)
    return await _put(session, act, row, published=given.published)


async def add_form(session: AsyncSession, act: Act) -> Written:
    given: AddForm = act.given
    row = Form(workspace_id=act.workspace, id=uuid7(), title=given.title, created_at=act.now)
    row.questions = orjson.dumps(given.questions).decode()
    return await _put(session, act, row, published=given.published)


async def _put(session: AsyncSession, act: Act, row: Page | Form, *, published: bool) -> Written:
    at: Any = act.now if published else null()  # None would be taken for a value left out, and become now
    row.published_at = at
    session.add(row)
    await session.flush()
    _admit(session, act, row.id)
    await session.flush()
    return Written(row)


async def update_page(session: AsyncSession, act: Act) -> Written:
    given: UpdatePage = act.given
    columns = said(act, "title", "body")
    if given.published and act.row.published_at is None:
        columns["published_at"] = act.now
    if columns:
        await compare_and_set(session, act, {**columns, "withdrawn_at": None})
    return Written(act.row, columns)


WRITERS: Mapping[str, Writer] = {
    "documentAdd": add_document,
    "documentRevise": revise_document,
    "documentSetAudience": set_audience,
    "pageAdd": add_page,
    "pageUpdate": update_page,
    "pageSetAudience": set_audience,
    "pageWithdraw": setting(lambda act: {"withdrawn_at": act.now}),
    "formAdd": add_form,
    "formSetAudience": set_audience,
}
