"""Scopes of API keys: one that only reads is refused whatever writes, however it is sent, and reads what its member reads."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2
import orjson
import pytest
import pytest_asyncio
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_argument,
    is_required_input_field,
)

from gql.contract import CONTRACT
from lifecycle.vocabulary import KeyScope, Role
from planner.errors import RequestError
from resolvers.api_keys import ApiKeys
from resolvers.desk import clerk_of
from resolvers.elsewhere import BULK_PREVIEWS, PREVIEWS
from storage.database import Database
from tests.access.site import Site
from tests.access.test_gate import operations
from tests.access.world import World, build
from tests.databases import Databases
from tests.rows import changed, every_row
from tests.server.gateway import served

ONLY_READS: Final = "This API key only reads: mutations and previews take a key of scope FULL."
CREATE: Final = """mutation ($scope: KeyScope!) {
  apiKeyCreate(input: {name: "server", scope: $scope}) { key apiKey { id scope } problems { code } }
}"""
TAG: Final = 'clientAddTag(id: "ID", input: {tag: "by-key"}) { problems { code } }'
LOOK: Final = 'clientMarkHotLeadPreview(id: "ID") { token blockers { code } }'
NOBODY: Final = f"client_{'0' * 32}"
SCALARS: Final = {
    "ID": f'"{NOBODY}"',
    "String": '"word"',
    "Int": "1",
    "Float": "1.5",
    "Boolean": "true",
    "DateTime": '"2026-01-01T00:00:00Z"',
    "Date": '"2026-01-01"',
}


@pytest_asyncio.fixture(scope="module")
async def team(site: Site) -> AsyncIterator[World]:
    """Workspace whose `tokens` also have two keys of each member."""
    world = await build(site)
    for role in Role:
        for scope in KeyScope:
            made = await site.data(world.tokens[role.value], CREATE, scope=scope.value)
            assert made["apiKeyCreate"]["apiKey"]["scope"] == scope.value
            world.tokens[f"{scope.value} {role.value}"] = made["apiKeyCreate"]["key"]
    yield world


def literal(kind: GraphQLInputType) -> str:
    """A value of the type with nothing in it that may be left out."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type)}]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        given = kind.fields.items()
        needed = [given_of(name, one.type) for name, one in given if _required(one)]
        return "{" + ", ".join(needed or [given_of(name, one.type) for name, one in given if kind.is_one_of][:1]) + "}"
    return SCALARS[kind.name]


def given_of(name: str, kind: GraphQLInputType) -> str:
    return f"{name}: {literal(kind)}"


def _required(one: GraphQLArgument | GraphQLInputField) -> bool:
    return is_required_argument(one) if isinstance(one, GraphQLArgument) else is_required_input_field(one)


def field_of(name: str, arguments: Mapping[str, GraphQLArgument]) -> str:
    given = ", ".join(given_of(argument, one.type) for argument, one in arguments.items() if _required(one))
    return f"{name}{f'({given})' if given else ''} {{ __typename }}"


def everything_that_writes() -> list[str]:
    """An operation for each mutation and each preview that there is."""
    assert CONTRACT.mutation_type
    assert CONTRACT.query_type
    queries = CONTRACT.query_type.fields
    mutations = [f"mutation {{ {field_of(name, one.args)} }}" for name, one in CONTRACT.mutation_type.fields.items()]
    return mutations + [f"{{ {field_of(name, queries[name].args)} }}" for name in sorted(PREVIEWS | BULK_PREVIEWS)]


def refused(answer: httpx2.Response) -> None:
    """As a whole, and with nothing else in the answer."""
    told = {"errors": [{"message": ONLY_READS, "extensions": {"code": "FORBIDDEN"}}]}
    assert (answer.status_code, answer.json()) == (400, told), answer.request.content


@pytest.mark.parametrize("role", Role)
async def test_a_key_that_only_reads_is_refused_each_mutation_and_preview(team: World, role: Role) -> None:
    """Given the key of a member, then every operation that writes is refused before anything of it runs; not one row changes."""
    before = await every_row(team.site.database)
    documents = everything_that_writes()
    for document in documents:
        refused(await team.site.send(team.tokens[f"READ {role}"], document))
    assert changed(before, await every_row(team.site.database)) == {}
    assert len(documents) > 200


