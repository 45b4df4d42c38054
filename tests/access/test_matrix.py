"""Every cell of the access matrix: each field of each type, for every kind of caller and every state of the client.

What is expected is written down in `expected.py`, independently of the code. Each type is reached by `node`; each answer is taken apart
completely: what is readable is there, what is denied is null and stands in `extensions.withheld` with its exact path and code, and what
is hidden as a row is null without a word.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from gql.schema import GRAPHQL
from lifecycle.fields import FIELDS as MATRIX
from lifecycle.vocabulary import AccessMode, ClientStatus
from resolvers.elsewhere import LINK_QUERIES
from storage.tables.clients import Client
from tests.access import expected
from tests.access.site import Site, day, gid
from tests.access.world import SECRET, World, build

#: Fields that hold nothing in the world, because a value would hide the row, contradict another one, or lead to another type.
EMPTY: Final = {
    "AudienceRule": {"client", "package"},
    "AppointmentType": {"archivedAt"},
    "Document": {"withdrawnAt", "withdrawnReason", "moduleVersion", "page"},
    "Enrollment": {"deletedAt", "deletedReason"},
    "Form": {"withdrawnAt"},
    "Invoice": {"enrollment"},
    "Member": {"leftAt"},
    "Module": {"archivedAt", "withdrawnAt", "withdrawnReason"},
    "Package": {"archivedAt"},
    "PackageItem": {"appointmentType", "removedAt"},
    "ScheduledTransition": {"event"},
    "ServiceTemplate": {"removedAt"},
    "Workspace": {"erasureByOneUntil"},
    "Page": {"withdrawnAt"},
    "Appointment": {"enrollment"},
    "Purchase": {"refundedAt"},
    "EnrollmentAsOf": {"frozenAt"},
}
#: Types without an id: the type whose object leads to them, and the road from there.
ROADS: Final = {
    "ClientAsOf": ("Client", ("asOf",)),
    "EnrollmentAsOf": ("Enrollment", ("asOf",)),
    "PackageAsOf": ("Package", ("asOf",)),
    "ModuleVersionAsOf": ("Package", ("asOf", "modules", "nodes")),
    "DocumentAsOf": ("Package", ("asOf", "modules", "nodes", "documents", "nodes")),
}
#: Instant at which everything in the world stood.
THEN: Final = f'(at: "{day(-90).isoformat()}")'
STATES: Final = ("PRESENT", "HISTORY_DELETED", "CONTACT_DELETED", "ERASED")
Denies = Callable[[str, str], str | None]


def selection(type_name: str) -> str:
    """All fields of a type, with the least below each."""
    type_ = GRAPHQL.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    return " ".join(f"{name}{THEN if 'at' in field.args else ''} {_below(field.type)}" for name, field in type_.fields.items())


def literal(type_: Any, id_: str) -> str:
    """Least value of an input type, as it stands in a document."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType):
        return str(next(iter(named.values)))
    if isinstance(named, GraphQLInputObjectType):
        fields = (f"{name}: {literal(f.type, id_)}" for name, f in named.fields.items() if is_required_input_field(f))
        return f"{{{', '.join(fields)}}}"
    return {"ID": id_, "Int": "1", "Boolean": "true", "Date": '"2026-01-01"'}.get(named.name, '"2026-01-01T00:00:00Z"')


def _below(type_: Any) -> str:
    named = get_named_type(type_)
    if isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return ""
    return "{ totalCount }" if named.name.endswith("Connection") else "{ amountMinor }" if named.name == "Money" else "{ __typename }"


def target(type_name: str, field: str) -> str:
    """Type that a field leads to; "" where it leads to none."""
    type_ = GRAPHQL.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    named = get_named_type(type_.fields[field].type)
    return named.name if isinstance(named, GraphQLObjectType) and named.name in expected.FIELDS else ""


def with_roads(ids: dict[str, str]) -> dict[str, str]:
    """The ids, and those that lead to the types without one."""
    return ids | {name: ids[base] for name, (base, _) in ROADS.items() if base in ids}


def _node(name: str, key: str) -> str:
    base, road = ROADS.get(name, (name, ()))
    inner = f"__typename {selection(name)}"
    for step in reversed(road):
        inner = f"{step}{THEN if step == 'asOf' else ''} {{ {inner} }}"
    return f'{name}: node(id: "{key}") {{ ... on {base} {{ {inner} }} }}'


def _followed(found: Any, road: tuple[str, ...]) -> Any:
    """What stands at the end of a road: the first of each list, None where something on it is hidden."""
    for step in road:
        found = None if found is None else found[step]
        found = (found or [None])[0] if isinstance(found, list) else found
    return found


