"""Links to exports: who makes them, and when they open."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role
from planner.errors import NotLiveError
from resolvers.clock.purge import purge
from resolvers.export_tokens import export_token
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent, ExportFile, OutboxEvent
from storage.tables.workspace import Account, Member
from tests.access.site import gid
from tests.exports.person import Person, open_person
from tests.exports.reading import reading
from tests.portal.studio import STANDINGS, Studio, open_studio

CLOSED = {"code": "LINK_INVALID", "message": "This link does not open anything (any more): ask for a new one."}
#: What becomes of the step, asked by the client themself.
THEMSELVES = {
    "PROSPECT": "UNAUTHENTICATED",
    "HOT_LEAD without login": "UNAUTHENTICATED",
    "HOT_LEAD": "OK",
    "ACTIVE": "OK",
    "BUYER": "OK",
    "INACTIVE NONE": "UNAUTHENTICATED",
    "INACTIVE PURCHASED_CONTENT": "FORBIDDEN",
    "INACTIVE READ_ONLY": "OK",
    "INACTIVE PAY_ONLY": "UNAUTHENTICATED",
}
#: Asked by a member, for a client of COACH.
STAFF = {
    "OWNER": "REASON_REQUIRED",
    "COACH": "OK",
    "OTHER_COACH": "NOT_FOUND",
    "ASSISTANT": "FORBIDDEN",
    "ACCOUNTANT": "FORBIDDEN",
    "ANALYST": "FORBIDDEN",
}


async def closed(studio: Studio, path: str) -> None:
    """The link answers as one that never was, and nothing is written."""
    before = await studio.everything()
    answer = await studio.site.get(path)
    assert (answer.status_code, answer.json()) == (404, CLOSED)
    assert answer.headers["cache-control"] == "no-store"
    assert await studio.everything() == before


@pytest.mark.req("C-Q10")
@pytest.mark.parametrize("standing", STANDINGS)
async def test_clients_take_their_own_data(studio: Studio, standing: str) -> None:
    assert THEMSELVES.keys() == STANDINGS.keys()
    client, token = await studio.person(standing)
    other, _ = await studio.person("ACTIVE")
    if THEMSELVES[standing] == "OK":
        assert await studio.code(token, "clientExport", {}, key=gid("client", client)) == "OK"
    else:
        await studio.refused(THEMSELVES[standing], token, "clientExport", {}, key=gid("client", client))
    code = "UNAUTHENTICATED" if THEMSELVES[standing] == "UNAUTHENTICATED" else "NOT_FOUND"
    await studio.refused(code, token, "clientExport", {}, key=gid("client", other))


@pytest.mark.req("C-Q10")
@pytest.mark.parametrize("standing", STANDINGS)
async def test_staff_export_clients_of_every_standing(studio: Studio, standing: str) -> None:
    """Given a client who may not take their data by themselves, when they ask for it, then their coach exports it."""
    client, _ = await studio.person(standing)
    payload = await studio.act(studio.tokens["COACH"], "clientExport", {}, key=gid("client", client), more="path problems { code }")
    assert payload["problems"] == []
    assert (await studio.site.get(payload["path"])).json()["client"]["id"] == gid("client", client)


@pytest.mark.req("C-Q10")
@pytest.mark.parametrize("role", STAFF)
async def test_staff_by_role(studio: Studio, role: str) -> None:
    client, _ = await studio.person("INACTIVE NONE")
    given: tuple[str, str, Any, str] = (studio.tokens[role], "clientExport", {}, gid("client", client))
    token, name, _, key = given
    if STAFF[role] == "OK":
        assert await studio.code(token, name, {}, key=key) == "OK"
        return
    problem = await studio.refused(STAFF[role], token, name, {}, key=key)
    if role == "OWNER":
        assert problem["path"] == ["input", "reason"]
        await studio.refused(STAFF[role], token, name, {"reason": "  "}, key=key)
        assert await studio.code(token, name, {"reason": "They asked for it"}, key=key) == "OK"
        [event] = await studio.all(AuditEvent, action="client.export")
        assert event.reason == "They asked for it"


async def test_nobody_else(studio: Studio) -> None:
    """Strangers, members of another workspace, and a client elsewhere are refused."""
    client, _ = await studio.person("ACTIVE")
    elsewhere = await open_studio(studio.site)
    _, theirs = await elsewhere.person("ACTIVE")
    await studio.refused("UNAUTHENTICATED", None, "clientExport", {}, key=gid("client", client))
    for token in (elsewhere.tokens["OWNER"], elsewhere.tokens["COACH"], theirs):
        await studio.refused("NOT_FOUND", token, "clientExport", {"reason": "Curious"}, key=gid("client", client))


@pytest.mark.parametrize("state", [DataState.CONTACT_DELETED, DataState.ERASED])
async def test_nothing_is_exported_of_who_is_gone(studio: Studio, state: DataState) -> None:
    client, _ = await studio.person("ACTIVE", coach="OWNER", data_state=state)
    await studio.refused("CONTACT_ERASED", studio.tokens["OWNER"], "clientExport", {}, key=gid("client", client))


async def test_the_preview_makes_no_link(studio: Studio) -> None:
    client, _ = await studio.person("ACTIVE")
    query = "query($id: ID!) { clientExportPreview(id: $id) { after reversible blockers { code } effects { kind } } }"
    seen = await studio.site.data(studio.tokens["COACH"], query, id=gid("client", client))
    assert seen["clientExportPreview"] == {"after": "ACTIVE", "reversible": False, "blockers": [], "effects": []}
    assert await studio.all(ExportFile) == []


async def test_a_link_is_on_record_and_so_is_each_fetching(person: Person) -> None:
    """Given a link, when it is opened twice, then the audit says who made it, and both times; the link is nowhere in the database."""
    studio = person.studio
    path = await person.link()
    for _ in range(2):
        answer = await studio.site.get(path)
        assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="client-{person.client.number}.json"'
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    [made] = await studio.all(ExportFile)
    assert (made.kind, made.subject_id, made.asked) == ("client", person.client.id, "")
    assert made.expires_at - made.created_at == timedelta(days=1)
    assert made.actor == f"member:{studio.members['COACH'].id.hex}"
    events = [(event.action, event.actor) for event in await studio.all(AuditEvent, subject_id=person.client.id)]
    fetched = ("export_fetched", f"link:{made.id.hex}")
    assert events == [("client.export", made.actor), fetched, fetched]
    assert [event.name for event in await studio.all(OutboxEvent)] == ["client.export"]
    everything = "".join((await studio.everything()).values())
    assert path.rpartition("/")[2] not in everything
    assert (await studio.fresh(person.client)).version == person.client.version


async def test_the_link_is_shown_once(studio: Studio) -> None:
    """Given a key that was used, when the request is repeated, then there is no second link and no second showing of the first."""
    client, _ = await studio.person("ACTIVE")
    key = {"idempotencyKey": ("String", "once")}
    more = "path event { id } problems { code }"
    first, second = [
        await studio.act(studio.tokens["COACH"], "clientExport", {}, key=gid("client", client), more=more, **key) for _ in range(2)
    ]
    assert first["path"] is not None
    assert (second["path"], second["event"]) == (None, first["event"])
    assert len(await studio.all(ExportFile)) == 1


async def test_a_link_that_was_touched_opens_nothing(person: Person) -> None:
    """Every bit of the token is signed; neither another spelling of it nor another key of a record opens anything."""
    studio = person.studio
    path = await person.link()
    start, _, token = path.rpartition("/")
    raw = urlsafe_b64decode(token + "==")
    for place in range(len(raw)):
        touched = bytes(byte ^ (place == at) for at, byte in enumerate(raw))
        assert (await studio.site.get(f"{start}/{urlsafe_b64encode(touched).rstrip(b'=').decode()}")).status_code == 404
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelled = token[:-1] + letters[letters.index(token[-1]) ^ 1]
    for other in (spelled, token + "==", token + "A", token[:-1], "x", "é" * 86):
        await closed(studio, f"{start}/{other}")
    nobody = export_token(studio.site.secret, studio.workspace.id.hex, person.client.id.hex)
    elsewhere = await open_studio(studio.site)
    [made] = await studio.all(ExportFile)
    for forged in (
        nobody,
        export_token(studio.site.secret, elsewhere.workspace.id.hex, made.id.hex),
        export_token(b"another secret", studio.workspace.id.hex, made.id.hex),
    ):
        await closed(studio, f"{start}/{forged}")
    assert (await studio.site.get(path)).status_code == 200


async def test_a_link_ends_after_a_day(person: Person) -> None:
    studio = person.studio
    path = await person.link()
    [made] = await studio.all(ExportFile)
    await studio.site.change(ExportFile, made, expires_at=datetime.now(UTC))
    await closed(studio, path)
    assert await purge(studio.site.database, studio.workspace.id.hex, datetime.now(UTC)) == {"export_file": 1}
    await closed(studio, path)


@pytest.mark.parametrize("maker", ["COACH", "OWNER", "themselves"])
@pytest.mark.parametrize("state", [DataState.CONTACT_DELETED, DataState.ERASED])
async def test_a_link_closes_with_the_data(person: Person, maker: str, state: DataState) -> None:
    studio = person.studio
    path = await person.link(studio.tokens.get(maker, person.token), {"reason": "Asked"})
    await studio.site.change(Client, person.client, data_state=state)
    await closed(studio, path)


@pytest.mark.parametrize(
    "change",
    [
        {"status": ClientStatus.INACTIVE},
        {"status": ClientStatus.PROSPECT},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.PURCHASED_CONTENT},
        {"account_id": None},
    ],
)
async def test_clients_links_close_with_their_login(person: Person, change: dict[str, Any]) -> None:
    """Given links of the client and of their coach, when the login is closed, then the client's opens nothing and the coach's does."""
    own, coachs = await person.link(person.token), await person.link()
    await person.studio.site.change(Client, person.client, **change)
    await closed(person.studio, own)
    assert (await person.studio.site.get(coachs)).status_code == 200


async def test_a_disabled_account_opens_nothing(person: Person) -> None:
    own = await person.link(person.token)
    async with person.studio.site.database.write() as session:
        account = await session.get_one(Account, person.client.account_id)
        account.disabled_at = datetime.now(UTC)
        session.add(account)
    await closed(person.studio, own)


@pytest.mark.parametrize("change", [{"left_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"role": Role.ASSISTANT}])
async def test_a_members_links_close_when_they_could_make_them_no_longer(person: Person, change: dict[str, Any]) -> None:
    path = await person.link()
    await person.studio.site.change(Member, person.studio.members["COACH"], **change)
    await closed(person.studio, path)


async def test_a_coachs_link_closes_when_the_client_has_another(person: Person) -> None:
    path = await person.link()
    await person.studio.site.change(Client, person.client, coach_id=person.studio.members["OTHER_COACH"].id)
    await closed(person.studio, path)


@pytest.mark.parametrize("change", ["data_state", "coach_id"])
async def test_a_file_breaks_off_when_its_link_closes(person: Person, change: str) -> None:
    """Given a file that is being sent, when the contact is deleted or the client has another coach, then it does not go on."""
    opened = await reading(person.studio.site, await person.link())
    value = {"data_state": DataState.CONTACT_DELETED, "coach_id": person.studio.members["OTHER_COACH"].id}[change]
    parts = opened._parts()
    assert (await anext(parts)).startswith(b'{"format":')
    await person.studio.site.change(Client, person.client, **{change: value})
    with pytest.raises(NotLiveError):
        async for _ in parts:
            pass


async def test_a_link_opens_no_other_door(person: Person) -> None:
    """The token of an export signs nobody in, and is no link of another purpose."""
    studio = person.studio
    token = (await person.link()).rpartition("/")[2]
    assert (await studio.site.ask(token, "{ viewer { workspace { id } } }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await studio.by_token("passwordChoose", token, password="a long enough password") == "LINK_INVALID"
    assert (await studio.site.get("/exports/")).status_code == 404


async def test_two_workspaces_never_meet(studio: Studio) -> None:
    """Given the same person with two coaches, when one exports them, then the file holds nothing of the other's."""
    here = await open_person(studio)
    elsewhere = await open_studio(studio.site)
    there = await open_person(elsewhere)
    await studio.site.change(Client, there.client, account_id=here.client.account_id, name="Same Person Elsewhere")
    text = (await studio.site.get(await here.link(here.token))).text
    assert "Same Person Elsewhere" not in text
    assert there.client.id.hex not in text
