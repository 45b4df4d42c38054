"""API keys: made by a signed-in member, read by prefix and hash, ended by their member or an owner."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final

import pytest
import time_machine
from sqlmodel import select

from lifecycle.problems import Problem
from lifecycle.vocabulary import ClientStatus, KeyScope, Role
from resolvers.api_key_acts import NewApiKey, create_api_key, revoke_api_key
from resolvers.api_keys import ApiKeys
from resolvers.callers import ANONYMOUS, Caller, CallerKind, Proof, gate
from resolvers.tokens import BadToken, hash_of
from storage.database import Database
from storage.tables.operations import AuditEvent
from storage.tables.workspace import ApiKey, Member
from tests.people import People, some_id
from tests.resolvers.test_callers import session_of

NOW: Final = datetime.now(UTC).replace(microsecond=0)


async def member(people: People, role: Role = Role.COACH, slug: str = "north") -> tuple[Caller, Member]:
    row = await people.member(await people.workspace(slug), role)
    return (await session_of(people, row))[0], row


async def made(people: People, caller: Caller, name: str = "crm", expires_at: datetime | None = None) -> NewApiKey:
    key = await create_api_key(people.database, caller, name, expires_at, at=NOW)
    assert isinstance(key, NewApiKey)
    return key


def code(answer: object) -> str:
    assert isinstance(answer, Problem)
    return answer.code.value


async def test_a_key_acts_as_the_member_who_made_it(people: People) -> None:
    caller, row = await member(people)
    key = await made(people, caller, "  crm ")
    prefix = key.row.prefix
    assert key.key.startswith(f"ptc_{prefix}_")
    assert len(key.key) == 4 + 12 + 1 + 43
    async with people.database.write() as session:
        stored = (await session.exec(select(ApiKey))).one()
    assert (stored.name, stored.prefix, stored.secret_hash) == ("crm", prefix, hash_of(key.key))
    assert (stored.member_id, stored.created_at, stored.expires_at) == (row.id, NOW, NOW + timedelta(days=365))
    read = await ApiKeys(people.database).read(key.key)
    until = (NOW + timedelta(days=365)).timestamp()
    assert read == replace(caller, proof=Proof.API_KEY, proof_id=stored.id.hex, expires_at=until, scope=KeyScope.READ)
    async with people.database.write() as session:
        assert await gate(session, read, NOW) == {"role": "COACH"}
    assert await people.audit() == [("north", "api_key_created", f"member:{row.id.hex}", "api_key", stored.id)]


@pytest.mark.parametrize(
    ("name", "expires_at", "path"),
    [
        ("", None, "name"),
        ("   ", None, "name"),
        ("x" * 101, None, "name"),
        ("a\nb", None, "name"),
        ("nul\x00", None, "name"),
        ("crm", NOW, "expiresAt"),
        ("crm", NOW - timedelta(days=1), "expiresAt"),
        ("crm", NOW + timedelta(days=3 * 365, seconds=1), "expiresAt"),
        ("crm", datetime(2030, 1, 1), "expiresAt"),  # noqa: DTZ001 - without a zone, on purpose
    ],
)
async def test_a_bad_name_or_end_makes_no_key(people: People, name: str, expires_at: datetime | None, path: str) -> None:
    caller, _ = await member(people)
    state = await people.everything()
    answer = await create_api_key(people.database, caller, name, expires_at, at=NOW)
    assert code(answer) == "INVALID_INPUT"
    assert isinstance(answer, Problem)
    assert answer.path == ("input", path)
    assert await people.everything() == state


@pytest.mark.parametrize("scope", KeyScope)
async def test_a_key_has_the_scope_that_was_asked_for(people: People, scope: KeyScope) -> None:
    caller, _ = await member(people)
    made = await create_api_key(people.database, caller, "crm", scope=scope, at=NOW)
    assert isinstance(made, NewApiKey)
    assert (made.row.scope, (await ApiKeys(people.database).read(made.key)).scope) == (scope, scope)
    async with people.database.write() as session:
        assert [event.after for event in (await session.exec(select(AuditEvent))).all()] == [scope]


async def test_only_a_member_with_a_live_session_makes_or_ends_keys(people: People) -> None:
    caller, row = await member(people)
    key = await made(people, caller)
    by_key = await ApiKeys(people.database).read(key.key)
    client = (await session_of(people, await people.client(row, ClientStatus.ACTIVE)))[0]
    role_of_before = replace(caller, role=Role.OWNER)
    state = await people.everything()
    for who in (ANONYMOUS, by_key, client, role_of_before, replace(caller, proof_id=some_id())):
        assert code(await create_api_key(people.database, who, "crm", at=NOW)) == "NOT_SIGNED_IN"
        assert code(await revoke_api_key(people.database, who, key.row.id.hex, at=NOW)) == "NOT_SIGNED_IN"
    assert await people.everything() == state


async def test_a_revoked_key_is_refused_at_once_though_it_is_remembered(people: People) -> None:
    caller, row = await member(people)
    key, keys = await made(people, caller), ApiKeys(people.database)
    read = await keys.read(key.key)
    revoked = await revoke_api_key(people.database, caller, key.row.id.hex, at=NOW)
    assert isinstance(revoked, ApiKey)
    assert revoked.revoked_at == NOW
    assert await keys.read(key.key) == read
    async with people.database.write() as session:
        assert await gate(session, read, NOW) is None
    assert [event[1] for event in await people.audit()] == ["api_key_created", "api_key_revoked"]
    state = await people.everything()
    again = await revoke_api_key(people.database, caller, key.row.id.hex, at=NOW + timedelta(minutes=1))
    assert isinstance(again, ApiKey)
    assert again.revoked_at == NOW
    assert await people.everything() == state
    assert row.id == revoked.member_id


async def test_a_key_of_others_is_the_same_as_none(people: People) -> None:
    """Given keys of a colleague and of another workspace; then only an owner of the same workspace may end the colleague's."""
    coach, row = await member(people)
    key = await made(people, coach)
    north = await people.member_of(row, Role.OWNER)
    colleague = await people.member_of(row, Role.ASSISTANT)
    owner, assistant = (await session_of(people, north))[0], (await session_of(people, colleague))[0]
    stranger, _ = await member(people, Role.OWNER, "south")
    state = await people.everything()
    answers = [
        await revoke_api_key(people.database, who, key_id, at=NOW)
        for who, key_id in ((assistant, key.row.id.hex), (stranger, key.row.id.hex), (owner, some_id()), (owner, None))
    ]
    assert {code(answer) for answer in answers} == {"NOT_FOUND"}
    assert len(set(answers)) == 1
    assert await people.everything() == state
    assert isinstance(await revoke_api_key(people.database, owner, key.row.id.hex, at=NOW), ApiKey)


