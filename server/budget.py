"""What callers may spend: the cost of their operations, counted by the minute, for each caller and for each workspace."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from planner.documents import Prepared
from planner.errors import RequestError
from resolvers.callers import Caller, CallerKind
from resolvers.context import Allowance
from server.limits import INVALID_COST, READING_COST, refused
from server.reading import Reading
from storage.counters import Counter

WINDOW: Final = 60
#: A workspace may spend as much as so many callers.
CALLERS: Final = 10
MOST_KNOWN: Final = 10_000


def rate_headers(left: Allowance) -> list[tuple[bytes, bytes]]:
    """RateLimit fields, as draft-ietf-httpapi-ratelimit-headers has them."""
    return [_policy(left.limit), (b"ratelimit", b'"cost";r=%d;t=%d' % (left.remaining, max(0, left.resets_at - int(time.time()))))]


@lru_cache(maxsize=16)
def _policy(limit: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"cost";q=%d;w=%d' % (limit, WINDOW)


class Budget:
    """Spending of everybody; `per_minute` is what one caller may spend."""

    def __init__(self, per_minute: int, counter: Counter, now: Callable[[], float] = time.time) -> None:
        self._per_minute = per_minute
        self._counter = counter
        self._now = now
        self._over: dict[str, int] = {}  # the window in which somebody has spent all

    def check(self, who: str) -> None:
        """Refuse at once whoever has spent all: nothing of theirs is even read."""
        if who in self._over:
            window = int(self._now()) // WINDOW
            if self._over[who] == window:
                raise self._refusal(Allowance(self._per_minute, 0, (window + 1) * WINDOW))
            del self._over[who]

    async def charge(self, who: str, workspace: str | None, cost: int) -> Allowance:
        """What is left after this cost; RATE_LIMITED where it is more than was left."""
        window = int(self._now()) // WINDOW
        costs = {who: cost, workspace: cost} if workspace is not None else {who: cost}
        sums = await self._counter.add(window, costs)
        left = Allowance(self._per_minute, self._per_minute - sums[0], (window + 1) * WINDOW)
        if left.remaining < 0 or (workspace is not None and sums[1] > CALLERS * self._per_minute):
            await self._counter.add(window, dict.fromkeys(costs, -cost))
            self._remember(who, window, sums[0] - cost)
            raise self._refusal(left._replace(remaining=max(0, left.remaining + cost)))
        return left

    def _remember(self, who: str, window: int, spent: int) -> None:
        if spent >= self._per_minute:
            if len(self._over) >= MOST_KNOWN:
                self._over.clear()
            self._over[who] = window

    def _refusal(self, left: Allowance) -> RequestError:
        wait = max(1, left.resets_at - int(self._now()))
        words = f"This costs more than is left of the {left.limit:,} that may be spent in a minute: try again in {wait} s, or ask for less."
        return RequestError("RATE_LIMITED", words, more={"limit": left.limit, "remaining": left.remaining, "retryAfter": wait})


class Spending:
    """What operations may cost, one by one and by the minute, and who reads them; without a budget the minute has no limit."""

    def __init__(self, most: int, budget: Budget | None, reading: Reading) -> None:
        self.most = most
        self.budget = budget
        self.reading = reading

    def of(self, caller: Caller, address: str) -> "Purse":
        purse = Purse(self, who_is(caller, address), caller.workspace)
        if self.budget is not None:
            self.budget.check(purse.who)
        return purse


class Purse:
    """Spending of one caller in one request."""

    __slots__ = ("_spending", "_workspace", "who")

    def __init__(self, spending: Spending, who: str, workspace: str | None) -> None:
        self._spending = spending
        self.who = who
        self._workspace = workspace

    async def prepare(self, text: str) -> Prepared:
        """Document. Whoever sends a new one, or one that is not valid, pays for its reading."""
        engine = self._spending.reading.engine
        known = engine.known(text)
        if known is not None:
            return known
        prepared, took = await self._spending.reading.read(text)
        engine.keep(text, prepared)
        cost = int(took * 1000 * READING_COST) + (INVALID_COST if prepared.errors else 0)
        if cost >= INVALID_COST and self._spending.budget is not None:
            await self._spending.budget.charge(self.who, self._workspace, cost)
        return prepared

    async def charge(self, cost: int) -> Allowance | None:
        """What is left; LIMIT_EXCEEDED where no operation may cost so much."""
        most, budget = self._spending.most, self._spending.budget
        if cost > most:
            words = (
                f"An operation costs at most {most:,}; this one could answer so many objects that it costs {cost:,}: ask for smaller pages."
            )
            raise refused("COST", words, cost, most)
        return None if budget is None else await budget.charge(self.who, self._workspace, cost)


def who_is(caller: Caller, address: str) -> str:
    """Key of a caller: somebody who is signed in by who they are, others by where they come from."""
    if caller.kind is CallerKind.ANONYMOUS:
        return f"anonymous {address}"
    return f"{caller.workspace} {caller.member or caller.client}"


def cost_of(requested: int, data: Any, left: Allowance | None) -> dict[str, Any]:
    """Cost as `extensions.cost` tells it: `actual` are the objects of the answer."""
    told: dict[str, Any] = {"requested": requested, "actual": objects_in(data)}
    if left is not None:
        told |= {"remaining": left.remaining, "resetAt": datetime.fromtimestamp(left.resets_at, UTC)}
    return told


def objects_in(data: Any) -> int:
    """Number of objects in an answer, without the answer itself."""
    if isinstance(data, dict):
        return sum(_and_below(item) for item in data.values())
    return 0


def _and_below(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + objects_in(value)
    return sum(map(_and_below, value)) if isinstance(value, list) else 0
