"""A client of whom a workspace holds something of every kind, beside another client of whom no export may tell."""

from dataclasses import dataclass
from typing import Any

from lifecycle.vocabulary import (
    AppointmentState,
    ClientStatus,
    ConsentPurpose,
    InvoiceState,
    MessageDirection,
    ScheduleState,
    SubscriptionState,
)
from storage.tables.appointments import Appointment, Attendance, GroupEvent, ServiceTemplate
from storage.tables.billing import Estimate, Payment
from storage.tables.clients import Client, ClientField, ClientStatusChange, ClientTag, Consent
from storage.tables.content import FormResponse
from storage.tables.conversations import ClientDocument, Message
from storage.tables.operations import ScheduledTransition
from storage.tables.packages import EnrollmentChange, Subscription
from tests.access.site import day, gid
from tests.portal.studio import Studio

#: Stands in everything that is another client's.
OTHERS = "Mallory"
INTERNAL = "Asks good questions"


@dataclass
class Person:
    """The client, their token, and the other one."""

    studio: Studio
    client: Client
    token: str
    other: Client

    @property
    def id(self) -> str:
        return gid("client", self.client)

    async def link(self, token: str | None = None, given: Any = None) -> str:
        """Path of a new link, by the coach unless somebody else's token is given."""
        more = "path problems { code }"
        payload = await self.studio.act(token or self.studio.tokens["COACH"], "clientExport", given or {}, key=self.id, more=more)
        assert payload["problems"] == [], payload
        return str(payload["path"])

    async def file(self, token: str | None = None, given: Any = None) -> Any:
        """The export, as its link gives it."""
        answer = await self.studio.site.get(await self.link(token, given))
        assert answer.status_code == 200
        return answer.json()


async def open_person(studio: Studio, standing: str = "ACTIVE") -> Person:
    contact = {"name": "Zoë Quist", "email": f"zoe{studio.site.number}@example.org", "phone": "+12025550199", "address": "12 Harbour Road"}
    client, token = await studio.person(standing, notes=INTERNAL, **contact)
    other, _ = await studio.person("ACTIVE", name=f"{OTHERS} Other", notes=OTHERS)
    w: dict[str, Any] = {"workspace_id": studio.workspace.id}
    mine = w | {"client_id": client.id}
    await studio.site.put(
        ClientTag(tag="vip", **mine),
        ClientField(name="Birthday", value="1 May", **mine),
        Consent(purpose=ConsentPurpose.CERT_LOG, given_at=day(-120), evidence="On paper", **mine),
        ClientStatusChange(after=ClientStatus.PROSPECT, at=day(-160), transition="clientAdd", actor="command-line", **mine),
        ClientStatusChange(
            before=ClientStatus.PROSPECT, after=client.status, at=day(-100), transition="clientActivate", actor="command-line", **mine
        ),
        FormResponse(form_id=studio.rows["form"].id, answers='["To change", "It is time"]', answered_at=day(-105), **mine),
        Estimate(number=1, title="Three months", amount_minor=90_000, issued_at=day(-95), **mine),
    )
    await _sessions(studio, mine, other)
    await _package(studio, client, mine)
    await _talk(studio, client, other, mine)
    return Person(studio, client, token, other)


async def _sessions(studio: Studio, mine: dict[str, Any], other: Client) -> None:
    held: dict[str, Any] = {"coach_id": studio.members["COACH"].id, "type_id": studio.rows["coaching"].id}
    stamps: dict[str, Any] = {"booked_status": ClientStatus.ACTIVE, "counting_status": ClientStatus.ACTIVE}
    w = {"workspace_id": mine["workspace_id"]}
    event = GroupEvent(title="Evening circle", starts_at=day(-70), planned_minutes=90, size=2, **held, **w)
    await studio.site.put(
        Appointment(
            starts_at=day(-80),
            planned_minutes=60,
            actual_minutes=55,
            state=AppointmentState.COMPLETED,
            booked_at=day(-85),
            **held,
            **stamps,
            **mine,
        ),
        Appointment(
            starts_at=day(-80), planned_minutes=60, booked_at=day(-85), **held, **stamps, **w, client_id=other.id, override_reason=OTHERS
        ),
        ServiceTemplate(recurrence="FREQ=WEEKLY", starts_on=day(-80).date(), created_at=day(-85), **held, **mine),
        event,
        Attendance(event_id=event.id, at=day(-70), state=AppointmentState.COMPLETED, **stamps, **mine),
        Attendance(event_id=event.id, at=day(-70), override_reason=OTHERS, **stamps, **w, client_id=other.id),
    )


async def _package(studio: Studio, client: Client, mine: dict[str, Any]) -> None:
    w = {"workspace_id": mine["workspace_id"]}
    enrollment = await studio.enroll(client)
    invoice = await studio.invoice(client, state=InvoiceState.PAID, paid_at=day(-60), enrollment_id=enrollment.id)
    await studio.site.put(
        EnrollmentChange(
            enrollment_id=enrollment.id, after=enrollment.state, at=day(-160), transition="enrollmentCreate", actor="command-line", **w
        ),
        Subscription(
            enrollment_id=enrollment.id, state=SubscriptionState.LIVE, amount_minor=9_900, started_at=day(-160), period_end=day(20), **w
        ),
        Payment(invoice_id=invoice.id, amount_minor=12_000, paid_at=day(-60), **mine),
        ScheduledTransition(
            transition="clientMakeInactive", subject_id=client.id, actor="member:" + studio.members["COACH"].id.hex,
            state=ScheduleState.PENDING, due_at=day(9_000), created_at=day(-50), **mine,
        ),
    )  # fmt: skip


async def _talk(studio: Studio, client: Client, other: Client, mine: dict[str, Any]) -> None:
    w = {"workspace_id": mine["workspace_id"]}
    coach = studio.members["COACH"].id
    alone, group = await studio.talk(client), await studio.talk(client, other)
    theirs = await studio.talk(other)
    staff, person = MessageDirection.FROM_STAFF, MessageDirection.FROM_CLIENT
    await studio.site.put(
        Message(conversation_id=alone.id, direction=staff, member_id=coach, body="How was it?", sent_at=day(-65), **mine),
        Message(conversation_id=alone.id, direction=person, body="Very good.", sent_at=day(-64), **mine),
        Message(conversation_id=group.id, direction=staff, member_id=coach, body="Welcome, all.", sent_at=day(-63), **w),
        Message(conversation_id=group.id, direction=person, body=OTHERS, sent_at=day(-62), client_id=other.id, **w),
        Message(conversation_id=group.id, direction=person, body="Hello, circle.", sent_at=day(-61), **mine),
        Message(conversation_id=theirs.id, direction=person, body=OTHERS, sent_at=day(-61), client_id=other.id, **w),
        ClientDocument(title="Agreement", media_type="application/pdf", byte_size=4_096, member_id=coach, shared_at=day(-110), **mine),
        ClientDocument(title=OTHERS, shared_at=day(-65), client_id=other.id, **w),
    )
