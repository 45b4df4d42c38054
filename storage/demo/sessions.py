"""Appointments, group events, templates, and the hour ledger of what was held."""

from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.story import Story
from storage.demo.world import Kind

_PAST = ((0.82, "COMPLETED"), (0.1, "CANCELLED"), (0.06, "NO_SHOW"), (0.02, "BOOKED"))
_COMPENSATION = ((0.8, "PAID"), (0.08, "PRO_BONO"), (0.03, "BARTER"), (0.04, "INTERNAL"), (0.05, "THIRD_PARTY"))
_KINDS = ((0.84, "coaching"), (0.1, "deep"), (0.04, "consult"), (0.02, "mentor"))


def sample(story: Story, rows: Rows, *, at: int | None = None, state: str | None = None) -> None:
    """Sample session, which anybody may book."""
    world, draw = story.world, story.world.draw
    at = draw.session(at or story.created + draw.number(2, 20) * DAY)
    appointment(story, rows, world.kinds["sample"], at, state=state)


def series(story: Story, rows: Rows, *, count: int, enrollment: str | None = None, template: str | None = None) -> None:
    """Sessions every two weeks or so over the time the client was active; the last one or two lie ahead if they still are."""
    world, draw = story.world, story.world.draw
    start, end = story.working()
    ahead = min(count, 1 + int(draw.chance(0.4))) if story.status == "ACTIVE" and draw.chance(0.75) else 0
    held = min(count - ahead, (end - start) // (4 * DAY))
    step = min(14 * DAY, (end - start) // (held + 1)) if held > 0 else 0
    for place in range(held, 0, -1):
        at = draw.session(end - place * step)
        if start < at < end:
            appointment(story, rows, world.kinds[draw.weighted(_KINDS)], at, enrollment=enrollment)
    for place in range(ahead):
        at = draw.session(world.today + (2 + 7 * place + draw.number(0, 6)) * DAY)
        appointment(story, rows, world.kinds["coaching"], at, enrollment=enrollment, template=template)


def appointment(
    story: Story,
    rows: Rows,
    kind: Kind,
    at: int,
    *,
    state: str | None = None,
    enrollment: str | None = None,
    template: str | None = None,
    batch: str | None = None,
    booked: int | None = None,
) -> str:
    """Appointment with the stamps of its booking; what was held goes to the ledger."""
    world, draw = story.world, story.world.draw
    ahead = at >= world.today
    if booked is None:
        booked = max(story.created, min(at - draw.number(2, 14) * DAY, world.today - DAY))
    booked = min(booked, at, world.today)
    state = state or (("CANCELLED" if draw.chance(0.06) else "BOOKED") if ahead else draw.weighted(_PAST))
    counting = story.status if ahead else story.status_at(at)
    compensation = "PRO_BONO" if kind.sample else draw.weighted(_COMPENSATION)
    minutes = kind.minutes + (draw.number(-1, 2) * 5 if state == "COMPLETED" and draw.chance(0.3) else 0)
    made = draw.id(booked)
    rows["appointment"].append(
        (
            *(
                world.id,
                made,
                story.id,
                story.coach,
                kind.id,
                template,
                enrollment,
                at,
                kind.minutes,
                minutes if state == "COMPLETED" else None,
            ),
            *(state, booked, story.status_at(booked), counting, compensation, kind.kind, False, batch, 1 if ahead else 2),
        )
    )
    if state == "COMPLETED":
        ledger(story, rows, at, minutes=minutes, compensation=compensation, kind=kind.kind, counting=counting, appointment=made)
    return made


def ledger(
    story: Story,
    rows: Rows,
    at: int,
    *,
    minutes: int,
    compensation: str,
    kind: str,
    counting: str,
    size: int | None = None,
    appointment: str | None = None,
    attendance: str | None = None,
    erased: bool = False,
) -> None:
    """Line of the ledger; after an erasure it keeps the day and the number, and nothing that leads to the session."""
    world = story.world
    world.position += 1
    entered = at + minutes * 60
    rows["hour_ledger_entry"].append(
        (
            *(world.id, world.draw.id(entered), story.coach, world.position, at, None if erased else at, minutes, compensation, kind, size),
            *(story.number, appointment, attendance, counting, False, erased, entered),
        )
    )


def group(stories: list[Story], rows: Rows, title: str, at: int) -> None:
    """Group event with its attendees."""
    world, draw = stories[0].world, stories[0].world.draw
    kind, held = world.kinds["group"], at < world.today
    made = draw.id(min(at, world.today) - 30 * DAY)
    state = "COMPLETED" if held else "BOOKED"
    rows["group_event"].append(
        (
            *(world.id, made, stories[0].coach, kind.id, title, at, kind.minutes, kind.minutes if held else None),
            *(len(stories), state, kind.kind, 1),
        )
    )
    for story in stories:
        booked = max(story.created, min(at, world.today) - 15 * DAY)
        place = "NO_SHOW" if held and draw.chance(0.08) else state
        attendance, counting = draw.id(booked), story.status_at(at)
        rows["attendance"].append((world.id, attendance, made, story.id, at, place, story.status_at(booked), counting, "PAID"))
        if place == "COMPLETED":
            ledger(
                *(story, rows, at),
                minutes=kind.minutes,
                compensation="PAID",
                kind=kind.kind,
                counting=counting,
                size=len(stories),
                attendance=attendance,
            )


def template(story: Story, rows: Rows) -> str:
    """Service every two weeks."""
    world, draw = story.world, story.world.draw
    start, _ = story.working()
    made = draw.id(start)
    rule = f"FREQ=WEEKLY;INTERVAL=2;BYDAY={draw.pick(('MO', 'TU', 'WE', 'TH', 'FR'))}"
    rows["service_template"].append((world.id, made, story.id, story.coach, world.kinds["coaching"].id, rule, start, "09:00", start))
    return made
