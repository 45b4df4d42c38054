"""What the holder of a link may do: choose a password, see and pay one invoice, ask to be taken up again. Deletion: `link_erasure.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.permits import Actor, ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.requests import BuyProduct, Pay
from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import GONE, ClientStatus, InvoiceState, LinkPurpose, SuggestionReason
from resolvers.audit import record
from resolvers.desk import Clerk, Desk
from resolvers.lifecycle import TOO_MANY, Rollback, take, tries
from resolvers.links import INVALID, find_link, use_link
from resolvers.passwords import MAX_PASSWORD_LENGTH, PASSWORDS, Busy, Passwords
from resolvers.sessions import MAX_USERNAME_LENGTH, fold_username
from resolvers.steps import Outcome, Step
from resolvers.suggestions import suggest
from storage.tables.billing import Invoice
from storage.tables.clients import Client
from storage.tables.workspace import Account, OneTimeLink, Workspace

MIN_PASSWORD_LENGTH: Final = 10


def _refused(code: ProblemCode, message: str, *path: str) -> Outcome:
    return Outcome(problems=(Problem(code, message, path),))


_LATER: Final = _refused(ProblemCode.TRY_LATER, "Too many passwords at this moment: try again in a few seconds.")


def holder(link: OneTimeLink, now: datetime) -> Clerk:
    """Whoever holds the link."""
    actor = Actor(ActorKind.LINK, f"link:{link.id.hex}", purpose=link.purpose)
    parameters = {
        "workspace": link.workspace_id.hex,
        "account": None,
        "member": None,
        "role": None,
        "client": link.client_id.hex,
        "now": now,
    }
    return Clerk(actor, link.workspace_id, None, parameters)


async def opened(
    session: AsyncSession, token: str, purpose: LinkPurpose, now: datetime, *, used_too: bool = False
) -> tuple[OneTimeLink, Client]:
    """Link that can be used, or with `used_too` that was, and its client; a refusal where there is none."""
    link = await find_link(session, token, purpose, now, used_too=used_too)
    client = None if link is None else await session.get(Client, (link.workspace_id, link.client_id))
    if link is None or client is None or client.data_state in GONE:
        raise Rollback(Outcome(problems=(INVALID,)))
    return link, client


# -- the password --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Login:
    """Account that a link leads to: `stored` is the hash of a password that it has; without `account` it is still to be made."""

    username: str
    account: UUID | None
    stored: str | None


async def choose_password(desk: Desk, token: str, password: str, username: str | None, passwords: Passwords = PASSWORDS) -> Outcome:
    """Choose the password of a login with the link that was made for it. Nobody is signed in by that.

    Where a login exists already the password must be its own: a link never changes one. A registration buys its product by this, too.
    """
    wrong = _wrong_password(password) or _wrong_username(username)
    if wrong is not None:
        return wrong
    try:
        async with desk.database.write() as session:
            login = await _login(session, *await opened(session, token, LinkPurpose.SET_PASSWORD, desk.now), username)
    except Rollback as refused:
        answer: Outcome = refused.answer
        return answer
    try:
        if login.stored is not None and not await passwords.verify(password, login.stored):
            return _refused(ProblemCode.WRONG_CREDENTIALS, "There is a login of this name: its own password is needed.", "password")
        fresh = await passwords.hash(password) if login.stored is None else None
    except Busy:
        return _LATER

    async def once() -> Outcome:
        async with desk.database.write() as session:
            link, client = await opened(session, token, LinkPurpose.SET_PASSWORD, desk.now)
            if await _login(session, link, client, username) != login:
                return _LATER
            account = await _settle(session, desk, login, client, fresh)
            if link.subject_id is not None:
                given = BuyProduct(product=link.subject_id.hex)  # type: ignore[arg-type]  # a key
                step = Step(transition=BY_NAME["productPurchase"], subject=None, given=given)
                outcome = await take(session, desk, holder(link, desk.now), step)
                if outcome.problems:
                    raise Rollback(outcome)
            await use_link(session, link, desk.now)
            by = f"link:{link.id.hex}"
            at, request = desk.now, desk.request_id
            record(session, link.workspace_id, "password_chosen", "account", account, actor=by, at=at, request_id=request)
            return Outcome()

    return await tries(once, Outcome(problems=(TOO_MANY,)))


def _wrong_password(password: str) -> Outcome | None:
    if MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        return None
    words = f"A password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH:,} characters."
    return _refused(ProblemCode.INVALID_INPUT, words, "password")


def _wrong_username(username: str | None) -> Outcome | None:
    folded = fold_username(username) if username is not None else "-"
    if folded and folded.isprintable() and len(folded) <= MAX_USERNAME_LENGTH:
        return None
    return _refused(ProblemCode.INVALID_INPUT, "A username is a text that can be printed.", "username")


async def _login(session: AsyncSession, link: OneTimeLink, client: Client, username: str | None) -> _Login:
    """Login that the link leads to: the client's own, else one of the name that was chosen, else of the e-mail address."""
    own = client.account_id
    if link.account_id is not None and link.account_id != own:
        raise Rollback(Outcome(problems=(INVALID,)))
    if own is not None:
        account = await session.get_one(Account, own)
        used = account.password_hash is not None and link.subject_id is None
        if used or account.disabled_at is not None:
            raise Rollback(Outcome(problems=(INVALID,)))
        return _Login(account.username, own, account.password_hash)
    name = fold_username(username or client.email or "")
    if not name:
        raise Rollback(_refused(ProblemCode.INVALID_INPUT, "A username is needed.", "username"))
    taken = (await session.exec(select(Account).where(col(Account.username) == name))).one_or_none()
    if taken is None:
        return _Login(name, None, None)
    if taken.password_hash is None or taken.disabled_at is not None:
        raise Rollback(_refused(ProblemCode.USERNAME_TAKEN, "Another account has this username: choose one.", "username"))
    return _Login(name, taken.id, taken.password_hash)


