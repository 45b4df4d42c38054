"""What a change of status does to the login, and to the stamp of sessions that were booked before."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.vocabulary import ClientStatus
from storage.tables.appointments import Appointment
from storage.tables.clients import Client
from storage.tables.operations import OutboundMessage
from storage.tables.workspace import Account
from tests.access.site import gid
from tests.people import PASSWORD, quick_passwords
from tests.portal.studio import Studio

ME = "{ viewer { client { id } } forms { nodes { id } } pages { nodes { id } } }"


async def sign_in(studio: Studio, username: str) -> tuple[str | None, str]:
    query = f'mutation {{ signIn(input: {{username: "{username}", password: "{PASSWORD}"}}) {{ accessToken problems {{ code }} }} }}'
    payload = (await studio.site.data(None, query))["signIn"]
    return payload["accessToken"], payload["problems"][0]["code"] if payload["problems"] else "OK"


@pytest.mark.req("C10", "C12a", "C12b", "C16")
async def test_a_hot_lead_signs_in_once_credentials_were_assigned(studio: Studio) -> None:
    """Given a prospect, when marked a hot lead and given credentials, then they see the parts of the portal that admit hot leads."""
    client, _ = await studio.person("PROSPECT")
    await studio.site.change(Client, client, account_id=None)
    coach, key = studio.tokens["COACH"], gid("client", client)
    username = f"curious{client.number}"
    await studio.refused("INVALID_TRANSITION", coach, "clientAssignCredentials", {"username": username}, key=key)
    assert await studio.code(coach, "clientMarkHotLead", {}, key=key) == "OK"
    assert (await studio.fresh(client)).status is ClientStatus.HOT_LEAD
    assert await sign_in(studio, username) == (None, "WRONG_CREDENTIALS")
    given = await studio.act(coach, "clientAssignCredentials", {"username": username}, key=key, more="passwordToken problems { code }")
    assert await studio.by_token("passwordChoose", given["passwordToken"], password=PASSWORD) == "OK"
    token, code = await sign_in(studio, username)
    assert code == "OK"
    seen = await studio.site.data(token, ME)
    assert seen == {"viewer": {"client": {"id": key}}, "forms": {"nodes": [{"id": studio.ids["form"]}]}, "pages": {"nodes": []}}
    assert await studio.code(coach, "clientReturnToProspect", {}, key=key) == "OK"
    assert await studio.site.code(token, ME) == "UNAUTHENTICATED"
    assert (await sign_in(studio, username))[1] == "NO_ACCESS"


@pytest.mark.req("C-Q8", "C6", "C7", "P3")
async def test_the_login_closes_at_once_and_opens_again_with_the_same_password(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    hashed = await quick_passwords().hash(PASSWORD)
    async with studio.site.database.write() as session:
        account = await session.get_one(Account, client.account_id)
        account.password_hash = hashed
        session.add(account)
        username = account.username
    owner, key = studio.tokens["OWNER"], gid("client", client)
    await studio.site.data(token, ME)
    assert await studio.code(owner, "clientMakeInactive", {}, key=key) == "OK"
    assert await studio.site.code(token, ME) == "UNAUTHENTICATED"
    assert (await sign_in(studio, username))[1] == "NO_ACCESS"
    async with studio.site.database.write() as session:
        assert (await session.get_one(Account, client.account_id)).password_hash == hashed
    assert await studio.code(owner, "clientReactivate", {}, key=key) == "OK"
    assert await studio.site.code(token, ME) == "UNAUTHENTICATED"
    assert (await sign_in(studio, username))[1] == "OK"
    assert await studio.all(OutboundMessage, client_id=client.id) == []


@pytest.mark.req("C-Q1", "C18", "C13", "C5")
async def test_the_stamp_follows_the_status_until_the_session_starts(studio: Studio) -> None:
    """Given a prospect's past and coming sessions, when promoted, then the past one stays uncounted and the coming one counts."""
    client, _ = await studio.person("PROSPECT")
    past, coming = await studio.book(client, "sample"), await studio.book(client, "sample")
    await studio.site.change(Appointment, past, starts_at=datetime.now(UTC) - timedelta(minutes=1))
    owner, key = studio.tokens["OWNER"], gid("client", client)

    async def stamps() -> list[tuple[str, str]]:
        rows = [await studio.fresh(row) for row in (past, coming)]
        return [(row.booked_status.value, row.counting_status.value) for row in rows]

    assert await stamps() == [("PROSPECT", "PROSPECT"), ("PROSPECT", "PROSPECT")]
    assert await studio.code(owner, "clientActivate", {}, key=key) == "OK"
    assert await stamps() == [("PROSPECT", "PROSPECT"), ("PROSPECT", "ACTIVE")]
    await studio.site.change(Appointment, coming, starts_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await studio.code(owner, "clientMakeInactive", {}, key=key) == "OK"
    assert await stamps() == [("PROSPECT", "PROSPECT"), ("PROSPECT", "ACTIVE")]


@pytest.mark.req("C-Q2")
async def test_a_wrong_stamp_is_overridden_by_hand(studio: Studio) -> None:
    client, _ = await studio.person("PROSPECT")
    booked = await studio.book(client, "sample")
    key = gid("appointment", booked)
    given = {"counts": True, "reason": "They had signed already"}
    await studio.refused("FORBIDDEN", studio.tokens["ASSISTANT"], "appointmentReclassify", given, key=key)
    assert await studio.code(studio.tokens["COACH"], "appointmentReclassify", given, key=key) == "OK"
    now = await studio.fresh(booked)
    assert (now.counting_status, now.counts_override, now.override_reason) == ("PROSPECT", True, "They had signed already")
