"""Sources of the workspace, its members, and the caller's own view of themselves."""

from lifecycle.transition import Axis
from planner.source import FLAG, ID, INT, TIME, Here, Many, One, Order, Source, Values, column
from resolvers import available
from resolvers.callers import CallerKind
from resolvers.retention import IN_FORCE
from resolvers.viewers import FieldGuard, ViewerKey

SCOPE = "{t}.workspace_id = :workspace"


def _own_account(_viewer: ViewerKey) -> str:
    return "{t}.id = :account"


def _members(viewer: ViewerKey) -> str:
    """Colleagues see each other; a client sees the coaches they have to do with."""
    if viewer.kind is CallerKind.STAFF:
        return ""
    return "EXISTS (SELECT 1 FROM client me WHERE me.workspace_id = :workspace AND me.id = :client AND me.coach_id = {t}.id)"


SOURCES = [
    Source(
        "Viewer",
        {
            "account": One("Account", on="{t}.id = :account"),
            "member": One("Member", on="{t}.id = :member"),
            "client": One("Client", on="{t}.id = :client"),
            "workspace": One("Workspace", on="{t}.id = :workspace"),
        },
    ),
    Source(
        "Account",
        {"id": column("id", ID), "username": column("username"), "createdAt": column("created_at", TIME)},
        table="account",
        tag="account",
        visible=_own_account,
        guard=FieldGuard("Account"),
    ),
    Source(
        "Workspace",
        {
            "availableTransitions": available.listing(Axis.WORKSPACE),
            "id": column("id", ID),
            "name": column("name"),
            "slug": column("slug"),
            "country": column("country"),
            "timezone": column("timezone"),
            "currency": column("currency"),
            "keepHoursOnErasure": column("keep_hours_on_erasure", FLAG),
            "erasureGraceHours": column("erasure_grace_hours", INT),
            "erasureByTwo": column("erasure_by_two", FLAG),
            "undoWindowHours": column("undo_window_hours", INT),
            "defaultAccessMode": column("default_access_mode"),
            "countingBasis": column("counting_basis"),
            "messagingWhenFrozen": column("messaging_when_frozen", FLAG),
            "statisticsThreshold": column("statistics_threshold", INT),
            "retention": IN_FORCE,
            "erasureByOneUntil": column("erasure_by_one_until", TIME),
            "version": column("version", INT),
            "createdAt": column("created_at", TIME),
        },
        table="workspace",
        tag="workspace",
        scope="{t}.id = :workspace",
        guard=FieldGuard("Workspace"),
    ),
    Source(
        "Member",
        {
            "availableTransitions": available.listing(Axis.MEMBER),
            "id": column("id", ID),
            "name": column("name"),
            "email": column("email"),
            "role": column("role"),
            "timezone": column("timezone"),
            "grants": Values("SELECT g.grant_name AS value FROM member_grant g WHERE g.workspace_id = :workspace AND g.member_id = {key}"),
            "createdAt": column("created_at", TIME),
            "leftAt": column("left_at", TIME),
        },
        table="member",
        tag="member",
        scope=SCOPE,
        visible=_members,
        guard=FieldGuard("Member"),
        orders={"NAME": Order("{t}.name", reads=("name",))},
    ),
]

#: Fields of the root that belong here.
ROOT = {
    "viewer": Here("Viewer"),
    "members": Many("Member", order="NAME"),
}
