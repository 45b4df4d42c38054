"""Clients in packages: enrollments of every state, releases, subscriptions, and purchases of products."""

from storage.demo.billing import invoice
from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.story import Story, tell
from storage.demo.world import Offer

_PAYMENT = {
    "PAYMENT_DECLINED": "DECLINED",
    "PACKAGE_EXPIRED": "EXPIRED",
    "SUBSCRIPTION_CANCELLED": "CANCELLED",
    "COACH_DECISION": "CURRENT",
}
_NOW = ((0.72, "active"), (0.2, "frozen"), (0.08, "deleted"))
_FORMER = ((0.3, "active"), (0.55, "frozen"), (0.15, "deleted"))
_PERIOD = {"MONTHLY": 30, "YEARLY": 365}


def enroll(
    story: Story,
    rows: Rows,
    offer: Offer,
    at: int,
    *,
    frozen: int | None = None,
    reason: str = "COACH_DECISION",
    deleted: int | None = None,
    pinned: bool = False,
    gap: tuple[int, int] | None = None,
) -> str:
    """Enrollment with its changes, its releases where the package drips, and its money where it costs."""
    world, draw = story.world, story.world.draw
    made = draw.id(at)
    state = "DELETED" if deleted else "DEACTIVATED" if frozen else "ACTIVE"
    end = deleted or frozen or world.today
    expires = at + offer.days * DAY if offer.days else None
    status = "NOT_REQUIRED" if offer.billing == "FREE" else _PAYMENT[reason] if frozen else "CURRENT"
    if status == "CURRENT" and expires is not None and expires < world.today:
        status = "EXPIRED"
    period = _PERIOD.get(offer.billing)
    paid = None if period is None else end - (end - at) % (period * DAY) + (period * DAY if status == "CURRENT" else 0)
    rows["enrollment"].append(
        (
            *(
                world.id,
                made,
                story.id,
                offer.id,
                state,
                at,
                frozen,
                reason if frozen else None,
                deleted,
                "CLIENT_REQUESTED" if deleted else None,
            ),
            *("PINNED" if pinned else "LATEST", status, paid, (end - 3 * DAY) if status == "DECLINED" else None, expires, 1 + bool(frozen)),
        )
    )
    _changes(story, rows, made, at, frozen=frozen, reason=reason, deleted=deleted, gap=gap)
    if offer.drip:
        _release(story, rows, made, offer, at=at, end=end)
    if period is not None and paid is not None:
        over = status == "CANCELLED" or state == "DELETED"
        live = "CANCELLED" if over else "ENDING" if draw.chance(0.05) else "LIVE"
        rows["subscription"].append((world.id, draw.id(at), made, live, offer.price, "USD", paid, at, end if over else None))
    if offer.price:
        invoice(story, rows, offer.name, offer.price, at, enrollment=made)
        if status == "DECLINED":
            invoice(story, rows, offer.name, offer.price, end - 5 * DAY, enrollment=made, declined=True)
    return made


def _changes(
    story: Story, rows: Rows, made: str, at: int, *, frozen: int | None, reason: str, deleted: int | None, gap: tuple[int, int] | None
) -> None:
    world, draw, actor = story.world, story.world.draw, f"member:{story.coach}"
    steps: list[tuple[str | None, str, int | None, int, str, str | None]] = [(None, "ACTIVE", None, at, "enrollmentCreate", None)]
    if gap:
        steps.append(("ACTIVE", "DEACTIVATED", gap[0], gap[0], "enrollmentDeactivate", "COACH_DECISION"))
        steps.append(("DEACTIVATED", "ACTIVE", None, gap[1], "enrollmentReactivate", None))
        rows["enrollment_gap"].append((world.id, draw.id(gap[1]), made, *gap))
    if frozen:
        steps.append(("ACTIVE", "DEACTIVATED", frozen, frozen, "enrollmentDeactivate", reason))
    if deleted:
        steps.append(("DEACTIVATED" if frozen else "ACTIVE", "DELETED", frozen, deleted, "enrollmentDelete", "CLIENT_REQUESTED"))
    for before, after, freeze, when, transition, why in steps:
        rows["enrollment_change"].append((world.id, draw.id(when), made, before, after, freeze, when, transition, actor, why))
        tell(story, rows, when, transition, subject=made, change=(before, after), reason=why)


def _release(story: Story, rows: Rows, made: str, offer: Offer, *, at: int, end: int) -> None:
    """A module a week, each in the version that was newest on its day."""
    for week, versions in enumerate(offer.modules):
        when = at + week * 7 * DAY
        known = [version for published, version in versions if published <= when]
        if when < end and known:
            rows["release"].append((story.world.id, story.world.draw.id(when), made, known[-1], when))


def join(story: Story, rows: Rows) -> str | None:
    """What an ordinary client is in: a package for most, a second one for some."""
    world, draw = story.world, story.world.draw
    start, end = story.working()
    offers = list(world.offers.values())
    first, base = None, draw.number(0, len(offers) - 1)
    for turn in range(1 + int(draw.chance(0.15))):
        offer = offers[(base + turn) % len(offers)]
        at = draw.between(start, start + (end - start) // 3)
        late = at + (world.today - at) * draw.number(40, 95) // 100
        state = draw.weighted(_NOW if story.status == "ACTIVE" else _FORMER)
        reason = "COACH_DECISION" if offer.billing == "FREE" else draw.pick(tuple(_PAYMENT))
        gap = (at + (late - at) // 3, at + (late - at) // 2) if state == "active" and draw.chance(0.03) else None
        made = enroll(
            *(story, rows, offer, at),
            frozen=late if state == "frozen" else None,
            reason=reason,
            deleted=late if state == "deleted" else None,
            pinned=draw.chance(0.05),
            gap=gap,
        )
        first = first or made
    return first


def buy(story: Story, rows: Rows, at: int, *, which: int | None = None) -> None:
    """Purchase of a product, paid at once."""
    world, draw = story.world, story.world.draw
    product, name, price = world.products[which if which is not None else draw.number(0, len(world.products) - 1)]
    rows["purchase"].append((world.id, draw.id(at), story.id, product, at, price, "USD"))
    invoice(story, rows, name, price, at, state="PAID")
