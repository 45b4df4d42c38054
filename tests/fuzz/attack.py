"""Sends what was drawn to a gateway as every kind of caller, and says what it should not have answered."""

import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any, Final

import httpx2
import orjson

from gql.contract import CONTRACT
from planner.engine import Engine
from resolvers.demo import sign_in_as
from resolvers.sources import SOURCES
from server.app import build_engine, create_app
from server.demo import SHOWN
from server.settings import Settings, load_settings
from storage.database import Database
from tests.fuzz.broken import STRINGS, bodies
from tests.fuzz.drawn import drawn

#: Codes that say the fault is ours, or that nobody is to blame.
_OURS: Final = frozenset({"INTERNAL", "TIMEOUT", "UNAVAILABLE"})
#: Words of the inside: Python, SQL, drivers, libraries, paths.
_INSIDE: Final = re.compile(
    r"Traceback|\.py\b|site-packages|object at 0x|object has no attribute|NoneType|[a-z]Error\b|\bdict\b|\bcodec\b|/home|/tmp"
    r"|sqlite|asyncpg|sqlalchemy|pydantic|strawberry|orjson|uvicorn|\bSELECT\b|\bINSERT\b|\bUPDATE\b.*\bSET\b|\bFROM \w+|constraint"
)
#: Callers by API keys, and the scopes of these.
_KEYS: Final = {"api-key": "FULL", "reading-key": "READ"}
#: Statuses of refusals.
_STATUSES: Final = frozenset({200, 400, 401, 405, 413, 415})


@dataclass
class Outcome:
    """What was sent, how it was answered, and what is wrong with it."""

    slow: float = 2.0  # seconds that no answer may take
    faults: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")

    def note(self, who: str, sent: str, answer: httpx2.Response, seconds: float) -> None:
        self.slowest = max(self.slowest, (seconds, f"{who}: {sent[:300]}"))
        self.statuses[answer.status_code] += 1
        wrong = [f"{seconds:.1f} s"] if seconds > self.slow else []
        try:
            told = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            told, wrong = {}, [*wrong, "no JSON"]
        if answer.status_code not in _STATUSES:
            wrong.append(f"status {answer.status_code}")
        errors = told.get("errors") or []
        codes = [str(error.get("extensions", {}).get("code", "NONE")) for error in errors]
        self.codes.update(codes or ["OK"])
        wrong += [code for code in codes if code in _OURS or code == "NONE"]
        wrong += [f"says {found[0]!r}" for message in _messages(told) if (found := _INSIDE.search(_unquoted(message)))]
        if wrong:
            self.faults.append(f"{', '.join(wrong)}, as {who}: {sent[:1500]}\n  -> {answer.text[:600]}")


def _messages(told: Any) -> list[str]:
    """Every sentence of ours in an answer: of errors, problems, blockers and warnings."""
    if isinstance(told, list):
        return [message for one in told for message in _messages(one)]
    if not isinstance(told, dict):
        return []
    own = [told["message"]] if isinstance(told.get("message"), str) else []
    return own + [message for one in told.values() for message in _messages(one)]


def _unquoted(message: str) -> str:
    """The sentence without what it quotes of the document."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "", message)


class Attack:
    """One gateway over demo data, and those who call it."""

    def __init__(self, http: httpx2.AsyncClient, database: Database, settings: Settings, engine: Engine) -> None:
        self._http, self._database, self._engine = http, database, engine
        self._codec = settings.token_codec()
        self._tokens: dict[str, str | None] = {}
        self.outcome = Outcome()

    async def operations(self, count: int, start: int) -> None:
        callers = cycle([*SHOWN, "nobody", *_KEYS, "forger"])
        for document in drawn(CONTRACT, await self._words(), count, start):
            await self._send(next(callers), orjson.dumps({"query": document}))

    async def broken(self, count: int, start: int) -> None:
        for body in bodies(Random(start), count):
            await self._send("owner", body)
        for string in STRINGS:
            await self._note("nobody", string, self._http.build_request("GET", "/graphql?" + string.decode()))

    async def _send(self, who: str, body: bytes) -> None:
        token = await self._token(who)
        headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        answer = await self._note(who, body, self._http.build_request("POST", "/graphql", content=body, headers=headers))
        if answer.status_code == 401:
            self._tokens.pop(who, None)  # the operation has ended its own login

    async def _note(self, who: str, sent: bytes, request: httpx2.Request) -> httpx2.Response:
        seconds, answer = await self._timed(request)
        if seconds > self.outcome.slow:  # once more: it may be the machine that was slow
            seconds, answer = await self._timed(request)
        self.outcome.note(who, sent.decode("utf-8", "replace"), answer, seconds)
        return answer

    async def _timed(self, request: httpx2.Request) -> tuple[float, httpx2.Response]:
        began = time.perf_counter()
        answer = await self._http.send(request)
        return time.perf_counter() - began, answer

    async def _token(self, who: str) -> str | None:
        if who not in self._tokens:
            self._tokens[who] = await self._made(who)
        return self._tokens[who]

    async def _made(self, who: str) -> str | None:
        if who == "nobody":
            return None
        if who == "forger":
            return "ptc_" + "x" * 43
        if who in _KEYS:
            query = f'{{"query": "mutation {{ apiKeyCreate(input: {{name: \\"fuzz\\", scope: {_KEYS[who]}}}) {{ key }} }}"}}'
            owner = {"authorization": f"Bearer {await self._token('owner')}", "content-type": "application/json"}
            answer = (await self._http.post("/graphql", content=query, headers=owner)).json()
            return str(answer["data"]["apiKeyCreate"]["key"])
        return (await sign_in_as(self._database, self._codec, who)).access_token

    async def _words(self) -> dict[str, list[str]]:
        """Ids of every workspace by tag; beside them ids of all types, cursors, and what is none of these."""
        found: dict[str, list[str]] = {}
        async with self._database.read() as reader:
            for source in SOURCES.values():
                if source.table and source.tag:
                    rows = [*await reader.fetch(f"SELECT id FROM {source.table} ORDER BY id DESC LIMIT 20")]
                    found[source.tag] = [f"{source.tag}_{row[0]}" for row in rows] or [f"{source.tag}_{32 * '0'}"]
        found["coach"], found["conversations"] = found["member"], found["conversation"]
        cursors = [self._engine.cursors.encode(order, [value, 32 * "0"]) for order, value in (("NUMBER+", 1), ("NAME+", "a"))]
        found["other"] = [*(ids[0] for ids in found.values()), *cursors, "\x00", "' OR 1=1 --", "9" * 400, "\u202e\U0001f469"]
        return found


@asynccontextmanager
async def attack(url: str) -> AsyncIterator[Attack]:
    settings = load_settings(database_url=url, environment="development", cost_per_minute=0)
    app = create_app(settings)
    async with app.router.lifespan_context(app), await Database.open(url, readers=1) as database:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://portico", timeout=60) as http:
            yield Attack(http, database, settings, build_engine(database.dialect, settings.secrets[0]))
