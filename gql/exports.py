"""What stands in the export of a client: sections, each a list of the read graph, asked page by page as whoever made the link."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

FORMAT: Final = "portico-client-export"
VERSION: Final = 1
PAGE: Final = 100
_MONEY: Final = "{ amountMinor currency }"

Item = dict[str, Any]
#: Item as it stands in the file, of the person with this global id; None for one that is another person's.
Shape = Callable[[Item, str], Item | None]


@dataclass(frozen=True, slots=True)
class Section:
    """List in the file. `arguments` are those of its field, `lists` what stands inside of each item.

    `reshaped` says which fields `shape` takes away (None) or adds, with their JSON Schema.
    """

    name: str
    fields: str
    source: str = ""
    arguments: str = ""
    owner: str = "client"
    lists: tuple["Section", ...] = ()
    shape: Shape | None = None
    reshaped: Mapping[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """Query for one page of the list of an owner."""
        page = f"first: {PAGE}, after: $after{', ' if self.arguments else ''}{self.arguments}"
        nodes = f"nodes {{ {self.fields} }} pageInfo {{ hasNextPage endCursor }}"
        listed = f"list: {self.source or self.name}({page}) {{ {nodes} }}"
        return f"query Export($id: ID!, $after: String) {{ owner: {self.owner}(id: $id) {{ {listed} }} }}"


def _participants(conversation: Item, person: str) -> Item:
    """Conversation in which the others have no name."""
    clients = conversation.pop("clients", None) or {"nodes": []}
    names = [one["name"] if one["id"] == person else "another client" for one in clients["nodes"]]
    return {**conversation, "participants": names}


def _own(message: Item, person: str) -> Item | None:
    """Message to or from the person, or to the whole group."""
    of = message.pop("client", None)
    return message if of is None or of["id"] == person else None


#: Client, and the workspace that holds what is known about them.
PERSON: Final = (
    "query Export($id: ID!) { viewer { workspace { name country timezone currency } } client(id: $id) { id number dataState name email"
    " phone address status statusSince accessMode accessUntil hasLogin origin contactKind reentry notes tags coach { name } createdAt } }"
)
_MESSAGES: Final = Section(
    "messages",
    "id sentAt direction author body client { id }",
    arguments="orderBy: { field: SENT_AT, direction: ASC }",
    owner="conversation",
    shape=_own,
    reshaped={"client": None},
)
_CHANGES: Final = Section("changes", "id at before after frozenAt transition reason", source="history", owner="enrollment")

SECTIONS: Final = (
    Section("customFields", "id name value"),
    Section("consents", "id purpose givenAt withdrawnAt evidence"),
    Section("statusHistory", "id at before after accessMode transition reason", arguments="orderBy: { field: AT, direction: ASC }"),
    Section(
        "enrollments",
        "id state enrolledAt frozenAt frozenReason deletedAt deletedReason versionPolicy paymentStatus paidThrough declinedAt expiresAt"
        f" package {{ id name }} subscription {{ id state amount {_MONEY} periodEnd startedAt endedAt }}",
        arguments="filter: { state: [ACTIVE, DEACTIVATED, DELETED] }, orderBy: { field: ENROLLED_AT, direction: ASC }",
        lists=(_CHANGES,),
    ),
    Section("purchases", f"id purchasedAt refundedAt price {_MONEY} product {{ id name }}"),
    Section(
        "appointments",
        "id startsAt plannedMinutes actualMinutes state bookedAt bookedStatus countingStatus countsOverride overrideReason compensation"
        " coachingKind directReport type { id name } coach { name } enrollment { id }",
        arguments="orderBy: { field: STARTS_AT, direction: ASC }",
    ),
    Section(
        "attendances",
        "id at state bookedStatus countingStatus countsOverride compensation"
        " event { id title startsAt plannedMinutes actualMinutes state }",
    ),
    Section("serviceTemplates", "id recurrence startsOn startTime endsOn createdAt type { id name } coach { name }"),
    Section("scheduledTransitions", "id transition condition days cause state dueAt createdAt finishedAt outcome reason"),
    Section(
        "conversations",
        "id subject state openedAt lastMessageAt clients(first: 100) { nodes { id name } }",
        lists=(_MESSAGES,),
        shape=_participants,
        reshaped={"clients": None, "participants": {"type": "array", "items": {"type": ["string", "null"]}}},
    ),
    Section("documents", "id sharedAt title mediaType byteSize member { name }"),
    Section("formResponses", "id answeredAt answers form { id title questions }"),
    Section("estimates", f"id number title state amount {_MONEY} issuedAt"),
    Section("invoices", f"id number title snapshotName snapshotAddress state amount {_MONEY} issuedAt dueAt paidAt enrollment {{ id }}"),
    Section("payments", f"id paidAt state method amount {_MONEY} invoice {{ id number }}"),
)
