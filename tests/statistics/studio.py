"""A studio with random clients, and its statistics as a caller gets them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from lifecycle.statistics import MEASURES, Dimension
from lifecycle.vocabulary import AppointmentState, Billing, ClientStatus, DataState, EnrollmentState, FreezeReason, Origin, Role
from resolvers.statistics.asked import left_out
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.packages import Enrollment, EnrollmentChange, Package
from storage.tables.workspace import Account, LoginSession, Member, Workspace
from tests.access.site import Site

#: Period of most questions, and an instant after it and before anybody runs this.
FROM, TO = "2025-01", "2025-12"
ZONES: Final = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Berlin")
NUMBERS: Final = {
    "clients": ("clients",),
    "funnel": ("clients", "converted", "conversion", "medianDays", "meanDays"),
    "timeInStatus": ("clients", "stays", "medianDays", "meanDays"),
    "churn": ("activeAtStart", "left", "churn"),
    "retention": ("clients", "active", "retention"),
    "sessions": ("clients", "sessions", "hours"),
    "freezes": ("clients", "freezes", "signedIn", "reactivated"),
}
OWN: Final = {"funnel": ("step",), "timeInStatus": ("status",), "retention": ("cohort", "monthsSince")}
COLUMNS: Final = {Dimension.COACH: "coachId", Dimension.PACKAGE: "packageId"}
_FATES: Final = ((), ("DEACTIVATED",), ("DEACTIVATED", "ACTIVE"), ("DEACTIVATED", "DELETED"), ("DELETED",))
#: Rows go in by table, in this order.
ORDER: Final = (
    Account, Client, ClientStatusChange, Package, Enrollment, EnrollmentChange, AppointmentType, Appointment, GroupEvent, Attendance,
    LoginSession,
)  # fmt: skip


def ways(name: str) -> list[tuple[Dimension, ...]]:
    """Every way in which a measure may be grouped."""
    known = MEASURES[name]
    return [by for size in range(known.most + 1) for by in combinations(known.dimensions, size)]


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def columns(name: str, by: Sequence[Dimension]) -> tuple[str, ...]:
    """Columns that tell the group of a row."""
    return (*(COLUMNS.get(dimension, dimension.lower()) for dimension in by), *OWN.get(name, ()))


def field_of(name: str, by: Sequence[Dimension]) -> str:
    wanted = dict.fromkeys((*columns(name, by), *NUMBERS[name], "suppressed"))
    return f"{'_'.join([name, *by])}: {name}(by: [{', '.join(by)}]) {{ {' '.join(wanted)} }}"


EVERYTHING: Final = " ".join(field_of(name, by) for name in NUMBERS for by in ways(name))


@dataclass
class Studio:
    """Workspace with its members and packages; `lives` are the rows of each client."""

    site: Site
    workspace: Workspace
    zone: str
    members: dict[str, Member]
    tokens: dict[str, str]
    packages: list[Package]
    type: AppointmentType
    lives: list[list[SQLModel]] = field(default_factory=list)

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset(left_out(self.workspace.id.hex, self.site.secret))

    async def load(self, rows: Sequence[SQLModel]) -> None:
        async with self.site.database.write() as session:
            for table in ORDER:
                session.add_all([type(row)(**row.model_dump()) for row in rows if isinstance(row, table)])
                await session.flush()

    async def whole(self, wanted: str = EVERYTHING, *, by: str = "OWNER", **arguments: str) -> Any:
        """Answer with errors and notes; `from_` and the like are texts."""
        said = {"from_": FROM, "to": TO} | arguments
        listed = ", ".join(f'{name.rstrip("_")}: "{value}"' for name, value in said.items() if value)
        return await self.site.ask(self.tokens.get(by), f"{{ statistics{f'({listed})' if listed else ''} {{ {wanted} }} }}")

    async def statistics(self, wanted: str = EVERYTHING, *, by: str = "OWNER", **arguments: str) -> Any:
        answer = await self.whole(wanted, by=by, **arguments)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["statistics"]

    def client(self, status: ClientStatus = ClientStatus.ACTIVE, *, coach: str = "COACH", drawn: bool | None = None, **more: Any) -> Client:
        """Client who is among those whom approximate numbers come from, or left out, where one says so."""
        self.site.number += 1
        w: Any = {"workspace_id": self.workspace.id, "id": self.key(drawn), "number": self.site.number}
        given: dict[str, Any] = {"status": status, "created_at": datetime(2025, 1, 10, tzinfo=UTC), "coach_id": self.members[coach].id}
        return Client(**w, **given | more)

    def key(self, drawn: bool | None) -> UUID:
        while True:
            key = UUID(str(uuid7()))
            if drawn is None or (key.hex[-2:] not in self.left_out) == drawn:
                return key

    async def road(self, client: Client, *steps: tuple[datetime, ClientStatus], **more: Any) -> None:
        """Client with the history of these steps."""
        rows: list[SQLModel] = [client]
        before: ClientStatus | None = None
        for at, status in steps:
            rows.append(self.change(client, before, status, at, **more))
            before = status
        client.status = before or client.status
        client.created_at = steps[0][0] if steps else client.created_at
        self.lives.append(rows)
        await self.load(rows)

    def change(self, client: Client, before: ClientStatus | None, after: ClientStatus, at: datetime, **more: Any) -> ClientStatusChange:
        given: dict[str, Any] = {"transition": "clientStep", "actor": "system", "before": before, "after": after, "at": at}
        return ClientStatusChange(workspace_id=self.workspace.id, client_id=client.id, **given | more)

    def twin(self, life: Sequence[SQLModel], *, drawn: bool = False) -> list[SQLModel]:
        """Another client with the same life."""
        [client] = [row for row in life if isinstance(row, Client)]
        keys: dict[Any, UUID] = {}
        for row in life:
            old: Any = row
            keys[old.id] = self.key(drawn) if old is client else UUID(str(uuid7()))
        made = []
        for row in life:
            values = {name: keys.get(value, value) if isinstance(value, UUID) else value for name, value in row.model_dump().items()}
            self.site.number += 1
            values |= {"number": self.site.number} if isinstance(row, Client) else {}
            values |= {"username": f"twin {self.site.number}"} if isinstance(row, Account) else {}
            made.append(type(row)(**values))
        return made


async def open_studio(site: Site, *, zone: str = "UTC", threshold: int = 5) -> Studio:
    workspace = await site.workspace("studio")
    await site.change(Workspace, workspace, timezone=zone, statistics_threshold=threshold)
    members = {role.value: await site.member(workspace, role) for role in Role}
    members["OTHER"] = await site.member(workspace, Role.COACH)
    tokens = {name: await site.token(member) for name, member in members.items()}
    w: Any = {"workspace_id": workspace.id}
    packages = [Package(name=name, billing=Billing.FREE, **w) for name in ("Calm", "Focus")]
    kind = AppointmentType(name="Coaching", **w)
    studio = Studio(site, workspace, zone, members, tokens, packages, kind)
    await studio.load([*packages, kind])
    return studio


# -- random lives --------------------------------------------------------------------------------------------------------


class Draw(random.Random):
    """Random clients of one studio."""

    def __init__(self, seed: str, studio: Studio) -> None:
        super().__init__(seed)
        self._studio = studio
        self._w: Any = {"workspace_id": studio.workspace.id}

    def instant(self, after: datetime, days: float = 150) -> datetime:
        """Instant afterwards, rather often the very start of a month."""
        found = after + timedelta(days=self.uniform(0, days))
        if self.random() < 0.15:
            month = datetime(found.year, found.month, 1, tzinfo=ZoneInfo(self._studio.zone)).astimezone(UTC)
            return max(month, after)
        return found.replace(microsecond=self.choice([0, 0, 500_000]))

    def life(self) -> list[SQLModel]:
        """Rows of a client."""
        studio = self._studio
        start = datetime(2024, 10, 1, tzinfo=UTC) + timedelta(days=self.uniform(0, 380))
        account = Account(username=f"{self.random()} of {studio.workspace.slug}")
        given: Any = {"account_id": account.id, "created_at": start, "origin": self.choice(list(Origin)[:3])}
        states = [DataState.PRESENT] * 8 + [DataState.HISTORY_DELETED, DataState.CONTACT_DELETED, DataState.ERASED]
        client = studio.client(coach=self.choice(["COACH", "COACH", "OTHER"]), data_state=self.choice(states), **given)
        rows: list[SQLModel] = [account, client, *self._statuses(client, start)]
        enrollments = [self._enrollment(client, start, package) for package in studio.packages if self.random() < 0.5]
        rows += [row for made in enrollments for row in made]
        rows += [
            self._session(client, start, made[0] if made else None) for made in (enrollments or [[]]) for _ in range(self.randrange(4))
        ]
        for _ in range(self.randrange(4)):
            at = self.instant(start, 400)
            rows.append(
                LoginSession(account_id=account.id, client_id=client.id, created_at=at, expires_at=at + timedelta(hours=1), **self._w)
            )
        return rows

    def _statuses(self, client: Client, start: datetime) -> list[ClientStatusChange]:
        known = self.random()
        now: ClientStatus = self.choice([ClientStatus.PROSPECT] * 6 + [ClientStatus.BUYER, ClientStatus.ACTIVE])
        rows = [self._studio.change(client, None, now, start)] if known < 0.8 else []
        at = start
        for _ in range(self.randrange(5) if known < 0.95 else 0):
            at = self.instant(at)
            after = self.choice([ClientStatus.ACTIVE, ClientStatus.ACTIVE, ClientStatus.INACTIVE, ClientStatus.HOT_LEAD, now])
            batch = UUID(str(uuid7())) if self.random() < 0.5 else None
            rows.append(self._studio.change(client, now, after, at, batch_id=batch))
            if batch is not None and after is not now and self.random() < 0.4:
                at = self.instant(at, 40)
                rows.append(self._studio.change(client, after, now, at, batch_id=batch, transition="transitionUndo"))
            else:
                now = after
        client.status = now
        return rows

    def _enrollment(self, client: Client, start: datetime, package: Package) -> list[SQLModel]:
        at = self.instant(start)
        made = Enrollment(client_id=client.id, package_id=package.id, enrolled_at=at, **self._w)
        rows: list[SQLModel] = [made]
        before: EnrollmentState | None = None
        for after in ("ACTIVE", *self.choice(_FATES)):
            said: Any = {"transition": "enrollmentStep", "actor": "system", "before": before, "after": EnrollmentState[after], "at": at}
            rows.append(EnrollmentChange(enrollment_id=made.id, **said, **self._w))
            before = made.state = EnrollmentState[after]
            made.frozen_at = at if before is EnrollmentState.DEACTIVATED else None
            made.frozen_reason = FreezeReason.COACH_DECISION if made.frozen_at else None
            made.deleted_at = at if before is EnrollmentState.DELETED else None
            at = self.instant(at)
        return rows

    def _session(self, client: Client, start: datetime, enrollment: Any) -> Appointment:
        coach = self.choice(["COACH", "OTHER"])
        return Appointment(
            client_id=client.id, coach_id=self._studio.members[coach].id, type_id=self._studio.type.id, starts_at=self.instant(start, 300),
            planned_minutes=60, actual_minutes=self.choice([None, 45, 50]), booked_status=ClientStatus.ACTIVE, booked_at=start,
            state=self.choice([AppointmentState.COMPLETED] * 4 + [AppointmentState.CANCELLED]),
            counting_status=self.choice([ClientStatus.ACTIVE, ClientStatus.HOT_LEAD]),
            enrollment_id=enrollment.id if enrollment is not None and self.random() < 0.7 else None, **self._w,
        )  # fmt: skip

    def group(self, clients: Sequence[Client]) -> list[SQLModel]:
        """Group event with these clients."""
        starts = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=self.uniform(0, 360))
        event = GroupEvent(
            coach_id=self._studio.members["OTHER"].id, type_id=self._studio.type.id, title="Circle", starts_at=starts, planned_minutes=90,
            size=len(clients), state=self.choice([AppointmentState.COMPLETED] * 3 + [AppointmentState.CANCELLED]), **self._w,
        )  # fmt: skip
        rows: list[SQLModel] = [event]
        for client in clients:
            said: Any = {"state": self.choice([AppointmentState.COMPLETED, AppointmentState.NO_SHOW]), "booked_status": ClientStatus.ACTIVE}
            said |= {"counting_status": ClientStatus.ACTIVE, "at": starts}
            rows.append(Attendance(event_id=event.id, client_id=client.id, **said, **self._w))
        return rows

    async def fill(self, number: int) -> None:
        """So many clients, and a few group events."""
        lives = [self.life() for _ in range(number)]
        people = [row for life in lives for row in life if isinstance(row, Client)]
        groups = [row for _ in range(3) for row in self.group(self.sample(people, min(4, number)))] if number else []
        self._studio.lives += lives
        await self._studio.load([row for life in lives for row in life] + groups)
