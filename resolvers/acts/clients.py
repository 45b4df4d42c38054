"""Steps with clients: adding a contact, changing the status, giving a login."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.inputs import AddClient
from lifecycle.permits import Actor
from lifecycle.requests import BookSample, Inquire, Register, UpdateClient
from lifecycle.rules import mode_after
from lifecycle.vocabulary import AccessMode, ClientStatus, LinkPurpose, Origin, Role
from resolvers.acts.base import Act, Columns, Writer, Written, bad_input, compare_and_set, setting
from resolvers.announce import take_turn
from resolvers.inserts import hold
from resolvers.links import open_link
from storage.search import fold, search_terms
from storage.tables.clients import Client, ClientSearchTerm, ClientStatusChange
from storage.tables.workspace import Account, Member, Workspace
from storage.values import BadValueError, email_address, one_line, phone_number

#: Inputs that hold a contact.
CONTACTS = (AddClient, Inquire, Register, BookSample, UpdateClient)
Contact = TypeVar("Contact", bound=AddClient | Inquire | Register | BookSample | UpdateClient)


async def contact(session: AsyncSession, given: Contact, workspace: UUID) -> Contact:
    """Contact as it is compared and kept: the name on one line, address and number as their standards write them."""
    email: str | None = given.email
    phone = given.phone
    for name, text, longest in (("name", given.name, 200), ("email", email, 320), ("phone", phone, 50)):
        if text is not None and len(text) > longest:
            raise bad_input(name, f"At most {longest:,} characters are kept.")
    try:
        email = email_address(email) if email and email.strip() else None
    except BadValueError:
        raise bad_input("email", "This is not an e-mail address.") from None
    if phone and phone.strip():
        place = await session.get_one(Workspace, workspace)
        try:
            phone = phone_number(phone, place.country).number
        except BadValueError:
            raise bad_input("phone", "This is not a phone number.") from None
    kept = isinstance(given, UpdateClient) and "name" not in given.said
    name = one_line(given.name or "")
    if not name and not kept:
        raise bad_input("name", "A name is needed here.")
    if email is None and given.email is not None and isinstance(given, Inquire | Register | BookSample):
        raise bad_input("email", "An e-mail address is needed here.")
    return replace(given, name=name, email=email, phone=phone or None)  # type: ignore[arg-type]  # checked above


async def tell(session: AsyncSession, act: Act, client: UUID, before: Any, after: Any, *, mode: AccessMode = AccessMode.NONE) -> None:
    """Row of the history of a client's status."""
    hold(
        session,
        ClientStatusChange,
        workspace_id=act.workspace,
        client_id=client,
        before=before,
        after=after,
        access_mode=mode,
        data_state=act.facts.data_state,
        at=act.now,
        transition=act.step.transition.name,
        actor=act.actor.name,
        reason=act.reason,
        batch_id=act.batch,
    )


async def coach_of(session: AsyncSession, actor: Actor, workspace: UUID, given: AddClient, member: UUID | None) -> UUID:
    """Coach of a new client: the one who is named, else the caller who coaches, else the owner who has been there longest."""
    if given.coach is not None:
        return await coaching(session, actor, workspace, given.coach, member=member, only_own="A coach adds clients of their own.")
    if member is not None and actor.role in (Role.OWNER, Role.COACH):
        return member
    return await first_owner(session, workspace)


async def coaching(session: AsyncSession, actor: Actor, workspace: UUID, key: str, *, member: UUID | None, only_own: str) -> UUID:
    """Member who was named as a coach; a caller who coaches names themselves."""
    named = await session.get(Member, (workspace, UUID(key)))
    if named is None or named.left_at is not None or named.role not in (Role.OWNER, Role.COACH):
        raise bad_input("coach", "This member coaches nobody.")
    if actor.role is Role.COACH and named.id != member:
        raise bad_input("coach", only_own)
    return named.id


