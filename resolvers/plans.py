"""Plans: what a preview showed, bound to a token, so that the step does that or says what has moved."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import EffectAction, EffectKind
from resolvers.records import input_json
from resolvers.steps import Difference, Found, Step
from storage.tables.operations import TransitionPlan

LIFETIME: Final = timedelta(minutes=15)
_SIGNATURE: Final = 24


@dataclass(frozen=True, slots=True)
class Asked:
    """A step, who asks for it, where and when."""

    step: Step
    actor: str
    workspace: UUID
    now: datetime
    many: bool = False

    @property
    def name(self) -> str:
        """Name of the mutation."""
        return self.step.transition.bulk_name if self.many else self.step.transition.name

    @property
    def said(self) -> str:
        """Hash of the input."""
        return hashlib.blake2b(input_json(self.step.given), digest_size=24).hexdigest()


#: Objects by what is done to them.
Shown = dict[tuple[str, str], list[str]]


def _shown(found: Sequence[Found]) -> Shown:
    return {(one.kind, one.action): sorted(one.was) for one in found}


def _encode(after: str | None, shown: Shown) -> str:
    return orjson.dumps([after, [[*key, keys] for key, keys in sorted(shown.items())]]).decode()


def fingerprint(effects: str) -> str:
    return hashlib.blake2b(effects.encode(), digest_size=24).hexdigest()


def fingerprint_of(after: str | None, found: Sequence[Found]) -> str:
    """Fingerprint of what a step would do."""
    return fingerprint(_encode(after, _shown(found)))


class Plans:
    """Keeper of plans; `secret` signs their tokens."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def _sign(self, plan: TransitionPlan) -> bytes:
        body = [plan.id.hex, plan.transition, plan.subject_id.hex, plan.actor, plan.input_hash, plan.fingerprint]
        body.append(plan.expires_at.isoformat())
        return hmac.digest(self._secret, orjson.dumps(body), "sha256")[:_SIGNATURE]

    def keep(self, session: AsyncSession, asked: Asked, after: str | None, found: Sequence[Found]) -> tuple[str, datetime]:
        """Token of a new plan, and its end."""
        return self.write(session, asked, _encode(after, _shown(found)))

    def write(self, session: AsyncSession, asked: Asked, effects: str) -> tuple[str, datetime]:
        """Token of a new plan with these effects, and its end."""
        plan = TransitionPlan(
            workspace_id=asked.workspace,
            id=uuid7(),
            token_hash="",
            transition=asked.name,
            subject_id=UUID(asked.step.subject),
            actor=asked.actor,
            fingerprint=fingerprint(effects),
            input_hash=asked.said,
            effects=effects,
            created_at=asked.now,
            expires_at=asked.now + LIFETIME,
        )
        token = urlsafe_b64encode(plan.id.bytes + self._sign(plan)).decode()
        plan.token_hash = hashlib.sha256(token.encode()).hexdigest()
        session.add(plan)
        return token, plan.expires_at

    async def find(self, session: AsyncSession, asked: Asked, token: str) -> TransitionPlan | None:
        """Plan of a token, if it is of this very step and can still be used."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii"))
        except ValueError:
            return None
        if len(raw) != 16 + _SIGNATURE:
            return None
        these = (col(TransitionPlan.workspace_id) == asked.workspace, col(TransitionPlan.id) == UUID(bytes=raw[:16]))
        plan = (await session.exec(select(TransitionPlan).where(*these))).one_or_none()
        if plan is None or not hmac.compare_digest(self._sign(plan), raw[16:]):
            return None
        here = (asked.name, asked.step.subject, asked.actor, asked.said)
        same = here == (plan.transition, plan.subject_id.hex, plan.actor, plan.input_hash)
        return plan if same and plan.executed_at is None and plan.expires_at > asked.now else None


def differences(plan: TransitionPlan, after: str | None, found: Sequence[Found]) -> tuple[Difference, ...] | None:
    """What has moved since the preview; None where nothing has."""
    now = _shown(found)
    if _encode(after, now) == plan.effects:
        return None
    _, listed = orjson.loads(plan.effects)
    then = {(kind, action): keys for kind, action, keys in listed}
    moved = []
    for kind, action in sorted(then.keys() | now.keys()):
        before, present = set(then.get((kind, action), ())), set(now.get((kind, action), ()))
        if before != present:
            added, removed = tuple(sorted(present - before)), tuple(sorted(before - present))
            moved.append(Difference(EffectKind[kind], EffectAction[action], added, removed))
    return tuple(moved)


async def use(session: AsyncSession, plan: TransitionPlan, now: datetime) -> None:
    """A plan is carried out once."""
    mine = (col(TransitionPlan.workspace_id) == plan.workspace_id, col(TransitionPlan.id) == plan.id)
    await session.exec(update(TransitionPlan).where(*mine).values(executed_at=now).execution_options(synchronize_session=False))
