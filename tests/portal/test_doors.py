"""The public doors: who comes in, what they leave, and that nobody learns who is known."""

import asyncio
from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, Origin
from storage.suppression import Suppression
from storage.tables.appointments import Appointment
from storage.tables.clients import Client, ClientSearchTerm, ClientStatusChange
from storage.tables.conversations import Conversation, Message
from storage.tables.operations import IdempotencyRecord, OutboundMessage
from storage.tables.packages import Product, ProductItem, Purchase
from storage.tables.workspace import Account, OneTimeLink
from tests.access.site import day, gid
from tests.people import quick_passwords
from tests.portal.studio import STANDINGS, Studio

PASSWORD = "a long enough password"
RECEIVED = {"done": True, "problems": []}


def said(studio: Studio, door: str, email: str, /, **more: Any) -> dict[str, Any]:
    """Input of a door."""
    given: dict[str, Any] = {"name": "Nora New", "email": email}
    if door == "appointmentBookSample":
        given |= {"type": studio.ids["sample"], "startsAt": studio.soon()}
    if door == "clientRegister":
        given |= {"product": studio.ids["book"]}
    return given | more


async def of(studio: Studio, email: str) -> Client:
    [found] = await studio.all(Client, email=email)
    assert isinstance(found, Client)
    return found


DOORS = ("clientInquire", "appointmentBookSample", "clientRegister")


@pytest.mark.req("C15", "C16")
async def test_an_inquiry_makes_a_prospect(studio: Studio) -> None:
    given = said(studio, "clientInquire", "Nora@example.org", phone="+12025550177", message="Do you coach engineers?")
    assert await studio.knock("clientInquire", given) == RECEIVED
    client = await of(studio, "nora@example.org")
    assert (client.status, client.origin, client.reentry, client.account_id) == (ClientStatus.PROSPECT, Origin.INQUIRY, False, None)
    assert client.coach_id == studio.members["OWNER"].id
    assert {row.term for row in await studio.all(ClientSearchTerm, client_id=client.id)} >= {"nora", "new", "nora@example.org"}
    [change] = await studio.all(ClientStatusChange, client_id=client.id)
    assert (change.before, change.after, change.actor) == (None, "PROSPECT", "anonymous")
    [message] = await studio.all(Message, client_id=client.id)
    assert (message.body, message.direction) == ("Do you coach engineers?", "FROM_CLIENT")
    seen = await studio.site.data(
        studio.tokens["OWNER"], "query($id: ID!) { client(id: $id) { history { nodes { name actor } } } }", id=gid("client", client)
    )
    assert seen["client"]["history"]["nodes"] == [{"name": "client.inquire", "actor": "ANONYMOUS"}]


@pytest.mark.req("T-Q7")
@pytest.mark.parametrize("door", DOORS)
async def test_who_was_deleted_and_comes_back_is_marked(studio: Studio, door: str) -> None:
    async with studio.site.database.write() as session:
        await Suppression(studio.workspace.id, [studio.site.secret]).add(session, "gone@example.org", day(0))
    assert await studio.knock(door, said(studio, door, "gone@example.org")) == RECEIVED
    client = await of(studio, "gone@example.org")
    assert (client.origin, client.reentry) == (Origin.REENTRY, True)


@pytest.mark.req("C7", "C-Q11")
@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("door", DOORS)
async def test_the_answer_does_not_tell_who_is_known(studio: Studio, door: str, standing: str) -> None:
    """The same answer, byte for byte, to a stranger and to every kind of client; no client's own row changes by it."""
    client, _ = await studio.person(standing, email="known@example.org")
    stranger = await studio.knock(door, said(studio, door, "stranger@example.org"))
    before = repr(await studio.fresh(client))
    asked = said(studio, door, "Known@Example.org", name="Mallory")
    assert await studio.knock(door, asked) == stranger == RECEIVED
    assert repr(await studio.fresh(client)) == before
    assert [row.id for row in await studio.all(Client, email="known@example.org")] == [client.id]
    if door == "appointmentBookSample":
        problem = await studio.knock(door, asked)
        assert problem == {"done": False, "problems": [{"code": "SLOT_TAKEN", "path": ["input", "startsAt"]}]}


