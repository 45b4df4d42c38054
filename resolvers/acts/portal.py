"""Steps that write something once: a message, an answer, a purchase."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import ActorKind
from lifecycle.vocabulary import AccessMode, ClientStatus, ConversationState, MessageDirection, SuggestionReason
from resolvers.acts.base import Act, Writer, Written, made
from resolvers.acts.clients import tell
from resolvers.suggestions import suggest
from storage.tables.clients import Client
from storage.tables.content import FormResponse
from storage.tables.conversations import Conversation, Message, Participant
from storage.tables.packages import Product, Purchase


def _message(act: Act, conversation: UUID) -> Message:
    """Message of the input: from the client, or from staff to the client, to all where there are several."""
    staff = act.actor.kind is ActorKind.STAFF
    direction = MessageDirection.FROM_STAFF if staff else MessageDirection.FROM_CLIENT
    about = {"client_id": act.whom, "member_id": act.member, "direction": direction, "body": act.given.body, "sent_at": act.now}
    return Message(workspace_id=act.workspace, id=uuid7(), conversation_id=conversation, **about)


async def start(session: AsyncSession, act: Act) -> Written:
    """Conversation with its one client and its first message."""
    if act.whom is None:
        raise ValueError("a conversation without a client")
    row = Conversation(workspace_id=act.workspace, id=uuid7(), subject=act.given.subject, opened_at=act.now, last_message_at=act.now)
    session.add(row)
    await session.flush()
    session.add(Participant(workspace_id=act.workspace, conversation_id=row.id, client_id=act.whom, joined_at=act.now))
    session.add(_message(act, row.id))
    return Written(row)


async def send(session: AsyncSession, act: Act) -> Written:
    """Message in its conversation, which is open then."""
    conversation = UUID(act.given.conversation)
    row = _message(act, conversation)
    session.add(row)
    await session.flush()
    these = (col(Conversation.workspace_id) == act.workspace, col(Conversation.id) == conversation)
    values = {"last_message_at": act.now, "state": ConversationState.OPEN, "version": col(Conversation.version) + 1}
    await session.exec(update(Conversation).where(*these).values(**values).execution_options(synchronize_session=False))
    return Written(row)


async def answer(session: AsyncSession, act: Act) -> Written:
    """Answers of the client, one for each question."""
    if act.whom is None:
        raise ValueError("answers without a client")
    said = orjson.dumps(act.given.answers).decode()
    row = FormResponse(
        workspace_id=act.workspace, id=uuid7(), form_id=UUID(act.given.form), client_id=act.whom, answers=said, answered_at=act.now
    )
    return await made(session, row)


async def buy(session: AsyncSession, act: Act, client: UUID) -> Purchase:
    """Purchase of the input's product, at its price; the coach is told where it holds sessions."""
    product = await session.get_one(Product, (act.workspace, UUID(act.given.product)))
    price: dict[str, Any] = {"price_minor": product.price_minor, "currency": product.currency, "purchased_at": act.now}
    row = Purchase(workspace_id=act.workspace, id=uuid7(), client_id=client, product_id=product.id, **price)
    session.add(row)
    await session.flush()
    if act.facts.includes_sessions and act.facts.status is not ClientStatus.ACTIVE:
        await suggest(
            session, act.workspace, client, client=client, step="clientActivate", reason=SuggestionReason.COACHING_INCLUDED, now=act.now
        )
    return row


async def purchase(session: AsyncSession, act: Act) -> Written:
    """Product for a known client: a prospect becomes a buyer; a former client reads what they bought, and their coach is asked."""
    if act.whom is None:
        raise ValueError("a purchase without a client")
    row = await buy(session, act, act.whom)
    status = act.facts.status
    if status is ClientStatus.PROSPECT:
        await tell(session, act, act.whom, status, ClientStatus.BUYER)
    if status is ClientStatus.INACTIVE:
        await suggest(
            session, act.workspace, act.whom, client=act.whom, step="clientReactivate", reason=SuggestionReason.PURCHASED, now=act.now
        )
        client = await session.get_one(Client, (act.workspace, act.whom))
        over = client.access_until is not None and client.access_until <= act.now
        if over or client.access_mode in (AccessMode.NONE, AccessMode.PAY_ONLY):
            opened = {"access_mode": AccessMode.PURCHASED_CONTENT, "access_until": None, "version": col(Client.version) + 1}
            mine = (col(Client.workspace_id) == act.workspace, col(Client.id) == act.whom)
            await session.exec(update(Client).where(*mine).values(**opened).execution_options(synchronize_session=False))
            await tell(session, act, act.whom, status, status, mode=AccessMode.PURCHASED_CONTENT)
    return Written(row)


WRITERS: Mapping[str, Writer] = {
    "conversationStart": start,
    "messageSend": send,
    "formAnswer": answer,
    "productPurchase": purchase,
}
