"""THE access matrix: who reads what, by the role of the member or by the standing of the client.

A resource is a row of the two tables below; `lifecycle/fields.py` gives every guarded field its resource. Enforcement, the sentence in
the schema and the tests read the same cells. Nothing here is stored: access follows from the status at the time of reading.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from typing import NamedTuple

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role


class Cell(Enum):
    """What one kind of reader may do with one resource."""

    NO = "-"
    READ = "R"
    WRITE = "RW"
    OWN = "O"  # only what is theirs
    AUDIENCE = "A"  # only what the audience of the resource admits
    AS_OF = "t0"  # only what was theirs when they became inactive
    LINK = "link"  # not by signing in; through a signed link made for one purpose
    REASON = "R!"  # theirs freely; others' with a reason, which is audited
    NUMBERS = "n"  # counts and sums, never rows


__, R_, RW, O_, A_, T0, LK, RX, NR = tuple(Cell)

#: Cells that let rows be read.
READABLE = frozenset({R_, RW, O_, A_, T0, RX})


class Standing(StrEnum):
    """Status of a client as far as it decides what they see."""

    PROSPECT = "PROSPECT"
    HOT_LEAD_WITHOUT_LOGIN = "HOT_LEAD without login"
    HOT_LEAD = "HOT_LEAD with login"
    ACTIVE = "ACTIVE"
    BUYER = "BUYER"
    INACTIVE = "INACTIVE"
    INACTIVE_PURCHASED_CONTENT = "INACTIVE with PURCHASED_CONTENT"
    INACTIVE_READ_ONLY = "INACTIVE with READ_ONLY"
    INACTIVE_PAY_ONLY = "INACTIVE with PAY_ONLY"


class Resource(StrEnum):
    """What is guarded as one."""

    OPEN = "open"  # whoever sees the row
    CONTACT = "contact"
    NAME = "name"
    STATUS = "status"
    HISTORY = "history"
    NOTES = "notes"
    TAGS = "tags"
    CONSENTS = "consents"
    TEAM = "team"
    SETTINGS = "settings"
    CONTENT = "content"
    AUTHORING = "authoring"
    PAGES = "pages"
    FORMS = "forms"
    ANSWERS = "answers"
    DOCUMENTS = "documents"
    EXCHANGED = "exchanged documents"
    TITLES = "titles of exchanged documents"
    PURCHASES = "purchases"
    ENROLLMENTS = "enrollments"
    BILLING_STATE = "billing state"
    APPOINTMENTS = "appointments"
    HOURS = "hours"
    SUBJECTS = "subjects"
    MESSAGES = "messages"
    INTERACTIONS = "interactions"
    INVOICES = "invoices"
    ERASURE = "erasure"
    HOLDS = "legal holds"
    RETENTION = "retention rules"
    SEALED = "sealed records"
    STATISTICS = "statistics"


class Portal(NamedTuple):
    """Cells of a resource by the standing of the client."""

    prospect: Cell
    hot_lead_without_login: Cell
    hot_lead: Cell
    active: Cell
    buyer: Cell
    inactive: Cell
    inactive_purchased_content: Cell
    inactive_read_only: Cell
    inactive_pay_only: Cell


class Staff(NamedTuple):
    """Cells of a resource by the role of the member."""

    owner: Cell
    coach: Cell
    assistant: Cell
    accountant: Cell
    analyst: Cell


# fmt: off
PORTAL: dict[Resource, Portal] = {
    #                              PROSPECT  HOT_LEAD  +login  ACTIVE  BUYER  INACTIVE  +PURCHASED  +READ_ONLY  +PAY_ONLY
    Resource.OPEN:          Portal(__,       __,       R_,     R_,     R_,    __,       R_,         R_,         __),
    Resource.NAME:          Portal(__,       __,       RW,     RW,     RW,    __,       R_,         R_,         __),
    Resource.CONTACT:       Portal(__,       __,       RW,     RW,     RW,    __,       R_,         R_,         __),
    Resource.STATUS:        Portal(__,       __,       __,     R_,     R_,    __,       R_,         R_,         __),
    Resource.HISTORY:       Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.NOTES:         Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.TAGS:          Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.CONSENTS:      Portal(__,       __,       R_,     R_,     R_,    __,       R_,         R_,         __),
    Resource.TEAM:          Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.SETTINGS:      Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.CONTENT:       Portal(__,       __,       O_,     O_,     O_,    __,       T0,         T0,         __),
    Resource.AUTHORING:     Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.PAGES:         Portal(__,       __,       A_,     A_,     __,    __,       __,         A_,         __),
    Resource.FORMS:         Portal(__,       __,       A_,     A_,     __,    __,       __,         A_,         __),
    Resource.ANSWERS:       Portal(__,       __,       RW,     RW,     __,    __,       __,         R_,         __),
    Resource.DOCUMENTS:     Portal(__,       __,       A_,     A_,     __,    __,       __,         A_,         __),
    Resource.EXCHANGED:     Portal(__,       __,       __,     O_,     __,    __,       __,         T0,         __),
    Resource.TITLES:        Portal(__,       __,       __,     O_,     __,    __,       __,         T0,         __),
    Resource.PURCHASES:     Portal(__,       __,       O_,     O_,     O_,    __,       O_,         O_,         __),
    Resource.ENROLLMENTS:   Portal(__,       __,       O_,     O_,     O_,    __,       O_,         O_,         __),
    Resource.BILLING_STATE: Portal(__,       __,       R_,     R_,     R_,    __,       __,         R_,         __),
    Resource.APPOINTMENTS:  Portal(__,       __,       R_,     R_,     R_,    __,       __,         R_,         __),
    Resource.HOURS:         Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.SUBJECTS:      Portal(__,       __,       RW,     RW,     RW,    __,       __,         R_,         __),
    Resource.MESSAGES:      Portal(__,       __,       RW,     RW,     RW,    __,       __,         R_,         __),
    Resource.INTERACTIONS:  Portal(__,       __,       R_,     R_,     R_,    __,       __,         R_,         __),
    Resource.INVOICES:      Portal(LK,       LK,       RW,     RW,     RW,    __,       __,         R_,         LK),
    Resource.ERASURE:       Portal(__,       __,       RW,     RW,     RW,    __,       __,         RW,         __),
    Resource.HOLDS:         Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.RETENTION:     Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.SEALED:        Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
    Resource.STATISTICS:    Portal(__,       __,       __,     __,     __,    __,       __,         __,         __),
}

STAFF: dict[Resource, Staff] = {
    #                             OWNER  COACH  ASSISTANT  ACCOUNTANT  ANALYST
    Resource.OPEN:          Staff(R_,    R_,    R_,        R_,         R_),
    Resource.NAME:          Staff(RW,    RW,    RW,        R_,         __),
    Resource.CONTACT:       Staff(RW,    RW,    RW,        R_,         __),
    Resource.STATUS:        Staff(RW,    RW,    R_,        R_,         R_),
    Resource.HISTORY:       Staff(R_,    R_,    R_,        R_,         R_),
    Resource.NOTES:         Staff(RW,    RW,    __,        __,         __),
    Resource.TAGS:          Staff(RW,    RW,    R_,        __,         __),
    Resource.CONSENTS:      Staff(RW,    RW,    R_,        __,         __),
    Resource.TEAM:          Staff(RW,    R_,    R_,        R_,         R_),
    Resource.SETTINGS:      Staff(RW,    R_,    R_,        R_,         R_),
    Resource.CONTENT:       Staff(RW,    RW,    R_,        __,         R_),
    Resource.AUTHORING:     Staff(RW,    RW,    R_,        __,         R_),
    Resource.PAGES:         Staff(RW,    RW,    R_,        __,         R_),
    Resource.FORMS:         Staff(RW,    RW,    R_,        __,         R_),
    Resource.ANSWERS:       Staff(R_,    R_,    __,        __,         __),
    Resource.DOCUMENTS:     Staff(RW,    RW,    R_,        __,         R_),
    Resource.EXCHANGED:     Staff(RX,    RW,    __,        __,         NR),
    Resource.TITLES:        Staff(R_,    RW,    R_,        __,         NR),
    Resource.PURCHASES:     Staff(R_,    R_,    R_,        R_,         R_),
    Resource.ENROLLMENTS:   Staff(RW,    RW,    R_,        R_,         R_),
    Resource.BILLING_STATE: Staff(RW,    R_,    R_,        RW,         R_),
    Resource.APPOINTMENTS:  Staff(RW,    RW,    RW,        __,         R_),
    Resource.HOURS:         Staff(RW,    RW,    __,        __,         NR),
    Resource.SUBJECTS:      Staff(R_,    RW,    R_,        __,         NR),
    Resource.MESSAGES:      Staff(RX,    RW,    __,        __,         NR),
    Resource.INTERACTIONS:  Staff(R_,    R_,    R_,        R_,         NR),
    Resource.INVOICES:      Staff(RW,    R_,    __,        RW,         NR),
    Resource.ERASURE:       Staff(RW,    RW,    __,        __,         __),
    Resource.HOLDS:         Staff(RW,    R_,    __,        __,         __),
    Resource.RETENTION:     Staff(RW,    __,    __,        RW,         __),
    Resource.SEALED:        Staff(RX,    __,    __,        R_,         __),
    Resource.STATISTICS:    Staff(R_,    R_,    __,        __,         NR),
}

#: What of a client's own row is left to staff once data was deleted; None hides the row.
LEFT: dict[DataState, dict[Role, frozenset[Resource] | None]] = {
    DataState.PRESENT: dict.fromkeys(Role, frozenset(Resource)),
    DataState.HISTORY_DELETED: {
        Role.OWNER:      frozenset(Resource),
        Role.COACH:      frozenset(Resource),
        Role.ASSISTANT:  frozenset(Resource),
        Role.ACCOUNTANT: None,  # what is sealed has rows of its own
        Role.ANALYST:    None,
    },
    DataState.CONTACT_DELETED: {
        Role.OWNER:      frozenset(Resource) - {Resource.CONTACT, Resource.STATUS, Resource.NOTES, Resource.TAGS},
        Role.COACH:      frozenset(Resource) - {Resource.CONTACT, Resource.STATUS, Resource.NOTES, Resource.TAGS},
        Role.ASSISTANT:  frozenset(Resource) - {Resource.CONTACT, Resource.STATUS, Resource.NOTES, Resource.TAGS},
        Role.ACCOUNTANT: frozenset({Resource.OPEN, Resource.NAME, Resource.INVOICES, Resource.INTERACTIONS}),
        Role.ANALYST:    None,
    },
    DataState.ERASED: {
        Role.OWNER:      frozenset({Resource.OPEN, Resource.ERASURE}),
        Role.COACH:      frozenset({Resource.OPEN, Resource.ERASURE}),
        Role.ASSISTANT:  None,
        Role.ACCOUNTANT: None,
        Role.ANALYST:    None,
    },
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be read: a code for programs and a sentence for people."""

    code: str
    because: str


