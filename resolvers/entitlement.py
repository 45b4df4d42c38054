"""What a client is entitled to: which version of which module, through which enrollment or purchase, as of which instant.

One rule, written once as SQL and used for the client's own view and for the coach's view of it: content is visible through an
enrollment that is not deleted, up to its cutoff. The cutoff is the freeze of a deactivated enrollment, the end of the relationship of
an inactive client, and now otherwise; whichever came first.
"""

from lifecycle.access import READABLE, Resource, portal_cell, standing_of
from lifecycle.vocabulary import AccessMode, ClientStatus
from resolvers.viewers import standing_sql

_ENDED = "CASE WHEN me.status = 'INACTIVE' THEN me.status_since ELSE :now END"

#: Instant up to which content of the enrollment `e` of the client `me` is visible.
CUTOFF = f"CASE WHEN e.frozen_at IS NOT NULL AND e.frozen_at <= {_ENDED} THEN e.frozen_at ELSE {_ENDED} END"

_ENROLLED = (
    "enrollment e"
    " JOIN client me ON me.workspace_id = e.workspace_id AND me.id = e.client_id"
    " JOIN package p ON p.workspace_id = e.workspace_id AND p.id = e.package_id"
    " JOIN package_item i ON i.workspace_id = e.workspace_id AND i.package_id = e.package_id"
    " JOIN module m ON m.workspace_id = i.workspace_id AND m.id = i.module_id"
)
_OWN = "e.workspace_id = :workspace AND e.client_id = :client AND e.state <> 'DELETED'"


def _outside_gaps(instant: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM enrollment_gap g WHERE g.workspace_id = e.workspace_id AND g.enrollment_id = e.id"
        f" AND {instant} > g.from_at AND {instant} <= g.until_at)"
    )


def _item_stands() -> str:
    """Condition that the module `m`, item `i` of the package, stands at the cutoff and was released by then."""
    released = (
        "EXISTS (SELECT 1 FROM release r JOIN module_version rv ON rv.workspace_id = r.workspace_id AND rv.id = r.module_version_id"
        f" WHERE r.workspace_id = e.workspace_id AND r.enrollment_id = e.id AND rv.module_id = m.id AND r.released_at <= {CUTOFF}"
        f" AND {_outside_gaps('r.released_at')})"
    )
    return (
        f"m.withdrawn_at IS NULL AND (m.archived_at IS NULL OR m.archived_at > {CUTOFF}) AND i.added_at <= {CUTOFF}"
        f" AND (i.removed_at IS NULL OR i.removed_at > {CUTOFF})"
        f" AND {_outside_gaps('i.added_at')} AND (p.drip = FALSE OR {released})"
    )


def _published(version: str) -> str:
    pinned = f"(e.version_policy <> 'PINNED' OR {version}.published_at <= e.enrolled_at)"
    return f"{version}.published_at <= {CUTOFF} AND {pinned} AND {_outside_gaps(f'{version}.published_at')}"


_NEWER = (
    "EXISTS (SELECT 1 FROM module_version n WHERE n.workspace_id = v.workspace_id AND n.module_id = v.module_id"
    f" AND n.version > v.version AND {_published('n')})"
)

#: From and where of the versions `v` that each enrollment `e` opens.
OPENED = (
    f"{_ENROLLED} JOIN module_version v ON v.workspace_id = m.workspace_id AND v.module_id = m.id"
    f" WHERE {_item_stands()} AND {_published('v')} AND NOT {_NEWER}"
)

#: What an inactive client bought is theirs as of the end of the relationship, or of the purchase where that came later.
_KEPT = "CASE WHEN me.status <> 'INACTIVE' THEN :now WHEN b.purchased_at > me.status_since THEN b.purchased_at ELSE me.status_since END"

