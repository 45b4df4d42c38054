"""Signing in, refreshing, signing out: the answers, the traces they leave, and that a refusal changes nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlmodel import select

from lifecycle.vocabulary import AccessMode, ClientStatus, Role
from resolvers.afterwards import settle
from resolvers.callers import ANONYMOUS, Caller, CallerKind, Proof, gate
from resolvers.sessions import SignInResult, refresh, revoke_client_sessions, sign_in, sign_out
from resolvers.tokens import new_secret
from resolvers.tries import BY_ACCOUNT, BY_ADDRESS, WINDOW, Tries
from storage.counters import Memory
from storage.tables.clients import Client
from storage.tables.operations import AuditEvent
from storage.tables.workspace import Account, LoginSession, Member, RefreshToken
from tests.people import PASSWORD, People, codec, quick_passwords, some_id

CODEC: Final = codec()
NOW: Final = datetime.now(UTC).replace(microsecond=0)


async def enter(people: People, username: str, password: str = PASSWORD, workspace: str | None = None, **more: Any) -> SignInResult:
    result = await sign_in(people.database, CODEC, username, password, workspace, passwords=people.passwords, at=NOW, **more)
    await settle()
    return result


def codes(result: SignInResult) -> list[str]:
    assert (result.tokens is None) is bool(result.problems)
    return [problem.code.value for problem in result.problems]


def caller_of(result: SignInResult) -> Caller:
    assert result.tokens is not None
    return CODEC.read(result.tokens.access_token)


async def is_live(people: People, caller: Caller, at: datetime = NOW) -> bool:
    async with people.database.write() as session:
        return await gate(session, caller, at) is not None


async def north(people: People, role: Role = Role.COACH) -> Member:
    return await people.member(await people.workspace("north"), role)


async def test_a_member_signs_in(people: People) -> None:
    member = await north(people)
    result = await enter(people, "coach@north.example", request_id="r1")
    caller = caller_of(result)
    assert codes(result) == []
    assert (caller.kind, caller.role, caller.proof) == (CallerKind.STAFF, Role.COACH, Proof.SESSION)
    assert (caller.workspace, caller.account, caller.member, caller.client) == (
        member.workspace_id.hex,
        member.account_id.hex,
        member.id.hex,
        None,
    )
    assert await is_live(people, caller)
    async with people.database.write() as session:
        login = (await session.exec(select(LoginSession))).one()
        link = (await session.exec(select(RefreshToken))).one()
        event = (await session.exec(select(AuditEvent))).one()
    assert (login.id.hex, login.member_id, login.client_id) == (caller.proof_id, member.id, None)
    assert (login.created_at, login.expires_at, login.revoked_at) == (NOW, NOW + timedelta(days=30), None)
    assert (link.session_id, link.expires_at, link.used_at) == (login.id, NOW + timedelta(days=14), None)
    assert result.tokens is not None
    assert result.tokens.refresh_token not in link.token_hash
    assert (event.action, event.actor, event.subject_kind, event.subject_id) == (
        "sign_in",
        f"member:{member.id.hex}",
        "login_session",
        login.id,
    )
    assert (event.at, event.request_id, event.reason, event.detail) == (NOW, "r1", None, "{}")


async def test_the_username_is_found_in_any_case(people: People) -> None:
    await north(people)
    assert codes(await enter(people, "  Coach@North.Example ")) == []


@pytest.mark.req("C3", "C12b", "C20")
@pytest.mark.parametrize("status", [ClientStatus.ACTIVE, ClientStatus.HOT_LEAD, ClientStatus.BUYER])
async def test_a_client_signs_in(people: People, status: ClientStatus) -> None:
    person = await people.client(await north(people), status)
    caller = caller_of(await enter(people, "client1"))
    assert (caller.kind, caller.client, caller.member, caller.role) == (CallerKind.CLIENT, person.id.hex, None, None)
    assert await is_live(people, caller)


@pytest.mark.req("C7", "C16")
@pytest.mark.parametrize(
    "closed",
    [
        {"status": ClientStatus.PROSPECT},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.NONE},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.PAY_ONLY},
        {"status": ClientStatus.INACTIVE, "access_mode": AccessMode.READ_ONLY, "access_until": NOW},
    ],
)
async def test_a_person_to_whom_nothing_is_open_is_told_so_after_the_right_password(people: People, closed: dict[str, Any]) -> None:
    person = await people.client(await north(people), **closed)
    assert codes(await enter(people, "client1", "wrong")) == ["WRONG_CREDENTIALS"]
    assert codes(await enter(people, "client1")) == ["NO_ACCESS"]
    assert await people.count(LoginSession, RefreshToken) == [0, 0]
    assert await people.audit() == [
        ("north", "sign_in_failed", "anonymous", "account", person.account_id),
        ("north", "sign_in_refused", "anonymous", "account", person.account_id),
    ]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("coach@north.example", "wrong"),
        ("coach@north.example", ""),
        ("coach@north.example", PASSWORD.upper()),
        ("coach@north.example", "x" * 100_000),
        ("coach@north.example", "\ud800"),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("nul\x00", PASSWORD),
        ("half \ud800", PASSWORD),
        ("x" * 321, PASSWORD),
        ("no password", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ],
)
async def test_every_wrong_sign_in_gets_one_answer_for_the_same_work(people: People, username: str, password: str) -> None:
    """Timing is compared by what costs time: one verification each, no statement that the others do not run before the answer."""
    await north(people)
    await people.account("no password", None)
    before = people.passwords.verifications
    state = await people.everything()
    result = await sign_in(people.database, CODEC, username, password, passwords=people.passwords, at=NOW)
    assert people.passwords.verifications - before == 1
    assert result == SignInResult(problems=result.problems)
    assert [(p.code.value, p.message, p.path) for p in result.problems] == [
        ("WRONG_CREDENTIALS", "Username and password do not belong together.", ("input",))
    ]
    await settle()
    known = username == "coach@north.example"
    assert [event[:4] for event in await people.audit()] == ([("north", "sign_in_failed", "anonymous", "account")] if known else [])
    assert len(await people.everything()) == len(state) + known


async def test_a_disabled_account_has_no_access(people: People) -> None:
    member = await north(people)
    async with people.database.write() as session:
        account = await session.get(Account, member.account_id)
        assert account is not None
        account.disabled_at = NOW
        session.add(account)
    assert codes(await enter(people, "coach@north.example")) == ["NO_ACCESS"]
    assert await people.count(LoginSession) == [0]


async def test_a_member_who_left_has_no_access(people: People) -> None:
    await people.change(Member, await north(people), left_at=NOW)
    assert codes(await enter(people, "coach@north.example")) == ["NO_ACCESS"]
    assert await people.count(LoginSession) == [0]


async def several(people: People) -> tuple[Member, Member, Client]:
    """Account that is a coach in `north`, an analyst in `south`, and there a client as well."""
    coach = await north(people)
    south = await people.workspace("south")
    async with people.database.write() as session:
        account = (await session.exec(select(Account))).one()
    analyst = await people.member(south, Role.ANALYST, account)
    return coach, analyst, await people.client(await people.member(south, Role.COACH), ClientStatus.ACTIVE, account)


async def test_a_person_known_in_several_places_chooses(people: People) -> None:
    """Given a coach in one workspace who is analyst and client in another; then the choices are told, after the right password only."""
    coach, analyst, person = await several(people)
    username = "coach@north.example"
    assert await enter(people, username, "wrong") == SignInResult(problems=(await enter(people, "nobody")).problems)
    result = await enter(people, username)
    assert codes(result) == ["CHOOSE_WORKSPACE"]
    assert [(choice.slug, choice.name, choice.kind.value) for choice in result.choices] == [
        ("north", "Workspace north", "STAFF"),
        ("south", "Workspace south", "STAFF"),
        ("south", "Workspace south", "CLIENT"),
    ]
    assert await people.count(LoginSession) == [0]
    assert caller_of(await enter(people, username, workspace="north")).member == coach.id.hex
    assert caller_of(await enter(people, username, workspace=coach.workspace_id.hex)).member == coach.id.hex
    assert caller_of(await enter(people, username, workspace=str(coach.workspace_id))).member == coach.id.hex
    assert [choice.kind.value for choice in (await enter(people, username, workspace="south")).choices] == ["STAFF", "CLIENT"]
    assert caller_of(await enter(people, username, workspace="south", kind=CallerKind.STAFF)).member == analyst.id.hex
    assert caller_of(await enter(people, username, kind=CallerKind.CLIENT)).client == person.id.hex


async def test_a_workspace_of_others_is_the_same_as_none(people: People) -> None:
    await north(people)
    await people.workspace("south")
    state = await people.everything()
    answers = [await enter(people, "coach@north.example", workspace=name) for name in ("south", "nowhere", some_id())]
    assert [codes(answer) for answer in answers] == [["NO_ACCESS"]] * 3
    assert answers[0] == answers[1] == answers[2]
    assert await people.everything() == state


async def test_a_failure_is_told_to_every_workspace_that_knows_the_account(people: People) -> None:
    await several(people)
    await enter(people, "coach@north.example", "wrong")
    assert sorted(event[:2] for event in await people.audit()) == [("north", "sign_in_failed"), ("south", "sign_in_failed")]
    await enter(people, "coach@north.example", "wrong", workspace="south")
    assert [event[0] for event in await people.audit()].count("north") == 1


async def test_no_audit_event_holds_a_username(people: People) -> None:
    await people.client(await north(people), ClientStatus.ACTIVE)
    for password in (PASSWORD, "wrong"):
        await enter(people, "coach@north.example", password)
        await enter(people, "client1", password)
    async with people.database.write() as session:
        written = [repr(event) for event in (await session.exec(select(AuditEvent))).all()]
    assert len(written) == 4
    assert not [text for text in written if "coach@" in text or "client1" in text or PASSWORD in text]


async def test_an_outdated_hash_is_made_anew_by_the_right_password_only(people: People) -> None:
    member = await north(people)
    newer = quick_passwords(rounds=2)

    async def stored() -> str:
        async with people.database.write() as session:
            account = await session.get(Account, member.account_id)
        assert account is not None
        return str(account.password_hash)

    old = await stored()
    await sign_in(people.database, CODEC, "coach@north.example", "wrong", passwords=newer)
    await settle()
    assert await stored() == old
    await sign_in(people.database, CODEC, "coach@north.example", PASSWORD, passwords=newer)
    assert "$m=8,t=2,p=1$" in await stored()
    assert codes(await enter(people, "coach@north.example")) == []


async def test_a_full_pool_asks_to_come_back(people: People) -> None:
    await north(people)
    state = await people.everything()
    full = quick_passwords(threads=1, waiting=-1)
    answers = [await sign_in(people.database, CODEC, name, PASSWORD, passwords=full) for name in ("coach@north.example", "nobody")]
    assert [codes(answer) for answer in answers] == [["TRY_LATER"], ["TRY_LATER"]]
    assert await people.everything() == state


async def test_too_many_wrong_passwords_from_one_place_close_it_there_and_nowhere_else(people: People) -> None:
    await north(people)
    now = 600_000.0
    tries = Tries(Memory(), b"secret", lambda: now)

    async def attempt(username: str, password: str, address: str) -> list[str]:
        return codes(await enter(people, username, password, tries=tries, address=address))

    for username in ("coach@north.example", "nobody"):  # the same for an account that nobody has
        for _ in range(BY_ACCOUNT):
            assert await attempt(username, "wrong", "1.1.1.1") == ["WRONG_CREDENTIALS"]
        state = await people.everything()
        assert await attempt(username, "wrong", "1.1.1.1") == ["TRY_LATER"]
        assert await attempt(username, PASSWORD, "1.1.1.1") == ["TRY_LATER"]
        assert await attempt(f" {username.upper()} ", PASSWORD, "1.1.1.1") == ["TRY_LATER"]
        assert await people.everything() == state
    for _ in range(2 * BY_ACCOUNT):  # good ones do not count, and who comes from elsewhere is let in
        assert await attempt("coach@north.example", PASSWORD, "2.2.2.2") == []
    now += WINDOW
    assert await attempt("coach@north.example", PASSWORD, "1.1.1.1") == []


async def test_one_place_may_not_try_many_accounts(people: People) -> None:
    await north(people)
    tries = Tries(Memory(), b"secret", lambda: 600_000.0)
    for number in range(BY_ADDRESS):
        await tries.begin(f"somebody-{number}", "1.1.1.1")

    answer = await enter(people, "coach@north.example", tries=tries, address="1.1.1.1")

    assert codes(answer) == ["TRY_LATER"]


# --- refreshing ---


async def again(people: People, token: str, at: datetime = NOW) -> SignInResult:
    return await refresh(people.database, CODEC, token, at=at)


def refresh_token(result: SignInResult) -> str:
    assert result.tokens is not None
    return result.tokens.refresh_token


async def test_a_refresh_gives_new_tokens_of_the_same_session(people: People) -> None:
    await north(people)
    first = await enter(people, "coach@north.example")
    second = await again(people, refresh_token(first))
    third = await again(people, refresh_token(second))
    assert caller_of(first).proof_id == caller_of(second).proof_id == caller_of(third).proof_id
    assert len({refresh_token(result) for result in (first, second, third)}) == 3
    assert await people.count(LoginSession, RefreshToken) == [1, 3]


async def test_a_second_use_ends_the_session_for_both(people: People) -> None:
    """Given a token that was used; when it is used again, by the thief or by the owner; then the whole session is dead at once."""
    member = await north(people)
    first = await enter(people, "coach@north.example")
    other = await enter(people, "coach@north.example")
    second = await again(people, refresh_token(first))
    assert await is_live(people, caller_of(second))
    assert codes(await again(people, refresh_token(first))) == ["REFRESH_TOKEN_REUSED"]
    assert not await is_live(people, caller_of(first))
    assert not await is_live(people, caller_of(second))
    assert codes(await again(people, refresh_token(second))) == ["REFRESH_TOKEN_INVALID"]
    assert codes(await again(people, refresh_token(first))) == ["REFRESH_TOKEN_INVALID"]
    assert await is_live(people, caller_of(other))
    assert [event[1:3] for event in await people.audit()][-1] == ("refresh_reused", f"member:{member.id.hex}")
    async with people.database.write() as session:
        reasons = {login.revoked_reason for login in (await session.exec(select(LoginSession))).all()}
    assert reasons == {None, "refresh token reused"}


async def test_of_two_uses_at_once_one_wins_and_the_session_ends(people: People) -> None:
    await north(people)
    token = refresh_token(await enter(people, "coach@north.example"))
    answers = [codes(result) for result in await asyncio.gather(again(people, token), again(people, token))]
    assert sorted(answers) == [[], ["REFRESH_TOKEN_REUSED"]]
    assert await people.count(RefreshToken) == [2]


async def test_what_is_no_refresh_token_changes_nothing(people: People) -> None:
    member = await north(people)
    result = await enter(people, "coach@north.example")
    good = refresh_token(result)
    assert result.tokens is not None
    south = await people.workspace("south")
    state = await people.everything()
    bad = ["", "x", good[:-1], good[:-1] + ("A" if good[-1] != "A" else "B"), "é" * 64, "\ud800" * 64, result.tokens.access_token]
    bad += [new_secret(member.workspace_id.hex), new_secret(south.id.hex), new_secret(some_id())]
    for token in bad:
        assert codes(await again(people, token)) == ["REFRESH_TOKEN_INVALID"], token
    assert await people.everything() == state


@pytest.mark.parametrize("at", [NOW + timedelta(days=14), NOW + timedelta(days=40)])
async def test_an_old_refresh_token_changes_nothing(people: People, at: datetime) -> None:
    await north(people)
    token = refresh_token(await enter(people, "coach@north.example"))
    state = await people.everything()
    assert codes(await again(people, token, at)) == ["REFRESH_TOKEN_INVALID"]
    assert await people.everything() == state
    assert codes(await again(people, token, NOW + timedelta(days=14, microseconds=-1))) == []


async def test_no_refresh_outlives_the_session(people: People) -> None:
    await north(people)
    result = await enter(people, "coach@north.example")
    for days in (10, 20, 29):
        result = await again(people, refresh_token(result), NOW + timedelta(days=days))
    async with people.database.write() as session:
        ends = sorted(link.expires_at for link in (await session.exec(select(RefreshToken))).all())
    assert ends == [NOW + timedelta(days=days) for days in (14, 24, 30, 30)]
    assert codes(await again(people, refresh_token(result), NOW + timedelta(days=30))) == ["REFRESH_TOKEN_INVALID"]


async def test_a_refresh_brings_the_role_of_today(people: People) -> None:
    member = await north(people)
    first = await enter(people, "coach@north.example")
    await people.change(Member, member, role=Role.ASSISTANT)
    assert not await is_live(people, caller_of(first))
    second = caller_of(await again(people, refresh_token(first)))
    assert second.role is Role.ASSISTANT
    assert await is_live(people, second)


@pytest.mark.req("C7")
async def test_a_closed_door_stops_the_refresh_and_uses_nothing_up(people: People) -> None:
    person = await people.client(await north(people), ClientStatus.ACTIVE)
    token = refresh_token(await enter(people, "client1"))
    await people.change(Client, person, status=ClientStatus.INACTIVE)
    state = await people.everything()
    assert codes(await again(people, token)) == ["NO_ACCESS"]
    assert await people.everything() == state
    await people.change(Client, person, status=ClientStatus.ACTIVE)
    assert codes(await again(people, token)) == []


# --- ending ---


async def test_signing_out_ends_the_session_at_once(people: People) -> None:
    member = await north(people)
    one, other = await enter(people, "coach@north.example"), await enter(people, "coach@north.example")
    assert await sign_out(people.database, caller_of(one), at=NOW) == ()
    assert not await is_live(people, caller_of(one))
    assert await is_live(people, caller_of(other))
    assert codes(await again(people, refresh_token(one))) == ["REFRESH_TOKEN_INVALID"]
    assert [event[1:3] for event in await people.audit()][-1] == ("sign_out", f"member:{member.id.hex}")
    state = await people.everything()
    assert [problem.code.value for problem in await sign_out(people.database, caller_of(one), at=NOW)] == ["NOT_SIGNED_IN"]
    assert [problem.code.value for problem in await sign_out(people.database, ANONYMOUS, at=NOW)] == ["NOT_SIGNED_IN"]
    assert await people.everything() == state


@pytest.mark.req("C7")
async def test_every_session_of_one_client_ends_in_the_transaction_of_the_change(people: People) -> None:
    coach = await north(people)
    person = await people.client(coach, ClientStatus.ACTIVE)
    await people.client(coach, ClientStatus.ACTIVE)
    mine = [caller_of(await enter(people, "client1")) for _ in range(2)]
    others = [caller_of(await enter(people, name)) for name in ("client2", "coach@north.example")]

    async def end(actor: str) -> int:
        async with people.database.write() as session:
            return await revoke_client_sessions(
                session, person.workspace_id, person.id, "made inactive", actor=actor, at=NOW, request_id="r2"
            )

    assert await end("member:1") == 2
    assert [await is_live(people, caller) for caller in (*mine, *others)] == [False, False, True, True]
    assert (await people.audit())[-1] == ("north", "sessions_revoked", "member:1", "client", person.id)
    state = await people.everything()
    assert await end("member:1") == 0
    assert await people.everything() == state


async def test_sessions_stay_when_the_change_fails(people: People) -> None:
    person = await people.client(await north(people), ClientStatus.ACTIVE)
    caller = caller_of(await enter(people, "client1"))
    state = await people.everything()

    async def fail_after_revoking() -> None:
        async with people.database.write() as session:
            await revoke_client_sessions(session, person.workspace_id, person.id, "made inactive", actor="member:1", at=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_revoking()
    assert await is_live(people, caller)
    assert await people.everything() == state