async def _settle(session: AsyncSession, desk: Desk, login: _Login, client: Client, fresh: str | None) -> UUID:
    """Account with its password, belonging to the client."""
    if login.account is None:
        account = Account(id=uuid7(), username=login.username, created_at=desk.now)
    else:
        account = await session.get_one(Account, login.account)
    if fresh is not None:
        account.password_hash = fresh
    session.add(account)
    await session.flush()
    if client.account_id is None:
        client.account_id, client.version = account.id, client.version + 1
        session.add(client)
        await session.flush()
    return account.id


# -- one invoice ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bill:
    """Invoice as its link shows it."""

    number: int
    title: str
    snapshot_name: str
    state: InvoiceState
    amount_minor: int
    currency: str
    due_at: datetime | None
    paid_at: datetime | None
    payee: str


async def invoice_by_link(desk: Desk, token: str) -> Bill | None:
    """Invoice of a link, paid or not, until the time of the link is over."""
    async with desk.database.write() as session:
        link = await find_link(session, token, LinkPurpose.PAY_INVOICE, desk.now, used_too=True)
        invoice = None if link is None else await session.get(Invoice, (link.workspace_id, link.subject_id))
        client = None if link is None else await session.get(Client, (link.workspace_id, link.client_id))
        if link is None or invoice is None or client is None or client.data_state in GONE:
            return None
        payee = (await session.get_one(Workspace, link.workspace_id)).name
        about: dict[str, Any] = {"number": invoice.number, "title": invoice.title, "snapshot_name": invoice.snapshot_name, "payee": payee}
        about |= {"state": invoice.state, "amount_minor": invoice.amount_minor, "currency": invoice.currency}
        return Bill(**about, due_at=invoice.due_at, paid_at=invoice.paid_at)


async def pay_by_link(desk: Desk, token: str, given: Pay) -> Outcome:
    """Record the payment of the one invoice that the link is for."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            link, _ = await opened(session, token, LinkPurpose.PAY_INVOICE, desk.now)
            if link.subject_id is None:
                raise Rollback(Outcome(problems=(INVALID,)))
            step = Step(transition=BY_NAME["invoicePay"], subject=link.subject_id.hex, given=given)
            outcome = await take(session, desk, holder(link, desk.now), step)
            if outcome.problems:
                raise Rollback(outcome)
            await use_link(session, link, desk.now)
            return outcome

    return await tries(once, Outcome(problems=(TOO_MANY,)))


# -- coming back ---------------------------------------------------------------------------------------------------------


async def ask_back(desk: Desk, token: str) -> Outcome:
    """Former client who asks to be taken up again: the coach finds a suggestion, and nothing else changes."""

    async def once() -> Outcome:
        async with desk.database.write() as session:
            link, client = await opened(session, token, LinkPurpose.REACTIVATION, desk.now)
            if client.status is not ClientStatus.INACTIVE:
                raise Rollback(Outcome(problems=(INVALID,)))
            about: dict[str, Any] = {"client": client.id, "reason": SuggestionReason.REQUESTED, "now": desk.now}
            await suggest(session, link.workspace_id, client.id, step="clientReactivate", **about)
            by, at = f"link:{link.id.hex}", desk.now
            record(session, link.workspace_id, "reactivation_requested", "client", client.id, actor=by, at=at, request_id=desk.request_id)
            await use_link(session, link, desk.now)
            return Outcome()

    return await tries(once, Outcome(problems=(TOO_MANY,)))
