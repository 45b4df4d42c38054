"""Every standing of a client and every step of the portal: taken, or refused with a code and nothing changed."""

from typing import Any

import pytest

from storage.tables.appointments import Appointment
from storage.tables.clients import Client, ClientSearchTerm
from storage.tables.conversations import Message
from tests.access.site import gid
from tests.portal.studio import STANDINGS, Studio

#: What the requirements grant, by hand. Where the portal hides the object, its absence is the refusal.
STEPS: dict[str, dict[str, str]] = {
    #                         book a sample, other, included sessions; start, write; answer; pay; change the contact; buy
    "PROSPECT": dict.fromkeys(("sample", "coaching", "included", "start", "send", "answer", "pay", "update", "buy"), "UNAUTHENTICATED"),
    "HOT_LEAD": {
        "sample": "OK",
        "coaching": "BOOKING_NOT_ALLOWED_FOR_STATUS",
        "included": "BOOKING_NOT_ALLOWED_FOR_STATUS",
        "start": "OK",
        "send": "OK",
        "answer": "OK",
        "pay": "OK",
        "update": "OK",
        "buy": "OK",
    },
    "ACTIVE": dict.fromkeys(("sample", "coaching", "included", "start", "send", "answer", "pay", "update", "buy"), "OK"),
    "BUYER": {
        "sample": "OK",
        "coaching": "BOOKING_NOT_ALLOWED_FOR_STATUS",
        "included": "OK",
        "start": "OK",
        "send": "OK",
        "answer": "NOT_FOUND",
        "pay": "OK",
        "update": "OK",
        "buy": "OK",
    },
    "INACTIVE PURCHASED_CONTENT": {
        **dict.fromkeys(("sample", "coaching", "included", "start", "update"), "FORBIDDEN"),
        **dict.fromkeys(("send", "answer", "pay"), "NOT_FOUND"),
        "buy": "OK",
    },
    "INACTIVE READ_ONLY": {
        **dict.fromkeys(("sample", "coaching", "included", "start", "send", "update", "pay", "answer"), "FORBIDDEN"),
        "buy": "OK",
    },
}
for closed in ("HOT_LEAD without login", "INACTIVE NONE", "INACTIVE PAY_ONLY"):
    STEPS[closed] = STEPS["PROSPECT"]


async def asked(studio: Studio, client: Client, step: str) -> tuple[str, dict[str, Any], str | None]:
    """Mutation, input and id of a step."""
    match step:
        case "sample" | "coaching" | "included":
            return "appointmentBook", {"type": studio.ids[step], "startsAt": studio.soon()}, None
        case "start":
            return "conversationStart", {"subject": "Hello", "body": "I have a question."}, None
        case "send":
            return "messageSend", {"conversation": gid("conversation", await studio.talk(client)), "body": "Thank you."}, None
        case "answer":
            return "formAnswer", {"form": studio.ids["form"], "answers": ["Because", "It is time"]}, None
        case "pay":
            return "invoicePay", {"method": "CARD"}, gid("invoice", await studio.invoice(client))
        case "update":
            return "clientUpdate", {"name": "Another Name", "phone": "+12025550199"}, gid("client", client)
    return "productPurchase", {"product": studio.ids["book"]}, None


@pytest.mark.req("C-Q4", "C-Q11", "C3", "C7", "C12a", "C12b", "C16", "C17", "C20", "P3", "P4")
@pytest.mark.parametrize("standing", STANDINGS)
async def test_every_step(studio: Studio, standing: str) -> None:
    assert STEPS.keys() == STANDINGS.keys()
    for step, expected in STEPS[standing].items():
        client, token = await studio.person(standing)
        name, given, key = await asked(studio, client, step)
        if expected == "OK":
            assert await studio.code(token, name, given, key=key) == "OK", step
        else:
            await studio.refused(expected, token, name, given, key=key)


@pytest.mark.req("C4", "C7")
@pytest.mark.parametrize("standing", ["HOT_LEAD", "ACTIVE", "BUYER", "INACTIVE READ_ONLY"])
async def test_staff_steps_are_closed_to_every_client(studio: Studio, standing: str) -> None:
    client, token = await studio.person(standing)
    mine = gid("client", client)
    invoice = gid("invoice", await studio.invoice(client))
    for name, given, key in (
        ("clientActivate", {}, mine),
        ("clientMakeInactive", {}, mine),
        ("clientAddTag", {"tag": "vip"}, mine),
        ("clientReactivationLink", {}, mine),
        ("clientAdd", {"name": "Somebody"}, None),
        ("invoiceRecordPayment", {"method": "CASH"}, invoice),
        ("invoicePaymentLink", {}, invoice),
        ("enrollmentCreate", {"package": studio.ids["package"], "client": mine}, None),
    ):
        problem = await studio.refused("NOT_FOUND" if name == "enrollmentCreate" else "FORBIDDEN", token, name, given, key=key)
        assert problem["code"]


