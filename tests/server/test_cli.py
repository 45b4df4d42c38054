"""The command line: what each command says, and how each refusal tells what to do."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import httpx2
import pytest

from gql.schema import print_sdl
from server import cli
from server.app import create_app
from server.commands import demo as demo_command
from server.commands import place as place_module
from server.settings import load_settings
from storage.database import Database
from storage.demo.build import SMALLEST
from storage.demo.people import DEMO_PEOPLE
from tests.ports import free_port
from tests.server.command import Done, portico, portico_async, words

TREE = Path(__file__).parent.parent.parent
COMMANDS = ("serve", "demo", "migrate", "work", "workspace", "import", "report", "token", "requirements", "erasures", "schema")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PORTICO_") and not name.startswith(("PORTICO_TEST_", "PORTICO_REQUIRE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place_module, "DEMO_FILE", tmp_path / "var" / "demo.sqlite3")
    monkeypatch.setattr(place_module, "DEMO_URL", f"sqlite:///{tmp_path}/var/demo.sqlite3")


def refused(message: str, hint: str = "") -> Done:
    return Done(1, "", f"Error: {message}\n" + (f"{hint}\n" if hint else ""))


class TestHelp:
    def test_names_every_command_and_the_exit_codes(self) -> None:
        done = portico("--help")
        assert done.code == 0
        assert re.findall(r"^│ (\w+) {2,}", done.out.partition("Commands")[2], re.MULTILINE) == list(COMMANDS)
        assert "Exit codes: 0 done, 1 refused or failed, 2 wrong usage." in words(done.out)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_each_command_says_what_it_does(self, command: str) -> None:
        done = portico(command, "--help")
        assert done.code == 0
        assert f"Usage: portico {command}" in done.out
        assert "Exit codes:" in done.out

    def test_imports_nothing_heavy(self) -> None:
        """Half a second is the limit for help; time itself cannot be tested on a busy machine, but what costs it can."""
        heavy = ("sqlalchemy", "strawberry", "pydantic_settings", "server.commands", "uvicorn", "asyncpg", "starlette")
        code = "import sys, typer.testing, server.cli\ntyper.testing.CliRunner().invoke(server.cli.app, ['import', '--help'])\n"
        code += f"print([name for name in {heavy} if name in sys.modules])"
        ran = subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True, text=True, check=True)
        assert ran.stdout == "[]\n"

    def test_and_the_gateway_nothing_that_no_read_needs(self) -> None:
        heavy = ("sqlalchemy", "sqlmodel", "strawberry", "gql.schema", "storage.tables.every", "resolvers.lifecycle")
        code = f"import sys, server.app\nprint([name for name in {heavy} if name in sys.modules])"
        ran = subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True, text=True, check=True)
        assert ran.stdout == "[]\n"

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (["nonsense"], "No such command 'nonsense'."),
            (["token"], "Missing option '--as'"),
            (["token", "--as", "nobody"], "'nobody' is not one of 'owner', 'coach'"),
            (["serve", "--port", "70000"], "'--port'"),
            (["demo", "--clients", "29"], "'--clients'"),
            (["demo", "--clients", "many"], "'--clients'"),
            (["demo", "--seed", "-1"], "'--seed'"),
            (["import", "file.csv"], "Missing option '--workspace'"),
            (["report", "--workspace", "hart"], "Missing argument 'FILE'"),
            (["report", "log.csv", "--workspace", "hart", "--from", "March"], "'--from'"),
            (["import", "--workspace", "hart"], "Missing argument 'FILE'"),
            (["import", "file.csv", "--workspace", "hart", "--format", "xls"], "'--format'"),
            (["schema", "check", "nowhere.graphql"], "'nowhere.graphql' does not exist"),
            (["schema", "check"], "Missing argument"),
        ],
    )
    def test_wrong_usage_is_exit_code_2(self, args: list[str], told: str) -> None:
        done = portico(*args)
        assert (done.code, done.out) == (2, "")
        assert told in words(done.err)

    def test_the_people_and_the_least_number_of_clients_are_those_of_the_demo_data(self) -> None:
        assert get_args(cli.Person) == tuple(DEMO_PEOPLE)
        assert portico("demo", "--clients", SMALLEST - 1).code == 2


class TestSettings:
    @pytest.mark.parametrize("command", [["serve"], ["demo"], ["migrate"], ["token", "--as", "owner"], ["import", "x", "--workspace", "w"]])
    def test_that_cannot_be_used_are_listed(self, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORTICO_PROT", "8000")
        assert portico(*command) == refused(
            "The settings cannot be used.\n  PORTICO_PROT: is no setting. Did you mean PORTICO_PORT?",
            "docs/settings.md lists every setting.",
        )

    def test_a_bad_database_url_is_explained(self) -> None:
        done = portico("serve", "--database", "mysql://somewhere")
        assert done.code == 1
        assert "PORTICO_DATABASE_URL: unknown kind of database 'mysql'" in done.err


class TestMigrate:
    def test_makes_a_database_once(self, blank_url: str) -> None:
        assert portico("migrate", "--check", "--database", blank_url).code == 1
        assert portico("migrate", "--database", blank_url) == Done(
            0, "Migrated: 0001, 0002, 0003, 0004, 0005, 0006, 0007, 0008, 0009, 0010, 0011, 0012. The database is at 0012.\n", ""
        )
        assert portico("migrate", "--database", blank_url) == Done(0, "Nothing to do. The database is at 0012.\n", "")
        assert portico("migrate", "--check", "--database", blank_url) == Done(0, "The database is at 0012, the newest revision.\n", "")

    def test_check_makes_no_file(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/new.db"
        assert portico("migrate", "--check", "--database", url) == refused("There is no database yet.", "portico migrate makes it.")
        assert list(tmp_path.glob("new.db*")) == []

    async def test_refuses_a_database_of_a_newer_version(self, database: Database) -> None:
        async with database.write() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        done = await portico_async("migrate", "--database", database.url)
        assert done == refused(
            "The database is at revision 9999, which this version of Portico does not know: it was migrated by a newer one.",
            "Use that version, or another database.",
        )


class TestToken:
    @pytest.mark.parametrize("name", [name for name in DEMO_PEOPLE if name != "inactive-client"])
    async def test_opens_the_gateway_and_is_alone_on_standard_output(self, demo_database: Database, name: str) -> None:
        # given the token that the command prints
        done = await portico_async("token", "--as", name, "--database", demo_database.url)
        assert (done.code, done.err) == (0, "")
        assert re.fullmatch(r"[\w.-]+\n", done.out)
        # when the gateway with the settings of the demo is asked with it
        assert (await viewer(demo_database.url, done.out.strip()))["account"]["username"] == DEMO_PEOPLE[name].username

    async def test_for_another_workspace(self, demo_database: Database) -> None:
        done = await portico_async("token", "--as", "active-client", "--workspace", "second-wind", "--database", demo_database.url)
        assert (await viewer(demo_database.url, done.out.strip()))["workspace"]["name"] == "Second Wind"

    async def test_nobody_of_that_name(self, database: Database) -> None:
        assert await portico_async("token", "--as", "owner", "--database", database.url) == refused(
            "owner is nobody in the workspace hart of this database.", "The people of the demo data are in hart: portico demo makes it."
        )

    def test_before_there_is_demo_data(self) -> None:
        assert portico("token", "--as", "owner") == refused(
            "There is no demo data yet.", "portico demo makes it; --database names another database."
        )

    def test_never_in_production(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORTICO_ENVIRONMENT", "production")
        monkeypatch.setenv("PORTICO_SECRET_KEYS", "kT7-unguessable-value-of-this-test-2049")
        assert portico("token", "--as", "owner") == refused(
            "PORTICO_ENVIRONMENT is production, where nobody gets in without a password.", "Use the mutation signIn."
        )


async def viewer(url: str, token: str) -> Any:
    return (await ask(url, token, "{ viewer { account { username } workspace { name } } }"))["viewer"]


async def ask(url: str, token: str, query: str) -> Any:
    app = create_app(load_settings(database_url=url, environment="demo"))
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://portico") as client,
    ):
        answer = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
    return answer.json()["data"]


class TestSchema:
    def test_print_is_the_schema_and_nothing_else(self, tmp_path: Path) -> None:
        assert portico("schema", "print") == Done(0, print_sdl(), "")
        assert portico("schema", "print", tmp_path / "s.graphql") == Done(0, "", "")
        assert (tmp_path / "s.graphql").read_text() == print_sdl()

    def test_print_into_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "no" / "s.graphql"
        assert portico("schema", "print", path) == refused(f"{path}: No such file or directory.")

    def test_check_of_the_same(self, tmp_path: Path) -> None:
        file = tmp_path / "s.graphql"
        file.write_text(print_sdl())
        assert portico("schema", "check", file) == Done(0, f"{file} says what the code says.\n", "")

    def test_check_lists_what_differs(self, tmp_path: Path) -> None:
        # given a copy that has a field which the code has not, and lacks a value of an enum
        file = tmp_path / "s.graphql"
        copy = print_sdl().replace("type Client implements Node {", "type Client implements Node {\n  shoeSize: Int\n")
        copy, taken = re.subn(r'(enum ContactKind \{\n)  """[^"]*"""\n  \w+\n', r"\1", copy)
        assert (taken, "shoeSize" in copy) == (1, True)
        file.write_text(copy)
        # when they are compared
        done = portico("schema", "check", file)
        # then both are told, by weight
        assert done.code == 1
        assert done.out == "breaking  Field Client.shoeSize was removed.\ndangerous Enum value ContactKind.FRIEND was added.\n"
        assert done.err == (
            f"Error: {file} differs from the code: 1 breaking, 1 dangerous.\nWhere that is meant: portico schema print {file}\n"
        )

    def test_check_tells_of_a_copy_that_only_looks_different(self, tmp_path: Path) -> None:
        file = tmp_path / "s.graphql"
        file.write_text(print_sdl() + "# end\n")
        assert portico("schema", "check", file).err.startswith(f"Error: {file} differs from the code: in descriptions or order only.")

    @pytest.mark.parametrize(
        ("content", "told"),
        [(b"type {", "is not a GraphQL schema: Syntax Error: Expected Name, found '{'."), (b"\xff\xfe", "is not UTF-8 text.")],
    )
    def test_check_of_something_else(self, content: bytes, told: str, tmp_path: Path) -> None:
        file = tmp_path / "s.graphql"
        file.write_bytes(content)
        assert portico("schema", "check", file) == refused(f"{file} {told}", "Name a file that portico schema print wrote.")


class TestServe:
    def test_refuses_a_database_that_is_not_there_and_makes_none(self, tmp_path: Path) -> None:
        path = tmp_path / "no.db"
        assert portico("serve", "--database", f"sqlite:///{path}") == refused(
            f"There is no database at {path}.", "Name one with --database or PORTICO_DATABASE_URL, or make this one: portico migrate."
        )
        assert not path.exists()

    def test_refuses_a_database_without_tables(self, tmp_path: Path) -> None:
        (tmp_path / "empty.db").touch()
        assert portico("serve", "--database", f"sqlite:///{tmp_path}/empty.db") == refused(
            "The database is not migrated to this version.", "Run portico migrate on it first."
        )

    def test_refuses_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 99)
        assert portico("serve", "--database", f"sqlite:///{tmp_path}/letter.db") == refused(
            "The database cannot be used: database answers SQLITE_NOTADB.",
            "Check --database or PORTICO_DATABASE_URL, and that its server runs.",
        )

    def test_refuses_a_server_that_does_not_answer(self) -> None:
        assert portico("serve", "--database", "postgresql://nobody:hidden@127.0.0.1:1/none") == refused(
            "The database cannot be used: database cannot be reached.",
            "Check --database or PORTICO_DATABASE_URL, and that its server runs.",
        )

    async def test_refuses_a_port_that_is_taken(self, database: Database) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            done = await portico_async("serve", "--port", port, "--database", database.url)
        assert done == refused(
            f"Port {port} is taken.", f"Stop what uses it, or take another: portico serve --port {port + 1} (0 takes any free one)."
        )

    @pytest.mark.parametrize(
        ("host", "message"),
        [
            ("no such host", "There is no address 'no such host' to listen on."),
            ("203.0.113.7", "203.0.113.7 is not an address of this machine."),
        ],
    )
    async def test_refuses_an_address_of_another_machine(self, database: Database, host: str, message: str) -> None:
        done = await portico_async("serve", "--host", host, "--port", "0", "--database", database.url)
        assert done == refused(message, "Use 127.0.0.1, or 0.0.0.0 for every interface.")

    async def test_answers_until_it_is_stopped(self, database: Database, tmp_path: Path) -> None:
        with started("serve", "--database", database.url, "--port", str(port := free_port()), log=tmp_path / "log") as gateway:
            assert answer(f"http://127.0.0.1:{port}/readyz", gateway) == b'{"status":"ready"}'
            gateway.send_signal(signal.SIGINT)
            assert gateway.wait(30) == 0
        # and nothing is greeted where nobody looks
        assert "GraphiQL" not in (tmp_path / "log").read_text()


