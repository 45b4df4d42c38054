"""Signing in and out, and the keys of servers."""

from datetime import datetime
from typing import Annotated, Final, TypedDict

import strawberry

from gql.enums import publish
from gql.payloads import Problem, problems_of
from lifecycle.problems import Problem as Refusal
from lifecycle.problems import ProblemCode
from lifecycle.vocabulary import KeyScope, Word
from planner.errors import RequestError
from planner.ids import global_id, split_id
from resolvers import api_key_acts, sessions
from resolvers.callers import CallerKind
from resolvers.context import Context
from resolvers.standings import Standing
from storage.tables.workspace import ApiKey as ApiKeyRow

Info = strawberry.Info[Context, None]

#: What says that a refresh token will never be good again.
_DEAD: Final = frozenset({ProblemCode.REFRESH_TOKEN_INVALID, ProblemCode.REFRESH_TOKEN_REUSED})


class SignInAs(Word):
    """Kind of a login."""

    STAFF = "STAFF", "As a member of the workspace."
    CLIENT = "CLIENT", "As a client of the workspace, through the portal."


publish(SignInAs)


@strawberry.input(description="Username and password of a person, and where they want to sign in.")
class SignInInput:
    username: str = strawberry.field(description="Username of the account; upper and lower case are the same.")
    password: str = strawberry.field(description="Password of the account.")
    workspace: str | None = strawberry.field(
        default=strawberry.UNSET, description="Slug or id of the workspace; needed only where several are open to the account."
    )
    as_: SignInAs | None = strawberry.field(
        name="as",
        default=strawberry.UNSET,
        description="Kind of the login; needed only for somebody who is both member and client of one workspace.",
    )


@strawberry.type(description="Workspace as far as somebody who is signing in may see it.")
class SignInWorkspace:
    id: strawberry.ID = strawberry.field(description="Id of the `workspace`.")
    name: str = strawberry.field(description="Name of the `workspace`.")
    slug: str = strawberry.field(description="Slug of the `workspace`: its short name in addresses.")


@strawberry.type(description="Place where an account may sign in.")
class SignInChoice:
    workspace: SignInWorkspace = strawberry.field(description="Workspace of the `choice`.")
    as_: SignInAs = strawberry.field(name="as", description="Kind of login of the `choice`.")


@strawberry.type(description="Tokens of a login session, or the problems.")
class SignInPayload:
    access_token: str | None = strawberry.field(description="Access token of the `session`: send it as `Authorization: Bearer ...`.")
    refresh_token: str | None = strawberry.field(
        description="Refresh token of the `session`, good for one use of `tokenRefresh`; null where it is in the cookie."
    )
    expires_at: datetime | None = strawberry.field(description="End of the `accessToken`.")
    choices: list[SignInChoice] = strawberry.field(description="Choices of the `account` where several places are open to it; else empty.")
    problems: list[Problem] = strawberry.field(
        description="Problems of the `sign-in`: `WRONG_CREDENTIALS`, `NO_ACCESS`, `CHOOSE_WORKSPACE`, `TRY_LATER` or `CROSS_SITE`."
    )


@strawberry.type(description="Next tokens of a login session, or the problems.")
class TokenRefreshPayload:
    access_token: str | None = strawberry.field(description="Access token of the `session`: send it as `Authorization: Bearer ...`.")
    refresh_token: str | None = strawberry.field(
        description="Refresh token of the `session`, good for one use; replaces the one that was sent. Null where it is in the cookie."
    )
    expires_at: datetime | None = strawberry.field(description="End of the `accessToken`.")
    problems: list[Problem] = strawberry.field(
        description="Problems of the `refresh`: `REFRESH_TOKEN_INVALID`, `REFRESH_TOKEN_REUSED`, `NO_ACCESS` or `CROSS_SITE`."
    )


