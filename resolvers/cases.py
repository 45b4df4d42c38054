"""Cases: a step with everything that is known about it, judged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.decide import Decision, decide
from lifecycle.inputs import AddClient, Input
from lifecycle.permits import ActorKind
from lifecycle.problems import Problem, ProblemCode
from lifecycle.requests import Book, BookSample, Inquire, Register, Reschedule, SendMessage
from lifecycle.transition import Axis
from lifecycle.vocabulary import ClientStatus
from resolvers import effects
from resolvers.acts.base import Refused, bad_input
from resolvers.acts.clients import CONTACTS, coach_of, contact
from resolvers.acts.enrollments import promoted
from resolvers.checks import CHECKS
from resolvers.desk import Clerk, Desk
from resolvers.ground import Ground, ground_of
from resolvers.plans import Asked
from resolvers.sessions import fold_username
from resolvers.slots import slot
from resolvers.sources import SOURCES, seen_by
from resolvers.sql import read_row, row, rows
from resolvers.steps import Found, Step
from resolvers.subjects import SUBJECTS
from resolvers.viewers import ViewerKey
from storage.suppression import Suppression

_NOT_FOUND: Final = "There is no such object, or it is not open to you."
_BY_USERNAME: Final = (
    "SELECT c.id FROM client c JOIN account a ON a.id = c.account_id WHERE c.workspace_id = :workspace AND a.username = :in_username"
)


@dataclass(frozen=True)
class Case:
    """A step with everything that is known about it."""

    step: Step
    clerk: Clerk
    ground: Ground
    decision: Decision
    parameters: Mapping[str, object]
    coaching: bool
    now: datetime
    row: Any  # the object, as it was judged

    @property
    def asked(self) -> Asked:
        """What a plan of the step is bound to."""
        return Asked(self.step, self.clerk.actor.name, self.clerk.workspace, self.now)

    @cached_property
    def status_after(self) -> ClientStatus | None:
        """Status of the client after the step, where the step changes it."""
        if self.step.transition.axis is Axis.CLIENT:
            return None if self.decision.after is None else ClientStatus[self.decision.after]
        match self.step.transition.name:
            case "enrollmentCreate":
                return promoted(coaching=self.coaching)
            case "appointmentBook":
                return ClientStatus.HOT_LEAD
            case "productPurchase":
                return ClientStatus.BUYER
        return None

    async def find(self, session: AsyncSession, *, counted: bool = False) -> list[Found]:
        """What the step touches, as of now; `counted`, how many rows a deletion takes, and not which."""
        known = {**self.parameters, "whom": self.ground.whom, "status": self.status_after}
        return await effects.find(session, self.decision.touches, known, counted=counted)


def _missing(*path: str) -> Refused:
    return Refused(Problem(ProblemCode.NOT_FOUND, _NOT_FOUND, path))


async def open_case(session: AsyncSession, desk: Desk, clerk: Clerk, step: Step) -> Case:
    """Step, judged; raises Refused where what it speaks of is not there."""
    step = replace(step, given=await normalised(session, step.given, clerk.workspace))
    parameters = {**clerk.parameters, **await _said(session, clerk, step)}
    seen = None
    if not step.transition.makes:
        seen = await locked(session, clerk.viewer, step.transition.axis, parameters)
    elif parameters["whom"] is not None and _in_line(session):
        await locked(session, clerk.viewer, Axis.CLIENT, {**parameters, "subject": parameters["whom"]})
    elsewhere: dict[str, Any] = {"by_staff": clerk.actor.kind is ActorKind.STAFF}
    if isinstance(step.given, AddClient | Inquire | Register | BookSample):
        elsewhere["suppressed"] = await _suppressed(session, desk, clerk, step.given.email)
    if isinstance(step.given, Book | BookSample | Reschedule):
        elsewhere |= await slot(session, step, clerk.workspace, parameters, desk.now)
    ground = await ground_of(session, step.transition, clerk.viewer, parameters, elsewhere=elsewhere)
    if ground is None:
        named = "username" if step.transition.name == "enrollmentCreate" else "client"
        raise _missing("input", named) if step.transition.makes else _missing("id")
    decision = decide(step.transition, ground.facts, clerk.actor, step.given)
    if not decision.problems and step.transition.name in CHECKS:
        await CHECKS[step.transition.name](session, clerk, step)
    if isinstance(step.given, AddClient) and not decision.problems:
        await coach_of(session, clerk.actor, clerk.workspace, step.given, UUID(clerk.member) if clerk.member else None)
    return Case(step, clerk, ground, decision, parameters, bool(parameters.get("coaching", True)), desk.now, seen)


async def normalised(session: AsyncSession, given: Input, workspace: UUID) -> Input:
    """Input as it is compared and kept."""
    if isinstance(given, CONTACTS):
        return await contact(session, given, workspace)
    username: str | None = getattr(given, "username", None)
    if username is None:
        return given
    folded = fold_username(username)
    if not folded or not folded.isprintable():
        raise bad_input("username", "A username is a text that can be printed.")
    return replace(given, username=folded)  # type: ignore[call-arg]  # inputs with the field


async def _suppressed(session: AsyncSession, desk: Desk, clerk: Clerk, email: str | None) -> bool:
    return email is not None and bool(await Suppression(clerk.workspace, desk.secrets).among(session, [email]))


async def _said(session: AsyncSession, clerk: Clerk, step: Step) -> dict[str, object]:
    """Parameters from the input: keys of objects that the caller can see, and the texts that facts compare."""
    said: dict[str, object] = {"subject": step.subject, "whom": None}
    for about in fields(step.given):
        value, tag = getattr(step.given, about.name), about.metadata.get("tag")
        if tag and isinstance(value, list):
            for key in value:
                await _seen(session, clerk, tag, key, about.name)
        elif tag and value is not None:
            said[f"key_{about.name}"] = await _seen(session, clerk, tag, value, about.name)
        elif tag:
            said[f"key_{about.name}"] = None
        elif isinstance(value, str) or value is None:
            said[f"in_{about.name}"] = value
    if step.transition.axis is Axis.SERVICE_TEMPLATE:
        said["whom"] = said.get("key_client")
    if step.transition.name == "enrollmentCreate":
        said["whom"] = said.get("key_client") or await _by_username(session, clerk, said)
        said["coaching"] = await _coaching(session, clerk, said)
    elif step.transition.makes and step.transition.axis is not Axis.CLIENT:
        said["whom"] = said.get("key_client") or clerk.parameters.get("client")
        if said["whom"] is None and isinstance(step.given, SendMessage):
            said["whom"] = await _only_participant(session, clerk, said)
    return said


async def _seen(session: AsyncSession, clerk: Clerk, tag: str, key: str, field: str) -> str:
    source = SOURCES.by_tag[tag]
    sql = f"SELECT t.id FROM {source.table} t WHERE t.workspace_id = :workspace AND t.id = :key{seen_by(source, clerk.viewer)}"
    if await row(session, sql, {**clerk.parameters, "key": key}) is None:
        raise _missing("input", field)
    return key


async def _by_username(session: AsyncSession, clerk: Clerk, said: Mapping[str, object]) -> str:
    if said.get("in_username") is None:
        raise Refused(Problem(ProblemCode.INVALID_INPUT, "Give either `client` or `username`.", ("input",)))
    found = await row(session, _BY_USERNAME + seen_by(SOURCES["Client"], clerk.viewer, "c"), {**clerk.parameters, **said})
    if found is None:
        raise _missing("input", "username")
    return str(found[0])


async def _only_participant(session: AsyncSession, clerk: Clerk, said: Mapping[str, object]) -> str | None:
    sql = "SELECT x.client_id FROM participant x WHERE x.workspace_id = :workspace AND x.conversation_id = :key_conversation"
    found = await rows(session, sql, {**clerk.parameters, **said})
    return str(found[0][0]) if len(found) == 1 else None


async def _coaching(session: AsyncSession, clerk: Clerk, said: Mapping[str, object]) -> bool:
    sql = "SELECT x.coaching FROM package x WHERE x.workspace_id = :workspace AND x.id = :key_package"
    found = await row(session, sql, {**clerk.parameters, **said})
    return found is not None and bool(found[0])


def _in_line(session: AsyncSession) -> bool:
    """Steps with one client stand in line: its row is locked first, then the object's. SQLite has one writer anyway."""
    return session.get_bind().dialect.name != "sqlite"


async def locked(session: AsyncSession, viewer: ViewerKey | None, axis: Axis, parameters: Mapping[str, object]) -> Any:
    """Row of the object, when it is this step's turn. Who does not see it neither waits for it nor makes others wait."""
    subject, line = SUBJECTS[axis], _in_line(session)
    seen = seen_by(SOURCES[subject.type_name], viewer)
    if line and subject.whom and subject.whom != "t.id":
        whom = f"(SELECT {subject.whom} FROM {subject.name} t WHERE t.workspace_id = :workspace AND t.id = :subject{seen})"
        await rows(session, f"SELECT c.id FROM client c WHERE c.workspace_id = :workspace AND c.id = {whom} FOR UPDATE", parameters)
    return await read_row(session, subject.table, parameters, owner=subject.owner, seen=seen, lock=subject.lock if line else "")
