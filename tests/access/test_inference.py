"""Nothing denied can be inferred: by filter, order, search, total, page, cursor, id or the words of an error. (requirements 3.9, 9)"""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from gql.schema import GRAPHQL
from lifecycle.vocabulary import AccessMode, ClientStatus
from planner.source import Many
from resolvers.sources import SOURCES
from storage.tables.clients import Client
from tests.access import expected
from tests.access.site import Site, day, gid
from tests.access.test_matrix import standing
from tests.access.test_rows import clients_in, ids
from tests.access.world import SECRET, World, build

#: What each filter and order would reveal: fields of the type whose list it is. Written by hand; what is missing reveals no guarded field.
REVEALS: Final[dict[str, dict[str, set[str]]]] = {
    "Client": {
        "status": {"status"},
        "accessMode": {"accessMode"},
        "contactKind": {"contactKind"},
        "origin": {"origin"},
        "tag": {"tags"},
        "email": {"email"},
        "package": {"enrollments"},
        "statusSince": {"statusSince"},
        "lastSessionAt": {"lastSessionAt"},
        "hasFutureAppointments": {"appointments"},
        "hasLogin": {"hasLogin"},
        "search": {"name", "email", "phone"},
        "NAME": {"name"},
    },
    "Enrollment": {"paymentStatus": {"paymentStatus"}},
    "Appointment": {"countingStatus": {"countingStatus"}, "compensation": {"compensation"}, "coachingKind": {"coachingKind"}},
    "Conversation": {"client": {"clients"}, "lastMessageAt": {"version"}, "LAST_MESSAGE_AT": {"version"}},
    "Package": {"archived": {"archivedAt"}},
    "Module": {"archived": {"archivedAt"}, "TITLE": {"title"}},
    "ModuleVersion": {"TITLE": {"title"}},
    "Page": {"withdrawn": {"withdrawnAt"}},
    "Form": {"withdrawn": {"withdrawnAt"}},
    "Document": {"withdrawn": {"withdrawnAt"}},
}
PORTAL: Final = ("HOT_LEAD", "ACTIVE", "BUYER", "INACTIVE PURCHASED_CONTENT", "INACTIVE READ_ONLY")


class Question(NamedTuple):
    """A filter, an order or a search of a list: where the list is, its type, what is asked, and the arguments that ask it."""

    parent: str
    field: str
    type_name: str
    asked: str
    arguments: str


def _literal(type_: Any, name: str, world: World) -> str:
    named, inner = get_named_type(type_), get_nullable_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return '{from: "2024-01-01T00:00:00Z", until: "2026-01-01T00:00:00Z"}'
    if isinstance(named, GraphQLEnumType):
        value = next(iter(named.values))
    elif named.name == "ID":
        keys = {
            "coach": gid("member", world.members["COACH"]),
            "package": world.ids[""]["Package"],
            "type": world.ids[""]["AppointmentType"],
        }
        value = f'"{keys.get(name, world.ids["own"]["Client"])}"'
    else:
        value = {"Boolean": "true", "Int": "1", "String": '"vip"'}[named.name]
    return f"[{value}]" if is_list_type(inner) else value


def questions(world: World) -> Iterator[Question]:
    """Every filter, order and search of every list of the schema."""
    for parent in ("Query", *expected.FIELDS):
        type_ = GRAPHQL.type_map[parent]
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            origin = SOURCES[parent].fields[name]
            if not isinstance(origin, Many):
                continue
            for argument, given in field.args.items():
                input_ = get_named_type(given.type)
                if argument == "filter" and isinstance(input_, GraphQLInputObjectType):
                    for key, inner in input_.fields.items():
                        literal = _literal(inner.type, key, world)
                        yield Question(parent, name, origin.target, key, f"(filter: {{{key}: {literal}}})")
                elif argument == "orderBy" and isinstance(input_, GraphQLInputObjectType):
                    words = get_named_type(input_.fields["field"].type)
                    assert isinstance(words, GraphQLEnumType)
                    for key in words.values:
                        yield Question(parent, name, origin.target, key, f"(orderBy: {{field: {key}}})")
                elif argument == "search":
                    yield Question(parent, name, origin.target, "search", f'(search: "{SECRET}")')


