"""Seeing as a client: what a member gets is, byte for byte, what the client gets; who may is enumerated, and every use is on record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
import time_machine
from sqlmodel import col, select

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, EnrollmentState, Role
from resolvers import viewing
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.content import Audience
from storage.tables.operations import AuditEvent
from storage.tables.packages import Enrollment, ModuleVersion
from storage.tables.workspace import Account, LoginSession, Member
from tests.access import expected
from tests.access.site import TICK, Site, day, gid
from tests.access.test_as_of import Chronicle
from tests.access.test_matrix import selection, standing
from tests.access.world import World, build

REASON: Final = {"Portico-Reason": "support"}
LISTS: Final = """
  __typename viewer { account { id username } member { id } client { id status statusSince accessMode accessUntil version }
    workspace { id name slug } }
  clients { totalCount nodes { id name email notes coach { name email } } }
  packages { totalCount nodes { id name modules { totalCount nodes { id currentVersion { version title body } } } } }
  modules(first: 100) { totalCount edges { cursor node { id versions { nodes { id title documents { nodes { id title } } } } } }
    pageInfo { endCursor } }
  products { nodes { id name modules { totalCount } purchases { totalCount } } }
  pages { totalCount nodes { id title documents { nodes { title } } audience { totalCount } } }
  forms { totalCount nodes { id responses { nodes { answers } } } }
  documents { totalCount nodes { id title withdrawnReason currentRevision { revision } } }
  members { nodes { id name role } }
  invoices { totalCount nodes { number client { name } } }
  conversations { nodes { subject messages { nodes { body author } } } }
"""
MINE: Final = """viewer { client { id status statusSince hasLogin
  enrollments { totalCount nodes { id state frozenAt frozenReason modules { totalCount nodes { id title version body
    documents { nodes { title currentRevision { revision } } } } } package { name } history { totalCount } } }
  purchases { nodes { product { name } price { amountMinor } } }
  interactions { totalCount nodes { __typename at kind ... on Message { body } ... on Invoice { number payments { totalCount } } } }
  appointments(first: 5) { nodes { startsAt hours type { name } } }
  asOf(at: "2025-01-01T00:00:00Z") { status } statusHistory { totalCount } } }"""


def documents(world: World) -> list[str]:
    """Selections that reach every field of every type with an id: of the client's own objects, of another's, and by every root field."""
    parts = []
    for whose in ("own", "other"):
        ids = world.ids_of(whose)
        for start in range(0, len(ids), 12):
            names = list(ids)[start : start + 12]
            parts.append(" ".join(f'{n}: node(id: "{ids[n]}") {{ __typename ... on {n} {{ {selection(n)} }} }}' for n in names))
    return [LISTS, MINE, f'nodes(ids: ["{world.ids_of("other")["Client"]}", "{world.ids_of("own")["Client"]}"]) {{ id }}', *parts]


@pytest_asyncio.fixture(scope="module")
async def north(site: Site) -> World:
    """World of its own, whose client `own` is in every audience and also in a package whose content grows."""
    world = await build(site)
    own = world.clients["own"]
    package: dict[str, Any] = {"workspace_id": own.workspace_id, "package_id": world.keys["package"]}
    newer = ModuleVersion(
        module_id=world.keys["module"],
        version=2,
        title="Module",
        body="newer",
        published_at=day(-50),
        workspace_id=own.workspace_id,
    )
    await site.put(newer, Audience(document_id=_uuid(world.ids[""]["Document"]), **package))
    return world


def _uuid(node: str) -> UUID:
    return UUID(node[-32:])


def wish(client: Client, **more: object) -> str:
    arguments = "".join(f", {name}: {value}" for name, value in more.items() if value is not None)
    return f'viewAs(client: "{gid("client", client)}"{arguments})'


async def same(world: World, member: str, asked: str, inner: str, token: str) -> None:
    """The member gets for the selection what the client gets, and the same is withheld."""
    real = await world.site.send(token, f"{{ {inner} }}")
    view = await world.site.send(world.tokens[member], f"{{ {asked} {{ {inner} }} }}", REASON)
    mine, theirs = orjson.loads(real.content), orjson.loads(view.content)
    assert "errors" not in theirs, theirs
    assert orjson.dumps(mine["data"]) in real.content
    assert view.content.startswith(b'{"data":{"viewAs":' + orjson.dumps(mine["data"]) + b"}")
    notes = mine.get("extensions", {}).get("withheld", [])
    assert theirs.get("extensions", {}).get("withheld", []) == [note | {"path": ["viewAs", *note["path"]]} for note in notes]


async def uses(site: Site, client: Client) -> list[AuditEvent]:
    async with site.database.write() as session:
        asked = select(AuditEvent).where(col(AuditEvent.subject_id) == client.id, col(AuditEvent.action) == "view_as")
        return list((await session.exec(asked.order_by(col(AuditEvent.id)))).all())


@pytest.mark.req("C3", "C4", "C7", "C12a", "C12b", "C16", "C20", "J8", "P3")
@pytest.mark.parametrize("name", expected.STANDINGS)
async def test_a_member_gets_what_the_client_gets_in_every_standing(north: World, name: str) -> None:
    """Given a client in each standing, then the view is the client's own answer; where they could not sign in, it is null and says so."""
    site, own, token = north.site, north.clients["own"], north.tokens["CLIENT"]
    async with standing(north, name):
        for member in ("OWNER", "COACH"):
            if expected.portal_denies("Account", "id", name) == "ROW":
                assert (await site.send(token, f"{{ {LISTS} }}")).status_code == 401
                before = len(await uses(site, own))
                answer = await site.ask(north.tokens[member], f"{{ seen: {wish(own)} {{ {LISTS} }} }}", REASON)
                [note] = answer["extensions"]["withheld"]
                assert answer["data"] == {"seen": None}
                code = "NO_LOGIN" if "without login" in name else "STATUS"
                assert (note["path"], note["code"]) == (["seen"], code)
                assert len(await uses(site, own)) == before + 1
                continue
            for inner in documents(north) if member == "COACH" else documents(north)[:4]:
                await same(north, member, wish(own), inner, token)


