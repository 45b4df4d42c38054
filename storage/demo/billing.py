"""Estimates, invoices and payments."""

from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.story import Story

_STATES = ((0.84, "PAID"), (0.11, "OPEN"), (0.03, "VOID"), (0.02, "DRAFT"))
_METHODS = ((0.7, "CARD"), (0.15, "DIRECT_DEBIT"), (0.12, "BANK_TRANSFER"), (0.03, "CASH"))


def invoice(
    story: Story,
    rows: Rows,
    title: str,
    amount: int,
    at: int,
    *,
    enrollment: str | None = None,
    state: str | None = None,
    declined: bool = False,
) -> None:
    """Invoice with the name of its day, and the payment where there was one."""
    world, draw = story.world, story.world.draw
    world.invoices += 1
    state = "OPEN" if declined else state or draw.weighted(_STATES)
    made = draw.id(at)
    paid = min(at + draw.number(0, 12) * DAY, world.today - 3600) if state == "PAID" else None
    rows["invoice"].append(
        (
            *(world.id, made, story.id, enrollment, world.invoices, title, story.name, story.address, state, amount, "USD"),
            *(at, at + 14 * DAY, paid, 1),
        )
    )
    if paid is not None or declined:
        pay(story, rows, made, amount, paid or at + DAY, state="DECLINED" if declined else "SUCCEEDED")


def pay(story: Story, rows: Rows, invoice: str | None, amount: int, at: int, *, state: str = "SUCCEEDED") -> None:
    world, draw = story.world, story.world.draw
    if state == "SUCCEEDED" and draw.chance(0.02):
        state = "REFUNDED"
    rows["payment"].append((world.id, draw.id(at), story.id, invoice, state, draw.weighted(_METHODS), amount, "USD", at))


def estimate(story: Story, rows: Rows, title: str, amount: int, at: int, *, state: str | None = None) -> None:
    world, draw = story.world, story.world.draw
    world.estimates += 1
    state = state or draw.pick(("DRAFT", "SENT", "ACCEPTED", "DECLINED"))
    rows["estimate"].append((world.id, draw.id(at), story.id, world.estimates, title, state, amount, "USD", at))
