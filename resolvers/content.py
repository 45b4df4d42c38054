"""Sources of pages, forms and documents, each with its audience."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import ID, INT, JSON, TIME, Expr, First, Many, One, Order, Source, column
from resolvers import available
from resolvers.audiences import audience, within_relationship
from resolvers.entitlement import reaches
from resolvers.filters import flag
from resolvers.viewers import HIDDEN, FieldGuard, Rows, Shared
from resolvers.workspace import SCOPE

_PUBLISHED = "{t}.published_at <= :now AND {t}.withdrawn_at IS NULL"
_PAGE_OPEN = f"{_PUBLISHED} AND {audience('page_id', Resource.PAGES, '{t}.published_at')}"
_FORM_OPEN = f"{_PUBLISHED} AND {audience('form_id', Resource.FORMS, '{t}.published_at')}"


#: A page that only a frozen package admits shows nothing that came to it after the freeze.
_LATER = "CASE WHEN {at} > pg.published_at THEN {at} ELSE pg.published_at END"
_ON_OPEN_PAGE = (
    "EXISTS (SELECT 1 FROM page pg JOIN client me ON me.workspace_id = pg.workspace_id AND me.id = :client"
    f" WHERE pg.workspace_id = :workspace AND pg.id = {{t}}.page_id AND {within_relationship('{at}')}"
    f" AND {_PUBLISHED.replace('{t}', 'pg')} AND {audience('page_id', Resource.PAGES, _LATER).replace('{t}', 'pg')})"
)
#: Condition that the signed-in client may see what of the document `{t}` is dated `{at}`.
_OPEN = (
    f"{{t}}.withdrawn_at IS NULL AND ({{t}}.module_version_id IS NOT NULL AND {reaches('{t}.module_version_id', '{t}.added_at', '{at}')}"
    f" OR {{t}}.page_id IS NOT NULL AND {_ON_OPEN_PAGE} OR {audience('document_id', Resource.DOCUMENTS, '{at}')})"
)
_DOCUMENT_OPEN = _OPEN.replace("{at}", "{t}.added_at")
_REVISION_OPEN = (
    "EXISTS (SELECT 1 FROM document dc WHERE dc.workspace_id = :workspace AND dc.id = {t}.document_id AND "
    + _OPEN.replace("{t}", "dc").replace("{at}", "{t}.revised_at")
    + ")"
)
#: The title a document bears in the newest revision the reader may see; a frozen client keeps the old one.
_TITLE = (
    "(SELECT r.title FROM document_revision r WHERE r.workspace_id = :workspace AND r.document_id = {t}.id"
    f" AND (CAST(:client AS uuid) IS NULL OR {_OPEN.replace('{at}', 'r.revised_at')}) ORDER BY r.revision DESC LIMIT 1)"
)

SOURCES = [
    Source(
        "Page",
        {
            "availableTransitions": available.listing(Axis.PAGE),
            "id": column("id", ID),
            "title": column("title"),
            "body": column("body"),
            "publishedAt": column("published_at", TIME),
            "withdrawnAt": column("withdrawn_at", TIME),
            "documents": Many("Document", "{t}.page_id = {key}", order="ADDED_AT"),
            "audience": Many("AudienceRule", "{t}.page_id = {key}"),
        },
        table="page",
        tag="page",
        scope=SCOPE,
        visible=Shared(Resource.PAGES, _PAGE_OPEN),
        guard=FieldGuard("Page"),
        orders={"TITLE": Order("{t}.title")},
        filters={"withdrawn": flag("{t}.withdrawn_at IS NOT NULL", "withdrawnAt")},
    ),
    Source(
        "Form",
        {
            "availableTransitions": available.listing(Axis.FORM),
            "id": column("id", ID),
            "title": column("title"),
            "questions": column("questions", JSON),
            "publishedAt": column("published_at", TIME),
            "withdrawnAt": column("withdrawn_at", TIME),
            "audience": Many("AudienceRule", "{t}.form_id = {key}"),
            "responses": Many("FormResponse", "{t}.form_id = {key}", order="ANSWERED_AT", descending=True),
        },
        table="form",
        tag="form",
        scope=SCOPE,
        visible=Shared(Resource.FORMS, _FORM_OPEN),
        guard=FieldGuard("Form"),
        orders={"TITLE": Order("{t}.title")},
        filters={"withdrawn": flag("{t}.withdrawn_at IS NOT NULL", "withdrawnAt")},
    ),
    Source(
        "FormResponse",
        {
            "id": column("id", ID),
            "answers": column("answers", JSON),
            "answeredAt": column("answered_at", TIME),
            "form": One("Form", "{t}.form_id"),
            "client": One("Client", "{t}.client_id"),
        },
        table="form_response",
        tag="response",
        scope=SCOPE,
        visible=Rows("FormResponse", at="{t}.answered_at"),
        guard=FieldGuard("FormResponse"),
        orders={"ANSWERED_AT": Order("{t}.answered_at", TIME)},
    ),
    Source(
        "Document",
        {
            "availableTransitions": available.listing(Axis.DOCUMENT),
            "id": column("id", ID),
            "title": Expr(_TITLE),
            "addedAt": column("added_at", TIME),
            "withdrawnAt": column("withdrawn_at", TIME),
            "withdrawnReason": column("withdrawn_reason"),
            "currentRevision": First("DocumentRevision", "{t}.document_id = {key}", "REVISION", descending=True),
            "revisions": Many("DocumentRevision", "{t}.document_id = {key}", order="REVISION", descending=True),
            "moduleVersion": One("ModuleVersion", "{t}.module_version_id"),
            "page": One("Page", "{t}.page_id"),
            "audience": Many("AudienceRule", "{t}.document_id = {key}"),
        },
        table="document",
        tag="document",
        scope=SCOPE,
        visible=Shared(Resource.DOCUMENTS, _DOCUMENT_OPEN),
        guard=FieldGuard("Document"),
        orders={"ADDED_AT": Order("{t}.added_at", TIME)},
        filters={"withdrawn": flag("{t}.withdrawn_at IS NOT NULL", "withdrawnAt")},
    ),
    Source(
        "DocumentRevision",
        {
            "id": column("id", ID),
            "revision": column("revision", INT),
            "title": column("title"),
            "mediaType": column("media_type"),
            "byteSize": column("byte_size", INT),
            "revisedAt": column("revised_at", TIME),
            "document": One("Document", "{t}.document_id"),
        },
        table="document_revision",
        tag="revision",
        scope=SCOPE,
        visible=Shared(Resource.DOCUMENTS, _REVISION_OPEN),
        guard=FieldGuard("DocumentRevision"),
        orders={"REVISION": Order("{t}.revision", INT)},
    ),
    Source(
        "AudienceRule",
        {
            "id": column("id", ID),
            "status": column("status"),
            "client": One("Client", "{t}.client_id"),
            "package": One("Package", "{t}.package_id"),
        },
        table="audience",
        tag="audience",
        scope=SCOPE,
        visible=Shared(Resource.AUTHORING, HIDDEN),
        guard=FieldGuard("AudienceRule"),
        orders={"ID": Order("{t}.id", ID)},
    ),
]

ROOT = {
    "pages": Many("Page", order="TITLE"),
    "forms": Many("Form", order="TITLE"),
    "documents": Many("Document", order="ADDED_AT", descending=True),
}
