"""Conversations, messages, and the documents clients and the business exchange."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from lifecycle.vocabulary import ConversationState, MessageDirection
from storage.tables.base import Owned, index, now, ref, words


class Conversation(Owned, table=True):
    """Thread of messages with one or several clients."""

    __table_args__ = (index("last_message_at", "id"), index("state", "last_message_at", "id"))
    subject: str
    state: ConversationState = Field(default=ConversationState.OPEN, sa_type=words(ConversationState, "state"))
    opened_at: datetime = Field(default_factory=now)
    last_message_at: datetime = Field(default_factory=now)
    version: int = 1


class Participant(Owned, table=True):
    """Client in a conversation."""

    __table_args__ = (
        ref("conversation_id", "conversation"),
        ref("client_id", "client"),
        index("conversation_id", "client_id", unique=True),
        index("client_id", "conversation_id"),
    )
    conversation_id: UUID
    client_id: UUID
    joined_at: datetime = Field(default_factory=now)


class Message(Owned, table=True):
    """Message between the business and a client; in a group, one from staff to all has no client."""

    __table_args__ = (
        ref("conversation_id", "conversation"),
        ref("client_id", "client"),
        ref("member_id", "member"),
        index("conversation_id", "sent_at", "id"),
        index("client_id", "sent_at", "id"),
        index("member_id"),
    )
    conversation_id: UUID
    client_id: UUID | None = None
    member_id: UUID | None = None
    direction: MessageDirection = Field(sa_type=words(MessageDirection, "direction"))
    body: str
    sent_at: datetime = Field(default_factory=now)


class ClientDocument(Owned, table=True):
    """Document exchanged between the business and one client."""

    __table_args__ = (
        ref("client_id", "client"),
        ref("member_id", "member"),
        index("client_id", "shared_at", "id"),
        index("member_id"),
    )
    client_id: UUID
    member_id: UUID | None = None
    title: str
    media_type: str = "application/pdf"
    byte_size: int = 0
    storage_key: str = ""
    shared_at: datetime = Field(default_factory=now)
