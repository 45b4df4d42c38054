"""Start of Portico to its first answer on an existing database, beside a bare application: `python -m bench.startup --help`."""

import argparse
import statistics
import time

from bench import report
from bench.data import Dataset, arguments, prepare
from bench.servers import BARE, Contender, Server, contender


def first_answer(contender: Contender, data: Dataset, token: str | None) -> float:
    """Seconds from the start of the process to a successful answer to the point operation."""
    server = Server(contender, data)
    request = server.requests("point", token or "nobody asks")[0]
    begin = time.perf_counter()
    server.start()
    try:
        answer = server.wait(request)
        taken = time.perf_counter() - begin
    finally:
        server.stop()
    if answer.status != 200 or b'"errors"' in answer.body:
        raise RuntimeError(f"{contender.name} answered {answer.body[:500]!r}")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()

    data = prepare(options.engine, options.clients)
    measured = (contender("portico", options.engine), BARE)
    tokens: dict[str, str | None] = {}
    for each in measured:  # which also leaves the files in the page cache, and the byte code compiled
        with Server(each, data) as server:
            tokens[each.name] = server.token()
    found: dict[str, list[float]] = {each.name: [] for each in measured}
    for _ in range(options.rounds):
        for each in measured:
            found[each.name].append(first_answer(each, data, tokens[each.name]))
    medians = {name: statistics.median(values) for name, values in found.items()}
    rows = [[each.title, f"{medians[each.name]:.2f}", f"{min(found[each.name]):.2f}"] for each in measured]
    print(report.table(["start to first answer in seconds", "median", "least"], rows))
    print(f"\nratio of the medians: {medians['portico'] / medians[BARE.name]:.2f}")
    print(f"\n{report.machine()}. {options.engine}, {options.clients:,} clients; {options.rounds} interleaved starts each.")


if __name__ == "__main__":
    main()
