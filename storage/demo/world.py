"""A workspace of the demo data while it is being told: its people, its catalogue, its counters."""

from dataclasses import dataclass, field

from storage.demo.draw import DAY, Draw
from storage.demo.people import DEMO_PEOPLE
from storage.demo.rows import Rows

YEARS = 3
_GRANTS = {"owner": ("REACTIVATE", "ERASE", "HOLD"), "coach": ("REACTIVATE",)}


@dataclass(slots=True)
class Kind:
    """Appointment type."""

    id: str
    sample: bool
    coaching: bool
    kind: str
    minutes: int


@dataclass(slots=True)
class Offer:
    """Package, with the published versions of its modules in order: (published at, version id)."""

    id: str
    name: str
    billing: str
    price: int
    days: int | None
    coaching: bool
    drip: bool
    modules: list[list[tuple[int, str]]] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """Workspace: `today` is the first second of the day of the demo, everything held lies before it."""

    id: str
    slug: str
    today: int
    start: int
    draw: Draw
    password_hash: str
    owner: str = ""
    coaches: list[str] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    products: list[tuple[str, str, int]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    forms: list[str] = field(default_factory=list)
    number: int = 0
    position: int = 0
    estimates: int = 0
    invoices: int = 1000

    def account(self, rows: Rows, username: str, at: int) -> str:
        made = self.draw.id(at)
        rows["account"].append((made, username, self.password_hash, at))
        return made

    def member(self, rows: Rows, username: str, name: str, role: str, *, at: int) -> str:
        made, account = self.draw.id(at), self.account(rows, username, at)
        rows["member"].append((self.id, made, account, name, f"{username}@{self.slug}.example", role, at))
        for grant in _GRANTS.get(username, ()):
            rows["member_grant"].append((self.id, self.draw.id(at), made, grant, at))
        return made


def found(rows: Rows, draw: Draw, name: str, slug: str, *, today: int, password_hash: str) -> World:
    """Workspace with its row and its kinds of appointment."""
    start = today - YEARS * 365 * DAY
    world = World(draw.id(start), slug, today, start, draw, password_hash)
    rows["workspace"].append(
        (world.id, name, slug, "US", "America/New_York", "USD", True, 72, False, 72, "NONE", "SESSION_START", True, 5, start, 1)
    )
    for key, title, sample, coaching, kind, minutes in (
        ("sample", "Sample session", True, True, "INDIVIDUAL", 30),
        ("coaching", "Coaching session", False, True, "INDIVIDUAL", 60),
        ("deep", "Deep dive", False, True, "INDIVIDUAL", 90),
        ("mentor", "Mentor coaching", False, False, "MENTOR", 60),
        ("group", "Group session", False, True, "GROUP", 90),
        ("consult", "Planning call", False, False, "INDIVIDUAL", 20),
    ):
        made = draw.id(start)
        world.kinds[key] = Kind(made, sample, coaching, kind, minutes)
        rows["appointment_type"].append((world.id, made, title, sample, coaching, kind, minutes))
    return world


def staff_hart(world: World, rows: Rows, clients: int) -> None:
    """Owner, a coach for every 500 clients and at least two, and one of each other role."""
    at = world.start
    names = {key: person.label.partition(",")[0] for key, person in DEMO_PEOPLE.items()}
    world.owner = world.member(rows, "owner", names["owner"], "OWNER", at=at)
    world.coaches.append(world.member(rows, "coach", names["coach"], "COACH", at=at))
    for extra in range(2, max(2, clients // 500) + 1):
        name = "Lena Hoffmann" if extra == 2 else f"Coach {extra:04d}"
        world.coaches.append(world.member(rows, f"coach{extra}", name, "COACH", at=at + DAY))
    for role in ("assistant", "accountant", "analyst"):
        world.member(rows, role, names[role], role.upper(), at=at + DAY)


def staff_second_wind(world: World, rows: Rows) -> None:
    world.owner = world.member(rows, "second-owner", "Samuel Okonkwo", "OWNER", at=world.start)
    world.coaches.append(world.owner)
    world.coaches.append(world.member(rows, "second-coach", "Ruth Abebe", "COACH", at=world.start))
