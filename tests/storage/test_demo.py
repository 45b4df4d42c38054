"""Demo data: the same everywhere, and the stories it promises."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from sqlalchemy import Boolean, Date
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from resolvers.demo_receipts import give_receipts
from resolvers.erasure.receipts import check
from storage.database import Database
from storage.demo.build import build_demo
from storage.demo.people import DEMO_PEOPLE, PASSWORD
from storage.demo.rows import COLUMNS
from storage.errors import NotEmpty
from storage.instants import instant_of
from storage.migrations import check as check_migrations
from tests.databases import DEMO_CLIENTS, DEMO_DAY
from tests.storage.shape import shape_of


def plain(value: Any, kind: object) -> str:
    if value is None:
        return "-"
    if isinstance(kind, UTCDateTime):
        return instant_of(value).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(kind, Date) and isinstance(value, date):
        return value.isoformat()
    return str(bool(value)) if isinstance(kind, Boolean) else str(value)


async def digest(database: Database) -> str:
    """SHA-256 over every row of every table, in the order of the keys."""
    summary = sha256()
    async with database.read() as reader:
        for table in SQLModel.metadata.sorted_tables:
            keys = ", ".join(column.name for column in table.primary_key)
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            for row in await reader.fetch(f'SELECT {names} FROM "{table.name}" ORDER BY {keys}'):
                line = "\t".join(plain(value, column.type) for value, column in zip(row, table.columns, strict=True))
                summary.update(f"{table.name}\t{line}\n".encode())
    return summary.hexdigest()


async def rows(database: Database, sql: str) -> Sequence[Sequence[object]]:
    async with database.read() as reader:
        return await reader.fetch(sql)


async def counts(database: Database, sql: str) -> dict[object, object]:
    return {row[0]: row[1] for row in await rows(database, sql)}


async def build_and_digest(url: str, *, seed: int = 1) -> str:
    await build_demo(url, clients=60, seed=seed, today=DEMO_DAY)
    async with await Database.open(url) as database:
        return await digest(database)


@pytest_asyncio.fixture(scope="session")
async def reference(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Digest of 60 clients, seed 1, on SQLite."""
    return await build_and_digest(f"sqlite:///{tmp_path_factory.mktemp('reference') / 'demo.db'}")


async def test_the_same_rows_on_every_run_and_every_engine(blank_url: str, reference: str) -> None:
    assert await build_and_digest(blank_url) == reference


async def test_another_seed_tells_of_other_people(blank_url: str, reference: str) -> None:
    assert await build_and_digest(blank_url, seed=2) != reference


