"""Requests by a link: who has no login asks for their data to be deleted, and takes it back, and opens nothing else by it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlmodel import col, select

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, ErasureState, Grant
from storage.tables.clients import Client
from storage.tables.erasure import ErasureRequest, LegalHold
from storage.tables.workspace import OneTimeLink
from tests.access.site import Site, gid
from tests.erasure.acts import confirmed, erasure, finish
from tests.erasure.person import full, somebody
from tests.erasure.test_refusals import codes, granted
from tests.lifecycle.stage import Stage, build, field_of
from tests.rows import changed

STATE: Final = "workspace state requestedAt scheduledFor dueAt"
#: Clients who cannot sign in.
WITHOUT_LOGIN: Final[dict[str, dict[str, Any]]] = {
    "PROSPECT": {"status": ClientStatus.PROSPECT},
    "HOT_LEAD without login": {"status": ClientStatus.HOT_LEAD, "account_id": None},
    "INACTIVE NONE": {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.NONE},
    "INACTIVE PAY_ONLY": {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.PAY_ONLY},
    "history deleted": {"data_state": DataState.HISTORY_DELETED},
}


async def link(stage: Stage, client: Client, *, by: str = "OWNER") -> str:
    made = await stage.act("clientErasureLink", gid("client", client), by=by, also="token")
    assert made["problems"] == []
    return str(made["token"])


async def used(stage: Stage, name: str, token: str, more: str = "") -> str:
    """OK, or the code of the one problem."""
    asked = f'mutation {{ {name}(token: "{token}"{more}) {{ done problems {{ code path }} }} }}'
    answer = (await stage.site.data(None, asked))[name]
    assert answer["done"] == (not answer["problems"])
    return "OK" if answer["done"] else str(answer["problems"][0]["code"])


async def seen(stage: Stage, token: str) -> Any:
    return (await stage.site.data(None, f'{{ erasureByLink(token: "{token}") {{ {STATE} }} }}'))["erasureByLink"]


async def only(stage: Stage, client: Client) -> Any:
    """The one request about a client, as the owner sees it."""
    asked = f'{{ erasureRequests(filter: {{client: "{gid("client", client)}"}}) {{ nodes {{ id state actor member {{ id }} parts }} }} }}'
    [found] = (await stage.site.data(stage.tokens["OWNER"], asked))["erasureRequests"]["nodes"]
    return found


@pytest.mark.req("T1", "T-Q11")
@pytest.mark.parametrize("standing", WITHOUT_LOGIN)
async def test_who_has_no_login_asks_and_takes_it_back(site: Site, standing: str) -> None:
    """Given a link, when it is used, the request is verified and waits for a member; the same link takes it back in the time of grace."""
    stage = await build(site)
    person = await somebody(stage)
    await site.change(Client, person.client, **WITHOUT_LOGIN[standing])
    token = await link(stage, person.client)
    nothing = dict.fromkeys(STATE.split()) | {"workspace": stage.workspace.name}
    assert await seen(stage, token) == nothing
    assert await used(stage, "erasureCancelByLink", token) == "LINK_INVALID"
    before = await stage.everything()
    assert await used(stage, "erasureRequestByLink", token) == "OK"
    made = await only(stage, person.client)
    assert (made["state"], made["actor"], made["parts"]) == ("VERIFIED", "LINK", ["HISTORY", "CONTACT"])
    assert made["member"] == {"id": gid("member", stage.members["OWNER"])}
    assert (await seen(stage, token))["state"] == "VERIFIED"
    # once is enough
    assert await used(stage, "erasureRequestByLink", token) == "LINK_INVALID"
    assert (await stage.act("erasureSchedule", made["id"]))["problems"] == []
    shown = await seen(stage, token)
    assert shown["state"] == "SCHEDULED"
    assert datetime.fromisoformat(shown["scheduledFor"]) > datetime.now(UTC) + timedelta(hours=71)
    assert await used(stage, "erasureCancelByLink", token) == "OK"
    assert (await seen(stage, token))["state"] == "CANCELLED"
    assert await used(stage, "erasureCancelByLink", token) == "ALREADY_IN_STATE"
    await finish(stage, timedelta(days=9))
    assert changed(before, await stage.everything()).keys() <= {"erasure_request", "one_time_link", "audit_event", "outbox_event"}


@pytest.mark.req("T1", "T11")
async def test_asked_by_link_it_is_carried_out_and_the_link_goes_too(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    token = await link(stage, person.client)
    assert await used(stage, "erasureRequestByLink", token) == "OK"
    made = await only(stage, person.client)
    # it runs for as long as a member may take to answer, and the grace after that
    late = datetime.now(UTC) + timedelta(days=33, minutes=-1)
    [row] = [row for row in await every_link(stage) if row.subject_id]
    assert row.expires_at > late
    assert (await stage.act("erasureSchedule", made["id"]))["problems"] == []
    await finish(stage, timedelta(days=4))
    done = await erasure(stage, made["id"])
    assert (done["state"], done["receipt"]["complete"]) == ("COMPLETED", True)
    assert await every_link(stage) == []
    before = await stage.everything()
    for name in ("erasureRequestByLink", "erasureCancelByLink"):
        assert await used(stage, name, token) == "LINK_INVALID"
    assert await seen(stage, token) is None
    assert changed(before, await stage.everything()) == {}


async def every_link(stage: Stage) -> list[OneTimeLink]:
    async with stage.site.database.write() as session:
        return list((await session.exec(select(OneTimeLink).where(col(OneTimeLink.workspace_id) == stage.workspace.id))).all())


@pytest.mark.req("T1")
async def test_a_link_that_opens_nothing_changes_nothing(site: Site) -> None:
    """Made for something else, made up, late, or of somebody whose contact is deleted: one answer."""
    stage = await build(site)
    former = await stage.client(ClientStatus.INACTIVE)
    bill = (await stage.act("invoicePaymentLink", gid("invoice", await stage.invoice(former)), also="token"))["token"]
    back = (await stage.act("clientReactivationLink", gid("client", former), also="token"))["token"]
    mine = await link(stage, former)
    before = await stage.everything()
    for token in (bill, back, "", "x", "A" * 64, mine[:-2] + "AA", "A" * 5000):
        for name in ("erasureRequestByLink", "erasureCancelByLink"):
            assert await used(stage, name, token) == "LINK_INVALID"
        assert await seen(stage, token) is None
    assert await used(stage, "invoicePayByLink", mine) == "LINK_INVALID"
    assert await used(stage, "reactivationRequest", mine) == "LINK_INVALID"
    assert await used(stage, "passwordChoose", mine, ', password: "a long enough password"') == "LINK_INVALID"
    assert await site.code(mine, "{ viewer { account { id } } }") == "UNAUTHENTICATED"
    assert changed(before, await stage.everything()) == {}
    for state in (DataState.CONTACT_DELETED, DataState.ERASED):
        await site.change(Client, former, data_state=state)
        assert await used(stage, "erasureRequestByLink", mine) == "LINK_INVALID"
        assert await seen(stage, mine) is None
    await site.change(Client, former, data_state=DataState.PRESENT)
    assert await used(stage, "erasureRequestByLink", mine) == "OK"
    for row in await every_link(stage):
        await site.change(OneTimeLink, row, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    before = await stage.everything()
    assert await used(stage, "erasureCancelByLink", mine) == "LINK_INVALID"
    assert await seen(stage, mine) is None
    assert changed(before, await stage.everything()) == {}


@pytest.mark.req("T-Q10")
async def test_what_stands_in_the_way_is_said_and_the_link_goes_on(site: Site) -> None:
    stage = await build(site)
    person = await full(stage)
    token = await link(stage, person.client)
    hold = LegalHold(workspace_id=stage.workspace.id, client_id=person.client.id, reason="Case", placed_by=stage.members["OWNER"].id)
    await site.put(hold)

    async def refused(code: str, name: str = "erasureRequestByLink") -> None:
        before = await stage.everything()
        assert await used(stage, name, token) == code
        assert changed(before, await stage.everything()) == {}

    await refused("LEGAL_HOLD")
    await site.change(LegalHold, hold, released_at=datetime.now(UTC))
    await stage.subscription(person.rows["enrollment"][0])
    await refused("ACTIVE_SUBSCRIPTION")
    other = await confirmed(stage, "erasureRequest", gid("client", person.client), "verified: false, cancelSubscription: true")
    await refused("ERASURE_RUNNING")
    # what a member asked for is not the link's to take back
    await refused("LINK_INVALID", "erasureCancelByLink")
    assert (await stage.act("erasureCancel", other["erasure"]["id"]))["problems"] == []
    assert await used(stage, "erasureRequestByLink", token, ", cancelSubscription: true") == "OK"
    [made] = [row for row in await requests(stage) if row.state is ErasureState.VERIFIED]
    assert made.cancel_subscription
    await site.change(ErasureRequest, made, state=ErasureState.RUNNING)
    await refused("INVALID_TRANSITION", "erasureCancelByLink")


async def requests(stage: Stage) -> list[ErasureRequest]:
    async with stage.site.database.write() as session:
        return list((await session.exec(select(ErasureRequest).where(col(ErasureRequest.workspace_id) == stage.workspace.id))).all())


async def test_of_two_who_use_it_at_once_one_asks(site: Site) -> None:
    stage = await build(site)
    person = await somebody(stage)
    token = await link(stage, person.client)
    found = await asyncio.gather(*(used(stage, "erasureRequestByLink", token) for _ in range(4)))
    assert sorted(found) == ["LINK_INVALID"] * 3 + ["OK"]
    assert len(await requests(stage)) == 1


@pytest.mark.req("T-Q13")
async def test_who_makes_the_link(site: Site) -> None:
    stage = await build(site)
    person = await somebody(stage)
    elsewhere = await build(site)
    stage.tokens |= {
        "CLIENT": await site.token(person.client),
        "OTHER CLIENT": await site.token(stage.rows["client"]),
        "FOREIGN OWNER": elsewhere.tokens["OWNER"],
    }
    asked = {"made": field_of("clientErasureLink", gid("client", person.client), alias="made")}
    for who, code in {
        "COACH": "FORBIDDEN",
        "OTHER_COACH with the grant": "NOT_FOUND",
        "ASSISTANT with the grant": "FORBIDDEN",
        "ACCOUNTANT with the grant": "FORBIDDEN",
        "ANALYST with the grant": "FORBIDDEN",
        "CLIENT": "FORBIDDEN",
        "OTHER CLIENT": "NOT_FOUND",
        "FOREIGN OWNER": "NOT_FOUND",
        "NOBODY": "UNAUTHENTICATED",
    }.items():
        token = await granted(stage, Grant.ERASE, who)
        before = await stage.everything()
        assert await codes(stage, token, asked) == {"made": code}, who
        assert changed(before, await stage.everything()) == {}
    await granted(stage, Grant.ERASE, "COACH with the grant")
    assert await link(stage, person.client, by="COACH")
    await site.change(Client, person.client, data_state=DataState.CONTACT_DELETED)
    before = await stage.everything()
    refused = await stage.act("clientErasureLink", gid("client", person.client), also="token")
    assert (refused["token"], [problem["code"] for problem in refused["problems"]]) == (None, ["CONTACT_ERASED"])
    assert changed(before, await stage.everything()) == {}
