"""Which rows each caller sees, by every road of the graph: lists, ids, children, timelines, filters, search and totals."""

from typing import Any, Final
from uuid import uuid4

import orjson
import pytest

from lifecycle.vocabulary import AccessMode, Billing, ClientStatus, EnrollmentState, MessageDirection, Role
from server.limits import MAX_ROOT_FIELDS
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent
from storage.tables.billing import Estimate, Invoice, Payment
from storage.tables.clients import Client
from storage.tables.content import Audience, Form, FormResponse, Page
from storage.tables.conversations import ClientDocument, Conversation, Message, Participant
from storage.tables.packages import Enrollment, Package, Subscription
from storage.tables.workspace import Member
from tests.access import expected
from tests.access.site import Site, day, gid
from tests.access.world import SECRET, World, build

#: Every list of the graph that holds rows of clients, with the client that each row is about.
LISTS: Final = {
    "clients": "clients(first: 100, orderBy: {field: NUMBER}) { totalCount nodes { id } edges { node { id } } }",
    "deleted ones too": "clients(first: 100, orderBy: {field: NUMBER}, filter: {dataState:"
    " [PRESENT, HISTORY_DELETED, CONTACT_DELETED, ERASED]}) { totalCount nodes { id } edges { node { id } } }",
    "appointments": "appointments(first: 100) { totalCount nodes { client { id } } }",
    "invoices": "invoices(first: 100) { totalCount nodes { client { id } } }",
    "estimates": "estimates(first: 100) { totalCount nodes { client { id } } }",
    "payments": "payments(first: 100) { totalCount nodes { client { id } } }",
    "conversations": "conversations(first: 100) { totalCount nodes { clients { totalCount nodes { id } } } }",
    "messages": "conversations(first: 100) { totalCount nodes { messages { totalCount nodes { client { id } } } } }",
    "timelines": "conversations(first: 100) { totalCount nodes { interactions(first: 100) { totalCount nodes { "
    + " ".join(
        f"... on {name} {{ client {{ id }} }}"
        for name in ("Message", "Appointment", "Attendance", "Invoice", "Estimate", "Payment", "ClientDocument")
    )
    + " } } } }",
    "groups": "groupEvents(first: 100) { totalCount nodes { attendances { totalCount nodes { client { id } } } } }",
    "packages": "packages { totalCount nodes { enrollments { totalCount nodes { client { id } } } } }",
    "products": "products { totalCount nodes { purchases { totalCount nodes { client { id } } } } }",
    "forms": "forms { totalCount nodes { responses { totalCount nodes { client { id } } } } }",
}
SHARED: Final = ("packages", "products", "forms")  # lists of what belongs to the workspace, whoever is in it


def clients_in(value: Any, found: set[str] | None = None) -> set[str]:
    """Every id of a client anywhere in an answer."""
    found = set() if found is None else found
    if isinstance(value, dict):
        for item in value.values():
            clients_in(item, found)
    elif isinstance(value, list):
        for item in value:
            clients_in(item, found)
    elif isinstance(value, str) and value.startswith("client_"):
        found.add(value)
    return found


def honest(value: Any) -> None:
    """Every total is the number of rows that are shown."""
    if isinstance(value, dict):
        if "totalCount" in value and "nodes" in value:
            assert value["totalCount"] == len(value["nodes"])
        for item in value.values():
            honest(item)
    elif isinstance(value, list):
        for item in value:
            honest(item)


async def seen(site: Site, token: str) -> dict[str, set[str]]:
    """Clients that each list shows."""
    found = {}
    for name, query in LISTS.items():
        answer = await site.ask(token, f"{{ {query} }}")
        assert "errors" not in answer, (name, answer)
        honest(answer["data"])
        found[name] = clients_in(answer["data"])
        [connection] = answer["data"].values()
        if not found[name] and name not in SHARED:
            assert connection["totalCount"] == 0, name
    return found


def ids(world: World, *names: str) -> set[str]:
    return {world.ids[name]["Client"] for name in names}


