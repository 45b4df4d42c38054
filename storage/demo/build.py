"""Build the demo data: the same clients, seed and day give the same rows on both engines, ids included."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from argon2 import low_level as argon2

from storage.address import Address
from storage.demo import catalogue, jobs, named, ordinary, portal, second_wind, world
from storage.demo.draw import Draw
from storage.demo.load import LARGE, Load
from storage.demo.load_postgresql import PostgresLoad
from storage.demo.load_sqlite import SqliteLoad
from storage.demo.people import PASSWORD
from storage.demo.rows import Rows, no_rows
from storage.errors import translated
from storage.migrations import migrate

SMALLEST = 30
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was built."""

    clients: int
    rows: dict[str, int]
    seconds: float


async def build_demo(
    database_url: str,
    *,
    clients: int = 200,
    seed: int = 1,
    today: date,
    progress: Callable[[int, int], None] | None = None,
    stage: Callable[[str], None] | None = None,
) -> DemoSummary:
    """Fill a database that has no workspace yet, in one transaction; the tables are made where they are missing.

    `progress` is told how many of the clients are written, `stage` what happens after them.
    """
    if clients < SMALLEST:
        raise ValueError(f"The demo data tells of at least {SMALLEST} clients.")
    begun, address, counts = time.perf_counter(), Address.parse(database_url), Counter[str]()
    await migrate(database_url)
    with translated():
        begin = PostgresLoad.begin if address.dialect == "postgresql" else SqliteLoad.begin
        load: Load = await begin(address.target, clients >= LARGE)
        try:
            for done, rows in _tell(clients, seed, today):
                await load.write(rows)
                counts.update({table: len(found) for table, found in rows.items()})
                if progress is not None:
                    progress(done, clients)
            await load.finish(stage or _quiet)
        except BaseException:
            await load.abandon()
            raise
    return DemoSummary(clients, dict(counts), time.perf_counter() - begun)


def _tell(clients: int, seed: int, today: date) -> Iterator[tuple[int, Rows]]:
    """Chunks of rows, each after the rows it refers to, with the number of clients told so far."""
    day = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp())
    draw, rows = Draw(f"portico {seed}"), no_rows()
    second = max(6, clients // 20)
    password = _hash(seed)
    hart = world.found(rows, draw, "Hart Coaching", "hart", today=day, password_hash=password)
    world.staff_hart(hart, rows, clients)
    catalogue.stock(hart, rows, catalogue.HART)
    catalogue.shop(hart, rows)
    portal.furnish(hart, rows)
    people = named.well_known(hart, rows)
    ended, known = jobs.endings(rows), hart.number
    for done, chunk in ordinary.tell(hart, clients - second - known, _CHUNK, rows):
        yield known + done, chunk
    rows = no_rows()
    other = world.found(rows, draw, "Second Wind", "second-wind", today=day, password_hash=password)
    world.staff_second_wind(other, rows)
    catalogue.stock(other, rows, catalogue.SECOND_WIND)
    catalogue.shop(other, rows)
    portal.furnish(other, rows)
    second_wind.shared(other, rows, people["active-client"])
    for done, chunk in ordinary.tell(other, second - 1, _CHUNK, rows):
        yield clients - second + 1 + done, chunk
    rows = no_rows()
    jobs.tell(hart, rows, ended, people["hot-lead"])
    yield clients, rows


def _hash(seed: int) -> str:
    """Argon2id with the settings of `argon2.PasswordHasher`, and a salt from the seed: demo data is the same every time."""
    salt = f"portico {seed:08d}".encode()
    return argon2.hash_secret(
        PASSWORD.encode(), salt, time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, type=argon2.Type.ID
    ).decode()


def _quiet(_: str) -> None:
    pass
