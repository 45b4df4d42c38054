"""Totals and lines of a certification report beside the bare SQL for the same numbers: `python -m bench.certification --help`."""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from bench import report
from bench.data import SERVER
from lifecycle.rule_sets import rules_of
from lifecycle.vocabulary import ClientStatus, ConsentPurpose, Role
from planner.dialect import DIALECTS
from planner.ids import Cursors
from resolvers.callers import fetch
from resolvers.certification.ask import reading
from resolvers.certification.asked import Ask, Asked
from resolvers.certification.pages import Wanted, page_of
from resolvers.certification.report import report_of
from storage.database import Database
from storage.migrations import migrate
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.clients import Client, Consent
from storage.tables.workspace import Account, Member, Workspace

NOW: Final = datetime(2026, 11, 28, 12, tzinfo=UTC)
#: What the bare statements say of the sessions of this coach, who has no groups and no entries by hand: the same as the report.
MINUTES: Final = "COALESCE(a.actual_minutes, a.planned_minutes)"
MINE: Final = "a.workspace_id = :workspace AND a.coach_id = :coach AND a.booked_at <= :at"
COUNTS: Final = (
    "(a.counts_override = TRUE OR (a.counts_override IS NULL AND a.state = 'COMPLETED' AND a.coaching_kind NOT IN ('MENTOR', 'SUPERVISION')"
    " AND a.counting_status IN ('ACTIVE', 'INACTIVE', 'HOT_LEAD')"
    " AND a.type_id IN (SELECT y.id FROM appointment_type y WHERE y.workspace_id = :workspace AND y.coaching = TRUE)))"
)
AGREED: Final = "k.purpose = 'CERT_LOG' AND k.given_at <= :at AND (k.withdrawn_at IS NULL OR k.withdrawn_at > :at)"
LISTED: Final = (
    "(SELECT k.client_id FROM consent k JOIN client c ON c.workspace_id = k.workspace_id AND c.id = k.client_id"
    f" WHERE k.workspace_id = :workspace AND {AGREED} AND c.data_state NOT IN ('CONTACT_DELETED', 'ERASED'))"
)
NAMED: Final = (
    "c.data_state NOT IN ('CONTACT_DELETED', 'ERASED')"
    f" AND EXISTS (SELECT 1 FROM consent k WHERE k.workspace_id = c.workspace_id AND k.client_id = c.id AND {AGREED})"
)
TOTALS: Final = (
    f"SELECT (SELECT COUNT(*) FROM appointment a WHERE {MINE}), COUNT(*), SUM({MINUTES}),"
    f" SUM(CASE WHEN a.compensation <> 'PRO_BONO' THEN {MINUTES} ELSE 0 END),"
    f" SUM(CASE WHEN a.starts_at >= :recent THEN {MINUTES} ELSE 0 END),"
    f" SUM(CASE WHEN a.client_id IN {LISTED} THEN 0 ELSE {MINUTES} END), COUNT(DISTINCT a.client_id)"
    f" FROM appointment a WHERE {MINE} AND {COUNTS}"
)
PAGE: Final = (
    f"SELECT a.id, a.starts_at, {MINUTES}, a.coaching_kind, a.compensation, a.counting_status, a.counts_override, a.override_reason,"
    f" a.direct_report, c.number, CASE WHEN {NAMED} THEN c.name END"
    f" FROM (SELECT * FROM appointment a WHERE {MINE} AND {COUNTS} ORDER BY a.starts_at DESC, a.id DESC LIMIT 101) a"
    " JOIN client c ON c.workspace_id = a.workspace_id AND c.id = a.client_id ORDER BY a.starts_at DESC, a.id DESC"
)

#: Pages are read so many times a round: one takes no longer than a hiccup of the machine.
PAGES: Final = 20


async def build(database: Database, sessions: int, clients: int) -> tuple[str, str]:
    """One coach with so many sessions over ten years; keys of the workspace and the coach."""
    draw = random.Random(1)
    workspace, account = Workspace(name="Bench", slug="bench"), Account(username="bench")
    w: Any = {"workspace_id": workspace.id}
    coach = Member(account_id=account.id, name="Coach", role=Role.COACH, **w)
    kind = AppointmentType(name="Coaching", **w)
    people = [
        Client(coach_id=coach.id, status=draw.choice(list(ClientStatus)), name=f"C {n}", sort_name=f"c {n}", number=n, **w)
        for n in range(clients)
    ]
    agreed = [
        Consent(client_id=client.id, purpose=ConsentPurpose.CERT_LOG, given_at=NOW - timedelta(days=4000), **w) for client in people[::2]
    ]
    async with database.write() as session:
        for rows in ([workspace, account], [coach, kind], people, agreed):
            session.add_all(rows)
            await session.flush()
    keys = {"workspace_id": workspace.id, "coach_id": coach.id, "type_id": kind.id}
    made = (session_of(draw, n / sessions, keys, people) for n in range(sessions))
    await load(database, made)
    return workspace.id.hex, coach.id.hex


