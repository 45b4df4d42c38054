"""Portico beside other servers on the same data: `python -m bench.run --help`."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from bench import load, report
from bench.answers import difference, leaves, normalised
from bench.data import Dataset, arguments, prepare
from bench.operations import OPERATIONS, Operation
from bench.servers import CONTENDERS, POOL_SIZE, Server, install_node_contenders, node, node_version
from bench.wire import exchange

WARM_UP = 5.0


@dataclass(frozen=True)
class Plan:
    operations: tuple[Operation, ...]
    connections: tuple[int, ...]
    rounds: int
    seconds: float


@dataclass
class Cell:
    """Windows of one contender, one operation and one number of connections."""

    contender: str
    operation: Operation
    connections: int
    windows: list[load.Window] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(w.rate for w in self.windows)

    @property
    def p50(self) -> float:
        return statistics.median(w.p50 for w in self.windows)

    @property
    def p99(self) -> float:
        return statistics.median(w.p99 for w in self.windows)


def compare_answers(servers: Sequence[Server], operations: Sequence[Operation]) -> None:
    """Stop unless every server gives the same values, counts and order."""
    for operation in operations:
        requests = [server.requests(operation) for server in servers]
        for turn in zip(*requests, strict=True):
            bodies = [exchange(server.port, request).body for server, request in zip(servers, turn, strict=True)]
            answers = [normalised(body) for body in bodies]
            for server, answer in zip(servers[1:], answers[1:], strict=True):
                if where := difference(answers[0], answer):
                    sys.exit(f"{operation}: {servers[0].contender.name} and {server.contender.name} answer differently at {where}")
        sizes = ", ".join(f"{server.contender.name} {len(body):,}" for server, body in zip(servers, bodies, strict=True))
        print(f"{operation}: equal answers of {leaves(answers[0]):,} leaves; bytes: {sizes}", flush=True)


def warm_up(server: Server, requests: list[bytes], connections: int) -> float:
    """Load for a while, as compilers at run time need it; the seconds that three answers on each connection take."""
    for seconds in (WARM_UP, 5 * WARM_UP):
        window = load.run(server.port, requests, connections, seconds)
        server.settle()
        if window.requests >= connections:
            return 3 * connections / window.rate
    raise load.LoadError(f"{server.contender.name} gave {window.requests} answers in {seconds:g} s")


def measure(servers: Sequence[Server], plan: Plan) -> list[Cell]:
    """Rounds in which each server has its short turn, another one first in every round; a slow server has a longer turn."""
    cells: list[Cell] = []
    for operation in plan.operations:
        for connections in plan.connections:
            block = [Cell(server.contender.name, operation, connections) for server in servers]
            requests = [server.requests(operation) for server in servers]
            sizes = [[exchange(s.port, r).wire_size for r in turn] for s, turn in zip(servers, requests, strict=True)]
            entries = list(zip(servers, block, requests, sizes, strict=True))
            seconds = {server: max(plan.seconds, warm_up(server, turn, connections)) for server, _, turn, _ in entries}
            for number in range(plan.rounds):
                shift = number % len(entries)
                for server, cell, turn, expected in entries[shift:] + entries[:shift]:
                    window = load.run(server.port, turn, connections, seconds[server])
                    server.settle()
                    window.check(expected, connections)
                    cell.windows.append(window)
            cells += block
            print(f"{operation} at {connections}: " + ", ".join(f"{c.contender} {c.rate:,.0f}/s" for c in block), flush=True)
    return cells


def figures(servers: Sequence[Server], cells: Sequence[Cell], plan: Plan) -> str:
    """Requests per second with latencies, then the ratio of the first server to each other one."""
    blocks = [(operation, connections) for operation in plan.operations for connections in plan.connections]
    by_key = {(c.contender, c.operation, c.connections): c for c in cells}
    head = [f"{operation}, {connections} conn." for operation, connections in blocks]

    def row(server: Server) -> list[str]:
        mine = [by_key[server.contender.name, *block] for block in blocks]
        return [server.contender.title, *(f"{c.rate:,.0f} ({c.p50:.2f} / {c.p99:.2f})" for c in mine)]

    def ratios(server: Server) -> list[str]:
        pairs = [(by_key[servers[0].contender.name, *b], by_key[server.contender.name, *b]) for b in blocks]
        return [server.contender.title, *(f"{ours.rate / theirs.rate:.2f}" for ours, theirs in pairs)]

    rates = report.table(["requests/s (p50 / p99 in ms)", *head], map(row, servers))
    times = report.table([f"{servers[0].contender.title} / ...", *head], map(ratios, servers[1:]))
    return f"{rates}\n\n{times}"


def setting(data: Dataset, servers: Sequence[Server], plan: Plan) -> str:
    """How it was measured, with every version."""
    names = {server.contender.name for server in servers}
    versions = [report.python_versions("starlette", "uvicorn", "strawberry-graphql", "asyncpg", "aiosqlite")]
    versions += [f"{package} {node_version(package)}" for package in ("mercurius", "postgraphile") if package in names]
    if names & {"mercurius", "postgraphile"}:
        versions.append(f"Node {report.program_version(node(), '--version')}")
    return (
        f"{report.machine()}. {data.engine}, {data.clients:,} clients; one process each with {POOL_SIZE[data.engine]} connections to the "
        f"database; medians of {plan.rounds} interleaved rounds of {plan.seconds:g} s; load by {load.generator()} on the same machine. "
        f"{', '.join(versions)}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=lambda text: tuple(map(int, text.split(","))), default=(1, 32), metavar="N,...")
    parser.add_argument("--operations", type=lambda text: tuple(text.split(",")), default=OPERATIONS, metavar="NAME,...")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...", help="the first is compared with the others")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every window there")
    options = parser.parse_args()
    if unknown := set(options.operations) - set(OPERATIONS):
        parser.error(f"unknown operations: {', '.join(sorted(unknown))}")

    known = {c.name: c for c in CONTENDERS if c.engine == options.engine}
    if unknown := set(options.only or ()) - set(known):
        parser.error(f"unknown contenders on {options.engine}: {', '.join(sorted(unknown))}")
    chosen = [known[name] for name in options.only or known]
    plan = Plan(options.operations, options.connections, options.rounds, options.seconds)

    if {"mercurius", "postgraphile"} & {c.name for c in chosen}:
        install_node_contenders()
    data = prepare(options.engine, options.clients)
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(c, data)) for c in chosen]
        compare_answers(servers, plan.operations)
        cells = measure(servers, plan)
        text = f"{figures(servers, cells, plan)}\n\n{setting(data, servers, plan)}"
    print(f"\n{text}")
    if options.json:
        record = {"setting": setting(data, servers, plan), "cells": list(map(asdict, cells))}
        options.json.write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