async def refusal(keys: ApiKeys, key: str) -> str:
    with pytest.raises(BadToken) as caught:
        await keys.read(key)
    assert caught.value.args == (caught.value.code.value,)
    return caught.value.code.value


async def test_what_is_no_key(people: People) -> None:
    caller, _ = await member(people)
    good = (await made(people, caller)).key
    other = (await made(people, caller)).key
    keys = ApiKeys(people.database)
    last = "A" if good[-1] != "A" else "B"
    mixed = good[:17] + other[17:]
    assert await refusal(keys, good[:-1] + last) == "UNKNOWN_API_KEY"
    assert await refusal(keys, mixed) == "UNKNOWN_API_KEY"
    assert await refusal(keys, "ptc_" + "0" * 12 + good[16:]) == "UNKNOWN_API_KEY"
    for text in ("ptc_", "ptc__", good + "x", good[:-1], good + "\n", "ptc_" + "é" * 12 + good[16:], "ptc_\x00"):
        assert await refusal(keys, text) == "MALFORMED", text


async def test_a_key_ends_at_its_instant_also_when_it_is_remembered(people: People) -> None:
    caller, _ = await member(people)
    key, keys = await made(people, caller, expires_at=NOW + timedelta(days=1)), ApiKeys(people.database)
    await keys.read(key.key)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert await refusal(keys, key.key) == "EXPIRED"


class CountingDatabase:
    """Database that counts how often somebody reads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.reads = 0

    def read(self) -> Any:
        self.reads += 1
        return self.database.read()


async def test_a_key_is_looked_up_once_a_minute_and_when_it_was_forgotten(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, row = await member(people)
    key = (await made(people, caller)).key
    counting: Any = CountingDatabase(people.database)
    keys = ApiKeys(counting)
    assert [(await keys.read(key)).role for _ in range(3)] == [Role.COACH] * 3
    assert counting.reads == 1
    await people.change(Member, row, role=Role.ANALYST)
    assert (await keys.read(key)).role is Role.COACH
    keys.forget(key)
    assert (await keys.read(key)).role is Role.ANALYST
    assert counting.reads == 2
    for clock_says in (timedelta(hours=-1), timedelta(days=1)):  # a minute is one whatever the clock is set to
        with time_machine.travel(datetime.now(UTC) + clock_says):
            assert (await keys.read(key)).kind is CallerKind.STAFF
    assert counting.reads == 2
    later = monotonic() + 61
    monkeypatch.setattr("resolvers.api_keys.monotonic", lambda: later)
    assert (await keys.read(key)).kind is CallerKind.STAFF
    assert counting.reads == 3
