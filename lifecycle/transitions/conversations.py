"""Transitions of threads: `Conversation.state`."""

from lifecycle import rules as r
from lifecycle import rules_portal as p
from lifecycle.access import Resource
from lifecycle.permits import Permit
from lifecycle.requests import SendMessage, StartConversation
from lifecycle.transition import Axis, Target, Touch, Transition
from lifecycle.transitions.base import ERASER, TALKER
from lifecycle.vocabulary import ConversationState, EffectAction, EffectKind, RecordState, Role

#: Whoever writes messages: a coach, the owner to clients of their own, and clients whose standing says so.
WRITER = Permit(Resource.MESSAGES, also=(Role.OWNER,), portal=True)

CONVERSATIONS = (
    Transition(
        Axis.CONVERSATION, "start", (), ConversationState.OPEN, WRITER,
        "Starts a conversation with a client, or a client's with their coach, by its first message.", StartConversation,
        rules=(p.WHOSE, p.NOT_OWN_CLIENT, p.MESSAGING_CLOSED),
    ),
    Transition(
        Axis.MESSAGE, "send", (), RecordState.RECORDED, WRITER,
        "Writes into a conversation: to the client of it, or to all in a group. A closed conversation opens again.", SendMessage,
        rules=(p.NOBODY_REACHABLE, p.OTHERS_CLIENTS, p.MESSAGING_CLOSED),
    ),
    Transition(
        Axis.CONVERSATION, "close", (ConversationState.OPEN,), ConversationState.CLOSED, TALKER,
        "Takes a conversation out of the inbox; nothing is deleted.", reaches_client=False, undoable=True, bulk=True,
    ),
    Transition(
        Axis.CONVERSATION, "reopen", (ConversationState.CLOSED,), ConversationState.OPEN, TALKER,
        "Puts a conversation back into the inbox.", reaches_client=False, undoable=True,
    ),
    Transition(
        Axis.CONVERSATION, "delete", tuple(ConversationState), Target.SAME, ERASER,
        "Deletes a conversation with all its messages. NOBODY CAN UNDO IT. Appointments, invoices and all else stay: "
        "`clientDeleteHistory` deletes the whole history of a client.",
        rules=(r.LEGAL_HOLD, r.HISTORY_REMAINS), touches=(Touch(EffectKind.MESSAGES, EffectAction.DELETE),),
        permanent=True, reaches_client=False, bulk=True,
    ),
)  # fmt: skip
