"""Public doors: what people do who are not signed in. The answer is the same whether or not they are known."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import Actor, ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.requests import Inquire
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import ClientStatus, MessageDirection, SuggestionReason
from resolvers import records
from resolvers.acts.base import Refused
from resolvers.audit import record
from resolvers.cases import normalised, open_case
from resolvers.desk import Clerk, Desk
from resolvers.lifecycle import TOO_MANY, Rollback, take, tries
from resolvers.links import mail_link
from resolvers.sql import row
from resolvers.steps import Outcome, Step
from resolvers.suggestions import suggest
from storage.tables.conversations import Conversation, Message, Participant

_PLACE: Final = "SELECT w.id FROM workspace w WHERE w.slug = :slug"
_KNOWN: Final = (
    "SELECT c.id, c.status, c.number FROM client c WHERE c.workspace_id = :workspace AND c.email = :email"
    " AND c.data_state NOT IN ('CONTACT_DELETED', 'ERASED')"
)
_NO_PLACE: Final = Problem(ProblemCode.NOT_FOUND, "There is no such workspace.", ("workspace",))


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the door of a workspace; `known` is the client with their address, key and status."""

    session: AsyncSession
    desk: Desk
    clerk: Clerk
    step: Step
    known: str | None
    status: ClientStatus | None
    number: int | None

    @property
    def workspace(self) -> UUID:
        return self.clerk.workspace

    @property
    def given(self) -> Any:
        return self.step.given

    async def take(self, step: Step, clerk: Clerk | None = None) -> str:
        """Key of the object of a step that is taken; a refusal ends the visit."""
        outcome = await take(self.session, self.desk, clerk or self.clerk, step)
        if outcome.problems or outcome.subject is None:
            raise Rollback(outcome)
        return outcome.subject

    def on_behalf_of(self, client: str) -> Clerk:
        """The same stranger, speaking of a client."""
        return replace(self.clerk, parameters={**self.clerk.parameters, "client": client})

    async def suggest(self, client: str, reason: SuggestionReason) -> None:
        key = UUID(client)
        await suggest(self.session, self.workspace, key, client=key, step="clientReactivate", reason=reason, now=self.desk.now)


async def knock(desk: Desk, slug: str, step: Step) -> Outcome:
    """Take a step through the public door of a workspace. Where nothing is wrong with the input, the outcome says nothing at all."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            clerk = await _stranger(session, desk, slug)
            key = _private(step)
            if key is not None and await records.earlier_answer(session, clerk.workspace, clerk.actor.name, key, desk.now):
                return Outcome()
            try:
                said = replace(step, given=await normalised(session, step.given, clerk.workspace), idempotency_key=None)
                visit = await _visit(session, desk, clerk, said)
                await DOORS[step.transition.name](visit)
            except Refused as refused:
                raise Rollback(Outcome(problems=(refused.problem,))) from None
            if key is not None:
                digest = records.request_hash(step)
                records.keep_answer(session, clerk.workspace, clerk.actor.name, key, digest=digest, outcome=Outcome(), now=desk.now)
            return Outcome()

    return await tries(once, Outcome(problems=(TOO_MANY,)))


async def _stranger(session: AsyncSession, desk: Desk, slug: str) -> Clerk:
    found = await row(session, _PLACE, {"slug": slug}) if len(slug) <= 100 and "\0" not in slug else None
    if found is None:
        raise Rollback(Outcome(problems=(_NO_PLACE,)))
    parameters = {"workspace": found[0], "account": None, "member": None, "role": None, "client": None, "now": desk.now}
    return Clerk(Actor(ActorKind.ANONYMOUS, "anonymous"), UUID(found[0]), None, parameters)


def _private(step: Step) -> str | None:
    """Key of a stranger, whom nothing tells from others: it counts for this very request only, so nobody meets another's."""
    if step.idempotency_key is None:
        return None
    return hashlib.blake2b(f"{records.request_hash(step)} {step.idempotency_key}".encode(), digest_size=24).hexdigest()