@asynccontextmanager
async def transition(world: World, before: ClientStatus, status: ClientStatus, mode: AccessMode, at: datetime) -> AsyncIterator[None]:
    """The client `own` after a real transition at an instant, as a mutation would write it; undone at the end."""
    own = world.clients["own"]
    values: dict[str, Any] = {"status": status, "access_mode": mode, "status_since": at}
    told: dict[str, Any] = {"before": before, "after": status, "access_mode": mode, "at": at, "transition": "test", "actor": ""}
    change = ClientStatusChange(workspace_id=own.workspace_id, client_id=own.id, **told)
    await world.site.put(change)
    await world.site.change(Client, own, **values)
    yield
    async with world.site.database.write() as session:
        await session.delete(await session.get(ClientStatusChange, (change.workspace_id, change.id)))
    await world.site.change(Client, own, status=before, access_mode=AccessMode.NONE, status_since=own.status_since)


@pytest.mark.req("C7", "C12b", "C20")
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(
    ("before", "status"),
    [
        ("ACTIVE", "HOT_LEAD"),
        ("ACTIVE", "ACTIVE"),
        ("ACTIVE", "BUYER"),
        ("ACTIVE", "INACTIVE PURCHASED_CONTENT"),
        ("ACTIVE", "INACTIVE READ_ONLY"),
        ("BUYER", "INACTIVE READ_ONLY"),
        ("PROSPECT", "ACTIVE"),
    ],
)
async def test_a_supposed_standing_shows_what_the_real_transition_brings(north: World, before: str, status: str, frozen: bool) -> None:
    """Given a client in one standing, then what is seen in another standing is, byte for byte, what they get after the transition."""
    site, own, token = north.site, north.clients["own"], north.tokens["CLIENT"]
    enrollment = Enrollment(workspace_id=own.workspace_id, client_id=own.id, package_id=north.keys["package"])
    enrollment.id = _uuid(north.ids["own"]["Enrollment"])
    if not frozen:
        await site.change(Enrollment, enrollment, state=EnrollmentState.ACTIVE, frozen_at=None)
    word, _, mode = status.partition(" ")
    new = ClientStatus[word]
    at = datetime.now(UTC)
    asked = wish(own, status=word, accessMode=mode or None)
    await site.change(Client, own, status=ClientStatus[before])
    with time_machine.travel(at, tick=False):
        views = [await site.send(north.tokens["COACH"], f"{{ {asked} {{ {inner} }} }}") for inner in documents(north)]
        if word == before:
            answers = [await site.send(token, f"{{ {inner} }}") for inner in documents(north)]
        else:
            async with transition(north, ClientStatus[before], new, AccessMode[mode or "NONE"], at):
                answers = [await site.send(token, f"{{ {inner} }}") for inner in documents(north)]
    for view, real in zip(views, answers, strict=True):
        data = orjson.dumps(orjson.loads(real.content)["data"])
        assert view.content.startswith(b'{"data":{"viewAs":' + data + b"}"), (orjson.loads(view.content), orjson.loads(real.content))
        notes = [orjson.loads(sent.content).get("extensions", {}).get("withheld", []) for sent in (real, view)]
        assert [["viewAs", *note["path"]] for note in notes[0]] == [note["path"] for note in notes[1]]
    await site.change(Enrollment, enrollment, state=EnrollmentState.DEACTIVATED, frozen_at=day(-110))
    await site.change(Client, own, status=ClientStatus.ACTIVE)


