"""A step being taken, and the few ways in which steps write."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.decide import Decision
from lifecycle.facts import Facts
from lifecycle.permits import Actor
from lifecycle.problems import Problem, ProblemCode
from resolvers.sql import update
from resolvers.steps import Step
from resolvers.subjects import SUBJECTS
from storage.errors import Conflict

Columns = Mapping[str, Any]


@dataclass(slots=True)
class Act:
    """A step being taken: who, when, on what, and what was decided.

    `row` is the object as it was before; None for a step that makes it, until it is made. `whom` is the client whose object it is.
    """

    step: Step
    facts: Facts
    decision: Decision
    actor: Actor
    workspace: UUID
    now: datetime
    batch: UUID
    whom: UUID | None = None
    member: UUID | None = None
    row: Any = None

    @property
    def given(self) -> Any:
        return self.step.given

    @property
    def subject(self) -> UUID:
        key: UUID = self.row.id
        return key

    @property
    def reason(self) -> str | None:
        """Why, in the words of the caller."""
        why = getattr(self.given, "note", None) or getattr(self.given, "reason", None)
        return None if why is None else str(why)


@dataclass(frozen=True, slots=True)
class Written:
    """What a step wrote: its object, the columns that an undo sets back, the rows that it takes away, a secret to show once.

    `erasure` is the request by which data is deleted.
    `detail` is what the audit event should tell beside what was touched.
    """

    row: Any
    columns: Columns = field(default_factory=dict)
    added: tuple[Any, ...] = ()
    secret: str | None = None
    erasure: UUID | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


#: Writes of one transition, in its transaction; raises Refused where the step turns out to be impossible.
Writer = Callable[[AsyncSession, Act], Awaitable[Written]]


class Refused(Exception):  # noqa: N818 - named as one says it
    """Step that turns out to be impossible while it is being taken; its transaction is rolled back."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def bad_input(field_name: str, sentence: str) -> Refused:
    return Refused(Problem(ProblemCode.INVALID_INPUT, sentence, ("input", field_name)))


def setting(columns: Callable[[Act], Columns], beside: Callable[[Act], list[SQLModel]] = lambda _: []) -> Writer:
    """Writer that sets columns of the object, and adds rows beside it."""

    async def write(session: AsyncSession, act: Act) -> Written:
        chosen, added = columns(act), beside(act)
        await compare_and_set(session, act, chosen)
        session.add_all(added)
        return Written(act.row, chosen, tuple(added))

    return write


async def made(session: AsyncSession, row: SQLModel) -> Written:
    """New object, in its table."""
    session.add(row)
    await session.flush()
    return Written(row)


def state(act: Act) -> Columns:
    return {"state": act.decision.after}


async def compare_and_set(session: AsyncSession, act: Act, columns: Columns) -> None:
    """The one statement that writes a state: it finds nothing where the row is no longer the one that was judged."""
    subject = SUBJECTS[act.step.transition.axis]
    await set_columns(session, subject.table, act.row, columns, versioned=subject.versioned)


async def set_columns(session: AsyncSession, table: Any, row: Any, columns: Columns, *, versioned: bool) -> None:
    """Set columns of a row that is still as it was read: of the same version, or, where it has none, with the same values."""
    known = {"workspace": row.workspace_id, "key": row.id}
    if versioned:
        same, known["version"], columns = "version = :version", row.version, {**columns, "version": None}
    else:
        same = " AND ".join(f"{name} {'IS NULL' if getattr(row, name) is None else f'= :was_{name}'}" for name in columns)
        known |= {f"was_{name}": getattr(row, name) for name in columns}
    where = f"workspace_id = :workspace AND id = :key AND {same}"
    if not await update(session, table.__table__.name, columns, where, known):
        raise Conflict("object changed meanwhile", retry=True)
