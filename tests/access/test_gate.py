"""The gate: whoever is no longer who their token says is refused on the very next request, whatever it asks."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role
from storage.tables.clients import Client
from storage.tables.workspace import Account, ApiKey, LoginSession, Member
from tests.access.site import Site, gid
from tests.access.world import build

NOW: Final = datetime.now(UTC)
Ends = Callable[[Site, Any, LoginSession], Awaitable[None]]


def operations(own_id: str) -> list[str]:
    return [
        "{ __typename }",
        "{ viewer { __typename } }",
        "{ a: viewer { account { id } } clients { totalCount } packages { nodes { id } } }",
        "{ clients { nodes { id } } }",
        "{ clients { __typename } }",
        "{ clients { totalCount } }",
        "{ clients(first: 0) { nodes { id } pageInfo { hasNextPage } } }",
        f'{{ node(id: "{own_id}") {{ id }} }}',
        f'{{ nodes(ids: ["{own_id}"]) {{ id }} }}',
        f'{{ client(id: "{own_id}") {{ id interactions {{ nodes {{ id }} }} }} }}',
        "query Q($yes: Boolean = true) { viewer @skip(if: $yes) { account { id } } }",
    ]


async def refused_everywhere(site: Site, token: str, own_id: str) -> None:
    for query in operations(own_id):
        sent = await site.send(token, query)
        assert (sent.status_code, list(sent.json())) == (401, ["errors"]), (query, sent.text)
        [error] = sent.json()["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert "path" not in error
        assert own_id not in sent.text


async def welcome_everywhere(site: Site, token: str, own_id: str) -> None:
    for query in operations(own_id):
        sent = await site.send(token, query)
        assert (sent.status_code, list(sent.json())) == (200, ["data"]), (query, sent.text)


def by(kind: type[Any], **values: Any) -> Ends:
    """Change the person's own row."""

    async def end(site: Site, person: Any, _session: LoginSession) -> None:
        await site.change(kind, person, **values)

    return end


async def revoke(site: Site, _person: Any, session: LoginSession) -> None:
    await site.change(LoginSession, session, revoked_at=NOW)


async def expire(site: Site, _person: Any, session: LoginSession) -> None:
    await site.change(LoginSession, session, expires_at=NOW)


async def disable(site: Site, person: Any, _session: LoginSession) -> None:
    async with site.database.write() as session:
        account = await session.get(Account, person.account_id)
        assert account is not None
        account.disabled_at = NOW
        session.add(account)


ENDS_OF_ALL: Final[dict[str, Ends]] = {"session revoked": revoke, "session expired": expire, "account disabled": disable}
ENDS_OF_STAFF: Final = ENDS_OF_ALL | {"left": by(Member, left_at=NOW), "role changed": by(Member, role=Role.ANALYST)}
ENDS_OF_CLIENTS: Final = ENDS_OF_ALL | {
    "PROSPECT": by(Client, status=ClientStatus.PROSPECT),
    "INACTIVE": by(Client, status=ClientStatus.INACTIVE),
    "PAY_ONLY": by(Client, status=ClientStatus.INACTIVE, access_mode=AccessMode.PAY_ONLY),
    "access ended": by(Client, status=ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY, access_until=NOW),
    "login taken away": by(Client, account_id=None),
    "contact deleted": by(Client, data_state=DataState.CONTACT_DELETED),
    "erased": by(Client, data_state=DataState.ERASED),
}


@pytest.mark.parametrize("end", ENDS_OF_STAFF)
async def test_a_member_is_refused_at_once(site: Site, end: str) -> None:
    member = await site.member(await site.workspace("gate"), Role.COACH)
    own = gid("client", await site.client(member))
    token, session = await site.login(member)
    await welcome_everywhere(site, token, own)
    await ENDS_OF_STAFF[end](site, member, session)
    await refused_everywhere(site, token, own)


@pytest.mark.req("C7", "C16", "P3", "P4", "T7", "T11")
@pytest.mark.parametrize("end", ENDS_OF_CLIENTS)
async def test_a_client_is_refused_at_once(site: Site, end: str) -> None:
    client = await site.client(await site.member(await site.workspace("gate"), Role.COACH))
    token, session = await site.login(client)
    await welcome_everywhere(site, token, gid("client", client))
    await ENDS_OF_CLIENTS[end](site, client, session)
    await refused_everywhere(site, token, gid("client", client))


