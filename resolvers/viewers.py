"""Viewers: the class a caller belongs to, the conditions on the rows they see, and the guard on their fields."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import product
from typing import Final, NamedTuple

from lifecycle.access import (
    LEFT,
    READABLE,
    Cell,
    Refusal,
    Resource,
    Standing,
    listable,
    portal_cell,
    portal_refusal,
    staff_cell,
    staff_refusal,
    standing_of,
)
from lifecycle.fields import FIELDS, ROWS
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role
from planner.dialect import DIALECTS
from planner.source import Denial, Guard, lookup
from planner.statements import Gate, Viewer
from resolvers.callers import Caller, CallerKind, gate_sql
from storage.address import Dialect

HIDDEN = "1 = 0"


class ViewerKey(NamedTuple):
    """Class of a viewer: all that a plan depends on. `reasoned` when a reason for reading others' clients was given."""

    kind: CallerKind
    role: Role | None
    reasoned: bool


#: Classes of those who are signed in and gave no reason.
CLASSES: Final = (*(ViewerKey(CallerKind.STAFF, role, reasoned=False) for role in Role), ViewerKey(CallerKind.CLIENT, None, reasoned=False))


def viewer_of(caller: Caller, dialect: Dialect, now: datetime) -> Viewer:
    """Viewer of a signed-in caller, whose proof the first statement of every run checks."""
    key, gate, parameters = _viewing(caller, dialect)
    return Viewer(key, {**parameters, "now": DIALECTS[dialect].instant(now)}, gate)


@lru_cache(maxsize=4096)
def _viewing(caller: Caller, dialect: Dialect) -> tuple[ViewerKey, Gate, dict[str, object]]:
    """What of a viewer stays the same from one request of the caller to the next."""
    sql, parameters = gate_sql(caller, dialect)
    columns = 1 if caller.kind is CallerKind.STAFF else 3
    named = f"WITH gate({', '.join(f'g{i}' for i in range(columns))}) AS ({sql}) SELECT * FROM gate"
    ids = {"workspace": caller.workspace, "account": caller.account, "member": caller.member, "client": caller.client}
    return ViewerKey(caller.kind, caller.role, bool(caller.reason)), Gate(named, columns), {**ids, **parameters}


# -- rows ----------------------------------------------------------------------------------------------------------------


