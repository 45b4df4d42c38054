"""The object of each axis in the graph."""

from collections.abc import Mapping

from lifecycle.transition import Axis

#: Type of the object of each axis, the file it stands in, and the word of its ids.
OBJECTS: Mapping[Axis, tuple[str, str, str]] = {
    Axis.CLIENT: ("Client", "clients", "client"),
    Axis.ENROLLMENT: ("Enrollment", "packages", "enrollment"),
    Axis.APPOINTMENT: ("Appointment", "appointments", "appointment"),
    Axis.CONVERSATION: ("Conversation", "conversations", "conversation"),
    Axis.PACKAGE: ("Package", "packages", "package"),
    Axis.MODULE: ("Module", "packages", "module"),
    Axis.MODULE_VERSION: ("ModuleVersion", "packages", "moduleversion"),
    Axis.DOCUMENT: ("Document", "content", "document"),
    Axis.INVOICE: ("Invoice", "billing", "invoice"),
    Axis.MESSAGE: ("Message", "conversations", "message"),
    Axis.RESPONSE: ("FormResponse", "content", "response"),
    Axis.PURCHASE: ("Purchase", "packages", "purchase"),
    Axis.PACKAGE_ITEM: ("PackageItem", "packages", "item"),
    Axis.PRODUCT: ("Product", "packages", "product"),
    Axis.PAGE: ("Page", "content", "page"),
    Axis.FORM: ("Form", "content", "form"),
    Axis.APPOINTMENT_TYPE: ("AppointmentType", "appointments", "type"),
    Axis.SERVICE_TEMPLATE: ("ServiceTemplate", "appointments", "template"),
    Axis.SCHEDULE: ("ScheduledTransition", "schedules", "schedule"),
    Axis.HOURS: ("HourLedgerEntry", "reports", "hours"),
    Axis.REPORT: ("ReportRun", "reports", "report"),
    Axis.MEMBER: ("Member", "workspace", "member"),
    Axis.RETENTION_RULE: ("RetentionRule", "erasure", "retention"),
    Axis.WORKSPACE: ("Workspace", "workspace", "workspace"),
    Axis.SUGGESTION: ("Suggestion", "schedules", "suggestion"),
    Axis.DATA: ("Client", "clients", "client"),
    Axis.ERASURE: ("ErasureRequest", "erasure", "erasure"),
    Axis.HOLD: ("LegalHold", "erasure", "hold"),
}
#: Axes whose objects have a version to expect.
VERSIONED = frozenset(
    {Axis.CLIENT, Axis.DATA, Axis.ENROLLMENT, Axis.APPOINTMENT, Axis.CONVERSATION, Axis.PACKAGE, Axis.MODULE, Axis.INVOICE, Axis.WORKSPACE}
)
