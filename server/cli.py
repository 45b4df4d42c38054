"""The command line: options and help. What a command does is in server/commands, imported only when it runs, so that help is quick."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

_EXIT = "Exit codes: 0 done, 1 refused or failed, 2 wrong usage. Settings are PORTICO_* variables: docs/settings.md."


class _Commands(TyperGroup):
    """Expected failures end with exit code 1 and a message that says what to do, instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except Exception as error:
            from server.commands.console import complain_of

            if not complain_of(error):
                raise
            raise typer.Exit(1) from None


def _commands(title: str) -> typer.Typer:
    return typer.Typer(
        cls=_Commands,
        help=title,
        epilog=_EXIT,
        context_settings={"help_option_names": ["-h", "--help"]},
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )


app = _commands("Typed GraphQL gateway for the client lifecycle.")
schema = _commands("Print the schema, or compare it with a copy.")
erasures = _commands("List the deletions of clients' data, or do them again after a backup was restored.")
app.add_typer(erasures, name="erasures")
app.add_typer(schema, name="schema")

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///file or postgresql://user@host/name; PORTICO_DATABASE_URL when left out.",
        show_default=False,
    ),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on; PORTICO_HOST when left out.", show_default=False)]
Port = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=0, max=65535, help="Port to listen on, 0 for any free one; PORTICO_PORT when left out.", show_default=False
    ),
]


def _day(name: str, words: str) -> Any:
    return typer.Option(name, parser=date.fromisoformat, metavar="YYYY-MM-DD", help=words, show_default=False)


Person = Literal[
    "owner", "coach", "assistant", "accountant", "analyst", "active-client", "frozen-client", "hot-lead", "buyer", "inactive-client"
]


@app.command(epilog=_EXIT)
def serve(host: Host = None, port: Port = None, database: Database = None) -> None:
    """Serve a migrated database."""
    from server.commands.serve import serve

    serve(host, port, database)


@app.command(epilog=_EXIT)
def demo(
    database: Database = None,
    port: Port = None,
    clients: Annotated[
        int | None, typer.Option(metavar="N", min=30, max=10_000_000, help="Clients to make, 200 when left out.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The same seed makes the same clients.")] = 1,
) -> None:
    """Make demo data where there is none, and serve it: GraphiQL with one-click sign-in. In var/demo.sqlite3 unless told otherwise."""
    from server.commands.demo import demo

    demo(database, port, clients, seed)


@app.command(epilog=_EXIT)
def migrate(
    database: Database = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 where there is something to migrate.")] = False,
) -> None:
    """Bring a database to this version; make it where there is none."""
    from server.commands.migrate import run

    run(database, check=check)


@app.command(epilog=_EXIT)
def work(database: Database = None) -> None:
    """Do what waits, such as bulk jobs, and end when nothing is left. `serve` does it too, beside the requests."""
    from server.commands.work import work

    work(database)


@app.command(epilog=_EXIT)
def workspace(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Short name of the workspace in addresses.", show_default=False)],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name that people read.", show_default=False)],
    owner: Annotated[str, typer.Option(metavar="USERNAME", help="Username of the owner.", show_default=False)],
    erasure_by_two: Annotated[
        bool, typer.Option("--erasure-by-two", help="Delete a client's data only where one member asks and another schedules it.")
    ] = False,
    database: Database = None,
) -> None:
    """Make a workspace and its owner. Asks for the owner's password, or reads it from standard input."""
    from server.commands.workspace import make

    make(slug, name, owner, database, erasure_by_two=erasure_by_two)


@app.command(name="import", epilog=_EXIT)
def import_(  # noqa: PLR0917 - typer reads them as options, by name
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Google Contacts CSV, vCard, any CSV with --map, or an export of a client.", show_default=False
        ),
    ],
    workspace: Annotated[str, typer.Option(metavar="SLUG", help="Workspace that gets the contacts.", show_default=False)],
    coach: Annotated[
        str | None, typer.Option(metavar="USERNAME", help="Coach who gets them; the owner when left out.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, and change nothing.")] = False,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Leave bad rows out; without it they stop the import.")] = False,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help='Column of a field, as in --map name="First+Last"; repeatable.', show_default=False
        ),
    ] = None,
    format_: Annotated[Literal["auto", "google", "vcard", "csv", "export"], typer.Option("--format", help="What the file is.")] = "auto",
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as windows-1252; found out when left out.", show_default=False)
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="CC", help="Country of phone numbers without one; the workspace's when left out.", show_default=False),
    ] = None,
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge-suppression", help="Add people again who were deleted and must not be contacted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Only a terminal is asked.")] = False,
    database: Database = None,
) -> None:
    """Import contacts as prospects: all or nothing, and nobody twice."""
    from server.commands.imports import Wish, run

    wish = Wish(file, workspace, coach, database, format_, map_ or [], encoding, region, dry_run, skip_bad_rows, acknowledge, yes)
    run(wish)


