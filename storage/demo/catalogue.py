"""Packages, modules, versions, documents and products of a workspace. Days are counted back from the day of the demo."""

from dataclasses import dataclass

from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.world import Offer, World

#: Module: title, days of its published versions, whether a draft follows, day of archiving, day of withdrawal.
Chapter = tuple[str, tuple[int, ...], bool, int | None, int | None]


@dataclass(slots=True)
class Plan:
    """Package on sale: its key, and what its row says."""

    key: str
    name: str
    billing: str
    price: int
    days: int | None
    modules: tuple[str, ...]
    coaching: bool = True
    drip: bool = False
    on_expiry: str = "NONE"
    on_declined: str = "NONE"
    archived: int | None = None


HART = (
    Plan("compass", "Career Compass", "MONTHLY", 24_000, None, ()),
    Plan(
        "weeks",
        "Leadership in Twelve Weeks",
        "ONE_TIME",
        180_000,
        84,
        ("Lead yourself", "Lead others", "Lead the work", "Keep going"),
        drip=True,
    ),
    Plan("speaking", "Confident Speaking", "ONE_TIME", 96_000, 120, ("Voice", "Body", "Story", "Stage")),
    Plan(
        "presence", "Executive Presence", "YEARLY", 420_000, 365, ("Gravitas", "Rooms and tables", "Under pressure"), on_expiry="DEACTIVATE"
    ),
    Plan(
        "burnout",
        "Life After Burnout",
        "MONTHLY",
        18_000,
        None,
        ("Rest", "Boundaries", "Joy", "Work, again"),
        drip=True,
        on_declined="DEACTIVATE",
    ),
    Plan("founders", "Founders' Circle", "MONTHLY", 30_000, None, ("Your company and you", "Hiring", "Letting go")),
    Plan("mornings", "Mindful Mornings", "FREE", 0, None, ("Breath", "Light", "Movement"), coaching=False),
    Plan("inbox", "The Calm Inbox", "ONE_TIME", 4_900, 365, ("Triage", "Two minutes", "Closing time"), coaching=False),
    Plan("manager", "New Manager Starter Kit", "ONE_TIME", 14_900, None, ("First week", "One-on-ones", "Feedback"), coaching=False),
    Plan("reset", "Autumn Reset", "ONE_TIME", 39_000, 60, ("Look back", "Look ahead"), archived=380),
)
SECOND_WIND = (
    Plan("compass", "Second Career", "MONTHLY", 15_000, None, ("Inventory", "Experiments", "Decision")),
    Plan("weeks", "Runner's Comeback", "ONE_TIME", 60_000, 70, ("Base", "Build", "Race"), drip=True),
    Plan("mornings", "Sunday Letters", "FREE", 0, None, ("Letter one", "Letter two"), coaching=False),
)

#: Career Compass, told by hand: around a freeze 90 days ago things change, appear, and go.
COMPASS: tuple[Chapter, ...] = (
    ("Where you stand", (1000, 30), True, None, None),
    ("Values and strengths", (1000, 200), False, None, None),
    ("Telling your story", (1000,), False, None, None),
    ("The first hundred days", (20,), False, None, None),
    ("Negotiating", (1000,), False, 40, None),
    ("Old checklist", (1000,), False, None, 5),
)


def stock(world: World, rows: Rows, plans: tuple[Plan, ...]) -> None:
    for age, plan in enumerate(plans):
        made = world.draw.id(world.start + age * DAY)
        offer = Offer(made, plan.name, plan.billing, plan.price, plan.days, plan.coaching, plan.drip)
        archived = None if plan.archived is None else world.today - plan.archived * DAY
        if archived is None:
            world.offers[plan.key] = offer
        rows["package"].append(
            (
                *(world.id, made, plan.name, f"{plan.name}: {len(plan.modules) or len(COMPASS)} modules.", plan.billing, plan.price, "USD"),
                *(plan.days, plan.coaching, plan.drip, plan.on_expiry, plan.on_declined, 7, "NONE", archived, 1, world.start + age * DAY),
            )
        )
        chapters = COMPASS if not plan.modules else [_chapter(world, title) for title in plan.modules]
        for position, chapter in enumerate(chapters, 1):
            module = _module(world, rows, chapter, offer=offer)
            first = world.today - chapter[1][0] * DAY
            rows["package_item"].append((world.id, world.draw.id(first), made, position, module, None, 1, first))
        if plan.coaching:
            kind = world.kinds["group" if plan.key == "founders" else "coaching"]
            rows["package_item"].append((world.id, world.draw.id(world.start), made, 90, None, kind.id, 8, world.start))


