"""What becomes of the steps of the portal, of authoring and of what waits, for every caller, written by hand as in `verdicts`."""

from typing import Final, NamedTuple

#: One letter for each state of the axis, in its order, for whoever may take the step.
LETTERS: Final = {
    "+": "",
    "=": "ALREADY_IN_STATE",
    "-": "INVALID_TRANSITION",
    "n": "NOT_FOUND",
    "i": "CLIENT_INACTIVE",
    "b": "BOOKING_NOT_ALLOWED_FOR_STATUS",
    "d": "DRAFT_EXISTS",
}

STATES: Final = {
    "client": "PROSPECT HOT_LEAD ACTIVE INACTIVE BUYER",
    "enrollment": "ACTIVE DEACTIVATED DELETED",
    "appointment": "BOOKED COMPLETED CANCELLED NO_SHOW REMOVED",
    "conversation": "OPEN CLOSED",
    "invoice": "DRAFT OPEN PAID VOID",
    "package": "OFFERED ARCHIVED",
    "packageItem": "PRESENT REMOVED",
    "product": "PRESENT",
    "moduleVersion": "DRAFT PUBLISHED",
    "document": "PRESENT WITHDRAWN",
    "page": "PRESENT WITHDRAWN",
    "form": "PRESENT WITHDRAWN",
    "serviceTemplate": "PRESENT REMOVED",
    "scheduledTransition": "PENDING DONE CANCELLED",
    "suggestion": "OPEN DISMISSED",
}


class Row(NamedTuple):
    """Step: the axis whose states matter, the object, who sees what it speaks of, who of them may, what comes of it, and an input.

    O owner, C the client's coach, D the coach of others, A assistant, B bookkeeper, N analyst, P the client in the portal. A step that
    makes its object has none.
    """

    axis: str
    object: str
    seen: str
    may: str
    letters: str
    given: str = ""


_ALL, _SHARED, _THEIRS = "OCDABNP", "OCDANP", "OCABNP"

