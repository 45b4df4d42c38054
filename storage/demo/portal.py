"""Pages, forms and documents of the portal, and who may see them."""

from storage.demo.catalogue import document
from storage.demo.draw import DAY
from storage.demo.rows import Rows
from storage.demo.world import World

_PAGES = (
    ("Welcome", ("ACTIVE",), None),
    ("Before your sample session", ("HOT_LEAD", "ACTIVE"), None),
    ("Resources for your package", (), "compass"),
    ("House rules", ("ACTIVE", "INACTIVE"), None),
)
_FORMS = (
    ("Intake questionnaire", ("ACTIVE",), None, '["What brings you here?", "What would success look like?"]'),
    ("Preparing your sample session", ("HOT_LEAD",), None, '["What would you like to talk about?"]'),
    ("Package feedback", (), "compass", '["What helped most?", "What was missing?"]'),
)


def furnish(world: World, rows: Rows) -> None:
    at = world.start + 30 * DAY
    for title, statuses, package in _PAGES:
        made = world.draw.id(at)
        world.pages[title] = made
        rows["page"].append((world.id, made, title, f"{title}. Kept short on purpose.", at, at))
        document(world, rows, f"{title}, to print", (at, at + 200 * DAY), page=made)
        admit(world, rows, statuses, package, page=made)
    rows["page"].append((world.id, world.draw.id(at), "Price list, draft", "Not published yet.", None, at))
    for title, statuses, package, questions in _FORMS:
        made = world.draw.id(at)
        world.forms.append(made)
        rows["form"].append((world.id, made, title, questions, at, at))
        admit(world, rows, statuses, package, form=made)
    admit(world, rows, ("ACTIVE",), None, document=document(world, rows, "Coaching agreement", (at,)))
    admit(world, rows, ("HOT_LEAD", "ACTIVE"), None, document=document(world, rows, "What to expect", (at, at + 300 * DAY)))


def admit(
    world: World,
    rows: Rows,
    statuses: tuple[str, ...],
    package: str | None = None,
    *,
    page: str | None = None,
    form: str | None = None,
    document: str | None = None,
    client: str | None = None,
) -> None:
    """One line of the audience for each status, the package, and the client."""
    offer = world.offers[package].id if package else None
    lines: list[tuple[str | None, str | None, str | None]] = [(status, None, None) for status in statuses]
    lines += [(None, client, None)] * (client is not None) + [(None, None, offer)] * (offer is not None)
    for status, of_client, of_package in lines:
        made = world.draw.id(world.start + 30 * DAY)
        rows["audience"].append((world.id, made, page, form, document, status, of_client, of_package))
