"""Access tokens over HTTP by RFC 8725: every token that is not quite ours is refused, and nothing changes; secrets rotate unnoticed."""

import base64
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lifecycle.vocabulary import ClientStatus, Role
from resolvers.afterwards import settle
from resolvers.tokens import MAX_TOKEN_LENGTH, derive
from storage.tables.clients import Client
from storage.tables.workspace import ExternalIdentity, Member
from tests.people import PASSWORD, SECRET, People, codec
from tests.resolvers.test_callers import session_of
from tests.server.gateway import served
from tests.server.test_auth import ISSUER, JWKS, OTHER_KEY, RSA_JWK, RSA_KEY, external

NEW: Final = "second-secret-of-the-tests-9876543210"
KEY: Final = derive(SECRET, "access token")
PEM: Final = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
OUT: Final = "mutation { signOut { problems { code } } }"
WHO: Final = "{ viewer { __typename } }"
SIGN_IN: Final = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken problems { code } } }"
REFRESH: Final = "mutation ($token: String) { tokenRefresh(refreshToken: $token) { accessToken refreshToken problems { code } } }"


@dataclass
class Door:
    """Gateway with a provider, an owner who is signed in, and the owner's access token."""

    http: httpx2.AsyncClient
    people: People
    token: str
    owner: Member
    person: Client

    async def ask(self, query: str, proof: str, /, **variables: Any) -> httpx2.Response:
        return await ask(self.http, query, proof, **variables)

    async def refused(self, token: str, reason: str = "INVALID") -> None:
        """The token neither reads nor writes, and its answer does not repeat it."""
        before = await self.people.everything()
        for query in (WHO, OUT):
            answer = await self.ask(query, token)
            error = answer.json()["errors"][0]["extensions"]
            assert (answer.status_code, error) == (401, {"code": "UNAUTHENTICATED", "reason": reason})
            assert "data" not in answer.json()
            assert token not in answer.text
        await settle()
        assert await self.people.everything() == before
        assert (await self.ask(WHO, self.token)).json() == {"data": {"viewer": {"__typename": "Viewer"}}}


async def ask(http: httpx2.AsyncClient, query: str, proof: str | None = None, /, **variables: Any) -> httpx2.Response:
    headers = {} if proof is None else {"authorization": f"Bearer {proof}"}
    return await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def secrets(*texts: str) -> dict[str, Any]:
    return {"environment": "development", "secret_keys": ",".join(texts)}


@pytest.fixture
async def door(people: People, tmp_path: Path) -> AsyncIterator[Door]:
    owner = await people.member(await people.workspace("north"), Role.OWNER)
    person = await people.client(owner, ClientStatus.PROSPECT)
    await people.add(ExternalIdentity(issuer=ISSUER, subject="s1", account_id=owner.account_id))
    token = codec().issue((await session_of(people, owner))[0])
    (tmp_path / "jwks.json").write_bytes(orjson.dumps(JWKS))
    provider: dict[str, Any] = {"oidc_issuer": ISSUER, "oidc_audience": "portico", "oidc_jwks_file": tmp_path / "jwks.json"}
    async with served(people.database.url, **secrets(SECRET), **provider) as http:
        yield Door(http, people, token, owner, person)


def forged(
    token: str, claims: dict[str, Any] | None = None, *, key: Any = KEY, algorithm: str = "HS256", header: dict[str, Any] | None = None
) -> str:
    """Token with claims and header fields changed or, where None, left out; signed with our own key unless told otherwise."""
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    headers, said = read[0] | {"alg": algorithm} | (header or {}), read[1] | (claims or {})
    kept = ({name: value for name, value in fields.items() if value is not None} for fields in (said, headers))
    if isinstance(key, bytes) and key.startswith(b"-----"):  # which the library would refuse to sign with
        body = ".".join(base64.urlsafe_b64encode(orjson.dumps(fields)).rstrip(b"=").decode() for fields in reversed(list(kept)))
        return f"{body}.{base64.urlsafe_b64encode(hmac.digest(key, body.encode(), 'sha256')).rstrip(b'=').decode()}"
    return jwt.encode(next(kept), key, algorithm, next(kept))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"key": "", "algorithm": "none"}, "INVALID", id="no algorithm"),
        pytest.param({"key": KEY * 2, "algorithm": "HS512"}, "INVALID", id="another algorithm"),
        pytest.param({"key": OTHER_KEY, "algorithm": "RS256"}, "INVALID", id="asymmetric under our key id"),
        pytest.param({"key": PEM, "header": {"kid": "rsa"}}, "INVALID", id="public key of the provider as a secret"),
        pytest.param({"header": {"kid": "rsa"}}, "INVALID", id="our key under a key id of the provider"),
        pytest.param({"header": {"kid": None}}, "INVALID", id="no key id"),
        pytest.param({"header": {"kid": "0" * 16}}, "INVALID", id="key id of nobody"),
        pytest.param({"header": {"kid": "../../dev/null"}}, "INVALID", id="key id that is a path"),
        pytest.param({"key": derive(NEW, "access token")}, "INVALID", id="foreign key under our key id"),
        pytest.param({"key": derive(SECRET, "key id")}, "INVALID", id="our secret for another purpose"),
        pytest.param({"header": {"typ": "JWT"}}, "INVALID", id="another type"),
        pytest.param({"header": {"typ": None}}, "INVALID", id="no type"),
        pytest.param({"claims": {"iss": "https://other.example"}}, "INVALID", id="another issuer"),
        pytest.param({"claims": {"iss": ISSUER}}, "INVALID", id="issuer that is the provider"),
        pytest.param({"claims": {"aud": "another application"}}, "INVALID", id="another audience"),
        pytest.param({"claims": {"exp": 1}}, "EXPIRED", id="expired"),
        pytest.param({"claims": {"nbf": 2**33}}, "EXPIRED", id="not yet valid"),
        pytest.param({"claims": {"iat": 2**33}}, "EXPIRED", id="issued in the future"),
        *(
            pytest.param({"claims": {name: None}}, "INVALID", id=f"no {name}")
            for name in ("iss", "aud", "exp", "iat", "jti", "sid", "sub", "workspace", "member", "role")
        ),
        pytest.param({"claims": {"more": "x" * MAX_TOKEN_LENGTH}}, "INVALID", id="too long"),
    ],
)
async def test_a_token_that_is_not_quite_ours_is_refused(door: Door, changed: dict[str, Any], reason: str) -> None:
    assert (await door.ask(WHO, forged(door.token))).status_code == 200
    await door.refused(forged(door.token, **changed), reason)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