def staff_cell(role: Role, resource: Resource) -> Cell:
    return STAFF[resource][list(Role).index(role)]


def portal_cell(standing: Standing, resource: Resource) -> Cell:
    return PORTAL[resource][list(Standing).index(standing)]


def standing_of(status: ClientStatus, mode: AccessMode, *, login: bool) -> Standing:
    """Standing of a client; the access mode matters only for the inactive, the login only for hot leads."""
    if status is ClientStatus.INACTIVE:
        return {
            AccessMode.NONE: Standing.INACTIVE,
            AccessMode.PURCHASED_CONTENT: Standing.INACTIVE_PURCHASED_CONTENT,
            AccessMode.READ_ONLY: Standing.INACTIVE_READ_ONLY,
            AccessMode.PAY_ONLY: Standing.INACTIVE_PAY_ONLY,
        }[mode]
    if status is ClientStatus.HOT_LEAD:
        return Standing.HOT_LEAD if login else Standing.HOT_LEAD_WITHOUT_LOGIN
    return Standing(status.value)


@cache
def staff_refusal(role: Role, resource: Resource, *, state: DataState = DataState.PRESENT, freely: bool = True) -> Refusal | None:
    """Why a member of that role may not read the resource of a client; `freely` when theirs, or a reason was given."""
    cell = staff_cell(role, resource)
    if cell not in READABLE:
        return Refusal("ROLE", f"{role} may not read {resource}.")
    left = LEFT[state][role]
    if left is None or resource not in left:
        return Refusal(state.value, f"{role} may not read {resource} of a client whose data state is {state}.")
    if cell is RX and not freely:
        whose = "" if resource in _NOBODYS else " of another coach's client"
        return Refusal("REASON_REQUIRED", f"{role} reads {resource}{whose} only with a reason, which is audited.")
    return None