async def test_nothing_of_another_client_can_be_touched(studio: Studio) -> None:
    _, token = await studio.person("ACTIVE")
    other, _ = await studio.person("ACTIVE")
    theirs = gid("client", other)
    enrollment, invoice, talk = await studio.enroll(other), await studio.invoice(other), await studio.talk(other)
    soon = {"type": studio.ids["coaching"], "startsAt": studio.soon()}
    for name, given, key in (
        ("appointmentBook", soon | {"client": theirs}, None),
        ("appointmentBook", soon | {"enrollment": gid("enrollment", enrollment)}, None),
        ("conversationStart", {"subject": "S", "body": "B", "client": theirs}, None),
        ("messageSend", {"conversation": gid("conversation", talk), "body": "B"}, None),
        ("invoicePay", {}, gid("invoice", invoice)),
        ("clientUpdate", {"name": "Mallory"}, theirs),
    ):
        await studio.refused("NOT_FOUND", token, name, given, key=key)


async def test_what_is_not_the_clients_to_say(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE", email="mine@example.org")
    coach = gid("member", studio.members["COACH"])
    soon = {"type": studio.ids["coaching"], "startsAt": studio.soon()}
    for given, path in (
        ({"coach": coach}, "coach"),
        ({"plannedMinutes": 600}, "plannedMinutes"),
        ({"compensation": "PRO_BONO"}, "compensation"),
        ({"markHotLead": True}, "markHotLead"),
    ):
        problem = await studio.refused("FORBIDDEN", token, "appointmentBook", soon | given)
        assert problem["path"] == ["input", path]
    for notes in ("Nice", None):
        problem = await studio.refused("FORBIDDEN", token, "clientUpdate", {"notes": notes}, key=gid("client", client))
        assert problem["path"] == ["input", "notes"]


async def test_a_contact_changes_with_the_words_it_is_found_by(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE", email="old@example.org", phone="+12025550100", notes="Kept")
    await studio.site.put(ClientSearchTerm(workspace_id=client.workspace_id, client_id=client.id, term="oldname"))
    given = {"name": "Zoë  Quist", "email": "NEW@Example.org", "phone": None, "address": "12 Harbour Road"}
    assert await studio.code(token, "clientUpdate", given, key=gid("client", client)) == "OK"
    now = await studio.fresh(client)
    assert (now.name, now.sort_name, now.phone, now.address, now.notes) == ("Zoë Quist", "zoe quist", None, "12 Harbour Road", "Kept")
    assert now.email == "new@example.org"
    terms = {row.term for row in await studio.all(ClientSearchTerm, client_id=client.id)}
    assert {"zoe", "quist", "new@example.org"} <= terms
    assert "oldname" not in terms
    found = await studio.site.data(studio.tokens["OWNER"], '{ clients(search: "quist") { nodes { id } } }')
    assert found["clients"]["nodes"] == [{"id": gid("client", client)}]


async def test_the_portal_does_not_tell_whose_address_it_is(studio: Studio) -> None:
    """A client who takes another's address learns that it cannot be used, and not from whom; staff are told."""
    client, token = await studio.person("ACTIVE", email="first@example.org")
    await studio.person("INACTIVE NONE", email="second@example.org")
    mine = gid("client", client)
    await studio.refused("INVALID_INPUT", token, "clientUpdate", {"email": "second@example.org"}, key=mine)
    owner = studio.tokens["OWNER"]
    await studio.refused("CLIENT_EXISTS_INACTIVE", owner, "clientUpdate", {"email": "second@example.org"}, key=mine)
    assert await studio.code(owner, "clientUpdate", {"email": "first@example.org"}, key=mine) == "OK"


@pytest.mark.parametrize(
    ("role", "step", "expected"),
    [
        ("OWNER", "contact", "OK"),
        ("COACH", "contact", "OK"),
        ("ASSISTANT", "contact", "OK"),
        ("ACCOUNTANT", "contact", "FORBIDDEN"),
        ("ANALYST", "contact", "FORBIDDEN"),
        ("OTHER_COACH", "contact", "NOT_FOUND"),
        ("OWNER", "notes", "OK"),
        ("COACH", "notes", "OK"),
        ("ASSISTANT", "notes", "FORBIDDEN"),
        ("OWNER", "tag", "OK"),
        ("COACH", "tag", "OK"),
        ("ASSISTANT", "tag", "FORBIDDEN"),
        ("ACCOUNTANT", "tag", "FORBIDDEN"),
        ("ANALYST", "tag", "FORBIDDEN"),
        ("OWNER", "book", "OK"),
        ("COACH", "book", "OK"),
        ("ASSISTANT", "book", "OK"),
        ("ACCOUNTANT", "book", "FORBIDDEN"),
        ("ANALYST", "book", "FORBIDDEN"),
        ("OTHER_COACH", "book", "NOT_FOUND"),
        ("OWNER", "start", "FORBIDDEN"),
        ("COACH", "start", "OK"),
        ("ASSISTANT", "start", "FORBIDDEN"),
        ("ACCOUNTANT", "start", "FORBIDDEN"),
        ("ANALYST", "start", "FORBIDDEN"),
        ("OTHER_COACH", "start", "NOT_FOUND"),
        ("OWNER", "paymentLink", "OK"),
        ("COACH", "paymentLink", "FORBIDDEN"),
        ("ACCOUNTANT", "paymentLink", "OK"),
        ("OWNER", "reactivationLink", "INVALID_TRANSITION"),
        ("ASSISTANT", "reactivationLink", "FORBIDDEN"),
        ("OWNER", "buy", "FORBIDDEN"),
        ("OWNER", "answer", "FORBIDDEN"),
        ("OWNER", "pay", "FORBIDDEN"),
    ],
)
async def test_staff_by_role(studio: Studio, role: str, step: str, expected: str) -> None:
    client, _ = await studio.person("ACTIVE")
    theirs = gid("client", client)
    name, given, key = {
        "contact": ("clientUpdate", {"phone": "+12025550123"}, theirs),
        "notes": ("clientUpdate", {"notes": "Asks good questions"}, theirs),
        "tag": ("clientAddTag", {"tag": "vip"}, theirs),
        "book": ("appointmentBook", {"type": studio.ids["coaching"], "client": theirs, "startsAt": studio.soon()}, None),
        "start": ("conversationStart", {"subject": "Hello", "body": "How are you?", "client": theirs}, None),
        "paymentLink": ("invoicePaymentLink", {}, gid("invoice", await studio.invoice(client))),
        "reactivationLink": ("clientReactivationLink", {}, theirs),
        "buy": ("productPurchase", {"product": studio.ids["book"]}, None),
        "answer": ("formAnswer", {"form": studio.ids["form"], "answers": ["a", "b"]}, None),
        "pay": ("invoicePay", {}, gid("invoice", await studio.invoice(client))),
    }[step]
    if expected == "OK":
        assert await studio.code(studio.tokens[role], name, given, key=key) == "OK"
    else:
        await studio.refused(expected, studio.tokens[role], name, given, key=key)


async def test_tags_come_and_go(studio: Studio) -> None:
    client, _ = await studio.person("ACTIVE")
    owner, key = studio.tokens["OWNER"], gid("client", client)
    for expected in ("OK", "ALREADY_IN_STATE"):
        assert await studio.code(owner, "clientAddTag", {"tag": " long   standing "}, key=key) == expected
    seen = await studio.site.data(owner, "query($id: ID!) { client(id: $id) { tags } }", id=key)
    assert seen["client"]["tags"] == ["long standing"]
    for expected in ("OK", "ALREADY_IN_STATE"):
        assert await studio.code(owner, "clientRemoveTag", {"tag": "long standing"}, key=key) == expected


@pytest.mark.req("T11")
async def test_nothing_can_be_sent_once_the_contact_is_deleted(studio: Studio) -> None:
    client, _ = await studio.person("ACTIVE", coach="OWNER", data_state="CONTACT_DELETED")
    owner, key = studio.tokens["OWNER"], gid("client", client)
    talk, invoice = await studio.talk(client), await studio.invoice(client)
    for name, given, subject in (
        ("conversationStart", {"subject": "S", "body": "B", "client": key}, None),
        ("messageSend", {"conversation": gid("conversation", talk), "body": "B"}, None),
        ("appointmentBook", {"type": studio.ids["coaching"], "client": key, "startsAt": studio.soon()}, None),
        ("invoicePaymentLink", {}, gid("invoice", invoice)),
        ("clientUpdate", {"name": "Back"}, key),
        ("clientAddTag", {"tag": "back"}, key),
    ):
        await studio.refused("CONTACT_ERASED", owner, name, given, key=subject)
    assert await studio.all(Message) == []
    assert await studio.all(Appointment) == []
