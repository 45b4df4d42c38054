"""Hostile documents: what reading each costs beside a harmless one of the same size, and what others feel of who sends them.

`python -m bench.hostile --help`
"""

import argparse
import asyncio
import statistics
import time
import tracemalloc
from typing import Final

from bench import report
from bench.data import arguments, prepare
from bench.jobs import POINT, Felt, Line, paced
from bench.servers import Server, contender
from planner.engine import Engine
from server.app import build_engine

SECRET: Final = b"bench" * 8
READS_A_SECOND: Final = 100


def _chain(length: int, spreads: int = 1) -> str:
    inner = " ".join(f"fragment F{i} on Client {{ coach {{ id }} {f'...F{i + 1} ' * spreads}}}" for i in range(length))
    return f"{{ clients {{ nodes {{ ...F0 }} }} }} {inner} fragment F{length} on Client {{ id }}"


HOSTILE: Final = {
    "one field many times": "{ viewer { " + "__typename " * 3900 + "} }",
    "one object many times": "{ " + "viewer { __typename } " * 900 + "}",
    "one field with many arguments": "{ " + " ".join(f"clients(first: {i}) {{ totalCount }}" for i in range(390)) + "}",
    "aliases": "{ viewer { " + " ".join(f"a{i}: __typename" for i in range(1300)) + "} }",
    "fields in conflict": "{ clients { nodes { " + "a: name a: status " * 650 + "} } }",
    "directives": "{ __typename " + "@a " * 1900 + "}",
    "fragments in a chain": _chain(300),
    "fragments that double": _chain(200, 2),
    "fragments in circles": "{ ...F0 } "
    + " ".join(f"fragment F{i} on Query {{ {' '.join(f'...F{j}' for j in range(20))} }}" for i in range(20)),
    "fragments in a mesh": "{ ...F0 } "
    + " ".join(f"fragment F{i} on Query {{ {' '.join(f'...F{j}' for j in range(i + 1, 40))} viewer {{ __typename }} }}" for i in range(40)),
    "unknown fields": "{ " + " ".join(f"nope{i}" for i in range(3900)) + "}",
    "unknown arguments": "{ viewer(" + " ".join(f"a{i}: 1" for i in range(1300)) + ") { __typename } }",
    "variables": "query (" + " ".join(f"$v{i}: Int" for i in range(970)) + ") { viewer { __typename } }",
    "a list": "{ nodes(ids: [" + '"a" ' * 3900 + "]) { id } }",
    "lists in lists": "{ nodes(ids: " + "[" * 900 + "]" * 900 + ") { id } }",
    "deep nesting": "{" + "... {" * 900 + "__typename" + "}" * 900 + "}",
    "deep introspection": "{ __schema { types { " + "fields { type { " * 40 + "name" + " } }" * 40 + " } } }",
    "a long text": '{ node(id: "' + "a" * 250_000 + '") { id } }',
    "a long comment": "#" + "a" * 250_000 + "\n{ viewer { __typename } }",
    "commas": "," * 250_000 + "{ viewer { __typename } }",
}


def harmless(size: int) -> str:
    """Valid document of about this size, with no more tokens than any may have."""
    text, number, fields = "", 0, "id name status email phone createdAt coach { id name }"
    while len(text) < size and number < 150:
        text += f"query Q{number} {{ clients(first: {number % 99 + 1}) {{ nodes {{ {fields} }} }} }} "
        number += 1
    return text + "#" * max(0, size - len(text))


def _milliseconds(engine: Engine, text: str) -> float:
    took = []
    for _ in range(5):
        began = time.thread_time()
        engine.read(text)
        took.append(time.thread_time() - began)
    return min(took) * 1000


def documents() -> str:
    """Table of the documents: work, ratio, memory, and what is answered."""
    engine, rows = build_engine("sqlite", SECRET), []
    for name, text in HOSTILE.items():
        beside, took = _milliseconds(engine, harmless(len(text))), _milliseconds(engine, text)
        tracemalloc.start()
        errors = engine.read(text).errors
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        said = errors[0].message.splitlines()[0][:60] if errors else "valid"
        rows.append([name, f"{len(text):,}", f"{took:.1f}", f"{took / beside:.2f}", f"{peak:.1f}", said])
    return report.table(["document", "bytes", "ms", "of a harmless one", "MB", "answer"], rows)


async def _felt(line: Line, ids: list[str], seconds: float) -> list[float]:
    """Latencies, in milliseconds, of somebody who reads at a fixed rate."""
    felt, over = Felt(), asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, over.set)

    async def read(number: int) -> None:
        await line.ask(POINT, id=ids[number % len(ids)])

    await paced(READS_A_SECOND, felt, over, read)
    return felt.values


async def _attack(line: Line, over: asyncio.Event, sent: list[int]) -> None:
    """One connection that sends hostile documents as fast as they are answered; each is new, by its number."""
    texts = list(HOSTILE.values())
    while not over.is_set():
        sent[0] += 1
        await line.send(f"{texts[sent[0] % len(texts)]} #{sent[0]}")


async def _measure(server: Server, ids: list[str], seconds: float) -> tuple[list[float], list[float], int]:
    victim = await Line(server).open()
    await _felt(victim, ids, 2)
    quiet = await _felt(victim, ids, seconds)
    over, sent = asyncio.Event(), [0]
    attackers = [await Line(server, "coach").open() for _ in range(4)]
    attack = [asyncio.create_task(_attack(line, over, sent)) for line in attackers]
    beside = await _felt(victim, ids, seconds)
    over.set()
    await asyncio.gather(*attack)
    for line in (victim, *attackers):
        line.close()
    return quiet, beside, sent[0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60, help="of the quiet time, and of the attack")
    options = parser.parse_args()
    print(documents())
    data = prepare(options.engine, options.clients)
    with Server(contender("portico", options.engine), data, {"PORTICO_COST_PER_MINUTE": "5000000"}) as server:
        ids = [f"client_{key.hex}" for key in data.sample]
        quiet, beside, sent = asyncio.run(_measure(server, ids, options.seconds))
    rows = [
        [name, *(f"{cut:.1f}" for cut in (statistics.median(felt), statistics.quantiles(felt, n=100)[98], max(felt)))]
        for name, felt in (("quiet", quiet), ("beside the attack", beside))
    ]
    print("\n" + report.table([f"{READS_A_SECOND} reads a second, ms", "p50", "p99", "most"], rows))
    print(f"\n{sent:,} hostile requests of one caller, on 4 connections.")
    print(f"\n{report.machine()}. {options.engine}, {options.seconds:g} s each.")


if __name__ == "__main__":
    main()