def document(world: World, *asked: Question) -> str:
    """Operation that asks all of the questions."""
    roots = []
    for i, question in enumerate(asked):
        arguments, client = question.arguments, question.type_name == "Client" and question.parent == "Query"
        if client and "orderBy" not in arguments:
            arguments = f"{arguments[:-1]}, orderBy: {{field: NUMBER}})"  # the order by name, which is the default, is a question itself
        inner = f"{question.field}{arguments} {{ totalCount }}"
        key = world.ids_of("own").get(question.parent)
        roots.append(f"q{i}: {inner}" if key is None else f'q{i}: node(id: "{key}") {{ ... on {question.parent} {{ {inner} }} }}')
    return "{ " + " ".join(roots) + " }"


def test_the_handwritten_table_names_what_the_schema_has(world: World) -> None:
    known = {(q.type_name, q.asked) for q in questions(world)}
    assert {(name, asked) for name, rows in REVEALS.items() for asked in rows} <= known
    assert len(known) > 60


Denies = Callable[[str, str], str | None]


async def judge(world: World, token: str, denies: Denies, reaches: Denies) -> None:
    """Ask every question that can be asked; each that would reveal a denied field is refused, and all others are answered."""
    allowed, refused = [], 0
    for question in questions(world):
        if question.parent != "Query" and reaches(question.parent, question.field) is not None:
            continue
        codes = {denies(question.type_name, field) for field in REVEALS.get(question.type_name, {}).get(question.asked, ())} - {None}
        if not codes:
            allowed.append(question)
            continue
        answer = await world.site.ask(token, document(world, question))
        if codes == {"ROW"} and "data" in answer:  # no row is seen, so nothing shows
            assert '{"totalCount":0}' in orjson.dumps(answer["data"]).decode(), (question, answer)
            continue
        assert list(answer) == ["errors"], (question, answer)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN_FILTER"], (question, answer)
        assert SECRET not in str(answer)
        refused += 1
    for start in range(0, len(allowed), 20):
        answer = await world.site.ask(token, document(world, *allowed[start : start + 20]))
        assert list(answer) == ["data"], (answer, allowed[start : start + 20])
    assert refused + len(allowed) > 40


@pytest.mark.req("I9")
@pytest.mark.parametrize("role", expected.ROLES)
async def test_no_role_asks_by_what_it_may_not_read(world: World, role: str) -> None:
    """Given every filter, order and search of every list, then a role is refused whatever would reveal a field it may not read."""

    def denies(type_name: str, field: str) -> str | None:
        return expected.staff_denies(type_name, field, role, "PRESENT", mine=True, reason=False)

    await judge(world, world.tokens[role], denies, denies)


@pytest.mark.req("I9")
@pytest.mark.parametrize("name", PORTAL)
async def test_no_client_asks_by_what_they_may_not_read(world: World, name: str) -> None:
    """Given the portal, then what a client may not read in some standing they can reach is refused in every one."""

    def denies(type_name: str, field: str) -> str | None:
        codes = {expected.portal_denies(type_name, field, other) for other in PORTAL} - {None}
        return next(iter(sorted(code for code in codes if code)), None)

    def reaches(type_name: str, field: str) -> str | None:
        return expected.portal_denies(type_name, field, name)

    async with standing(world, name):
        await judge(world, world.tokens["CLIENT"], denies, reaches)