async def read(site: Site, token: str, ids: dict[str, str], headers: dict[str, str] | None = None) -> tuple[dict[str, Any], dict[Any, str]]:
    """Every field of the objects, and the code of everything withheld by its path, in a few requests."""
    names = list(ids)
    objects: dict[str, Any] = {}
    withheld: dict[Any, str] = {}
    for start in range(0, len(names), 12):
        part = names[start : start + 12]
        answer = await site.ask(token, f"{{ {' '.join(_node(name, ids[name]) for name in part)} }}", headers)
        assert "errors" not in answer, answer["errors"]
        objects |= {name: _followed(found, ROADS.get(name, ("", ()))[1]) for name, found in answer["data"].items()}
        notes = answer.get("extensions", {}).get("withheld", [])
        assert all(note.keys() == {"path", "code", "because"} and SECRET not in note["because"] for note in notes)
        for note in notes:
            name, *steps = (step for step in note["path"] if not isinstance(step, int))
            road = ROADS.get(name, ("", ()))[1]
            assert tuple(steps[: len(road)]) == road[: len(steps)]
            if len(steps) > len(road):  # otherwise it is the road that is closed, and the row is not there
                withheld[name, *steps[len(road) :]] = note["code"]
    return objects, withheld


def compare(objects: dict[str, Any], withheld: dict[Any, str], denies: Denies, who: str, *, history: bool = True) -> int:
    """Every cell of these objects is as expected; the number of cells."""
    wrong, cells = [], 0
    for name, found in objects.items():
        for field in MATRIX[name]:
            cells += 1
            denied, code = denies(name, field), withheld.pop((name, field), None)
            value = None if found is None else found[field]
            if denied == "ROW":
                right = found is None and code is None
            elif denied is not None:
                right = found is not None and value is None and code == denied
            else:
                leads = target(name, field)
                none = EMPTY.get(name, set()) | (set() if history else {"lastSessionAt", "nextAppointment"})
                empty = field in none or (bool(leads) and denies(leads, "id") == "ROW")
                right = found is not None and code is None and (empty or value is not None)
            if not right:
                wrong.append(f"{who}: {name}.{field} should be {denied or 'readable'}, is {value!r}, {code or 'not withheld'}")
    assert not wrong, "\n".join(wrong)
    assert not withheld, withheld
    return cells


@asynccontextmanager
async def standing(world: World, name: str) -> AsyncIterator[None]:
    """The client `own` in another standing, by an update behind the back of their session."""
    client = world.clients["own"]
    status, _, mode = name.partition(" ")
    given: dict[str, Any] = {"status": ClientStatus[status]}
    if status == "INACTIVE":
        given["access_mode"] = AccessMode[mode]
    if mode == "without login":
        given["account_id"] = None
    await world.site.change(Client, client, **given)
    yield
    await world.site.change(
        Client, client, status=ClientStatus.ACTIVE, access_mode=AccessMode.NONE, account_id=client.account_id, status_since=day(-100)
    )


def test_the_second_writing_names_every_field() -> None:
    assert {name: set(fields) for name, fields in MATRIX.items()} == {
        name: set(GRAPHQL.type_map[name].fields)  # type: ignore[attr-defined]
        for name in expected.FIELDS
    }
    assert not [(n, f) for n, (_, fields) in expected.FIELDS.items() for f in fields if f not in MATRIX[n]]


@pytest.mark.req("C3", "C4", "C7", "C12a", "C12b", "C16", "C20", "P3", "P4", "J2")
async def test_every_cell_of_the_portal(world: World) -> None:
    """Given one client and one token, when only the status changes, then the next answer follows it, cell by cell."""
    token, account = world.tokens["CLIENT"], world.clients["own"].account_id
    assert account is not None
    ids = with_roads(world.ids_of("own") | {"Account": gid("account", account)})
    assert ids.keys() == MATRIX.keys()
    cells = 0
    for name in expected.STANDINGS:
        async with standing(world, name):
            if expected.portal_denies("Account", "id", name) == "ROW":
                for query in ("{ __typename }", "{ viewer { account { id } } }", f'{{ node(id: "{ids["Client"]}") {{ id }} }}'):
                    sent = await world.site.send(token, query)
                    assert (sent.status_code, list(sent.json())) == (401, ["errors"])
                    [error] = sent.json()["errors"]
                    assert (error["extensions"], "path" in error) == ({"code": "UNAUTHENTICATED", "reason": "REVOKED"}, False)
                cells += sum(map(len, MATRIX.values()))
                continue
            objects, withheld = await read(world.site, token, ids)
            cells += compare(objects, withheld, partial(expected.portal_denies, standing=name), name)
    assert cells == 9 * sum(map(len, MATRIX.values()))