@pytest.mark.req("C8", "T9")
@pytest.mark.parametrize("role", [*expected.ROLES, "OTHER_COACH"])
async def test_each_list_shows_the_clients_of_the_role(world: World, role: str) -> None:
    """Given own, others' and deleted clients, then each list holds exactly those that the role sees there."""
    present = {"COACH": {"own"}, "OTHER_COACH": {"other"}}.get(role, {"own", "other"})
    mine = role in ("OWNER", "COACH", "ASSISTANT")
    kept = {"HISTORY_DELETED"} if mine else set()
    history = {"CONTACT_DELETED"} if mine or role == "ACCOUNTANT" else set()
    number = {"ERASED"} if role in ("OWNER", "COACH") else set()
    hidden = {
        "ASSISTANT": {"invoices", "estimates", "payments", "forms"},
        "ACCOUNTANT": {"appointments", "conversations", "messages", "timelines", "groups", "forms"},
        "ANALYST": {"invoices", "estimates", "payments", "conversations", "messages", "timelines", "forms"},
    }.get(role, set())
    billed = {"invoices", "estimates", "payments"}
    for name, found in (await seen(world.site, world.tokens[role])).items():
        wanted = present | history
        if name == "clients":
            wanted = present | kept
        elif name == "deleted ones too":
            wanted = present | kept | history | number
        elif role == "ACCOUNTANT" and name not in billed:
            wanted = present
        elif name in SHARED:
            wanted = present | kept | history
        assert found == (set() if name in hidden else ids(world, *wanted)), (role, name)


@pytest.mark.req("C3")
async def test_a_client_sees_themselves_alone(world: World) -> None:
    """Given a client's own session, then no list and no id leads to anybody else."""
    for name, found in (await seen(world.site, world.tokens["CLIENT"])).items():
        assert found == ids(world, "own"), name
    for other in ("other", "CONTACT_DELETED", "ERASED"):
        await absent(world.site, world.tokens["CLIENT"], *(key for name, key in world.ids[other].items() if name != "Member"))
    mine = await world.site.data(world.tokens["CLIENT"], "{ members { nodes { id } } viewer { member { id } client { coach { id } } } }")
    coach = gid("member", world.members["COACH"])
    assert mine == {"members": {"nodes": [{"id": coach}]}, "viewer": {"member": None, "client": {"coach": {"id": coach}}}}
    await absent(world.site, world.tokens["CLIENT"], gid("member", world.members["OTHER_COACH"]))


@pytest.mark.parametrize("asked", ["search", "email", "coach", "number", "name order"])
async def test_a_coach_finds_nobody_elses_clients(world: World, asked: str) -> None:
    """Given values of another coach's client, then no filter, search or order finds them, and none of one's own is missing."""
    other = world.clients["other"]
    arguments = {
        "search": f'search: "other {SECRET}"',
        "email": f'filter: {{email: "{other.email}"}}',
        "coach": f'filter: {{coach: "{gid("member", world.members["OTHER_COACH"])}"}}',
        "number": f"filter: {{number: [{other.number}]}}",
        "name order": "orderBy: {field: NAME, direction: DESC}",
    }[asked]
    query = f"{{ clients(first: 100, {arguments}) {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"
    found = (await world.site.data(world.tokens["COACH"], query))["clients"]
    assert clients_in(found) == (ids(world, "own", "HISTORY_DELETED") if asked == "name order" else set())
    honest(found)
    assert (found["pageInfo"]["hasNextPage"], found["pageInfo"]["hasPreviousPage"]) == (False, False)
    assert clients_in((await world.site.data(world.tokens["OWNER"], query))["clients"]) >= ids(world, "other")


async def test_filters_of_lists_find_nobody_elses_rows(world: World) -> None:
    """Given the id of another coach's client, then a coach's lists filtered by it are empty."""
    key = world.ids["other"]["Client"]
    for name in ("appointments", "invoices", "estimates", "payments", "conversations"):
        query = f'{{ {name}(filter: {{client: "{key}"}}) {{ totalCount nodes {{ id }} }} }}'
        assert (await world.site.data(world.tokens["COACH"], query)) == {name: {"totalCount": 0, "nodes": []}}
    query = f'{{ packages {{ nodes {{ enrollments(filter: {{client: "{key}"}}) {{ totalCount nodes {{ id }} }} }} }} }}'
    assert (await world.site.data(world.tokens["COACH"], query))["packages"]["nodes"] == [{"enrollments": {"totalCount": 0, "nodes": []}}]


