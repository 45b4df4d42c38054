"""Pages, forms and documents of the portal, and who may see them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from lifecycle.vocabulary import ClientStatus
from storage.tables.base import BYTEWISE, Owned, check, exactly_one, index, now, ref, words


class Page(Owned, table=True):
    """Private page of the portal."""

    __table_args__ = (index("title", "id"),)
    title: str = Field(sa_type=BYTEWISE)
    body: str = ""
    published_at: datetime | None = Field(default_factory=now)
    withdrawn_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)


class Form(Owned, table=True):
    """Form for clients to answer; `questions` is a JSON list of labels."""

    __table_args__ = (index("title", "id"),)
    title: str = Field(sa_type=BYTEWISE)
    questions: str = "[]"
    published_at: datetime | None = Field(default_factory=now)
    withdrawn_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)


class FormResponse(Owned, table=True):
    """Answers of a client to a form; `answers` is a JSON list in the order of the questions."""

    __table_args__ = (
        ref("form_id", "form"),
        ref("client_id", "client"),
        index("form_id", "answered_at", "id"),
        index("client_id", "answered_at", "id"),
    )
    form_id: UUID
    client_id: UUID
    answers: str = "[]"
    answered_at: datetime = Field(default_factory=now)


class Document(Owned, table=True):
    """Document in a module version, on a page, or standing alone with an audience."""

    __table_args__ = (
        ref("module_version_id", "module_version"),
        ref("page_id", "page"),
        index("module_version_id", "added_at", "id"),
        index("page_id", "added_at", "id"),
        index("title", "id"),
    )
    module_version_id: UUID | None = None
    page_id: UUID | None = None
    title: str = Field(sa_type=BYTEWISE)
    added_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


class DocumentRevision(Owned, table=True):
    """Revision of a document; immutable. `storage_key` names the stored bytes."""

    __table_args__ = (ref("document_id", "document"), index("document_id", "revision", unique=True), index("document_id", "revised_at"))
    document_id: UUID
    revision: int
    title: str
    media_type: str = "application/pdf"
    byte_size: int = 0
    storage_key: str = ""
    revised_at: datetime = Field(default_factory=now)


class Audience(Owned, table=True):
    """One line of the permission settings of a page, form or document: a status, a client, or a package admits."""

    __table_args__ = (
        ref("page_id", "page"),
        ref("form_id", "form"),
        ref("document_id", "document"),
        ref("client_id", "client"),
        ref("package_id", "package"),
        index("page_id"),
        index("form_id"),
        index("document_id"),
        index("client_id"),
        index("package_id"),
        check("one_resource", exactly_one("page_id", "form_id", "document_id")),
        check("one_audience", exactly_one("status", "client_id", "package_id")),
    )
    page_id: UUID | None = None
    form_id: UUID | None = None
    document_id: UUID | None = None
    status: ClientStatus | None = Field(default=None, sa_type=words(ClientStatus, "status"))
    client_id: UUID | None = None
    package_id: UUID | None = None
