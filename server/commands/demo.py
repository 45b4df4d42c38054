"""The demo: data where there is none, and a gateway on it that lets anybody in with one click."""

import asyncio
import os
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from resolvers.demo_receipts import give_receipts
from server.commands.console import Refused, console, say
from server.commands.place import is_missing, settings_for
from server.commands.serve import bind, run
from server.settings import Environment, Settings, variable_of
from storage.database import Database
from storage.demo.build import build_demo
from storage.demo.people import DEMO_PEOPLE, PASSWORD
from storage.migrations import current, migrate

_OURS = (
    "SELECT count(*), (SELECT count(*) FROM client), (SELECT count(*) FROM workspace w JOIN client c ON c.workspace_id = w.id"
    " JOIN account a ON a.id = c.account_id WHERE w.slug = 'hart' AND a.username = 'active-client') FROM workspace"
)


def demo(database: str | None, port: int | None, clients: int | None, seed: int) -> None:
    if os.environ.get(variable_of("environment"), "").strip().lower() == "production":
        raise Refused("PORTICO_ENVIRONMENT is production, and the demo lets anybody in.", "Unset it, or use portico serve.")
    settings = settings_for(database, demo=True, environment=Environment.DEMO, port=port)
    url = settings.database_url.get_secret_value()
    with bind(settings.host, settings.port, "demo") as bound:
        holds, found = asyncio.run(_state(url))
        if holds == "other":
            raise Refused(
                "This database holds data that is not the demo's, and the demo lets anybody in.",
                "Name another with --database, or serve this one with portico serve.",
            )
        if holds == "nothing":
            found = asyncio.run(_build(url, clients or 200, seed, settings.secrets[0]))
        else:
            asyncio.run(migrate(url))
            if clients not in {None, found}:
                say(f"The database holds {found:,} clients already; --clients makes a difference on an empty one only.", "yellow")
        run(settings, bound, partial(_greet, found))


async def _state(url: str) -> tuple[Literal["nothing", "demo", "other"], int]:
    """What the database holds, and how many clients."""
    if is_missing(url) or await current(url) is None:
        return "nothing", 0
    async with await Database.open(url, readers=1) as database, database.read() as reader:
        row: Any = (await reader.fetch(_OURS))[0]
    return "nothing" if row[0] == 0 else "demo" if row[2] else "other", row[1]


async def _build(url: str, clients: int, seed: int, secret: bytes) -> int:
    out = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("Making demo clients", total=clients)
        made = await build_demo(
            url,
            clients=clients,
            seed=seed,
            today=datetime.now(UTC).date(),
            progress=lambda done, _: bar.update(task, completed=done),
            stage=lambda what: bar.update(task, description=what.capitalize()),
        )
    async with await Database.open(url, readers=1) as database:
        await give_receipts(database, secret)
    say(f"Made {sum(made.rows.values()):,} rows about {made.clients:,} clients in {made.seconds:.1f} s.", "dim", on=out)
    return made.clients


def _greet(clients: int, _: Settings, address: str) -> None:
    out = console()
    out.print(f"\n  [bold]Portico demo[/], {clients:,} clients. Ctrl-C stops it.\n")
    out.print(f"  GraphiQL   [bold cyan]{address}/graphiql[/]   one click on a name signs you in")
    out.print(f"  GraphQL    [cyan]{address}/graphql[/]\n")
    people = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False, header_style="dim")
    for title in ("  username", "who", ""):
        people.add_column(title, no_wrap=title != "")
    for person in DEMO_PEOPLE.values():
        people.add_row(f"  [green]{person.username}[/]", person.label, f"[dim]{person.hint}[/]")
    out.print(people)
    out.print(f"\n  The password is [green]{PASSWORD}[/] for all of them.\n")
