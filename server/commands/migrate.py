"""Migrating a database to this version, or only saying what is to do."""

import asyncio

from server.commands.console import Refused, say
from server.commands.place import is_missing, settings_for
from storage.migrations import current, migrate, pending


def run(database: str | None, *, check: bool) -> None:
    url = settings_for(database).database_url.get_secret_value()
    if check and is_missing(url):
        raise Refused("There is no database yet.", "portico migrate makes it.")
    asyncio.run(_check(url) if check else _migrate(url))


async def _check(url: str) -> None:
    missing = await pending(url)
    if missing:
        raise Refused(f"To migrate: {', '.join(missing)}.", "portico migrate does it.")
    say(f"The database is at {await current(url)}, the newest revision.")


async def _migrate(url: str) -> None:
    missing = await pending(url)
    await migrate(url)
    said = f"Migrated: {', '.join(missing)}." if missing else "Nothing to do."
    say(f"{said} The database is at {await current(url)}.")