@pytest.mark.req("I9")
@pytest.mark.parametrize("role", expected.ROLES)
async def test_nobody_is_found_by_what_their_deletion_withholds(world: World, role: str) -> None:
    """Given clients whose deletion left values behind, then no filter or search by a withheld field finds them; their number does."""
    states = "dataState: [HISTORY_DELETED, CONTACT_DELETED, ERASED]"
    asked = {
        "email": 'email: "{client.email}"',
        "status": "status: [ACTIVE]",
        "tags": 'tag: ["vip"]',
        "accessUntil": "accessMode: [NONE]",
        "hasLogin": "hasLogin: true",
        "statusSince": 'statusSince: {{from: "2000-01-01T00:00:00Z"}}',
        "origin": "origin: [STAFF]",
        "contactKind": "contactKind: [POTENTIAL_CLIENT]",
        "enrollments": f'package: "{world.ids[""]["Package"]}"',
        "name": "",
    }
    for name in ("HISTORY_DELETED", "CONTACT_DELETED", "ERASED"):
        for field, written in asked.items():
            given = written.replace("{client.email}", str(world.clients[name].email)).replace("{{", "{").replace("}}", "}")
            search = f', search: "{SECRET}"' if field == "name" else ""
            arguments = f"first: 100, filter: {{{states} {given}}}, orderBy: {{field: NUMBER}}{search}"
            query = f"{{ clients({arguments}) {{ totalCount nodes {{ id }} }} }}"
            answer = await world.site.ask(world.tokens[role], query)
            if "errors" in answer:
                assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN_FILTER"]
                continue
            found = ids(world, name) <= clients_in(answer["data"])
            withheld = expected.staff_denies("Client", field, role, name, mine=True, reason=False) is not None
            assert not (found and withheld), (role, name, field)
    if role == "OWNER":
        number = world.clients["ERASED"].number
        data = await world.site.data(world.tokens[role], f"{{ clients(filter: {{{states} number: [{number}]}}) {{ totalCount }} }}")
        assert data == {"clients": {"totalCount": 1}}


# -- cursors ---------------------------------------------------------------------------------------------------------------


