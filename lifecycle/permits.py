"""Who may take a step: whoever may write the resource, by the one access matrix, and holds the grant where the step asks for one."""

from dataclasses import dataclass
from enum import StrEnum

from lifecycle.access import Cell, Resource, Standing, portal_cell, staff_cell
from lifecycle.vocabulary import Grant, LinkPurpose, Role


class ActorKind(StrEnum):
    """Kind of whoever takes a step."""

    STAFF = "STAFF"
    CLIENT = "CLIENT"
    ANONYMOUS = "ANONYMOUS"
    LINK = "LINK"  # whoever holds a link made for one purpose
    CLOCK = "CLOCK"  # the gateway itself, on somebody's standing order


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever takes a step; `name` is how the records name them, in opaque ids."""

    kind: ActorKind
    name: str
    role: Role | None = None
    grants: frozenset[Grant] = frozenset()
    standing: Standing | None = None
    purpose: LinkPurpose | None = None

    def writes(self, resource: Resource) -> bool:
        """Whether the matrix lets them write the resource."""
        if self.kind is ActorKind.STAFF and self.role is not None:
            return staff_cell(self.role, resource) is Cell.WRITE
        if self.kind is ActorKind.CLIENT and self.standing is not None:
            return portal_cell(self.standing, resource) is Cell.WRITE
        return self.kind is ActorKind.CLOCK


@dataclass(frozen=True, slots=True)
class Permit:
    """Permission of a transition.

    `roles` narrows the roles that may write the resource, `also` adds to them; `grant` is asked of all of them but the
    owner. With `portal`, clients whose standing may write the resource may take the step with what is theirs, and those of `standings`
    too; with `public`, everybody; with `link`, whoever holds a link made for that purpose.
    """

    resource: Resource
    grant: Grant | None = None
    roles: tuple[Role, ...] = tuple(Role)
    also: tuple[Role, ...] = ()
    portal: bool = False
    standings: tuple[Standing, ...] = ()
    public: bool = False
    link: LinkPurpose | None = None

    def admits(self, actor: Actor) -> bool:
        match actor.kind:
            case ActorKind.CLOCK:
                return True
            case ActorKind.STAFF if actor.role is not None and actor.role in self.writers:
                return self.grant is None or actor.role is Role.OWNER or self.grant in actor.grants
            case ActorKind.CLIENT if actor.standing in self.clients:
                return True
            case ActorKind.LINK:
                return self.link is not None and self.link is actor.purpose
        return self.public

    @property
    def writers(self) -> tuple[Role, ...]:
        """Roles that may take the step, at the least with the grant."""
        return tuple(r for r in Role if r in self.also or (r in self.roles and staff_cell(r, self.resource) is Cell.WRITE))

    @property
    def clients(self) -> tuple[Standing, ...]:
        """Standings whose clients may take the step with what is theirs."""
        return tuple(s for s in Standing if s in self.standings or (self.portal and portal_cell(s, self.resource) is Cell.WRITE))

    def sentence(self) -> str:
        """Who may take the step, in the words of the schema."""
        if self.public:
            return "By anybody, without a login."
        who = [
            role.value + (f" with the grant {self.grant.value}" if self.grant is not None and role is not Role.OWNER else "")
            for role in self.writers
        ]
        parts = [f"By staff: {', '.join(who) or 'nobody'}."]
        if self.clients:
            parts.append(f"In the portal: {', '.join(self.clients)}.")
        if self.link is not None:
            parts.append(f"By a link for {self.link}.")
        return " ".join(parts)
