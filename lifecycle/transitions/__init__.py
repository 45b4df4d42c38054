"""THE table of transitions: who may take which step, from where to where, under which rules, and what else it touches.

A row is all there is to a transition: its mutation and preview, its input, its permission, its place in `availableTransitions`, its event,
its line in the diagram and its tests follow from it.
"""

from lifecycle.transition import Transition
from lifecycle.transitions.appointments import APPOINTMENTS
from lifecycle.transitions.authoring import AUTHORING
from lifecycle.transitions.billing import INVOICES
from lifecycle.transitions.clients import CLIENTS
from lifecycle.transitions.content import CONTENT
from lifecycle.transitions.conversations import CONVERSATIONS
from lifecycle.transitions.enrollments import ENROLLMENTS
from lifecycle.transitions.erasure import ERASURE
from lifecycle.transitions.exports import EXPORTS
from lifecycle.transitions.hours import HOURS
from lifecycle.transitions.members import MEMBERS
from lifecycle.transitions.portal import PORTAL
from lifecycle.transitions.services import SERVICES
from lifecycle.transitions.settings import SETTINGS
from lifecycle.transitions.waiting import WAITING

TRANSITIONS: tuple[Transition, ...] = (
    *CLIENTS,
    *ENROLLMENTS,
    *APPOINTMENTS,
    *CONVERSATIONS,
    *CONTENT,
    *INVOICES,
    *AUTHORING,
    *SERVICES,
    *WAITING,
    *PORTAL,
    *ERASURE,
    *EXPORTS,
    *HOURS,
    *MEMBERS,
    *SETTINGS,
)
BY_NAME: dict[str, Transition] = {transition.name: transition for transition in TRANSITIONS}
if len(BY_NAME) != len(TRANSITIONS):
    raise TypeError("two transitions share a name")

#: Steps that somebody who is signed in can look at before.
PREVIEWED: tuple[Transition, ...] = tuple(transition for transition in TRANSITIONS if not transition.door)
