"""A step as it is asked for, and what came of it. No table is needed to speak of either."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.inputs import Input
from lifecycle.problems import Caution, Problem
from lifecycle.schedules import ScheduleCondition
from lifecycle.transition import Transition
from lifecycle.vocabulary import EffectAction, EffectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Transition as a caller asks for it. Keys are 32 hexadecimal digits; `subject` is None where the step makes its object."""

    transition: Transition
    subject: str | None
    given: Input
    token: str | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    bound: str | None = None  # fingerprint of what the preview of many showed for this one


@dataclass(frozen=True, slots=True)
class Found:
    """What a step does to one kind of object: the keys, and what each was before; or only how many, where nobody asks which."""

    kind: EffectKind
    action: EffectAction
    was: dict[str, str | None] = field(default_factory=dict)
    minutes: int = 0
    number: int = 0

    @property
    def count(self) -> int:
        """How many objects they are."""
        return len(self.was) + self.number


@dataclass(frozen=True, slots=True)
class Difference:
    """How far what would be touched has moved since the preview: keys that came and keys that went."""

    kind: EffectKind
    action: EffectAction
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a step: its object, and either the problems or the records it left."""

    subject: str | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Caution, ...] = ()
    event: str | None = None
    batch: str | None = None
    undo_until: datetime | None = None
    scheduled: str | None = None
    difference: tuple[Difference, ...] = ()
    remedy: str | None = None  # key of the object that a problem speaks of
    secret: str | None = None  # of a link, shown this once
    erasure: str | None = None  # request by which data is deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a step would do."""

    subject: str | None
    token: str | None
    expires_at: datetime | None
    reversible: bool
    undo_until: datetime | None
    before: str | None
    after: str | None
    options: tuple[tuple[str, Any], ...]
    effects: tuple[Found, ...]
    blockers: tuple[Problem, ...]
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class When:
    """What a step waits for."""

    condition: ScheduleCondition
    at: datetime | None = None
    days: int | None = None