async def test_a_supposed_standing_without_login_is_refused_and_the_default_mode_counts(north: World) -> None:
    site, own, coach = north.site, north.clients["own"], north.tokens["COACH"]
    inner = "{ viewer { client { status accessMode statusSince } } }"
    for more in ({"status": "PROSPECT"}, {"status": "INACTIVE"}, {"status": "INACTIVE", "accessMode": "PAY_ONLY"}):
        answer = await site.ask(coach, f"{{ {wish(own, **more)} {inner} }}")
        assert (answer["data"], [n["code"] for n in answer["extensions"]["withheld"]]) == ({"viewAs": None}, ["STATUS"])
    await site.change(type(north.workspace), north.workspace, default_access_mode=AccessMode.READ_ONLY)
    data = await site.data(coach, f"{{ {wish(own, status='INACTIVE')} {inner} }}")
    assert data["viewAs"]["viewer"]["client"]["accessMode"] == "READ_ONLY"
    await site.change(type(north.workspace), north.workspace, default_access_mode=AccessMode.NONE)
    # who has no login is supposed to have one, and it is theirs who is asked for
    lead = await site.client(north.members["COACH"], ClientStatus.PROSPECT)
    await site.change(Client, lead, account_id=None)
    data = await site.data(coach, f"{{ {wish(lead, status='ACTIVE')} {{ viewer {{ account {{ id }} client {{ id status }} }} }} }}")
    assert data["viewAs"]["viewer"] == {"account": None, "client": {"id": gid("client", lead), "status": "ACTIVE"}}
    real = await site.data(coach, "query ($id: ID!) { client(id: $id) { status hasLogin } }", id=gid("client", lead))
    assert real["client"] == {"status": "PROSPECT", "hasLogin": False}


@pytest.mark.req("J8", "J10", "J11")
async def test_a_view_of_the_past_is_what_the_client_got_then(site: Site) -> None:
    """Given answers to the client's own token while things happened, then the view at each instant is the answer of that instant."""
    coach = await site.member(await site.workspace("past"), Role.COACH)
    made = Past(site, coach, await site.token(coach))
    await made.live()
    assert len({body for _, body in made.bodies}) >= 12
    for at, body in made.bodies:
        view = await site.send(made.token, f"{{ {wish(made.client, at=orjson.dumps(at).decode())} {{ {_PAST} }} }}")
        if body is None:
            assert orjson.loads(view.content)["data"] == {"viewAs": None}
        else:
            assert view.content.startswith(b'{"data":{"viewAs":' + body + b"}"), (at, view.content, body)
    # a supposed standing at an instant of the past: what the client had then, and as they stood where they stood so
    at, body = next((at, body) for at, body in reversed(made.bodies) if body and b'"status":"ACTIVE"' in body)
    view = await site.send(made.token, f"{{ {wish(made.client, at=orjson.dumps(at).decode(), status='ACTIVE')} {{ {_PAST} }} }}")
    assert body is not None
    assert body in view.content
    asked = wish(made.client, at=orjson.dumps(at).decode(), status="INACTIVE", accessMode="PURCHASED_CONTENT")
    data = await site.data(made.token, f"{{ {asked} {{ {_PAST} }} }}")
    mine = data["viewAs"]["viewer"]["client"]
    assert (mine["status"], datetime.fromisoformat(mine["statusSince"])) == ("INACTIVE", at)
    assert mine["enrollments"] == orjson.loads(body)["viewer"]["client"]["enrollments"]
    before = made.client.created_at - timedelta(seconds=1)
    view = await site.ask(made.token, f"{{ {wish(made.client, at=orjson.dumps(before).decode())} {{ {_PAST} }} }}")
    assert view == {"data": {"viewAs": None}}