_BOUGHT = (
    "purchase b JOIN client me ON me.workspace_id = b.workspace_id AND me.id = b.client_id"
    " JOIN product_item i ON i.workspace_id = b.workspace_id AND i.product_id = b.product_id"
    " JOIN module m ON m.workspace_id = i.workspace_id AND m.id = i.module_id"
    " JOIN module_version v ON v.workspace_id = m.workspace_id AND v.module_id = m.id"
    f" WHERE b.workspace_id = :workspace AND b.client_id = :client AND b.refunded_at IS NULL AND {standing_sql(Resource.CONTENT)}"
    f" AND m.withdrawn_at IS NULL AND v.published_at <= {_KEPT}"
    " AND NOT EXISTS (SELECT 1 FROM module_version n WHERE n.workspace_id = v.workspace_id AND n.module_id = v.module_id"
    f" AND n.version > v.version AND n.published_at <= {_KEPT})"
)

#: Versions that the enrollment `{key}` opens.
VERSIONS_OF_ENROLLMENT = (
    f"{{t}}.id IN (SELECT v.id FROM {OPENED} AND e.workspace_id = :workspace AND e.id = {{key}} AND e.state <> 'DELETED')"
)

_MINE = f"{OPENED} AND {_OWN} AND {standing_sql(Resource.CONTENT)}"

#: Versions that the signed-in client may read, by any way.
MY_VERSIONS = f"({{t}}.id IN (SELECT v.id FROM {_MINE}) OR {{t}}.id IN (SELECT v.id FROM {_BOUGHT}))"

#: Modules of which the signed-in client may read some version.
MY_MODULES = f"({{t}}.id IN (SELECT v.module_id FROM {_MINE}) OR {{t}}.id IN (SELECT v.module_id FROM {_BOUGHT}))"

#: Items of packages whose module is open to the signed-in client.
MY_ITEMS = f"EXISTS (SELECT 1 FROM {_MINE} AND i.id = {{t}}.id)"


def reaches(instant: str, version: str) -> str:
    """Condition that something of the module version, dated `instant`, was there by the cutoff of some way to it."""
    enrolled = f"EXISTS (SELECT 1 FROM {_MINE} AND v.id = {version} AND {instant} <= {CUTOFF} AND {_outside_gaps(instant)})"
    bought = f"EXISTS (SELECT 1 FROM {_BOUGHT} AND v.id = {version} AND {instant} <= {_KEPT})"
    return f"({enrolled} OR {bought})"


#: Status of the inactive client `me` while the relationship lasted.
WAS = (
    "COALESCE((SELECT s.before FROM client_status_change s WHERE s.workspace_id = me.workspace_id AND s.client_id = me.id"
    " AND s.after = 'INACTIVE' AND s.before <> 'INACTIVE' ORDER BY s.at DESC, s.id DESC LIMIT 1), 'ACTIVE')"
)


#: Condition that the document's own instant `{at}` lies within what an inactive client may still see.
def within_relationship(instant: str) -> str:
    return f"(me.status <> 'INACTIVE' OR {instant} <= me.status_since)"


def audience(column: str, resource: Resource, instant: str) -> str:
    """Condition that the permission settings of `{t}` admit the signed-in client, by status, by name or by package."""
    admitted = (
        f"(a.status = me.status OR (me.status = 'INACTIVE' AND a.status = {WAS}) OR a.client_id = me.id OR EXISTS"
        " (SELECT 1 FROM enrollment e WHERE e.workspace_id = a.workspace_id AND e.client_id = me.id AND e.package_id = a.package_id"
        f" AND e.state <> 'DELETED' AND (e.frozen_at IS NULL OR {instant} <= e.frozen_at)))"
    )
    standings = {s: standing_of(s, AccessMode.NONE, login=True) for s in ClientStatus}
    before = ", ".join(f"'{status.value}'" for status, standing in standings.items() if portal_cell(standing, resource) in READABLE)
    had = f"(me.status <> 'INACTIVE' OR {WAS} IN ({before}))"
    return (
        "EXISTS (SELECT 1 FROM audience a JOIN client me ON me.workspace_id = a.workspace_id AND me.id = :client"
        f" WHERE a.workspace_id = :workspace AND a.{column} = {{t}}.id AND {standing_sql(resource)}"
        f" AND {instant} <= :now AND {within_relationship(instant)} AND {had} AND {admitted})"
    )