def decoded(cursor: str) -> list[Any]:
    """What a cursor says to whoever takes it apart."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    values: list[Any] = orjson.loads(raw[12:])
    return values


def cursors_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("cursor", "startCursor", "endCursor") and item is not None:
                yield item
            else:
                yield from cursors_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from cursors_in(item)


@pytest.mark.req("I9")
@pytest.mark.parametrize("caller", [*expected.ROLES, "CLIENT"])
async def test_cursors_hold_nothing_hidden(world: World, caller: str) -> None:
    """Given every list in every order that a caller gets, then the values in its cursors are those of fields they read."""
    count = 0
    asked = [q for q in questions(world) if "orderBy" in q.arguments]
    plain = [Question(q.parent, q.field, q.type_name, "", "") for q in asked]
    parts = "{ edges { cursor node { __typename id } } pageInfo { startCursor endCursor } }"
    for owner in ("own", "other", "HISTORY_DELETED", "CONTACT_DELETED"):
        keys = world.ids_of(owner)
        for parent in sorted({q.parent for q in asked if q.parent in keys or (q.parent == "Query" and owner == "own")}):
            inner = [f"{q.field}{q.arguments} {parts}" for q in (*asked, *plain) if q.parent == parent]
            if parent == "Query":  # one by one: a refused order refuses the operation
                queries = [f"{{ {one} }}" for one in inner]
            else:
                queries = [f'{{ node(id: "{keys[parent]}") {{ ... on {parent} {{ {one} }} }} }}' for one in dict.fromkeys(inner)]
            for query in queries:
                answer = await world.site.ask(world.tokens[caller], query)
                for cursor in cursors_in(answer.get("data")):
                    _, value, row = decoded(cursor)
                    count += 1
                    hidden = caller == "ANALYST" or (caller == "ACCOUNTANT" and owner == "HISTORY_DELETED")
                    assert not (hidden and SECRET in str(value))
                    assert "@" not in f"{value} {row}"
    assert count > 20


async def test_made_up_and_misplaced_cursors_are_refused(site: Site, world: World) -> None:
    """Given a cursor changed anywhere, unsigned, or of another order, then it is refused, and the answer repeats nothing of it."""
    token = world.tokens["OWNER"]
    query = """query ($after: String, $by: ClientOrderField!) {
      clients(first: 1, after: $after, orderBy: {field: $by}) { totalCount pageInfo { endCursor } } }"""
    cursor = (await site.data(token, query, by="NAME"))["clients"]["pageInfo"]["endCursor"]
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = base64.urlsafe_b64encode(raw[:12] + orjson.dumps(["NAME+", "a", "0" * 32])).decode()
    broken = [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(0, len(cursor) - 2, 7)]
    for wrong in (*broken, forged, forged.rstrip("="), cursor[:-4], "", "x", "é", base64.urlsafe_b64encode(raw[12:]).decode()):
        answer = await site.ask(token, query, after=wrong, by="NAME")
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID_CURSOR"], wrong
        assert "data" not in answer
        assert not wrong or len(wrong) < 9 or wrong not in str(answer)
    assert await site.code(token, query, after=cursor, by="CREATED_AT") == "INVALID_CURSOR"
    assert (await site.data(token, query, after=cursor, by="NAME"))["clients"]["totalCount"] == 3


@pytest.mark.req("I9")
@pytest.mark.parametrize("role", ["COACH", "OTHER_COACH"])
async def test_pages_tell_nothing_of_hidden_rows(world: World, role: str) -> None:
    """Given hidden rows before and after each visible one, then walking the pages in both directions shows the visible alone."""
    for name, child in (("clients", ""), ("appointments", ""), ("invoices", ""), ("packages", "enrollments")):
        for forward in (True, False):
            cursor, found, total, more = None, [], None, True
            while more:
                page = f"{'first' if forward else 'last'}: 1" + (f', {"after" if forward else "before"}: "{cursor}"' if cursor else "")
                parts = "totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
                inner = f"{child}({page}) {{ {parts} }}" if child else ""
                query = f"{{ {name} {{ nodes {{ {inner} }} }} }}" if child else f"{{ {name}({page}) {{ {parts} }} }}"
                data = (await world.site.data(world.tokens[role], query))[name]
                listed = data["nodes"][0][child] if child else data
                found += [node["id"] for node in listed["nodes"]]
                total = listed["totalCount"]
                info = listed["pageInfo"]
                more, cursor = (info["hasNextPage"], info["endCursor"]) if forward else (info["hasPreviousPage"], info["startCursor"])
                assert len(found) <= total
            assert (len(found), len(set(found))) == (total, total), (name, role)


# -- words -----------------------------------------------------------------------------------------------------------------


@pytest.mark.req("I9")
async def test_errors_repeat_no_stored_value(world: World) -> None:
    """Given requests that are refused for every kind of reason, then no answer holds a value of a row."""
    key = world.ids["other"]
    wrong = [
        f'{{ client(id: "{key["Invoice"]}") {{ id }} }}',
        '{ client(id: "client_1") { id } }',
        '{ node(id: "nobody_00000000000000000000000000000000") { id } }',
        f'{{ invoice(id: "{key["Client"]}") {{ snapshotName }} }}',
        f'{{ clients(filter: {{coach: "{key["Client"]}"}}) {{ totalCount }} }}',
        "{ clients(first: 101) { totalCount } }",
        "{ clients(first: 1, last: 1) { totalCount } }",
        f'{{ clients(search: "{SECRET}") {{ nodes {{ nothing }} }} }}',
        "{ clients(filter: {status: [NOBODY]}) { totalCount } }",
        '{ clients(filter: {createdAt: {from: "yesterday"}}) { totalCount } }',
    ]
    for query in wrong:
        for role in ("COACH", "ANALYST", "CLIENT"):
            sent = await world.site.send(world.tokens[role], query)
            assert sent.status_code == 400, (query, sent.text)
            told = sent.text.replace(f'\\"{SECRET}\\"', "")
            assert list(sent.json()) == ["errors"]
            assert not [word for word in (SECRET, "Snapshot", "SELECT", "workspace_id", "example.org") if word in told]


# -- reasons ---------------------------------------------------------------------------------------------------------------

BREAK_GLASS: Final = """query Complaint($m: ID!, $d: ID!) { message: node(id: $m) { ... on Message { body } }
  document: node(id: $d) { ... on ClientDocument { title mediaType byteSize } } }"""


@pytest.mark.parametrize("beside", ["", '__type(name: "Client") { name }'])
async def test_others_messages_are_read_with_a_reason_on_record(site: Site, beside: str) -> None:
    """Given an owner and another coach's client, then bodies are read only with a reason, which is on record before they are."""
    world = await build(site)
    owner, key = world.tokens["OWNER"], world.ids["other"]
    query = BREAK_GLASS.replace("{ message", f"{{ {beside} message", 1)
    identity: dict[str, Any] = {"m": key["Message"], "d": key["ClientDocument"]}
    blank: list[dict[str, str] | None] = [None, {"portico-reason": "  "}]
    for headers in blank:
        answer = await site.ask(owner, query, headers, **identity)
        assert (answer["data"]["message"], answer["data"]["document"]) == (
            {"body": None},
            {"title": "Exchanged", "mediaType": None, "byteSize": None},
        )
        assert {note["code"] for note in answer["extensions"]["withheld"]} == {"REASON_REQUIRED"}
    assert await site.reasons(world.workspace) == []
    answer = await site.ask(owner, query, {"portico-reason": "complaint  17"}, **identity)
    assert answer["data"]["message"] == {"body": SECRET}
    assert answer["data"]["document"] == {"title": "Exchanged", "mediaType": "application/pdf", "byteSize": 1}
    assert "extensions" not in answer
    member = f"member:{world.members['OWNER'].id.hex}"
    assert await site.reasons(world.workspace) == [(member, "complaint 17 (Complaint)")]
    assert (await site.ask(owner, query, **identity))["data"]["message"] == {"body": None}