@pytest.mark.parametrize("door", DOORS)
async def test_what_is_wrong_is_said_alike(studio: Studio, door: str) -> None:
    await studio.person("ACTIVE", email="known@example.org")
    for email in ("known@example.org", "stranger@example.org"):
        for wrong, path in (
            ({"name": " "}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"email": "nobody"}, "email"),
            ({"email": " "}, "email"),
            ({"email": "x" * 400 + "@example.org"}, "email"),
            ({"phone": "12"}, "phone"),
        ):
            before = await studio.everything()
            answer = await studio.knock(door, said(studio, door, email, **wrong))
            assert answer["problems"] == [{"code": "INVALID_INPUT", "path": ["input", path]}], wrong
            assert await studio.everything() == before


async def test_what_is_said_is_bounded(studio: Studio) -> None:
    before = await studio.everything()
    for message in ("x" * 5_001, "a\0b"):
        answer = await studio.knock("clientInquire", said(studio, "clientInquire", "nora@example.org", message=message))
        assert answer["problems"] == [{"code": "INVALID_INPUT", "path": ["input", "message"]}]
    assert await studio.everything() == before


async def test_a_workspace_is_named_by_its_slug(studio: Studio) -> None:
    for slug in ("nowhere", "", "x" * 1000, "a\0b"):
        payload = await studio.act(
            None,
            "clientInquire",
            said(studio, "clientInquire", "a@example.org"),
            workspace=("String!", slug),
            more="done problems { code }",
        )
        assert payload == {"done": False, "problems": [{"code": "NOT_FOUND"}]}


@pytest.mark.req("C17", "C18")
async def test_a_stranger_books_a_sample_session_and_no_other(studio: Studio) -> None:
    asked = said(studio, "appointmentBookSample", "nora@example.org")
    before = await studio.everything()
    for kind in ("coaching", "included", "packaged"):
        answer = await studio.knock("appointmentBookSample", asked | {"type": studio.ids[kind]})
        assert answer["problems"] == [{"code": "BOOKING_NOT_ALLOWED_FOR_STATUS", "path": ["input", "type"]}]
    for wrong, code, path in (
        ({"startsAt": "2025-01-01T00:00:00Z"}, "NOT_IN_THE_FUTURE", "startsAt"),
        ({"startsAt": "9999-12-31T23:59:59Z"}, "INVALID_INPUT", "startsAt"),
        ({"coach": gid("member", studio.members["ASSISTANT"])}, "INVALID_INPUT", "coach"),
    ):
        answer = await studio.knock("appointmentBookSample", asked | wrong)
        assert answer["problems"] == [{"code": code, "path": ["input", path]}]
    assert await studio.everything() == before
    assert await studio.knock("appointmentBookSample", asked) == RECEIVED
    client = await of(studio, "nora@example.org")
    [booked] = await studio.all(Appointment, client_id=client.id)
    assert (client.status, booked.booked_status, booked.counting_status) == ("PROSPECT", "PROSPECT", "PROSPECT")
    assert (booked.compensation, booked.coach_id) == ("PRO_BONO", studio.members["OWNER"].id)
    coach = gid("member", studio.members["COACH"])
    assert await studio.knock("appointmentBookSample", asked | {"coach": coach, "startsAt": studio.soon()}) == RECEIVED
    assert [row.id for row in await studio.all(Client, email="nora@example.org")] == [client.id]
    assert len(await studio.all(Appointment, client_id=client.id)) == 2


@pytest.mark.req("C-Q11")
async def test_a_former_clients_address_books_nothing_with_them(studio: Studio) -> None:
    client, _ = await studio.person("INACTIVE NONE", email="former@example.org")
    assert await studio.knock("appointmentBookSample", said(studio, "appointmentBookSample", "former@example.org")) == RECEIVED
    assert await studio.all(Appointment, client_id=client.id) == []
    assert await studio.suggestions(client) == [("clientReactivate", "BOOKED_SAMPLE")]
    [newcomer] = await studio.all(Client, name="Nora New")
    assert (newcomer.status, newcomer.email) == ("PROSPECT", None)


@pytest.mark.req("C19", "C20")
async def test_who_registers_and_buys_is_a_buyer(studio: Studio) -> None:
    """Given a stranger, when they register with a product, then they are a BUYER, and read it once they chose the password."""
    assert await studio.knock("clientRegister", said(studio, "clientRegister", "nora@example.org")) == RECEIVED
    client = await of(studio, "nora@example.org")
    assert (client.status, client.origin, client.account_id) == (ClientStatus.BUYER, Origin.PURCHASE, None)
    [bought] = await studio.all(Purchase, client_id=client.id)
    assert (bought.product_id, bought.price_minor) == (studio.rows["book"].id, 500)
    [token] = await studio.mailed(client)
    assert await studio.by_token("passwordChoose", token, password=PASSWORD) == "OK"
    sign_in = (
        f'mutation {{ signIn(input: {{username: "nora@example.org", password: "{PASSWORD}"}}) {{ accessToken problems {{ code }} }} }}'
    )
    signed = (await studio.site.data(None, sign_in))["signIn"]
    assert signed["problems"] == []
    seen = await studio.site.data(
        signed["accessToken"],
        "{ viewer { client { status } } modules { nodes { versions { nodes { body } } } } pages { nodes { id } } forms { nodes { id } } }",
    )
    assert seen["viewer"]["client"]["status"] == "BUYER"
    assert seen["modules"]["nodes"] == [{"versions": {"nodes": [{"body": "Text"}]}}]
    assert (seen["pages"]["nodes"], seen["forms"]["nodes"]) == ([], [])


