"""Signing in, staying signed in, signing out. Every step leaves an audit event with opaque ids only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from resolvers.afterwards import after_the_answer
from resolvers.audit import record
from resolvers.callers import Caller, CallerKind, Proof, fetch, gate
from resolvers.passwords import PASSWORDS, Busy, Passwords
from resolvers.standings import Standing, choose, standings, workspaces_that_know
from resolvers.tokens import TokenCodec, hash_of, new_secret, workspace_of_secret
from resolvers.tries import Tries
from storage.database import Database
from storage.tables.workspace import Account, LoginSession, Member, RefreshToken


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a person gets who signed in; `expires_at` is the end of the access token, `refresh_until` that of the refresh token."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    refresh_until: datetime


@dataclass(frozen=True, slots=True)
class SignInResult:
    """Tokens, or the problems and, where several places are open, the choices."""

    tokens: Tokens | None = None
    choices: tuple[Standing, ...] = ()
    problems: tuple[Problem, ...] = ()


def _refused(code: ProblemCode, message: str, *path: str) -> SignInResult:
    return SignInResult(problems=(Problem(code, message, path),))


_NOTHING_OPEN: Final = "Nothing is open to this account here at the moment: ask the coach."
_WRONG: Final = _refused(ProblemCode.WRONG_CREDENTIALS, "Username and password do not belong together.", "input")
_NO_ACCESS: Final = _refused(ProblemCode.NO_ACCESS, _NOTHING_OPEN, "input")
_CHOOSE: Final = _refused(ProblemCode.CHOOSE_WORKSPACE, "Several places are open to this account: choose one.", "input", "workspace")
_LATER: Final = _refused(ProblemCode.TRY_LATER, "Too many sign-ins at this moment: try again in a few seconds.")
_OFTEN: Final = _refused(ProblemCode.TRY_LATER, "Too many wrong passwords from here: try again in ten minutes.", "input")
_BAD_REFRESH: Final = _refused(ProblemCode.REFRESH_TOKEN_INVALID, "Refresh token is not valid: sign in again.", "refreshToken")
_REUSED: Final = _refused(ProblemCode.REFRESH_TOKEN_REUSED, "Refresh token was used before: sign in again.", "refreshToken")
_CLOSED: Final = _refused(ProblemCode.NO_ACCESS, _NOTHING_OPEN, "refreshToken")
_NOT_SIGNED_IN: Final = Problem(ProblemCode.NOT_SIGNED_IN, "Live login session is needed: sign in first.")

MAX_USERNAME_LENGTH: Final = 320

_ACCOUNT: Final = "SELECT id, password_hash FROM account WHERE username = :username"


def fold_username(username: str) -> str:
    """Username as it is stored and looked up: without blanks around it, and in lower case."""
    return username.strip().casefold()


async def sign_in(
    database: Database,
    codec: TokenCodec,
    username: str,
    password: str,
    workspace: str | None = None,
    *,
    kind: CallerKind | None = None,
    at: datetime | None = None,
    request_id: str | None = None,
    passwords: Passwords = PASSWORDS,
    tries: Tries | None = None,
    address: str = "",
) -> SignInResult:
    """Sign a person in. Before the password was right, nothing is said but the one answer for wrong credentials."""
    at = at or datetime.now(UTC)
    username = fold_username(username)
    if tries is not None and not await tries.begin(username, address):
        return _OFTEN
    account, stored = await _account(database, username)
    try:
        right = await passwords.verify(password, stored)
        new_hash = await passwords.hash(password) if right and stored and passwords.outdated(stored) else None
    except Busy:
        return _LATER
    if not right or account is None:
        if account is not None:
            # Not before the answer, nor right after it: that or the next would take longer than for a username nobody has.
            after_the_answer(_record_failure(database, account, workspace, "sign_in_failed", at=at, request_id=request_id))
        return _WRONG
    if tries is not None:
        await tries.forgive(username, address)

    places = choose(await standings(database, account, at), workspace, kind)
    if not places:
        await _record_failure(database, account, workspace, "sign_in_refused", at=at, request_id=request_id)
        return _NO_ACCESS
    if len(places) > 1:
        return SignInResult(choices=tuple(places), problems=_CHOOSE.problems)
    async with database.write() as session:
        if new_hash is not None:
            same = (col(Account.id) == UUID(account), col(Account.password_hash) == stored)
            await session.exec(update(Account).where(*same).values(password_hash=new_hash))
        return SignInResult(await open_session(session, codec, places[0], at=at, request_id=request_id))


async def _account(database: Database, username: str) -> tuple[str, str | None] | tuple[None, None]:
    """Account of a username and its password's hash. What no username can be never reaches the database."""
    if not username.isprintable() or len(username) > MAX_USERNAME_LENGTH:
        return None, None
    async with database.read() as reader:
        found: Any = await fetch(reader, _ACCOUNT, {"username": username})
    return tuple(found[0]) if found else (None, None)