@pytest.mark.parametrize("role", ["COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST", "CLIENT"])
async def test_a_reason_opens_nothing_to_others(world: World, role: str) -> None:
    """Given a reason from anybody but the owner, then they read what they read without one."""
    for name in ("other", "own"):
        identity: dict[str, Any] = {"m": world.ids[name]["Message"], "d": world.ids[name]["ClientDocument"]}
        without, given = [
            (await world.site.send(world.tokens[role], BREAK_GLASS, headers, **identity)).content
            for headers in (None, {"portico-reason": "curious"})
        ]
        assert without == given


async def test_a_reason_that_cannot_be_recorded_opens_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given that the audit event cannot be written, then nothing is read."""
    world = await build(site)

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("resolvers.audit.record", fails)
    for beside in ("", '__type(name: "Client") { name }'):
        query = f'{{ {beside} node(id: "{world.ids["other"]["Message"]}") {{ ... on Message {{ body }} }} }}'
        sent = await site.send(world.tokens["OWNER"], query, {"portico-reason": "complaint"})
        assert SECRET not in sent.text
        assert [error["extensions"]["code"] for error in sent.json()["errors"]] == ["INTERNAL"]


async def test_a_client_who_turns_inactive_learns_nothing_new(site: Site) -> None:
    """Given INACTIVE with PURCHASED_CONTENT, then totals and next pages of what is closed are withheld, not empty or counted."""
    world = await build(site)
    client = world.clients["own"]
    await site.change(
        Client, client, status=ClientStatus.INACTIVE, access_mode=AccessMode.PURCHASED_CONTENT, status_since=day(0) - timedelta(days=1)
    )
    query = """{ viewer { client { status appointments { totalCount } invoices { totalCount } messages { totalCount }
      interactions { totalCount } } } appointments { totalCount pageInfo { hasNextPage } } }"""
    answer = await site.ask(world.tokens["CLIENT"], query)
    assert answer["data"] == {
        "viewer": {"client": {"status": "INACTIVE", "appointments": None, "invoices": None, "messages": None, "interactions": None}},
        "appointments": {"totalCount": 0, "pageInfo": {"hasNextPage": False}},
    }
