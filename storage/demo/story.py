"""One client of the demo data: the person, and the road through the statuses."""

import re
from dataclasses import dataclass

from storage.demo.draw import DAY
from storage.demo.names import AREAS, FIELDS, FIRST, HOSTS, LAST, NOTES, STREETS, TAGS, TOWNS
from storage.demo.rows import Rows
from storage.demo.world import World
from storage.search import fold, search_terms

Road = list[tuple[int, str]]
_NAMES = {
    (None, "PROSPECT"): "clientAdd",
    (None, "BUYER"): "clientRegister",
    ("PROSPECT", "BUYER"): "clientRegister",
    ("PROSPECT", "HOT_LEAD"): "clientMarkHotLead",
    ("BUYER", "HOT_LEAD"): "clientMarkHotLead",
    ("HOT_LEAD", "PROSPECT"): "clientReturnToProspect",
    ("INACTIVE", "ACTIVE"): "clientReactivate",
}


@dataclass(slots=True)
class Story:
    """Client under way to the database. `road` is when which status began, oldest first."""

    world: World
    id: str
    number: int
    name: str
    coach: str
    road: Road
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    notes: str | None = None
    account: str | None = None
    data_state: str = "PRESENT"
    access_mode: str = "NONE"
    contact_kind: str = "POTENTIAL_CLIENT"
    origin: str = "STAFF"
    batch: str | None = None

    @property
    def created(self) -> int:
        return self.road[0][0]

    @property
    def status(self) -> str:
        return self.road[-1][1]

    @property
    def present(self) -> bool:
        """Whether the history is still there."""
        return self.data_state in {"PRESENT", "CONTACT_DELETED"}

    def status_at(self, at: int) -> str:
        found = self.road[0][1]
        for since, status in self.road:
            if since <= at:
                found = status
        return found

    def working(self) -> tuple[int, int]:
        """Time as an active client: from and until, today where it lasts."""
        start = next((at for at, status in self.road if status == "ACTIVE"), self.created)
        end = self.road[-1][0] if self.status == "INACTIVE" else self.world.today
        return start, end


def someone(world: World, road: Road, number: int) -> Story:
    """Ordinary person with a name, most with an e-mail and many with a phone; the e-mail carries the number, so it is unique."""
    draw = world.draw
    (first, f_letters), (last, l_letters) = draw.pick(FIRST), draw.pick(LAST)
    story = Story(world, draw.id(road[0][0]), number, f"{first} {last}", draw.pick(world.coaches), road)
    if draw.chance(0.78) or story.status in {"ACTIVE", "BUYER"}:
        story.email = f"{f_letters}.{l_letters}{number}@{draw.pick(HOSTS)}"
    if draw.chance(0.5):
        story.phone = f"+1{draw.pick(AREAS)}55501{draw.number(0, 99):02d}" if draw.chance(0.85) else f"+447700900{draw.number(0, 999):03d}"
    if draw.chance(0.15):
        story.address = f"{draw.number(1, 180)} {draw.pick(STREETS)}, {draw.pick(TOWNS)}"
    if draw.chance(0.15):
        story.notes = draw.pick(NOTES)
    story.origin = "PURCHASE" if road[0][1] == "BUYER" else draw.weighted(((0.4, "STAFF"), (0.45, "INQUIRY"), (0.15, "IMPORT")))
    story.contact_kind = draw.weighted(((0.8, "POTENTIAL_CLIENT"), (0.08, "FRIEND"), (0.04, "FAMILY"), (0.08, "REFERRAL_SOURCE")))
    return story


def write_client(story: Story, rows: Rows) -> None:
    """Row of the client with the status changes; contact data only where it is still stored."""
    world, draw, at = story.world, story.world.draw, story.created
    known = story.data_state in {"PRESENT", "HISTORY_DELETED"}
    contact = (
        (story.name, fold(story.name), story.email, story.phone, story.address, story.notes) if known else ("", "", None, None, None, None)
    )
    rows["client"].append(
        (
            *(
                world.id,
                story.id,
                story.number,
                story.account if known else None,
                story.coach,
                story.status,
                story.road[-1][0],
                story.data_state,
            ),
            *(story.access_mode, story.contact_kind, story.origin, False, *contact, len(story.road), at),
        )
    )
    if known:
        for term in sorted(search_terms(story.name, story.email, story.phone)):
            rows["client_search_term"].append((world.id, draw.id(at), story.id, term))
    _changes(story, rows)


