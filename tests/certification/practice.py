"""A coach's practice: sessions of every kind, and the report on them as a caller gets it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from lifecycle.vocabulary import AppointmentState, ClientStatus, CoachingKind, Compensation, ConsentPurpose, Role
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent
from storage.tables.certification import HourLedgerEntry
from storage.tables.clients import Client, Consent
from storage.tables.workspace import Member, Workspace
from tests.access.site import Site, gid
from tests.rows import every_row

HELD: Final = AppointmentState.COMPLETED
TOTALS: Final = "sessions hours paidHours proBonoHours clients recentHours unlistedHours excludedSessions allSessions"
LINE: Final = (
    "id source day startsAt minutes hours kind compensation countingStatus groupSize paid clientNumber clientName unlisted overridden"
    " overrideReason reason credentialReason"
)
BUCKET: Final = "sessions hours paidHours proBonoHours"
READINESS: Final = (
    "met metrics { metric have need met } missing { metric have need } notForCredential { reason count hours }"
    " agesOut { date hours sessions } eligibleUntil earliestEligible nextBestAction { action sentence }"
)
REPORT: Final = (
    f"totals {{ {TOTALS} }} excludedByReason {{ reason count hours }} byMonth {{ month {BUCKET} }} byKind {{ kind {BUCKET} }}"
    f" byPackage {{ package {{ id name }} {BUCKET} }} byClient {{ clientNumber name {BUCKET} }}"
    f" counted(first: 100) {{ totalCount nodes {{ {LINE} }} }} excluded(first: 100) {{ totalCount nodes {{ {LINE} }} }}"
)


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@dataclass
class Practice:
    """Workspace with its members, and a type of each sort."""

    site: Site
    workspace: Workspace
    members: dict[str, Member]
    tokens: dict[str, str]
    types: dict[str, AppointmentType]
    people: dict[str, Client] = field(default_factory=dict)

    @property
    def coach(self) -> Member:
        return self.members["COACH"]

    async def client(self, status: ClientStatus = ClientStatus.ACTIVE, *, listed: bool = True, **more: Any) -> Client:
        """Client of the coach, who agreed to be named, or not."""
        client = await self.site.client(self.coach, status, **more)
        if listed:
            await self.consent(client)
        return client

    async def consent(self, client: Client, **more: Any) -> Consent:
        given: dict[str, Any] = {"client_id": client.id, "purpose": ConsentPurpose.CERT_LOG, "given_at": ago(3000)}
        row = Consent(workspace_id=self.workspace.id, **given | more)
        await self.site.put(row)
        return row

    async def session(self, client: Client, at: datetime, minutes: int = 60, **more: Any) -> Appointment:
        """Session that was held, unless it is said otherwise."""
        row = self.planned(client, at, minutes, **more)
        await self.site.put(row)
        return row

    def planned(self, client: Client, at: datetime, minutes: int = 60, **more: Any) -> Appointment:
        given: dict[str, Any] = {
            "coach_id": self.coach.id,
            "type_id": self.types["coaching"].id,
            "state": HELD,
            "booked_at": at - timedelta(days=7),
            "booked_status": client.status,
            "counting_status": client.status,
        }
        about: dict[str, Any] = {"client_id": client.id, "starts_at": at, "planned_minutes": minutes, "workspace_id": self.workspace.id}
        return Appointment(**about, **given | more)

    async def group(self, clients: list[Client], at: datetime, minutes: int = 90, places: Any = (), **more: Any) -> GroupEvent:
        """Group event with these clients; `places` has more to say of each."""
        given: dict[str, Any] = {"coach_id": self.coach.id, "type_id": self.types["coaching"].id, "title": "Group", "size": len(clients)}
        about: dict[str, Any] = {"starts_at": at, "planned_minutes": minutes, "state": HELD, "workspace_id": self.workspace.id}
        event = GroupEvent(**about | given | more)
        await self.site.put(event)
        for number, client in enumerate(clients):
            said: dict[str, Any] = {"booked_status": client.status, "counting_status": client.status, "state": HELD}
            place = said | (places[number] if number < len(places) else {})
            await self.site.put(Attendance(workspace_id=self.workspace.id, event_id=event.id, client_id=client.id, at=at, **place))
        return event

    async def entry(self, number: int, day: date, minutes: int = 60, **more: Any) -> HourLedgerEntry:
        """Line of the ledger without a session: what erasure leaves, unless it is said otherwise."""
        self.site.number += 1
        given: dict[str, Any] = {
            "coach_id": self.coach.id,
            "position": self.site.number,
            "compensation": Compensation.PAID,
            "coaching_kind": CoachingKind.INDIVIDUAL,
            "counting_status": ClientStatus.ACTIVE,
            "erased": True,
        }
        row = HourLedgerEntry(workspace_id=self.workspace.id, client_number=number, day=day, minutes=minutes, **given | more)
        await self.site.put(row)
        return row

    # -- asking --------------------------------------------------------------------------------------------------------

    async def whole(self, wanted: str = REPORT, *, by: str = "COACH", **arguments: Any) -> Any:
        """Answer to a report, errors and notes included; arguments are literals of GraphQL."""
        said = {"coach": f'"{gid("member", self.coach)}"'} | {name.rstrip("_"): value for name, value in arguments.items()}
        listed = ", ".join(f"{name}: {value}" for name, value in said.items())
        return await self.site.ask(self.tokens.get(by, by), f"{{ certificationReport({listed}) {{ {wanted} }} }}")

    async def report(self, wanted: str = REPORT, *, by: str = "COACH", **arguments: Any) -> Any:
        answer = await self.whole(wanted, by=by, **arguments)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["certificationReport"]

    async def lines(self, **arguments: Any) -> dict[str, Any]:
        """All lines by the key of their session."""
        found = await self.report(**arguments)
        return {line["id"].partition("_")[2]: line for part in ("counted", "excluded") for line in found[part]["nodes"]}

    async def line(self, row: Any, **arguments: Any) -> Any:
        return (await self.lines(**arguments))[row.id.hex]

    async def everything(self) -> dict[str, str]:
        return await every_row(self.site.database)


async def open_practice(site: Site, **more: Any) -> Practice:
    workspace = await site.workspace("practice")
    if more:
        await site.change(Workspace, workspace, **more)
    members, tokens = await site.team(workspace, OTHER=Role.COACH)
    w: dict[str, Any] = {"workspace_id": workspace.id}
    types = {"coaching": AppointmentType(name="Coaching", **w), "training": AppointmentType(name="Training", coaching=False, **w)}
    types["sample"] = AppointmentType(name="Sample", sample=True, **w)
    await site.put(*types.values())
    return Practice(site, workspace, members, tokens, types)
