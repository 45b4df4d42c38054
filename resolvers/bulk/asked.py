"""A step with many objects as it is asked for, and what is known of it before anything is done. No table is needed to speak of either."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lifecycle.inputs import Input, restored, values_of
from lifecycle.problems import Caution, Problem
from lifecycle.transition import Transition
from lifecycle.vocabulary import EffectAction, EffectKind, ErrorPolicy
from planner.paging import plain
from resolvers.steps import Difference, Found

#: So many objects are done in the mutation itself; of more it makes a job.
MOST_AT_ONCE: Final = 100
#: Most ids that can be listed, which is what a request body holds, and most objects that a filter may find.
MOST_IDS: Final = 5_000
MOST_OBJECTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Objects of a step: keys as they were listed, or the filter of the list that has them."""

    keys: tuple[str, ...] | None
    filter: Mapping[str, Any] | None

    @property
    def key(self) -> str:
        """Key by which the same selection is known again, whatever it finds."""
        body = [None if self.keys is None else sorted(self.keys), plain(self.filter)]
        said = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        return hashlib.blake2b(said, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkStep:
    """Step with many objects as a caller asks for it."""

    transition: Transition
    selection: Selection
    given: Input
    policy: ErrorPolicy = ErrorPolicy.SKIP_FAILED
    token: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the step would do to one object; `problem` is why it would not."""

    subject: str
    after: str | None
    problem: Problem | None = None
    warnings: tuple[Caution, ...] = ()
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What a step would do to each of many objects; with a problem, why it cannot be asked."""

    verdicts: Sequence[Verdict] = ()
    problem: Problem | None = None

    @property
    def effects(self) -> list[Found]:
        """What is done to other objects, by kind and action."""
        sums: dict[tuple[EffectKind, EffectAction], tuple[dict[str, str | None], int]] = {}
        for verdict in self.verdicts:
            for one in verdict.found:
                was, minutes = sums.get((one.kind, one.action), ({}, 0))
                was.update(one.was)
                sums[one.kind, one.action] = was, minutes + one.minutes
        return [Found(*key, was, minutes) for key, (was, minutes) in sorted(sums.items())]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one object: its problem, or the event that the step left."""

    subject: str
    problem: Problem | None = None
    warnings: tuple[Caution, ...] = ()
    event: str | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """How far the objects of a step, and what it would do to them, have moved since the preview."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    difference: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What came of asking: the job, and of each object its result where all are done; or the problem."""

    job: str | None = None
    results: tuple[Result, ...] = ()
    problem: Problem | None = None
    moved: Moved | None = None


# -- inputs that wait ----------------------------------------------------------------------------------------------------


def kept(given: Input) -> str:
    """Input as a job keeps it."""
    return orjson.dumps({"values": values_of(given), "said": sorted(given.said)}, option=orjson.OPT_UTC_Z).decode()


def read_kept(kind: type[Input], text: str) -> Input:
    """Input out of what a job kept."""
    body = orjson.loads(text)
    return restored(kind, body["values"], said=frozenset(body["said"]))
