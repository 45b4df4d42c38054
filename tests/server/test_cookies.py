"""Login sessions of browsers: the refresh token in a cookie, and who may not use it."""

from collections.abc import AsyncIterator, Mapping
from http.cookies import Morsel, SimpleCookie
from typing import Any, Final

import httpx2
import pytest

from lifecycle.vocabulary import Role
from resolvers.afterwards import settle
from server.cookies import COOKIE
from storage.tables.workspace import LoginSession, RefreshToken
from tests.people import PASSWORD, People
from tests.server.gateway import served

LISTED: Final = "https://app.example"
#: What a page of a listed origin sends.
PAGE: Final = {"portico-session": "cookie", "origin": LISTED, "sec-fetch-site": "same-site"}
FOREIGN: Final = "https://evil.example"
SIGN_IN: Final = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken expiresAt problems { code } } }"
REFRESH: Final = "mutation ($token: String) { tokenRefresh(refreshToken: $token) { accessToken refreshToken problems { code } } }"
SIGN_OUT: Final = "mutation { signOut { problems { code } } }"
WHO: Final = "{ viewer { __typename } }"
#: Requests that prove nothing: no header; a foreign page; a page of unknown or opaque origin; same site, yet not listed; no origin at all.
UNPROVEN: Final[list[dict[str, str]]] = [
    {"origin": LISTED},
    {"origin": FOREIGN},
    {},
    {"portico-session": "cookie", "origin": FOREIGN},
    {"portico-session": "cookie", "origin": FOREIGN, "sec-fetch-site": "cross-site"},
    {"portico-session": "cookie", "origin": "null", "sec-fetch-site": "cross-site"},
    {"portico-session": "cookie", "origin": f"{LISTED}.evil.example"},
    {"portico-session": "cookie", "origin": "https://portico", "sec-fetch-site": "same-site"},
    {"portico-session": "cookie", "origin": "http://portico"},
    {"portico-session": "cookie", "origin": "*"},
    {"portico-session": "cookie", "sec-fetch-site": "none"},
    {"portico-session": "cookie"},
]


