"""Whom the permission settings of pages, forms and documents admit, and up to which instant."""

from lifecycle.access import READABLE, Resource, portal_cell, standing_of
from lifecycle.vocabulary import AccessMode, ClientStatus
from resolvers.entitlement import outside_gaps
from resolvers.viewers import standing_sql

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
        f" AND e.state <> 'DELETED' AND (e.frozen_at IS NULL OR {instant} <= e.frozen_at) AND {outside_gaps(instant)}))"
    )
    standings = {s: standing_of(s, AccessMode.NONE, login=True) for s in ClientStatus}
    before = ", ".join(f"'{status.value}'" for status, standing in standings.items() if portal_cell(standing, resource) in READABLE)
    had = f"(me.status <> 'INACTIVE' OR {WAS} IN ({before}))"
    return (
        "EXISTS (SELECT 1 FROM audience a JOIN client me ON me.workspace_id = a.workspace_id AND me.id = :client"
        f" WHERE a.workspace_id = :workspace AND a.{column} = {{t}}.id AND {standing_sql(resource)}"
        f" AND {instant} <= :now AND {within_relationship(instant)} AND {had} AND {admitted})"
    )