@cache
def portal_refusal(standing: Standing, resource: Resource) -> Refusal | None:
    """Why a client of that standing may not read the resource. The words do not name the standing: a hot lead may not read theirs."""
    if portal_cell(standing, resource) in READABLE:
        return None
    return Refusal("STATUS", f"Your access to the portal does not include {resource}.")


def listable(role: Role, resource: Resource) -> bool:
    """Whether a member may filter and order by the resource: readable wherever the data still stands."""
    return staff_cell(role, resource) in READABLE - {RX}


@cache
def sentence(resource: Resource) -> str:
    """Who may read the resource, in the words of the schema."""
    if resource is Resource.OPEN:
        return ""
    notes = {RX: " (with a reason)" if resource in _NOBODYS else " (others' clients with a reason)"}
    roles = []
    for role, cell in zip(Role, STAFF[resource], strict=True):
        own = " (own clients)" if role is Role.COACH and resource not in _SHARED else ""
        if cell in READABLE:
            roles.append(f"{role}{own}{notes.get(cell, '')}")
    standings = [standing.value for standing, cell in zip(Standing, PORTAL[resource], strict=True) if cell in READABLE]
    return f"Read by staff: {_listed(roles)}. In the portal: {_listed(standings)}."


def _listed(words: list[str]) -> str:
    return ", ".join(words) or "nobody"


#: Resources that outlive their client, so that no coach calls them theirs.
_NOBODYS = frozenset({Resource.SEALED})
#: Resources that belong to the workspace and not to one client.
_SHARED = frozenset(
    {Resource.TEAM, Resource.SETTINGS, Resource.CONTENT, Resource.AUTHORING, Resource.PAGES, Resource.FORMS, Resource.DOCUMENTS}
)
