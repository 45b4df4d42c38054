"""Sources of conversations, messages, and exchanged documents."""

from lifecycle.access import Resource
from lifecycle.transition import Axis
from planner.source import ID, INT, TIME, Branch, Derived, Expr, Many, One, Order, Poly, Source, column
from resolvers import available
from resolvers.audiences import within_relationship
from resolvers.callers import CallerKind
from resolvers.clients import INTERACTIONS, KINDS
from resolvers.filters import one_of, span, with_id
from resolvers.viewers import HIDDEN, FieldGuard, Rows, ViewerKey, me_sql
from resolvers.workspace import SCOPE

_TAKES_PART = "EXISTS (SELECT 1 FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = {t}.id AND {who})"

#: The coach of the client of a row, whose messages they read without a reason.
_COACH = "(SELECT c.coach_id FROM client c WHERE c.workspace_id = {t}.workspace_id AND c.id = {t}.client_id)"
#: In a message to a whole group, any participant's; in a client's own, theirs alone.
_COACH_OF_MESSAGE = (
    "(SELECT c.coach_id FROM client c JOIN participant p ON p.workspace_id = c.workspace_id AND p.client_id = c.id"
    " WHERE p.workspace_id = {t}.workspace_id AND p.conversation_id = {t}.conversation_id AND c.coach_id = :member"
    " AND ({t}.client_id IS NULL OR {t}.client_id = c.id) LIMIT 1)"
)


def conversations(viewer: ViewerKey) -> str:
    """A conversation is seen by who may see the messages of one of its clients."""
    condition = Rows("Conversation", "p.client_id")(viewer)
    if condition in ("", HIDDEN):
        return condition
    if viewer.kind is CallerKind.CLIENT:  # a client has few: they are found by the client, and not one by one in all there are
        return f"{{t}}.id IN (SELECT p.conversation_id FROM participant p WHERE p.workspace_id = :workspace AND {condition})"
    return _TAKES_PART.replace("{who}", condition.replace("{t}", "p"))


def _messages(viewer: ViewerKey) -> str:
    """Messages of the conversations one sees; in a group, those to all, and those from and to the clients one sees."""
    condition = Rows("Message", "p.client_id")(viewer)
    if condition in ("", HIDDEN):
        return condition
    seen = _TAKES_PART.replace("{t}.id", "{t}.conversation_id").replace("{who}", condition.replace("{t}", "p"))
    if viewer.kind is CallerKind.CLIENT:
        held = me_sql(Resource.MESSAGES, within_relationship("{t}.sent_at"))
        return f"({{t}}.client_id IS NULL OR {{t}}.client_id = :client) AND {held} AND {seen}"
    return f"({{t}}.client_id IS NULL OR {Rows('Message')(viewer)}) AND {seen}"


#: Instant of the newest message one may read; a client is not told of messages that are hidden from them.
_LAST_MESSAGE = (
    "CASE WHEN CAST(:client AS uuid) IS NULL THEN {t}.last_message_at ELSE COALESCE((SELECT max(ms.sent_at) FROM message ms"
    " WHERE ms.workspace_id = :workspace AND ms.conversation_id = {t}.id AND (ms.client_id IS NULL OR ms.client_id = :client)"
    f" AND {me_sql(Resource.MESSAGES, within_relationship('ms.sent_at'))}), {{t}}.opened_at) END"
)


def _with_client(key: str) -> str:
    """Condition that the client takes part; a coach cannot ask that about another's client."""
    asked = (
        f"p.client_id = {key} AND EXISTS (SELECT 1 FROM client c JOIN member m ON m.workspace_id = c.workspace_id AND m.id = :member"
        " WHERE c.workspace_id = p.workspace_id AND c.id = p.client_id AND (m.role <> 'COACH' OR c.coach_id = m.id))"
    )
    return _TAKES_PART.replace("{who}", asked)


def _author(direction: str, member: str | None, client: str | None, number: int | None) -> str:
    if direction == "FROM_STAFF":
        return member or "Staff"
    return client or f"Deleted client #{number}"


