"""`portico report`: the certification report of a coach as a file."""

import os
from pathlib import Path

import pytest
from sqlmodel import col, select

from lifecycle.report_files import ReportFormat
from storage.database import Database
from storage.tables.operations import AuditEvent
from tests.reports.files import from_csv, sheets, text_of
from tests.server.command import Done, portico_async, words


async def report(database: Database, file: Path, *more: str, workspace: str = "hart") -> Done:
    return await portico_async("report", file, "--workspace", workspace, "--database", database.url, *more)


async def written(database: Database) -> list[AuditEvent]:
    async with database.write() as session:
        return list((await session.exec(select(AuditEvent).where(col(AuditEvent.action) == "report_exported"))).all())


async def test_every_form_of_it(own_demo: Database, tmp_path: Path) -> None:
    """Given the demo's coach, when their report is written in each form, then all say the same, and the audit says that it was done."""
    for form in ReportFormat:
        file = tmp_path / f"log.{form.value.lower()}"
        done = await report(own_demo, file, "--coach", "coach", "--rule-set", "ICF_PCC")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"{file}: ")
        assert done.out.endswith(" lines.\n")
    assert sorted(os.listdir(tmp_path)) == ["log.csv", "log.json", "log.pdf", "log.xlsx"]
    table = from_csv((tmp_path / "log.csv").read_bytes())
    [maya] = [line for line in table if line["Client name"] == "Maya Lindqvist" and not line["Number in group"]]
    assert maya["Contact information"] == "active-client@example.org"
    total = f"{table[-1]['Start date']} {table[-1]['End date']} {table[-1]['Paid hours']} {table[-1]['Pro bono hours']}"
    assert f"All hours that count {total}" in text_of((tmp_path / "log.pdf").read_bytes())
    assert len(sheets((tmp_path / "log.xlsx").read_bytes())["Log"]) == len(table) + 1
    assert [event.actor for event in await written(own_demo)] == ["command-line"] * 4


async def test_a_period_by_session(own_demo: Database, tmp_path: Path) -> None:
    done = await report(
        own_demo, tmp_path / "a.csv", "--coach", "coach", "--log", "sessions", "--from", "2026-03-01", "--to", "2026-08-31",
        "--at", "2026-09-01T00:00", "--basis", "booking", "--count-from", "2026-04-01",
    )  # fmt: skip
    assert done.code == 0
    days = [line["Date"] for line in from_csv((tmp_path / "a.csv").read_bytes()) if line["Date"]]
    assert days == sorted(days)
    assert "2026-03-01" <= days[0] <= days[-1] <= "2026-08-31"


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("log.doc", (), "log.doc does not say in which form. Let it end in one of .csv, .xlsx, .pdf, .json."),
        ("log", (), "log does not say in which form."),
        ("log.csv", ("--rule-set", "ICF"), "There are no rules ICF. There are "),
        ("log.csv", ("--rule-set", "ICF_PCC", "--rule-set-version", "99"), "no version 99"),
        ("log.csv", ("--coach", "nobody"), "nobody"),
        ("log.csv", ("--log", "letter"), "A letter is a PDF."),
        ("log.csv", ("--from", "2026-02-02", "--to", "2026-02-01"), "The period ends before it starts."),
        ("log.csv", ("--sealed", "report_1"), "report_1 is not the id of a sealed report."),
        ("log.csv", ("--sealed", f"report_{'0' * 32}"), "There is no such coach or report"),
    ],
)
async def test_what_is_refused_leaves_nothing(demo_database: Database, tmp_path: Path, name: str, more: tuple[str, ...], told: str) -> None:
    done = await report(demo_database, tmp_path / name, *more)
    assert (done.code, done.out) == (1, "")
    assert told in words(done.err)
    assert os.listdir(tmp_path) == []
    assert await written(demo_database) == []


async def test_a_file_that_is_there_stays(own_demo: Database, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("mine")
    assert (await report(own_demo, file)).code == 1
    assert file.read_text() == "mine"
    assert (await report(own_demo, file, "--force")).code == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbfNumber,")
