"""Deletions: what was asked for, what was deleted, and a hold that stands in the way.

Their ids come from dice of their own. The receipts are signed with the secret of a gateway, which gives them: `resolvers/demo_receipts.py`.
"""

from dataclasses import dataclass

from storage.demo.draw import DAY, Draw
from storage.demo.rows import Rows
from storage.demo.story import Story

_ALL = '["HISTORY","CONTACT"]'
#: How many rows of each category went with each part.
_HISTORY = {"APPOINTMENTS": 14, "GROUP_EVENTS": 2, "MESSAGES": 23, "ESTIMATES": 1, "INVOICES": 6, "PAYMENTS": 5, "DOCUMENTS": 3}
_HISTORY |= {"CONVERSATIONS": 2, "RECORDS": 0}
_CONTACT = {"CONTACT": 11, "CONVERSATIONS": 0, "LOGIN": 4, "RECORDS": 2}


@dataclass(frozen=True, slots=True)
class _Step:
    """Step of deletion: its event, the parts, and what went."""

    event: str
    parts: str
    gone: dict[str, int]


_STEPS = {
    "HISTORY_DELETED": _Step("client.delete_history", '["HISTORY"]', _HISTORY),
    "CONTACT_DELETED": _Step("client.delete_contact", '["CONTACT"]', _CONTACT),
    "ERASED": _Step("client.erase", _ALL, {**_HISTORY, "CONTENT": 9, **_CONTACT, "CONVERSATIONS": 2}),
}


def done(story: Story, rows: Rows, at: int) -> None:
    """What a deletion by the owner leaves of itself."""
    world, draw, step = story.world, _dice(story), _STEPS[story.data_state]
    request = _request(story, rows, draw, at, parts=step.parts, state="COMPLETED", rest=(at, at + 2, "[]", at + 60))
    for category, count in step.gone.items():
        rows["erasure_item"].append((world.id, draw.id(at), request, category, count, count, 0, 0, at + 2))
    _event(story, rows, draw, at, event=step.event, subject=story.id, change=("PRESENT", story.data_state))


def asked(story: Story, rows: Rows) -> None:
    """A request by the owner, yesterday: it can be cancelled for two days more."""
    draw, at = _dice(story), story.world.today - 8 * 3600
    _request(story, rows, draw, at, parts=_ALL, state="SCHEDULED", scheduled=at + 3 * DAY)
    _event(story, rows, draw, at, event="client.request", subject=story.id, change=("PRESENT", "PRESENT"))


def held(story: Story, rows: Rows, reason: str) -> None:
    """A legal hold that stands."""
    world, draw, at = story.world, _dice(story), story.world.today - 30 * DAY
    made = draw.id(at)
    rows["legal_hold"].append((world.id, made, story.id, reason, world.owner, at, None))
    _event(story, rows, draw, at, event="hold.place", subject=made, change=(None, "PLACED"))


def _dice(story: Story) -> Draw:
    return Draw(f"deletion {story.id}")


def _request(
    story: Story, rows: Rows, draw: Draw, at: int, *, parts: str, state: str, scheduled: int | None = None,
    rest: tuple[object, ...] = (None, None, None, None),
) -> str:  # fmt: skip
    """Request by the owner; `rest` is when it began and ended, and what was found afterwards."""
    world, made = story.world, draw.id(at)
    who = (f"member:{world.owner}", world.owner)
    rows["erasure_request"].append(
        (world.id, made, story.id, story.number, parts, state, *who, at, scheduled, at + 30 * DAY, False, *rest)
    )  # fmt: skip
    return made


def _event(story: Story, rows: Rows, draw: Draw, at: int, *, event: str, subject: str, change: tuple[str | None, str]) -> None:
    owner = story.world.owner
    told = (event, event.partition(".")[0], subject, story.id, *change, None, None, "{}")
    rows["audit_event"].append((story.world.id, draw.id(at), at, f"member:{owner}", owner, *told))
