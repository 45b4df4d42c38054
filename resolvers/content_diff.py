"""Sources of a content comparison: everything in a package beside one client's view of it, by the rule that gives them the view."""

from collections.abc import Iterable

from lifecycle.access import Resource
from lifecycle.content import ContentKind
from planner.source import FLAG, TIME, Expr, Many, One, Order, Source, column
from resolvers.entitlement import CUTOFF, LIFTED, PLACED, Condition, all_of, document_rule, reaches, revision_rule, version_rule
from resolvers.filters import one_of
from resolvers.viewers import Rows, Shared
from resolvers.workspace import SCOPE


def _of(kinds: Iterable[ContentKind], rule: Iterable[Condition]) -> list[Condition]:
    """The rule, asked of lines of these kinds only."""
    others = ", ".join(f"'{kind}'" for kind in ContentKind if kind not in set(kinds))
    return [Condition(f"(w.kind IN ({others}) OR {holds})", otherwise) for holds, otherwise in rule]


def _rule(cutoff: str) -> list[Condition]:
    documents = _of((ContentKind.DOCUMENT, ContentKind.REVISION), document_rule(cutoff))
    return [*version_rule(cutoff), *documents, *_of((ContentKind.REVISION,), revision_rule("dr", cutoff))]


def _by_kind(version: str, document: str, revision: str) -> str:
    return (
        f"CASE w.kind WHEN '{ContentKind.MODULE_VERSION}' THEN {version} WHEN '{ContentKind.DOCUMENT}' THEN {document} ELSE {revision} END"
    )


_KINDS = " UNION ALL ".join(f"SELECT '{kind}' AS kind" for kind in ContentKind)
_REASON = f"CASE {' '.join(f'WHEN ({holds}) IS NOT TRUE THEN {otherwise}' for holds, otherwise in _rule(CUTOFF))} END"
_OPENS = f"CASE WHEN e.state = 'DEACTIVATED' AND {all_of(_rule(LIFTED))} THEN 1 ELSE 0 END"

#: Newest revision of the document `d` that the client reads through the enrollment.
_NEWEST = (
    "(SELECT nr.id FROM document_revision nr WHERE nr.workspace_id = d.workspace_id AND nr.document_id = d.id"
    f" AND {all_of(revision_rule('nr', CUTOFF))} ORDER BY nr.revision DESC LIMIT 1)"
)

#: A module that stands twice in a package is one line, as of the first time it was added.
_FIRST_ITEM = (
    "NOT EXISTS (SELECT 1 FROM package_item o WHERE o.workspace_id = i.workspace_id AND o.package_id = i.package_id"
    " AND o.module_id = i.module_id AND (o.added_at, o.id) < (i.added_at, i.id))"
)

#: A line for each version, document and revision in the package of each enrollment; `reason` is null where the client reads it.
_LINES = (
    "(SELECT e.workspace_id AS workspace_id, e.id AS enrollment_id, e.client_id AS client_id, w.kind AS kind,"
    " REPLACE(CAST(e.id AS text) || '.' || CAST(COALESCE(dr.id, d.id, v.id) AS text), '-', '') AS id,"
    f" {_by_kind('v.title', 'd.title', 'dr.title')} AS title,"
    f" {_by_kind('COALESCE(v.published_at, v.created_at)', 'd.added_at', 'dr.revised_at')} AS at,"
    f" v.id AS version_id, d.id AS document_id, {_by_kind('NULL', _NEWEST, 'dr.id')} AS revision_id,"
    f" d.added_at AS added_at, d.withdrawn_at AS withdrawn_at, dr.revised_at AS revised_at, {_REASON} AS reason, {_OPENS} AS opens"
    f" FROM {PLACED} CROSS JOIN ({_KINDS}) w"
    f" LEFT JOIN document d ON w.kind <> '{ContentKind.MODULE_VERSION}' AND d.workspace_id = v.workspace_id AND d.module_version_id = v.id"
    f" LEFT JOIN document_revision dr ON w.kind = '{ContentKind.REVISION}' AND dr.workspace_id = d.workspace_id AND dr.document_id = d.id"
    f" WHERE {_FIRST_ITEM} AND {_by_kind('v.id', 'd.id', 'dr.id')} IS NOT NULL)"
)

_WAYS = reaches("{t}.version_id", "{t}.added_at", "{t}.revised_at", client="{t}.client_id", but="{t}.enrollment_id")
_ELSEWHERE = f"{{t}}.withdrawn_at IS NULL AND {_WAYS}"


def _as_of() -> str:
    return (
        f"(SELECT CASE WHEN {CUTOFF} < :now THEN {CUTOFF} END FROM enrollment e JOIN client me ON me.workspace_id = e.workspace_id"
        " AND me.id = e.client_id WHERE e.workspace_id = {t}.workspace_id AND e.id = {t}.id)"
    )


_MINE = "{t}.enrollment_id = {key}"

SOURCES = [
    Source(
        "ContentDiff",
        {
            "asOf": Expr(_as_of(), TIME),
            "visible": Many("ContentItem", f"{_MINE} AND {{t}}.reason IS NULL", order="CONTENT_TITLE"),
            "withheld": Many("ContentItem", f"{_MINE} AND {{t}}.reason IS NOT NULL", order="CONTENT_AT", descending=True),
            "missedSince": Many(
                "ContentItem", f"{_MINE} AND {{t}}.reason IS NOT NULL AND {{t}}.opens = 1", order="CONTENT_AT", descending=True
            ),
        },
        table="enrollment",
        scope=SCOPE,
        visible=Rows("Enrollment"),
    ),
    Source(
        "ContentItem",
        {
            "id": column("id"),
            "kind": column("kind"),
            "title": column("title"),
            "at": column("at", TIME),
            "reason": column("reason"),
            "readElsewhere": Expr(f"CASE WHEN {_ELSEWHERE} THEN 1 ELSE 0 END = 1", FLAG),
            "moduleVersion": One("ModuleVersion", "{t}.version_id"),
            "document": One("Document", "{t}.document_id"),
            "revision": One(
                "DocumentRevision", f"CASE WHEN {{t}}.kind = '{ContentKind.REVISION}' OR {{t}}.reason IS NULL THEN {{t}}.revision_id END"
            ),
        },
        table=_LINES,
        scope=SCOPE,
        visible=Shared(Resource.AUTHORING),
        orders={"CONTENT_TITLE": Order("{t}.title"), "CONTENT_AT": Order("{t}.at", TIME)},
        filters={"kind": one_of("{t}.kind"), "reason": one_of("{t}.reason")},
    ),
]

ROOT: dict[str, Many | One] = {}