async def _record_failure(
    database: Database, account: str, workspace: str | None, action: str, *, at: datetime, request_id: str | None
) -> None:
    """Failed sign-in, in the audit of the workspace that was named, or else of each that knows the account."""
    owners = await workspaces_that_know(database, account, workspace)
    if owners:
        async with database.write() as session:
            for owner in owners:
                record(session, UUID(owner), action, "account", UUID(account), actor="anonymous", at=at, request_id=request_id)


async def open_session(session: AsyncSession, codec: TokenCodec, place: Standing, *, at: datetime, request_id: str | None = None) -> Tokens:
    """Login session at a place, with its first tokens, in the caller's transaction."""
    ends = at + timedelta(seconds=codec.session_seconds)
    staff = place.kind is CallerKind.STAFF
    login = LoginSession(
        workspace_id=UUID(place.workspace),
        account_id=UUID(place.account),
        member_id=UUID(place.person) if staff else None,
        client_id=None if staff else UUID(place.person),
        created_at=at,
        expires_at=ends,
    )
    session.add(login)
    await session.flush()
    caller = place.caller(Proof.SESSION, login.id.hex, ends.timestamp())
    record(session, login.workspace_id, "sign_in", "login_session", login.id, actor=caller.actor, at=at, request_id=request_id)
    return _next_tokens(session, codec, caller, login, at)


def _next_tokens(session: AsyncSession, codec: TokenCodec, caller: Caller, login: LoginSession, at: datetime) -> Tokens:
    refresh_token = new_secret(login.workspace_id.hex)
    link = RefreshToken(
        workspace_id=login.workspace_id,
        session_id=login.id,
        token_hash=hash_of(refresh_token),
        created_at=at,
        expires_at=min(login.expires_at, at + timedelta(seconds=codec.refresh_seconds)),
    )
    session.add(link)
    access_token = codec.issue(caller)
    return Tokens(access_token, refresh_token, datetime.fromtimestamp(codec.read(access_token).expires_at, UTC), link.expires_at)


async def refresh(
    database: Database, codec: TokenCodec, refresh_token: str, *, at: datetime | None = None, request_id: str | None = None
) -> SignInResult:
    """New tokens for a refresh token, which is used up by it. A second use ends the session: one of the two users stole it."""
    at = at or datetime.now(UTC)
    workspace = workspace_of_secret(refresh_token)
    if workspace is None:
        return _BAD_REFRESH
    async with database.write() as session:
        link, login = await _link_of(session, workspace, refresh_token)
        if link is None or login is None or login.revoked_at is not None or min(link.expires_at, login.expires_at) <= at:
            return _BAD_REFRESH
        caller = await _caller_of(session, login)
        if link.used_at is None and await gate(session, caller, at) is None:
            return _CLOSED
        mine = (col(RefreshToken.workspace_id) == link.workspace_id, col(RefreshToken.id) == link.id)
        first_use = update(RefreshToken).where(*mine, col(RefreshToken.used_at).is_(None)).values(used_at=at)
        if (await session.exec(first_use)).rowcount == 1:
            return SignInResult(_next_tokens(session, codec, caller, login, at))
        await _revoke(session, login.workspace_id, col(LoginSession.id) == login.id, "refresh token reused", at)
        record(session, login.workspace_id, "refresh_reused", "login_session", login.id, actor=caller.actor, at=at, request_id=request_id)
        return _REUSED