@app.command(epilog=_EXIT)
def report(  # noqa: PLR0917 - typer reads them as options, by name
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", dir_okay=False, help="Where to write it; .csv, .xlsx, .pdf or .json says in which form.", show_default=False
        ),
    ],
    workspace: Annotated[str, typer.Option(metavar="SLUG", help="Workspace of the coach.", show_default=False)],
    coach: Annotated[
        str | None, typer.Option(metavar="USERNAME", help="Coach whose hours they are; the owner when left out.", show_default=False)
    ] = None,
    log: Annotated[
        Literal["clients", "sessions", "letter"],
        typer.Option(help="A line for each client as the ICF asks, or for each session; or a letter for an organisation to sign."),
    ] = "clients",
    rule_set: Annotated[
        str | None, typer.Option(metavar="CODE", help="Credential whose rules are asked about, such as ICF_PCC.", show_default=False)
    ] = None,
    rule_set_version: Annotated[
        int | None, typer.Option(metavar="N", help="Version of the rules; the one in force when left out.", show_default=False)
    ] = None,
    from_: Annotated[date | None, _day("--from", "First day of the period.")] = None,
    to: Annotated[date | None, _day("--to", "Last day of the period.")] = None,
    count_from: Annotated[date | None, _day("--count-from", "Day from which hours count for the credential.")] = None,
    basis: Annotated[
        Literal["session-start", "booking", "current"] | None,
        typer.Option(help="Which status of a client decides; as the workspace has it when left out.", show_default=False),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=datetime.fromisoformat,
            metavar="INSTANT",
            help="Instant of the past as of which it speaks, such as 2026-06-30T12:00+02:00; UTC without an offset.",
            show_default=False,
        ),
    ] = None,
    sealed: Annotated[
        str | None, typer.Option(metavar="ID", help="Sealed report to write instead, by its id in `reportRuns`.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Write over a file that is there.")] = False,
    database: Database = None,
) -> None:
    """Write the certification report of a coach as a file. It names only clients who consent to it; the audit keeps that it was written."""
    from server.commands.report import Wanted, run

    days = {"first": from_, "last": to, "count_from": count_from}
    run(Wanted(file, workspace, coach, log, rule_set, rule_set_version, basis, at, sealed, force, **days), database)


@app.command(epilog=_EXIT)
def token(
    name: Annotated[Person, typer.Option("--as", help="Person of the demo data.", show_default=False)],
    workspace: Annotated[str, typer.Option(metavar="SLUG", help="Workspace to sign in to.")] = "hart",
    database: Database = None,
) -> None:
    """Print a bearer token for a person of the demo data, and nothing else."""
    from server.commands.token import token

    token(name, database, workspace)


@app.command(epilog=_EXIT)
def requirements() -> None:
    """List each requirement with the tests that name it. Collects the tests, runs none; fails where one that is due has no test."""
    from server.commands.requirements import run

    run()


@erasures.command("list", epilog=_EXIT)
def erasures_list(database: Database = None) -> None:
    """Print a line for each deletion, without personal data. Keep it beside the backups."""
    from server.commands.erasures import print_list

    print_list(database)


@erasures.command("replay", epilog=_EXIT)
def erasures_replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `list` printed.", show_default=False)],
    database: Database = None,
) -> None:
    """Delete once more whom a restored backup brought back. What is deleted already is left alone."""
    from server.commands.erasures import replay

    replay(file, database)


@schema.command("print", epilog=_EXIT)
def schema_print(
    file: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="Where to write it; standard output when left out.", show_default=False)
    ] = None,
) -> None:
    """Print the schema as the code has it."""
    from server.commands.schema import print_schema

    print_schema(file)


@schema.command("check", epilog=_EXIT)
def schema_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False)]) -> None:
    """Compare a copy of the schema with the code; list breaking and dangerous changes."""
    from server.commands.schema import check_schema

    check_schema(file)


def main() -> None:
    app(prog_name="portico")


if __name__ == "__main__":
    main()
