"""Messages and answers, and the buyer who has nothing left."""

from typing import Any

import pytest

from lifecycle.vocabulary import Billing, ConversationState, EnrollmentState
from storage.tables.content import FormResponse
from storage.tables.conversations import Conversation, Message
from storage.tables.packages import Enrollment, Package, Purchase
from storage.tables.workspace import Account, Workspace
from tests.access.site import day, gid
from tests.people import PASSWORD, quick_passwords
from tests.portal.studio import Studio

SENT = "message { body direction author } problems { code path }"


async def test_a_client_and_their_coach_write_to_each_other(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    started = await studio.act(
        token, "conversationStart", {"subject": "Question", "body": "When?"}, more="conversation { id state } problems { code }"
    )
    key = started["conversation"]["id"]
    coach = studio.tokens["COACH"]
    answered = await studio.act(coach, "messageSend", {"conversation": key, "body": "On Monday."}, more=SENT)
    assert answered["message"]["body"] == "On Monday."
    assert answered["message"]["direction"] == "FROM_STAFF"
    assert await studio.code(coach, "conversationClose", {}, key=key) == "OK"
    assert await studio.code(token, "messageSend", {"conversation": key, "body": "Thanks"}) == "OK"
    [talk] = await studio.all(Conversation)
    assert (talk.state, talk.version) == (ConversationState.OPEN, 4)
    seen = await studio.site.data(token, "query($id: ID!) { conversation(id: $id) { messages { nodes { body } } } }", id=key)
    assert [node["body"] for node in seen["conversation"]["messages"]["nodes"]] == ["Thanks", "On Monday.", "When?"]
    assert {message.client_id for message in await studio.all(Message)} == {client.id}


async def test_in_a_group_staff_write_to_all_and_a_client_for_themselves(studio: Studio) -> None:
    (one, token), (two, _) = await studio.person("ACTIVE"), await studio.person("ACTIVE")
    key = gid("conversation", await studio.talk(one, two))
    assert await studio.code(studio.tokens["COACH"], "messageSend", {"conversation": key, "body": "To all"}) == "OK"
    assert await studio.code(token, "messageSend", {"conversation": key, "body": "From one"}) == "OK"
    assert {(row.body, row.client_id) for row in await studio.all(Message)} == {("To all", None), ("From one", one.id)}


async def test_the_owner_writes_to_clients_of_their_own(studio: Studio) -> None:
    (mine, _), (theirs, _) = await studio.person("ACTIVE", coach="OWNER"), await studio.person("ACTIVE")
    both = gid("conversation", await studio.talk(mine, theirs))
    owner = studio.tokens["OWNER"]
    own = {"conversation": gid("conversation", await studio.talk(mine)), "body": "Hello"}
    assert await studio.code(owner, "messageSend", own) == "OK"
    for token in (owner, studio.tokens["COACH"]):
        await studio.refused("FORBIDDEN", token, "messageSend", {"conversation": both, "body": "Hello"})
    await studio.refused("NOT_FOUND", studio.tokens["OTHER_COACH"], "messageSend", {"conversation": both, "body": "Hello"})
    await studio.refused("FORBIDDEN", studio.tokens["ASSISTANT"], "messageSend", own)
    assert await studio.code(owner, "conversationStart", {"subject": "S", "body": "B", "client": gid("client", mine)}) == "OK"


@pytest.mark.parametrize(("body", "code"), [(" ", "INVALID_INPUT"), ("x" * 10_001, "INVALID_INPUT"), ("a\0b", "INVALID_INPUT")])
async def test_texts_are_bounded(studio: Studio, body: str, code: str) -> None:
    client, token = await studio.person("ACTIVE")
    key = gid("conversation", await studio.talk(client))
    await studio.refused(code, token, "messageSend", {"conversation": key, "body": body})
    await studio.refused(code, token, "conversationStart", {"subject": "S", "body": body})


@pytest.mark.req("J-Q2")
async def test_messages_stay_open_to_the_frozen_unless_the_workspace_closed_them(studio: Studio) -> None:
    """Given the setting off, then only who is in frozen packages alone is closed out; staff still reach them."""
    client, token = await studio.person("ACTIVE")
    await studio.enroll(client, frozen=True)
    key = gid("conversation", await studio.talk(client))
    said = {"conversation": key, "body": "My card was declined"}
    assert await studio.code(token, "messageSend", said) == "OK"
    await studio.site.change(Workspace, studio.workspace, messaging_when_frozen=False)
    await studio.refused("MESSAGING_CLOSED", token, "messageSend", said)
    await studio.refused("MESSAGING_CLOSED", token, "conversationStart", {"subject": "S", "body": "B"})
    assert await studio.code(studio.tokens["COACH"], "messageSend", said) == "OK"
    _, free = await studio.person("ACTIVE")
    assert await studio.code(free, "conversationStart", {"subject": "S", "body": "B"}) == "OK"
    studio.rows["second"] = Package(workspace_id=client.workspace_id, name="Second", billing=Billing.FREE)
    await studio.site.put(studio.rows["second"])
    await studio.enroll(client, package="second")
    assert await studio.code(token, "messageSend", said) == "OK"


@pytest.mark.req("C4")
async def test_answers_belong_to_the_questions(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    form = studio.ids["form"]
    for answers in ([], ["one"], ["one", "two", "three"], ["one", "x" * 5_001], ["one", "a\0b"]):
        await studio.refused("INVALID_INPUT", token, "formAnswer", {"form": form, "answers": answers})
    payload = await studio.act(
        token, "formAnswer", {"form": form, "answers": ["one", ""]}, more="response { answers form { id } } problems { code }"
    )
    assert payload == {"response": {"answers": ["one", ""], "form": {"id": form}}, "problems": []}
    [row] = await studio.all(FormResponse)
    assert row.client_id == client.id


async def test_the_same_key_writes_once(studio: Studio) -> None:
    client, token = await studio.person("ACTIVE")
    said = {"conversation": gid("conversation", await studio.talk(client)), "body": "Once"}
    key: dict[str, Any] = {"idempotencyKey": ("String", "k1")}
    first = await studio.act(token, "messageSend", said, more="message { id } problems { code }", **key)
    second = await studio.act(token, "messageSend", said, more="message { id } problems { code }", **key)
    assert first == second
    assert len(await studio.all(Message)) == 1
    await studio.refused("KEY_REUSED", token, "messageSend", said | {"body": "Twice"}, **key)


@pytest.mark.req("J15", "J-Q9")
@pytest.mark.parametrize("left", ["nothing", "enrollment", "purchase"])
async def test_a_buyer_with_nothing_left_is_out(studio: Studio, left: str) -> None:
    """Given a buyer, when the last enrollment is deleted and the last purchase refunded, then no token and no sign-in is accepted."""
    client, token = await studio.person("BUYER")
    enrollment = await studio.enroll(client)
    async with studio.site.database.write() as session:
        account = await session.get_one(Account, client.account_id)
        account.password_hash = await quick_passwords().hash(PASSWORD)
        session.add(account)
        username = account.username
    [bought] = await studio.all(Purchase, client_id=client.id)
    if left != "purchase":
        await studio.site.change(Purchase, bought, refunded_at=day(0))
    if left != "enrollment":
        await studio.site.change(Enrollment, enrollment, state=EnrollmentState.DELETED, deleted_at=day(0))
    answer = await studio.site.ask(token, "{ viewer { client { status } } }")
    sign_in = f'mutation {{ signIn(input: {{username: "{username}", password: "{PASSWORD}"}}) {{ accessToken problems {{ code }} }} }}'
    signed = (await studio.site.data(None, sign_in))["signIn"]
    if left == "nothing":
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert signed["problems"] == [{"code": "NO_ACCESS"}]
        await studio.refused("UNAUTHENTICATED", token, "productPurchase", {"product": studio.ids["book"]})
    else:
        assert answer["data"]["viewer"]["client"]["status"] == "BUYER"
        assert signed["accessToken"] is not None
