"""A workspace with a member of every role and one client who has one object of every kind, for tests that take steps."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from lifecycle.vocabulary import (
    AppointmentState,
    Billing,
    ClientStatus,
    ConversationState,
    EnrollmentState,
    Grant,
    InvoiceState,
    Role,
    SubscriptionState,
)
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent, ServiceTemplate
from storage.tables.billing import Invoice
from storage.tables.clients import Client, ClientStatusChange
from storage.tables.content import Document
from storage.tables.conversations import Conversation, Participant
from storage.tables.packages import Enrollment, Module, ModuleVersion, Package, PackageItem, Product, Purchase, Subscription
from storage.tables.workspace import Member, MemberGrant, Workspace
from tests.access.site import Site, gid
from tests.rows import every_row

#: What every payload answers; `subject` stands for the object.
PROBLEMS: Final = "problems { code message path __typename }"


def soon(days: float) -> datetime:
    """Instant so many days from now."""
    return datetime.now(UTC) + timedelta(days=days)


@dataclass
class Stage:
    """What was built: members and their tokens by name, the rows by name."""

    site: Site
    workspace: Workspace
    members: dict[str, Member] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    def gid(self, name: str) -> str:
        return gid(TAGS[name], self.rows[name])

    async def client(self, status: ClientStatus = ClientStatus.ACTIVE, coach: str = "COACH", **more: Any) -> Client:
        """Further client, with a history that says what they were before."""
        made = await self.site.client(self.members[coach], status, **more)
        if status is ClientStatus.INACTIVE:
            await self.site.put(was(made, ClientStatus.ACTIVE))
        return made

    async def service(self, client: Client, days: float = 10, minutes: int = 60, **more: Any) -> Appointment:
        """Appointment of a client so many days from now."""
        given: dict[str, Any] = {"booked_status": client.status, "counting_status": client.status, "coach_id": client.coach_id}
        row = Appointment(
            workspace_id=client.workspace_id,
            client_id=client.id,
            type_id=self.rows["type"].id,
            starts_at=soon(days),
            planned_minutes=minutes,
            **given | more,
        )
        await self.site.put(row)
        return row

    async def place(self, client: Client, days: float = 10, state: AppointmentState = AppointmentState.BOOKED) -> Attendance:
        """Place of a client in a group event so many days from now."""
        common: dict[str, Any] = {"workspace_id": client.workspace_id}
        event = GroupEvent(
            coach_id=client.coach_id,
            type_id=self.rows["type"].id,
            title="Group",
            starts_at=soon(days),
            planned_minutes=90,
            size=2,
            **common,
        )
        row = Attendance(
            event_id=event.id, client_id=client.id, at=event.starts_at, state=state, booked_status=client.status,
            counting_status=client.status, **common,
        )  # fmt: skip
        await self.site.put(event, row)
        return row

    async def template(self, client: Client) -> ServiceTemplate:
        row = ServiceTemplate(
            workspace_id=client.workspace_id, client_id=client.id, coach_id=client.coach_id, type_id=self.rows["type"].id,
            recurrence="FREQ=WEEKLY", starts_on=date(2026, 1, 1),
        )  # fmt: skip
        await self.site.put(row)
        return row

    async def package(self, **more: Any) -> Package:
        row = Package(workspace_id=self.workspace.id, name=f"Package {uuid4().hex[:6]}", **{"billing": Billing.MONTHLY} | more)
        await self.site.put(row)
        return row

    async def enrollment(self, client: Client, package: Package | None = None, **more: Any) -> Enrollment:
        package = package or await self.package()
        row = Enrollment(workspace_id=client.workspace_id, client_id=client.id, package_id=package.id, **more)
        await self.site.put(row)
        return row

    async def subscription(self, enrollment: Enrollment) -> Subscription:
        row = Subscription(
            workspace_id=enrollment.workspace_id, enrollment_id=enrollment.id, state=SubscriptionState.LIVE, amount_minor=5000,
            period_end=soon(20),
        )  # fmt: skip
        await self.site.put(row)
        return row

    async def invoice(self, client: Client, state: InvoiceState = InvoiceState.OPEN) -> Invoice:
        self.site.number += 1
        row = Invoice(
            workspace_id=client.workspace_id, client_id=client.id, number=self.site.number, title="Invoice", snapshot_name="Name",
            amount_minor=900, state=state,
        )  # fmt: skip
        await self.site.put(row)
        return row

    async def find(self, row: Any) -> Any:
        """The row as it is now."""
        async with self.site.database.write() as session:
            return await session.get_one(type(row), (row.workspace_id, row.id))

    async def grant(self, *names: str, grants: tuple[Grant, ...] = tuple(Grant)) -> None:
        for name in names:
            await self.site.put(
                *[MemberGrant(workspace_id=self.workspace.id, member_id=self.members[name].id, grant_name=grant) for grant in grants]
            )

    async def ungrant(self) -> None:
        async with self.site.database.write() as session:
            await session.exec(delete(MemberGrant).where(col(MemberGrant.workspace_id) == self.workspace.id))

    async def everything(self) -> dict[str, str]:
        return await every_row(self.site.database)

    # -- steps ---------------------------------------------------------------------------------------------------------

    async def act(self, name: str, id_: str | None, given: str = "", *, by: str = "OWNER", more: str = "", also: str = "") -> Any:
        """Payload of a step; `given` is its input, `more` further arguments, `also` further fields."""
        return (await self.site.data(self.tokens.get(by, by), mutation(name, id_, given, more=more, also=also)))[name]

    async def look(self, name: str, id_: str | None, given: str = "", *, by: str = "OWNER") -> Any:
        """Preview of a step."""
        return (await self.site.data(self.tokens.get(by, by), f"{{ {preview(name, id_, given)} }}"))[f"{name}Preview"]

    async def undo(self, batch: str, *, by: str = "OWNER", more: str = "") -> Any:
        said = f", {more}" if more else ""
        asked = (
            f'mutation {{ transitionUndo(batchId: "{batch}"{said}) {{ restored skipped {{ kind id because }} subject {{ id }}'
            f" event {{ name before after }} {PROBLEMS} }} }}"
        )
        return (await self.site.data(self.tokens.get(by, by), asked))["transitionUndo"]


def arguments(id_: str | None, given: str, more: str = "") -> str:
    parts = [f'id: "{id_}"' if id_ else "", f"input: {{{given}}}" if given else "", more]
    said = ", ".join(part for part in parts if part)
    return f"({said})" if said else ""


def mutation(name: str, id_: str | None, given: str = "", *, more: str = "", also: str = "", alias: str = "") -> str:
    return f"mutation {{ {field_of(name, id_, given, more=more, also=also, alias=alias)} }}"


def field_of(name: str, id_: str | None, given: str = "", *, more: str = "", also: str = "", alias: str = "") -> str:
    called = f"{alias}: {name}" if alias else name
    return f"{called}{arguments(id_, given, more)} {{ warnings {{ code }} {also} {PROBLEMS} }}"


def preview(name: str, id_: str | None, given: str = "", *, alias: str = "") -> str:
    called = f"{alias}: {name}Preview" if alias else f"{name}Preview"
    return (
        f"{called}{arguments(id_, given)} {{ token reversible undoUntil before after options {{ name default }}"
        " effects { kind action count sessionMinutes resources(first: 100) { totalCount nodes { id } } }"
        " blockers { code } warnings { code } }"
    )


def was(client: Client, status: ClientStatus) -> ClientStatusChange:
    """Line of the history that says what an inactive client was before."""
    return ClientStatusChange(
        workspace_id=client.workspace_id, client_id=client.id, before=status, after=ClientStatus.INACTIVE, at=soon(-1), transition="",
        actor="test",
    )  # fmt: skip


TAGS: Final = {
    "client": "client",
    "enrollment": "enrollment",
    "appointment": "appointment",
    "conversation": "conversation",
    "package": "package",
    "module": "module",
    "moduleVersion": "moduleversion",
    "document": "document",
    "invoice": "invoice",
    "joined": "package",
}


async def build(site: Site, *, name: str = "stage") -> Stage:
    stage = Stage(site, await site.workspace(name))
    stage.members, stage.tokens = await site.team(stage.workspace, OTHER_COACH=Role.COACH)
    w: dict[str, Any] = {"workspace_id": stage.workspace.id}
    kind = AppointmentType(name="Session", **w)
    package, joined = Package(name="Package", billing=Billing.MONTHLY, **w), Package(name="Joined", billing=Billing.FREE, **w)
    module = Module(title="Module", **w)
    version = ModuleVersion(module_id=module.id, version=1, title="Version", body="Text", published_at=soon(-50), **w)
    item = PackageItem(package_id=package.id, position=1, module_id=module.id, added_at=soon(-50), **w)
    document = Document(title="Document", added_at=soon(-50), module_version_id=version.id, **w)
    await site.put(kind, package, joined, module, version, item, document)
    stage.rows = {"type": kind, "package": package, "joined": joined, "module": module, "moduleVersion": version, "document": document}
    client = await site.client(stage.members["COACH"], email=f"first.{stage.workspace.slug}@example.org")
    talk = Conversation(subject="Subject", **w)
    await site.put(talk, Participant(conversation_id=talk.id, client_id=client.id, **w))
    stage.rows |= {"client": client, "conversation": talk}
    product = Product(workspace_id=stage.workspace.id, name="Book")
    bought = Purchase(workspace_id=stage.workspace.id, client_id=client.id, product_id=product.id)
    await stage.site.put(product, bought)  # a buyer with nothing left could not enter
    stage.rows["product"] = product
    stage.rows["enrollment"] = await stage.enrollment(client, package, enrolled_at=soon(-40))
    stage.rows["appointment"] = await stage.service(client, -1)
    stage.rows["invoice"] = await stage.invoice(client)
    return stage


#: Columns by which each axis is put into each of its states.
def columns(axis: str, state: str, now: datetime) -> dict[str, Any]:
    match axis:
        case "client":
            return {"status": ClientStatus[state], "access_mode": "NONE"}
        case "enrollment":
            return {"state": EnrollmentState[state], "frozen_at": now if state == "DEACTIVATED" else None}
        case "appointment":
            return {"state": AppointmentState[state]}
        case "conversation":
            return {"state": ConversationState[state]}
        case "invoice":
            return {"state": InvoiceState[state]}
        case "moduleVersion":
            return {"published_at": now if state == "PUBLISHED" else None}
        case "package":
            return {"archived_at": now if state == "ARCHIVED" else None}
        case "document":
            return {"withdrawn_at": now if state == "WITHDRAWN" else None}
        case _:
            return {"archived_at": now if state == "ARCHIVED" else None, "withdrawn_at": now if state == "WITHDRAWN" else None}


async def set_row(session: AsyncSession, row: Any, **values: Any) -> None:
    """Set columns of a row, whatever they are now."""
    table = type(row)
    await session.exec(update(table).where(col(table.workspace_id) == row.workspace_id, col(table.id) == row.id).values(**values))