@strawberry.type(description="Result of signing out.")
class SignOutPayload:
    problems: list[Problem] = strawberry.field(description="Problems of the `sign-out`: `NOT_SIGNED_IN` or `CROSS_SITE`.")


@strawberry.type(description="Key of a server, which acts with the role of the member who made it, as far as its scope goes.")
class ApiKey:
    id: strawberry.ID = strawberry.field(description="Id of the `key`.")
    name: str = strawberry.field(description="Name of the `key`, given by the member who made it.")
    scope: KeyScope = strawberry.field(description="Scope of the `key`: whether it only reads. It never changes.")
    prefix: str = strawberry.field(description="Prefix of the `key`: the part by which it is recognised, and no secret.")
    created_at: datetime = strawberry.field(description="Creation time of the `key`.")
    expires_at: datetime | None = strawberry.field(description="End of the `key`; null where it has none.")
    revoked_at: datetime | None = strawberry.field(description="Revocation time of the `key`; null while nobody has revoked it.")


@strawberry.input(description="Name, scope and end of a new API key.")
class ApiKeyCreateInput:
    name: str = strawberry.field(description="Name of the `key`, such as the server that will use it; 1 to 100 characters.")
    scope: KeyScope = strawberry.field(default=KeyScope.READ, description="Scope of the `key`; it only reads unless FULL is asked for.")
    expires_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="End of the `key`, at most three years from now; one year when left out."
    )


@strawberry.type(description="New API key, or the problems.")
class ApiKeyCreatePayload:
    api_key: ApiKey | None = strawberry.field(description="Record of the `key`.")
    key: str | None = strawberry.field(description="Text of the `key`, shown this once: send it as `Authorization: Bearer ptc_...`.")
    problems: list[Problem] = strawberry.field(description="Problems of the `creation`: `NOT_SIGNED_IN` or `INVALID_INPUT`.")


@strawberry.type(description="Revoked API key, or the problems.")
class ApiKeyRevokePayload:
    api_key: ApiKey | None = strawberry.field(description="Record of the `key`.")
    problems: list[Problem] = strawberry.field(description="Problems of the `revocation`: `NOT_SIGNED_IN` or `NOT_FOUND`.")


def _choice(place: Standing) -> SignInChoice:
    workspace = SignInWorkspace(id=strawberry.ID(global_id("workspace", place.workspace)), name=place.name, slug=place.slug)
    return SignInChoice(workspace=workspace, as_=SignInAs[place.kind.name])


class _TokenFields(TypedDict):
    access_token: str | None
    refresh_token: str | None
    expires_at: datetime | None


def _tokens(context: Context, tokens: sessions.Tokens | None) -> _TokenFields:
    """Tokens of an answer; the refresh token goes to the cookie of a browser that asks for that."""
    if tokens is None:
        return {"access_token": None, "refresh_token": None, "expires_at": None}
    kept = context.browser.asked
    if kept:
        context.browser.keep(tokens.refresh_token, int((tokens.refresh_until - context.now()).total_seconds()))
    return {"access_token": tokens.access_token, "refresh_token": None if kept else tokens.refresh_token, "expires_at": tokens.expires_at}


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=strawberry.ID(global_id("apikey", row.id.hex)),
        name=row.name,
        scope=row.scope,
        prefix=row.prefix,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _key_of(value: str, tag: str) -> str | None:
    """Key in a global id of the tag; None for any other text."""
    try:
        found, key = split_id(value)
    except RequestError:
        return None
    return key if found == tag else None


async def _sign_in(
    info: Info,
    given: Annotated[SignInInput, strawberry.argument(name="input", description="Credentials of the `person`.")],
) -> SignInPayload:
    context = info.context
    if context.browser.problem is not None:
        return SignInPayload(choices=[], problems=problems_of([context.browser.problem]), **_tokens(context, None))
    result = await sessions.sign_in(
        context.database,
        context.tokens,
        given.username,
        given.password,
        (_key_of(given.workspace, "workspace") or given.workspace) if given.workspace else None,
        kind=CallerKind[given.as_.name] if given.as_ else None,
        at=context.now(),
        request_id=context.request_id,
        tries=context.tries,
        address=context.address,
    )
    return SignInPayload(
        choices=[_choice(place) for place in result.choices], problems=problems_of(result.problems), **_tokens(context, result.tokens)
    )


