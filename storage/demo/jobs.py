"""A bulk job of Hart Coaching: the well-known former clients were made inactive together, and one client had moved meanwhile."""

from storage.demo.rows import Rows
from storage.demo.story import Story
from storage.demo.world import World

_INPUT = '{"values":{},"said":[]}'
_DONE, _STALE = (
    '{"message":null,"warnings":[]}',
    '{"message":"What the step would do to this object has changed since the preview.","warnings":[]}',
)


def endings(rows: Rows) -> list[tuple[object, ...]]:
    """Events of relationships that ended, of whoever ended the first of them."""
    found = [row for row in rows["audit_event"] if row[5] == "client.make_inactive"]
    return [row for row in found if row[3] == found[0][3]]


def tell(world: World, rows: Rows, ended: list[tuple[object, ...]], moved: Story) -> None:
    """The job with these events as its items; the last object refused."""
    at = world.today - 1
    key, (actor, member) = world.draw.id(at), ended[0][3:5]
    counts = (len(ended) + 1, len(ended), 1)
    rows["bulk_job"].append((world.id, key, "clientMakeInactive", _INPUT, "SKIP_FAILED", actor, member, "COMPLETED", *counts, at, at, at))
    for place, event in enumerate(ended):
        done = (event[7], event[11], event[1], None, _DONE, event[2])
        rows["bulk_job_item"].append((world.id, world.draw.id(at), key, place, *done))
    rows["bulk_job_item"].append((world.id, world.draw.id(at), key, len(ended), moved.id, None, None, "PLAN_STALE", _STALE, at))