@pytest.mark.req("C19")
async def test_only_what_is_on_sale_is_bought(studio: Studio) -> None:
    before = await studio.everything()
    for email in ("known@example.org", "stranger@example.org"):
        answer = await studio.knock("clientRegister", said(studio, "clientRegister", email, product=studio.ids["relic"]))
        assert answer["problems"] == [{"code": "NOT_OFFERED", "path": ["input", "product"]}]
    assert await studio.everything() == before
    _, token = await studio.person("ACTIVE")
    await studio.refused("NOT_FOUND", token, "productPurchase", {"product": studio.ids["relic"]})


@pytest.mark.req("C-Q7")
@pytest.mark.parametrize(
    "standing", ["PROSPECT", "HOT_LEAD without login", "HOT_LEAD", "ACTIVE", "BUYER", "INACTIVE NONE", "INACTIVE PAY_ONLY"]
)
async def test_a_known_person_buys_with_the_link_that_was_mailed(studio: Studio, standing: str) -> None:
    """Nothing happens before the link is used; then a prospect is a buyer, nobody goes down, and who is inactive stays so."""
    client, _ = await studio.person(standing, email="known@example.org", origin=Origin.STAFF)
    if standing == "PROSPECT":
        await studio.site.change(Client, client, account_id=None)
    account = (await studio.fresh(client)).account_id
    if account is not None:
        async with studio.site.database.write() as session:
            row = await session.get_one(Account, account)
            row.password_hash = await quick_passwords().hash(PASSWORD)
            session.add(row)
    assert await studio.knock("clientRegister", said(studio, "clientRegister", "known@example.org")) == RECEIVED
    assert len(await studio.all(Purchase, client_id=client.id)) == 1
    [token] = await studio.mailed(client)
    if account is not None:
        before = await studio.everything()
        assert await studio.by_token("passwordChoose", token, password="another long password") == "WRONG_CREDENTIALS"
        assert await studio.everything() == before
    username = {} if account is not None else {"username": f"person-{standing[:3]}-{client.number}"}
    assert await studio.by_token("passwordChoose", token, password=PASSWORD, **username) == "OK"
    now = await studio.fresh(client)
    assert now.status is (ClientStatus.BUYER if standing == "PROSPECT" else client.status)
    assert now.origin is Origin.STAFF
    assert len(await studio.all(Purchase, client_id=client.id)) == 2
    if standing.startswith("INACTIVE"):
        assert now.access_mode is AccessMode.PURCHASED_CONTENT
        assert await studio.suggestions(client) == [("clientReactivate", "PURCHASED")]
        token = await studio.site.token(now)
        seen = await studio.site.data(token, "{ modules { nodes { versions { nodes { body } } } } }")
        assert seen["modules"]["nodes"] == [{"versions": {"nodes": [{"body": "Text"}]}}]
    assert await studio.by_token("passwordChoose", token, password=PASSWORD) == "LINK_INVALID"


@pytest.mark.req("C-Q7")
@pytest.mark.parametrize("standing", ["HOT_LEAD", "ACTIVE", "BUYER", "INACTIVE PURCHASED_CONTENT", "INACTIVE READ_ONLY"])
async def test_who_is_signed_in_buys_and_stays_who_they_are(studio: Studio, standing: str) -> None:
    client, token = await studio.person(standing)
    payload = await studio.act(
        token, "productPurchase", {"product": studio.ids["book"]}, more="purchase { product { name } } problems { code } warnings { code }"
    )
    assert payload == {"purchase": {"product": {"name": "Book"}}, "problems": [], "warnings": []}
    now = await studio.fresh(client)
    assert (now.status, now.access_mode) == (client.status, client.access_mode)
    expected = [("clientReactivate", "PURCHASED")] if standing.startswith("INACTIVE") else []
    assert await studio.suggestions(client) == expected


