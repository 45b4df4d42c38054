"""Workspace, members, and who is asking."""

from datetime import datetime

import strawberry

from gql.base import Node, connection, one, ordering, planned, ref
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from lifecycle.retention import RetentionBasis
from lifecycle.vocabulary import AccessMode, CountingBasis, DataCategory, Grant, Role

MEMBER = ref("Member", "workspace")
MemberOrder = ordering("Member", NAME="Name of the member.")


@guarded
@strawberry.type(description="Login of a person, valid in every workspace that knows them.")
class Account(Node):
    username: str = planned("Username of the account.")
    created_at: datetime = planned("Creation time of the account.")


@strawberry.type(description="How long records of a category are kept, from now on, when their client is deleted.")
class RetentionInForce:
    category: DataCategory = strawberry.field(description="Category of the records.")
    years: int = strawberry.field(description="Years that they are kept, from the end of the year they belong to; 0 where nothing is kept.")
    reason: str | None = strawberry.field(description="Why they are kept, such as the section of a law; null where there is no rule.")
    source: str | None = strawberry.field(description="Where that can be read.")
    basis: RetentionBasis = strawberry.field(description="Whose rule it is: the workspace's own, or the law of its country.")
    since: datetime | None = strawberry.field(description="Time the workspace set its own rule; null where it has none.")
    rule_id: strawberry.ID | None = strawberry.field(description="Id of the workspace's own rule; null where it has none.")


@guarded
@strawberry.type(description="One coach or business, and all that belongs to it.")
class Workspace(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    name: str = planned("Name of the workspace.")
    slug: str | None = planned("Short name of the workspace, in addresses.")
    country: str = planned("Country of the workspace, as ISO 3166 has it.")
    timezone: str = planned("Time zone of the workspace, as the IANA database has it.")
    currency: str = planned("Currency of the workspace, as ISO 4217 has it.")
    keep_hours_on_erasure: bool | None = planned("Do the hours of an erased client stay as lines without a name?")
    erasure_grace_hours: int | None = planned("Hours in which a scheduled erasure may be cancelled.")
    erasure_by_two: bool | None = planned("Is a client's data deleted only where one member asks for it and another schedules it?")
    erasure_by_one_until: datetime | None = planned(
        "Until when an owner may switch `erasureByTwo` off, as another member proposed; null where nobody did."
    )
    undo_window_hours: int | None = planned("Hours in which a transition may be undone.")
    default_access_mode: AccessMode | None = planned("Access mode of a client who becomes inactive.")
    counting_basis: CountingBasis | None = planned("Status that decides whether a session counts for certification.")
    messaging_when_frozen: bool | None = planned("May a client whose enrollment is frozen still write messages?")
    statistics_threshold: int | None = planned("Fewest clients that statistics tell those of who read no names.")
    retention: list[RetentionInForce] | None = planned("Rules for the records that are kept when their client is deleted, one by category.")
    created_at: datetime = planned("Creation time of the workspace.")
    version: int | None = planned("Version of the workspace, for `expectedVersion`.")


@guarded
@strawberry.type(description="Person who works in the workspace.")
class Member(Node):
    name: str = planned("Name of the member.")
    email: str | None = planned("E-mail of the member.")
    role: Role | None = planned("Role of the member.")
    timezone: str | None = planned("Time zone of the member, whose days their sessions are in; null where it is the workspace's.")
    grants: list[Grant] | None = planned("Permissions of the member beyond their role.")
    created_at: datetime | None = planned("Time the member joined.")
    left_at: datetime | None = planned("Time the member left; null while they are there.")
    available_transitions: list[AvailableTransition] | None = planned(STEPS)


@strawberry.type(description="Who is asking.")
class Viewer:
    account = one(ref("Account", "workspace"), "Login of the viewer.")
    member = one(MEMBER, "Viewer as a member of the workspace; null for a client.")
    client = one(ref("Client", "clients"), "Viewer as a client of the workspace; null for a member.")
    workspace = one(ref("Workspace", "workspace"), "Workspace of the viewer.")


@strawberry.type
class WorkspaceQuery:
    viewer = one(ref("Viewer", "workspace"), "Who is asking.", required=True)
    members = connection(MEMBER, "Members of the workspace.", order=MemberOrder, required=True)
