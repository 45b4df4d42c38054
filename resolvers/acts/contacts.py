"""Steps with the contact of a client: who came by themselves, what they are called, how they are reached, how they are tagged."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import ClientStatus, LinkPurpose, Origin
from resolvers.acts.base import Act, Writer, Written, compare_and_set
from resolvers.acts.clients import enter, findable, first_owner
from resolvers.acts.portal import buy
from resolvers.checks import tag_of
from resolvers.links import open_link
from storage.search import fold
from storage.tables.clients import Client, ClientSearchTerm, ClientTag


async def _came(session: AsyncSession, act: Act, status: ClientStatus, origin: Origin) -> Client:
    """Client who came by themselves; a suppressed address marks them as come back."""
    back = act.facts.suppressed
    origin = Origin.REENTRY if back else origin
    return await enter(session, act, status=status, coach=await first_owner(session, act.workspace), origin=origin, reentry=back)


async def inquire(session: AsyncSession, act: Act) -> Written:
    """Prospect who wrote through the public form."""
    return Written(await _came(session, act, ClientStatus.PROSPECT, Origin.INQUIRY))


async def register(session: AsyncSession, act: Act) -> Written:
    """Buyer, with the product."""
    row = await _came(session, act, ClientStatus.BUYER, Origin.PURCHASE)
    await buy(session, act, row.id)
    return Written(row)


async def update(session: AsyncSession, act: Act) -> Written:
    """What was said of the contact, and the words by which the client is found."""
    client, given = act.row, act.given
    said = [name for name in ("name", "email", "phone", "address", "notes") if name in given.said]
    columns: dict[str, Any] = {name: getattr(given, name) for name in said}
    if "name" in columns:
        columns["sort_name"] = fold(given.name)
    now = {name: columns.get(name, getattr(client, name)) for name in ("name", "email", "phone")}
    await compare_and_set(session, act, columns)
    mine = (col(ClientSearchTerm.workspace_id) == act.workspace, col(ClientSearchTerm.client_id) == client.id)
    if not columns.keys().isdisjoint({"name", "email", "phone"}):
        await session.exec(delete(ClientSearchTerm).where(*mine).execution_options(synchronize_session=False))
        session.add_all(findable(act.workspace, client.id, **now))
    return Written(client)


async def add_tag(session: AsyncSession, act: Act) -> Written:
    """Tag of the input on the client."""
    await compare_and_set(session, act, {})
    session.add(ClientTag(workspace_id=act.workspace, id=uuid7(), client_id=act.subject, tag=tag_of(act.given.tag)))
    return Written(act.row)


async def remove_tag(session: AsyncSession, act: Act) -> Written:
    """Client without the tag of the input."""
    await compare_and_set(session, act, {})
    mine = (col(ClientTag.workspace_id) == act.workspace, col(ClientTag.client_id) == act.subject)
    await session.exec(delete(ClientTag).where(*mine, col(ClientTag.tag) == tag_of(act.given.tag)))
    return Written(act.row)


async def reactivation_link(session: AsyncSession, act: Act) -> Written:
    """Link by which a former client asks to be taken up again."""
    return Written(act.row, secret=open_link(session, act, act.subject, purpose=LinkPurpose.REACTIVATION))


WRITERS: Mapping[str, Writer] = {
    "clientInquire": inquire,
    "clientRegister": register,
    "clientUpdate": update,
    "clientAddTag": add_tag,
    "clientRemoveTag": remove_tag,
    "clientReactivationLink": reactivation_link,
}
