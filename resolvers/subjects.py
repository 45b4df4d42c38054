"""The object of each axis: its table, its type in the graph, how its state is read, and whose client it is."""

from dataclasses import dataclass
from typing import Any

from lifecycle.transition import Axis
from storage.tables.appointments import Appointment, AppointmentType, ServiceTemplate
from storage.tables.billing import Invoice
from storage.tables.certification import HourLedgerEntry, ReportRun
from storage.tables.clients import Client
from storage.tables.content import Document, Form, FormResponse, Page
from storage.tables.conversations import Conversation, Message
from storage.tables.erasure import ErasureRequest, LegalHold
from storage.tables.operations import ScheduledTransition, Suggestion
from storage.tables.packages import Enrollment, Module, ModuleVersion, Package, PackageItem, Product, Purchase


@dataclass(frozen=True, slots=True)
class Subject:
    """Objects of one axis. `state` and `whom` are SQL over the row `t`; `whom` is the key of the client, empty where there is none."""

    table: type[Any]
    type_name: str
    state: str = "t.state"
    whom: str = ""
    versioned: bool = True

    @property
    def name(self) -> str:
        return str(self.table.__table__.name)


_CONTENT = "CASE WHEN t.withdrawn_at IS NOT NULL THEN 'WITHDRAWN' WHEN t.archived_at IS NOT NULL THEN 'ARCHIVED' ELSE 'PRESENT' END"

_REMOVED = "CASE WHEN t.removed_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END"
_WITHDRAWN = "CASE WHEN t.withdrawn_at IS NULL THEN 'PRESENT' ELSE 'WITHDRAWN' END"

SUBJECTS: dict[Axis, Subject] = {
    Axis.CLIENT: Subject(Client, "Client", "t.status", "t.id"),
    Axis.ENROLLMENT: Subject(Enrollment, "Enrollment", whom="t.client_id"),
    Axis.APPOINTMENT: Subject(Appointment, "Appointment", whom="t.client_id"),
    Axis.CONVERSATION: Subject(Conversation, "Conversation"),
    Axis.PACKAGE: Subject(Package, "Package", "CASE WHEN t.archived_at IS NULL THEN 'OFFERED' ELSE 'ARCHIVED' END"),
    Axis.MODULE: Subject(Module, "Module", _CONTENT),
    Axis.MODULE_VERSION: Subject(
        ModuleVersion, "ModuleVersion", "CASE WHEN t.published_at IS NULL THEN 'DRAFT' ELSE 'PUBLISHED' END", versioned=False
    ),
    Axis.DOCUMENT: Subject(Document, "Document", _WITHDRAWN, versioned=False),
    Axis.INVOICE: Subject(Invoice, "Invoice", whom="t.client_id"),
    Axis.MESSAGE: Subject(Message, "Message", "'RECORDED'", "t.client_id", versioned=False),
    Axis.RESPONSE: Subject(FormResponse, "FormResponse", "'RECORDED'", "t.client_id", versioned=False),
    Axis.PURCHASE: Subject(Purchase, "Purchase", "'RECORDED'", "t.client_id", versioned=False),
    Axis.PACKAGE_ITEM: Subject(PackageItem, "PackageItem", _REMOVED, versioned=False),
    Axis.PRODUCT: Subject(Product, "Product", "'PRESENT'", versioned=False),
    Axis.PAGE: Subject(Page, "Page", _WITHDRAWN, versioned=False),
    Axis.FORM: Subject(Form, "Form", _WITHDRAWN, versioned=False),
    Axis.APPOINTMENT_TYPE: Subject(
        AppointmentType, "AppointmentType", "CASE WHEN t.archived_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END", versioned=False
    ),
    Axis.SERVICE_TEMPLATE: Subject(ServiceTemplate, "ServiceTemplate", _REMOVED, "t.client_id", versioned=False),
    Axis.SCHEDULE: Subject(ScheduledTransition, "ScheduledTransition", whom="t.client_id", versioned=False),
    Axis.HOURS: Subject(HourLedgerEntry, "HourLedgerEntry", "'RECORDED'", versioned=False),
    Axis.REPORT: Subject(ReportRun, "ReportRun", versioned=False),
    Axis.SUGGESTION: Subject(
        Suggestion, "Suggestion", "CASE WHEN t.dismissed_at IS NULL THEN 'OPEN' ELSE 'DISMISSED' END", "t.client_id", versioned=False
    ),
    Axis.DATA: Subject(Client, "Client", "t.data_state", "t.id"),
    Axis.ERASURE: Subject(ErasureRequest, "ErasureRequest", whom="t.client_id", versioned=False),
    Axis.HOLD: Subject(
        LegalHold, "LegalHold", "CASE WHEN t.released_at IS NULL THEN 'PLACED' ELSE 'RELEASED' END", "t.client_id", versioned=False
    ),
}

if SUBJECTS.keys() != set(Axis):
    raise TypeError(f"axes without an object: {set(Axis) - SUBJECTS.keys()}")