class Browser:
    """Page and its cookie jar, of which the cookie is sent as it was set."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http
        self.cookie: str | None = None
        self.answer = httpx2.Response(200)

    async def ask(self, query: str, headers: Mapping[str, str] = PAGE, token: str | None = None, **variables: Any) -> Any:
        """Value of the root field."""
        sent = dict(headers) | ({} if self.cookie is None else {"cookie": f"theme=dark; {COOKIE}={self.cookie}"})
        sent |= {} if token is None else {"authorization": f"Bearer {token}"}
        self.http.cookies.clear()
        self.answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=sent)
        await settle()
        if (morsel := self.set) is not None:
            self.cookie = morsel.value or None
        data = self.answer.json().get("data")
        return next(iter(data.values())) if data else self.answer.json()["errors"][0]["extensions"]

    @property
    def set(self) -> "Morsel[str] | None":
        """Cookie that the last answer set."""
        return SimpleCookie(self.answer.headers.get("set-cookie", "")).get(COOKIE)

    async def sign_in(self, headers: Mapping[str, str] = PAGE, password: str = PASSWORD) -> Any:
        return await self.ask(SIGN_IN, headers, input={"username": "owner@north.example", "password": password})


@pytest.fixture
async def browser(people: People) -> AsyncIterator[Browser]:
    await people.member(await people.workspace("north"), Role.OWNER)
    async with served(people.database.url, environment="development", allowed_origins=[LISTED, "http://localhost:5173"]) as http:
        yield Browser(http)


def codes(answer: Any) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


async def test_the_cookie_is_for_this_host_over_https_and_for_no_script(browser: Browser) -> None:
    entered = await browser.sign_in()
    assert (codes(entered), entered["refreshToken"]) == ([], None)
    assert entered["accessToken"]
    assert entered["expiresAt"]
    morsel = browser.set
    assert morsel is not None
    told = {name: value for name, value in morsel.items() if value}
    life = int(str(told.pop("max-age")))
    assert 14 * 86400 - 60 < life <= 14 * 86400
    assert told == {"path": "/", "secure": True, "httponly": True, "samesite": "Strict"}
    assert morsel.key.startswith("__Host-")
    assert morsel.value not in browser.answer.text
    assert browser.answer.headers["cache-control"] == "no-store"
    assert await browser.ask(WHO, token=entered["accessToken"]) == {"__typename": "Viewer"}


async def test_without_the_header_tokens_are_answered_and_no_cookie(browser: Browser) -> None:
    entered = await browser.sign_in({"origin": LISTED})
    assert (codes(entered), browser.set) == ([], None)
    again = await browser.ask(REFRESH, {"origin": FOREIGN})
    assert (codes(again), browser.set) == (["REFRESH_TOKEN_INVALID"], None)
    sent = {"query": REFRESH, "variables": {"token": entered["refreshToken"]}}
    answer = (await browser.http.post("/graphql", json=sent)).json()["data"]["tokenRefresh"]
    assert codes(answer) == []
    assert answer["refreshToken"] not in {None, entered["refreshToken"]}


async def test_wrong_credentials_leave_the_cookie_as_it_is(browser: Browser) -> None:
    assert codes(await browser.sign_in(password="wrong")) == ["WRONG_CREDENTIALS"]
    assert browser.set is None


async def test_a_refresh_takes_the_cookie_and_puts_the_next_token_in_it(browser: Browser, people: People) -> None:
    await browser.sign_in()
    seen = [browser.cookie]
    for _ in range(2):
        answer = await browser.ask(REFRESH)
        assert (codes(answer), answer["refreshToken"]) == ([], None)
        assert await browser.ask(WHO, token=answer["accessToken"]) == {"__typename": "Viewer"}
        seen.append(browser.cookie)
    assert len(set(seen)) == 3
    assert await people.count(LoginSession, RefreshToken) == [1, 3]


async def test_a_token_that_is_given_comes_before_the_cookie_and_moves_into_it(browser: Browser, people: People) -> None:
    sent = {"query": SIGN_IN, "variables": {"input": {"username": "owner@north.example", "password": PASSWORD}}}
    given = (await browser.http.post("/graphql", json=sent)).json()["data"]["signIn"]["refreshToken"]
    moved = {"query": REFRESH, "variables": {"token": given}}
    browser.answer = await browser.http.post("/graphql", json=moved, headers=PAGE)
    assert browser.set is not None
    assert browser.set.value not in {"", given}
    browser.cookie = kept = browser.set.value
    wrong = await browser.http.post("/graphql", json={"query": REFRESH, "variables": {"token": ""}}, headers=PAGE)
    assert codes(wrong.json()["data"]["tokenRefresh"]) == ["REFRESH_TOKEN_INVALID"]
    assert "set-cookie" not in wrong.headers
    assert (browser.cookie, codes(await browser.ask(REFRESH))) == (kept, [])
    assert await people.count(LoginSession) == [1]


async def test_an_old_cookie_ends_the_session_for_both_and_is_cleared(browser: Browser, people: People) -> None:
    entered = await browser.sign_in()
    stolen = browser.cookie
    await browser.ask(REFRESH)
    thief = Browser(browser.http)
    thief.cookie = stolen
    assert codes(await thief.ask(REFRESH)) == ["REFRESH_TOKEN_REUSED"]
    assert thief.set is not None
    assert (thief.set.value, thief.set["max-age"], thief.set["path"], thief.set["secure"]) == ("", "0", "/", True)
    assert (await browser.ask(WHO, token=entered["accessToken"]))["reason"] == "REVOKED"
    assert codes(await browser.ask(REFRESH)) == ["REFRESH_TOKEN_INVALID"]
    assert browser.cookie is None
    assert [event[1] for event in await people.audit()] == ["sign_in", "refresh_reused"]


@pytest.mark.parametrize("bearer", [True, False])
async def test_signing_out_ends_the_session_and_clears_the_cookie(browser: Browser, people: People, bearer: bool) -> None:
    """With the access token, and after a reload, when there is the cookie alone."""
    entered = await browser.sign_in()
    kept = browser.cookie
    assert codes(await browser.ask(SIGN_OUT, token=entered["accessToken"] if bearer else None)) == []
    assert browser.set is not None
    assert (browser.set.value, browser.set["max-age"], browser.cookie) == ("", "0", None)
    assert [event[1] for event in await people.audit()] == ["sign_in", "sign_out"]
    assert (await browser.ask(WHO, token=entered["accessToken"]))["reason"] == "REVOKED"
    browser.cookie = kept
    assert codes(await browser.ask(REFRESH)) == ["REFRESH_TOKEN_INVALID"]
    browser.cookie = kept
    assert codes(await browser.ask(SIGN_OUT)) == ["NOT_SIGNED_IN"]
    assert browser.cookie is None


async def test_signing_out_ends_the_session_of_the_cookie_beside_that_of_the_token(browser: Browser, people: People) -> None:
    first = await browser.sign_in()
    second = await browser.sign_in()
    assert codes(await browser.ask(SIGN_OUT, token=first["accessToken"])) == []
    for entered in (first, second):
        assert (await browser.ask(WHO, token=entered["accessToken"]))["reason"] == "REVOKED"
    assert [event[1] for event in await people.audit()] == ["sign_in", "sign_in", "sign_out", "sign_out"]


async def test_signing_out_without_the_header_leaves_the_session_of_the_cookie(browser: Browser) -> None:
    first = await browser.sign_in()
    second = await browser.sign_in()
    assert codes(await browser.ask(SIGN_OUT, {"origin": LISTED}, token=first["accessToken"])) == []
    assert browser.set is None
    assert (await browser.ask(WHO, token=first["accessToken"]))["reason"] == "REVOKED"
    assert await browser.ask(WHO, token=second["accessToken"]) == {"__typename": "Viewer"}
    assert codes(await browser.ask(REFRESH)) == []


@pytest.mark.parametrize("headers", UNPROVEN, ids=str)
async def test_no_foreign_page_refreshes_or_signs_out_by_the_cookie(browser: Browser, people: People, headers: dict[str, str]) -> None:
    await browser.sign_in()
    kept, state = browser.cookie, await people.everything()
    for mutation in (REFRESH, SIGN_OUT):
        answer = await browser.ask(mutation, headers)
        assert (codes(answer), browser.set) == (["CROSS_SITE"], None)
        assert answer.get("accessToken") is None
    assert await people.everything() == state
    assert (browser.cookie, codes(await browser.ask(REFRESH))) == (kept, [])


@pytest.mark.parametrize("headers", [one for one in UNPROVEN if "portico-session" in one], ids=str)
async def test_no_foreign_page_signs_a_browser_in(browser: Browser, people: People, headers: dict[str, str]) -> None:
    """Login CSRF: the victim would work in the attacker's account."""
    state = await people.everything()
    refused = [await browser.sign_in(headers), await browser.sign_in(headers, "wrong")]
    assert [codes(answer) for answer in refused] == [["CROSS_SITE"]] * 2
    assert (refused[0]["accessToken"], browser.set) == (None, None)
    assert await people.everything() == state


