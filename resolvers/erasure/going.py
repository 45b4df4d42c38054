"""Which rows go, part by part, in an order that no foreign key minds; and which words are taken out of rows that stay."""

from dataclasses import dataclass
from typing import Final

from lifecycle.vocabulary import DataCategory as C
from lifecycle.vocabulary import DataPart, DataState

_THEIRS: Final = "x.client_id = :client"
_ENROLLED: Final = "x.enrollment_id IN (SELECT e.id FROM enrollment e WHERE e.workspace_id = :workspace AND e.client_id = :client)"
#: Conversations in which nobody else takes part.
ALONE: Final = (
    "SELECT p.conversation_id FROM participant p WHERE p.workspace_id = :workspace AND p.client_id = {client}"
    " AND NOT EXISTS (SELECT 1 FROM participant o WHERE o.workspace_id = p.workspace_id AND o.conversation_id = p.conversation_id"
    " AND o.client_id <> p.client_id)"
)
_ALONE: Final = ALONE.format(client=":client")


@dataclass(frozen=True, slots=True)
class Going:
    """Rows `x` of a table that go, where something `leaves` first what must outlive them. Of rows that stay, `blanks` names the column
    that is emptied."""

    category: C
    table: str
    theirs: str = _THEIRS
    blanks: str = ""
    leaves: bool = False

    @property
    def found(self) -> str:
        """Condition on the rows that are still to be done."""
        whose = f"x.workspace_id = :workspace AND {self.theirs}"
        return f"{whose} AND x.{self.blanks} IS NOT NULL" if self.blanks else whose


HISTORY: Final = (
    Going(C.MESSAGES, "message"),
    Going(C.MESSAGES, "message", f"x.conversation_id IN ({_ALONE}) AND (x.client_id IS NULL OR x.client_id <> :client)"),
    Going(C.CONVERSATIONS, "conversation", f"x.id IN ({_ALONE})", leaves=True),
    Going(C.CONVERSATIONS, "participant", f"{_THEIRS} AND x.conversation_id NOT IN ({_ALONE})"),
    Going(C.CONVERSATIONS, "outbound_message"),
    Going(C.DOCUMENTS, "client_document"),
    Going(C.DOCUMENTS, "form_response"),
    Going(C.PAYMENTS, "payment", leaves=True),
    Going(C.INVOICES, "invoice", leaves=True),
    Going(C.ESTIMATES, "estimate"),
    Going(C.APPOINTMENTS, "appointment", leaves=True),
    Going(C.GROUP_EVENTS, "attendance", leaves=True),
    Going(C.APPOINTMENTS, "service_template"),
    Going(C.RECORDS, "batch", "x.subject_id = :client"),
)
CONTENT: Final = (
    Going(C.CONTENT, "release", _ENROLLED),
    Going(C.CONTENT, "enrollment_gap", _ENROLLED),
    Going(C.CONTENT, "enrollment_change", _ENROLLED),
    Going(C.CONTENT, "subscription", _ENROLLED),
    Going(C.RECORDS, "batch", _ENROLLED.replace("x.enrollment_id", "x.subject_id")),
    Going(C.CONTENT, "enrollment"),
    Going(C.CONTENT, "purchase"),
    Going(C.RECORDS, "client_status_change"),
    Going(C.RECORDS, "legal_hold"),
)
CONTACT: Final = (
    Going(C.CONTACT, "client_tag"),
    Going(C.CONTACT, "client_field"),
    Going(C.CONTACT, "client_search_term"),
    Going(C.CONTACT, "consent"),
    Going(C.CONTACT, "audience"),
    Going(C.CONVERSATIONS, "outbound_message"),
    Going(C.RECORDS, "suggestion", "(x.client_id = :client OR x.subject_id = :client)"),
    Going(C.RECORDS, "scheduled_transition", "(x.client_id = :client OR x.subject_id = :client)"),
    Going(C.RECORDS, "batch", "x.subject_id = :client"),
    Going(
        C.LOGIN,
        "refresh_token",
        "x.session_id IN (SELECT s.id FROM login_session s WHERE s.workspace_id = :workspace AND s.client_id = :client)",
    ),
    Going(C.LOGIN, "login_session"),
    Going(C.LOGIN, "one_time_link"),
    Going(C.LOGIN, "export_file", "x.subject_id = :client"),
    Going(C.RECORDS, "client_status_change", blanks="reason"),
    Going(C.RECORDS, "enrollment_change", _ENROLLED, "reason"),
    Going(C.RECORDS, "audit_event", blanks="reason"),
    Going(C.RECORDS, "appointment", blanks="override_reason"),
    Going(C.RECORDS, "attendance", blanks="override_reason"),
    Going(C.RECORDS, "hour_ledger_entry", "x.client_number = :number", "override_reason"),
)


def going(parts: frozenset[DataPart], after: DataState) -> tuple[Going, ...]:
    """What goes with these parts; with the last of them, all that is left."""
    last = after is DataState.ERASED
    chosen = [*(HISTORY if last or DataPart.HISTORY in parts else ()), *(CONTENT if last else ())]
    gone = {(one.table, one.theirs) for one in chosen}
    chosen += [one for one in CONTACT if (last or DataPart.CONTACT in parts) and (one.table, one.theirs) not in gone]
    return tuple(chosen)


#: Tables whose rows are the history: after the contact alone is deleted, the person may still be named in them.
OF_HISTORY: Final = frozenset(one.table for one in HISTORY) - {"outbound_message", "batch"}
#: Those of them whose rows are interactions with one client.
INTERACTIONS: Final = tuple(sorted(OF_HISTORY - {"conversation", "participant", "service_template"}))
