"""The `Authorization` header: every kind of proof, and every way in which one is not accepted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm

from lifecycle.vocabulary import ClientStatus, Role
from resolvers.api_key_acts import NewApiKey as Made
from resolvers.api_key_acts import create_api_key
from resolvers.api_keys import ApiKeys
from resolvers.callers import ANONYMOUS, Caller, CallerKind, Proof, gate
from server.auth import AuthCode, Authenticator, AuthError
from server.oidc import IdentityProvider, KeySet, read_keys
from storage.tables.workspace import Account, ExternalIdentity, Member
from tests.people import People, codec
from tests.resolvers.test_callers import session_of

CODEC: Final = codec()
ISSUER: Final = "https://id.example"
RSA_KEY: Final = rsa.generate_private_key(65537, 2048)
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())
ED_KEY: Final = ed25519.Ed25519PrivateKey.generate()
OTHER_KEY: Final = rsa.generate_private_key(65537, 2048)
RSA_JWK: Final = RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
JWKS: Final = {
    "keys": [
        RSA_JWK | {"kid": "rsa", "use": "sig", "alg": "RS256"},
        ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "ec"},
        OKPAlgorithm.to_jwk(ED_KEY.public_key(), as_dict=True) | {"kid": "ed"},
        RSAAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True) | {"kid": "encryption", "use": "enc"},
        RSAAlgorithm.to_jwk(OTHER_KEY.public_key(), as_dict=True) | {"kid": "pss", "alg": "PS256"},
        HMACAlgorithm.to_jwk("shared-secret-of-at-least-32-characters", as_dict=True) | {"kid": "shared"},
        {"kid": "broken", "kty": "RSA", "n": "x"},
        {"kty": "RSA"},
        "nonsense",
    ]
}
KEYS: Final[dict[str, tuple[Any, str]]] = {"rsa": (RSA_KEY, "RS256"), "ec": (EC_KEY, "ES256"), "ed": (ED_KEY, "EdDSA")}


class Provider:
    """Identity provider that counts how often its key set is asked for."""

    def __init__(self, body: bytes | None = None) -> None:
        self.asked = 0
        self.status = 200
        self.body = body or orjson.dumps(JWKS)

    def keys(self, **settings: Any) -> KeySet:
        return KeySet(f"{ISSUER}/jwks", transport=httpx2.MockTransport(self._answer), **settings)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        assert str(request.url) == f"{ISSUER}/jwks"
        return httpx2.Response(self.status, content=self.body)


def authenticator(people: People, keys: KeySet | None = None) -> Authenticator:
    algorithms = ("RS256", "ES256", "EdDSA")
    identities = IdentityProvider(people.database, keys, issuer=ISSUER, audience="portico", algorithms=algorithms) if keys else None
    return Authenticator(CODEC, ApiKeys(people.database), identities)


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


async def refusal(auth: Authenticator, headers: dict[str, str]) -> AuthCode:
    with pytest.raises(AuthError) as caught:
        await auth.authenticate(headers)
    secret = headers["authorization"].partition(" ")[2]
    assert len(secret) < 8 or secret not in repr(caught.value) + caught.value.message
    return caught.value.code


async def staff(people: People, role: Role = Role.COACH) -> tuple[Caller, Member]:
    member = await people.member(await people.workspace("north"), role)
    return (await session_of(people, member))[0], member


def external(key_id: str = "rsa", *, key: Any = None, algorithm: str | None = None, **changed: Any) -> str:
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": ISSUER, "aud": "portico", "sub": "s1", "iat": now, "exp": now + 300} | changed
    signing_key, usual = KEYS.get(key_id, (OTHER_KEY, "RS256"))
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key if key is not None else signing_key, algorithm or usual, {"kid": key_id})


# --- our own proofs ---


async def test_nobody_without_a_header(people: People) -> None:
    assert await authenticator(people).authenticate({}) is ANONYMOUS
    assert await authenticator(people).authenticate({"portico-reason": "curious", "portico-workspace": "north"}) is ANONYMOUS


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
async def test_an_access_token(people: People, scheme: str) -> None:
    caller, member = await staff(people)
    found = await authenticator(people).authenticate({"authorization": scheme + CODEC.issue(caller)})
    assert (found.kind, found.member, found.role, found.proof) == (CallerKind.STAFF, member.id.hex, Role.COACH, Proof.SESSION)


async def test_an_api_key(people: People) -> None:
    caller, member = await staff(people)
    made = await create_api_key(people.database, caller, "crm")
    assert isinstance(made, Made)
    auth = authenticator(people)
    found = await auth.authenticate(bearer(made.key))
    assert (found.member, found.proof, found.proof_id) == (member.id.hex, Proof.API_KEY, made.row.id.hex)
    await people.change(Member, member, role=Role.ANALYST)
    assert (await auth.authenticate(bearer(made.key))).role is Role.COACH
    auth.forget(bearer(made.key))
    assert (await auth.authenticate(bearer(made.key))).role is Role.ANALYST


NO_PROOFS: Final = [
    "",
    "Bearer",
    "Bearer ",
    "Basic dXNlcjpwYXNz",
    "token",
    "Bearer a b",
    "Bearer é",
    "Bearer \x00",
    "Bearer x",
    "Bearer ptc_x",
    "Bearer a.b.c",
    "Bearer " + "x" * 10_000,
]


async def test_a_header_that_holds_no_proof(people: People) -> None:
    for auth in (authenticator(people), authenticator(people, Provider().keys())):
        for header in NO_PROOFS:
            assert await refusal(auth, {"authorization": header}) is AuthCode.INVALID, header


async def test_an_expired_token_says_so(people: People) -> None:
    caller, _ = await staff(people)
    token = CODEC.issue(replace(caller, expires_at=(datetime.now(UTC) - timedelta(seconds=1)).timestamp()))
    assert await refusal(authenticator(people), bearer(token)) is AuthCode.EXPIRED


@pytest.mark.parametrize(
    ("given", "kept"),
    [("  covering for a colleague ", "covering for a colleague"), ("a\r\nb\tc", "a b c"), ("x" * 501, "x" * 500), ("", None), ("  ", None)],
)
async def test_a_reason_comes_with_the_caller_and_is_not_remembered(people: People, given: str, kept: str | None) -> None:
    caller, _ = await staff(people)
    auth, token = authenticator(people), CODEC.issue(caller)
    assert (await auth.authenticate(bearer(token, **{"portico-reason": given}))).reason == kept
    assert (await auth.authenticate(bearer(token))).reason is None


# --- an external identity provider ---


async def known(people: People, subject: str = "s1") -> Member:
    member = await people.member(await people.workspace("north"), Role.COACH)
    await people.add(ExternalIdentity(issuer=ISSUER, subject=subject, account_id=member.account_id))
    return member


@pytest.mark.parametrize("key_id", list(KEYS))
async def test_a_token_of_the_provider(people: People, key_id: str) -> None:
    member = await known(people)
    found = await authenticator(people, Provider().keys()).authenticate(bearer(external(key_id)))
    assert (found.kind, found.member, found.role) == (CallerKind.STAFF, member.id.hex, Role.COACH)
    assert (found.proof, found.proof_id) == (Proof.IDENTITY, f"{ISSUER} s1")
    async with people.database.write() as session:
        assert await gate(session, found, datetime.now(UTC)) == {"role": "COACH"}


NOT_ACCEPTED: Final[dict[str, tuple[Callable[[], str], AuthCode]]] = {
    "unknown key": (lambda: external("nobody"), AuthCode.INVALID),
    "other key": (lambda: external(key=OTHER_KEY), AuthCode.INVALID),
    "key for encryption": (lambda: external("encryption"), AuthCode.INVALID),
    "key for another algorithm": (lambda: external("pss"), AuthCode.INVALID),
    "another algorithm": (lambda: external(algorithm="PS256"), AuthCode.INVALID),
    "algorithm of another key": (lambda: external("ec", key=RSA_KEY, algorithm="RS256"), AuthCode.INVALID),
    "shared key": (lambda: external("shared", key="shared-secret-of-at-least-32-characters", algorithm="HS256"), AuthCode.INVALID),
    "public key as a secret": (lambda: external("rsa", key=str(RSA_JWK["n"]), algorithm="HS256"), AuthCode.INVALID),
    "algorithm none": (lambda: external(key="", algorithm="none"), AuthCode.INVALID),
    "other issuer": (lambda: external(iss="https://other.example"), AuthCode.INVALID),
    "other audience": (lambda: external(aud="another application"), AuthCode.INVALID),
    "no audience": (lambda: external(aud=None), AuthCode.INVALID),
    "expired": (lambda: external(exp=1), AuthCode.EXPIRED),
    "no expiry": (lambda: external(exp=None), AuthCode.INVALID),
    "no instant of issue": (lambda: external(iat=None), AuthCode.INVALID),
    "no subject": (lambda: external(sub=None), AuthCode.INVALID),
    "unprintable subject": (lambda: external(sub="nul\x00"), AuthCode.INVALID),
    "long subject": (lambda: external(sub="x" * 256), AuthCode.INVALID),
    "unknown subject": (lambda: external(sub="s2"), AuthCode.NO_ACCESS),
}


async def test_a_token_of_the_provider_that_is_not_accepted(people: People) -> None:
    await known(people)
    auth = authenticator(people, Provider().keys())
    for name, (token, code) in NOT_ACCEPTED.items():
        assert await refusal(auth, bearer(token())) is code, name


async def test_without_a_provider_no_foreign_token_is_read(people: People) -> None:
    await known(people)
    assert await refusal(authenticator(people), bearer(external())) is AuthCode.INVALID


async def test_the_workspace_is_chosen_by_a_header(people: People) -> None:
    coach = await known(people)
    south = await people.member(await people.workspace("south"), Role.COACH)
    async with people.database.write() as session:
        account = await session.get(Account, coach.account_id)
    person = await people.client(south, ClientStatus.ACTIVE, account)
    auth = authenticator(people, Provider().keys())
    token = external()
    assert await refusal(auth, bearer(token)) is AuthCode.CHOOSE_WORKSPACE
    assert await refusal(auth, bearer(token, **{"portico-workspace": "nowhere"})) is AuthCode.NO_ACCESS
    assert (await auth.authenticate(bearer(token, **{"portico-workspace": "north"}))).member == coach.id.hex
    assert (await auth.authenticate(bearer(token, **{"portico-workspace": " south "}))).client == person.id.hex
    assert (await auth.authenticate(bearer(token, **{"portico-workspace": south.workspace_id.hex}))).client == person.id.hex


# --- its key set ---


async def test_the_key_set_is_asked_for_once(people: People) -> None:
    await known(people)
    provider = Provider()
    auth = authenticator(people, provider.keys())
    for key_id in ("rsa", "ec", "rsa"):
        await auth.authenticate(bearer(external(key_id)))
    assert provider.asked == 1


async def test_unknown_keys_cannot_make_the_gateway_ask_all_the_time(people: People) -> None:
    provider = Provider()
    auth = authenticator(people, provider.keys())
    for number in range(20):
        assert await refusal(auth, bearer(external(f"key {number}"))) is AuthCode.INVALID
    assert provider.asked == 1


async def test_a_new_key_is_found_and_an_old_one_outlives_a_fault_of_the_provider(people: People) -> None:
    await known(people)
    provider = Provider(orjson.dumps({"keys": JWKS["keys"][:1]}))
    auth = authenticator(people, provider.keys(refresh_seconds=0, trust_seconds=0))
    assert await refusal(auth, bearer(external("ec"))) is AuthCode.INVALID
    provider.body = orjson.dumps(JWKS)
    assert (await auth.authenticate(bearer(external("ec")))).role is Role.COACH
    provider.status = 500
    assert (await auth.authenticate(bearer(external("ed")))).role is Role.COACH
    assert provider.asked == 3


async def test_without_a_key_set_nobody_can_say(people: People) -> None:
    for status, body in [(500, b"{}"), (302, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": 1}'), (200, b" " * 300_000)]:
        provider = Provider(body)
        provider.status = status
        assert await refusal(authenticator(people, provider.keys()), bearer(external())) is AuthCode.UNAVAILABLE, body[:20]


async def test_a_key_set_from_a_file(people: People, tmp_path: Path) -> None:
    await known(people)
    path = tmp_path / "jwks.json"
    assert await refusal(authenticator(people, KeySet(path)), bearer(external())) is AuthCode.UNAVAILABLE
    path.write_bytes(orjson.dumps(JWKS))
    assert (await authenticator(people, KeySet(path)).authenticate(bearer(external()))).role is Role.COACH


def test_the_keys_that_are_taken_from_a_set() -> None:
    assert {key_id: key.algorithm for key_id, key in read_keys(orjson.dumps(JWKS)).items()} == {
        "rsa": "RS256",
        "ec": "ES256",
        "ed": "EdDSA",
    }