@pytest.mark.req("P12", "C3")
async def test_a_client_whose_status_is_back_is_welcome_again(site: Site) -> None:
    """Given nothing but the status, which is read with each request, then it decides in both directions."""
    client = await site.client(await site.member(await site.workspace("gate"), Role.COACH))
    token = await site.token(client)
    for status, welcome in ((ClientStatus.INACTIVE, False), (ClientStatus.ACTIVE, True), (ClientStatus.PROSPECT, False)):
        await site.change(Client, client, status=status)
        await (welcome_everywhere if welcome else refused_everywhere)(site, token, gid("client", client))


@pytest.mark.parametrize("end", ["revoked", "expired", "left", "disabled"])
async def test_a_key_is_refused_at_once(site: Site, end: str) -> None:
    """Given a key that was just used, and so is remembered, then its end counts from the next request on."""
    member = await site.member(await site.workspace("gate"), Role.OWNER)
    own = gid("client", await site.client(member))
    token, session = await site.login(member)
    made = await site.data(token, 'mutation { apiKeyCreate(input: {name: "server"}) { key apiKey { id } } }')
    key, row_id = made["apiKeyCreate"]["key"], made["apiKeyCreate"]["apiKey"]["id"]
    await welcome_everywhere(site, key, own)
    if end == "revoked":
        await site.data(token, "mutation ($id: ID!) { apiKeyRevoke(id: $id) { problems { code } } }", id=row_id)
    elif end == "expired":
        async with site.database.write() as opened:
            found = await opened.get(ApiKey, (member.workspace_id, UUID(row_id.partition("_")[2])))
            assert found is not None
            found.expires_at = NOW - timedelta(seconds=1)
            opened.add(found)
    else:
        await ENDS_OF_STAFF["left" if end == "left" else "account disabled"](site, member, session)
    await refused_everywhere(site, key, own)


async def test_a_key_of_a_member_with_another_role_reads_as_that_role(site: Site) -> None:
    """Given a key of an owner, when the owner becomes an analyst, then the next request reads what an analyst reads."""
    member = await site.member(await site.workspace("gate"), Role.OWNER)
    client = await site.client(member)
    query = f'{{ client(id: "{gid("client", client)}") {{ name }} }}'
    token = await site.token(member)
    made = await site.data(token, 'mutation { apiKeyCreate(input: {name: "server"}) { key } }')
    key = made["apiKeyCreate"]["key"]
    assert await site.data(key, query) == {"client": {"name": client.name}}
    await site.change(Member, member, role=Role.ANALYST)
    assert await site.code(token, query) == "UNAUTHENTICATED"
    later = await site.ask(key, query)
    assert later.get("data") in (None, {"client": {"name": None}})
    assert (await site.ask(key, query))["data"] == {"client": {"name": None}}


@pytest.mark.parametrize("beside", ['__type(name: "Client") { name }', "__schema { queryType { name } }"])
async def test_beside_introspection_a_dead_session_reads_no_data(site: Site, beside: str) -> None:
    member = await site.member(await site.workspace("gate"), Role.OWNER)
    own = gid("client", await site.client(member))
    token, session = await site.login(member)
    query = f'{{ {beside} viewer {{ account {{ id }} }} node(id: "{own}") {{ id }} }}'
    alive = await site.data(token, query)
    assert (alive["node"], "viewer" in alive) == ({"id": own}, True)
    await revoke(site, member, session)
    sent = await site.send(token, query)
    assert sent.status_code == 401
    assert own not in sent.text


@pytest.mark.parametrize("roots", ["", '__type(name: "Client") { name }'])
async def test_a_dead_session_leaves_no_reason_on_record(site: Site, roots: str) -> None:
    """Given a revoked session with a reason for reading others' clients, then it is refused, and nothing was written."""
    world = await build(site)
    token, session = await site.login(world.members["OWNER"])
    await revoke(site, None, session)
    query = f'{{ {roots} node(id: "{world.ids["other"]["Message"]}") {{ id }} }}'
    sent = await site.send(token, query, {"portico-reason": "complaint"})
    assert sent.status_code == 401
    assert await site.reasons(world.workspace) == []