async def test_a_key_of_full_scope_is_refused_nothing_of_it(team: World) -> None:
    """Given the same operations, then a key of scope FULL is answered by each step itself."""
    for document in everything_that_writes():
        answer = await team.site.send(team.tokens["FULL OWNER"], document)
        assert answer.json()["data"] is not None or "path" in answer.json()["errors"][0], (document, answer.text)
        assert ONLY_READS not in answer.text


@pytest.mark.parametrize("role", Role)
async def test_both_kinds_of_key_read_what_their_member_reads(team: World, role: Role) -> None:
    own = team.ids["own"]["Client"]
    more = [
        "{ clients(first: 50) { nodes { id name email status notes } } invoices { nodes { id } } members { nodes { id role } } }",
        '{ __type(name: "Client") { name } packages { nodes { id } } rateLimit { limit } }',
        f'{{ client(id: "{own}") {{ availableTransitions {{ name allowed }} history {{ nodes {{ name }} }} }} }}',
        "{ certificationRuleSets { code } }",
    ]
    for query in (*operations(own), *more):
        told = [await team.site.ask(team.tokens[who], query) for who in (role.value, f"READ {role}", f"FULL {role}")]
        assert told[1:] == told[:1] * 2, query


@pytest.mark.parametrize(
    "document",
    [
        f"mutation {{ a: {TAG} }}",
        f"mutation {{ a: {TAG} b: {TAG} c: {TAG} }}",
        "mutation { __typename }",
        f"mutation M {{ ...F }} fragment F on Mutation {{ a: {TAG} }}",
        f"mutation M {{ ... on Mutation {{ ... {{ a: {TAG} }} }} }}",
        f"mutation ($no: Boolean = false) {{ {TAG.replace(') {', ') @include(if: $no) {')} }}",
        f"query Q {{ __typename }} mutation M {{ {TAG} }}",
        f"{{ viewer {{ __typename }} {LOOK} }}",
        f"query M {{ ...F }} fragment F on Query {{ a: {LOOK} }}",
        f"{{ __schema {{ queryType {{ name }} }} ... {{ ... on Query {{ look: {LOOK} }} }} }}",
    ],
)
async def test_no_spelling_gets_by(team: World, document: str) -> None:
    """Given aliases, fragments, directives and documents with several operations, then what writes is refused as a whole."""
    document = document.replace('"ID"', f'"{team.ids["own"]["Client"]}"')
    before = await every_row(team.site.database)
    sent = {"query": document, **({"operationName": "M"} if "M {" in document else {})}
    for headers in ({}, {"portico-reason": "curiosity"}, {"idempotency-key": "again"}):
        refused(await post(team, "READ OWNER", sent, **headers))
    assert changed(before, await every_row(team.site.database)) == {}
    if "query Q" in document:
        assert (await post(team, "READ OWNER", {**sent, "operationName": "Q"})).json() == {"data": {"__typename": "Query"}}


async def post(team: World, who: str, sent: object, **headers: str) -> httpx2.Response:
    asked = {"authorization": f"Bearer {team.tokens[who]}", "accept": "application/graphql-response+json", **headers}
    return await team.site.http.post("/graphql", json=sent, headers=asked)


async def test_batches_and_get_are_refused_as_to_everybody(team: World) -> None:
    before = await every_row(team.site.database)
    document = f"mutation {{ {TAG.replace('ID', team.ids['own']['Client'])} }}"
    for who in ("READ OWNER", "FULL OWNER"):
        batch = await post(team, who, [{"query": document}, {"query": document}])
        headers = {"authorization": f"Bearer {team.tokens[who]}"}
        get = await team.site.http.get("/graphql", params={"query": document}, headers=headers)
        codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in (batch, get)]
        assert codes == ["INVALID_REQUEST", "METHOD_NOT_ALLOWED"]
    assert changed(before, await every_row(team.site.database)) == {}


