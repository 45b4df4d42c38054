"""Public doors and links: what people do who are not signed in."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from inspect import Parameter
from typing import Any

import strawberry

from gql.base import Money
from gql.operations import input_type, operation, pascal, step_of
from gql.payloads import PlainProblem, Problem
from gql.planned import Info
from lifecycle.decide import problem_codes
from lifecycle.inputs import RequestErasure
from lifecycle.problems import Problem as Refusal
from lifecycle.problems import ProblemCode
from lifecycle.requests import Pay
from lifecycle.transition import Transition
from lifecycle.transitions import TRANSITIONS
from lifecycle.vocabulary import ErasureState, InvoiceState, PaymentMethod
from resolvers.doors import knock
from resolvers.lifecycle import desk_of
from resolvers.link_acts import ask_back, choose_password, invoice_by_link, pay_by_link
from resolvers.link_erasure import ask_erasure, cancel_erasure, erasure_by_link
from resolvers.steps import Outcome

#: Codes that could tell who is known, and that no door answers.
_TELLING = frozenset({ProblemCode.FORBIDDEN, ProblemCode.KEY_REUSED, ProblemCode.CONTACT_ERASED})

_EMPTY: Any = Parameter.empty
_TOKEN = (str, "Token of the link.", _EMPTY)


def _listed(codes: list[ProblemCode]) -> str:
    return ", ".join(f"`{code.value}`" for code in codes)


def _problem(refusal: Refusal) -> Problem:
    return PlainProblem(code=refusal.code, message=refusal.message, path=list(refusal.path))


def _payload(name: str, codes: list[ProblemCode], done: str) -> Any:
    """Answer that says whether something was wrong, and nothing else."""
    body: dict[str, Any] = {
        "__annotations__": {"done": bool, "problems": list[Problem]},
        "done": strawberry.field(description=done),
        "problems": strawberry.field(description="What was wrong; empty where nothing was."),
    }
    made = type(f"{pascal(name)}Payload", (), body)
    return strawberry.type(made, description=f"Answer of `{name}`. Codes of its problems: {_listed(codes)}.")


def _answered(payload: Any, outcome: Outcome) -> Any:
    return payload(done=not outcome.problems, problems=[_problem(refusal) for refusal in outcome.problems])


# -- doors ---------------------------------------------------------------------------------------------------------------


def door(transition: Transition) -> Any:
    """Mutation of a step that anybody may take in a workspace, by its slug."""
    codes = [code for code in problem_codes(transition) if code not in _TELLING]
    payload = _payload(transition.name, codes, "Was the request received? The answer is the same whether or not the person is known.")

    async def resolve(info: Info, workspace: str, **arguments: Any) -> Any:
        outcome = await knock(desk_of(info.context), workspace, step_of(info, transition, **arguments))
        return _answered(payload, outcome)

    arguments: Mapping[str, tuple[Any, str, Any]] = {
        "workspace": (str, "Slug of the workspace.", _EMPTY),
        "input": (input_type(transition), "What the person says.", _EMPTY),
        "idempotency_key": (
            str | None,
            "Key of the request, 1 to 200 characters: sent again within a day, the same request changes nothing. A key counts for its "
            "very request: with another input it is another request.",
            strawberry.UNSET,
        ),
    }
    return operation(payload, arguments, f"{transition.summary} {transition.permit.sentence()}", resolve)


# -- links ---------------------------------------------------------------------------------------------------------------

_CHOSEN = [
    ProblemCode.LINK_INVALID,
    ProblemCode.INVALID_INPUT,
    ProblemCode.WRONG_CREDENTIALS,
    ProblemCode.USERNAME_TAKEN,
    ProblemCode.NOT_OFFERED,
    ProblemCode.TRY_LATER,
]
_PAID = [ProblemCode.LINK_INVALID, ProblemCode.ALREADY_IN_STATE, ProblemCode.INVALID_TRANSITION, ProblemCode.TRY_LATER]
_ASKED = [ProblemCode.LINK_INVALID, ProblemCode.TRY_LATER]
_GOING = [*_ASKED, ProblemCode.LEGAL_HOLD, ProblemCode.ACTIVE_SUBSCRIPTION, ProblemCode.ERASURE_RUNNING]
_STAYING = [*_ASKED, ProblemCode.ALREADY_IN_STATE, ProblemCode.INVALID_TRANSITION]

PasswordChoosePayload: Any = _payload("passwordChoose", _CHOSEN, "Was the password chosen? Nobody is signed in by that.")
InvoicePayByLinkPayload: Any = _payload("invoicePayByLink", _PAID, "Was the payment recorded?")
ReactivationRequestPayload: Any = _payload("reactivationRequest", _ASKED, "Was the request left for the coach?")
ErasureRequestByLinkPayload: Any = _payload("erasureRequestByLink", _GOING, "Was the request left for the coach?")
ErasureCancelByLinkPayload: Any = _payload("erasureCancelByLink", _STAYING, "Was the request taken back?")


@strawberry.type(description="Invoice as whoever holds its payment link sees it.")
class LinkedInvoice:
    number: int = strawberry.field(description="Number of the invoice.")
    title: str = strawberry.field(description="Title of the invoice.")
    snapshot_name: str = strawberry.field(description="Name on the invoice, as it stood when the invoice was issued.")
    payee: str = strawberry.field(description="Name of the workspace that issued the invoice.")
    state: InvoiceState = strawberry.field(description="State of the invoice.")
    amount: Money = strawberry.field(description="Amount of the invoice.")
    due_at: datetime | None = strawberry.field(description="Time the invoice is due.")
    paid_at: datetime | None = strawberry.field(description="Time the invoice was paid in full; null while it is not.")


@strawberry.type(description="Request for deletion as whoever holds its link sees it.")
class LinkedErasure:
    workspace: str = strawberry.field(description="Name of the workspace that holds the data.")
    state: ErasureState | None = strawberry.field(description="State of the request; null where nothing was asked for yet.")
    requested_at: datetime | None = strawberry.field(description="Time of the request.")
    scheduled_for: datetime | None = strawberry.field(description="End of the time in which it can be taken back; null while it waits.")
    due_at: datetime | None = strawberry.field(description="Day by which the request must be answered.")


async def _password_choose(info: Info, token: str, password: str, username: str | None = None) -> Any:
    return _answered(PasswordChoosePayload, await choose_password(desk_of(info.context), token, password, username or None))


async def _invoice_by_link(info: Info, token: str) -> LinkedInvoice | None:
    bill = await invoice_by_link(desk_of(info.context), token)
    if bill is None:
        return None
    about: dict[str, Any] = {name: getattr(bill, name) for name in ("number", "title", "snapshot_name", "payee", "state")}
    amount = Money(amount_minor=bill.amount_minor, currency=bill.currency)
    return LinkedInvoice(**about, amount=amount, due_at=bill.due_at, paid_at=bill.paid_at)


async def _invoice_pay_by_link(info: Info, token: str, method: PaymentMethod) -> Any:
    return _answered(InvoicePayByLinkPayload, await pay_by_link(desk_of(info.context), token, Pay(method=method)))


async def _reactivation_request(info: Info, token: str) -> Any:
    return _answered(ReactivationRequestPayload, await ask_back(desk_of(info.context), token))


async def _erasure_by_link(info: Info, token: str) -> LinkedErasure | None:
    asked = await erasure_by_link(desk_of(info.context), token)
    return None if asked is None else LinkedErasure(**asdict(asked))


async def _erasure_request_by_link(info: Info, token: str, cancel_subscription: bool) -> Any:
    given = RequestErasure(cancel_subscription=cancel_subscription)
    return _answered(ErasureRequestByLinkPayload, await ask_erasure(desk_of(info.context), token, given))


async def _erasure_cancel_by_link(info: Info, token: str) -> Any:
    return _answered(ErasureCancelByLinkPayload, await cancel_erasure(desk_of(info.context), token))


def _made() -> tuple[type[Any], type[Any]]:
    """Types with the mutations and the query."""
    mutations: dict[str, Any] = {"__annotations__": {}}
    for transition in TRANSITIONS:
        if transition.door:
            mutations[transition.name] = door(transition)
    mutations["password_choose"] = operation(
        PasswordChoosePayload,
        {
            "token": _TOKEN,
            "password": (str, "Password, 10 to 1,024 characters; where there is a login of this name, its own.", _EMPTY),
            "username": (str | None, "Username for a login that is still to be made; the e-mail address when left out.", strawberry.UNSET),
        },
        "Chooses the password of a login with the link that was made for it; a registration is completed by that, and its product bought.",
        _password_choose,
    )
    mutations["invoice_pay_by_link"] = operation(
        InvoicePayByLinkPayload,
        {"token": _TOKEN, "method": (PaymentMethod, "How the invoice is paid.", PaymentMethod.CARD)},
        "Records that the invoice of a payment link was paid in full. It needs no login.",
        _invoice_pay_by_link,
    )
    mutations["reactivation_request"] = operation(
        ReactivationRequestPayload,
        {"token": _TOKEN},
        "Asks the coach, by a link, to be taken up again. Nothing else changes.",
        _reactivation_request,
    )
    mutations["erasure_request_by_link"] = operation(
        ErasureRequestByLinkPayload,
        {"token": _TOKEN, "cancel_subscription": (bool, "Does a live payment subscription end with it?", False)},
        "Asks, by a link, for all about oneself to be deleted. A member then schedules it; until it is carried out, the same link takes it "
        "back. It needs no login.",
        _erasure_request_by_link,
    )
    mutations["erasure_cancel_by_link"] = operation(
        ErasureCancelByLinkPayload,
        {"token": _TOKEN},
        "Takes back what was asked for by this link, until it is carried out. Nothing was deleted. It needs no login.",
        _erasure_cancel_by_link,
    )
    query = {
        "__annotations__": {},
        "erasure_by_link": operation(
            LinkedErasure | None,
            {"token": _TOKEN},
            "What was asked for by a link for deletion; null where the link opens nothing. It needs no login.",
            _erasure_by_link,
        ),
        "invoice_by_link": operation(
            LinkedInvoice | None,
            {"token": _TOKEN},
            "Invoice of a payment link; null where the link opens nothing. It needs no login.",
            _invoice_by_link,
        ),
    }
    return strawberry.type(type("DoorMutations", (), mutations)), strawberry.type(type("LinkQueries", (), query))


_types = _made()
DoorMutations: type = _types[0]
LinkQueries: type = _types[1]
