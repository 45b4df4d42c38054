"""Access tokens: what is in them, and every way in which a token is not accepted."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import jwt
import pytest
import time_machine

from lifecycle.vocabulary import Role
from resolvers.callers import ANONYMOUS, Caller, CallerKind, Proof
from resolvers.tokens import (
    BadToken,
    BadTokenCode,
    Recent,
    TokenCodec,
    derive,
    hash_of,
    new_secret,
    workspace_of_secret,
)
from tests.people import SECRET, codec

NOW: Final = 1_800_000_000
WORKSPACE, ACCOUNT, MEMBER, CLIENT, SESSION = ("a" * 32, "b" * 32, "c" * 32, "d" * 32, "e" * 32)
STAFF: Final = Caller(CallerKind.STAFF, WORKSPACE, ACCOUNT, MEMBER, None, Role.COACH, Proof.SESSION, SESSION, NOW + 86400.0)
PERSON: Final = Caller(CallerKind.CLIENT, WORKSPACE, ACCOUNT, None, CLIENT, None, Proof.SESSION, SESSION, NOW + 86400.0)


def refusal(reader: TokenCodec, token: str) -> str:
    with pytest.raises(BadToken) as caught:
        reader.read(token)
    assert token == "" or token not in repr(caught.value) + str(caught.value.__cause__)
    return caught.value.code.value


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    read: Callable[[str], dict[str, Any]] = lambda part: json.loads(base64.urlsafe_b64decode(part + "=="))  # noqa: E731
    return read(header), read(claims)


def forged(changed_claims: dict[str, Any] | None = None, *, key: bytes | str | None = None, algorithm: str = "HS256", **header: Any) -> str:
    """Token like ours with some claims changed or, where the value is None, left out; signed with our own key unless told otherwise."""
    good_header, good_claims = parts(codec().issue(STAFF))
    claims = {name: value for name, value in (good_claims | (changed_claims or {})).items() if value is not None}
    headers = {name: value for name, value in (good_header | {"alg": algorithm} | header).items() if value is not None}
    return jwt.encode(claims, derive(SECRET, "access token") if key is None else key, algorithm, headers)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("caller", [STAFF, PERSON])
def test_a_token_brings_its_caller_back(caller: Caller) -> None:
    assert codec().read(codec().issue(caller)) == replace(caller, expires_at=NOW + 900.0)


def test_what_is_in_a_token() -> None:
    header, claims = parts(codec(issuer="https://api.example", audience="portico").issue(STAFF))
    assert header == {"alg": "HS256", "typ": "at+jwt", "kid": derive(SECRET, "key id").hex()[:16]}
    assert len(claims.pop("jti")) == 32
    assert claims == {
        "iss": "https://api.example",
        "aud": "portico",
        "iat": NOW,
        "exp": NOW + 900,
        "sid": SESSION,
        "sub": ACCOUNT,
        "workspace": WORKSPACE,
        "member": MEMBER,
        "role": "COACH",
    }
    assert parts(codec().issue(STAFF))[1]["jti"] != parts(codec().issue(STAFF))[1]["jti"]


def test_a_token_never_outlives_its_session() -> None:
    assert codec().read(codec().issue(replace(STAFF, expires_at=NOW + 60.5))).expires_at == NOW + 60.0


@pytest.mark.parametrize("proof", [Proof.API_KEY, Proof.IDENTITY, Proof.NONE])
def test_only_sessions_have_tokens(proof: Proof) -> None:
    with pytest.raises(ValueError, match="only a login session has access tokens"):
        codec().issue(replace(STAFF, proof=proof) if proof is not Proof.NONE else ANONYMOUS)


def test_a_token_ends_at_its_instant_also_when_it_is_remembered(clock: Any) -> None:
    reader = codec()
    token = reader.issue(STAFF)
    clock.move_to(NOW + 899.9)
    assert reader.read(token).member == MEMBER
    clock.move_to(NOW + 900)
    assert refusal(reader, token) == "EXPIRED"
    assert refusal(codec(), token) == "EXPIRED"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param(lambda: "", "MALFORMED", id="empty"),
        pytest.param(lambda: "abc", "MALFORMED", id="no token"),
        pytest.param(lambda: "a.b.c", "MALFORMED", id="three parts of nothing"),
        pytest.param(lambda: forged() + "." + "x", "MALFORMED", id="four parts"),
        pytest.param(lambda: "x" * 8193, "MALFORMED", id="too long"),
        pytest.param(lambda: forged(kid=None), "UNKNOWN_KEY", id="no key id"),
        pytest.param(lambda: forged(kid="0" * 16), "UNKNOWN_KEY", id="key id of nobody"),
        pytest.param(lambda: forged(typ="JWT"), "MALFORMED", id="token of another type"),
        pytest.param(lambda: forged(typ=None), "MALFORMED", id="token of no type"),
        pytest.param(
            lambda: forged(key=derive("another secret of at least 32 characters", "access token")), "BAD_SIGNATURE", id="other key"
        ),
        pytest.param(lambda: forged(key=SECRET), "BAD_SIGNATURE", id="secret itself as key"),
        pytest.param(lambda: forged(key="", algorithm="none"), "BAD_SIGNATURE", id="algorithm none"),
        pytest.param(lambda: forged(key=derive(SECRET, "access token") * 2, algorithm="HS512"), "BAD_SIGNATURE", id="another algorithm"),
        pytest.param(lambda: forged(crit=["exp"]), "MALFORMED", id="critical extension"),
        pytest.param(lambda: forged({"iss": "somebody"}), "WRONG_ISSUER", id="wrong issuer"),
        pytest.param(lambda: forged({"iss": None}), "MALFORMED", id="no issuer"),
        pytest.param(lambda: forged({"aud": "somebody"}), "WRONG_AUDIENCE", id="wrong audience"),
        pytest.param(lambda: forged({"aud": None}), "MALFORMED", id="no audience"),
        pytest.param(lambda: forged({"exp": NOW}), "EXPIRED", id="expired"),
        pytest.param(lambda: forged({"exp": None}), "MALFORMED", id="no expiry"),
        pytest.param(lambda: forged({"exp": "soon"}), "MALFORMED", id="expiry in words"),
        pytest.param(lambda: forged({"iat": NOW + 31}), "NOT_YET_VALID", id="issued in the future"),
        pytest.param(lambda: forged({"nbf": NOW + 31}), "NOT_YET_VALID", id="not yet valid"),
        pytest.param(lambda: forged({"iat": None}), "MALFORMED", id="no instant of issue"),
        pytest.param(lambda: forged({"iat": "now"}), "MALFORMED", id="instant of issue in words"),
        pytest.param(lambda: forged({"jti": None}), "MALFORMED", id="no token id"),
        pytest.param(lambda: forged({"sid": None}), "MALFORMED", id="no session"),
        pytest.param(lambda: forged({"sid": "E" * 32}), "MALFORMED", id="session in capitals"),
        pytest.param(lambda: forged({"sub": "' OR 1=1 --"}), "MALFORMED", id="account of another shape"),
        pytest.param(lambda: forged({"workspace": None}), "MALFORMED", id="no workspace"),
        pytest.param(lambda: forged({"role": "GOD"}), "MALFORMED", id="unknown role"),
        pytest.param(lambda: forged({"role": None}), "MALFORMED", id="no role"),
        pytest.param(lambda: forged({"member": None, "client": CLIENT}), "MALFORMED", id="client with a role"),
        pytest.param(lambda: forged({"member": None, "role": None}), "MALFORMED", id="nobody"),
    ],
)
def test_a_token_that_is_not_ours_is_refused(token: Callable[[], str], code: str) -> None:
    reader = codec()
    assert refusal(reader, token()) == code
    assert len(reader._verified) == 0


def test_no_character_of_a_token_can_be_changed() -> None:
    token = codec().issue(STAFF)
    reader = codec()
    for place in range(len(token) - 1):  # the last character holds two bits that mean nothing
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert refusal(reader, changed) in {"MALFORMED", "UNKNOWN_KEY", "BAD_SIGNATURE"}, place


def test_a_secret_is_replaced_without_signing_anybody_out() -> None:
    """Given tokens of the old secret; when a new one is put in front; then both are read, and the new one signs."""
    old, new = SECRET, "second-secret-of-the-tests-123456789"
    before, during, after = codec(old), codec(new, old), codec(new)
    old_token, new_token = before.issue(STAFF), during.issue(STAFF)
    assert during.read(old_token) == during.read(new_token) == after.read(new_token)
    assert parts(new_token)[0]["kid"] == parts(after.issue(STAFF))[0]["kid"] != parts(old_token)[0]["kid"]
    assert refusal(after, old_token) == "UNKNOWN_KEY"


def test_a_remembered_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = codec()
    token = reader.issue(STAFF)
    first = reader.read(token)
    monkeypatch.setattr(jwt, "decode", lambda *_, **__: pytest.fail("verified again"))
    assert reader.read(token) is first


def test_only_so_many_tokens_are_remembered() -> None:
    reader = codec(remembered=2)
    tokens = [reader.issue(STAFF) for _ in range(3)]
    for token in tokens:
        reader.read(token)
    assert len(reader._verified) == 2
    assert reader._verified.get(tokens[0]) is None


def test_the_least_recently_used_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)


def test_a_warm_read_takes_microseconds() -> None:
    """A hundred times what it takes, so that a busy machine passes and a verification each time does not."""
    reader = codec()
    token = reader.issue(STAFF)
    reader.read(token)
    started = time.thread_time()
    for _ in range(1000):
        reader.read(token)
    assert time.thread_time() - started < 0.1


def test_keys_for_two_purposes_have_nothing_in_common() -> None:
    assert derive(SECRET, "access token") != derive(SECRET, "cursor")
    assert len(derive(SECRET, "cursor")) == 32


def test_a_refresh_token_leads_to_its_workspace_and_is_random() -> None:
    one, two = new_secret(WORKSPACE), new_secret(WORKSPACE)
    assert one != two
    assert len(one) == 64
    assert workspace_of_secret(one) == workspace_of_secret(two) == WORKSPACE
    assert len(hash_of(one)) == 64


@pytest.mark.parametrize("text", ["", "x" * 63, "x" * 65, "!" * 64, "x" * 63 + "\n", "é" * 64])
def test_what_is_no_refresh_token(text: str) -> None:
    assert workspace_of_secret(text) is None


def test_the_codes_are_a_closed_list() -> None:
    assert {code.value for code in BadTokenCode} == {
        "MALFORMED",
        "UNKNOWN_KEY",
        "BAD_SIGNATURE",
        "WRONG_ISSUER",
        "WRONG_AUDIENCE",
        "EXPIRED",
        "NOT_YET_VALID",
        "UNKNOWN_API_KEY",
    }
