"""Links: each opens the one door it was made for, for a while, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.vocabulary import ClientStatus, LinkPurpose
from resolvers.afterwards import settle
from resolvers.links import LIFETIMES
from storage.tables.billing import Invoice, Payment
from storage.tables.clients import Client
from storage.tables.operations import OutboundMessage
from storage.tables.workspace import Account, LoginSession, OneTimeLink
from tests.access.site import gid
from tests.portal.studio import Studio

PASSWORD = "a long enough password"
BILL = "number title snapshotName payee state amount { amountMinor currency } paidAt"


async def seen(studio: Studio, token: str) -> Any:
    query = f"query($link: String!) {{ invoiceByLink(token: $link) {{ {BILL} }} }}"
    return (await studio.site.data(None, query, link=token))["invoiceByLink"]


async def payment_link(studio: Studio, invoice: Invoice) -> str:
    payload = await studio.act(
        studio.tokens["OWNER"], "invoicePaymentLink", {}, key=gid("invoice", invoice), more="token problems { code }"
    )
    assert payload["problems"] == []
    return str(payload["token"])


async def password_link(studio: Studio, client: Client, username: str) -> str:
    payload = await studio.act(
        studio.tokens["COACH"],
        "clientAssignCredentials",
        {"username": username},
        key=gid("client", client),
        more="passwordToken problems { code }",
    )
    assert payload["problems"] == []
    return str(payload["passwordToken"])


async def reactivation_link(studio: Studio, client: Client) -> str:
    payload = await studio.act(
        studio.tokens["COACH"], "clientReactivationLink", {}, key=gid("client", client), more="token problems { code }"
    )
    assert payload["problems"] == []
    return str(payload["token"])


async def sign_in(studio: Studio, username: str, password: str = PASSWORD) -> str:
    query = f'mutation {{ signIn(input: {{username: "{username}", password: "{password}"}}) {{ accessToken problems {{ code }} }} }}'
    payload = (await studio.site.data(None, query))["signIn"]
    return "OK" if payload["accessToken"] else str(payload["problems"][0]["code"])


@pytest.mark.req("P-Q6", "P4")
@pytest.mark.parametrize("standing", ["PROSPECT", "HOT_LEAD without login", "ACTIVE", "INACTIVE NONE", "INACTIVE PAY_ONLY"])
async def test_an_invoice_is_seen_and_paid_by_its_link(studio: Studio, standing: str) -> None:
    client, _ = await studio.person(standing)
    invoice, other = await studio.invoice(client), await studio.invoice(client)
    token = await payment_link(studio, invoice)
    bill = await seen(studio, token)
    assert bill == {
        "number": invoice.number,
        "title": "Coaching",
        "snapshotName": "Client",
        "payee": "studio",
        "state": "OPEN",
        "amount": {"amountMinor": 12_000, "currency": "USD"},
        "paidAt": None,
    }
    assert await studio.by_token("invoicePayByLink", token) == "OK"
    [payment] = await studio.all(Payment, client_id=client.id)
    assert (payment.invoice_id, payment.amount_minor, payment.method) == (invoice.id, 12_000, "CARD")
    assert (await seen(studio, token))["state"] == "PAID"
    assert (await studio.fresh(other)).state == "OPEN"
    before = await studio.everything()
    assert await studio.by_token("invoicePayByLink", token) == "LINK_INVALID"
    assert await studio.everything() == before


@pytest.mark.req("P-Q6")
async def test_a_second_link_to_a_paid_invoice_pays_nothing(studio: Studio) -> None:
    client, _ = await studio.person("INACTIVE PAY_ONLY")
    invoice = await studio.invoice(client)
    first, second = await payment_link(studio, invoice), await payment_link(studio, invoice)
    assert await studio.by_token("invoicePayByLink", first) == "OK"
    before = await studio.everything()
    assert await studio.by_token("invoicePayByLink", second) == "ALREADY_IN_STATE"
    assert await studio.everything() == before
    await studio.refused("INVALID_TRANSITION", studio.tokens["OWNER"], "invoicePaymentLink", {}, key=gid("invoice", invoice))


@pytest.mark.req("C3", "C12b")
async def test_a_password_is_chosen_once(studio: Studio) -> None:
    """Given credentials that were assigned, when the link is used, then the client signs in by themselves; the link is over."""
    client, _ = await studio.person("HOT_LEAD without login")
    token = await password_link(studio, client, f"lead{client.number}")
    assert await sign_in(studio, f"lead{client.number}") == "WRONG_CREDENTIALS"
    await settle()
    before = await studio.everything()
    for password, code in (("short", "INVALID_INPUT"), ("x" * 1025, "INVALID_INPUT")):
        assert await studio.by_token("passwordChoose", token, password=password) == code
    assert await studio.everything() == before
    sessions = len(await studio.all(LoginSession))
    assert await studio.by_token("passwordChoose", token, password=PASSWORD) == "OK"
    assert len(await studio.all(LoginSession)) == sessions
    account = (await studio.fresh(client)).account_id
    async with studio.site.database.write() as session:
        stored = (await session.get_one(Account, account)).password_hash
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert await sign_in(studio, f"lead{client.number}") == "OK"
    before = await studio.everything()
    assert await studio.by_token("passwordChoose", token, password="another long password") == "LINK_INVALID"
    assert await studio.everything() == before


async def test_of_two_links_to_one_login_the_first_wins(studio: Studio) -> None:
    client, _ = await studio.person("HOT_LEAD without login")
    first = await password_link(studio, client, f"twice{client.number}")
    second = await password_link(studio, client, f"twice{client.number}")
    assert await studio.by_token("passwordChoose", second, password=PASSWORD) == "OK"
    before = await studio.everything()
    assert await studio.by_token("passwordChoose", first, password="another long password") == "LINK_INVALID"
    assert await studio.everything() == before


@pytest.mark.req("C-Q11")
async def test_a_former_client_asks_to_come_back(studio: Studio) -> None:
    client, _ = await studio.person("INACTIVE NONE")
    token = await reactivation_link(studio, client)
    assert await studio.by_token("reactivationRequest", token) == "OK"
    assert await studio.suggestions(client) == [("clientReactivate", "REQUESTED")]
    now = await studio.fresh(client)
    assert (now.status, now.version) == (ClientStatus.INACTIVE, client.version)
    assert await studio.all(OutboundMessage) == []
    before = await studio.everything()
    assert await studio.by_token("reactivationRequest", token) == "LINK_INVALID"
    assert await studio.everything() == before
    again = await reactivation_link(studio, client)
    await studio.site.change(Client, client, status=ClientStatus.ACTIVE)
    before = await studio.everything()
    assert await studio.by_token("reactivationRequest", again) == "LINK_INVALID"
    assert await studio.everything() == before


@pytest.mark.req("P-Q6", "C-Q11")
async def test_a_link_opens_nothing_else(studio: Studio) -> None:
    """Every link at every door but its own, as a bearer token, made up, of another workspace, late, and after an erasure."""
    former, _ = await studio.person("INACTIVE NONE")
    lead, _ = await studio.person("HOT_LEAD without login")
    links = {
        "invoicePayByLink": await payment_link(studio, await studio.invoice(former)),
        "passwordChoose": await password_link(studio, lead, f"only{lead.number}"),
        "reactivationRequest": await reactivation_link(studio, former),
    }
    before = await studio.everything()
    made_up = ["", "x", "A" * 64, "\\u0000", links["passwordChoose"][:-2] + "AA", "A" * 5000]
    for door in links:
        for token in [link for name, link in links.items() if name != door] + made_up:
            more = {"password": PASSWORD} if door == "passwordChoose" else {}
            assert await studio.by_token(door, token, **more) == "LINK_INVALID", (door, token)
    for name, link in links.items():
        assert (await seen(studio, link) is None) == (name != "invoicePayByLink")
        assert await studio.site.code(link, "{ viewer { account { id } } }") == "UNAUTHENTICATED"
        both = f'{{ invoiceByLink(token: "{link}") {{ number }} viewer {{ account {{ id }} }} }}'
        assert await studio.site.code(None, both) == "UNAUTHENTICATED"
    assert await studio.everything() == before
    for row in await studio.all(OneTimeLink):
        assert row.token_hash not in links.values()
        await studio.site.change(OneTimeLink, row, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    before = await studio.everything()
    for door, link in links.items():
        more = {"password": PASSWORD} if door == "passwordChoose" else {}
        assert await studio.by_token(door, link, **more) == "LINK_INVALID"
    assert await seen(studio, links["invoicePayByLink"]) is None
    assert await studio.everything() == before


@pytest.mark.req("T11")
async def test_links_die_with_the_contact(studio: Studio) -> None:
    former, _ = await studio.person("INACTIVE NONE")
    links = {
        "invoicePayByLink": await payment_link(studio, await studio.invoice(former)),
        "reactivationRequest": await reactivation_link(studio, former),
    }
    await studio.site.change(Client, former, data_state="CONTACT_DELETED")
    before = await studio.everything()
    for door, link in links.items():
        assert await studio.by_token(door, link) == "LINK_INVALID"
    assert await seen(studio, links["invoicePayByLink"]) is None
    assert await studio.everything() == before


async def test_purposes_have_a_lifetime() -> None:
    assert LIFETIMES.keys() == set(LinkPurpose)