async def test_a_large_build_takes_the_indexes_down_and_leaves_the_same(
    blank_url: str, database: Database, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.demo.build.LARGE", 60)
    assert await build_and_digest(blank_url) == reference
    await check_migrations(blank_url)
    assert await shape_of(blank_url) == await shape_of(database.url)


async def test_a_database_with_a_workspace_is_left_alone(own_demo: Database) -> None:
    before = await digest(own_demo)
    with pytest.raises(NotEmpty, match="already has a workspace"):
        await build_demo(own_demo.url, clients=60, today=DEMO_DAY)
    assert await digest(own_demo) == before


async def test_a_build_that_breaks_leaves_nothing(blank_url: str) -> None:
    def break_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await build_demo(blank_url, clients=60, today=DEMO_DAY, progress=break_off)
    async with await Database.open(blank_url) as database:
        assert (await rows(database, "SELECT count(*) FROM workspace"))[0][0] == 0
    assert (await build_demo(blank_url, clients=60, today=DEMO_DAY)).clients == 60


async def test_too_few_clients_for_the_stories(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 30"):
        await build_demo(f"sqlite:///{tmp_path / 'few.db'}", clients=29, today=DEMO_DAY)


async def test_progress_counts_every_client(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    await build_demo(
        f"sqlite:///{tmp_path / 'some.db'}", clients=70, today=DEMO_DAY, progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1] == (70, 70)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


async def test_as_many_clients_as_asked_in_two_workspaces(demo_database: Database) -> None:
    per = await counts(demo_database, "SELECT w.slug, count(*) FROM client c JOIN workspace w ON w.id = c.workspace_id GROUP BY w.slug")
    assert per == {"hart": DEMO_CLIENTS - 10, "second-wind": 10}


async def test_one_login_two_coaches(demo_database: Database) -> None:
    found = await rows(
        demo_database,
        "SELECT w.slug FROM client c JOIN account a ON a.id = c.account_id JOIN workspace w ON w.id = c.workspace_id"
        " WHERE a.username = 'active-client' ORDER BY w.slug",
    )
    assert [row[0] for row in found] == ["hart", "second-wind"]


async def test_everybody_signs_in_with_the_one_password(demo_database: Database) -> None:
    known = await counts(demo_database, "SELECT username, password_hash FROM account")
    for person in DEMO_PEOPLE.values():
        assert PasswordHasher().verify(str(known[person.username]), PASSWORD)
    assert len(set(known.values())) == 1


async def test_every_word_of_the_vocabulary_is_told(demo_database: Database) -> None:
    for sql, words in (
        ("SELECT status FROM client", {"PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER"}),
        ("SELECT data_state FROM client", {"PRESENT", "HISTORY_DELETED", "CONTACT_DELETED", "ERASED"}),
        ("SELECT access_mode FROM client WHERE status = 'INACTIVE'", {"NONE", "PURCHASED_CONTENT", "READ_ONLY", "PAY_ONLY"}),
        ("SELECT state FROM enrollment", {"ACTIVE", "DEACTIVATED", "DELETED"}),
        ("SELECT payment_status FROM enrollment", {"NOT_REQUIRED", "CURRENT", "DECLINED", "CANCELLED", "EXPIRED"}),
        ("SELECT state FROM appointment", {"BOOKED", "COMPLETED", "CANCELLED", "NO_SHOW", "REMOVED"}),
        ("SELECT counting_status FROM appointment", {"PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE"}),
        ("SELECT state FROM invoice", {"DRAFT", "OPEN", "PAID", "VOID"}),
        ("SELECT state FROM payment", {"SUCCEEDED", "DECLINED", "REFUNDED"}),
        ("SELECT role FROM member", {"OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST"}),
    ):
        assert words <= {str(row[0]) for row in await rows(demo_database, sql)}, sql


async def test_the_shares_of_the_statuses(demo_database: Database) -> None:
    found = Counter(str(row[0]) for row in await rows(demo_database, "SELECT status FROM client"))
    assert 0.3 < found["PROSPECT"] / DEMO_CLIENTS < 0.6
    assert 0.15 < found["ACTIVE"] / DEMO_CLIENTS < 0.4


async def test_the_active_client_has_all_seven_kinds_of_interaction(demo_database: Database) -> None:
    maya = "(SELECT c.id FROM client c JOIN account a ON a.id = c.account_id JOIN workspace w ON w.id = c.workspace_id"
    maya += " WHERE a.username = 'active-client' AND w.slug = 'hart')"
    tables = ("appointment", "attendance", "message", "estimate", "invoice", "payment", "client_document")
    found = {table: (await rows(demo_database, f"SELECT count(*) FROM {table} WHERE client_id = {maya}"))[0][0] for table in tables}
    assert min(int(str(count)) for count in found.values()) > 0
    assert found["appointment"] == 20
    assert int(str(found["message"])) >= 15


async def test_things_change_after_the_freeze(demo_database: Database) -> None:
    frozen = "(SELECT e.frozen_at FROM enrollment e JOIN client c ON c.id = e.client_id JOIN account a ON a.id = c.account_id"
    frozen += " JOIN package p ON p.id = e.package_id WHERE a.username = 'frozen-client' AND p.name = 'Career Compass')"
    for table, column in (
        ("module_version", "published_at"),
        ("document_revision", "revised_at"),
        ("package_item", "added_at"),
        ("document", "added_at"),
    ):
        for sign in ("<", ">"):
            found = await rows(demo_database, f"SELECT count(*) FROM {table} WHERE {column} {sign} {frozen}")
            assert int(str(found[0][0])) > 0, (table, sign)


async def test_what_is_deleted_is_gone_and_the_hours_stay(demo_database: Database) -> None:
    blank = await rows(demo_database, "SELECT data_state, name, email, phone FROM client WHERE data_state IN ('CONTACT_DELETED', 'ERASED')")
    assert [list(row[1:]) for row in blank] == [["", None, None]] * len(blank)
    for state, kept in (("HISTORY_DELETED", False), ("ERASED", False), ("CONTACT_DELETED", True)):
        sql = f"SELECT count(*) FROM appointment a JOIN client c ON c.id = a.client_id WHERE c.data_state = '{state}'"
        assert bool((await rows(demo_database, sql))[0][0]) is kept
    hours = await rows(
        demo_database, "SELECT count(*) FROM hour_ledger_entry WHERE erased AND starts_at IS NULL AND appointment_id IS NULL"
    )
    assert hours[0][0] == 6


@pytest.mark.req("T13", "T14")
async def test_deletions_are_told_with_receipts_that_verify(own_demo: Database) -> None:
    """One of each kind is done, one is on its way, one hold stands; the gateway signs with its own secret."""
    await give_receipts(own_demo, b"secret of a gateway")
    told = await rows(
        own_demo,
        "SELECT c.data_state, r.state, r.parts, r.client_number - c.number, p.complete FROM erasure_request r"
        " JOIN client c ON c.id = r.client_id LEFT JOIN erasure_receipt p ON p.request_id = r.id ORDER BY c.number",
    )
    done, everything = ("COMPLETED", 0, True), '["HISTORY","CONTACT"]'
    assert sorted((*row[:2], row[2], row[3], None if row[4] is None else bool(row[4])) for row in told) == sorted(
        [
            ("CONTACT_DELETED", done[0], '["CONTACT"]', *done[1:]),
            ("ERASED", done[0], everything, *done[1:]),
            ("HISTORY_DELETED", done[0], '["HISTORY"]', *done[1:]),
            ("PRESENT", "SCHEDULED", everything, 0, None),
        ]
    )
    before = None
    for body, previous, hashed, signature in await rows(
        own_demo, "SELECT body, previous_hash, content_hash, signature FROM erasure_receipt ORDER BY position"
    ):
        checked = check(str(body), str(previous), str(hashed), str(signature), before=before, secrets=[b"secret of a gateway"])
        assert (checked.content, checked.chain, checked.signature) == (True, True, True)
        before = str(hashed)
    assert before is not None
    holds = await rows(own_demo, "SELECT c.data_state, h.released_at FROM legal_hold h JOIN client c ON c.id = h.client_id")
    assert [tuple(row) for row in holds] == [("PRESENT", None)]


async def test_time_makes_sense(demo_database: Database) -> None:
    day, same_client = f"'{DEMO_DAY} 00:00:00'", "JOIN client c ON c.workspace_id = a.workspace_id AND c.id = a.client_id"
    for impossible in (
        f"SELECT id FROM appointment WHERE state IN ('COMPLETED', 'NO_SHOW') AND starts_at >= {day}",
        "SELECT id FROM appointment WHERE booked_at > starts_at",
        f"SELECT a.id FROM appointment a {same_client} WHERE a.booked_at < c.created_at",
        "SELECT id FROM enrollment WHERE frozen_at < enrolled_at OR deleted_at < enrolled_at",
        f"SELECT id FROM message WHERE sent_at >= {day}",
        "SELECT id FROM payment WHERE paid_at IS NULL",
        "SELECT p.id FROM payment p JOIN invoice i ON i.id = p.invoice_id WHERE p.paid_at < i.issued_at",
        f"SELECT id FROM payment WHERE paid_at >= {day}",
        f"SELECT a.id FROM appointment a {same_client} WHERE a.starts_at >= {day} AND a.state = 'BOOKED' AND a.counting_status <> c.status",
    ):
        assert await rows(demo_database, impossible) == [], impossible


async def test_ids_carry_the_time_of_their_row(demo_database: Database) -> None:
    found: Any = await rows(demo_database, "SELECT id, created_at FROM client")
    for row_id, created in found:
        assert int(str(row_id)[:12], 16) // 1000 == int(instant_of(created).timestamp())
        assert str(row_id)[12] == "7"
        assert str(row_id)[16] in "89ab"


def test_columns_exist() -> None:
    for name, columns in COLUMNS.items():
        table = SQLModel.metadata.tables[name]
        assert set(columns) <= set(table.columns.keys()), name
        required = {column.name for column in table.columns if not column.nullable}
        assert required <= set(columns), name
