"""The access matrix as the requirements state it, written down a second time and by hand: nothing here is read from the code.

`PORTAL` and `STAFF` are the two tables of the requirements, cell by cell. `RULED` are rows that the tables do not have, as decided
for what they leave open. `FIELDS` says of every field of the graph which rows decide about it.
"""

from typing import Final, NamedTuple

STANDINGS: Final = (
    "PROSPECT",
    "HOT_LEAD without login",
    "HOT_LEAD",
    "ACTIVE",
    "BUYER",
    "INACTIVE NONE",
    "INACTIVE PURCHASED_CONTENT",
    "INACTIVE READ_ONLY",
    "INACTIVE PAY_ONLY",
)
ROLES: Final = ("OWNER", "COACH", "ASSISTANT", "ACCOUNTANT", "ANALYST")

PORTAL: Final = """
login / any token | - | - | R | R | R | - | R | R | signed link
own profile: name, e-mail, phone | - | - | R W | R W | R W | - | R | R | -
own status | - | - | - | R | R | - | R | R | -
internal notes, tags, score | - | - | - | - | - | - | - | - | -
private pages | - | - | A | A | - | - | - | A (as of t0) | -
forms: see / answer | - | - | A / A | A / A | - | - | - | A / - | -
documents | - | - | A | A O | - | - | - | A O (as of t0) | -
product content | - | - | O if purchased | O | O | - | O | O | -
package modules (ACTIVE) | - | - | O | O | O | - | as of t0 | as of t0 | -
package modules (DEACTIVATED) | - | - | as of frozenAt | as of frozenAt | as of frozenAt | - | as of frozenAt | as of frozenAt | -
package modules (DELETED) | - | - | - | - | - | - | - | - | -
own appointments | - (mail only) | - | R | R | R | - | - | R | -
conversation | - (mail only) | - | R W | R W | R W | - | - | R | -
invoices / pay | link only | link only | R W | R W | R W | - | - | R / - | R W
certification data | - | - | - | - | - | - | - | - | -
own data deleted: ask, see | - | - | R W | R W | R W | - | - | R W | -
"""

STAFF: Final = """
Client.name, email, phone | R W | R W | R W | R (billing) | - (number, k-anonymous aggregates)
Client.notes | R W | R W | - | - | -
Client.status, history | R W | R W | R, may propose | R | R (no identity)
messages, client documents | R (break-glass reason if not own client) | R W | subjects only | - | counts
modules, versions, audience | R W | R W | R | - | R
invoices, payments | R W | R | R | R W | sums
hour ledger, reports | R W own, R all | R W own | - | - | aggregates
sealed (retained) items | R (break-glass reason) | - | - | R | -
retention rules | R W | - | - | R W | -
"""

#: Rows the tables leave open. Staff: a role that reads no money and no identity reads none by another name either.
RULED: Final = """
everybody | R | R | R | R | R
tags | R W | R W | R | - | -
consents | R W | R W | R | - | -
team and settings | R W | R | R | R | R
answers to forms | R | R | - | - | -
enrollments, purchases | R W | R W | R | R | R
state of payment | R W | R | R | R W | R
appointments | R W | R W | R W | - | R
subjects and titles | R | R W | R | - | counts
timeline | R | R | R | R | counts
money of a client | R W | R | - | R W | sums
bulk jobs | R | R own | - | - | -
deletion of data | R W | R W, with a grant | - | - | -
legal holds | R W | R | - | - | -
nobody | - | - | - | - | -
"""


class Rule(NamedTuple):
    """Rows that decide about a field: of the portal's table, and of the staff's. "" is nobody in the portal."""

    portal: str
    staff: str


LOGIN, PROFILE, OWN_STATUS = "login / any token", "own profile: name, e-mail, phone", "own status"
MODULES, TALK, BILLS, MEETINGS = "package modules (DEACTIVATED)", "conversation", "invoices / pay", "own appointments"
AUTHORS = "modules, versions, audience"

