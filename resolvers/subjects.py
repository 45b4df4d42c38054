"""The object of each axis: its table, its type in the graph, how its state is read, and whose client it is."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from lifecycle.transition import Axis


@dataclass(frozen=True, slots=True)
class Subject:
    """Objects of one axis. Their type is named as their table's class, in the file of that noun: steps ask for it, reads do without.

    `state` and `whom` are SQL over the row `t`; `whom` is the key of the client, empty where there is none. `owner` is the column with
    the key of the workspace, `lock` how a step holds the row on PostgreSQL.
    """

    noun: str
    type_name: str
    state: str = "t.state"
    whom: str = ""
    versioned: bool = True
    owner: str = "workspace_id"
    lock: str = "FOR UPDATE"

    @property
    def table(self) -> type[Any]:
        return _table(self.noun, self.type_name)

    @property
    def name(self) -> str:
        return str(self.table.__table__.name)


@cache
def _table(noun: str, name: str) -> type[Any]:
    found: type[Any] = getattr(import_module(f"storage.tables.{noun}"), name)
    return found


_CONTENT = "CASE WHEN t.withdrawn_at IS NOT NULL THEN 'WITHDRAWN' WHEN t.archived_at IS NOT NULL THEN 'ARCHIVED' ELSE 'PRESENT' END"

_REMOVED = "CASE WHEN t.removed_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END"
_WITHDRAWN = "CASE WHEN t.withdrawn_at IS NULL THEN 'PRESENT' ELSE 'WITHDRAWN' END"

SUBJECTS: dict[Axis, Subject] = {
    Axis.CLIENT: Subject("clients", "Client", "t.status", "t.id"),
    Axis.ENROLLMENT: Subject("packages", "Enrollment", whom="t.client_id"),
    Axis.APPOINTMENT: Subject("appointments", "Appointment", whom="t.client_id"),
    Axis.CONVERSATION: Subject("conversations", "Conversation"),
    Axis.PACKAGE: Subject("packages", "Package", "CASE WHEN t.archived_at IS NULL THEN 'OFFERED' ELSE 'ARCHIVED' END"),
    Axis.MODULE: Subject("packages", "Module", _CONTENT),
    Axis.MODULE_VERSION: Subject(
        "packages", "ModuleVersion", "CASE WHEN t.published_at IS NULL THEN 'DRAFT' ELSE 'PUBLISHED' END", versioned=False
    ),
    Axis.DOCUMENT: Subject("content", "Document", _WITHDRAWN, versioned=False),
    Axis.INVOICE: Subject("billing", "Invoice", whom="t.client_id"),
    Axis.MESSAGE: Subject("conversations", "Message", "'RECORDED'", "t.client_id", versioned=False),
    Axis.RESPONSE: Subject("content", "FormResponse", "'RECORDED'", "t.client_id", versioned=False),
    Axis.PURCHASE: Subject("packages", "Purchase", "'RECORDED'", "t.client_id", versioned=False),
    Axis.PACKAGE_ITEM: Subject("packages", "PackageItem", _REMOVED, versioned=False),
    Axis.PRODUCT: Subject("packages", "Product", "'PRESENT'", versioned=False),
    Axis.PAGE: Subject("content", "Page", _WITHDRAWN, versioned=False),
    Axis.FORM: Subject("content", "Form", _WITHDRAWN, versioned=False),
    Axis.APPOINTMENT_TYPE: Subject(
        "appointments", "AppointmentType", "CASE WHEN t.archived_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END", versioned=False
    ),
    Axis.SERVICE_TEMPLATE: Subject("appointments", "ServiceTemplate", _REMOVED, "t.client_id", versioned=False),
    Axis.SCHEDULE: Subject("operations", "ScheduledTransition", whom="t.client_id", versioned=False),
    Axis.HOURS: Subject("certification", "HourLedgerEntry", "'RECORDED'", versioned=False),
    Axis.REPORT: Subject("certification", "ReportRun", versioned=False),
    Axis.MEMBER: Subject("workspace", "Member", "CASE WHEN t.left_at IS NULL THEN 'PRESENT' ELSE 'REMOVED' END", versioned=False),
    #: Held as who has the turn holds it: rows that refer to the workspace go on being written meanwhile.
    Axis.WORKSPACE: Subject("workspace", "Workspace", "'PRESENT'", owner="id", lock="FOR NO KEY UPDATE"),
    Axis.RETENTION_RULE: Subject("erasure", "RetentionRule", _REMOVED, versioned=False),
    Axis.SUGGESTION: Subject(
        "operations", "Suggestion", "CASE WHEN t.dismissed_at IS NULL THEN 'OPEN' ELSE 'DISMISSED' END", "t.client_id", versioned=False
    ),
    Axis.DATA: Subject("clients", "Client", "t.data_state", "t.id"),
    Axis.ERASURE: Subject("erasure", "ErasureRequest", whom="t.client_id", versioned=False),
    Axis.HOLD: Subject(
        "erasure", "LegalHold", "CASE WHEN t.released_at IS NULL THEN 'PLACED' ELSE 'RELEASED' END", "t.client_id", versioned=False
    ),
}

if SUBJECTS.keys() != set(Axis):
    raise TypeError(f"axes without an object: {set(Axis) - SUBJECTS.keys()}")
