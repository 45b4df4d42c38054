"""What is refused because of rows that no fact counts; preview and step ask it alike."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.problems import Problem, ProblemCode
from resolvers import checks_authoring as authoring
from resolvers.acts.base import Refused, bad_input
from resolvers.acts.clients import coaching
from resolvers.desk import Clerk
from resolvers.steps import Step
from storage.tables.clients import ClientTag
from storage.tables.content import Form
from storage.values import is_country


async def _coach(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """A session is with somebody who coaches; a coach books sessions of their own."""
    given: Any = step.given
    if given.coach is not None:
        member = UUID(clerk.member) if clerk.member else None
        await coaching(session, clerk.actor, clerk.workspace, given.coach, member=member, only_own="A coach books sessions of their own.")


async def _answers(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """One answer for each question."""
    given: Any = step.given
    asked = len(orjson.loads((await session.get_one(Form, (clerk.workspace, UUID(given.form)))).questions))
    if len(given.answers) != asked:
        raise bad_input("answers", f"This form has {asked} questions; one answer belongs to each.")


async def _tag(session: AsyncSession, clerk: Clerk, step: Step) -> None:
    """A tag is put on once, and taken off where it is."""
    given: Any = step.given
    mine = (col(ClientTag.workspace_id) == clerk.workspace, col(ClientTag.client_id) == UUID(step.subject))
    found = (await session.exec(select(ClientTag).where(*mine, col(ClientTag.tag) == tag_of(given.tag)))).first()
    if (found is not None) is (step.transition.name == "clientAddTag"):
        words = "The client has this tag already." if found is not None else "The client does not have this tag."
        raise Refused(Problem(ProblemCode.ALREADY_IN_STATE, words, ("input", "tag")))


async def _report(_session: AsyncSession, clerk: Clerk, step: Step) -> None:
    given: Any = step.given
    now: Any = clerk.parameters["now"]
    if given.at is not None and given.at > now:
        raise bad_input("at", "A report is about what has happened.")


async def _country(_session: AsyncSession, _clerk: Clerk, step: Step) -> None:
    given: Any = step.given
    if given.country is not None and not is_country(given.country.upper()):
        raise bad_input("country", "There is no such country.")


def tag_of(text: str) -> str:
    """Tag as it is kept."""
    return " ".join(text.split())


CHECKS: Final[Mapping[str, Callable[[AsyncSession, Clerk, Step], Awaitable[None]]]] = {
    "appointmentBook": _coach,
    "appointmentBookSample": _coach,
    "formAnswer": _answers,
    "clientAddTag": _tag,
    "clientRemoveTag": _tag,
    "enrollmentReportPayment": _report,
    "enrollmentReleaseModule": authoring.release,
    "packageItemAdd": authoring.item,
    "productAdd": authoring.product,
    "productUpdate": authoring.product,
    "moduleVersionAdd": authoring.version,
    "documentAdd": authoring.document,
    "documentSetAudience": authoring.audience,
    "serviceTemplateAdd": authoring.template,
    "workspaceUpdate": _country,
}
