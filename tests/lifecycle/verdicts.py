"""What becomes of every step from every state for every caller, written by hand beside the table of transitions."""

from typing import Final

from tests.lifecycle import verdicts_beside

#: One letter for each state of the axis, in the order of STATES.
LETTERS: Final = {
    "+": "",
    "=": "ALREADY_IN_STATE",
    "-": "INVALID_TRANSITION",
    "!": "IRREVERSIBLE",
    "?": "NOT_FOUND",
    "i": "CLIENT_INACTIVE",
}

STATES: Final = {
    "client": "PROSPECT HOT_LEAD ACTIVE INACTIVE BUYER",
    "enrollment": "ACTIVE DEACTIVATED DELETED",
    "appointment": "BOOKED COMPLETED CANCELLED NO_SHOW REMOVED",
    "conversation": "OPEN CLOSED",
    "package": "OFFERED ARCHIVED",
    "module": "PRESENT ARCHIVED WITHDRAWN",
    "moduleVersion": "DRAFT PUBLISHED",
    "document": "PRESENT WITHDRAWN",
    "invoice": "DRAFT OPEN PAID VOID",
}

#: Step: its axis, who may take it, what becomes of it from each state, and an input that does.
#: O owner, C the client's coach, A assistant, B bookkeeper (accountant); c, in small, takes the grant REACTIVATE.
STEPS: Final = {
    "clientMarkHotLead": ("client", "OC", "+=--+", ""),
    "clientAssignCredentials": ("client", "OC", "-++--", 'username: "new.{n}"'),
    "clientReturnToProspect": ("client", "OC", "=+---", ""),
    "clientActivate": ("client", "OC", "++=-+", ""),
    "clientMakeInactive": ("client", "OC", "-++=+", ""),
    "clientReactivate": ("client", "Oc", "---+-", ""),
    "clientSetAccessMode": ("client", "OC", "---+-", "accessMode: READ_ONLY"),
    "clientCorrectStatus": ("client", "O", "+++++", 'to: {other}, reason: "Typed wrongly"'),
    "enrollmentDeactivate": ("enrollment", "OC", "+=-", "reason: COACH_DECISION"),
    "enrollmentReactivate": ("enrollment", "OC", "=+!", ""),
    "enrollmentDelete": ("enrollment", "OC", "++=", "reason: COACH_DECISION"),
    "appointmentComplete": ("appointment", "OCA", "+=--?", ""),
    "appointmentCancel": ("appointment", "OCA", "+-=-?", ""),
    "appointmentMarkNoShow": ("appointment", "OCA", "+--=?", ""),
    "appointmentReclassify": ("appointment", "OC", "++--?", 'counts: true, reason: "Forgotten"'),
    "conversationClose": ("conversation", "OC", "+=", ""),
    "conversationReopen": ("conversation", "OC", "=+", ""),
    "packageArchive": ("package", "OC", "+=", ""),
    "packageRestore": ("package", "OC", "=+", ""),
    "moduleArchive": ("module", "OC", "+=-", ""),
    "moduleRestore": ("module", "OC", "=+!", ""),
    "moduleWithdraw": ("module", "OC", "++=", 'reason: "An error"'),
    "moduleVersionPublish": ("moduleVersion", "OC", "+=", ""),
    "documentWithdraw": ("document", "OC", "+=", 'reason: "An error"'),
    "invoiceIssue": ("invoice", "OB", "+=--", ""),
    "invoiceRecordPayment": ("invoice", "OB", "-+=-", "method: CASH"),
    "invoiceVoid": ("invoice", "OB", "++-=", ""),
}
#: Steps that make their object: who may, and what becomes of them by the status of the client they are for.
MAKERS: Final = {
    "clientAdd": ("OCA", "+++++", 'name: "New {n}", email: "new.{n}@example.org"'),
    "enrollmentCreate": ("OC", "+++i+", 'client: "{client}", package: "{joined}"'),
}
#: Steps that have a table of their own, and those that tests/portal, tests/erasure, tests/exports and tests/certification prove.
ELSEWHERE: Final = (
    frozenset(verdicts_beside.STEPS)
    | verdicts_beside.DOORS
    | {"clientDeleteContact", "clientDeleteHistory", "clientErase", "clientErasureLink", "clientExport", "conversationDelete"}
    | {"erasureCancel", "erasureRequest", "erasureSchedule", "erasureVerify", "holdPlace", "holdRelease"}
    | {"hoursRecord", "reportSeal", "reportVoid", "memberSetTimezone", "retentionRuleSet", "retentionRuleRemove"}
    | {"workspaceUpdate", "workspaceProposeErasureByOne"}
)
#: Axes whose objects are written once: nothing leads out of their one state.
ONCE: Final = frozenset({"message", "response", "purchase"})
#: Steps that take the token of their preview.
PERMANENT: Final = frozenset({"enrollmentDelete", "moduleWithdraw", "moduleVersionPublish", "documentWithdraw", "invoiceVoid"})
#: Steps that can be undone.
UNDOABLE: Final = frozenset(STEPS) - PERMANENT - {"clientAssignCredentials", "invoiceIssue", "invoiceRecordPayment"}

#: Staff who see the objects of an axis: O, C, A, B as above, N the analyst. What is shared is seen by other coaches too.
SEEN: Final = {
    "client": "OCABN",
    "enrollment": "OCABN",
    "appointment": "OCAN",
    "conversation": "OCA",
    "package": "OCABND",
    "module": "OCAND",
    "moduleVersion": "OCAND",
    "document": "OCAND",
    "invoice": "OCB",
}
#: Every member: letter, and whether their grants are looked at. D is the coach of other clients.
MEMBERS: Final = {"OWNER": "O", "COACH": "C", "OTHER_COACH": "D", "ASSISTANT": "A", "ACCOUNTANT": "B", "ANALYST": "N"}
#: Axes whose objects belong to the workspace: every coach writes them.
SHARED: Final = frozenset({"package", "module", "moduleVersion", "document"})

#: The client themself, signed in, by status: the axes whose object of theirs they see. Of others they see nothing.
PORTAL: Final = {
    "PROSPECT": None,
    "HOT_LEAD": "client enrollment appointment conversation invoice",
    "ACTIVE": "client enrollment appointment conversation invoice",
    "BUYER": "client enrollment appointment conversation invoice",
    "INACTIVE": None,
}


def may(step: str, member: str, *, granted: bool) -> bool:
    """Whether the member may take the step with what they see."""
    axis, who = (STEPS[step][0], STEPS[step][1]) if step in STEPS else ("", MAKERS[step][0])
    letter = MEMBERS[member]
    if letter == "D" and (axis in SHARED or step == "clientAdd"):
        letter = "C"
    return letter in who or (granted and letter.lower() in who)


def sees(axis: str, member: str) -> bool:
    return MEMBERS[member] in SEEN[axis]


def staff_verdict(step: str, state: str, member: str, *, granted: bool) -> str:
    """Code of the refusal; empty where the step is taken."""
    axis, _, letters, _ = STEPS[step]
    letter = letters[STATES[axis].split().index(state)]
    if letter == "?" or not sees(axis, member):
        return "NOT_FOUND"
    return LETTERS[letter] if may(step, member, granted=granted) else "FORBIDDEN"


def maker_verdict(step: str, status: str, member: str, *, granted: bool) -> str:
    if step == "enrollmentCreate" and member == "OTHER_COACH":
        return "NOT_FOUND"
    letter = MAKERS[step][1][STATES["client"].split().index(status)]
    return LETTERS[letter] if may(step, member, granted=granted) else "FORBIDDEN"