def shop(world: World, rows: Rows) -> None:
    """Products that a stranger may buy; the second brings a call, the last is no longer on sale."""
    for name, price, on_sale in (("The Focus Kit", 2_900, True), ("Difficult Conversations", 7_900, True), ("Habit Cards", 1_900, False)):
        made = world.draw.id(world.start)
        world.products.append((made, name, price))
        rows["product"].append((world.id, made, name, f"{name}, to read by oneself.", price, "USD", on_sale, world.start))
        for position, title in enumerate((f"{name}: start here", f"{name}: practice"), 1):
            module = _module(world, rows, _chapter(world, title))
            rows["product_item"].append((world.id, world.draw.id(world.start), made, position, module, None, 1, world.start))
        if name == "Difficult Conversations":
            rows["product_item"].append((world.id, world.draw.id(world.start), made, 3, None, world.kinds["consult"].id, 1, world.start))


def _chapter(world: World, title: str) -> Chapter:
    """Module with one to three versions over the years."""
    revised = world.draw.number(60, 400)
    days = (1000, revised, revised // 3) if world.draw.chance(0.3) else (1000, revised) if world.draw.chance(0.6) else (1000,)
    return title, days, world.draw.chance(0.2), None, None


def _module(world: World, rows: Rows, chapter: Chapter, *, offer: Offer | None = None) -> str:
    title, days, draft, archived, withdrawn = chapter
    draw, today = world.draw, world.today
    created = today - (days[0] + 10) * DAY
    made = draw.id(created)
    gone = None if withdrawn is None else today - withdrawn * DAY
    rows["module"].append(
        (
            world.id,
            made,
            title,
            None if archived is None else today - archived * DAY,
            gone,
            "Outdated legal advice." if gone else None,
            1,
            created,
        )
    )
    published: list[tuple[int, str]] = []
    for number, day in enumerate(days, 1):
        at = today - day * DAY
        version = draw.id(at - DAY)
        published.append((at, version))
        rows["module_version"].append(
            (world.id, version, made, number, title, f"{title}, version {number}. Read slowly, write freely.", at, at - DAY)
        )
        _documents(world, rows, version, title, at)
    if draft:
        rows["module_version"].append(
            (world.id, draw.id(today - 2 * DAY), made, len(days) + 1, title, "Draft, not to be seen.", None, today - 2 * DAY)
        )
    if offer is not None and gone is None and archived is None:
        offer.modules.append(published)
    return made


def _documents(world: World, rows: Rows, version: str, title: str, at: int) -> None:
    """A workbook for every version; in "Telling your story" also one added, one revised and one withdrawn after the freeze."""
    story, today = title == "Telling your story", world.today
    document(world, rows, f"{title}: workbook", (at, today - 10 * DAY) if story else (at,), version=version)
    if story:
        document(world, rows, "Story examples", (today - 15 * DAY,), version=version)
        document(world, rows, "Interview with a recruiter", (at,), version=version, withdrawn=today - 12 * DAY)
    elif world.draw.chance(0.5):
        later = world.draw.between(at, today)
        document(world, rows, f"{title}: reading list", (at, later) if world.draw.chance(0.4) else (at,), version=version)


def document(
    world: World,
    rows: Rows,
    title: str,
    revised: tuple[int, ...],
    *,
    version: str | None = None,
    page: str | None = None,
    withdrawn: int | None = None,
) -> str:
    made = world.draw.id(revised[0])
    reason = "The person asked us to." if withdrawn else None
    rows["document"].append((world.id, made, version, page, title, revised[0], withdrawn, reason))
    for number, at in enumerate(revised, 1):
        size = world.draw.number(20_000, 900_000)
        rows["document_revision"].append(
            (world.id, world.draw.id(at), made, number, title, "application/pdf", size, f"demo/{made}/{number}", at)
        )
    return made
