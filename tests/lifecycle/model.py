"""What clients and enrollments should be after each step, thought through a second time and knowing nothing of the gateway's code."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

LOGIN_STATUSES = ("HOT_LEAD", "ACTIVE", "BUYER")


@dataclass
class Joined:
    """Enrollment: `seen` is the number of versions that were published when it was frozen, `gaps` the versions that stay hidden."""

    package: int
    state: str = "ACTIVE"
    version: int = 1
    seen: int | None = None
    gaps: list[tuple[int, int]] = field(default_factory=list)
    subscription: str | None = None

    def visible(self, published: int, ended: int | None) -> int:
        """Newest version that the client reads; 0 where there is none."""
        last = min(n for n in (published, self.seen, ended) if n is not None)
        hidden = {n for start, end in self.gaps for n in range(start + 1, end + 1)}
        return max((n for n in range(1, last + 1) if n not in hidden), default=0)


@dataclass
class Person:
    """Client. `services` has state and stamp by name, `ended` the number of versions published when the relationship ended."""

    status: str
    mode: str = "NONE"
    earlier: str = "ACTIVE"
    version: int = 1
    signed_in: bool = False
    services: dict[str, tuple[str, str]] = field(default_factory=dict)
    templates: dict[str, bool] = field(default_factory=dict)
    joined: dict[str, Joined] = field(default_factory=dict)
    ended: int | None = None

    @property
    def enters(self) -> bool:
        """Whether a login of theirs is good. A buyer who had packages and has none left has nothing to sign in for."""
        if self.status == "BUYER" and self.joined and all(one.state == "DELETED" for one in self.joined.values()):
            return False
        return self.signed_in and (
            self.status in LOGIN_STATUSES or (self.status == "INACTIVE" and self.mode in ("PURCHASED_CONTENT", "READ_ONLY"))
        )

    def become(self, status: str, published: int, mode: str = "NONE") -> None:
        if status == "INACTIVE" and self.status != "INACTIVE":
            self.earlier, self.ended = self.status, published
        elif status != "INACTIVE":
            self.ended = None
        self.status, self.mode = status, mode
        self.services = {name: (state, status if state == "BOOKED" else stamp) for name, (state, stamp) in self.services.items()}
        if status in ("PROSPECT", "INACTIVE"):
            self.signed_in = False


@dataclass
class Memory:
    """Step that can be undone: the object, its version after the step, and everything as it was."""

    batch: str
    enrollment: str | None
    version: int
    before: Person
    undone: bool = False


@dataclass
class World:
    """Client and the steps that were taken with them, in a workspace where so many versions are published."""

    person: Person
    published: int = 1
    memories: list[Memory] = field(default_factory=list)

    # -- clients -------------------------------------------------------------------------------------------------------

    def client(self, step: str, said: dict[str, Any]) -> str:
        """Take a step of the client; the code of the refusal, or nothing."""
        person = self.person
        before, after = {
            "clientMarkHotLead": (("PROSPECT", "BUYER"), "HOT_LEAD"),
            "clientReturnToProspect": (("HOT_LEAD",), "PROSPECT"),
            "clientActivate": (("PROSPECT", "HOT_LEAD", "BUYER"), "ACTIVE"),
            "clientMakeInactive": (("ACTIVE", "HOT_LEAD", "BUYER"), "INACTIVE"),
            "clientReactivate": (("INACTIVE",), person.earlier),
            "clientSetAccessMode": (("INACTIVE",), "INACTIVE"),
            "clientCorrectStatus": (("PROSPECT", "HOT_LEAD", "ACTIVE", "INACTIVE", "BUYER"), said.get("to", "")),
        }[step]
        if person.status == after and step not in ("clientSetAccessMode", "clientReactivate"):
            return "ALREADY_IN_STATE"
        if person.status not in before:
            return "INVALID_TRANSITION"
        if step == "clientMakeInactive":
            if said.get("delete_future_services", True):
                gone = {name: ("REMOVED", stamp) for name, (state, stamp) in person.services.items() if state == "BOOKED"}
                person.services |= gone
            if said.get("delete_templates", True):
                person.templates = dict.fromkeys(person.templates, False)
        person.become(after, self.published, said.get("access_mode", "NONE"))
        if step == "clientSetAccessMode":
            person.signed_in = False
        person.version += 1
        return ""

    # -- enrollments ---------------------------------------------------------------------------------------------------

    def enroll(self, name: str, package: int, *, coaching: bool) -> str:
        person = self.person
        if person.status == "INACTIVE":
            return "CLIENT_INACTIVE"
        if any(joined.package == package and joined.state != "DELETED" for joined in person.joined.values()):
            return "ALREADY_ENROLLED"
        if person.status == "PROSPECT":
            person.become("ACTIVE" if coaching else "BUYER", self.published)
            person.version += 1
        person.joined[name] = Joined(package)
        return ""

    def enrollment(self, step: str, name: str, said: dict[str, Any]) -> str:
        joined, person = self.person.joined[name], self.person
        before, after = {
            "enrollmentDeactivate": (("ACTIVE",), "DEACTIVATED"),
            "enrollmentReactivate": (("DEACTIVATED",), "ACTIVE"),
            "enrollmentDelete": (("ACTIVE", "DEACTIVATED"), "DELETED"),
        }[step]
        if joined.state == after:
            return "ALREADY_IN_STATE"
        if joined.state not in before:
            return "IRREVERSIBLE" if step == "enrollmentReactivate" else "INVALID_TRANSITION"
        if step == "enrollmentReactivate" and person.status in ("INACTIVE", "PROSPECT"):
            return "CLIENT_INACTIVE"
        if joined.subscription == "LIVE":
            joined.subscription = {"NOW": "CANCELLED", "AT_PERIOD_END": "ENDING", "NONE": "LIVE"}[said.get("cancel_subscription", "NONE")]
        if step == "enrollmentReactivate" and not said.get("grant_missed_content", True):
            joined.gaps.append((joined.seen or 0, self.published))
        joined.state, joined.version = after, joined.version + 1
        if step == "enrollmentDeactivate":
            joined.seen = self.published
        elif step == "enrollmentReactivate":
            joined.seen = None
        elif person.status == "BUYER" and all(other.state == "DELETED" for other in person.joined.values()):
            person.signed_in = False
        return ""

    # -- undoing -------------------------------------------------------------------------------------------------------

    def remember(self, batch: str, enrollment: str | None, before: Person) -> None:
        version = self.person.joined[enrollment].version if enrollment else self.person.version
        self.memories.append(Memory(batch, enrollment, version, before))

    def undo(self, memory: Memory) -> str:
        if memory.undone:
            return "UNDO_CLOSED"
        now = self.person.joined[memory.enrollment].version if memory.enrollment else self.person.version
        if now != memory.version:
            return "UNDO_SUPERSEDED"
        if memory.enrollment:
            was = memory.before.joined[memory.enrollment]
            under, self.person.joined[memory.enrollment] = was.version, deepcopy(was)
            self.person.joined[memory.enrollment].version = now + 1
        else:
            under = memory.before.version
            self._restore(memory.before)
            self.person.version = now + 1
        memory.undone = True
        for other in self.memories:
            if not other.undone and other.enrollment == memory.enrollment and other.version == under:
                other.version = now + 1
        return ""

    def _restore(self, was: Person) -> None:
        """Everything the step took; what was booked, cancelled or signed in since stays, and counts by the status that is back."""
        person = self.person
        taken = {name for name, (state, _) in was.services.items() if state == "BOOKED" and person.services[name][0] == "REMOVED"}
        person.services |= {name: was.services[name] for name in taken}
        person.templates |= {name: kept for name, kept in was.templates.items() if kept}
        ended = person.ended
        person.become(was.status, self.published, was.mode)
        person.ended = was.ended if was.status == "INACTIVE" else None
        if was.status == "INACTIVE" and ended is not None:
            person.signed_in = False
