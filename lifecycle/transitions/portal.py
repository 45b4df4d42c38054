"""Steps of clients that are written once: an answer to a form, a purchase."""

from dataclasses import replace
from typing import Any

from lifecycle import rules_portal as p
from lifecycle.access import Resource, Standing
from lifecycle.facts import Facts
from lifecycle.permits import Permit
from lifecycle.requests import Answer, BuyProduct
from lifecycle.transition import Axis, Touch, Transition
from lifecycle.transitions.base import STAMPS
from lifecycle.vocabulary import ClientStatus, EffectAction, EffectKind, LinkPurpose, RecordState, Word

#: Clients who are signed in and may buy: all who can enter.
BUYING = (
    Standing.HOT_LEAD,
    Standing.ACTIVE,
    Standing.BUYER,
    Standing.INACTIVE_PURCHASED_CONTENT,
    Standing.INACTIVE_READ_ONLY,
)


def _enters(_given: Any, facts: Facts, _after: Word | None) -> bool:
    return facts.status is ClientStatus.PROSPECT


PORTAL = (
    Transition(
        Axis.RESPONSE, "answer", (), RecordState.RECORDED, Permit(Resource.ANSWERS, portal=True), "Answers a form of the portal.",
        Answer, noun="form",
    ),
    Transition(
        Axis.PURCHASE, "purchase", (), RecordState.RECORDED,
        Permit(Resource.PURCHASES, standings=BUYING, link=LinkPurpose.SET_PASSWORD),
        "Buys a product on sale, for the client who is signed in. Nobody's status goes down: who is inactive stays so, reads what they "
        "bought, and the coach is told.",
        BuyProduct, rules=(p.ON_SALE, p.COACHING_INCLUDED),
        touches=(Touch(EffectKind.CLIENTS, EffectAction.PROMOTE, _enters), *(replace(touch, when=_enters) for touch in STAMPS)),
        noun="product",
    ),
)  # fmt: skip