RULES: Final = {
    "open": Rule(LOGIN, "everybody"),
    "identity": Rule(PROFILE, "Client.name, email, phone"),
    "contact": Rule(PROFILE, "Client.name, email, phone"),
    "status": Rule(OWN_STATUS, "Client.status, history"),
    "history": Rule("", "Client.status, history"),
    "notes": Rule("internal notes, tags, score", "Client.notes"),
    "tags": Rule("internal notes, tags, score", "tags"),
    "consents": Rule(LOGIN, "consents"),
    "team": Rule("", "team and settings"),
    "content": Rule(MODULES, AUTHORS),
    "authoring": Rule("", AUTHORS),
    "pages": Rule("private pages", AUTHORS),
    "forms": Rule("forms: see / answer", AUTHORS),
    "documents": Rule("documents", AUTHORS),
    "answers": Rule("forms: see / answer", "answers to forms"),
    "exchanged": Rule("documents O", "messages, client documents"),
    "titles": Rule("documents O", "subjects and titles"),
    "enrollments": Rule(LOGIN, "enrollments, purchases"),
    "payment state": Rule(BILLS, "state of payment"),
    "meetings": Rule(MEETINGS, "appointments"),
    "hours": Rule("certification data", "hour ledger, reports"),
    "subjects": Rule(TALK, "subjects and titles"),
    "messages": Rule(TALK, "messages, client documents"),
    "timeline": Rule(TALK, "timeline"),
    "money": Rule(BILLS, "money of a client"),
    "jobs": Rule("", "bulk jobs"),
    "erasure": Rule("own data deleted: ask, see", "deletion of data"),
    "holds": Rule("", "legal holds"),
    "sealed": Rule("", "sealed (retained) items"),
    "retention": Rule("", "retention rules"),
}


def _fields(**rules: str) -> dict[str, str]:
    return {name: rule.replace("_", " ") for rule, names in rules.items() for name in names.split()}