async def test_a_document_by_its_hash_is_refused_too(team: World) -> None:
    """Given a mutation that is registered, also by the key itself, then naming it does not run it."""
    document = f"mutation {{ {TAG.replace('ID', team.ids['own']['Client'])} }}"
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(document.encode()).hexdigest()}}}
    before = await every_row(team.site.database)
    for sent in ({"query": document, **named}, named):
        refused(await post(team, "READ COACH", sent))
    assert changed(before, await every_row(team.site.database)) == {}
    done = await post(team, "FULL COACH", named)
    assert done.json() == {"data": {"clientAddTag": {"problems": []}}}
    assert "client_tag" in changed(before, await every_row(team.site.database))


async def test_a_trusted_document_is_refused_too(databases: Databases, tmp_path: Path) -> None:
    url = await databases.copy("demo")
    (tmp_path / "documents.json").write_bytes(orjson.dumps({"see": "{ viewer { __typename } }", "add": ADD, "create": CREATE}))
    async with (
        served(url, environment="demo", clock=False, documents="only", documents_file=tmp_path / "documents.json") as http,
        await Database.open(url, readers=1) as database,
    ):
        token = (await http.post("/demo/sign-in", json={"as": "owner"})).json()["accessToken"]

        async def ask(proof: str, name: str, **variables: Any) -> httpx2.Response:
            sent = {"documentId": name, "variables": variables}
            return await http.post("/graphql", json=sent, headers={"authorization": f"Bearer {proof}"})

        made = [(await ask(token, "create", scope=scope.value)).json() for scope in KeyScope]
        reading, full = [one["data"]["apiKeyCreate"]["key"] for one in made]
        before = await every_row(database)
        refused(await ask(reading, "add"))
        assert (await ask(reading, "see")).json()["data"]["viewer"]
        assert changed(before, await every_row(database)) == {}
        assert (await ask(full, "add")).json()["data"]["clientAdd"]["problems"] == []
    await databases.drop(url)


ADD: Final = 'mutation { clientAdd(input: {name: "Ada"}) { problems { code } } }'


async def test_what_is_put_on_record_of_reading_is_reading(team: World) -> None:
    """Given an owner's key that only reads, then a reason and a view as a client are audited, and answered."""
    view = f'{{ viewAs(client: "{team.ids["other"]["Client"]}") {{ viewer {{ client {{ id }} }} }} }}'
    before = await every_row(team.site.database)
    answer = await team.site.data(team.tokens["READ OWNER"], view, {"portico-reason": "complaint"})
    assert answer["viewAs"]["viewer"]["client"]["id"] == team.ids["other"]["Client"]
    moved = changed(before, await every_row(team.site.database))
    assert [len(rows) for rows in moved.pop("audit_event")] == [0, 2]
    assert moved == {}


async def test_a_key_that_has_ended_learns_nothing_of_its_scope(team: World) -> None:
    made = (await team.site.data(team.tokens["COACH"], CREATE, scope="READ"))["apiKeyCreate"]
    document = "mutation { __typename }"
    refused(await team.site.send(made["key"], document))
    revoke = "mutation ($id: ID!) { apiKeyRevoke(id: $id) { problems { code } } }"
    await team.site.data(team.tokens["COACH"], revoke, id=made["apiKey"]["id"])
    assert await team.site.code(made["key"], document) == "UNAUTHENTICATED"


@pytest.mark.parametrize("role", Role)
async def test_nobody_stands_at_the_desk_with_such_a_key(team: World, role: Role) -> None:
    """Given code that writes and that the endpoint did not know of, then the desk refuses, too."""
    database, now = team.site.database, datetime.now(UTC)
    caller = await ApiKeys(database).read(team.tokens[f"READ {role}"])
    async with database.write() as session:
        with pytest.raises(RequestError, match=ONLY_READS):
            await clerk_of(session, caller, now)
        full = await ApiKeys(database).read(team.tokens[f"FULL {role}"])
        assert (await clerk_of(session, full, now)).member == caller.member
        assert replace(full, scope=KeyScope.READ, proof_id=caller.proof_id, expires_at=caller.expires_at) == caller
