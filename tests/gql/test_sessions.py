"""Signing in and the keys of servers, through GraphQL."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType

from gql.payloads import PlainProblem
from gql.sessions import SessionMutations
from lifecycle.vocabulary import ClientStatus, Role
from resolvers import sessions
from resolvers.afterwards import settle
from resolvers.callers import ANONYMOUS, Caller
from resolvers.context import Context
from tests.people import PASSWORD, People, codec


@strawberry.type(description="Query.")
class Query:
    nothing: str = strawberry.field(default="", description="Nothing.")


@strawberry.type(description="Mutation.")
class Mutation(SessionMutations):
    pass


SCHEMA = strawberry.Schema(Query, Mutation, types=[PlainProblem])
CODEC = codec()
PROBLEMS = "problems { __typename code message path }"
SIGN_IN = f"""mutation ($input: SignInInput!) {{ signIn(input: $input) {{
  accessToken refreshToken expiresAt choices {{ as workspace {{ id name slug }} }} {PROBLEMS} }} }}"""
REFRESH = f"mutation ($token: String!) {{ tokenRefresh(refreshToken: $token) {{ accessToken refreshToken expiresAt {PROBLEMS} }} }}"
SIGN_OUT = f"mutation {{ signOut {{ {PROBLEMS} }} }}"
CREATE = f"""mutation ($input: ApiKeyCreateInput!) {{ apiKeyCreate(input: $input) {{
  key apiKey {{ id name scope prefix createdAt expiresAt revokedAt }} {PROBLEMS} }} }}"""
REVOKE = f"mutation ($id: ID!) {{ apiKeyRevoke(id: $id) {{ apiKey {{ id revokedAt }} {PROBLEMS} }} }}"

Run = Callable[..., Any]


@pytest.fixture
def run(people: People, monkeypatch: pytest.MonkeyPatch) -> Run:
    defaults: Any = sessions.sign_in.__kwdefaults__
    monkeypatch.setitem(defaults, "passwords", people.passwords)

    async def execute(document: str, caller: Caller = ANONYMOUS, **variables: Any) -> Any:
        context = Context(caller=caller, database=people.database, tokens=CODEC, request_id="r1")
        result = await SCHEMA.execute(document, variables, context_value=context)
        await settle()
        assert result.errors is None
        assert result.data is not None
        (answer,) = result.data.values()
        return answer

    return execute


async def test_a_person_signs_in_stays_signed_in_and_signs_out(people: People, run: Run) -> None:
    member = await people.member(await people.workspace("north"), Role.OWNER)
    entered = await run(SIGN_IN, input={"username": "owner@north.example", "password": PASSWORD})
    assert (entered["choices"], entered["problems"]) == ([], [])
    caller = CODEC.read(entered["accessToken"])
    assert caller.member == member.id.hex
    assert datetime.fromisoformat(entered["expiresAt"]) == datetime.fromtimestamp(caller.expires_at, UTC)

    refreshed = await run(REFRESH, token=entered["refreshToken"])
    assert refreshed["problems"] == []
    assert CODEC.read(refreshed["accessToken"]).proof_id == caller.proof_id
    assert await run(SIGN_OUT, caller) == {"problems": []}
    assert [problem["code"] for problem in (await run(SIGN_OUT, caller))["problems"]] == ["NOT_SIGNED_IN"]
    assert await run(REFRESH, token=refreshed["refreshToken"]) == {
        "accessToken": None,
        "refreshToken": None,
        "expiresAt": None,
        "problems": [
            {
                "__typename": "PlainProblem",
                "code": "REFRESH_TOKEN_INVALID",
                "message": "Refresh token is not valid: sign in again.",
                "path": ["refreshToken"],
            }
        ],
    }


async def test_wrong_credentials(people: People, run: Run) -> None:
    await people.member(await people.workspace("north"), Role.OWNER)
    answers = [await run(SIGN_IN, input={"username": name, "password": "x"}) for name in ("owner@north.example", "nobody")]
    assert answers[0] == answers[1]
    assert answers[0] == {
        "accessToken": None,
        "refreshToken": None,
        "expiresAt": None,
        "choices": [],
        "problems": [
            {
                "__typename": "PlainProblem",
                "code": "WRONG_CREDENTIALS",
                "message": "Username and password do not belong together.",
                "path": ["input"],
            }
        ],
    }


async def test_the_id_of_a_choice_is_what_the_next_sign_in_takes(people: People, run: Run) -> None:
    account = await people.account("pat")
    coach = await people.member(await people.workspace("north"), Role.COACH, account)
    south = await people.member(await people.workspace("south"), Role.COACH)
    person = await people.client(south, ClientStatus.ACTIVE, account)
    credentials = {"username": "pat", "password": PASSWORD}
    asked = await run(SIGN_IN, input=credentials)
    assert [problem["code"] for problem in asked["problems"]] == ["CHOOSE_WORKSPACE"]
    assert [(choice["as"], choice["workspace"]["slug"]) for choice in asked["choices"]] == [("STAFF", "north"), ("CLIENT", "south")]
    ids = [choice["workspace"]["id"] for choice in asked["choices"]]
    entered = [await run(SIGN_IN, input={**credentials, "workspace": workspace}) for workspace in (*ids, "north", "south")]
    callers = [CODEC.read(answer["accessToken"]) for answer in entered]
    assert [caller.member or caller.client for caller in callers] == [coach.id.hex, person.id.hex] * 2
    chosen = await run(SIGN_IN, input={**credentials, "as": "CLIENT"})
    assert CODEC.read(chosen["accessToken"]).client == person.id.hex


async def test_a_key_is_shown_once_and_revoked_by_its_id(people: People, run: Run) -> None:
    await people.member(await people.workspace("north"), Role.OWNER)
    entered = await run(SIGN_IN, input={"username": "owner@north.example", "password": PASSWORD})
    caller = CODEC.read(entered["accessToken"])
    made = await run(CREATE, caller, input={"name": "crm", "expiresAt": None})
    key = made["apiKey"]
    assert made["problems"] == []
    assert re.fullmatch(rf"ptc_{key['prefix']}_[A-Za-z0-9_-]{{43}}", made["key"])
    assert (key["name"], key["scope"], key["revokedAt"]) == ("crm", "READ", None)
    full = await run(CREATE, caller, input={"name": "billing", "scope": "FULL"})
    assert full["apiKey"]["scope"] == "FULL"
    state = await people.everything()
    for wrong in ("", "x", "client_" + key["id"].partition("_")[2], "apikey_" + "0" * 32, entered["refreshToken"]):
        refused = await run(REVOKE, caller, id=wrong)
        assert refused["apiKey"] is None
        assert [(problem["code"], problem["path"]) for problem in refused["problems"]] == [("NOT_FOUND", ["id"])]
    assert await people.everything() == state
    revoked = await run(REVOKE, caller, id=key["id"])
    assert revoked["problems"] == []
    assert revoked["apiKey"]["revokedAt"] is not None


async def test_nobody_makes_or_revokes_keys(people: People, run: Run) -> None:
    state = await people.everything()
    made = await run(CREATE, input={"name": "crm"})
    assert (made["key"], made["apiKey"], [problem["code"] for problem in made["problems"]]) == (None, None, ["NOT_SIGNED_IN"])
    revoked = await run(REVOKE, replace(ANONYMOUS), id="x")
    assert [problem["code"] for problem in revoked["problems"]] == ["NOT_SIGNED_IN"]
    assert await people.everything() == state


def test_everything_is_described() -> None:
    for name, kind in SCHEMA._schema.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Boolean", "ID", "DateTime"}:
            continue
        told = {name: kind.description}
        if isinstance(kind, GraphQLEnumType):
            told |= {f"{name}.{word}": value.description for word, value in kind.values.items()}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            told |= {f"{name}.{field}": value.description for field, value in kind.fields.items()}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, value in kind.fields.items():
                told |= {f"{name}.{field}({argument})": given.description for argument, given in value.args.items()}
        assert not [place for place, text in told.items() if not text or text.startswith("The ")], json.dumps(told)
