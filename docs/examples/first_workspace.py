"""Makes a workspace and its owner, who can then sign in: first_workspace.py SLUG NAME USERNAME, with the password on standard input."""

import asyncio
import sys

from lifecycle.vocabulary import Role
from resolvers.passwords import PASSWORDS
from resolvers.sessions import fold_username
from server.settings import load_settings
from storage.database import Database
from storage.tables.workspace import Account, Member, Workspace


async def make(slug: str, name: str, username: str, password: str) -> None:
    url = load_settings().database_url.get_secret_value()
    async with await Database.open(url) as database, database.write() as session:
        workspace = Workspace(slug=slug, name=name)
        account = Account(username=fold_username(username), password_hash=await PASSWORDS.hash(password))
        session.add_all([workspace, account])
        await session.flush()
        session.add(Member(workspace_id=workspace.id, account_id=account.id, name=username, role=Role.OWNER))


if __name__ == "__main__":
    slug, name, username = sys.argv[1:]
    asyncio.run(make(slug, name, username, sys.stdin.readline().rstrip("\n")))
