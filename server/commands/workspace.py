"""A new workspace and its owner, who can then sign in."""

import asyncio
import getpass
import re
import sys

from sqlmodel import select

from lifecycle.vocabulary import Role
from resolvers.passwords import PASSWORDS
from resolvers.sessions import fold_username
from server.commands.console import Refused, say
from server.commands.place import require_ready, settings_for
from storage.database import Database
from storage.tables.workspace import Account, Member, Workspace

SHORTEST_PASSWORD = 12
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def make(slug: str, name: str, owner: str, database: str | None, *, erasure_by_two: bool = False) -> None:
    """Refuses a slug or a username that is taken, and a password that is too short."""
    if _SLUG.fullmatch(slug) is None:
        raise Refused(f"{slug!r} is no slug.", "Use small letters, digits and hyphens, such as hart-coaching.")
    if not fold_username(owner):
        raise Refused("The owner needs a username.", "Give it with --owner.")
    url = settings_for(database).database_url.get_secret_value()
    asyncio.run(require_ready(url))
    password = _password()
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(f"The password has fewer than {SHORTEST_PASSWORD} characters.", "Take a longer one; a sentence is fine.")
    asyncio.run(_make(url, Workspace(slug=slug, name=name, erasure_by_two=erasure_by_two), owner, password))
    say(f"Made the workspace {slug}. Its owner signs in as {fold_username(owner)}.", "green")


def _password() -> str:
    """Password from the keyboard, typed twice; the first line of standard input where nobody types."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password of the owner: ")
    if getpass.getpass("Once more: ") != password:
        raise Refused("The two are not the same.", "Run the command again.")
    return password


async def _make(url: str, workspace: Workspace, owner: str, password: str) -> None:
    hashed = await PASSWORDS.hash(password)
    async with await Database.open(url, readers=1) as database, database.write() as session:
        if (await session.exec(select(Workspace).where(Workspace.slug == workspace.slug))).first():
            raise Refused(f"There is a workspace {workspace.slug} already.", "Take another slug.")
        if (await session.exec(select(Account).where(Account.username == fold_username(owner)))).first():
            raise Refused(f"The username {fold_username(owner)} is taken.", "Take another with --owner.")
        account = Account(username=fold_username(owner), password_hash=hashed)
        session.add_all([workspace, account])
        await session.flush()
        session.add(Member(workspace_id=workspace.id, account_id=account.id, name=owner, role=Role.OWNER))