def _words(words: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _role(viewer: ViewerKey) -> Role:
    if viewer.role is None:
        raise ValueError(f"{viewer} has no role")
    return viewer.role


@cache
def standing_sql(resource: Resource, me: str = "me") -> str:
    """Condition that the client `me`, who is signed in, may read the resource by status and access mode."""
    admitted = {s for s in Standing if portal_cell(s, resource) in READABLE}
    statuses = [s.value for s in ClientStatus if s is not ClientStatus.INACTIVE and standing_of(s, AccessMode.NONE, login=True) in admitted]
    modes = [m.value for m in AccessMode if standing_of(ClientStatus.INACTIVE, m, login=True) in admitted]
    parts = [f"{me}.status IN {_words(statuses)}"] if statuses else []
    parts += [f"({me}.status = 'INACTIVE' AND {me}.access_mode IN {_words(modes)})"] if modes else []
    return f"({' OR '.join(parts)})" if parts else HIDDEN


@cache
def me_sql(resource: Resource, extra: str = "") -> str:
    """Condition that the signed-in client may read the resource; `extra` may speak of their row as `me`."""
    also = f" AND {extra}" if extra else ""
    return f"EXISTS (SELECT 1 FROM client me WHERE me.workspace_id = :workspace AND me.id = :client AND {standing_sql(resource)}{also})"


def _hidden_states(role: Role, resource: Resource) -> list[DataState]:
    """Data states of a client in which the role sees no rows of the resource."""
    return [state for state, left in LEFT.items() if (mine := left[role]) is None or resource not in mine]


def client_rows(viewer: ViewerKey) -> str:
    """Condition on rows of clients."""
    if viewer.kind is CallerKind.CLIENT:
        return f"{{t}}.id = :client AND {standing_sql(Resource.OPEN, '{t}')}"
    return _staff_client(_role(viewer), Resource.OPEN, "{t}")


def _staff_client(role: Role, resource: Resource, alias: str) -> str:
    """Condition on the client of a row."""
    parts = [f"{alias}.coach_id = :member"] if role is Role.COACH else []
    hidden = _hidden_states(role, resource)
    parts += [f"{alias}.data_state NOT IN {_words(hidden)}"] if hidden else []
    return " AND ".join(parts)


def _all(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


@dataclass(frozen=True, slots=True)
class Rows:
    """Condition on rows that belong to one client; `at` is the instant that an as-of reader is held to.

    `stands` is a condition on the rows for every reader, `portal` one for clients.
    """

    type_name: str
    client: str = "{t}.client_id"
    at: str = ""
    stands: str = ""
    portal: str = ""

    def __call__(self, viewer: ViewerKey) -> str:
        if viewer.kind is CallerKind.CLIENT:
            return self._portal()
        return self._staff(viewer, self._theirs(_role(viewer)))

    def _theirs(self, role: Role) -> str:
        """Condition on the client. A coach has few, which a join finds; of the others nearly all pass, so each row looks up its own."""
        condition = _staff_client(role, ROWS[self.type_name], "x")
        if role is Role.COACH:
            return f"EXISTS (SELECT 1 FROM client x WHERE x.workspace_id = :workspace AND x.id = {self.client} AND {condition})"
        return condition.replace("x.data_state", lookup("data_state", "client", self.client, "{t}.workspace_id = :workspace"))

    def owned(self, viewer: ViewerKey) -> str:
        """Condition on rows reached from their client: for staff the client's own row and the field have decided already."""
        return self._portal() if viewer.kind is CallerKind.CLIENT else self._staff(viewer, "")

    def _staff(self, viewer: ViewerKey, theirs: str) -> str:
        if staff_cell(_role(viewer), ROWS[self.type_name]) not in READABLE:
            return HIDDEN
        return _all(theirs, self.stands)

    def _portal(self) -> str:
        resource = ROWS[self.type_name]
        if standing_sql(resource) == HIDDEN:
            return HIDDEN
        held = f"(me.status <> 'INACTIVE' OR {self.at} <= me.status_since)" if self.at else ""
        return _all(f"{self.client} = :client", me_sql(resource, held), self.stands, self.portal)


@dataclass(frozen=True, slots=True)
class Shared:
    """Condition on rows that belong to the workspace; `portal` is the condition in which a client sees them."""

    resource: Resource
    portal: str = HIDDEN

    def __call__(self, viewer: ViewerKey) -> str:
        if viewer.kind is CallerKind.CLIENT:
            return self.portal
        return "" if staff_cell(_role(viewer), self.resource) in READABLE else HIDDEN


#: Data state of the client whose row it is, for types whose own fields differ by it.
STATE_OF_CLIENT = "(SELECT c.data_state FROM client c WHERE c.workspace_id = {t}.workspace_id AND c.id = {t}.client_id)"


# -- fields --------------------------------------------------------------------------------------------------------------


def _denial(refusal: Refusal | None) -> Denial | None:
    return None if refusal is None else Denial(refusal.code, refusal.because)


@dataclass(frozen=True, slots=True)
class FieldGuard:
    """Guard on the fields of one type. `state` and `coach` are columns that decide for staff, where the type has a client.

    `state` is the data state of the client; `coach` the coach whose client it is.
    """

    type_name: str
    state: str = ""
    coach: str = ""

    def __call__(self, viewer: ViewerKey) -> Guard | None:
        return _portal_guard(self.type_name) if viewer.kind is CallerKind.CLIENT else _staff_guard(self, _role(viewer), viewer.reasoned)


@cache
def _portal_guard(type_name: str) -> Guard:
    resources = FIELDS[type_name]

    def denial(key: tuple[object, ...], field: str) -> Denial | None:
        status, mode, _ = (str(part) for part in key)
        return _denial(portal_refusal(standing_of(ClientStatus[status], AccessMode[mode], login=True), resources[field]))

    keys = [(s.value, m.value, d.value) for s, m, d in product(ClientStatus, AccessMode, DataState)]
    entering = [standing for standing in Standing if portal_cell(standing, Resource.OPEN) in READABLE]
    return Guard((), keys, denial, lambda field: all(portal_refusal(standing, resources[field]) is None for standing in entering))


@cache
def _staff_guard(guard: FieldGuard, role: Role, reasoned: bool) -> Guard | None:
    resources = FIELDS[guard.type_name]
    gated = Cell.REASON in {staff_cell(role, resource) for resource in resources.values()}
    by_reason = bool(guard.coach) and gated and not reasoned
    columns = ((guard.state,) if guard.state else ()) + (
        (f"CASE WHEN {guard.coach} = :member THEN 'OWN' ELSE 'OTHER' END",) if by_reason else ()
    )

    def denial(key: tuple[object, ...], field: str) -> Denial | None:
        state = DataState[str(key[0])] if guard.state else DataState.PRESENT
        freely = key[-1] == "OWN" if by_reason else True
        return _denial(staff_refusal(role, resources[field], state=state, freely=freely))

    states = [[s.value for s in DataState]] if guard.state else []
    keys = list(product(*states, *([["OWN", "OTHER"]] if by_reason else [])))
    return Guard(columns, keys, denial, lambda field: listable(role, resources[field]))