@pytest.mark.req("C8", "T8", "T9", "T14")
@pytest.mark.parametrize("role", expected.ROLES)
async def test_every_cell_of_staff(world: World, role: str) -> None:
    """Given clients in every data state, own and other coaches', then each role reads what the tables grant, and nothing else."""
    cells, member = 0, world.members[role]
    reasons = [None, {"portico-reason": "complaint 17"}] if role == "OWNER" else [None]
    for headers in reasons:
        for client in ("own", "other", *STATES[1:]):
            state = client if client in STATES else "PRESENT"
            ids = with_roads(world.ids_of(client) | {"Account": gid("account", member.account_id)})
            if state in ("PRESENT", "CONTACT_DELETED"):
                assert ids.keys() == MATRIX.keys()

            def denies(type_name: str, field: str, state: str = state, client: str = client, reason: bool = bool(headers)) -> str | None:
                theirs = client != "other" and role == "COACH"
                return expected.staff_denies(type_name, field, role, state, mine=theirs, reason=reason)

            objects, withheld = await read(world.site, world.tokens[role], ids, headers)
            cells += compare(objects, withheld, denies, f"{role} on {client}", history=state != "HISTORY_DELETED")
            if state in ("CONTACT_DELETED", "ERASED"):
                assert SECRET not in str({name: found for name, found in objects.items() if name not in {"Message", "FormResponse"}})
    assert cells >= 3 * sum(map(len, MATRIX.values())) * len(reasons)


@pytest.mark.parametrize("role", expected.ROLES)
async def test_what_an_erasure_forgot_is_not_shown(site: Site, role: str) -> None:
    """Given an erased client of whom every row was left behind by mistake, then staff see the number, and none of those rows."""
    world = await build(site, leftovers=True)
    ids = with_roads(world.ids_of("ERASED") | {"Account": gid("account", world.members[role].account_id)})
    assert ids.keys() == MATRIX.keys()
    denies = partial(expected.staff_denies, role=role, state="ERASED", mine=True, reason=False)
    compare(*await read(world.site, world.tokens[role], ids), denies, f"{role} on ERASED")


@pytest.mark.req("C3", "C16")
async def test_anonymous_reads_nothing(world: World) -> None:
    """Given no proof, then every root field is refused with the one code, and nothing else is in the answer; but for a link's own door."""
    assert GRAPHQL.query_type is not None
    for name, field in GRAPHQL.query_type.fields.items():
        if name in LINK_QUERIES:
            continue  # its token is the proof: tests/portal
        id_ = f'"{world.ids["own"]["Client"]}"'
        arguments = ", ".join(f"{name}: {literal(a.type, id_)}" for name, a in field.args.items() if is_required_argument(a))
        query = f"{{ {name}{f'({arguments})' if arguments else ''} {{ __typename }} }}"
        for headers in (None, {"portico-reason": "curious"}):
            sent = await world.site.send(None, query, headers)
            assert (sent.status_code, list(sent.json())) == (401, ["errors"]), query
            assert [error["extensions"]["code"] for error in sent.json()["errors"]] == ["UNAUTHENTICATED"]


async def test_aliases_fragments_and_timelines_withhold_alike(world: World) -> None:
    """Given a denied field under any name and by any road, then it is null, and each path is named."""
    ids = world.ids["other"]
    query = """query ($client: ID!, $talk: ID!) {
      client(id: $client) { a: notes ...F ... on Node { ... on Client { b: notes } } x: name
        interactions(filter: {kinds: [MESSAGE, APPOINTMENT, DOCUMENT]}) {
          nodes { kind ... on Message { text: body } ... on Appointment { hours } }
          edges { node { ... on ClientDocument { mediaType } } } } }
      conversation(id: $talk) { messages { nodes { body client { notes } } } }
    } fragment F on Client { c: notes }"""
    answer = await world.site.ask(world.tokens["ASSISTANT"], query, client=ids["Client"], talk=ids["Conversation"])
    client, message = answer["data"]["client"], answer["data"]["conversation"]["messages"]["nodes"][0]
    assert (client["a"], client["b"], client["c"], client["x"]) == (None, None, None, f"other {SECRET}")
    kinds = [node["kind"] for node in client["interactions"]["nodes"]]
    assert sorted(kinds) == ["APPOINTMENT", "APPOINTMENT", "DOCUMENT", "MESSAGE"]
    assert message == {"body": None, "client": {"notes": None}}
    paths = {tuple(note["path"]) for note in answer["extensions"]["withheld"]}
    line = ("client", "interactions")
    assert paths == {
        ("client", "a"),
        ("client", "b"),
        ("client", "c"),
        (*line, "nodes", kinds.index("MESSAGE"), "text"),
        *((*line, "nodes", i, "hours") for i, kind in enumerate(kinds) if kind == "APPOINTMENT"),
        (*line, "edges", kinds.index("DOCUMENT"), "node", "mediaType"),
        ("conversation", "messages", "nodes", 0, "body"),
        ("conversation", "messages", "nodes", 0, "client", "notes"),
    }
    assert {note["code"] for note in answer["extensions"]["withheld"]} == {"ROLE"}


@pytest.mark.req("C12b")
async def test_no_word_tells_a_hot_lead_their_status(world: World) -> None:
    """Given a hot lead, who may not read their own status, then no reason for anything withheld names it."""
    async with standing(world, "HOT_LEAD"):
        sent = await world.site.send(world.tokens["CLIENT"], f"{{ viewer {{ client {{ {selection('Client')} }} }} }}")
        assert '"status":null' in sent.text
        assert "HOT" not in sent.text.upper()
