"""A small workspace for the access tests: a member of every role, and clients who each have one row of everything."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from lifecycle.vocabulary import (
    AppointmentState,
    Billing,
    ClientStatus,
    CoachingKind,
    Compensation,
    ConsentPurpose,
    DataCategory,
    DataState,
    EnrollmentState,
    ErasureState,
    FreezeReason,
    Grant,
    JobState,
    MessageDirection,
    PaymentStatus,
    Role,
    ScheduleState,
    SuggestionReason,
)
from storage.tables.appointments import Appointment, AppointmentType, Attendance, GroupEvent, ServiceTemplate
from storage.tables.billing import Estimate, Invoice, Payment
from storage.tables.certification import HourLedgerEntry, ReportRun, RuleSet
from storage.tables.clients import Client, ClientField, ClientSearchTerm, ClientStatusChange, ClientTag, Consent
from storage.tables.content import Audience, Document, DocumentRevision, Form, FormResponse, Page
from storage.tables.conversations import ClientDocument, Conversation, Message, Participant
from storage.tables.erasure import ErasureItem, ErasureReceipt, ErasureRequest, LegalHold, RetentionRule, SealedItem
from storage.tables.operations import AuditEvent, BulkJob, BulkJobItem, ScheduledTransition, Suggestion
from storage.tables.packages import (
    Enrollment,
    EnrollmentChange,
    Module,
    ModuleVersion,
    Package,
    PackageItem,
    Product,
    ProductItem,
    Purchase,
    Subscription,
)
from storage.tables.workspace import Member, MemberGrant, Workspace
from tests.access.site import Site, day, gid

#: Word that stands in every text about a client which somebody may not read; no answer to them may hold it.
SECRET = "zanzibar"
_SUMS = {name: {"sessions": 1, "minutes": 60} for name in ("all", "paid", "pro_bono", "recent", "unlisted")}
#: What a sealed report says.
SEALED = json.dumps(
    {
        "ruleSet": {"code": "ICF_ACC", "version": 1},
        "parameters": {"basis": "SESSION_START", "timezone": "UTC"},
        "clients": 1,
        "sums": _SUMS,
        "excluded": [{"reason": "PROSPECT", "sessions": 1, "minutes": 60}],
        "notForCredential": [{"reason": "DIRECT_REPORT", "sessions": 1, "minutes": 60}],
        "byMonth": [{"key": "2024-10", "sessions": 1, "minutes": 60, "paid": 60, "free": 0}],
        "byKind": [{"key": "INDIVIDUAL", "sessions": 1, "minutes": 60, "paid": 60, "free": 0}],
        "readiness": {"met": True, "metrics": [{"metric": "TOTAL", "have": 1.0, "need": 1.0, "met": True}]},
    }
)


@dataclass
class World:
    """What was built. `ids` has the global ids of one row of each type, for each client and, under "", for the workspace."""

    site: Site
    workspace: Workspace
    members: dict[str, Member] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, UUID] = field(default_factory=dict)

    def ids_of(self, client: str) -> dict[str, str]:
        return self.ids[""] | self.ids[client]


async def build(site: Site, *, leftovers: bool = False) -> World:
    """World; with `leftovers`, an erasure that forgot everything but the state."""
    world = World(site, await site.workspace("north"))
    for role in Role:
        world.members[role.value] = await site.member(world.workspace, role, timezone="Europe/Berlin")
    world.members["OTHER_COACH"] = await site.member(world.workspace, Role.COACH, timezone="Europe/Berlin")
    await site.put(MemberGrant(workspace_id=world.workspace.id, member_id=world.members["COACH"].id, grant_name=Grant.ERASE))
    for name, member in world.members.items():
        world.tokens[name] = await site.token(member)
    await _catalogue(world)
    await _person(world, "own", "COACH", DataState.PRESENT)
    await _person(world, "other", "OTHER_COACH", DataState.PRESENT)
    for state in (DataState.HISTORY_DELETED, DataState.CONTACT_DELETED, DataState.ERASED):
        await _person(world, state.value, "COACH", state, clean=state is DataState.ERASED and not leftovers)
    world.tokens["CLIENT"] = await site.token(world.clients["own"])
    return world


async def _catalogue(world: World) -> None:
    """What belongs to the workspace and not to one client."""
    w: dict[str, Any] = {"workspace_id": world.workspace.id}
    kind = AppointmentType(name="Session", **w)
    package = Package(
        name="Package", summary="Six months", billing=Billing.MONTHLY, price_minor=5000, duration_days=180, created_at=day(-300), **w
    )
    module = Module(title="Working title", **w)
    version = ModuleVersion(module_id=module.id, version=1, title="Module", body="Text", published_at=day(-200), **w)
    item = PackageItem(package_id=package.id, position=1, module_id=module.id, added_at=day(-200), **w)
    product = Product(name="Product", summary="To read", price_minor=900, **w)
    page, form = Page(title="Page", published_at=day(-200), **w), Form(title="Form", questions='["Why?"]', published_at=day(-200), **w)
    document = Document(title="Document", added_at=day(-200), **w)
    revision = DocumentRevision(document_id=document.id, revision=1, title="Document", revised_at=day(-200), **w)
    part = Document(title="Part", module_version_id=version.id, added_at=day(-200), **w)
    rows = [kind, package, module, version, item, product, ProductItem(product_id=product.id, position=1, module_id=module.id, **w)]
    rules = [
        Audience(status=status, **{column: row.id}, **w)
        for status in (ClientStatus.HOT_LEAD, ClientStatus.ACTIVE, ClientStatus.BUYER)
        for column, row in (("page_id", page), ("form_id", form), ("document_id", document))
    ]
    await world.site.put(*rows, page, form, document, revision, *rules, part)
    await world.site.put(DocumentRevision(document_id=part.id, revision=1, title="Part", revised_at=day(-200), **w))
    world.keys = {"type": kind.id, "package": package.id, "product": product.id, "form": form.id, "module": module.id}
    world.ids[""] = {
        "Workspace": gid("workspace", world.workspace),
        "Package": gid("package", package),
        "Module": gid("module", module),
        "ModuleVersion": gid("moduleversion", version),
        "PackageItem": gid("item", item),
        "Product": gid("product", product),
        "Page": gid("page", page),
        "Form": gid("form", form),
        "Document": gid("document", document),
        "DocumentRevision": gid("revision", revision),
        "AudienceRule": gid("audience", rules[0]),
        "AppointmentType": gid("type", kind),
    }


async def _person(world: World, name: str, coach_name: str, state: DataState, *, clean: bool = False) -> None:
    """Client with one row of everything; a deleted history has no rows, and a clean erasure leaves none but the client's own.

    What a deletion would blank in the client's own row is kept, so that it is the matrix that withholds it.
    """
    coach = world.members[coach_name]
    kept: dict[str, Any] = {"email": f"{name}.{SECRET}@example.org", "phone": "+12025550100"}
    client = await world.site.client(
        coach,
        data_state=state,
        address=f"{SECRET} street",
        notes=f"Note on {SECRET}",
        access_until=day(9999),
        created_at=day(-300),
        **kept | {"name": f"{name} {SECRET}", "sort_name": "" if state is DataState.CONTACT_DELETED else f"{name} {SECRET}"},
    )
    world.clients[name] = client
    world.ids[name] = {"Client": gid("client", client), "Member": gid("member", coach)}
    if clean:
        return
    mine: dict[str, Any] = {"workspace_id": client.workspace_id, "client_id": client.id}
    custom = ClientField(name="Goal", value=SECRET, **mine)
    change = ClientStatusChange(
        before=ClientStatus.ACTIVE,
        after=ClientStatus.INACTIVE,
        at=day(-100),
        transition="clientMakeInactive",
        actor="",
        reason=SECRET,
        **mine,
    )
    consent = Consent(purpose=ConsentPurpose.CERT_LOG, given_at=day(-200), withdrawn_at=day(-1), evidence=SECRET, **mine)
    step = AuditEvent(
        at=day(-100), actor=f"member:{coach.id.hex}", member_id=coach.id, action="client.make_inactive", subject_kind="client",
        subject_id=client.id, before="ACTIVE", after="INACTIVE", batch_id=client.id, reason=SECRET, **mine,
    )  # fmt: skip
    job = BulkJob(
        id=step.id, workspace_id=client.workspace_id, transition="clientMakeInactive", error_policy="SKIP_FAILED", actor=step.actor,
        member_id=coach.id, undoes_id=step.id, code="FORBIDDEN", locked_until=day(-100), finished_at=day(-100), state=JobState.FAILED,
    )  # fmt: skip
    one = BulkJobItem(
        workspace_id=client.workspace_id, job_id=job.id, position=0, subject_id=client.id, batch_id=client.id, event_id=step.id,
        code="CONFLICT", result='{"message": "Why"}', done_at=day(-100),
    )  # fmt: skip
    terms = [ClientSearchTerm(term=term, **mine) for term in (SECRET, name.lower(), kept["email"])]
    await world.site.put(custom, ClientTag(tag="vip", **mine), change, step, job, one, consent, *terms)
    coach_rule = Audience(workspace_id=client.workspace_id, page_id=UUID(world.ids[""]["Page"][-32:]), client_id=client.id)
    await world.site.put(coach_rule)
    world.ids[name] |= {
        "CustomField": gid("field", custom),
        "ClientStatusChange": gid("statuschange", change),
        "LifecycleEvent": gid("lifecycle", step),
        "BulkJob": gid("bulkjob", job),
        "BulkJobItem": gid("bulkitem", one),
        "Consent": gid("consent", consent),
    }
    world.ids[name] |= await _contracts(world, mine)
    world.ids[name] |= await _deletion(world, coach, mine)
    if state is not DataState.HISTORY_DELETED:
        world.ids[name] |= await _history(world, coach, mine)


async def _contracts(world: World, mine: dict[str, Any]) -> dict[str, str]:
    w: dict[str, Any] = {"workspace_id": mine["workspace_id"]}
    enrollment = Enrollment(
        package_id=world.keys["package"],
        state=EnrollmentState.DEACTIVATED,
        enrolled_at=day(-200),
        frozen_at=day(-110),
        frozen_reason=FreezeReason.PAYMENT_DECLINED,
        payment_status=PaymentStatus.DECLINED,
        paid_through=day(-111),
        declined_at=day(-111),
        expires_at=day(-1),
        **mine,
    )
    gone = EnrollmentChange(
        enrollment_id=enrollment.id,
        before=EnrollmentState.ACTIVE,
        after=EnrollmentState.DEACTIVATED,
        frozen_at=day(-110),
        transition="enrollmentDeactivate",
        actor="",
        reason=SECRET,
        **w,
    )
    paid = Subscription(enrollment_id=enrollment.id, amount_minor=5000, period_end=day(-110), ended_at=day(-110), **w)
    bought = Purchase(product_id=world.keys["product"], purchased_at=day(-150), price_minor=900, **mine)
    response = FormResponse(form_id=world.keys["form"], answers=f'["{SECRET}"]', answered_at=day(-150), **mine)
    await world.site.put(enrollment, gone, paid, bought, response)
    about: dict[str, Any] = {"subject_id": enrollment.id, "client_id": mine["client_id"], "transition": "enrollmentDeactivate", **w}
    waits = ScheduledTransition(
        input=f'{{"reason": "PAYMENT_DECLINED", "note": "{SECRET}"}}',
        days=3,
        cause=FreezeReason.PAYMENT_DECLINED,
        actor=f"member:{world.members['OWNER'].id.hex}",
        state=ScheduleState.CANCELLED,
        due_at=day(-1),
        finished_at=day(-1),
        outcome="FAILED",
        **about,
    )
    suggested = Suggestion(reason=SuggestionReason.PAYMENT_DECLINED, dismissed_at=day(-1), **about)
    await world.site.put(waits, suggested)
    return {
        "Enrollment": gid("enrollment", enrollment),
        "EnrollmentChange": gid("enrollmentchange", gone),
        "Subscription": gid("subscription", paid),
        "Purchase": gid("purchase", bought),
        "ScheduledTransition": gid("schedule", waits),
        "Suggestion": gid("suggestion", suggested),
        "FormResponse": gid("response", response),
    }


async def _history(world: World, coach: Member, mine: dict[str, Any]) -> dict[str, str]:
    """One interaction of each of the seven kinds, and what hangs on them."""
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    booked: dict[str, Any] = {"booked_status": ClientStatus.ACTIVE, "counting_status": ClientStatus.ACTIVE, "counts_override": True}
    session: dict[str, Any] = {"coach_id": coach.id, "type_id": world.keys["type"], **w}
    template = ServiceTemplate(
        recurrence="FREQ=WEEKLY", starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 1), generated_until=date(2024, 12, 1), **session | mine
    )
    appointment = Appointment(
        starts_at=day(-140),
        planned_minutes=60,
        actual_minutes=55,
        booked_at=day(-150),
        template_id=template.id,
        override_reason=SECRET,
        state=AppointmentState.COMPLETED,
        **booked,
        **session | mine,
    )
    later = Appointment(starts_at=day(99999), planned_minutes=60, booked_at=day(-140), **booked, **session | mine)
    event = GroupEvent(title="Group", starts_at=day(-130), planned_minutes=90, actual_minutes=90, size=2, **session)
    attendance = Attendance(event_id=event.id, at=day(-130), **booked, **mine)
    talk = Conversation(subject="Subject", opened_at=day(-150), last_message_at=day(-120), **w)
    message = Message(
        conversation_id=talk.id, member_id=coach.id, direction=MessageDirection.FROM_CLIENT, body=SECRET, sent_at=day(-120), **mine
    )
    exchanged = ClientDocument(member_id=coach.id, title="Exchanged", byte_size=1, shared_at=day(-120), **mine)
    world.site.number += 1
    number = world.site.number
    estimate = Estimate(number=number, title="Estimate", amount_minor=1, issued_at=day(-150), **mine)
    invoice = Invoice(
        number=number,
        title="Invoice",
        snapshot_name="Snapshot",
        snapshot_address="Address",
        amount_minor=2,
        issued_at=day(-150),
        due_at=day(-140),
        paid_at=day(-140),
        **mine,
    )
    payment = Payment(invoice_id=invoice.id, amount_minor=2, paid_at=day(-140), **mine)
    entry = HourLedgerEntry(
        coach_id=coach.id,
        position=number,
        day=date(2024, 10, 1),
        starts_at=day(-140),
        minutes=55,
        compensation=Compensation.PAID,
        coaching_kind=CoachingKind.INDIVIDUAL,
        group_size=1,
        client_number=number,
        appointment_id=appointment.id,
        counting_status=ClientStatus.ACTIVE,
        counts_override=True,
        override_reason="Wrong stamp",
        **w,
    )
    rules = RuleSet(code=f"RULES_{number}", version=1, title="Rules", effective_from=date(2022, 1, 1), source_url="https://example.org")
    run = ReportRun(
        coach_id=coach.id,
        rule_set_id=rules.id,
        period_from=date(2024, 1, 1),
        period_to=date(2024, 12, 31),
        ledger_position=number,
        content=SEALED,
        content_hash="hash",
        voided_at=day(-1),
        void_reason="A mistake",
        **w,
    )
    taking_part = Participant(conversation_id=talk.id, **mine)
    await world.site.put(
        template,
        appointment,
        later,
        event,
        attendance,
        talk,
        taking_part,
        message,
        exchanged,
        estimate,
        invoice,
        payment,
        entry,
        rules,
        run,
    )
    return {
        "ServiceTemplate": gid("template", template),
        "Appointment": gid("appointment", appointment),
        "GroupEvent": gid("event", event),
        "Attendance": gid("attendance", attendance),
        "Conversation": gid("conversation", talk),
        "Message": gid("message", message),
        "ClientDocument": gid("clientdocument", exchanged),
        "Estimate": gid("estimate", estimate),
        "Invoice": gid("invoice", invoice),
        "Payment": gid("payment", payment),
        "HourLedgerEntry": gid("hours", entry),
        "ReportRun": gid("report", run),
    }


async def _deletion(world: World, coach: Member, mine: dict[str, Any]) -> dict[str, str]:
    """A deletion that was asked for, with all that it can tell; a hold; a sealed record."""
    w: dict[str, Any] = {"workspace_id": coach.workspace_id}
    world.site.number += 1
    number = world.site.number
    asked = ErasureRequest(
        client_number=number,
        parts='["HISTORY"]',
        state=ErasureState.CANCELLED,
        actor=f"member:{coach.id.hex}",
        member_id=coach.id,
        blocked_by="LEGAL_HOLD",
        requested_at=day(-100),
        scheduled_for=day(-99),
        due_at=day(-70),
        started_at=day(-99),
        deleted_at=day(-99),
        completed_at=day(-99),
        **mine,
    )
    category = ErasureItem(request_id=asked.id, category="MESSAGES", verified=0, done_at=day(-99), **w)
    hashes: dict[str, Any] = {"previous_hash": "0" * 64, "content_hash": "1" * 64, "signature": "2" * 128}
    receipt = ErasureReceipt(request_id=asked.id, client_number=number, position=number, complete=True, body="{}", **hashes, **w)
    hold = LegalHold(reason="Case 7", placed_by=coach.id, placed_at=day(-100), released_at=day(-99), **mine)
    sealed = SealedItem(client_number=number, category="INVOICES", body="{}", reason="Law", purge_after=day(9000), **w)
    rule = RetentionRule(
        category=DataCategory.INVOICES, years=5, reason="Law", source="Book", set_by=coach.id, set_at=day(-100), removed_at=day(-99), **w
    )
    await world.site.put(asked, category, receipt, hold, sealed, rule)
    return {
        "ErasureRequest": gid("erasure", asked),
        "ErasureCategory": gid("erasurecategory", category),
        "ErasureReceipt": gid("receipt", receipt),
        "LegalHold": gid("hold", hold),
        "SealedItem": gid("sealed", sealed),
        "RetentionRule": gid("retention", rule),
    }
