"""Doing what waits, without serving."""

import asyncio

from server.commands.console import say
from server.commands.place import require_ready, settings_for
from server.settings import Settings
from server.workers import steps, work_off
from storage.database import Database


def work(database: str | None) -> None:
    taken = asyncio.run(_work(settings_for(database)))
    say("Nothing is left to do." if taken else "There was nothing to do.")


async def _work(settings: Settings) -> int:
    url = settings.database_url.get_secret_value()
    await require_ready(url)
    async with await Database.open(url) as database:
        return await work_off(database, settings.secrets, steps())