async def _link_of(session: AsyncSession, workspace: str, refresh_token: str) -> tuple[RefreshToken | None, LoginSession | None]:
    """Refresh token as it is stored, and its login session."""
    mine = (col(RefreshToken.workspace_id) == UUID(workspace), col(RefreshToken.token_hash) == hash_of(refresh_token))
    link = (await session.exec(select(RefreshToken).where(*mine))).one_or_none()
    return link, await session.get(LoginSession, (link.workspace_id, link.session_id)) if link else None


async def _caller_of(session: AsyncSession, login: LoginSession) -> Caller:
    """Caller of a login session, with the role the member has today."""
    member = await session.get(Member, (login.workspace_id, login.member_id)) if login.member_id else None
    return Caller(
        kind=CallerKind.STAFF if login.member_id else CallerKind.CLIENT,
        workspace=login.workspace_id.hex,
        account=login.account_id.hex,
        member=login.member_id.hex if login.member_id else None,
        client=login.client_id.hex if login.client_id else None,
        role=member.role if member else None,
        proof=Proof.SESSION,
        proof_id=login.id.hex,
        expires_at=login.expires_at.timestamp(),
    )


async def sign_out(
    database: Database, caller: Caller, refresh_token: str | None = None, *, at: datetime | None = None, request_id: str | None = None
) -> tuple[Problem, ...]:
    """End the caller's login session, and that of a refresh token, used or not."""
    at = at or datetime.now(UTC)
    workspace = workspace_of_secret(refresh_token) if refresh_token else None
    callers = [caller] if caller.proof is Proof.SESSION else []
    if not callers and workspace is None:
        return (_NOT_SIGNED_IN,)
    async with database.write() as session:
        if refresh_token is not None and workspace is not None:
            _, login = await _link_of(session, workspace, refresh_token)
            callers += [await _caller_of(session, login)] if login else []
        ended = [await _end(session, one, at, request_id) for one in callers]
    return () if any(ended) else (_NOT_SIGNED_IN,)


async def _end(session: AsyncSession, caller: Caller, at: datetime, request_id: str | None) -> bool:
    workspace, login = UUID(caller.workspace), UUID(caller.proof_id)
    if not await _revoke(session, workspace, col(LoginSession.id) == login, "signed out", at):
        return False
    record(session, workspace, "sign_out", "login_session", login, actor=caller.actor, at=at, request_id=request_id)
    return True


async def revoke_client_sessions(
    session: AsyncSession,
    workspace_id: UUID,
    client_id: UUID,
    reason: str,
    *,
    actor: str,
    at: datetime | None = None,
    request_id: str | None = None,
) -> int:
    """End every login session of a client, in the transaction of the change that asks for it; answers how many were live."""
    at = at or datetime.now(UTC)
    ended = await _revoke(session, workspace_id, col(LoginSession.client_id) == client_id, reason, at)
    if ended:
        record(
            session,
            workspace_id,
            "sessions_revoked",
            "client",
            client_id,
            actor=actor,
            at=at,
            request_id=request_id,
            reason=reason,
            detail=f'{{"sessions":{ended}}}',
        )
    return ended


async def _revoke(session: AsyncSession, workspace: UUID, which: Any, reason: str, at: datetime) -> int:
    live = (col(LoginSession.workspace_id) == workspace, which, col(LoginSession.revoked_at).is_(None), col(LoginSession.expires_at) > at)
    return (await session.exec(update(LoginSession).where(*live).values(revoked_at=at, revoked_reason=reason))).rowcount
