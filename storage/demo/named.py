"""The well-known clients of Hart Coaching: one for every status, access mode and data state, told by hand."""

from storage.demo import billing, deletions, enrollments, sessions, talk
from storage.demo.draw import DAY
from storage.demo.people import DEMO_PEOPLE
from storage.demo.portal import admit
from storage.demo.rows import Rows
from storage.demo.story import Road, Story, decorate, write_client
from storage.demo.world import World

FREEZE = 90  # days before the day of the demo on which the frozen client was frozen


def well_known(world: World, rows: Rows) -> dict[str, Story]:
    """Write them all, first numbers first; give back those with a login."""
    people = {
        "active-client": _active(world, rows),
        "frozen-client": _frozen(world, rows),
        "hot-lead": _hot_lead(world, rows),
        "buyer": _buyer(world, rows),
        "inactive-client": _inactive(world, rows),
    }
    _prospects(world, rows)
    for name, mode in (("Ivan Petrov", "PURCHASED_CONTENT"), ("Isla MacLeod", "READ_ONLY"), ("Irina Popescu", "PAY_ONLY")):
        _former(world, rows, name, mode)
    for name, state in (("Hector Ruiz", "HISTORY_DELETED"), ("Connie Walsh", "CONTACT_DELETED"), ("Erasmus Dahl", "ERASED")):
        _deleted(world, rows, name, state)
    circle = [people["active-client"], people["frozen-client"]]
    for days in (200, 45, -12):
        sessions.group(circle, rows, "Job search round", world.today - days * DAY + 17 * 3600)
    talk.group_chat(circle, rows, "Job search round", world.today - 200 * DAY)
    return people


def person(world: World, name: str, email: str | None, road: list[tuple[int, str]], *, phone: str | None = None) -> Story:
    """Somebody by name; the road counts in days before the day of the demo."""
    world.number += 1
    steps: Road = [(world.today - days * DAY + 9 * 3600, status) for days, status in road]
    return Story(world, world.draw.id(steps[0][0]), world.number, name, world.coaches[0], steps, email=email, phone=phone)


def _login(story: Story, rows: Rows, username: str) -> None:
    story.account = story.world.account(rows, username, story.created)


def _named(world: World, rows: Rows, username: str, road: list[tuple[int, str]], *, phone: str | None = None) -> Story:
    name = DEMO_PEOPLE[username].label.partition(",")[0]
    story = person(world, name, f"{username}@example.org", road, phone=phone)
    _login(story, rows, username)
    return story


