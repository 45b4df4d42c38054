"""Links that open one door once: made for one purpose, good for a while, known to the database by their hash only."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.problems import Problem, ProblemCode
from lifecycle.vocabulary import LinkPurpose
from resolvers.acts.base import Act
from resolvers.tokens import hash_of, new_secret, workspace_of_secret
from storage.errors import Conflict
from storage.tables.operations import OutboundMessage
from storage.tables.workspace import OneTimeLink

LIFETIMES: Final[Mapping[LinkPurpose, timedelta]] = {
    LinkPurpose.SET_PASSWORD: timedelta(days=7),
    LinkPurpose.PAY_INVOICE: timedelta(days=30),
    LinkPurpose.REACTIVATION: timedelta(days=30),
    LinkPurpose.ERASURE: timedelta(days=30),
}
INVALID: Final = Problem(ProblemCode.LINK_INVALID, "This link does not open anything (any more): ask for a new one.", ("token",))


def open_link(
    session: AsyncSession, act: Act, client: UUID, *, purpose: LinkPurpose, account: UUID | None = None, subject: UUID | None = None
) -> str:
    """Secret of a new link, which is shown once."""
    secret = new_secret(act.workspace.hex)
    about: dict[str, Any] = {"purpose": purpose, "account_id": account, "subject_id": subject, "member_id": act.member}
    session.add(_row(act.workspace, uuid7(), client, secret, act.now, **about))
    return secret


def _row(workspace: UUID, key: UUID, client: UUID, secret: str, now: datetime, *, purpose: LinkPurpose, **more: Any) -> OneTimeLink:
    times: dict[str, Any] = {"created_at": now, "expires_at": now + LIFETIMES[purpose]}
    return OneTimeLink(workspace_id=workspace, id=key, client_id=client, purpose=purpose, token_hash=hash_of(secret), **times, **more)


def mailed_secret(secret: bytes, workspace: UUID, link: UUID) -> str:
    """Secret of a link that goes out by mail: whoever sends the mail makes it again from the id of the link."""
    return urlsafe_b64encode(workspace.bytes + hmac.digest(secret, b"portico link " + link.bytes, "sha256")).decode()


def mail_link(
    session: AsyncSession, secret: bytes, workspace: UUID, client: UUID, now: datetime, *, template: str, subject: UUID | None = None
) -> None:
    """Link for choosing a password, and the mail that takes it to the client's address; the mail holds the id of the link only."""
    key = uuid7()
    text = mailed_secret(secret, workspace, key)
    session.add(_row(workspace, key, client, text, now, purpose=LinkPurpose.SET_PASSWORD, subject_id=subject))
    payload = orjson.dumps({"link": key.hex}).decode()
    mail: dict[str, Any] = {"channel": "EMAIL", "template": template, "payload": payload, "created_at": now}
    session.add(OutboundMessage(workspace_id=workspace, client_id=client, **mail))


async def find_link(
    session: AsyncSession, token: str, purpose: LinkPurpose, now: datetime, *, used_too: bool = False
) -> OneTimeLink | None:
    """Link of that purpose that can be used now, or with `used_too` that was; its row is locked."""
    workspace = workspace_of_secret(token)
    if workspace is None:
        return None
    mine = (col(OneTimeLink.workspace_id) == UUID(workspace), col(OneTimeLink.token_hash) == hash_of(token))
    asked = select(OneTimeLink).where(*mine, col(OneTimeLink.purpose) == purpose)
    found = (await session.exec(asked.with_for_update())).one_or_none()
    if found is None or found.expires_at <= now or (found.used_at is not None and not used_too):
        return None
    return found


async def use_link(session: AsyncSession, link: OneTimeLink, now: datetime) -> None:
    """A link is used once."""
    mine = (col(OneTimeLink.workspace_id) == link.workspace_id, col(OneTimeLink.id) == link.id, col(OneTimeLink.used_at).is_(None))
    used = await session.exec(update(OneTimeLink).where(*mine).values(used_at=now).execution_options(synchronize_session=False))
    if used.rowcount != 1:
        raise Conflict("link used meanwhile", retry=True)