@pytest.mark.req("C-Q4", "C-Q7")
async def test_a_product_with_sessions_suggests_to_activate(studio: Studio) -> None:
    client, token = await studio.person("BUYER")
    payload = await studio.act(token, "productPurchase", {"product": studio.ids["course"]}, more="problems { code } warnings { code }")
    assert payload == {"problems": [], "warnings": [{"code": "COACHING_INCLUDED"}]}
    assert await studio.suggestions(client) == [("clientActivate", "COACHING_INCLUDED")]
    w: dict[str, Any] = {"workspace_id": studio.workspace.id}
    mixed = Product(name="Mixed", **w)
    await studio.site.put(mixed, ProductItem(product_id=mixed.id, position=1, appointment_type_id=studio.rows["coaching"].id, **w))
    assert await studio.knock("clientRegister", said(studio, "clientRegister", "n@example.org", product=gid("product", mixed))) == RECEIVED
    assert await studio.suggestions(await of(studio, "n@example.org")) == [("clientActivate", "COACHING_INCLUDED")]


async def test_a_registration_takes_over_no_account(studio: Studio) -> None:
    """Given an account elsewhere under the address, when the mailed link is used, then only its own password joins it."""
    theirs = Account(username="nora@elsewhere.example", password_hash=await quick_passwords().hash(PASSWORD))
    await studio.site.put(theirs)
    assert await studio.knock("clientRegister", said(studio, "clientRegister", "nora@elsewhere.example")) == RECEIVED
    client = await of(studio, "nora@elsewhere.example")
    [token] = await studio.mailed(client)
    before = await studio.everything()
    assert await studio.by_token("passwordChoose", token, password="the password of mallory") == "WRONG_CREDENTIALS"
    assert await studio.everything() == before
    assert await studio.by_token("passwordChoose", token, password=PASSWORD) == "OK"
    assert (await studio.fresh(client)).account_id == theirs.id
    async with studio.site.database.write() as session:
        assert (await session.get_one(Account, theirs.id)).password_hash == theirs.password_hash


async def test_a_login_without_a_password_is_not_joined(studio: Studio) -> None:
    await studio.site.put(Account(username="pending@example.org"))
    await studio.knock("clientRegister", said(studio, "clientRegister", "pending@example.org"))
    [token] = await studio.mailed(await of(studio, "pending@example.org"))
    before = await studio.everything()
    assert await studio.by_token("passwordChoose", token, password=PASSWORD) == "USERNAME_TAKEN"
    assert await studio.everything() == before
    assert await studio.by_token("passwordChoose", token, password=PASSWORD, username="my own name") == "OK"


async def test_the_mail_holds_no_secret(studio: Studio) -> None:
    """Who reads the database finds neither the token of a mailed link nor what it is made from."""
    await studio.knock("clientRegister", said(studio, "clientRegister", "nora@example.org"))
    client = await of(studio, "nora@example.org")
    [token], [mail], [link] = await studio.mailed(client), await studio.all(OutboundMessage), await studio.all(OneTimeLink)
    assert mail.payload == f'{{"link":"{link.id.hex}"}}'
    assert token not in repr((mail, link))


async def test_keys_of_strangers_meet_nobody_else(studio: Studio) -> None:
    """A key repeats its own request once; with another input it is another request, and never tells of the first."""
    asked = said(studio, "clientInquire", "nora@example.org", message="Hello")
    for _ in range(3):
        assert await studio.knock("clientInquire", asked, "1") == RECEIVED
    assert len(await studio.all(Conversation)) == 1
    assert await studio.knock("clientInquire", asked | {"email": "other@example.org"}, "1") == RECEIVED
    assert len(await studio.all(Conversation)) == 2
    kept = await studio.all(IdempotencyRecord)
    assert {record.actor for record in kept} == {"anonymous"}
    assert all(record.key != "1" and "example" not in repr(record) for record in kept)


async def test_two_at_once_make_one_prospect(studio: Studio) -> None:
    asked = said(studio, "clientInquire", "nora@example.org")
    answers = await asyncio.gather(*(studio.knock("clientInquire", asked) for _ in range(8)))
    assert answers == [RECEIVED] * 8
    assert len(await studio.all(Client, email="nora@example.org")) == 1


@pytest.mark.parametrize("door", DOORS)
async def test_doors_have_no_preview(studio: Studio, door: str) -> None:
    assert await studio.site.code(studio.tokens["OWNER"], f"{{ {door}Preview {{ token }} }}") == "INVALID_DOCUMENT"
