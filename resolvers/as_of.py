"""Sources of what stood at an instant: clients, enrollments, packages, and the content in them."""

from lifecycle.access import Resource
from planner.source import INT, TIME, Many, One, Order, Source, column
from resolvers.entitlement import VERSIONS_OF_ENROLLMENT
from resolvers.past import DATA_STATE, as_of, then
from resolvers.viewers import HIDDEN, FieldGuard, Rows, Shared
from resolvers.workspace import SCOPE


def _past(instant: str) -> str:
    """Scope in which an instant that has not come answers nothing, rather than what is planned. A column tells PostgreSQL the types."""
    return f"{SCOPE} AND COALESCE(:at, {{t}}.{instant}) <= COALESCE(:now, {{t}}.{instant})"


#: Version of a module of the package `{key}` that was the newest.
_OF_PACKAGE = as_of(
    "{t}.module_id IN (SELECT i.module_id FROM package_item i JOIN module m ON m.workspace_id = i.workspace_id AND m.id = i.module_id"
    " WHERE i.workspace_id = :workspace AND i.package_id = {key} AND i.added_at <= :at"
    " AND (i.removed_at IS NULL OR i.removed_at > :at)"
    " AND m.archived_at IS NULL AND m.withdrawn_at IS NULL)"
    " AND {t}.published_at <= :at AND NOT EXISTS (SELECT 1 FROM module_version n WHERE n.workspace_id = {t}.workspace_id"
    " AND n.module_id = {t}.module_id AND n.version > {t}.version AND n.published_at <= :at)"
)
_DOCUMENT = (
    "(SELECT d.workspace_id, d.id, d.module_version_id, d.added_at, r.title, r.revision, r.media_type, r.byte_size, r.revised_at"
    " FROM document d JOIN document_revision r ON r.workspace_id = d.workspace_id AND r.document_id = d.id AND r.revision ="
    " (SELECT max(l.revision) FROM document_revision l WHERE l.workspace_id = d.workspace_id AND l.document_id = d.id"
    " AND l.revised_at <= :at)"
    " WHERE d.added_at <= :at AND (d.withdrawn_at IS NULL OR d.withdrawn_at > :at))"
)

SOURCES = [
    Source(
        "ClientAsOf",
        {
            "status": column("status"),
            "statusSince": column("status_since", TIME),
            "accessMode": column("access_mode"),
            "dataState": column("data_state_then"),
            "enrollments": Many("EnrollmentAsOf", "{t}.client_id = {key} AND {t}.state <> 'DELETED'", descending=True),
            "client": One("Client", "{t}.id"),
        },
        table=then(
            "client",
            ["workspace_id", "id", "coach_id", "created_at", "data_state", "status", "status_since", "access_mode"],
            data_state_then=DATA_STATE,
        ),
        scope=_past("created_at"),
        visible=Rows("ClientAsOf", "{t}.id"),
        guard=FieldGuard("ClientAsOf", state="{t}.data_state"),
    ),
    Source(
        "EnrollmentAsOf",
        {
            "state": column("state"),
            "frozenAt": column("frozen_at", TIME),
            "modules": Many("ModuleVersionAsOf", as_of(VERSIONS_OF_ENROLLMENT), order="TITLE"),
            "client": One("Client", "{t}.client_id"),
            "package": One("Package", "{t}.package_id"),
            "enrollment": One("Enrollment", "{t}.id"),
        },
        table=then("enrollment", ["workspace_id", "id", "client_id", "package_id", "state", "frozen_at", "enrolled_at"]),
        scope=_past("enrolled_at"),
        visible=Rows("EnrollmentAsOf"),
        guard=FieldGuard("EnrollmentAsOf"),
        orders={"ENROLLED_AT": Order("{t}.enrolled_at", TIME)},
    ),
    Source(
        "PackageAsOf",
        {
            "modules": Many("ModuleVersionAsOf", _OF_PACKAGE, order="TITLE"),
            "enrollments": Many("EnrollmentAsOf", "{t}.package_id = {key} AND {t}.state <> 'DELETED'", descending=True),
            "package": One("Package", "{t}.id"),
        },
        table="(SELECT o.workspace_id, o.id, o.created_at FROM package o WHERE o.created_at <= :at)",
        scope=_past("created_at"),
        visible=Shared(Resource.AUTHORING, HIDDEN),
        guard=FieldGuard("PackageAsOf"),
    ),
    Source(
        "ModuleVersionAsOf",
        {
            "version": column("version", INT),
            "title": column("title"),
            "body": column("body"),
            "publishedAt": column("published_at", TIME),
            "documents": Many("DocumentAsOf", "{t}.module_version_id = {key}"),
            "moduleVersion": One("ModuleVersion", "{t}.id"),
        },
        table="module_version",
        scope=SCOPE,
        visible=Shared(Resource.AUTHORING, HIDDEN),
        guard=FieldGuard("ModuleVersionAsOf"),
        orders={"TITLE": Order("{t}.title")},
    ),
    Source(
        "DocumentAsOf",
        {
            "title": column("title"),
            "revision": column("revision", INT),
            "mediaType": column("media_type"),
            "byteSize": column("byte_size", INT),
            "addedAt": column("added_at", TIME),
            "revisedAt": column("revised_at", TIME),
            "document": One("Document", "{t}.id"),
        },
        table=_DOCUMENT,
        scope=SCOPE,
        visible=Shared(Resource.AUTHORING, HIDDEN),
        guard=FieldGuard("DocumentAsOf"),
        orders={"ADDED_AT": Order("{t}.added_at", TIME)},
    ),
]
