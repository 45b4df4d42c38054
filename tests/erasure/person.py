"""A client with everything that can be stored about a person, each text of it marked with the same word, the canary."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import uuid4

from sqlmodel import SQLModel

from lifecycle.vocabulary import (
    AppointmentState,
    ClientStatus,
    ConsentPurpose,
    EnrollmentState,
    LinkPurpose,
    MessageDirection,
    Origin,
    SuggestionReason,
)
from resolvers.acts.clients import findable
from storage.search import fold
from storage.tables.appointments import Appointment, Attendance, GroupEvent, ServiceTemplate
from storage.tables.billing import Estimate, Invoice, Payment
from storage.tables.clients import Client, ClientField, ClientStatusChange, ClientTag, Consent
from storage.tables.content import Audience, Form, FormResponse, Page
from storage.tables.conversations import ClientDocument, Conversation, Message, Participant
from storage.tables.operations import AuditEvent, Batch, ExportFile, OutboundMessage, ScheduledTransition, Suggestion
from storage.tables.packages import Enrollment, EnrollmentChange, Purchase
from storage.tables.workspace import Account, LoginSession, OneTimeLink, RefreshToken
from tests.lifecycle.stage import Stage, soon

LONG_AGO: Final = datetime(2025, 6, 2, 9, tzinfo=UTC)


@dataclass
class Person:
    """Client, the word that marks all that is theirs, and other clients who share a thread and an event with them."""

    client: Client
    canary: str
    account: Account
    rows: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.client.name


async def somebody(stage: Stage, *, coach: str = "COACH", account: Account | None = None, **more: Any) -> Person:
    """Client with a bare contact, findable, with a login."""
    canary = f"canary{uuid4().hex[:12]}"
    if account is None:
        account = Account(username=f"{canary}.user", password_hash="$argon2id$unused")
        await stage.site.put(account)
    stage.site.number += 1
    about: dict[str, Any] = {
        "name": f"Jane {canary}",
        "sort_name": fold(f"Jane {canary}"),
        "email": f"{canary}@example.org",
        "phone": f"+4930{uuid4().int % 10**8:08}",
        "address": f"1 {canary} Street",
        "notes": f"Notes {canary}",
        "external_id": f"ext-{canary}",
        "origin": Origin.INQUIRY,
    } | more
    client = Client(
        workspace_id=stage.workspace.id, number=stage.site.number, account_id=account.id, coach_id=stage.members[coach].id,
        status=ClientStatus.ACTIVE, **about,
    )  # fmt: skip
    await stage.site.put(client, *findable(client.workspace_id, client.id, client.name, client.email, client.phone))
    return Person(client, canary, account)


#: Rows that others hang from: they are always there.
_ALWAYS: Final = (
    "participant",
    "page",
    "login_session",
    "service_template",
    "group_event",
    "conversation",
    "form",
    "invoice",
    "enrollment",
)


async def full(stage: Stage, *, coach: str = "COACH", draw: Random | None = None, **more: Any) -> Person:
    """Client with everything; with `draw`, with a random part of it."""
    person = await somebody(stage, coach=coach, **more)
    rows = [*_contact(stage, person), *_history(stage, person), *_records(stage, person)]
    kept = [row for row in rows if draw is None or row.__tablename__ in _ALWAYS or draw.random() < 0.6]
    await stage.site.put(*kept)
    for row in kept:
        person.rows.setdefault(str(row.__tablename__), []).append(row)
    return person


def _contact(stage: Stage, person: Person) -> list[SQLModel]:
    w: dict[str, Any] = {"workspace_id": stage.workspace.id}
    c, canary = {**w, "client_id": person.client.id}, person.canary
    page = Page(title="Page", **w)
    session = LoginSession(account_id=person.account.id, expires_at=soon(10), **c)
    return [
        ClientTag(tag=f"tag {canary}", **c),
        ClientField(name="Field", value=f"value {canary}", **c),
        Consent(purpose=ConsentPurpose.CERT_LOG, given_at=LONG_AGO, evidence=f"Signed by {canary}", **c),
        page,
        Audience(page_id=page.id, **c),
        session,
        RefreshToken(session_id=session.id, token_hash=uuid4().hex, expires_at=soon(10), **w),
        OneTimeLink(purpose=LinkPurpose.REACTIVATION, token_hash=uuid4().hex, expires_at=soon(5), **c),
        ExportFile(kind="CLIENT", subject_id=person.client.id, actor="member:x", expires_at=soon(1), **w),
        OutboundMessage(channel="EMAIL", template="password", payload=f'{{"to": "{canary}"}}', **c),
    ]


def _history(stage: Stage, person: Person) -> list[SQLModel]:
    w: dict[str, Any] = {"workspace_id": stage.workspace.id}
    c, canary, client = {**w, "client_id": person.client.id}, person.canary, person.client
    stamped: dict[str, Any] = {"booked_status": ClientStatus.ACTIVE, "counting_status": ClientStatus.ACTIVE}
    coach, kind, member = client.coach_id, stage.rows["type"].id, stage.members["COACH"].id
    template = ServiceTemplate(coach_id=coach, type_id=kind, recurrence="FREQ=WEEKLY", starts_on=LONG_AGO.date(), **c)
    held = {"coach_id": coach, "type_id": kind, "planned_minutes": 60, **stamped, **c}
    event = GroupEvent(
        coach_id=coach, type_id=kind, title="Group", starts_at=LONG_AGO, planned_minutes=90, size=4, state=AppointmentState.COMPLETED, **w
    )
    own, group = Conversation(subject=f"About {canary}", **w), Conversation(subject="All", **w)
    form = Form(title="Form", questions='["Why?"]', **w)
    stage.site.number += 1
    invoice = Invoice(
        number=stage.site.number, title=f"Sessions {canary}", snapshot_name=client.name, snapshot_address=client.address, amount_minor=900,
        issued_at=LONG_AGO, **c,
    )  # fmt: skip
    stage.site.number += 1
    return [
        template,
        Appointment(
            starts_at=LONG_AGO,
            state=AppointmentState.COMPLETED,
            actual_minutes=50,
            override_reason=f"Why {canary}",
            counts_override=True,
            **held,
        ),
        Appointment(starts_at=LONG_AGO + timedelta(days=1), state=AppointmentState.CANCELLED, **held),
        Appointment(starts_at=soon(9), template_id=template.id, **held),
        event,
        Attendance(event_id=event.id, at=LONG_AGO, state=AppointmentState.COMPLETED, **stamped, **c),
        own,
        group,
        Participant(conversation_id=own.id, **c),
        Participant(conversation_id=group.id, **c),
        Participant(conversation_id=group.id, client_id=stage.rows["client"].id, **w),
        Message(conversation_id=own.id, direction=MessageDirection.FROM_CLIENT, body=f"I am {canary}", **c),
        Message(conversation_id=own.id, direction=MessageDirection.FROM_STAFF, member_id=member, body=f"Dear {canary}", **w),
        Message(conversation_id=group.id, direction=MessageDirection.FROM_CLIENT, body=f"Hello, {canary} here", **c),
        Message(conversation_id=group.id, direction=MessageDirection.FROM_STAFF, member_id=member, body="Hello all", **w),
        Message(conversation_id=group.id, direction=MessageDirection.FROM_CLIENT, client_id=stage.rows["client"].id, body="Hi", **w),
        ClientDocument(title=f"Contract {canary}", storage_key=f"files/{canary}", **c),
        form,
        FormResponse(form_id=form.id, answers=f'["Because {canary}"]', **c),
        Estimate(number=stage.site.number, title=f"Offer {canary}", amount_minor=500, **c),
        invoice,
        Payment(invoice_id=invoice.id, amount_minor=900, paid_at=LONG_AGO, **c),
    ]


def _records(stage: Stage, person: Person) -> list[SQLModel]:
    w: dict[str, Any] = {"workspace_id": stage.workspace.id}
    c, canary = {**w, "client_id": person.client.id}, person.canary
    enrollment = Enrollment(package_id=stage.rows["joined"].id, enrolled_at=LONG_AGO, **c)
    words: dict[str, Any] = {"transition": "test", "actor": "member:x", "reason": f"Because of {canary}"}
    return [
        enrollment,
        EnrollmentChange(enrollment_id=enrollment.id, after=EnrollmentState.ACTIVE, at=LONG_AGO, **words, **w),
        Purchase(product_id=stage.rows["product"].id, **c),
        ClientStatusChange(after=ClientStatus.ACTIVE, at=LONG_AGO, **words, **c),
        Batch(transition="clientActivate", subject_id=person.client.id, actor="member:x", memory=f'{{"name": "{canary}"}}', **w),
        AuditEvent(
            actor="member:x", action="client.activate", subject_kind="client", subject_id=person.client.id, reason=f"About {canary}", **c
        ),
        Suggestion(subject_id=person.client.id, transition="clientActivate", reason=SuggestionReason.COACH_DECISION, **c),
        ScheduledTransition(
            transition="clientMakeInactive", subject_id=person.client.id, input=f'{{"reason": "{canary}"}}', actor="member:x",
            due_at=soon(30), **c,
        ),
    ]  # fmt: skip