_PAST: Final = """viewer { client { status statusSince accessMode enrollments { nodes { id state frozenAt
  modules { totalCount nodes { title version documents { nodes { title revisions { totalCount } } } } } } } } }
  packages { nodes { name modules { nodes { currentVersion { version } } } } } modules { totalCount } documents { nodes { title } }"""


class Past(Chronicle):
    """Chronicle in which the client asks, too."""

    def __init__(self, site: Site, coach: Member, token: str) -> None:
        super().__init__(site, coach, token)
        self.bodies: list[tuple[datetime, bytes | None]] = []
        self.session: str | None = None

    async def keep(self) -> None:
        if self.session is None:
            account = await self.site.account()
            await self.site.change(Client, self.client, account_id=account.id)
            self.client.account_id = account.id
            self.session = await self.site.token(self.client)
        sent = await self.site.send(self.session, f"{{ {_PAST} }}")
        body = orjson.loads(sent.content).get("data")
        self.bodies.append((datetime.now(UTC), None if body is None else orjson.dumps(body)))


async def test_who_may_see_as_whom(north: World) -> None:
    """Every role, own and other clients, absent ids: what is refused is refused before anything is read or written."""
    site = north.site
    inner = "{ viewer { client { id } } }"
    foreign = await site.client(await site.member(await site.workspace("elsewhere"), Role.COACH))
    absent = Client(
        workspace_id=foreign.workspace_id, id=_uuid("client_" + "0" * 32), number=0, coach_id=foreign.coach_id, status=ClientStatus.ACTIVE
    )
    own, other = north.clients["own"], north.clients["other"]
    before = [len(await uses(site, client)) for client in (own, other, foreign)]
    for role in ("ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT"):
        for client in (own, other, foreign, absent):
            answer = await site.ask(north.tokens[role], f"{{ {wish(client)} {inner} }}", REASON)
            assert answer["data"] == {"viewAs": None}
            [error] = answer["errors"]
            assert (error["extensions"], error["path"]) == ({"code": "FORBIDDEN"}, ["viewAs"])
    answer = await site.ask(None, f"{{ {wish(own)} {inner} }}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    # absent, of another workspace, another coach's, erased: one answer
    for role, clients in (
        ("COACH", (absent, foreign, other)),
        ("OWNER", (absent, foreign)),
    ):
        for client in clients:
            sent = await site.send(north.tokens[role], f"{{ {wish(client)} {inner} }}", REASON)
            assert sent.content == b'{"data":{"viewAs":null}}'
    for state, code in ((DataState.CONTACT_DELETED, "CONTACT_DELETED"), (DataState.ERASED, "ERASED")):
        answer = await site.ask(north.tokens["COACH"], f"{{ {wish(north.clients[state.value], status='ACTIVE')} {inner} }}")
        assert [note["code"] for note in answer["extensions"]["withheld"]] == [code]
    assert await site.data(north.tokens["COACH"], f"{{ {wish(north.clients['HISTORY_DELETED'])} {inner} }}") != {"viewAs": None}
    # an owner needs a reason for what another coach's client reads
    answer = await site.ask(north.tokens["OWNER"], f"{{ {wish(other)} {inner} }}")
    assert (answer["data"], [n["code"] for n in answer["extensions"]["withheld"]]) == ({"viewAs": None}, ["REASON_REQUIRED"])
    assert [len(await uses(site, client)) for client in (own, other, foreign)] == before
    assert (await site.data(north.tokens["OWNER"], f"{{ {wish(other)} {inner} }}", REASON))["viewAs"]["viewer"]["client"]["id"] == gid(
        "client", other
    )


async def test_every_use_is_in_the_audit(north: World) -> None:
    site, own, coach = north.site, north.clients["own"], north.members["COACH"]
    before = len(await uses(site, own))
    b = wish(own, status="INACTIVE", accessMode="READ_ONLY")
    asked = f"{{ a: {wish(own)} {{ __typename }} b: {b} {{ __typename }} packages {{ totalCount }} }}"
    data = await site.data(north.tokens["COACH"], asked)
    assert data == {"a": {"__typename": "Query"}, "b": {"__typename": "Query"}, "packages": {"totalCount": 1}}
    events = (await uses(site, own))[before:]
    assert [(e.actor, e.subject_kind, e.reason) for e in events] == [(f"member:{coach.id.hex}", "client", None)] * 2
    details = sorted((orjson.loads(e.detail) for e in events), key=str)
    assert details == sorted(
        [
            {"status": None, "accessMode": None, "at": None},
            {"status": "INACTIVE", "accessMode": "READ_ONLY", "at": None},
        ],
        key=str,
    )
    assert all(e.request_id for e in events)
    # nothing was changed by supposing
    real = await site.data(north.tokens["COACH"], "query ($id: ID!) { client(id: $id) { status accessMode } }", id=gid("client", own))
    assert real["client"] == {"status": "ACTIVE", "accessMode": "NONE"}


async def test_a_view_reaches_nothing_but_reads_of_the_client(north: World) -> None:
    """Views within views, mutations, introspection and ids of others: each is refused or empty, as for the client."""
    site, own, coach = north.site, north.clients["own"], north.tokens["COACH"]
    nested = f"{wish(own)} {{ __typename }}"
    for token, text in ((north.tokens["CLIENT"], f"{{ {nested} }}"), (coach, f"{{ {wish(own)} {{ {nested} }} }}")):
        [error] = (await site.ask(token, text))["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert error["message"] == "Only owners, and coaches for their own clients, see as a client."
    [error] = (await site.ask(coach, f"{{ {wish(own)} {{ __schema {{ types {{ name }} }} }} }}"))["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["viewAs"])
    assert await site.code(coach, f"mutation {{ {wish(own)} {{ __typename }} }}") == "INVALID_DOCUMENT"
    assert await site.code(coach, f"{{ {wish(own)} {{ signOut {{ problems {{ code }} }} }} }}") == "INVALID_DOCUMENT"
    other = north.ids_of("other")
    ids = ", ".join(f'"{other[name]}"' for name in other if name not in north.ids[""])
    data = await site.data(coach, f"{{ {wish(own)} {{ nodes(ids: [{ids}]) {{ id }} }} }}")
    assert set(map(str, data["viewAs"]["nodes"])) == {"None"}
    for bad, code in (
        (f'viewAs(client: "{north.ids[""]["Package"]}")', "INVALID_ID"),
        ('viewAs(client: "nobody")', "INVALID_ID"),
        (wish(own, at='"2099-01-01T00:00:00Z"'), "BAD_USER_INPUT"),
    ):
        [error] = (await site.ask(coach, f"{{ {bad} {{ __typename }} }}"))["errors"]
        assert (error["extensions"]["code"], error["path"]) == (code, ["viewAs"])
    # what is wrong inside is told as it is to the client, at the field
    wrong = 'clients(filter: {status: ACTIVE}, orderBy: {field: NAME}, after: "x") { totalCount }'
    [mine] = (await site.ask(north.tokens["CLIENT"], f"{{ {wrong} }}"))["errors"]
    [error] = (await site.ask(coach, f"{{ {wish(own)} {{ {wrong} }} }}"))["errors"]
    assert (error["extensions"], error["message"], error["path"]) == (mine["extensions"], mine["message"], ["viewAs"])


async def test_fragments_variables_and_directives_work_below(north: World) -> None:
    site, own = north.site, north.clients["own"]
    body = "viewer { client { ...C } } modules(first: $n) @include(if: $with) { totalCount nodes { id } }"
    head, tail = "query ($n: Int, $with: Boolean!", "fragment C on Client { name notes enrollments(first: $n) { totalCount } }"
    cases: list[dict[str, Any]] = [{"n": 1, "with": True}, {"n": 0, "with": False}]
    for given in cases:
        mine = await site.ask(north.tokens["CLIENT"], f"{head}) {{ {body} }} {tail}", **given)
        asked = f"{head}, $client: ID!, $status: ClientStatus) {{ viewAs(client: $client, status: $status) {{ {body} }} }} {tail}"
        view = await site.ask(north.tokens["COACH"], asked, client=gid("client", own), **given)
        assert view["data"]["viewAs"] == mine["data"]
        paths = [note["path"] for note in view["extensions"]["withheld"]]
        assert paths == [["viewAs", *note["path"]] for note in mine["extensions"]["withheld"]] == [["viewAs", "viewer", "client", "notes"]]


async def test_the_members_own_proof_is_checked(site: Site) -> None:
    """Given a member whose session, role or login ended, then nothing is shown and nothing is recorded."""
    owner = await site.member(await site.workspace("proof"), Role.OWNER)
    client = await site.client(owner)
    query = f"{{ {wish(client)} {{ viewer {{ client {{ id }} }} }} }}"

    async def refused(token: str) -> bool:
        before = len(await uses(site, client))
        answer = await site.ask(token, query)
        gone = answer == {"errors": [answer["errors"][0]]} and answer["errors"][0]["extensions"]["reason"] == "REVOKED"
        return gone and len(await uses(site, client)) == before

    token, session = await site.login(owner)
    assert (await site.data(token, query))["viewAs"] is not None
    await site.change(LoginSession, session, revoked_at=datetime.now(UTC))
    assert await refused(token)
    token = await site.token(owner)
    await site.change(Member, owner, role=Role.COACH)
    assert await refused(token)
    await site.change(Member, owner, role=Role.OWNER, left_at=datetime.now(UTC))
    assert await refused(token)
    await site.change(Member, owner, left_at=None)
    assert (await site.data(token, query))["viewAs"] is not None
    assert client.account_id is not None
    account = Account(id=client.account_id, username="")
    await site.change(Account, account, disabled_at=datetime.now(UTC))
    answer = await site.ask(token, query)
    assert [note["code"] for note in answer["extensions"]["withheld"]] == ["NO_LOGIN"]


async def test_a_client_who_changes_while_they_are_looked_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a client refused between the look and the reading, then it is their refusal and not the member's; and the other way round."""
    racing = await site.workspace("racing")
    coach = await site.member(racing, Role.COACH)
    client = await site.client(coach)
    token, session = await site.login(coach)
    record: Any = viewing._record
    changes: list[Any] = []

    async def recorded(*arguments: Any) -> None:
        await record(*arguments)
        kind, row, values = changes.pop()
        await site.change(kind, row, **values)

    monkeypatch.setattr(viewing, "_record", recorded)
    query = f"{{ {wish(client)} {{ viewer {{ client {{ id }} }} }} }}"
    changes.append((Client, client, {"status": ClientStatus.PROSPECT}))
    answer = await site.ask(token, query)
    assert (answer["data"], [note["code"] for note in answer["extensions"]["withheld"]]) == ({"viewAs": None}, ["STATUS"])
    await site.change(Client, client, status=ClientStatus.ACTIVE)
    other = await site.member(racing, Role.COACH)
    changes.append((Client, client, {"coach_id": other.id}))
    assert await site.ask(token, query) == {"data": {"viewAs": None}}
    await site.change(Client, client, coach_id=coach.id)
    changes.append((LoginSession, session, {"revoked_at": datetime.now(UTC)}))
    answer = await site.ask(token, query)
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED", "reason": "REVOKED"}]


async def test_root_fields_below_a_view_count_as_root_fields(north: World) -> None:
    site, own = north.site, north.clients["own"]
    for many, refused in ((29, False), (30, True)):
        inner = " ".join(f"a{i}: __typename" for i in range(many))
        for text in (f"{{ {wish(own)} {{ {inner} }} }}", f"{{ {wish(own)} {{ ...F }} }} fragment F on Query {{ {inner} }}"):
            answer = await site.ask(north.tokens["COACH"], text)
            codes = [error["extensions"] for error in answer.get("errors", [])]
            told = {"code": "LIMIT_EXCEEDED", "limit": "ROOT_FIELDS", "value": 31, "maximum": 30}
            assert codes == ([told] if refused else [])
    endless = f"{{ ...F }} fragment F on Query {{ {wish(own)} {{ ...F }} }}"
    assert (await site.ask(north.tokens["COACH"], endless))["errors"][0]["extensions"]["code"] == "INVALID_DOCUMENT"


async def test_the_end_of_an_access_counts(site: Site) -> None:
    coach = await site.member(await site.workspace("ended"), Role.COACH)
    now = datetime.now(UTC)
    given: dict[str, Any] = {"access_mode": AccessMode.READ_ONLY, "created_at": day(-9), "access_until": now - TICK}
    client = await site.client(coach, ClientStatus.INACTIVE, **given)
    token = await site.token(coach)
    inner = "{ viewer { client { accessUntil } } }"
    answer = await site.ask(token, f"{{ {wish(client)} {inner} }}")
    assert [note["code"] for note in answer["extensions"]["withheld"]] == ["STATUS"]
    data = await site.data(token, f"{{ {wish(client, accessMode='READ_ONLY')} {inner} }}")
    assert data["viewAs"]["viewer"]["client"] == {"accessUntil": None}


#: Cells of the table of the requirements, as the words of the schema.
_WORDS: Final = {"R": "READ", "R W": "WRITE", "-": "NONE", "O": "OWN", "A": "AUDIENCE", "signed link": "LINK", "link only": "LINK"}


async def test_what_a_change_of_standing_opens_and_closes(north: World) -> None:
    """Every standing to every other: the difference is that of the two columns of the matrix, and nothing else is listed."""
    site, own = north.site, north.clients["own"]
    rows = {
        "NAME": "own profile: name, e-mail, phone",
        "STATUS": "own status",
        "APPOINTMENTS": "own appointments",
        "HOURS": "certification data",
    }
    table = {line.split("|")[0].strip(): [c.strip() for c in line.split("|")[1:]] for line in expected.PORTAL.strip().splitlines()}
    words = [name for name in expected.STANDINGS if name != "HOT_LEAD without login"]
    for before in expected.STANDINGS:
        async with standing(north, before):
            for after in words:
                status, _, mode = after.partition(" ")
                given = f"status: {status}" + (f", accessMode: {mode}" if mode else "")
                query = f'{{ accessDiff(client: "{gid("client", own)}", {given}) {{ resource before after }} }}'
                data = await site.data(north.tokens["ASSISTANT"], query)
                found = {change["resource"]: (change["before"], change["after"]) for change in data["accessDiff"]}
                for resource, row in rows.items():
                    cells = [table[row][expected.STANDINGS.index(name)] for name in (before, after)]
                    old, new = [_WORDS[cell.partition(" (")[0]] for cell in cells]
                    assert found.get(resource) == (None if old == new else (old, new)), (before, after, resource)
                assert before != after or found == {}, (before, found)
                assert all(old != new for old, new in found.values())


async def test_who_asks_what_a_change_would_open(north: World) -> None:
    site, own = north.site, gid("client", north.clients["own"])

    async def ask(token: str | None, key: str) -> Any:
        return await site.ask(token, f'{{ accessDiff(client: "{key}", status: PROSPECT) {{ resource }} }}')

    before = len(await uses(site, north.clients["own"]))
    for role in expected.ROLES:
        assert len((await ask(north.tokens[role], own))["data"]["accessDiff"]) > 10
    [error] = (await ask(north.tokens["CLIENT"], own))["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert (await ask(None, own))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    for key in (gid("client", north.clients["other"]), own[:-4] + "dead"):
        assert await ask(north.tokens["COACH"], key) == {"data": {"accessDiff": None}}
    answer = await ask(north.tokens["OWNER"], gid("client", north.clients["CONTACT_DELETED"]))
    assert (answer["data"], answer["extensions"]["withheld"][0]["code"]) == ({"accessDiff": None}, "CONTACT_DELETED")
    assert len(await uses(site, north.clients["own"])) == before
