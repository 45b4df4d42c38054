"""The list of deletions, to be kept beside the backups, and done again after one was restored."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from resolvers.erasure.again import Done, again, done
from resolvers.erasure.run import conclude
from server.commands.console import Refused, say
from server.commands.place import require_ready, settings_for
from server.settings import Settings
from storage.database import Database


def print_list(database: str | None) -> None:
    """One line for each deletion: keys and parts, and no personal data."""
    for line in asyncio.run(_list(settings_for(database))):
        sys.stdout.write(f"{line}\n")


async def _list(settings: Settings) -> list[str]:
    url = settings.database_url.get_secret_value()
    await require_ready(url)
    async with await Database.open(url, readers=1) as database:
        return [one.line() async for one in done(database)]


def replay(file: Path, database: str | None) -> None:
    """Refuses a file with a line that is no deletion, before anything is deleted; fails where a deletion is refused."""
    deletions = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            deletions.append(Done.of(line))
        except ValueError:
            raise Refused(f"Line {number} of {file} is no deletion.", "Give a file that `portico erasures list` printed.") from None
    made, before, refused = asyncio.run(_replay(settings_for(database), deletions))
    say(f"{made} done again, {before} had nothing left to do, {refused} refused.", "" if refused else "green")
    if refused:
        raise Refused("Some clients are still there.", "Release their legal holds, and run the command again.")


async def _replay(settings: Settings, deletions: list[Done]) -> tuple[int, int, int]:
    url = settings.database_url.get_secret_value()
    await require_ready(url)
    async with await Database.open(url) as database:
        counts = await again(database, settings.secrets, deletions, datetime.now(UTC))
        await conclude(database, settings.secrets, datetime.now(UTC))
        return counts
