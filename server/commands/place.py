"""The database a command works on: its settings, and whether it is there and up to date."""

import os
from pathlib import Path
from typing import Any

from server.commands.console import Refused
from server.health import newest_revision, unready
from server.settings import SECRETS_DIR, Settings, load_settings, variable_of
from storage.address import Address
from storage.database import Database

TREE = Path(__file__).parent.parent.parent
DEMO_FILE = TREE / "var" / "demo.sqlite3"
DEMO_URL = f"sqlite:///{DEMO_FILE}"


def settings_for(database: str | None, *, demo: bool = False, **given: Any) -> Settings:
    """Settings with what the command line says; where nobody names a database, `demo` takes the demo's own."""
    named = os.environ.get(variable_of("database_url")) or os.environ.get(SECRETS_DIR)
    if demo and not database and not named:
        DEMO_FILE.parent.mkdir(exist_ok=True)
        database = DEMO_URL
    values = given | {"database_url": database}
    return load_settings(**{name: value for name, value in values.items() if value is not None})


def is_missing(url: str) -> bool:
    """Whether this is a SQLite file that nobody has made; opening it would make it."""
    address = Address.parse(url)
    return address.dialect == "sqlite" and not Path(address.target).exists()


async def require_ready(url: str) -> None:
    """Refuse a database that is missing, does not answer or is not migrated."""
    if is_missing(url):
        raise _missing(url)
    async with await Database.open(url, readers=1) as database:
        reason = await unready(database, newest_revision())
    if reason is not None:
        said = "is not migrated to this version" if reason == "DATABASE_NOT_MIGRATED" else "does not answer in time"
        raise Refused(f"The database {said}.", "Run portico migrate on it first.")


def _missing(url: str) -> Refused:
    path = Path(Address.parse(url).target).absolute()
    if path == DEMO_FILE:
        return Refused("There is no demo data yet.", "portico demo makes it; --database names another database.")
    hint = "Name one with --database or PORTICO_DATABASE_URL, or make this one: portico migrate."
    demo = f" The demo's is --database {DEMO_URL}" if DEMO_FILE.exists() else ""
    return Refused(f"There is no database at {path}.", hint + demo)