async def first_owner(session: AsyncSession, workspace: UUID) -> UUID:
    """Owner of the workspace who has been there longest."""
    here = (col(Member.workspace_id) == workspace, col(Member.left_at).is_(None), col(Member.role) == Role.OWNER)
    return (await session.exec(select(Member.id).where(*here).order_by(col(Member.created_at), col(Member.id)).limit(1))).one()


async def add(session: AsyncSession, act: Act) -> Written:
    """Contact of the input, as a prospect."""
    given: AddClient = act.given
    entry = {"contact_kind": given.contact_kind, "address": given.address, "notes": given.notes}
    row = await enter(
        session,
        act,
        status=ClientStatus.PROSPECT,
        coach=await coach_of(session, act.actor, act.workspace, given, act.member),
        origin=Origin.STAFF,
        **entry,
    )
    return Written(row)


async def enter(session: AsyncSession, act: Act, *, status: ClientStatus, coach: UUID, **entry: Any) -> Client:
    """New client with the contact of the input, findable, and with a first line in the history."""
    given = act.given
    await take_turn(session, act.workspace)
    highest = (await session.exec(select(func.max(Client.number)).where(col(Client.workspace_id) == act.workspace))).one()
    row = Client(
        workspace_id=act.workspace,
        id=uuid7(),
        number=(highest or 0) + 1,
        coach_id=coach,
        status=status,
        status_since=act.now,
        name=given.name,
        sort_name=fold(given.name),
        email=given.email,
        phone=given.phone,
        created_at=act.now,
        **entry,
    )
    session.add(row)
    await session.flush()
    await tell(session, act, row.id, None, status)
    session.add_all(findable(row.workspace_id, row.id, row.name, row.email, row.phone))
    return row


def findable(workspace: UUID, client: UUID, name: str, email: str | None, phone: str | None) -> list[SQLModel]:
    """Rows by which a client is found."""
    return [ClientSearchTerm(workspace_id=workspace, client_id=client, term=term) for term in sorted(search_terms(name, email, phone))]


async def assign_credentials(session: AsyncSession, act: Act) -> Written:
    """Account of the client under the username, and the secret of a link by which they choose the password."""
    client, username = act.row, act.given.username
    account = await session.get(Account, client.account_id) if client.account_id else None
    if account is None:
        account = Account(id=uuid7(), username=username, created_at=act.now)
    account.username = username
    session.add(account)
    await session.flush()
    columns = {"account_id": account.id}
    await compare_and_set(session, act, columns)
    await tell(session, act, client.id, act.facts.status, act.facts.status)
    return Written(client, columns, secret=open_link(session, act, client.id, account=account.id, purpose=LinkPurpose.SET_PASSWORD))


def _status(act: Act) -> Columns:
    after = act.decision.after
    return {"status": after, "status_since": act.now, "access_mode": AccessMode.NONE, "access_until": None}


def _made_inactive(act: Act) -> Columns:
    mode = {"access_mode": mode_after(act.facts, act.given), "access_until": act.given.access_until}
    return {"status": ClientStatus.INACTIVE, "status_since": act.now, **mode}


def _access(act: Act) -> Columns:
    return {"access_mode": act.given.access_mode, "access_until": act.given.access_until}


def changing(columns: Any) -> Writer:
    """Writer that sets columns of the client, and tells the history."""
    write = setting(columns)

    async def told(session: AsyncSession, act: Act) -> Written:
        written = await write(session, act)
        mode = written.columns["access_mode"]
        await tell(session, act, act.subject, act.facts.status, act.decision.after, mode=mode)
        return written

    return told


WRITERS: Mapping[str, Writer] = {
    "clientAdd": add,
    "clientAssignCredentials": assign_credentials,
    "clientMarkHotLead": changing(_status),
    "clientReturnToProspect": changing(_status),
    "clientActivate": changing(_status),
    "clientReactivate": changing(_status),
    "clientCorrectStatus": changing(_status),
    "clientMakeInactive": changing(_made_inactive),
    "clientSetAccessMode": changing(_access),
}