def session_of(draw: random.Random, part: float, keys: Mapping[str, UUID], people: list[Client]) -> tuple[Any, ...]:
    """Cells of one session, in the order of the table."""
    client = people[int(draw.random() ** 2 * len(people))]
    starts = NOW - timedelta(days=3650 * (1 - part), minutes=draw.randrange(600))
    status = draw.choices([*ClientStatus], [5, 10, 65, 15, 5])[0].value
    values: dict[str, Any] = dict.fromkeys(column.name for column in table().columns)
    values |= {**keys, "id": uuid7(), "client_id": client.id, "starts_at": starts}
    values |= {"planned_minutes": 60, "actual_minutes": draw.choice([None, 45, 50, 60]), "booked_at": starts - timedelta(days=9)}
    values |= {
        "state": draw.choices(["COMPLETED", "CANCELLED", "NO_SHOW"], [88, 8, 4])[0],
        "booked_status": status,
        "counting_status": status,
    }
    values |= {
        "compensation": draw.choice(["PAID", "PAID", "PAID", "PRO_BONO"]),
        "coaching_kind": "INDIVIDUAL",
        "direct_report": False,
        "version": 1,
    }
    return tuple(values.values())


def table() -> Any:
    return SQLModel.metadata.tables[str(Appointment.__tablename__)]


async def load(database: Database, rows: Any) -> None:
    names = [column.name for column in table().columns]
    async with database.write() as session:
        driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        if database.dialect == "sqlite":
            marks = ", ".join("?" * len(names))
            await driver.executemany(
                f"INSERT INTO appointment ({', '.join(names)}) VALUES ({marks})", (tuple(map(_sqlite, row)) for row in rows)
            )
        else:
            await driver.copy_records_to_table("appointment", records=rows, columns=names)
    async with database.write() as session:
        if database.dialect == "sqlite":
            await (await session.connection()).exec_driver_sql("ANALYZE")
    if database.dialect == "postgresql":
        connection = await asyncpg.connect(database.url)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()


def _sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return DIALECTS["sqlite"].instant(value) if isinstance(value, datetime) else value


async def timed(work: Callable[[], Awaitable[Any]]) -> float:
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


async def compare(ask: Ask, asked: Asked, rounds: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds of the report's part and of the bare SQL, turn by turn."""
    cursors = Cursors(b"bench")

    def bare(sql: str) -> Callable[[], Awaitable[Any]]:
        return lambda: ask(sql, asked.parameters)

    pairs: Mapping[str, tuple[Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]]]] = {
        "totals": (lambda: report_of(ask, asked, ("totals",)), bare(TOTALS)),
        "first page of 100 lines": (lambda: page_of(ask, asked, Wanted(counted=True), cursors, {"first": 100}), bare(PAGE)),
    }
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in pairs}
    for turn in range(-1, rounds):  # the first one warms up
        for name, works in pairs.items():
            for _ in range(PAGES if "page" in name else 1):
                for times, work in zip(found[name], works, strict=True):
                    took = await timed(work)
                    if turn >= 0:
                        times.append(took)
    return {name: (statistics.median(ours), statistics.median(theirs)) for name, (ours, theirs) in found.items()}


async def same(ask: Ask, asked: Asked) -> None:
    """The two agree on every number and on every line of the page, or nothing is measured."""
    totals = (await report_of(ask, asked, ("totals",))).totals
    minutes = [totals.sums[name].minutes for name in ("all", "paid", "recent", "unlisted")]
    page = await page_of(ask, asked, Wanted(counted=True), Cursors(b"bench"), {"first": 100})
    pairs = (
        (
            (totals.everything, totals.sums["all"].sessions, *minutes, totals.clients["all"]),
            tuple((await ask(TOTALS, asked.parameters))[0]),
        ),
        (
            [(line.row.id, line.row.minutes, line.row.number, line.name) for line in page.lines],
            [(row[0], row[2], row[9], row[10]) for row in (await ask(PAGE, asked.parameters))[:100]],
        ),
    )
    for ours, bare in pairs:
        if ours != bare:
            raise SystemExit(f"the report says {ours}, the bare SQL {bare}")


async def measure(engine: str, sessions: int, clients: int, rounds: int) -> dict[str, tuple[float, float]]:
    name = f"portico_bench_certification_{int(time.time())}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db" if engine == "sqlite" else urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
        if engine == "postgresql":
            await _server(f"CREATE DATABASE {name}")
        try:
            await migrate(url)
            async with await Database.open(url) as database:
                workspace, coach = await build(database, sessions, clients)
                rules = rules_of("ICF_PCC", NOW.date())
                asked = Asked(
                    workspace=workspace, coach=coach, zone=ZoneInfo("Europe/Berlin"), at=NOW, rules=rules, dialect=database.dialect
                )
                async with database.read() as reader:
                    ask = reading(reader)
                    await fetch(reader, "SELECT 1", {})
                    await same(ask, asked)
                    return await compare(ask, asked, rounds)
        finally:
            if engine == "postgresql":
                await _server(f"DROP DATABASE {name} WITH (FORCE)")


async def _server(sql: str) -> None:
    connection = await asyncpg.connect(SERVER)
    await connection.execute(sql)
    await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.certification", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--sessions", type=int, default=1_000_000, help="of one coach")
    parser.add_argument("--clients", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    found = asyncio.run(measure(options.engine, options.sessions, options.clients, options.rounds))
    rows = [[name, f"{ours:.1f}", f"{bare:.1f}", f"{ours / bare:.2f}"] for name, (ours, bare) in found.items()]
    print(report.table([f"ms, {options.sessions:,} sessions of one coach", "report", "bare SQL", "ratio"], rows))
    print(f"\n{report.machine()}. {options.engine}, {options.clients:,} clients; medians of {options.rounds} interleaved rounds.")


if __name__ == "__main__":
    main()