#: Type -> (rule of its rows, rule of each field that is not simply seen with the row).
FIELDS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "Account": ("open", {}),
    "Workspace": (
        "open",
        _fields(
            team="slug keepHoursOnErasure erasureGraceHours erasureByTwo undoWindowHours defaultAccessMode countingBasis"
            " messagingWhenFrozen statisticsThreshold erasureByOneUntil version",
            history="availableTransitions",
            retention="retention",
        ),
    ),
    "Member": ("open", _fields(team="email role grants timezone createdAt leftAt", history="availableTransitions")),
    "Client": (
        "open",
        _fields(
            identity="name",
            contact="email phone address customFields",
            status="status statusSince accessMode accessUntil hasLogin",
            history="origin contactKind reentry statusHistory history availableTransitions asOf scheduledTransitions suggestions",
            notes="notes",
            erasure="erasures",
            holds="legalHolds",
            tags="tags",
            consents="consents",
            enrollments="enrollments purchases",
            meetings="lastSessionAt nextAppointment appointments attendances serviceTemplates",
            subjects="conversations messages",
            titles="documents",
            money="estimates invoices payments",
            answers="formResponses",
            timeline="interactions",
        ),
    ),
    "CustomField": ("contact", {}),
    "ClientStatusChange": ("history", _fields(notes="reason")),
    "LifecycleEvent": ("history", _fields(notes="reason")),
    "Consent": ("consents", _fields(notes="evidence")),
    "Package": (
        "open",
        _fields(
            history="availableTransitions",
            authoring="drip onExpiry onDeclined declinedGraceDays onRecovered asOf",
            team="archivedAt version",
            content="items modules",
            enrollments="enrollments",
        ),
    ),
    "PackageItem": ("content", _fields(authoring="removedAt")),
    "Module": (
        "content",
        _fields(
            history="availableTransitions",
            authoring="title archivedAt withdrawnAt withdrawnReason createdAt version",
            content="currentVersion versions packages",
        ),
    ),
    "ModuleVersion": ("content", _fields(history="availableTransitions", content="title body documents", authoring="createdAt")),
    "Document": ("documents", _fields(history="availableTransitions", authoring="withdrawnAt withdrawnReason audience")),
    "DocumentRevision": ("documents", {}),
    "AudienceRule": ("authoring", {}),
    "Product": ("open", _fields(content="modules", enrollments="purchases")),
    "Purchase": ("enrollments", _fields(money="price")),
    "Enrollment": (
        "enrollments",
        _fields(
            payment_state="frozenReason deletedReason paymentStatus paidThrough declinedAt subscription",
            authoring="versionPolicy contentDiff",
            content="modules",
            history="history availableTransitions asOf scheduledTransitions suggestions",
        ),
    ),
    "ScheduledTransition": ("history", _fields(history="availableTransitions", payment_state="cause", notes="reason")),
    "Suggestion": ("history", _fields(history="availableTransitions", payment_state="reason")),
    "EnrollmentChange": ("history", _fields(notes="reason")),
    "Subscription": ("payment state", _fields(money="amount")),
    "Page": ("pages", _fields(history="availableTransitions", authoring="withdrawnAt audience")),
    "Form": ("forms", _fields(history="availableTransitions", authoring="withdrawnAt audience", answers="responses")),
    "FormResponse": ("answers", {}),
    "AppointmentType": ("open", {}),
    "ServiceTemplate": ("meetings", _fields(history="availableTransitions")),
    "Appointment": (
        "meetings",
        _fields(
            history="availableTransitions",
            status="clientInactive",
            hours="hours bookedStatus countingStatus countsOverride compensation coachingKind directReport",
            notes="overrideReason",
        ),
    ),
    "GroupEvent": ("meetings", _fields(hours="hours size coachingKind")),
    "Attendance": ("meetings", _fields(hours="bookedStatus countingStatus countsOverride compensation")),
    "Conversation": (
        "subjects",
        _fields(history="availableTransitions", subjects="subject clients messages", timeline="interactions", team="version"),
    ),
    "Message": ("subjects", _fields(messages="body")),
    "ClientDocument": ("titles", _fields(titles="title", exchanged="mediaType byteSize")),
    "Estimate": ("money", {}),
    "Invoice": ("money", _fields(history="availableTransitions")),
    "Payment": ("money", {}),
    "HourLedgerEntry": ("hours", _fields(notes="overrideReason")),
    "ReportRun": ("hours", _fields(history="availableTransitions")),
    "BulkJob": ("jobs", {}),
    "BulkJobItem": ("jobs", {}),
    "ErasureRequest": ("erasure", _fields(history="availableTransitions")),
    "ErasureCategory": ("erasure", {}),
    "ErasureReceipt": ("erasure", {}),
    "LegalHold": ("holds", _fields(history="availableTransitions")),
    "SealedItem": ("sealed", _fields(sealed="clientNumber category body reason sealedAt purgeAfter")),
    "RetentionRule": ("retention", _fields(history="availableTransitions")),
    "ClientAsOf": ("history", _fields(status="status statusSince accessMode", enrollments="enrollments")),
    "EnrollmentAsOf": ("history", _fields(content="modules")),
    "PackageAsOf": ("authoring", _fields(content="modules", enrollments="enrollments")),
    "ModuleVersionAsOf": ("authoring", _fields(content="title body documents")),
    "DocumentAsOf": ("authoring", {}),
}

