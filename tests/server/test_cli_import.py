"""`portico import`: files as people have them, into a database, on both engines."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

import server.imports.run as run_module
from lifecycle.vocabulary import ClientStatus, Role
from server.settings import DEVELOPMENT_SECRET
from storage.contacts import ContactWriter, NewContact, find_place
from storage.database import Database
from storage.migrations import migrate
from storage.suppression import Suppression
from storage.tables.clients import Client, ClientSearchTerm, ClientStatusChange, ClientTag
from storage.tables.erasure import SuppressionEntry
from storage.tables.operations import AuditEvent, ImportRun, OutboxEvent
from storage.tables.workspace import Workspace
from tests.people import People
from tests.server.command import Done, portico_async
from tests.server.imports.people import SAMPLES, write

pytestmark = pytest.mark.usefixtures("hart")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KINDS = (Client, ClientTag, ClientSearchTerm, ClientStatusChange, ImportRun, AuditEvent, OutboxEvent)
CARD = "BEGIN:VCARD\nVERSION:4.0\nFN:{name}\nEMAIL:{email}\nEND:VCARD\n"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PORTICO_") and not name.startswith(("PORTICO_TEST_", "PORTICO_REQUIRE_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
async def own_empty(blank_url: str) -> str:
    await migrate(blank_url)
    return blank_url


@pytest.fixture
async def hart(people: People) -> Workspace:
    workspace = await people.workspace("hart")
    await people.member(workspace, Role.OWNER, await people.account("olivia"))
    await people.member(workspace, Role.COACH, await people.account("marcus"))
    return workspace


async def imported(database: Database, file: Path, *options: object) -> Done:
    return await portico_async("import", file, "--workspace", "hart", "--database", database.url, *options)


async def names(database: Database) -> list[tuple[int, str, str | None]]:
    async with database.write() as session:
        found = await session.exec(select(Client.number, Client.name, Client.email).order_by(col(Client.number)))
        return [(number, name, email) for number, name, email in found.all()]


async def unchanged(people: People) -> bool:
    return await people.count(*KINDS) == [0] * len(KINDS)


def cards(folder: Path, *people: tuple[str, str]) -> Path:
    return write(folder, "".join(CARD.format(name=name, email=email) for name, email in people), "people.vcf")


class TestSamples:
    async def test_google_contacts(self, people: People) -> None:
        # given an export of which two rows are bad, when it is imported as it is
        file = SAMPLES / "google_2024.csv"
        done = await imported(people.database, file)
        # then every reason stands with its line, and nothing has changed
        assert done == Done(
            1,
            "",
            f"{file}:8: First Name: The contact has no name.\n"
            f"{file}:9: E-mail 1 - Value: 'bad.example.org' is not an e-mail address: An email address must have an @-sign.\n"
            f"{file}:9: Phone 1 - Value: '12' is too short for a phone number.\n"
            f"{file}:10: E-mail 1 - Value: 'amelie@example.org' is already on line 2.\n"
            "Error: 2 bad rows in google_2024.csv. Nothing was imported.\n"
            "Correct the file, or leave these rows out with --skip-bad-rows.\n",
        )
        assert await unchanged(people)
        # when the bad rows may be left out
        done = await imported(people.database, file, "--skip-bad-rows")
        # then the others are clients
        assert (done.code, done.out) == (0, "google_2024.csv: 3 imported, 1 twice in the file, 2 bad rows left out.\n")
        assert await names(people.database) == [
            (1, "Amélie Durand", "amelie@example.org"),
            (2, "太郎 山田", "taro@example.org"),
            (3, "Coach Sam", "sam@example.org"),
        ]

    async def test_vcards_twice(self, people: People) -> None:
        file = SAMPLES / "contacts_4.vcf"
        assert await imported(people.database, file) == Done(0, "contacts_4.vcf: 2 imported.\n", "")
        first = await people.count(*KINDS)
        # when the same file comes again
        done = await imported(people.database, file)
        # then nothing is written at all
        assert done == Done(0, "contacts_4.vcf: 0 new, 2 existing already.\n", "")
        assert await people.count(*KINDS) == first

    async def test_any_csv_with_a_mapping(self, people: People) -> None:
        options = [f"--map={pair}" for pair in ("name=First+Last", "email=Mail", "phone=Tel", "id=Id")]
        done = await imported(people.database, SAMPLES / "tabs.tsv", *options, "--coach", "marcus")
        assert (done.code, done.out) == (0, "tabs.tsv: 2 imported, 1 twice in the file.\n")
        assert await names(people.database) == [(1, "Ann Lee", "ann@example.org"), (2, "Bob Lee", "bob@example.org")]

    async def test_an_encoding_of_its_own(self, people: People) -> None:
        mapping = ["--map=name=Name", "--map=email=E-Mail"]
        done = await imported(people.database, SAMPLES / "windows1252.csv", *mapping)
        assert (done.code, "is not UTF-8 text" in done.err) == (1, True)
        assert await unchanged(people)
        done = await imported(people.database, SAMPLES / "windows1252.csv", *mapping, "--encoding", "windows-1252")
        assert done == Done(0, "windows1252.csv: 2 imported.\n", "")
        assert [name for _, name, _ in await names(people.database)] == ["Jürgen Groß", "Plain Ann"]


class TestDryRun:
    async def test_shows_what_would_happen_and_changes_nothing(self, people: People) -> None:
        done = await imported(people.database, SAMPLES / "google_2024.csv", "--dry-run", "--skip-bad-rows")
        assert done.code == 0
        assert [line.rstrip() for line in done.out.splitlines()] == [
            "google_2024.csv into Workspace hart, as prospects of Owner",
            "line  outcome    name           e-mail              phone         because",
            "   2  new        Amélie Durand  amelie@example.org  +33612345678",
            "   6  new        太郎 山田      taro@example.org    +81312345678",
            "   7  new        Coach Sam      sam@example.org",
            "   8  bad                                                         The contact has no name.",
            f"   9  bad{' ' * 57}'bad.example.org' is not an e-mail address: An email address must have an",
            f"{' ' * 66}@-sign. '12' is too short for a phone number.",
            "  10  duplicate                                                   'amelie@example.org' is already on line 2.",
            "",
            "3 new  0 exists  1 duplicate  0 suppressed  2 bad",
            "google_2024.csv: 3 would be new, 1 twice in the file, 2 bad rows left out.",
        ]
        assert await unchanged(people)

    async def test_of_a_file_that_would_be_stopped_is_exit_code_1(self, people: People) -> None:
        done = await imported(people.database, SAMPLES / "google_2024.csv", "--dry-run")
        assert done.code == 1
        assert "Error: 2 bad rows in google_2024.csv. Nothing would be imported.\n" in done.err

    async def test_shows_the_first_twenty_rows(self, people: People, tmp_path: Path) -> None:
        file = cards(tmp_path, *((f"Person {number}", f"p{number}@example.org") for number in range(1_234)))
        done = await imported(people.database, file, "--dry-run")
        assert done.out.count("new  ") == 21  # the rows, and the totals
        assert "… and 1,214 more rows\n\n1,234 new  0 exists" in done.out


class TestWhoIsKnown:
    async def test_existing_inactive_and_suppressed_people(self, people: People, hart: Workspace, tmp_path: Path) -> None:
        # given an inactive client, and an address that must not be contacted
        async with people.database.write() as session:
            coach = (await find_place(session, "hart", None)).coach
            ina = Client(workspace_id=hart.id, number=7, coach_id=coach, status=ClientStatus.INACTIVE, email="ina@example.org")
            session.add(ina)
            await Suppression(hart.id, [DEVELOPMENT_SECRET.encode()]).add(session, "sue@example.org", AT)
        file = cards(tmp_path, ("Ina", "ina@example.org"), ("Sue", "Sue@Example.org"), ("New", "new@example.org"))
        # when they are in a file
        shown = await imported(people.database, file, "--dry-run")
        done = await imported(people.database, file)
        # then each is told apart
        assert "Inactive client 7: reactivate them instead." in shown.out
        assert shown.out.splitlines()[-2] == "1 new  1 exists  0 duplicate  1 suppressed  0 bad"
        told = "SUPPRESSED: asked not to be contacted again; --acknowledge-suppression adds them all the same."
        assert done == Done(
            0,
            "people.vcf: 1 imported, 1 existing already (1 inactive client: reactivate them instead), 1 suppressed.\n",
            f"{file}:6: e-mail: {told}\n",
        )
        # when the suppression is acknowledged
        done = await imported(people.database, file, "--acknowledge-suppression")
        # then the person is there, and no longer suppressed
        assert (done.code, done.out.startswith("people.vcf: 1 imported, 2 existing already")) == (0, True)
        assert [name for _, name, _ in await names(people.database)] == ["", "New", "Sue"]
        async with people.database.write() as session:
            (entry,) = (await session.exec(select(SuppressionEntry))).all()
        assert entry.released_at is not None


class TestAllOrNothing:
    async def test_a_failure_midway_changes_nothing(self, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # given a file of three chunks, of which the last cannot be written
        file = cards(tmp_path, *((f"Person {number}", f"p{number}@example.org") for number in range(25)))
        monkeypatch.setattr(run_module, "CHUNK", 10)
        write_chunk = ContactWriter.write

        async def fail_at_last(self: ContactWriter, contacts: Sequence[NewContact]) -> None:
            await write_chunk(self, contacts)
            if len(contacts) < 10:
                raise OSError(28, "No space left on device", "the disk")

        monkeypatch.setattr(ContactWriter, "write", fail_at_last)
        # when it is imported
        done = await imported(people.database, file)
        # then none of it stays
        assert done == Done(1, "", "Error: the disk: No space left on device.\n")
        assert await unchanged(people)

    async def test_a_file_that_changes_under_way_changes_nothing(
        self, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = cards(tmp_path, ("Ann", "ann@example.org"))
        begin = ContactWriter.begin

        async def and_meanwhile(self: ContactWriter) -> None:
            cards(tmp_path, ("Eve", "eve@example.org"))
            await begin(self)

        monkeypatch.setattr(ContactWriter, "begin", and_meanwhile)
        done = await imported(people.database, file)
        assert done == Done(1, "", "Error: people.vcf changed while it was read. Nothing was imported.\nRun the same command again.\n")
        assert await unchanged(people)

    async def test_somebody_else_who_adds_a_person_of_the_file_changes_nothing(
        self, people: People, hart: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = cards(tmp_path, ("Ann", "ann@example.org"))
        begin = ContactWriter.begin

        async def and_meanwhile(self: ContactWriter) -> None:
            await begin(self)
            monkeypatch.setattr(ContactWriter, "begin", begin)
            self._session.add(
                Client(workspace_id=hart.id, number=1, coach_id=self._place.coach, status=ClientStatus.ACTIVE, email="ann@example.org")
            )
            await self._session.flush()

        monkeypatch.setattr(ContactWriter, "begin", and_meanwhile)
        done = await imported(people.database, file)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("Error: Another process is writing: already exists (")
        assert done.err.endswith("Nothing was changed.\nRun the same command again.\n")
        assert await unchanged(people)


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--workspace", "heart"], "There is no workspace 'heart'.\nThere is hart. Name one with --workspace."),
            (
                ["--coach", "nobody"],
                "Workspace hart has no owner or coach with the username 'nobody'.\nThere are olivia, marcus. Name one with --coach.",
            ),
            (
                ["--map", "name"],
                "'name' is not a mapping.\nWrite --map field=Column, for example --map name=\"First+Last\" --map email=Mail.",
            ),
            (["--map", "name=A", "--map", "name=B"], 'name is mapped twice.\nJoin columns with a plus: --map name="A+B".'),
            (["--map", "name=FN"], "A mapping is for CSV files, and people.vcf is read as vcard.\nLeave out --map, or use --format csv."),
            (["--encoding", "rot13"], "There is no text encoding named 'rot13'.\nUse utf-8, windows-1252 or utf-16."),
            (["--region", "XX"], "There is no country 'XX'.\nUse the two letters of ISO 3166, for example US or DE."),
            (["--format", "google"], "people.vcf is not a Google Contacts CSV; its columns are 'BEGIN:VCARD'."),
        ],
    )
    async def test_of_options(self, people: People, tmp_path: Path, options: list[str], message: str) -> None:
        done = await imported(people.database, cards(tmp_path, ("Ann", "ann@example.org")), *options)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: {message}")
        assert await unchanged(people)

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("empty.csv", b"", "empty.csv is empty.\nExport the contacts again as CSV or vCard.\n"),
            ("book.xlsx", b"PK\x03\x04...", "book.xlsx is an Excel workbook or a zip archive, not a text file.\nIn the spreadsheet"),
            (
                "plain.csv",
                b"Name,Mail\nAnn,a@example.org\n",
                "plain.csv needs a mapping; its columns are 'Name', 'Mail'.\nTry --map name=\"Name\"",
            ),
            ("header.csv", b"First Name,Last Name,E-mail 1 - Value\n", "header.csv has a header and no rows.\n"),
        ],
    )
    async def test_of_files(self, people: People, tmp_path: Path, *, name: str, content: bytes, message: str) -> None:
        done = await imported(people.database, write(tmp_path, content, name))
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: {message}")
        assert await unchanged(people)

    async def test_of_a_file_that_is_not_there(self, people: People, tmp_path: Path) -> None:
        path = tmp_path / "nowhere.csv"
        assert await imported(people.database, path) == Done(1, "", f"Error: {path} does not exist.\nCheck the spelling of the path.\n")


async def test_an_empty_database_has_no_workspace(own_empty: str, tmp_path: Path) -> None:
    done = await portico_async("import", cards(tmp_path, ("Ann", "ann@example.org")), "--workspace", "hart", "--database", own_empty)
    assert done == Done(1, "", "Error: There is no workspace 'hart'.\nThere is none yet.\n")