async def test_keys_that_a_token_brings_along_are_not_looked_at(door: Door, listening: socket.socket) -> None:
    """Given a token that names its own key, by value or by address; then the key is not used, and nobody asks the address for it."""
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/keys"
    foreign = {"jwk": RSA_JWK | {"kid": "mine"}, "jku": address, "x5u": address, "x5c": ["MIIB"]}
    for name, value in foreign.items():
        for kid in ("mine", None, "rsa"):
            await door.refused(forged(door.token, key=OTHER_KEY, algorithm="RS256", header={name: value, "kid": kid}))
        assert (await door.ask(WHO, forged(door.token, header={name: value}))).status_code == 200
    with pytest.raises(BlockingIOError):
        listening.accept()


async def test_tokens_for_other_ends_are_no_access_tokens(door: Door) -> None:
    entered = (await ask(door.http, SIGN_IN, input={"username": "owner@north.example", "password": PASSWORD})).json()["data"]["signIn"]
    key = f"client_{door.person.id.hex}"
    plan = await door.ask("query ($id: ID!) { clientMarkHotLeadPreview(id: $id) { token } }", door.token, id=key)
    export = await door.ask("mutation ($id: ID!) { clientExport(id: $id) { path problems { code } } }", door.token, id=key)
    path = export.json()["data"]["clientExport"]["path"]
    await settle()
    for other in (entered["refreshToken"], plan.json()["data"]["clientMarkHotLeadPreview"]["token"], path.removeprefix("/exports/")):
        assert len(other) > 40
        await door.refused(other)
    # nor is an access token one of them
    refreshed = (await ask(door.http, REFRESH, token=door.token)).json()["data"]["tokenRefresh"]
    assert refreshed == {"accessToken": None, "refreshToken": None, "problems": [{"code": "REFRESH_TOKEN_INVALID"}]}
    assert (await door.http.get(f"/exports/{door.token}")).status_code == 404
    stepped = await door.ask(
        "mutation ($id: ID!, $token: String) { clientMarkHotLead(id: $id, token: $token) { client { status } problems { code } } }",
        door.token,
        id=key,
        token=door.token,
    )
    assert stepped.json()["data"]["clientMarkHotLead"] == {"client": {"status": "PROSPECT"}, "problems": [{"code": "TOKEN_INVALID"}]}


async def test_of_the_provider_only_access_and_id_tokens_are_read(door: Door) -> None:
    """Its logout tokens and proofs of possession have the same keys, issuer and subject."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": "portico", "sub": "s1", "iat": now, "exp": now + 300}
    for typ in ("logout+jwt", "dpop+jwt", "secevent+jwt", "x"):
        await door.refused(jwt.encode(claims, RSA_KEY, "RS256", {"kid": "rsa", "typ": typ}))
    for typ in ("JWT", "at+jwt", "application/at+jwt"):
        assert (await door.ask(WHO, jwt.encode(claims, RSA_KEY, "RS256", {"kid": "rsa", "typ": typ}))).status_code == 200
    await door.refused(external("rsa", key=str(RSA_JWK["n"]), algorithm="HS256"))


async def test_a_secret_is_replaced_without_signing_anybody_out(people: People) -> None:
    """Given somebody signed in; when the secrets go from old through both to new; then every step of it lets them in."""
    await people.member(await people.workspace("north"), Role.OWNER)
    url = people.database.url
    async with served(url, **secrets(SECRET)) as http:
        entered = (await ask(http, SIGN_IN, input={"username": "owner@north.example", "password": PASSWORD})).json()["data"]["signIn"]
        old = entered["accessToken"]
    async with served(url, **secrets(SECRET, NEW)) as early, served(url, **secrets(NEW, SECRET)) as http:
        assert (await ask(http, WHO, old)).status_code == 200
        fresh = (await ask(http, REFRESH, token=entered["refreshToken"])).json()["data"]["tokenRefresh"]
        assert fresh["problems"] == []
        assert jwt.get_unverified_header(fresh["accessToken"])["kid"] != jwt.get_unverified_header(old)["kid"]
        for process in (early, http):  # a process that still signs with the old one takes what the others sign
            assert (await ask(process, WHO, fresh["accessToken"])).status_code == 200
    async with served(url, **secrets(NEW)) as http:
        assert (await ask(http, WHO, fresh["accessToken"])).status_code == 200
        refused = await ask(http, WHO, old)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["reason"]) == (401, "INVALID")
        again = (await ask(http, REFRESH, token=fresh["refreshToken"])).json()["data"]["tokenRefresh"]
        assert again["problems"] == []
        assert (await ask(http, WHO, again["accessToken"])).status_code == 200