def _changes(story: Story, rows: Rows) -> None:
    world, before = story.world, None
    for at, status in story.road:
        transition = _NAMES.get((before, status), "clientMakeInactive" if status == "INACTIVE" else "clientActivate")
        actor = "public" if transition == "clientRegister" or (before is None and story.origin == "INQUIRY") else f"member:{story.coach}"
        mode, batch = (story.access_mode, story.batch) if status == "INACTIVE" else ("NONE", None)
        made = world.draw.id(at)
        rows["client_status_change"].append((world.id, made, story.id, before, status, mode, "PRESENT", at, transition, actor, None, batch))
        tell(story, rows, at, transition, subject=story.id, change=(before, status), public=actor == "public", batch=batch)
        before = status
    if story.data_state != "PRESENT":
        at = world.today - 20 * DAY
        step = {"HISTORY_DELETED": "clientDeleteHistory", "CONTACT_DELETED": "clientDeleteContact"}.get(story.data_state, "clientErase")
        made, actor = world.draw.id(at), f"member:{world.owner}"
        now = (before, story.status, story.access_mode, story.data_state)
        rows["client_status_change"].append((world.id, made, story.id, *now, at, step, actor, None, None))


def tell(
    story: Story, rows: Rows, at: int, transition: str, *, subject: str, change: tuple[str | None, str], public: bool = False,
    batch: str | None = None, reason: str | None = None,
) -> None:  # fmt: skip
    """Event of a step, as the gateway itself would have left it."""
    verb = re.sub(r"(?=[A-Z])", "_", transition).lower()
    kind, _, rest = verb.partition("_")
    who = ("anonymous", None) if public else (f"member:{story.coach}", story.coach)
    made = story.world.draw.id(at)
    rows["audit_event"].append((story.world.id, made, at, *who, f"{kind}.{rest}", kind, subject, story.id, *change, batch, reason, "{}"))


def decorate(story: Story, rows: Rows, *, tags: int = 0) -> None:
    """Tags and custom fields; some people have them, the well-known have as many as asked."""
    world, draw, at = story.world, story.world.draw, story.created
    count = tags or int(draw.chance(0.35))
    first = draw.number(0, len(TAGS) - 1)
    for step in range(count):
        rows["client_tag"].append((world.id, draw.id(at), story.id, TAGS[(first + step * 5) % len(TAGS)]))
    if tags or (story.status == "ACTIVE" and draw.chance(0.2)):
        name, values = draw.pick(FIELDS)
        rows["client_field"].append((world.id, draw.id(at), story.id, name, draw.pick(values)))


def road_to(world: World, status: str, created: int) -> Road:
    """How somebody came to a status, in the time since they were added."""
    draw, span = world.draw, world.today - created
    soon = created + int(span * draw.share() * 0.15)
    later = soon + int((world.today - soon) * draw.share() * 0.15)
    if status == "PROSPECT":
        return [(created, "PROSPECT"), (soon, "HOT_LEAD"), (later, "PROSPECT")] if draw.chance(0.05) else [(created, "PROSPECT")]
    if status == "BUYER":
        return [(created, "PROSPECT"), (soon, "BUYER")] if draw.chance(0.25) else [(created, "BUYER")]
    if status == "HOT_LEAD":
        return [(created, "PROSPECT"), (soon, "HOT_LEAD")]
    path = draw.weighted(((0.5, ("PROSPECT", "HOT_LEAD")), (0.4, ("PROSPECT",)), (0.1, ("BUYER",))))
    road: Road = list(zip((created, soon), path, strict=False))
    road.append((later, "ACTIVE"))
    if status == "INACTIVE":
        road.append((later + int((world.today - later) * (0.3 + 0.65 * draw.share())), "INACTIVE"))
    elif draw.chance(0.05):
        third = (world.today - later) // 3
        road += [(later + third, "INACTIVE"), (later + 2 * third, "ACTIVE")]
    return road