def _active(world: World, rows: Rows) -> Story:
    story = _named(world, rows, "active-client", [(420, "PROSPECT"), (410, "HOT_LEAD"), (400, "ACTIVE")], phone="+12025550114")
    story.address, story.notes, day = (
        "12 Harbour Road, Portland, OR",
        "Goal: head of product within the year. Tell her about the alumni circle.",
        world.today,
    )
    write_client(story, rows)
    decorate(story, rows, tags=3)
    sessions.appointment(story, rows, world.kinds["sample"], day - 412 * DAY + 10 * 3600, state="COMPLETED")
    package = enrollments.enroll(story, rows, world.offers["compass"], day - 400 * DAY)
    enrollments.enroll(story, rows, world.offers["weeks"], day - 60 * DAY, gap=(day - 50 * DAY, day - 40 * DAY))
    enrollments.enroll(story, rows, world.offers["inbox"], day - 300 * DAY, deleted=day - 250 * DAY)
    enrollments.buy(story, rows, day - 150 * DAY, which=0)
    served = sessions.template(story, rows)
    states = ("COMPLETED",) * 9 + ("CANCELLED", "NO_SHOW", "COMPLETED", "COMPLETED", "BOOKED")
    for place, state in enumerate(states):
        at = day - (380 - place * 27) * DAY + (10 + place % 5) * 3600
        sessions.appointment(story, rows, world.kinds["mentor" if place == 5 else "coaching"], at, state=state, enrollment=package)
    for ahead, state in ((3, "BOOKED"), (10, "CANCELLED"), (17, "BOOKED"), (31, "BOOKED"), (45, "BOOKED")):
        sessions.appointment(
            story, rows, world.kinds["coaching"], day + ahead * DAY + 15 * 3600, state=state, enrollment=package, template=served
        )
    talk.converse(story, rows, 15, subject="Our work together")
    talk.converse(story, rows, 2, subject="Question about the invoice")
    for back, title in ((390, "Signed agreement"), (200, "Goal sheet"), (20, "Curriculum vitae")):
        talk.share(story, rows, day - back * DAY, title=title, from_client=back != 200)
    billing.estimate(story, rows, "Coaching, one year", 260_000, day - 405 * DAY, state="ACCEPTED")
    billing.estimate(story, rows, "Leadership in Twelve Weeks", 180_000, day - 70 * DAY, state="SENT")
    for month in range(1, 6):
        billing.invoice(
            story, rows, "Career Compass", 24_000, day - month * 60 * DAY, enrollment=package, state="OPEN" if month == 1 else "PAID"
        )
    billing.pay(story, rows, None, 1_900, day - 145 * DAY, state="REFUNDED")
    talk.answer(story, rows, day - 398 * DAY)
    talk.consent(story, rows, "CERT_LOG", day - 400 * DAY)
    talk.consent(story, rows, "RECORDING", day - 300 * DAY, withdrawn=day - 100 * DAY)
    at = day - 100 * DAY
    page = world.draw.id(at)
    rows["page"].append((world.id, page, "For Maya", "Three questions for the week.", at, at))
    admit(world, rows, (), page=page, client=story.id)
    return story


def _frozen(world: World, rows: Rows) -> Story:
    story = _named(world, rows, "frozen-client", [(500, "PROSPECT"), (480, "ACTIVE")], phone="+12065550131")
    write_client(story, rows)
    decorate(story, rows, tags=1)
    day = world.today
    package = enrollments.enroll(
        story, rows, world.offers["compass"], day - 470 * DAY, frozen=day - FREEZE * DAY, reason="PAYMENT_DECLINED"
    )
    enrollments.enroll(story, rows, world.offers["weeks"], day - (FREEZE + 10) * DAY, frozen=day - FREEZE * DAY)
    enrollments.enroll(story, rows, world.offers["mornings"], day - 300 * DAY)
    for place in range(6):
        sessions.appointment(
            story, rows, world.kinds["coaching"], day - (460 - place * 60) * DAY + 11 * 3600, state="COMPLETED", enrollment=package
        )
    sessions.appointment(story, rows, world.kinds["coaching"], day + 8 * DAY + 11 * 3600, state="BOOKED")
    talk.converse(story, rows, 4, subject="My card was declined")
    talk.consent(story, rows, "CERT_LOG", day - 470 * DAY, withdrawn=day - 60 * DAY)
    return story


def _hot_lead(world: World, rows: Rows) -> Story:
    story = _named(world, rows, "hot-lead", [(40, "PROSPECT"), (12, "HOT_LEAD")], phone="+442079460123")
    write_client(story, rows)
    decorate(story, rows, tags=1)
    sessions.appointment(story, rows, world.kinds["sample"], world.today - 20 * DAY + 9 * 3600, state="COMPLETED")
    sessions.appointment(
        story, rows, world.kinds["sample"], world.today + 4 * DAY + 9 * 3600, state="BOOKED", booked=world.today - 30 * DAY
    )
    talk.converse(story, rows, 3, subject="Before we start")
    talk.answer(story, rows, world.today - 6 * DAY)
    billing.estimate(story, rows, "Career Compass", 24_000, world.today - 5 * DAY, state="SENT")
    return story


def _buyer(world: World, rows: Rows) -> Story:
    story = _named(world, rows, "buyer", [(70, "BUYER")])
    story.origin = "PURCHASE"
    write_client(story, rows)
    enrollments.buy(story, rows, story.created, which=1)
    enrollments.buy(story, rows, world.today - 10 * DAY, which=0)
    return story


