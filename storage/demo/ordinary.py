"""The many: clients in the shares of a real practice, with as much history as their status brings."""

from collections.abc import Iterator

from storage.demo import billing, enrollments, sessions, talk
from storage.demo.draw import DAY
from storage.demo.rows import Rows, no_rows
from storage.demo.story import Story, decorate, road_to, someone, write_client
from storage.demo.world import World

SHARES = ((0.45, "PROSPECT"), (0.25, "ACTIVE"), (0.15, "INACTIVE"), (0.05, "HOT_LEAD"), (0.10, "BUYER"))
MODES = ((0.7, "NONE"), (0.15, "PURCHASED_CONTENT"), (0.1, "READ_ONLY"), (0.05, "PAY_ONLY"))
_CIRCLES = ("Founders' circle", "Breathing together", "Job search round", "Leaders' table")


def tell(world: World, count: int, chunk: int, rows: Rows | None = None) -> Iterator[tuple[int, Rows]]:
    """Rows of `count` clients, `chunk` clients at a time; they came one after the other over the years."""
    rows, draw = rows or no_rows(), world.draw
    span, done, first = world.today - DAY - world.start - 60 * DAY, 0, world.number
    while done < count:
        active: list[Story] = []
        for _ in range(min(chunk, count - done)):
            created = world.start + 60 * DAY + int(span * (done + draw.share()) / count)
            done += 1
            world.number += 1
            story = someone(world, road_to(world, draw.weighted(SHARES), created), world.number)
            _live(story, rows)
            if story.status == "ACTIVE" and draw.chance(0.08):
                active.append(story)
        _circles(active, rows)
        yield world.number - first, rows
        rows = no_rows()


def _live(story: Story, rows: Rows) -> None:
    """Everything that hangs on one client, by status."""
    world, draw = story.world, story.world.draw
    status = story.status
    if status in {"ACTIVE", "BUYER", "INACTIVE"} or (status == "HOT_LEAD" and draw.chance(0.5)):
        story.account = world.account(rows, f"{world.slug}-{story.number}", story.road[-1][0])
    if status == "INACTIVE":
        story.access_mode = draw.weighted(MODES)
    write_client(story, rows)
    decorate(story, rows)
    if status == "PROSPECT" and draw.chance(0.1):
        sessions.sample(story, rows)
    elif status == "HOT_LEAD":
        sessions.sample(story, rows, at=world.today + draw.number(-20, 20) * DAY if draw.chance(0.5) else None)
        if draw.chance(0.3):
            billing.estimate(story, rows, "Coaching, three months", 90_000, draw.between(story.road[-1][0], world.today))
    elif status == "BUYER":
        enrollments.buy(story, rows, story.road[-1][0])
    elif status in {"ACTIVE", "INACTIVE"}:
        _work(story, rows)
    talks = {"ACTIVE": 0.35, "INACTIVE": 0.2, "HOT_LEAD": 0.25}.get(status, 0.02)
    if draw.chance(talks):
        talk.converse(story, rows, draw.number(2, 4))


def _work(story: Story, rows: Rows) -> None:
    """Life of a client who is or was active."""
    draw, (start, end) = story.world.draw, story.working()
    if story.road[0][1] == "BUYER":
        enrollments.buy(story, rows, story.created)
    if draw.chance(0.3):
        sessions.sample(story, rows, at=start - draw.between(0, start - story.created + 1))
    enrollment = enrollments.join(story, rows) if draw.chance(0.85) else None
    template = sessions.template(story, rows) if story.status == "ACTIVE" and draw.chance(0.08) else None
    sessions.series(story, rows, count=draw.number(1, 6), enrollment=enrollment, template=template)
    talk.agree(story, rows)
    if draw.chance(0.2):
        talk.share(story, rows, draw.between(start, end), from_client=draw.chance(0.5))
    if draw.chance(0.3):
        talk.answer(story, rows, start + min(DAY, (end - start) // 2))
    if draw.chance(0.08):
        billing.estimate(story, rows, "Coaching, half a year", 160_000, start, state="ACCEPTED")


def _circles(stories: list[Story], rows: Rows) -> None:
    """Group events of six, past and to come, with a conversation for the first."""
    for place in range(0, len(stories) - 5, 6):
        members = stories[place : place + 6]
        world, draw = members[0].world, members[0].world.draw
        begun = max(story.working()[0] for story in members)
        days = (world.today - begun) // DAY
        back = draw.number(1, days) if days > 1 and draw.chance(0.6) else -draw.number(2, 40)
        sessions.group(members, rows, draw.pick(_CIRCLES), draw.session(world.today - back * DAY))
        if place == 0:
            talk.group_chat(members, rows, "Circle", max(begun, world.today - 30 * DAY))