#: Types whose rows are a coach's own: they keep no person, and outlive the client's data.
OF_A_COACH: Final = frozenset({"GroupEvent", "HourLedgerEntry", "ReportRun", "BulkJob", "BulkJobItem"})
#: Types whose rows belong to one client, and so are hidden with them.
OF_A_CLIENT: Final = frozenset(
    [
        "ScheduledTransition",
        "Suggestion",
        "ErasureRequest",
        "ErasureCategory",
        "ErasureReceipt",
        "LegalHold",
        "Client",
        "CustomField",
        "ClientStatusChange",
        "LifecycleEvent",
        "Consent",
        "Purchase",
        "Enrollment",
        "EnrollmentChange",
        "Subscription",
        "FormResponse",
        "ServiceTemplate",
        "Appointment",
        "Attendance",
        "Conversation",
        "Message",
        "ClientDocument",
        "Estimate",
        "Invoice",
        "Payment",
        "ClientAsOf",
        "EnrollmentAsOf",
    ]
)

_EVERYTHING: Final = frozenset(RULES)
#: What is left of a client to each role, by data state; empty hides them. The table: contact or history, the number, or nothing.
LEFT: Final[dict[str, dict[str, frozenset[str]]]] = {
    "PRESENT": dict.fromkeys(ROLES, _EVERYTHING),
    "HISTORY_DELETED": dict.fromkeys(("OWNER", "COACH", "ASSISTANT"), _EVERYTHING)
    | dict.fromkeys(("ACCOUNTANT", "ANALYST"), frozenset[str]()),
    "CONTACT_DELETED": dict.fromkeys(("OWNER", "COACH", "ASSISTANT"), _EVERYTHING - {"contact", "status", "notes", "tags"})
    | {"ACCOUNTANT": frozenset({"open", "identity", "money", "timeline"}), "ANALYST": frozenset[str]()},
    "ERASED": dict.fromkeys(("OWNER", "COACH"), frozenset({"open", "erasure"}))
    | dict.fromkeys(("ASSISTANT", "ACCOUNTANT", "ANALYST"), frozenset[str]()),
}


def _table(text: str) -> dict[str, list[str]]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {name.strip(): [cell.strip() for cell in cells] for name, *cells in rows}


_PORTAL, _STAFF = _table(PORTAL), _table(STAFF) | _table(RULED)


def _portal_reads(row: str, standing: str) -> bool:
    """A cell lets read with R, with A or O for what is admitted or owned, and as of an instant; a link is no login."""
    if not row:
        return False
    name, own, _ = row.partition(" O")
    cell = _PORTAL[name][STANDINGS.index(standing)]
    words = cell.partition("(as of")[0].split()
    return "O" in words if own else bool({"R", "A", "O"} & set(words)) or cell.startswith("as of")


def portal_denies(type_name: str, field: str, standing: str) -> str | None:
    """Code with which the portal withholds the field; "ROW" where the row itself is absent; None where it is readable."""
    row, fields = FIELDS[type_name]
    if not _portal_reads(RULES[row].portal, standing):
        return "ROW"
    return None if _portal_reads(RULES[fields.get(field, "open")].portal, standing) else "STATUS"


def _staff_reads(rule: str, role: str) -> str:
    cell = _STAFF[RULES[rule].staff][ROLES.index(role)]
    return "reason" if "break-glass" in cell else "yes" if cell.startswith("R") else "no"


def staff_denies(type_name: str, field: str, role: str, state: str, *, mine: bool, reason: bool) -> str | None:
    """The same for a member. `mine` tells whose client it is, `reason` whether one was given."""
    row, fields = FIELDS[type_name]
    personal = type_name in OF_A_CLIENT
    left = LEFT[state][role] if personal else _EVERYTHING
    if _staff_reads(row, role) == "no" or row not in left or (role == "COACH" and not mine and (personal or type_name in OF_A_COACH)):
        return "ROW"
    rule = fields.get(field, "open")
    reads = _staff_reads(rule, role)
    if reads == "no":
        return "ROLE"
    if rule not in left:
        return state
    mine = mine and type_name != "SealedItem"  # nobody's own any more
    return "REASON_REQUIRED" if reads == "reason" and not mine and not reason else None