async def absent(site: Site, token: str, *keys: str) -> None:
    """The objects answer byte for byte like ones that do not exist, alone and among others; as many at once as there may be roots."""
    if len(keys) > MAX_ROOT_FIELDS:
        await absent(site, token, *keys[MAX_ROOT_FIELDS:])
        keys = keys[:MAX_ROOT_FIELDS]
    ghosts = [f"{key.partition('_')[0]}_{uuid4().hex}" for key in keys]
    names = range(len(keys))
    query = f"query ({', '.join(f'$i{n}: ID!' for n in names)}) {{ {' '.join(f'n{n}: node(id: $i{n}) {{ id }}' for n in names)} }}"
    asked: list[dict[str, Any]] = [{f"i{n}": key for n, key in enumerate(given)} for given in (keys, ghosts)]
    real, none = [(await site.send(token, query, **given)).content for given in asked]
    assert real == none, keys
    assert b"_" not in none
    real, none = [(await site.send(token, "query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=given)).content for given in (keys, ghosts)]
    assert real == none == orjson.dumps({"data": {"nodes": [None] * len(keys)}}), keys


@pytest.mark.parametrize("caller", ["COACH", "CLIENT", "ANALYST", "ASSISTANT", "ACCOUNTANT"])
async def test_what_is_hidden_answers_like_what_is_absent(world: World, caller: str) -> None:
    """Given ids of every type, then those of hidden rows and those of no rows get the same bytes, by every field that takes an id."""
    for client in ("other", "ERASED"):
        state = "ERASED" if client == "ERASED" else "PRESENT"
        hidden = [
            key
            for name, key in world.ids[client].items()
            if name != "Member"
            and (caller == "CLIENT" or expected.staff_denies(name, "id", caller, state, mine=client != "other", reason=False) == "ROW")
        ]
        if hidden:
            await absent(world.site, world.tokens[caller], *hidden)
    for name in ("client", "enrollment", "appointment", "conversation", "invoice"):
        key = world.ids["other"][name.title()]
        denied = "ROW" if caller == "CLIENT" else expected.staff_denies(name.title(), "id", caller, "PRESENT", mine=False, reason=False)
        if denied == "ROW":
            texts = [
                (await world.site.send(world.tokens[caller], f'{{ {name}(id: "{given}") {{ id }} }}')).content
                for given in (key, f"{key.partition('_')[0]}_{uuid4().hex}")
            ]
            assert texts[0] == texts[1] == f'{{"data":{{"{name}":null}}}}'.encode()


@pytest.mark.req("X5", "J18", "T2")
async def test_one_account_in_two_workspaces(site: Site) -> None:
    """Given the same person as client here and there, then no id, list, filter or cursor of one place leads to the other."""
    here, there = await build(site), await build(site)
    twin = await site.client(there.members["COACH"])
    account = here.clients["own"].account_id
    assert account is not None
    await site.change(Client, there.clients["own"], account_id=account)
    there.clients["own"].account_id = account
    there.tokens["CLIENT"] = await site.token(there.clients["own"])
    for role in ("OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT"):
        token, foreign = here.tokens[role], there.ids_of("own") | {"Client": gid("client", twin)}
        keys = [*foreign.values(), gid("member", there.members["OWNER"]), there.ids["own"]["Client"]]
        for start in range(0, len(keys), 20):
            await absent(site, token, *keys[start : start + 20])
        for found in (await seen(site, token)).values():
            assert found <= ids(here, *here.clients)
        if role in ("OWNER", "COACH", "ASSISTANT", "ACCOUNTANT"):
            query = f'{{ clients(search: "{SECRET}", filter: {{coach: "{gid("member", there.members["COACH"])}"}}) {{ totalCount }} }}'
            assert (await site.data(token, query)) == {"clients": {"totalCount": 0}}
            first = "query ($after: String) { clients(first: 1, after: $after) { totalCount nodes { id } pageInfo { endCursor } } }"
            cursor = (await site.data(there.tokens[role], first))["clients"]["pageInfo"]["endCursor"]
            assert clients_in(await site.data(token, first, after=cursor)) <= ids(here, *here.clients)
    places = "{ viewer { workspace { id name } client { id } } }"
    for world in (here, there):
        found = (await site.data(world.tokens["CLIENT"], places))["viewer"]
        assert (found["workspace"]["id"], found["client"]["id"]) == (gid("workspace", world.workspace), world.ids["own"]["Client"])


@pytest.mark.req("T8", "T11")
async def test_a_deleted_contact_is_a_number(world: World) -> None:
    """Given the contact deleted, then the history stays, under a pseudonym wherever the name would stand."""
    key, number = world.ids["CONTACT_DELETED"], world.clients["CONTACT_DELETED"].number
    query = """query ($c: ID!, $m: ID!, $i: ID!) { client(id: $c) { name email appointments { totalCount } invoices { totalCount } }
      message: node(id: $m) { ... on Message { author client { name } } } invoice(id: $i) { client { name } } }"""
    for role in ("OWNER", "COACH", "ASSISTANT"):
        data = (await world.site.ask(world.tokens[role], query, c=key["Client"], m=key["Message"], i=key["Invoice"]))["data"]
        pseudonym = f"Deleted client #{number}"
        assert (data["client"]["name"], data["client"]["email"]) == (pseudonym, None)
        assert data["client"]["appointments"] == {"totalCount": 2}
        assert data["message"] == {"author": pseudonym, "client": {"name": pseudonym}}
        assert data["client"]["invoices"] == (None if role == "ASSISTANT" else {"totalCount": 1})


@pytest.mark.req("T11", "T13")
async def test_an_erased_client_is_a_number_and_nothing_else(world: World) -> None:
    """Given a client erased, then owner and coach see the number, and no road leads to anything that was left behind by mistake."""
    for role in ("OWNER", "COACH"):
        data = await world.site.ask(
            world.tokens[role], f'{{ client(id: "{world.ids["ERASED"]["Client"]}") {{ number dataState name email status notes tags }} }}'
        )
        assert data["data"]["client"] == dict.fromkeys(("name", "email", "status", "notes", "tags")) | {
            "number": world.clients["ERASED"].number,
            "dataState": "ERASED",
        }
        assert {note["code"] for note in data["extensions"]["withheld"]} == {"ERASED"}


class Room:
    """A group conversation, a group event and a shared package of two coaches' clients."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.coaches: list[Member] = []
        self.tokens: list[str] = []
        self.clients: list[Client] = []
        self.talk = Conversation(subject="All of us", workspace_id=uuid4())
        self.event: GroupEvent

    async def fill(self) -> "Room":
        workspace = await self.site.workspace("room")
        w: dict[str, Any] = {"workspace_id": workspace.id}
        self.owner = await self.site.member(workspace, Role.OWNER)
        self.coaches = [await self.site.member(workspace, Role.COACH) for _ in range(2)]
        self.clients = [await self.site.client(coach, name=f"Guest {i} {SECRET}") for i, coach in enumerate(self.coaches)]
        self.tokens = [await self.site.token(coach) for coach in self.coaches]
        self.talk = Conversation(subject="All of us", **w)
        kind = AppointmentType(name="Group", **w)
        self.event = GroupEvent(
            coach_id=self.coaches[0].id, type_id=kind.id, title="Round", starts_at=day(0), planned_minutes=60, size=2, **w
        )
        await self.site.put(self.talk, kind, self.event)
        for client in self.clients:
            status = ClientStatus.ACTIVE
            seat = Attendance(event_id=self.event.id, client_id=client.id, at=day(0), booked_status=status, counting_status=status, **w)
            words = [
                Message(conversation_id=self.talk.id, direction=direction, body=f"{direction} {client.name}", client_id=client.id, **w)
                for direction in MessageDirection
            ]
            await self.site.put(Participant(conversation_id=self.talk.id, client_id=client.id, **w), seat, *words)
        await self.site.put(Message(conversation_id=self.talk.id, direction=MessageDirection.FROM_STAFF, body="to all", **w))
        return self


GROUP: Final = """query ($talk: ID!, $event: ID!) {
  conversation(id: $talk) { clients { totalCount nodes { id name } } messages(first: 100) { totalCount nodes { body author client { id } } }
    interactions(first: 100) { totalCount nodes { __typename ... on Message { body author } } } }
  node(id: $event) { ... on GroupEvent { attendances { totalCount nodes { client { id } } } } }
  groupEvents { totalCount } conversations { totalCount } }"""


@pytest.mark.parametrize("i", [0, 1])
async def test_in_a_group_a_coach_reads_their_own_clients(site: Site, i: int) -> None:
    """Given a conversation and an event with clients of two coaches, then each reads what is to all and what is of their own client."""
    room = await Room(site).fill()
    identity: dict[str, Any] = {"talk": gid("conversation", room.talk), "event": gid("event", room.event)}
    mine, other = room.clients[i], room.clients[1 - i]
    client_token = await site.token(mine)
    for token in (room.tokens[i], client_token):
        sent = await site.send(token, GROUP, **identity)
        data = sent.json()["data"]
        honest(data)
        assert clients_in(data) == {gid("client", mine)}
        bodies = sorted(node["body"] for node in data["conversation"]["messages"]["nodes"])
        assert bodies == sorted(["to all", f"FROM_CLIENT {mine.name}", f"FROM_STAFF {mine.name}"])
        assert other.name not in sent.text
        assert other.id.hex not in sent.text
        assert (data["groupEvents"]["totalCount"], data["conversations"]["totalCount"]) == (1, 1)
        assert (data["conversation"]["interactions"]["totalCount"], data["node"]["attendances"]["totalCount"]) == (4, 1)
    asked = "query ($id: ID!) { conversations(filter: {client: $id}) { totalCount } }"
    counts = [(await site.data(room.tokens[i], asked, id=gid("client", who)))["conversations"]["totalCount"] for who in (mine, other)]
    assert counts == [1, 0]
    owner = await site.token(room.owner)
    assert (await site.data(owner, asked, id=gid("client", other)))["conversations"]["totalCount"] == 1


async def test_an_owner_who_coaches_one_of_a_group_needs_a_reason_for_the_rest(site: Site) -> None:
    """Given a group with an own client and another coach's, then the messages of the other are withheld without a reason."""
    room = await Room(site).fill()
    await site.change(Client, room.clients[0], coach_id=room.owner.id)
    token = await site.token(room.owner)
    query = f'{{ conversation(id: "{gid("conversation", room.talk)}") {{ messages {{ nodes {{ body client {{ id }} }} }} }} }}'
    nodes = (await site.ask(token, query))["data"]["conversation"]["messages"]["nodes"]
    read = {node["client"] and node["client"]["id"] for node in nodes if node["body"]}
    assert (len(nodes), read) == (5, {None, gid("client", room.clients[0])})


@pytest.mark.req("J19", "J12")
async def test_what_hangs_on_a_deleted_enrollment_is_gone_from_the_clients_view(site: Site) -> None:
    """Given an enrollment deleted, then its subscription and what led to it answer the client as absent; staff keep the books."""
    coach = await site.member(await site.workspace("gone"), Role.COACH)
    client = await site.client(coach)
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    package = Package(name="P", billing=Billing.MONTHLY, **w)
    enrollment = Enrollment(client_id=client.id, package_id=package.id, state=EnrollmentState.DELETED, **w)
    paid = Subscription(enrollment_id=enrollment.id, amount_minor=5, period_end=day(9), **w)
    site.number += 1
    invoice = Invoice(
        client_id=client.id, enrollment_id=enrollment.id, number=site.number, title="I", snapshot_name="N", amount_minor=5, **w
    )
    await site.put(package, enrollment, paid, invoice)
    token, coachs = await site.token(client), await site.token(coach)
    for tag, row in (("enrollment", enrollment), ("subscription", paid), ("package", package)):
        await absent(site, token, gid(tag, row))
        assert (await site.data(coachs, f'{{ node(id: "{gid(tag, row)}") {{ id }} }}'))["node"] is not None
    query = f'{{ invoice(id: "{gid("invoice", invoice)}") {{ amount {{ amountMinor }} enrollment {{ id }} }} }}'
    assert await site.data(token, query) == {"invoice": {"amount": {"amountMinor": 5}, "enrollment": None}}


@pytest.mark.req("C7")
async def test_rows_of_nobody_belong_to_nobody(site: Site) -> None:
    """Given messages without a client in a room one is not in, and rules without a status, then that null lets nobody in."""
    room = await Room(site).fill()
    w: dict[str, Any] = {"workspace_id": room.owner.workspace_id}
    talk, page = Conversation(subject="Others", **w), Page(title="For nobody", published_at=day(0), **w)
    outsider = await site.client(room.coaches[0])
    member = Participant(conversation_id=talk.id, client_id=room.clients[1].id, **w)
    word = Message(conversation_id=talk.id, direction=MessageDirection.FROM_STAFF, body="to all of the others", **w)
    await site.put(talk, page, member, word, Audience(page_id=page.id, client_id=room.clients[1].id, **w))
    for token in (await site.token(outsider), room.tokens[0]):
        for key in (gid("message", word), gid("conversation", talk)):
            await absent(site, token, key)
    await absent(site, await site.token(outsider), gid("page", page))


READ_ONLY: Final = """{ appointments { nodes { id } } invoices { nodes { id } } estimates { nodes { id } } payments { nodes { id } }
  viewer { client { documents { nodes { id } } messages { nodes { id } } formResponses { nodes { id } } } } }"""


@pytest.mark.req("X1", "C7")
async def test_read_only_is_as_of_the_end(site: Site) -> None:
    """Given INACTIVE with READ_ONLY since day 0, then rows of the day before are seen, and of the day after not."""
    coach = await site.member(await site.workspace("end"), Role.COACH)
    client = await site.client(coach, ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY, status_since=day(0))
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    mine = w | {"client_id": client.id}
    kind, form, talk = AppointmentType(name="S", **w), Form(title="F", published_at=day(-9), **w), Conversation(subject="S", **w)
    await site.put(kind, form, talk, Participant(conversation_id=talk.id, **mine))
    status: dict[str, Any] = {"booked_status": "ACTIVE", "counting_status": "ACTIVE", "coach_id": coach.id, "type_id": kind.id}
    for at in (day(-1), day(1)):
        site.number += 1
        numbered: dict[str, Any] = {"number": site.number, "title": "T", "amount_minor": 1, "issued_at": at}
        await site.put(
            Appointment(starts_at=day(5), planned_minutes=60, booked_at=at, **status, **mine),
            Invoice(snapshot_name="N", **numbered, **mine),
            Estimate(**numbered, **mine),
            Payment(amount_minor=1, paid_at=at, **mine),
            ClientDocument(title="D", shared_at=at, **mine),
            Message(conversation_id=talk.id, direction=MessageDirection.FROM_STAFF, body="B", sent_at=at, **mine),
            FormResponse(form_id=form.id, answered_at=at, **mine),
        )
    data = await site.data(await site.token(client), READ_ONLY)
    lists = {**data, **data["viewer"]["client"]}
    assert {name: len(lists[name]["nodes"]) for name in lists if name != "viewer"} == dict.fromkeys(
        ("appointments", "invoices", "estimates", "payments", "documents", "messages", "formResponses"), 1
    )


@pytest.mark.req("X1", "J-Q2")
async def test_no_instant_tells_of_a_hidden_message(site: Site) -> None:
    """Given messages after the end of the relationship, or to another of the group, then no client's answer tells when they were sent."""
    coach = await site.member(await site.workspace("quiet"), Role.COACH)
    ended, other = [await site.client(coach) for _ in range(2)]
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    talk = Conversation(subject="Talk", opened_at=day(-30), last_message_at=day(-20), **w)
    parts = [Participant(conversation_id=talk.id, client_id=client.id, **w) for client in (ended, other)]
    await site.put(talk, *parts, Message(conversation_id=talk.id, direction=MessageDirection.FROM_STAFF, body="a", sent_at=day(-20), **w))
    last = "conversations { totalCount edges { cursor node { id lastMessageAt } } }"
    whole = f"{{ {last} viewer {{ client {{ {last} }} }} }}"
    await site.change(Client, ended, status=ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY, status_since=day(0))
    token = await site.token(ended)
    before = (await site.send(token, whole)).content
    assert b'"lastMessageAt":"2025-02-09T12:00:00Z"' in before
    for at, whom in ((1, None), (2, other.id)):
        row = Message(conversation_id=talk.id, client_id=whom, direction=MessageDirection.FROM_STAFF, body="b", sent_at=day(at), **w)
        await site.put(row)
        await site.change(Conversation, talk, last_message_at=day(at), version=at + 1)
        assert (await site.send(token, whole)).content == before
    for asked in ("filter: {lastMessageAt: {}}", "orderBy: {field: LAST_MESSAGE_AT}"):
        assert await site.code(token, f"{{ conversations({asked}) {{ totalCount }} }}") == "FORBIDDEN_FILTER"
    assert (await site.data(await site.token(coach), f"{{ {last} }}"))["conversations"]["edges"][0]["node"]["lastMessageAt"][
        :10
    ] == "2025-03-03"
