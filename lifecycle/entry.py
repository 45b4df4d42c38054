"""Who may enter the portal, which members may look into it as one of their clients would, and what a change of standing opens or closes."""

from typing import Final

from lifecycle.access import READABLE, Cell, Refusal, Resource, Standing, portal_cell, standing_of
from lifecycle.vocabulary import GONE, AccessMode, ClientStatus, DataState, Role, Word

#: Roles that see the portal as a client: those who read everything the client reads. Coaches see their own clients only.
SEES_AS: Final = frozenset({Role.OWNER, Role.COACH})


def entry_refusal(
    status: ClientStatus, mode: AccessMode, state: DataState, *, login: bool, ended: bool, left: bool = True
) -> Refusal | None:
    """Why a client cannot sign in.

    `login` when they have one that is not disabled, `ended` when the end of their access has passed, `left` while a buyer has
    anything of what they had.
    """
    if state in GONE:
        return Refusal(state.value, f"Nobody signs in as a client whose data state is {state}.")
    entering = portal_cell(standing_of(status, mode, login=True), Resource.OPEN) in READABLE
    if not entering or (status is ClientStatus.INACTIVE and ended):
        return Refusal("STATUS", "The standing of the client does not admit them to the portal.")
    if status is ClientStatus.BUYER and not left:
        return Refusal("STATUS", "Nothing is left of what the buyer had.")
    return None if login else Refusal("NO_LOGIN", "The client has no login to the portal, or it is disabled.")


class PortalAccess(Word):
    """What a client may do with a resource in the portal."""

    NONE = "NONE", "Nothing."
    LINK = "LINK", "Nothing by signing in; what a signed link made for one purpose opens."
    READ = "READ", "Reads it."
    WRITE = "WRITE", "Reads it, and writes what operations allow."
    OWN = "OWN", "Reads what is theirs."
    AUDIENCE = "AUDIENCE", "Reads what the audience of the page, form or document admits."
    AS_OF = "AS_OF", "Reads what was theirs on the day they became inactive."


_ACCESS: Final[dict[Cell, PortalAccess]] = {
    Cell.NO: PortalAccess.NONE,
    Cell.LINK: PortalAccess.LINK,
    Cell.READ: PortalAccess.READ,
    Cell.WRITE: PortalAccess.WRITE,
    Cell.OWN: PortalAccess.OWN,
    Cell.AUDIENCE: PortalAccess.AUDIENCE,
    Cell.AS_OF: PortalAccess.AS_OF,
}


def access_diff(before: Standing, after: Standing) -> list[tuple[Resource, PortalAccess, PortalAccess]]:
    """Every resource that a change of standing opens, closes or alters, with what may be done with it before and after."""
    cells = [(resource, portal_cell(before, resource), portal_cell(after, resource)) for resource in Resource]
    return [(resource, _ACCESS[old], _ACCESS[new]) for resource, old, new in cells if old is not new]