async def test_a_form_reaches_nothing(browser: Browser, people: People) -> None:
    await browser.sign_in()
    state = await people.everything()
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        sent = {"cookie": f"{COOKIE}={browser.cookie}", "origin": FOREIGN, "content-type": media}
        answer = await browser.http.post("/graphql", content=b'{"query": "mutation { signOut { problems { code } } }"}', headers=sent)
        assert (answer.status_code, answer.headers.get("set-cookie")) == (415, None)
    assert await people.everything() == state


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": LISTED, "sec-fetch-site": "same-site"},
        {"origin": LISTED, "sec-fetch-site": "cross-site"},
        {"origin": "http://localhost:5173"},
        {"origin": "https://portico"},
        {"origin": "https://public.example", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
    ids=str,
)
async def test_our_own_pages_and_those_of_listed_origins_may(browser: Browser, headers: dict[str, str]) -> None:
    page = {"portico-session": "cookie", **headers}
    assert codes(await browser.sign_in(page)) == []
    assert codes(await browser.ask(REFRESH, page)) == []
    assert codes(await browser.ask(SIGN_OUT, page)) == []
    assert browser.cookie is None


async def test_the_cookie_alone_reads_nothing(browser: Browser) -> None:
    await browser.sign_in()
    assert (await browser.ask(WHO))["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("cookie", ["x", "A" * 64, "%00", "é"])
async def test_a_cookie_that_is_no_token_is_refused_and_cleared(browser: Browser, people: People, cookie: str) -> None:
    state = await people.everything()
    sent = {name.encode(): value.encode() for name, value in (PAGE | {"cookie": f"{COOKIE}={cookie}"}).items()}
    answer = await browser.http.post("/graphql", json={"query": REFRESH}, headers=sent)
    assert codes(answer.json()["data"]["tokenRefresh"]) == ["REFRESH_TOKEN_INVALID"]
    assert answer.headers["set-cookie"].startswith(f"{COOKIE}=; Max-Age=0;")
    assert await people.everything() == state


async def test_another_wish_is_refused(browser: Browser) -> None:
    answer = await browser.sign_in(PAGE | {"portico-session": "yes"})
    assert (browser.answer.status_code, answer["code"], browser.set) == (400, "INVALID_REQUEST", None)


async def preflight(http: httpx2.AsyncClient, origin: str) -> httpx2.Response:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,portico-session"}
    return await http.options("/graphql", headers={"origin": origin, **asked})


async def test_only_listed_origins_send_the_cookie_from_elsewhere(browser: Browser) -> None:
    allowed = await preflight(browser.http, LISTED)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == LISTED
    assert allowed.headers["access-control-allow-credentials"] == "true"
    assert "portico-session" in allowed.headers["access-control-allow-headers"]
    await browser.sign_in()
    assert browser.answer.headers["access-control-allow-origin"] == LISTED
    assert browser.answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in browser.answer.headers["vary"].lower()
    for origin in (FOREIGN, "null", f"{LISTED}:8443"):
        refused = await preflight(browser.http, origin)
        assert (refused.status_code, refused.headers.get("access-control-allow-origin")) == (400, None)
        await browser.ask(REFRESH, PAGE | {"origin": origin})
        assert "access-control-allow-origin" not in browser.answer.headers


@pytest.mark.parametrize("origins", [["*"], [LISTED, "*"]])
async def test_where_any_origin_may_call_none_may_send_the_cookie(people: People, origins: list[str]) -> None:
    await people.member(await people.workspace("north"), Role.OWNER)
    async with served(people.database.url, environment="development", allowed_origins=origins) as http:
        allowed = await preflight(http, FOREIGN)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "*")
        assert "access-control-allow-credentials" not in allowed.headers
        page = Browser(http)
        for origin in ("*", FOREIGN):
            assert codes(await page.sign_in(PAGE | {"origin": origin})) == ["CROSS_SITE"]
        assert page.answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in page.answer.headers
