"""Memory of a warm Portico process, and the peak of building demo data and of an import: `python -m bench.memory --help`."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import load, report
from bench.data import ROOT, arguments, prepare, scratch
from bench.operations import OPERATIONS
from bench.servers import Server, contender

MEGABYTE = 2**20


def resident(pid: int) -> dict[str, float]:
    """RSS and PSS of a process in MB: PSS counts a page shared by n processes as 1/n."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name.rstrip(":"): int(value) for name, value, *_ in map(str.split, lines)}
    return {name: kilobytes[name] * 1024 / MEGABYTE for name in ("Rss", "Pss")}


def peak(command: list[str]) -> float:
    """Highest resident memory, in MB, of a command that must succeed."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss * 1024 / MEGABYTE


def contacts(path: Path, rows: int) -> None:
    """Contacts file in the form of a Google Contacts export."""
    with path.open("w") as file:
        file.write("First Name,Last Name,E-mail 1 - Value,Phone 1 - Value\n")
        for n in range(rows):
            file.write(f"Given{n},Family{n},person{n}@example.com,+1 202 555 {n % 10_000:04}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    arguments(parser)
    parser.add_argument("--clients", type=int, default=20_000, help="behind the warm process")
    parser.add_argument("--build", type=int, default=0, metavar="CLIENTS", help="also build demo data of this size")
    parser.add_argument("--import", type=int, default=0, metavar="ROWS", dest="rows", help="also import a file of this many contacts")
    options = parser.parse_args()

    rows = []
    with Server(contender("portico", options.engine), prepare(options.engine, options.clients)) as server:
        for operation in OPERATIONS:
            load.run(server.port, server.requests(operation), 32, seconds=5)
        warm = resident(server.process.pid)
    rows.append(["warm process, RSS", f"{warm['Rss']:.0f}"])
    rows.append(["warm process, PSS", f"{warm['Pss']:.0f}"])
    if options.build:
        with scratch(options.engine) as url:
            program = "import sys; from bench.data import build; build(sys.argv[1], int(sys.argv[2]))"
            rows.append(
                [f"building {options.build:,} clients, peak RSS", f"{peak([sys.executable, '-c', program, url, str(options.build)]):.0f}"]
            )
    if options.rows:
        with scratch(options.engine) as url, tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "contacts.csv")
            contacts(file, options.rows)
            subprocess.run([str(ROOT / "portico"), "migrate", "--database", url], check=True, stdout=subprocess.DEVNULL)
            command = [str(ROOT / "portico"), "import", str(file), "--database", url]
            rows.append([f"importing {options.rows:,} contacts, peak RSS", f"{peak(command):.0f}"])
    print(report.table(["", "MB"], rows))
    print(f"\n{report.machine()}. {options.engine}, {options.clients:,} clients behind the warm process.")


if __name__ == "__main__":
    main()