_MEMBER_NAME = Expr("(SELECT m.name FROM member m WHERE m.workspace_id = {t}.workspace_id AND m.id = {t}.member_id)")
_CLIENT_NAME = Expr(
    "(SELECT c.name FROM client c WHERE c.workspace_id = {t}.workspace_id AND c.id = {t}.client_id"
    " AND c.data_state NOT IN ('CONTACT_DELETED', 'ERASED'))"
)
_CLIENT_NUMBER = Expr("(SELECT c.number FROM client c WHERE c.workspace_id = {t}.workspace_id AND c.id = {t}.client_id)", INT)


def _of_participants(at: str) -> str:
    return f"{at} IN (SELECT p.client_id FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = {{key}})"


_INTERACTIONS = {
    name: Branch(branch.at, "{t}.conversation_id = {key}" if name == "Message" else _of_participants("{t}.client_id"))
    for name, branch in INTERACTIONS.items()
}

SOURCES = [
    Source(
        "Conversation",
        {
            "availableTransitions": available.listing(Axis.CONVERSATION),
            "id": column("id", ID),
            "subject": column("subject"),
            "state": column("state"),
            "openedAt": column("opened_at", TIME),
            "lastMessageAt": Expr(_LAST_MESSAGE, TIME),
            "version": column("version", INT),
            "clients": Many(
                "Client",
                "{t}.id IN (SELECT p.client_id FROM participant p WHERE p.workspace_id = :workspace AND p.conversation_id = {key})",
                whole=True,
            ),
            "messages": Many("Message", "{t}.conversation_id = {key}", order="SENT_AT", descending=True),
            "interactions": Poly(_INTERACTIONS, KINDS),
        },
        table="conversation",
        tag="conversation",
        scope=SCOPE,
        visible=conversations,
        guard=FieldGuard("Conversation"),
        # the column knows of hidden messages: whoever reads the record's own version may go by it
        orders={
            "LAST_MESSAGE_AT": Order("{t}.last_message_at", TIME, reads=("version",)),
            "OPENED_AT": Order("{t}.opened_at", TIME),
        },
        filters={
            "state": one_of("{t}.state"),
            "lastMessageAt": span("{t}.last_message_at", "version"),
            "client": with_id("client", _with_client, "clients"),
        },
    ),
    Source(
        "Message",
        {
            "id": column("id", ID),
            "kind": Expr("'MESSAGE'"),
            "at": column("sent_at", TIME),
            "sentAt": column("sent_at", TIME),
            "direction": column("direction"),
            "body": column("body"),
            "author": Derived(_author, (column("direction"), _MEMBER_NAME, _CLIENT_NAME, _CLIENT_NUMBER)),
            "conversation": One("Conversation", "{t}.conversation_id"),
            "client": One("Client", "{t}.client_id"),
            "member": One("Member", "{t}.member_id"),
        },
        table="message",
        tag="message",
        scope=SCOPE,
        visible=_messages,
        guard=FieldGuard("Message", coach=_COACH_OF_MESSAGE),
        orders={"SENT_AT": Order("{t}.sent_at", TIME)},
        filters={"direction": one_of("{t}.direction"), "sentAt": span("{t}.sent_at")},
    ),
    Source(
        "ClientDocument",
        {
            "id": column("id", ID),
            "kind": Expr("'DOCUMENT'"),
            "at": column("shared_at", TIME),
            "sharedAt": column("shared_at", TIME),
            "title": column("title"),
            "mediaType": column("media_type"),
            "byteSize": column("byte_size", INT),
            "client": One("Client", "{t}.client_id"),
            "member": One("Member", "{t}.member_id"),
        },
        table="client_document",
        tag="clientdocument",
        scope=SCOPE,
        visible=Rows("ClientDocument", at="{t}.shared_at"),
        guard=FieldGuard("ClientDocument", coach=_COACH),
        orders={"SHARED_AT": Order("{t}.shared_at", TIME)},
    ),
]

ROOT = {
    "conversation": One("Conversation", argument="id"),
    "conversations": Many("Conversation", order="LAST_MESSAGE_AT", descending=True),
}