async def _token_refresh(
    info: Info,
    refresh_token: Annotated[
        str | None, strawberry.argument(description="Refresh token of the `session`; left out by a browser that keeps it in the cookie.")
    ] = strawberry.UNSET,
) -> TokenRefreshPayload:
    context, browser = info.context, info.context.browser
    given = refresh_token if isinstance(refresh_token, str) else None
    problem = browser.problem or (browser.missing if given is None else None)
    if problem is not None:
        return TokenRefreshPayload(problems=problems_of([problem]), **_tokens(context, None))
    token = (browser.token or "") if given is None else given
    result = await sessions.refresh(context.database, context.tokens, token, at=context.now(), request_id=context.request_id)
    if given is None and browser.token and not _DEAD.isdisjoint(problem.code for problem in result.problems):
        browser.clear()
    return TokenRefreshPayload(problems=problems_of(result.problems), **_tokens(context, result.tokens))


async def _sign_out(info: Info) -> SignOutPayload:
    context, browser = info.context, info.context.browser
    problem = browser.problem or (browser.missing if context.caller.kind is CallerKind.ANONYMOUS else None)
    if problem is not None:
        return SignOutPayload(problems=problems_of([problem]))
    problems = await sessions.sign_out(context.database, context.caller, browser.token, at=context.now(), request_id=context.request_id)
    if browser.asked:
        browser.clear()
    return SignOutPayload(problems=problems_of(problems))


async def _api_key_create(
    info: Info,
    given: Annotated[ApiKeyCreateInput, strawberry.argument(name="input", description="Name, scope and end of the `key`.")],
) -> ApiKeyCreatePayload:
    context = info.context
    made = await api_key_acts.create_api_key(
        context.database,
        context.caller,
        given.name,
        given.expires_at or None,
        scope=given.scope,
        at=context.now(),
        request_id=context.request_id,
    )
    if isinstance(made, Refusal):
        return ApiKeyCreatePayload(api_key=None, key=None, problems=problems_of([made]))
    return ApiKeyCreatePayload(api_key=_api_key(made.row), key=made.key, problems=[])


async def _api_key_revoke(
    info: Info,
    key_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="Id of the `key`.")],
) -> ApiKeyRevokePayload:
    context = info.context
    revoked = await api_key_acts.revoke_api_key(
        context.database, context.caller, _key_of(key_id, "apikey"), at=context.now(), request_id=context.request_id
    )
    if isinstance(revoked, Refusal):
        return ApiKeyRevokePayload(api_key=None, problems=problems_of([revoked]))
    return ApiKeyRevokePayload(api_key=_api_key(revoked), problems=[])


@strawberry.type
class SessionMutations:
    """Mutations of login sessions and API keys."""

    sign_in: SignInPayload = strawberry.field(resolver=_sign_in, description="Signs a person in with username and password.")
    token_refresh: TokenRefreshPayload = strawberry.field(
        resolver=_token_refresh, description="Exchanges a refresh token for new tokens. A refresh token used twice ends its session."
    )
    sign_out: SignOutPayload = strawberry.field(
        resolver=_sign_out,
        description="Ends the login session of the caller, and that of the cookie; their tokens are refused from then on.",
    )
    api_key_create: ApiKeyCreatePayload = strawberry.field(
        resolver=_api_key_create, description="Makes an API key for a server. Only a member who is signed in can make one."
    )
    api_key_revoke: ApiKeyRevokePayload = strawberry.field(
        resolver=_api_key_revoke, description="Revokes an API key: one's own, or as an owner anybody's. From then on it is refused."
    )
