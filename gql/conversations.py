"""Conversations, messages, exchanged documents, and the timeline of interactions."""

from datetime import datetime

import strawberry

from gql.base import Node, TimeSpan, by_id, connection, one, ordering, planned, ref, some
from gql.guard import guarded
from gql.steps import STEPS, AvailableTransition
from lifecycle.vocabulary import ConversationState, InteractionKind, MessageDirection

CLIENT, CONVERSATION, MESSAGE = ref("Client", "clients"), ref("Conversation", "conversations"), ref("Message", "conversations")
ConversationOrder = ordering("Conversation", LAST_MESSAGE_AT="Time of the last message.")
MessageOrder = ordering("Message", SENT_AT="Time the message was sent.")


@strawberry.input(description="Conditions on conversations; all that are given must hold.")
class ConversationFilter:
    state: list[ConversationState] | None = some("Conversation has one of these states.")
    last_message_at: TimeSpan | None = some("Last message was sent in this span.")
    client: strawberry.ID | None = some("Client takes part in the conversation.")


@strawberry.input(description="Conditions on messages; all that are given must hold.")
class MessageFilter:
    direction: list[MessageDirection] | None = some("Message was written by one of these sides.")
    sent_at: TimeSpan | None = some("Message was sent in this span.")


@strawberry.input(description="Conditions on interactions; all that are given must hold.")
class InteractionFilter:
    kinds: list[InteractionKind] | None = some("Interaction is of one of these kinds.")


@strawberry.interface(description="Anything that passed between a client and the business; one of seven kinds.")
class Interaction(Node):
    kind: InteractionKind = strawberry.field(description="Kind of the interaction.")
    at: datetime = strawberry.field(description="Instant of the interaction: its start, or the time it was sent, issued, paid or shared.")


@guarded
@strawberry.type(description="Thread of messages with one or several clients.")
class Conversation(Node):
    available_transitions: list[AvailableTransition] | None = planned(STEPS)
    subject: str | None = planned("Subject of the conversation.")
    state: ConversationState = planned("State of the conversation.")
    opened_at: datetime = planned("Time the conversation was opened.")
    last_message_at: datetime = planned("Time of the last message that the viewer may read; of the opening where there is none.")
    version: int | None = planned("Version of the conversation, for `expectedVersion`.")
    clients = connection(CLIENT, "Clients in the conversation that the viewer may see.")
    messages = connection(MESSAGE, "Messages of the conversation, newest first.", filter=MessageFilter, order=MessageOrder)
    interactions = connection(
        ref("Interaction", "conversations"),
        "Interactions of all seven kinds with the clients in the conversation, latest first.",
        filter=InteractionFilter,
    )


@guarded
@strawberry.type(description="Message between a client and the business.")
class Message(Interaction):
    sent_at: datetime = planned("Time the message was sent.")
    direction: MessageDirection = planned("Side that wrote the message.")
    body: str | None = planned("Text of the message.")
    author: str = planned("Name of the author; `Deleted client #n` once the contact is deleted.")
    conversation = one(CONVERSATION, "Conversation of the message.")
    client = one(CLIENT, "Client of the message; null where staff wrote to a whole group.")
    member = one(ref("Member", "workspace"), "Member who wrote the message.")


@guarded
@strawberry.type(description="Document exchanged between a client and the business.")
class ClientDocument(Interaction):
    shared_at: datetime = planned("Time the document was shared.")
    title: str | None = planned("Title of the document.")
    media_type: str | None = planned("Media type of the document, such as `application/pdf`.")
    byte_size: int | None = planned("Size of the document in bytes.")
    client = one(CLIENT, "Client of the document.")
    member = one(ref("Member", "workspace"), "Member who shared the document; null where the client did.")


@strawberry.type
class ConversationsQuery:
    conversation = by_id(CONVERSATION, "conversation")
    conversations = connection(
        CONVERSATION,
        "Conversations of the workspace, most recent first.",
        filter=ConversationFilter,
        order=ConversationOrder,
        required=True,
    )
