"""Long documents are read by a process of its own: the same is found in them, whatever becomes of the process and of who asked."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from graphql import print_ast

from planner.documents import Prepared
from planner.engine import Engine
from server.app import build_engine
from server.reading import LONG, Reading

FIELDS = "id name status email phone createdAt tags coach { id name }"
VALID = f"""query ($more: Boolean = true) {{ clients(first: 2) {{ nodes {{ ...C {FIELDS} }} }} again: clients(first: 3) {{
  nodes {{ {FIELDS} notes @include(if: $more) }} }} }} fragment C on Client {{ id version appointments(first: 3) {{ nodes {{ id }} }} }}
# {"x" * LONG}"""
INVALID = {
    "not GraphQL": "{ " + "clients " * LONG,
    "unknown fields": "{\n  clients(first: 3) { nodes { id } }\n" + "".join(f"  nope{i}\n" for i in range(LONG)) + "}",
    "a limit": "{ viewer { " + " ".join(f"a{i}: __typename" for i in range(LONG)) + "} }",
    "half a character": "{ clients \ud83d }" + " " * LONG,
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return build_engine("sqlite", b"x" * 40)


@pytest_asyncio.fixture
async def reading(engine: Engine) -> AsyncIterator[Reading]:
    """Whose process is there."""
    made = Reading(engine)
    await made.start()
    yield made
    await made.close()


def told(prepared: Prepared) -> list[object]:
    return [(error.message, error.locations, error.extensions or {}) for error in prepared.errors]


async def test_a_valid_document_is_the_same(engine: Engine, reading: Reading) -> None:
    here, (there, took) = engine.read(VALID), await reading.read(VALID)
    assert there.errors == []
    assert there.document is not None
    assert here.document is not None
    assert print_ast(there.document) == print_ast(here.document)
    assert (there.flags, list(there.fragments)) == (("more",), ["C"])
    assert there.fragments["C"] is there.document.definitions[1]
    assert took > 0


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
async def test_what_is_wrong_is_told_the_same(engine: Engine, reading: Reading, text: str) -> None:
    here, (there, _) = engine.read(text), await reading.read(text)
    assert told(there) == told(here) != []
    assert there.document is None


async def test_a_process_that_dies_is_replaced(reading: Reading) -> None:
    process = reading.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert (await reading.read(VALID))[0].errors == []
    await reading.start()
    assert reading.process is not None
    assert reading.process.pid != process.pid
    assert (await reading.read(VALID))[0].errors == []


async def test_who_leaves_takes_no_answer_of_another(reading: Reading) -> None:
    leaving = [asyncio.create_task(reading.read(INVALID["unknown fields"])) for _ in range(5)]
    staying = asyncio.create_task(reading.read(VALID))
    await asyncio.sleep(0)
    for one in leaving:
        one.cancel()
    assert (await staying)[0].errors == []
    assert all(isinstance(left, asyncio.CancelledError) for left in await asyncio.gather(*leaving, return_exceptions=True))
    assert (await reading.read(VALID))[0].errors == []


async def test_a_process_that_hangs_is_given_up(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.reading.PATIENCE_SECONDS", 0.2)
    assert reading.process is not None
    process = reading.process
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        await reading.read(VALID)
    assert process.returncode == -signal.SIGKILL
    assert (await reading.read(VALID))[0].errors == []


async def test_nothing_is_left_of_it(engine: Engine) -> None:
    made = Reading(engine)
    await made.start()
    process = made.process
    assert process is not None
    await made.close()
    assert process.returncode is not None


async def test_closed_while_it_starts(engine: Engine) -> None:
    made = Reading(engine)
    made.start()
    await made.close()
    assert made.process is None


async def test_it_starts_once_a_thread_has_read_for_long(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Reading(engine)
    begun: list[bool] = []
    for worth in (1.0, 0.0):
        monkeypatch.setattr("server.reading.WORTH_SECONDS", worth)
        assert (await made.read(VALID))[0].errors == []
        begun.append(made.starting is not None)
    await made.close()
    assert begun == [False, True]
