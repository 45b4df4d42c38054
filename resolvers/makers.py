"""Steps that make their object, or need more than columns: adding a contact, giving a login, enrolling."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.inputs import AddClient, Input
from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import Billing, ClientStatus, LinkPurpose, Origin, PaymentStatus, Role
from resolvers.records import take_turn
from resolvers.sessions import fold_username
from resolvers.tokens import hash_of, new_secret
from resolvers.writes import Act, compare_and_set, status_change
from storage.search import fold, search_terms
from storage.tables.clients import Client, ClientSearchTerm
from storage.tables.packages import Enrollment, EnrollmentChange, Package
from storage.tables.workspace import Account, Member, OneTimeLink, Workspace
from storage.values import BadValueError, email_address, one_line, phone_number

LINK_LIFETIME: Final = timedelta(days=7)


class Refused(Exception):  # noqa: N818 - named as one says it
    """Step that turns out to be impossible while it is being taken; its transaction is rolled back."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _bad(field: str, sentence: str) -> Refused:
    return Refused(Problem(ProblemCode.INVALID_INPUT, sentence, ("input", field)))


# -- input as it is kept -------------------------------------------------------------------------------------------------


async def normalised(session: AsyncSession, given: Input, workspace: UUID) -> Input:
    """Input as it is compared and kept: names on one line, addresses and numbers as their standards write them."""
    if isinstance(given, AddClient):
        return await _contact(session, given, workspace)
    username: str | None = getattr(given, "username", None)
    if username is None:
        return given
    folded = fold_username(username)
    if not folded or not folded.isprintable():
        raise _bad("username", "A username is a text that can be printed.")
    return replace(given, username=folded)  # type: ignore[call-arg]  # inputs with the field


async def _contact(session: AsyncSession, given: AddClient, workspace: UUID) -> AddClient:
    email, phone = given.email, given.phone
    try:
        email = email_address(email) if email and email.strip() else None
    except BadValueError:
        raise _bad("email", "This is not an e-mail address.") from None
    if phone and phone.strip():
        place = await session.get_one(Workspace, workspace)
        try:
            phone = phone_number(phone, place.country).number
        except BadValueError:
            raise _bad("phone", "This is not a phone number.") from None
    name = one_line(given.name)
    if not name:
        raise _bad("name", "A name is needed here.")
    return replace(given, name=name, email=email, phone=phone or None)


# -- clients -------------------------------------------------------------------------------------------------------------


async def _coach(session: AsyncSession, act: Act, member: str | None, role: Role | None) -> UUID:
    """Coach of a new client: the one who is named, else the caller who coaches, else the owner who has been there longest."""
    here = (col(Member.workspace_id) == act.workspace, col(Member.left_at).is_(None))
    if act.given.coach is not None:
        named = await session.get(Member, (act.workspace, UUID(act.given.coach)))
        if named is None or named.left_at is not None or named.role not in (Role.OWNER, Role.COACH):
            raise _bad("coach", "This member coaches nobody.")
        if role is Role.COACH and named.id.hex != member:
            raise _bad("coach", "A coach adds clients of their own.")
        return named.id
    if member is not None and role in (Role.OWNER, Role.COACH):
        return UUID(member)
    owners = select(Member.id).where(*here, col(Member.role) == Role.OWNER).order_by(col(Member.created_at), col(Member.id))
    return (await session.exec(owners.limit(1))).one()


async def add_client(session: AsyncSession, act: Act, member: str | None, role: Role | None) -> Client:
    """Contact of the input, as a prospect."""
    given: AddClient = act.given
    coach = await _coach(session, act, member, role)
    await take_turn(session, act.workspace)
    highest = (await session.exec(select(func.max(Client.number)).where(col(Client.workspace_id) == act.workspace))).one()
    row = Client(
        workspace_id=act.workspace,
        id=uuid7(),
        number=(highest or 0) + 1,
        coach_id=coach,
        status=ClientStatus.PROSPECT,
        status_since=act.now,
        contact_kind=given.contact_kind,
        origin=Origin.STAFF,
        name=given.name,
        sort_name=fold(given.name),
        email=given.email,
        phone=given.phone,
        address=given.address,
        notes=given.notes,
        created_at=act.now,
    )
    session.add(row)
    await session.flush()
    session.add(status_change(act, row.id, None, ClientStatus.PROSPECT))
    terms = search_terms(row.name, row.email, row.phone)
    session.add_all([ClientSearchTerm(workspace_id=act.workspace, client_id=row.id, term=term) for term in sorted(terms)])
    return row