STEPS: Final = {
    "clientUpdate": Row("client", "client", _THEIRS, "OCAP", "+++++", 'name: "New {n}"'),
    "clientAddTag": Row("client", "client", _THEIRS, "OC", "+++++", 'tag: "tag {n}"'),
    "clientRemoveTag": Row("client", "client", _THEIRS, "OC", "+++++", 'tag: "kept"'),
    "clientReactivationLink": Row("client", "client", _THEIRS, "OC", "---+-"),
    "conversationStart": Row("client", "", _THEIRS, "CP", "+++++", 'client: "{client}", subject: "Hello", body: "Text"'),
    "appointmentBook": Row("client", "", _THEIRS, "OCAP", "bb+bb", 'client: "{client}", type: "{type}", startsAt: "{far}"'),
    "serviceTemplateAdd": Row(
        "client", "", _THEIRS, "OCA", "b++i+", 'client: "{client}", type: "{type}", recurrence: "FREQ=WEEKLY", startsOn: "{day}"'
    ),
    "appointmentReschedule": Row("appointment", "ahead", "OCANP", "OCA", "+---n", 'startsAt: "{far}"'),
    "messageSend": Row("conversation", "", "OCAP", "CP", "++", 'conversation: "{conversation}", body: "Text"'),
    "invoicePay": Row("invoice", "invoice", "OCBP", "P", "-+=-"),
    "invoicePaymentLink": Row("invoice", "invoice", "OCBP", "OB", "-+--"),
    "enrollmentReportPayment": Row("enrollment", "enrollment", _THEIRS, "OB", "++-", "status: DECLINED"),
    "enrollmentReleaseModule": Row("enrollment", "enrollment", "OCANP", "OC", "++-", 'moduleVersion: "{moduleVersion}"'),
    "packageAdd": Row("package", "", _ALL, "OCD", "++", 'name: "Package {n}", billing: FREE'),
    "packageUpdate": Row("package", "package", _ALL, "OCD", "++", 'name: "Package {n}"'),
    "packageItemAdd": Row("package", "", _ALL, "OCD", "++", 'package: "{package}", appointmentType: "{type}"'),
    "packageItemRemove": Row("packageItem", "packageItem", "OCDAN", "OCD", "+="),
    "moduleAdd": Row("moduleVersion", "", _ALL, "OCD", "++", 'title: "Module {n}"'),
    "moduleVersionAdd": Row("moduleVersion", "", _SHARED, "OCD", "d+", 'module: "{module}"'),
    "moduleVersionUpdate": Row("moduleVersion", "moduleVersion", _SHARED, "OCD", "+-", 'body: "Text {n}"'),
    "documentAdd": Row("document", "", _ALL, "OCD", "++", 'title: "Document {n}"'),
    "documentRevise": Row("document", "sheet", _SHARED, "OCD", "+-", 'title: "Document {n}"'),
    "documentSetAudience": Row("document", "sheet", _SHARED, "OCD", "+-", "statuses: [ACTIVE]"),
    "pageAdd": Row("page", "", _ALL, "OCD", "++", 'title: "Page {n}"'),
    "pageUpdate": Row("page", "page", _SHARED, "OCD", "+-", 'title: "Page {n}"'),
    "pageSetAudience": Row("page", "page", _SHARED, "OCD", "+-", "statuses: [ACTIVE]"),
    "pageWithdraw": Row("page", "page", _SHARED, "OCD", "+="),
    "formAdd": Row("form", "", _ALL, "OCD", "++", 'title: "Form {n}", questions: ["Why?"]'),
    "formSetAudience": Row("form", "form", _SHARED, "OCD", "+-", "statuses: [ACTIVE]"),
    "formAnswer": Row("form", "", _SHARED, "P", "+n", 'form: "{form}", answers: ["So"]'),
    "productAdd": Row("product", "", _ALL, "OCD", "+", 'name: "Product {n}"'),
    "productUpdate": Row("product", "product", _ALL, "OCD", "+", 'name: "Product {n}"'),
    "productPurchase": Row("product", "", _ALL, "P", "+", 'product: "{product}"'),
    "appointmentTypeAdd": Row("product", "", _ALL, "OCD", "+", 'name: "Type {n}"'),
    "serviceTemplateRemove": Row("serviceTemplate", "template", "OCANP", "OCA", "+="),
    "scheduledTransitionCancel": Row("scheduledTransition", "schedule", "OCABN", "OC", "+-="),
    "suggestionDismiss": Row("suggestion", "suggestion", "OCABN", "OC", "+="),
}
#: Public doors, which have no preview and no caller that the gateway knows: tests/portal proves them.
DOORS: Final = frozenset({"appointmentBookSample", "clientInquire", "clientRegister"})

CALLERS: Final = {"OWNER": "O", "COACH": "C", "OTHER_COACH": "D", "ASSISTANT": "A", "ACCOUNTANT": "B", "ANALYST": "N", "CLIENT": "P"}
#: State in which the client in the portal does not see what is theirs, or shown to them; and steps of which it hides what they name.
GONE: Final = {
    "enrollment": "DELETED",
    "moduleVersion": "DRAFT",
    "document": "WITHDRAWN",
    "page": "WITHDRAWN",
    "form": "WITHDRAWN",
    "serviceTemplate": "REMOVED",
}
NAMING: Final = frozenset({"formAnswer", "moduleVersionAdd"})
#: Statuses whose clients have no login.
SIGNED_OUT: Final = frozenset({"PROSPECT", "INACTIVE"})


def verdict(step: str, state: str, who: str) -> str:
    """Code of the refusal; empty where the step is taken."""
    row, letter = STEPS[step], CALLERS[who]
    if letter == "P" and row.axis == "client" and state in SIGNED_OUT:
        return "UNAUTHENTICATED"
    hidden = letter == "P" and (row.object or step in NAMING) and GONE.get(row.axis) == state
    if letter not in row.seen or hidden or (row.axis == "appointment" and state == "REMOVED"):
        return "NOT_FOUND"
    return LETTERS[row.letters[STATES[row.axis].split().index(state)]] if letter in row.may else "FORBIDDEN"
