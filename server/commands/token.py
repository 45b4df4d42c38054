"""A bearer token for a person of the demo data."""

import asyncio
import sys

from resolvers.demo import NoDemoPersonError, sign_in_as
from server.commands.console import Refused
from server.commands.place import require_ready, settings_for
from server.settings import Environment, Settings
from storage.database import Database


def token(name: str, database: str | None, workspace: str) -> None:
    settings = settings_for(database, demo=True)
    if settings.environment is Environment.PRODUCTION:
        raise Refused("PORTICO_ENVIRONMENT is production, where nobody gets in without a password.", "Use the mutation signIn.")
    sys.stdout.write(asyncio.run(_token(settings, name, workspace)) + "\n")


async def _token(settings: Settings, name: str, workspace: str) -> str:
    url = settings.database_url.get_secret_value()
    await require_ready(url)
    async with await Database.open(url, readers=1) as database:
        try:
            return (await sign_in_as(database, settings.token_codec(), name, workspace)).access_token
        except NoDemoPersonError:
            message = f"{name} is nobody in the workspace {workspace} of this database."
            raise Refused(message, "The people of the demo data are in hart: portico demo makes it.") from None