def _inactive(world: World, rows: Rows) -> Story:
    story = _named(world, rows, "inactive-client", [(800, "PROSPECT"), (790, "HOT_LEAD"), (780, "ACTIVE"), (30, "INACTIVE")])
    left = story.road[-1][0]
    story.batch = world.draw.id(left)
    write_client(story, rows)
    decorate(story, rows, tags=2)
    package = enrollments.enroll(story, rows, world.offers["compass"], world.today - 700 * DAY, frozen=left - DAY, reason="PACKAGE_EXPIRED")
    for place in range(10):
        sessions.appointment(story, rows, world.kinds["coaching"], world.today - (690 - place * 65) * DAY + 13 * 3600, enrollment=package)
    for ahead in (5, 19):
        at, booked = world.today + ahead * DAY + 13 * 3600, left - 3 * DAY
        sessions.appointment(story, rows, world.kinds["coaching"], at, state="REMOVED", batch=story.batch, booked=booked)
    actor = f"member:{story.coach}"
    rows["batch"].append((world.id, story.batch, "clientMakeInactive", story.id, 2, actor, "{}", left, left + 3 * DAY))
    talk.converse(story, rows, 4)
    return story


def _prospects(world: World, rows: Rows) -> None:
    prospect = person(world, "Paula Příhoda", "paula@example.net", [(25, "PROSPECT")], phone="+12125550188")
    write_client(prospect, rows)
    sessions.appointment(prospect, rows, world.kinds["sample"], world.today - 8 * DAY + 10 * 3600, state="COMPLETED")
    sessions.appointment(prospect, rows, world.kinds["sample"], world.today + 6 * DAY + 10 * 3600, state="BOOKED")
    warm = person(world, "Hugo Lefèvre", "hugo@example.net", [(60, "PROSPECT"), (9, "HOT_LEAD")])
    write_client(warm, rows)
    sessions.appointment(warm, rows, world.kinds["sample"], world.today + 2 * DAY + 16 * 3600, state="BOOKED")
    deletions.asked(warm, rows)


def _former(world: World, rows: Rows, name: str, mode: str) -> None:
    """Inactive client with an access mode, a login, and something to see through it."""
    story = person(world, name, f"{mode.lower().replace('_', '-')}@example.com", [(600, "PROSPECT"), (590, "ACTIVE"), (45, "INACTIVE")])
    story.access_mode = mode
    _login(story, rows, f"inactive-{mode.lower().replace('_', '-')}")
    write_client(story, rows)
    package = enrollments.enroll(story, rows, world.offers["compass"], world.today - 580 * DAY)
    enrollments.buy(story, rows, world.today - 300 * DAY, which=0)
    sessions.series(story, rows, count=5, enrollment=package)
    billing.invoice(story, rows, "Career Compass", 24_000, world.today - 60 * DAY, enrollment=package, state="OPEN")
    talk.converse(story, rows, 3)
    talk.share(story, rows, world.today - 400 * DAY)
    if mode == "PAY_ONLY":
        deletions.held(story, rows, "Dispute about an invoice, file 2026-17")


def _deleted(world: World, rows: Rows, name: str, state: str) -> None:
    """Client with a part of their data gone: the history, the contact, or both; the hours stay without a name."""
    story = person(world, name, f"{state.lower().replace('_', '-')}@example.com", [(700, "PROSPECT"), (690, "ACTIVE"), (50, "INACTIVE")])
    story.data_state = state
    write_client(story, rows)
    if story.present:
        package = enrollments.enroll(story, rows, world.offers["compass"], world.today - 680 * DAY, deleted=world.today - 20 * DAY)
        sessions.series(story, rows, count=6, enrollment=package)
        talk.converse(story, rows, 4)
        talk.share(story, rows, world.today - 300 * DAY)
    else:
        for back in (600, 540, 480):
            at = world.today - back * DAY + 10 * 3600
            sessions.ledger(story, rows, at, minutes=60, compensation="PAID", kind="INDIVIDUAL", counting="ACTIVE", erased=True)
    deletions.done(story, rows, world.today - 20 * DAY)