class TestDemo:
    def test_makes_the_data_serves_it_and_says_how_to_sign_in(self, tmp_path: Path) -> None:
        url, port = f"sqlite:///{tmp_path}/demo.db", free_port()
        with started("demo", "--database", url, "--port", str(port), "--clients", "40", log=tmp_path / "log") as gateway:
            people = answer(f"http://127.0.0.1:{port}/demo/people", gateway)
            assert b'"as":"owner"' in people
            assert b"<html" in answer(f"http://127.0.0.1:{port}/graphiql", gateway)
            gateway.send_signal(signal.SIGINT)
            assert gateway.wait(30) == 0
        said = (tmp_path / "log").read_text()
        assert f"GraphiQL   http://127.0.0.1:{port}/graphiql   one click on a name signs you in" in said
        assert re.findall(r"^  (\S+) +\S+ \S+, ", said, re.MULTILINE) == [person.username for person in DEMO_PEOPLE.values()]
        assert "The password is portico-demo for all of them." in said
        assert "\x1b" not in said
        # the receipts of the deletions are those of this gateway
        token = portico("token", "--as", "owner", "--database", url).out.strip()
        receipts = asyncio.run(ask(url, token, "{ erasureReceipts { nodes { id complete } } }"))["erasureReceipts"]["nodes"]
        assert [receipt["complete"] for receipt in receipts] == [True] * 3
        checks = " ".join(f'r{number}: erasureReceiptVerify(id: "{receipt["id"]}") {{ valid }}' for number, receipt in enumerate(receipts))
        assert list(asyncio.run(ask(url, token, f"{{ {checks} }}")).values()) == [{"valid": True}] * 3
        # and the second time it serves what is there
        with started("demo", "--database", url, "--port", str(port), "--clients", "50", log=tmp_path / "log") as gateway:
            assert answer(f"http://127.0.0.1:{port}/readyz", gateway) == b'{"status":"ready"}'
        assert "The database holds 40 clients already; --clients makes a difference on an empty one only." in (tmp_path / "log").read_text()

    def test_a_taken_port_is_said_before_anything_is_made(self, tmp_path: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            done = portico("demo", "--port", port, "--database", f"sqlite:///{tmp_path}/demo.db")
        assert done == refused(
            f"Port {port} is taken.", f"Stop what uses it, or take another: portico demo --port {port + 1} (0 takes any free one)."
        )
        assert not (tmp_path / "demo.db").exists()

    async def test_never_lets_everybody_into_a_real_database(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        async with database.write() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "INSERT INTO workspace (id, name, slug, country, timezone, currency, keep_hours_on_erasure, erasure_grace_hours,"
                " erasure_by_two, undo_window_hours, default_access_mode, counting_basis, messaging_when_frozen, statistics_threshold,"
                " created_at, version) VALUES"
                " ('00000000000000000000000000000001', 'Real', 'hart', 'US', 'UTC', 'USD', true, 72, false, 72, 'NONE', 'SESSION_START',"
                " true, 5, '2026-01-01 00:00:00.000000', 1)"
            )
        monkeypatch.setattr(demo_command, "run", None)  # it never gets there
        assert await portico_async("demo", "--port", "0", "--database", database.url) == refused(
            "This database holds data that is not the demo's, and the demo lets anybody in.",
            "Name another with --database, or serve this one with portico serve.",
        )

    def test_never_in_production(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PORTICO_ENVIRONMENT", " Production ")
        assert portico("demo") == refused(
            "PORTICO_ENVIRONMENT is production, and the demo lets anybody in.", "Unset it, or use portico serve."
        )


@contextmanager
def started(*args: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-m", "server.cli", *args], cwd=TREE, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def answer(url: str, gateway: "subprocess.Popen[bytes]") -> bytes:
    for _ in range(600):
        assert gateway.poll() is None, "the gateway stopped"
        try:
            with urllib.request.urlopen(url, timeout=5) as found:
                body: bytes = found.read()
                return body
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no answer in a minute")