async def _visit(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step) -> Visit:
    lock = "" if session.get_bind().dialect.name == "sqlite" else " FOR UPDATE"
    email: str = step.given.email  # type: ignore[attr-defined]  # inputs of doors have it
    found = await row(session, _KNOWN + lock, {**clerk.parameters, "email": email})
    client, status, number = found or (None, None, None)
    return Visit(session, desk, clerk, step, client, None if status is None else ClientStatus[status], number)


# -- doors ---------------------------------------------------------------------------------------------------------------


async def _inquire(visit: Visit) -> None:
    """Who is not known becomes a prospect; what they say reaches the coach as the first message of a conversation."""
    case = await open_case(visit.session, visit.desk, visit.clerk, visit.step)
    if case.decision.problems:
        raise Rollback(Outcome(problems=case.decision.problems))
    client = visit.known
    if client is None:
        client = await visit.take(visit.step)
    else:
        _note(visit, client)
        if visit.status is ClientStatus.INACTIVE:
            await visit.suggest(client, SuggestionReason.INQUIRED)
    if visit.given.message and visit.given.message.strip():
        await _write_down(visit, UUID(client), visit.given.message)


def _note(visit: Visit, client: str) -> None:
    """Audit event where a known client's address was used at the door."""
    action = visit.step.transition.event.replace(".", "_") + "_again"
    at, request = visit.desk.now, visit.desk.request_id
    known = UUID(client)
    record(visit.session, visit.workspace, action, "client", known, actor="anonymous", at=at, request_id=request, client=known)


async def _write_down(visit: Visit, client: UUID, text: str) -> None:
    now, workspace = visit.desk.now, visit.workspace
    talk = Conversation(workspace_id=workspace, id=uuid7(), subject="Inquiry through the public form", opened_at=now, last_message_at=now)
    visit.session.add(talk)
    await visit.session.flush()
    about: dict[str, Any] = {"workspace_id": workspace, "conversation_id": talk.id, "client_id": client}
    said: list[SQLModel] = [Participant(**about, joined_at=now)]
    said.append(Message(**about, direction=MessageDirection.FROM_CLIENT, body=text, sent_at=now))
    visit.session.add_all(said)


async def _book_sample(visit: Visit) -> None:
    """Sample session of the known client, or of a new prospect.

    A former client's address books for a prospect of its own, without the address: nothing is booked with who is inactive, and a slot
    that stayed free would tell that they are known.
    """
    given, client = visit.given, visit.known
    if client is None or visit.status is ClientStatus.INACTIVE:
        address = given.email if client is None else None  # it is the former client's, and written once
        reached: dict[str, Any] = {"email": address, "phone": given.phone if client is None else None}
        newcomer = Inquire(name=given.name, **reached)
        prospect = await visit.take(Step(transition=BY_NAME["clientInquire"], subject=None, given=newcomer))
        if client is not None:
            await visit.suggest(client, SuggestionReason.BOOKED_SAMPLE)
            await visit.suggest(prospect, SuggestionReason.SAME_ADDRESS)
        client = prospect
    await visit.take(visit.step, visit.on_behalf_of(client))


async def _register(visit: Visit) -> None:
    """Who is not known becomes a buyer. The mail holds the link by which the password is chosen, and by which somebody known buys."""
    case = await open_case(visit.session, visit.desk, visit.clerk, visit.step)
    if case.decision.problems:
        raise Rollback(Outcome(problems=case.decision.problems))
    client, product = visit.known, None
    if client is None:
        client = await visit.take(visit.step)
    else:
        product = UUID(visit.given.product)
        _note(visit, client)
    secret, now = visit.desk.secrets[0], visit.desk.now
    mail_link(visit.session, secret, visit.workspace, UUID(client), now, template="registration", subject=product)


DOORS: Final[dict[str, Callable[[Visit], Awaitable[None]]]] = {
    "clientInquire": _inquire,
    "appointmentBookSample": _book_sample,
    "clientRegister": _register,
}
