"""Some hundred drawn operations and broken bodies: every answer is one that the pages describe."""

import httpx2
import pytest

from tests.databases import Databases
from tests.fuzz.attack import Outcome, attack

OPERATIONS = 150  # on each engine


async def test_nothing_drawn_or_broken_brings_a_fault_of_ours(databases: Databases) -> None:
    url = await databases.copy("demo")
    async with attack(url) as on:
        on.outcome.slow = 5  # other tests run beside this one
        await on.operations(OPERATIONS, start=8)
        await on.broken(OPERATIONS, start=8)
    await databases.drop(url)

    told = on.outcome
    assert told.faults == []
    assert told.statuses.total() > 2 * OPERATIONS
    assert told.codes["OK"] > OPERATIONS / 4


@pytest.mark.parametrize(
    ("status", "body", "seconds", "fault"),
    [
        (
            500,
            '{"errors": [{"message": "Something went wrong on our side.", "extensions": {"code": "INTERNAL"}}]}',
            0.1,
            "status 500, INTERNAL",
        ),
        (200, "<html>", 0.1, "no JSON"),
        (200, '{"errors": [{"message": "An unknown error occurred."}]}', 0.1, "NONE"),
        (200, '{"data": {"x": {"problems": [{"message": "invalid input for SELECT id"}]}}}', 0.1, "says 'SELECT'"),
        (200, '{"data": {"x": {"problems": [{"message": "KeyError: x"}]}}}', 0.1, "says 'yError'"),
        (200, '{"data": {"x": 1}}', 2.5, "2.5 s"),
    ],
)
def test_what_should_not_be_answered_is_found(status: int, body: str, seconds: float, fault: str) -> None:
    outcome = Outcome()

    outcome.note("owner", "sent", httpx2.Response(status, text=body), seconds)

    assert [one.partition(", as owner")[0] for one in outcome.faults] == [fault]
