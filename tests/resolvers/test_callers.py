"""The gate: who is still who their token says, status by status and row by row, on both engines."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, KeyScope, Role
from resolvers.callers import ANONYMOUS, Caller, CallerKind, Proof, fetch, gate, gate_sql
from storage.tables.clients import Client
from storage.tables.workspace import Account, ApiKey, ExternalIdentity, LoginSession, Member
from tests.people import People, some_id

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
ISSUER, SUBJECT = "https://id.example", "subject one"


async def row_of(people: People, caller: Caller, at: datetime = NOW) -> dict[str, object] | None:
    """Answer of the gate through a reader, which must be the answer inside a transaction too."""
    sql, parameters = gate_sql(caller, people.database.dialect, at)
    async with people.database.read() as reader:
        rows = await fetch(reader, sql, parameters)
    async with people.database.write() as session:
        inside = await gate(session, caller, at)
    assert [tuple(row) for row in rows] == ([] if inside is None else [tuple(inside.values())])
    return dict(inside) if inside is not None else None


async def session_of(people: People, person: Member | Client) -> tuple[Caller, LoginSession]:
    assert person.account_id is not None
    login = LoginSession(workspace_id=person.workspace_id, account_id=person.account_id, expires_at=LATER)
    login.member_id, login.client_id = (person.id, None) if isinstance(person, Member) else (None, person.id)
    await people.add(login)
    return caller_of(person, Proof.SESSION, login.id.hex), login


def caller_of(person: Member | Client, proof: Proof, proof_id: str) -> Caller:
    staff = isinstance(person, Member)
    assert person.account_id is not None
    return Caller(
        kind=CallerKind.STAFF if staff else CallerKind.CLIENT,
        workspace=person.workspace_id.hex,
        account=person.account_id.hex,
        member=person.id.hex if staff else None,
        client=None if staff else person.id.hex,
        role=person.role if isinstance(person, Member) else None,
        proof=proof,
        proof_id=proof_id,
        expires_at=LATER.timestamp(),
    )


async def staff(people: People, role: Role = Role.COACH) -> tuple[Caller, LoginSession, Member]:
    member = await people.member(await people.workspace("north"), role)
    caller, login = await session_of(people, member)
    return caller, login, member


async def client(people: People, status: ClientStatus = ClientStatus.ACTIVE, **changed: Any) -> tuple[Caller, LoginSession, Client]:
    coach = await people.member(await people.workspace("north"), Role.COACH)
    person = await people.client(coach, status, **changed)
    caller, login = await session_of(people, person)
    return caller, login, person


async def test_the_text_is_the_same_on_both_engines(people: People) -> None:
    caller, _, _ = await staff(people)
    (on_sqlite, of_sqlite), (on_postgresql, of_postgresql) = gate_sql(caller, "sqlite", NOW), gate_sql(caller, "postgresql", NOW)
    assert on_sqlite == on_postgresql
    assert of_sqlite | {"now": None} == of_postgresql | {"now": None}
    assert of_postgresql["now"] == NOW
    assert of_sqlite["now"] == NOW.strftime("%Y-%m-%d %H:%M:%S.%f")


def test_nobody_has_no_gate() -> None:
    with pytest.raises(KeyError):
        gate_sql(ANONYMOUS, "sqlite")


@pytest.mark.parametrize("role", list(Role))
async def test_a_member_of_each_role_passes_with_the_role(people: People, role: Role) -> None:
    caller, _, _ = await staff(people, role)
    assert await row_of(people, caller) == {"role": role.value}


ENTRY = {
    **{(status, mode): True for status in (ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.BUYER) for mode in AccessMode},
    **{(ClientStatus.PROSPECT, mode): False for mode in AccessMode},
    (ClientStatus.INACTIVE, AccessMode.NONE): False,
    (ClientStatus.INACTIVE, AccessMode.PURCHASED_CONTENT): True,
    (ClientStatus.INACTIVE, AccessMode.READ_ONLY): True,
    (ClientStatus.INACTIVE, AccessMode.PAY_ONLY): False,
}


@pytest.mark.req("C3", "C7", "C12b", "C16", "C20")
async def test_a_client_passes_by_status_access_mode_and_data_state(people: People) -> None:
    """Every cell of the first row of the access matrix."""
    assert len(ENTRY) == len(ClientStatus) * len(AccessMode)
    caller, _, person = await client(people)
    for (status, mode), may_enter in ENTRY.items():
        for state in DataState:
            await people.change(Client, person, status=status, access_mode=mode, data_state=state)
            stored = may_enter and state in {DataState.PRESENT, DataState.HISTORY_DELETED}
            expected = {"status": status.value, "access_mode": mode.value, "data_state": state.value} if stored else None
            assert await row_of(people, caller) == expected, (status, mode, state)


@pytest.mark.parametrize(("until", "passes"), [(None, True), (LATER, True), (NOW, False), (NOW - timedelta(microseconds=1), False)])
async def test_the_access_of_an_inactive_client_ends_at_its_instant(people: People, until: datetime | None, passes: bool) -> None:
    caller, _, _ = await client(people, ClientStatus.INACTIVE, access_mode=AccessMode.READ_ONLY, access_until=until)
    assert (await row_of(people, caller) is not None) is passes


async def test_an_end_of_access_means_nothing_to_an_active_client(people: People) -> None:
    caller, _, _ = await client(people, ClientStatus.ACTIVE, access_until=NOW - timedelta(days=1))
    assert await row_of(people, caller) is not None


async def revoke_session(people: People, login: LoginSession, person: Any) -> None:
    await people.change(LoginSession, login, revoked_at=NOW)


async def expire_session(people: People, login: LoginSession, person: Any) -> None:
    await people.change(LoginSession, login, expires_at=NOW)


async def disable_account(people: People, login: LoginSession, person: Any) -> None:
    async with people.database.write() as session:
        account = await session.get(Account, person.account_id)
        assert account is not None
        account.disabled_at = NOW
        session.add(account)


async def leave(people: People, login: LoginSession, person: Any) -> None:
    await people.change(Member, person, left_at=NOW)


async def change_role(people: People, login: LoginSession, person: Any) -> None:
    await people.change(Member, person, role=Role.ANALYST)


async def unlink_account(people: People, login: LoginSession, person: Any) -> None:
    await people.change(Client, person, account_id=None)


async def link_another_account(people: People, login: LoginSession, person: Any) -> None:
    await people.change(Client, person, account_id=(await people.account("somebody else")).id)


Change = Callable[[People, LoginSession, Any], Awaitable[None]]


@pytest.mark.parametrize("change", [revoke_session, expire_session, disable_account, leave, change_role])
async def test_a_member_is_stopped_at_once(people: People, change: Change) -> None:
    caller, login, member = await staff(people)
    assert await row_of(people, caller) == {"role": "COACH"}
    await change(people, login, member)
    assert await row_of(people, caller) is None


@pytest.mark.parametrize("change", [revoke_session, expire_session, disable_account, unlink_account, link_another_account])
async def test_a_client_is_stopped_at_once(people: People, change: Change) -> None:
    caller, login, person = await client(people)
    assert await row_of(people, caller) is not None
    await change(people, login, person)
    assert await row_of(people, caller) is None


def with_other(caller: Caller, name: str, value: str) -> Caller:
    changed: dict[str, Any] = {name: value}
    return replace(caller, **changed)


async def test_no_part_of_a_proof_can_be_exchanged(people: People) -> None:
    """Given two members in two workspaces, with a session each; a caller mixed from both passes nowhere."""
    one, _, member = await staff(people)
    south = await people.workspace("south")
    other, _ = await session_of(people, await people.member(south, Role.COACH))
    for name in ("workspace", "account", "member", "proof_id"):
        for value in (getattr(other, name), some_id()):
            assert await row_of(people, with_other(one, name, value)) is None, name
    assert await row_of(people, replace(one, role=Role.OWNER)) is None
    assert await row_of(people, replace(one, proof=Proof.API_KEY)) is None
    assert await row_of(people, replace(one, kind=CallerKind.CLIENT, client=member.id.hex)) is None
    assert await row_of(people, one) == {"role": "COACH"}


async def test_a_session_of_one_client_is_no_proof_for_another(people: People) -> None:
    one, _, person = await client(people)
    async with people.database.write() as session:
        coach = await session.get_one(Member, (person.workspace_id, person.coach_id))
    other, _ = await session_of(people, await people.client(coach, ClientStatus.ACTIVE))
    for name in ("account", "client", "proof_id"):
        assert await row_of(people, with_other(one, name, getattr(other, name))) is None, name


@pytest.mark.parametrize("ended", [{"revoked_at": NOW}, {"expires_at": NOW}])
async def test_an_api_key_passes_until_it_ends(people: People, ended: dict[str, datetime]) -> None:
    member = await people.member(await people.workspace("north"), Role.ASSISTANT)
    key = ApiKey(
        workspace_id=member.workspace_id, member_id=member.id, name="crm", scope=KeyScope.READ, prefix="0" * 12, secret_hash="0" * 64
    )
    await people.add(key)
    caller = caller_of(member, Proof.API_KEY, key.id.hex)
    assert await row_of(people, caller) == {"role": "ASSISTANT"}
    await people.change(ApiKey, key, expires_at=LATER)
    assert await row_of(people, caller) == {"role": "ASSISTANT"}
    await people.change(ApiKey, key, **ended)
    assert await row_of(people, caller) is None


async def test_an_api_key_ends_with_its_member(people: People) -> None:
    member = await people.member(await people.workspace("north"), Role.ASSISTANT)
    key = ApiKey(
        workspace_id=member.workspace_id, member_id=member.id, name="crm", scope=KeyScope.READ, prefix="0" * 12, secret_hash="0" * 64
    )
    await people.add(key)
    caller = caller_of(member, Proof.API_KEY, key.id.hex)
    await people.change(Member, member, left_at=NOW)
    assert await row_of(people, caller) is None


async def test_an_external_identity_passes_while_it_stands_for_the_account(people: People) -> None:
    north = await people.workspace("north")
    member = await people.member(north, Role.COACH)
    person = await people.client(member, ClientStatus.ACTIVE)
    somebodies: list[Member | Client] = [member, person]
    for number, somebody in enumerate(somebodies):
        subject = f"{SUBJECT} {number}"
        assert somebody.account_id is not None
        await people.add(ExternalIdentity(issuer=ISSUER, subject=subject, account_id=somebody.account_id))
        caller = caller_of(somebody, Proof.IDENTITY, f"{ISSUER} {subject}")
        assert await row_of(people, caller) is not None
        assert await row_of(people, replace(caller, proof_id=f"{ISSUER} another")) is None
        assert await row_of(people, replace(caller, proof_id=f"https://other.example {subject}")) is None


async def test_the_gate_scans_nothing(people: People) -> None:
    """Each of the three steps finds its row by an index; what SQLite plans without statistics holds for any number of rows."""
    caller, _, member = await staff(people)
    person, _ = await session_of(people, await people.client(member, ClientStatus.ACTIVE))
    for who in (caller, replace(caller, proof=Proof.API_KEY), replace(caller, proof=Proof.IDENTITY), person):
        sql, parameters = gate_sql(who, people.database.dialect, NOW)
        async with people.database.read() as reader:
            plan = await fetch(reader, f"EXPLAIN {'QUERY PLAN ' if reader.dialect == 'sqlite' else ''}{sql}", parameters)
        steps = [str(step[-1]).strip(" ->") for step in plan]
        steps = [step for step in steps if not step.startswith("CORRELATED")]  # what is left to a buyer
        tables = 3 if who is not person else 7
        found_by_index = [step for step in steps if step.startswith(("SEARCH", "Index"))]
        assert people.database.dialect == "postgresql" or (len(found_by_index) == len(steps) == tables), steps
        assert not [step for step in steps if step.startswith("SCAN")], steps


@pytest.mark.parametrize(
    ("kind", "ids", "actor"),
    [
        (CallerKind.STAFF, {"member": "ab" * 16}, "member:" + "ab" * 16),
        (CallerKind.CLIENT, {"client": "cd" * 16}, "client:" + "cd" * 16),
        (CallerKind.ANONYMOUS, {}, "anonymous"),
    ],
)
def test_an_actor_is_an_opaque_id(kind: CallerKind, ids: dict[str, str], actor: str) -> None:
    changed: dict[str, Any] = {"kind": kind, **ids}
    assert replace(ANONYMOUS, **changed).actor == actor
