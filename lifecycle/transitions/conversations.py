"""Transitions of threads: `Conversation.state`."""

from lifecycle.transition import Axis, Transition
from lifecycle.transitions.base import TALKER
from lifecycle.vocabulary import ConversationState

CONVERSATIONS = (
    Transition(
        Axis.CONVERSATION, "close", (ConversationState.OPEN,), ConversationState.CLOSED, TALKER,
        "Takes a conversation out of the inbox; nothing is deleted.", reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CONVERSATION, "reopen", (ConversationState.CLOSED,), ConversationState.OPEN, TALKER,
        "Puts a conversation back into the inbox.", reaches_client=False, undoable=True,
    ),
)  # fmt: skip