async def assign_credentials(session: AsyncSession, act: Act) -> tuple[Mapping[str, Any], str]:
    """Account of the client under the username, and the secret of a link by which they choose the password.

    An account that somebody uses already, here or elsewhere, is that person's own: no workspace renames it or opens it.
    """
    client, username = act.row, act.given.username
    account = await session.get(Account, client.account_id) if client.account_id else None
    if account is not None and account.password_hash is not None:
        raise Refused(Problem(ProblemCode.ALREADY_IN_STATE, "The client has a login already, which is theirs alone."))
    if account is None:
        account = Account(id=uuid7(), username=username, created_at=act.now)
    account.username = username
    session.add(account)
    await session.flush()
    columns = {"account_id": account.id}
    await compare_and_set(session, Client, client, columns, versioned=True)
    return columns, open_link(session, act, client.id, account.id, purpose=LinkPurpose.SET_PASSWORD)


def open_link(session: AsyncSession, act: Act, client: UUID, account: UUID | None, *, purpose: LinkPurpose) -> str:
    """Secret of a new link, which is kept as a hash only."""
    secret = new_secret(act.workspace.hex)
    door: dict[str, Any] = {"workspace_id": act.workspace, "client_id": client, "account_id": account, "purpose": purpose}
    link = OneTimeLink(**door, token_hash=hash_of(secret), created_at=act.now, expires_at=act.now + LINK_LIFETIME)
    session.add(link)
    return secret


# -- enrollments ---------------------------------------------------------------------------------------------------------


async def enroll(session: AsyncSession, act: Act, whom: UUID) -> Enrollment:
    """Client in the package of the input, at today's versions."""
    package = await session.get_one(Package, (act.workspace, UUID(act.given.package)))
    days = package.duration_days
    row = Enrollment(
        workspace_id=act.workspace,
        id=uuid7(),
        client_id=whom,
        package_id=package.id,
        enrolled_at=act.now,
        version_policy=act.given.version_policy,
        payment_status=PaymentStatus.NOT_REQUIRED if package.billing is Billing.FREE else PaymentStatus.CURRENT,
        expires_at=act.now + timedelta(days=days) if days is not None else None,
    )
    session.add(row)
    await session.flush()
    change = EnrollmentChange(
        workspace_id=act.workspace, enrollment_id=row.id, after=row.state, transition=act.step.transition.name, actor=act.actor
    )
    change.at, change.reason, change.batch_id = act.now, act.reason, act.batch
    session.add(change)
    if act.facts.status is ClientStatus.PROSPECT:
        session.add(status_change(act, whom, ClientStatus.PROSPECT, promoted(coaching=package.coaching)))
    return row


def promoted(*, coaching: bool) -> ClientStatus:
    """Status of a prospect who is enrolled: a prospect has no login to use what they get."""
    return ClientStatus.ACTIVE if coaching else ClientStatus.BUYER


#: Makers by the name of the transition: `(session, act, whom, member, role)` to the new row.
Maker = Callable[[AsyncSession, Act, UUID | None, str | None, Role | None], Awaitable[Any]]


async def _add_client(session: AsyncSession, act: Act, _whom: UUID | None, member: str | None, role: Role | None) -> Client:
    return await add_client(session, act, member, role)


async def _enroll(session: AsyncSession, act: Act, whom: UUID | None, _member: str | None, _role: Role | None) -> Enrollment:
    if whom is None:
        raise ValueError("an enrollment without a client")
    return await enroll(session, act, whom)


MAKERS: Final[Mapping[str, Maker]] = {"clientAdd": _add_client, "enrollmentCreate": _enroll}
