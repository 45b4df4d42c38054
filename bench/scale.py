"""Latency of Portico with a thousand clients and with a million: `python -m bench.scale --help`."""

import argparse
import statistics
from contextlib import ExitStack

from bench import load, report
from bench.data import arguments, prepare
from bench.operations import Operation
from bench.servers import Server, contender
from bench.wire import exchange

MEASURED: tuple[Operation, ...] = ("point", "list")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    arguments(parser)
    parser.add_argument("--small", type=int, default=1_000, help="clients")
    parser.add_argument("--large", type=int, default=1_000_000, help="clients")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2, help="of each turn")
    options = parser.parse_args()

    sizes = (options.small, options.large)
    portico = contender("portico", options.engine)
    medians: dict[tuple[Operation, int], float] = {}
    with ExitStack() as stack:
        servers = {size: stack.enter_context(Server(portico, prepare(options.engine, size))) for size in sizes}
        for operation in MEASURED:
            requests = {size: server.requests(operation) for size, server in servers.items()}
            expected = {size: [exchange(servers[size].port, r).wire_size for r in turn] for size, turn in requests.items()}
            found: dict[int, list[float]] = {size: [] for size in sizes}
            for turn in range(-1, options.rounds):  # the first one warms up
                for size in sizes if turn % 2 else reversed(sizes):
                    window = load.run(servers[size].port, requests[size], 1, options.seconds)
                    window.check(expected[size], 1)
                    if turn >= 0:
                        found[size].append(window.p50)
            medians |= {(operation, size): statistics.median(values) for size, values in found.items()}
    rows = [
        [o, *(f"{medians[o, size]:.3f}" for size in sizes), f"{medians[o, options.large] / medians[o, options.small]:.2f}"]
        for o in MEASURED
    ]
    print(report.table(["latency in ms, 1 connection", *(f"{size:,} clients" for size in sizes), "ratio"], rows))
    print(f"\n{report.machine()}. {options.engine}; medians of {options.rounds} interleaved rounds of {options.seconds:g} s.")


if __name__ == "__main__":
    main()
