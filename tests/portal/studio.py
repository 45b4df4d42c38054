"""A workspace with something to book, to answer, to buy and to pay, and clients of every standing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select

from lifecycle.vocabulary import AccessMode, Billing, ClientStatus, EnrollmentState, FreezeReason, Role
from resolvers.links import mailed_secret
from storage.tables.appointments import Appointment, AppointmentType
from storage.tables.billing import Invoice
from storage.tables.clients import Client
from storage.tables.content import Audience, Form
from storage.tables.conversations import Conversation, Participant
from storage.tables.operations import OutboundMessage, Suggestion
from storage.tables.packages import Enrollment, Module, ModuleVersion, Package, PackageItem, Product, ProductItem, Purchase
from storage.tables.workspace import Member, OneTimeLink, Workspace
from tests.access.site import Site, day, gid
from tests.rows import every_row

#: Standing, and the status and access mode that make it.
STANDINGS = {
    "PROSPECT": (ClientStatus.PROSPECT, AccessMode.NONE),
    "HOT_LEAD without login": (ClientStatus.HOT_LEAD, AccessMode.NONE),
    "HOT_LEAD": (ClientStatus.HOT_LEAD, AccessMode.NONE),
    "ACTIVE": (ClientStatus.ACTIVE, AccessMode.NONE),
    "BUYER": (ClientStatus.BUYER, AccessMode.NONE),
    "INACTIVE NONE": (ClientStatus.INACTIVE, AccessMode.NONE),
    "INACTIVE PURCHASED_CONTENT": (ClientStatus.INACTIVE, AccessMode.PURCHASED_CONTENT),
    "INACTIVE READ_ONLY": (ClientStatus.INACTIVE, AccessMode.READ_ONLY),
    "INACTIVE PAY_ONLY": (ClientStatus.INACTIVE, AccessMode.PAY_ONLY),
}


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


@dataclass
class Studio:
    """What was built. `hour` counts up, so that no two sessions meet unless a test wants it."""

    site: Site
    workspace: Workspace
    members: dict[str, Member] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    hour: int = 0

    def soon(self) -> str:
        """Start of a session of which nobody else knows."""
        self.hour += 2
        return (datetime.now(UTC) + timedelta(days=2, hours=self.hour)).isoformat()

    async def act(
        self, token: str | None, name: str, given: Any = None, *, key: str | None = None, more: str = "", **arguments: Any
    ) -> Any:
        """Payload of a mutation; `arguments` are those beside the input, with their types."""
        if key is not None:
            arguments["id"] = ("ID!", key)
        declared = "".join(f", ${argument}: {type_}" for argument, (type_, _) in arguments.items())
        passed = "".join(f", {argument}: ${argument}" for argument in arguments)
        inner = more or "problems { code path }"
        query = f"mutation($input: {pascal(name)}Input!{declared}) {{ {name}(input: $input{passed}) {{ {inner} }} }}"
        values = {argument: value for argument, (_, value) in arguments.items()}
        answer = await self.site.ask(token, query, input=given or {}, **values)
        if "errors" in answer:
            return {"problems": [{"code": error["extensions"]["code"], "path": error.get("path")} for error in answer["errors"]]}
        return answer["data"][name]

    async def code(self, token: str | None, name: str, given: Any = None, *, key: str | None = None, **arguments: Any) -> str:
        """OK, or the code of the one problem."""
        problems = (await self.act(token, name, given, key=key, **arguments))["problems"]
        return "OK" if not problems else str(problems[0]["code"])

    async def refused(self, code: str, token: str | None, name: str, given: Any = None, *, key: str | None = None, **arguments: Any) -> Any:
        """The one problem, with this code, and nothing in any table is another than before."""
        before = await self.everything()
        payload = await self.act(token, name, given, key=key, **arguments)
        assert [problem["code"] for problem in payload["problems"]] == [code], payload
        assert await self.everything() == before
        return payload["problems"][0]

    async def knock(self, name: str, given: Any, key: str | None = None) -> Any:
        """Answer of a public door."""
        arguments: dict[str, Any] = {"workspace": ("String!", self.workspace.slug)}
        if key is not None:
            arguments["idempotencyKey"] = ("String", key)
        return await self.act(None, name, given, more="done problems { code path }", **arguments)

    async def by_token(self, name: str, token: str, **values: Any) -> str:
        """OK or the code of a mutation that takes the token of a link."""
        passed = "".join(f', {name}: "{value}"' for name, value in values.items())
        query = f'mutation {{ {name}(token: "{token}"{passed}) {{ done problems {{ code path }} }} }}'
        payload = (await self.site.data(None, query))[name]
        assert payload["done"] == (not payload["problems"])
        return "OK" if payload["done"] else str(payload["problems"][0]["code"])

    async def everything(self) -> dict[str, str]:
        """All rows of all tables."""
        return await every_row(self.site.database)

    async def all(self, kind: type[Any], **where: Any) -> list[Any]:
        """Rows of this workspace, oldest first."""
        async with self.site.database.write() as session:
            these = [col(getattr(kind, name)) == value for name, value in where.items()]
            asked = select(kind).where(col(kind.workspace_id) == self.workspace.id, *these).order_by(col(kind.id))
            return list((await session.exec(asked)).all())

    async def fresh(self, row: Any) -> Any:
        async with self.site.database.write() as session:
            return await session.get(type(row), (row.workspace_id, row.id))

    async def mailed(self, client: Client) -> list[str]:
        """Tokens of the links that were mailed to a client, as the sender of the mail makes them."""
        mails = await self.all(OutboundMessage, client_id=client.id)
        links = [orjson.loads(mail.payload)["link"] for mail in mails]
        found = {link.id.hex: link for link in await self.all(OneTimeLink)}
        return [mailed_secret(self.site.secret, self.workspace.id, found[link].id) for link in links]

    async def suggestions(self, client: Client) -> list[tuple[str, str]]:
        return [(row.transition, row.reason) for row in await self.all(Suggestion, subject_id=client.id)]

    async def person(self, standing: str = "ACTIVE", coach: str = "COACH", **more: Any) -> tuple[Client, str]:
        """Client of a standing, who has bought the course, with a token from when they could sign in."""
        status, mode = STANDINGS[standing]
        client = await self.site.client(self.members[coach], status, access_mode=mode, **more)
        w: dict[str, Any] = {"workspace_id": self.workspace.id, "client_id": client.id}
        await self.site.put(Purchase(product_id=self.rows["course"].id, purchased_at=day(-150), **w))
        token = await self.site.token(client)
        if standing == "HOT_LEAD without login":
            await self.site.change(Client, client, account_id=None)
            client.account_id = None
        return client, token

    async def talk(self, *clients: Client) -> Conversation:
        w: dict[str, Any] = {"workspace_id": self.workspace.id}
        row = Conversation(subject="Subject", opened_at=day(-150), last_message_at=day(-150), **w)
        await self.site.put(row, *(Participant(conversation_id=row.id, client_id=client.id, **w) for client in clients))
        return row

    async def invoice(self, client: Client, **more: Any) -> Invoice:
        self.site.number += 1
        w: dict[str, Any] = {"workspace_id": self.workspace.id, "client_id": client.id, "number": self.site.number}
        row = Invoice(title="Coaching", snapshot_name="Client", amount_minor=12_000, issued_at=day(-150), **w | more)
        await self.site.put(row)
        return row

    async def enroll(self, client: Client, *, frozen: bool = False, package: str = "package") -> Enrollment:
        w: dict[str, Any] = {"workspace_id": self.workspace.id, "client_id": client.id, "package_id": self.rows[package].id}
        froze = {"state": EnrollmentState.DEACTIVATED, "frozen_at": day(-120), "frozen_reason": FreezeReason.PAYMENT_DECLINED}
        row = Enrollment(enrolled_at=day(-160), **w | (froze if frozen else {}))
        await self.site.put(row)
        return row

    async def book(self, client: Client, kind: str = "coaching", **given: Any) -> Any:
        """Session that staff booked."""
        said = {"type": self.ids[kind], "client": gid("client", client), "startsAt": self.soon()} | given
        payload = await self.act(self.tokens["OWNER"], "appointmentBook", said, more="appointment { id } problems { code path }")
        assert payload["problems"] == []
        [row] = await self.all(Appointment, id=key_of(payload["appointment"]["id"]))
        return row


def key_of(global_id: str) -> UUID:
    return UUID(global_id.rpartition("_")[2])


async def open_studio(site: Site) -> Studio:
    studio = Studio(site, await site.workspace("studio"))
    for role in Role:
        studio.members[role.value] = await site.member(studio.workspace, role)
    studio.members["OTHER_COACH"] = await site.member(studio.workspace, Role.COACH)
    for name, member in studio.members.items():
        studio.tokens[name] = await site.token(member)
    w: dict[str, Any] = {"workspace_id": studio.workspace.id}
    made: dict[str, Any] = {
        "sample": AppointmentType(name="Sample session", sample=True, planned_minutes=30, **w),
        "coaching": AppointmentType(name="Coaching", planned_minutes=60, **w),
        "included": AppointmentType(name="Session of the course", planned_minutes=45, **w),
        "packaged": AppointmentType(name="Session of the package", planned_minutes=45, **w),
        "package": Package(name="Package", billing=Billing.MONTHLY, **w),
        "module": Module(title="Module", **w),
        "course": Product(name="Course", price_minor=900, **w),
        "book": Product(name="Book", price_minor=500, **w),
        "relic": Product(name="Relic", on_sale=False, **w),
        "form": Form(title="Form", questions='["Why?", "Why now?"]', published_at=day(-200), **w),
    }
    module, course, form = made["module"], made["course"], made["form"]
    made["version"] = ModuleVersion(module_id=module.id, version=1, title="Module", body="Text", published_at=day(-200), **w)
    await site.put(*made.values())
    await site.put(
        ProductItem(product_id=course.id, position=1, appointment_type_id=made["included"].id, quantity=1, added_at=day(-200), **w),
        ProductItem(product_id=made["book"].id, position=1, module_id=module.id, added_at=day(-200), **w),
        PackageItem(package_id=made["package"].id, position=1, appointment_type_id=made["packaged"].id, quantity=3, **w),
        *(Audience(form_id=form.id, status=status, **w) for status in (ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.BUYER)),
    )
    studio.rows = made
    tags = dict.fromkeys(("sample", "coaching", "included", "packaged"), "type") | dict.fromkeys(("course", "book", "relic"), "product")
    studio.ids = {name: gid(tags.get(name, name), row) for name, row in made.items() if name != "version"}
    return studio
