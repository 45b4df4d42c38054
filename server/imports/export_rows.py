"""Rows that an export is restored to, under new ids. What a file cannot say honestly about another workspace is not among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import SQLModel
from uuid_utils.compat import uuid7

from lifecycle.vocabulary import (
    AppointmentState,
    ClientStatus,
    ConsentPurpose,
    ConversationState,
    EstimateState,
    InvoiceState,
    MessageDirection,
    PaymentMethod,
    PaymentState,
)
from storage.tables.appointments import Appointment
from storage.tables.billing import Estimate, Invoice, Payment
from storage.tables.clients import ClientField, Consent
from storage.tables.content import FormResponse
from storage.tables.conversations import ClientDocument, Conversation, Message, Participant

Item = Mapping[str, Any]
#: What is left behind, in the words of the command.
NOT_RESTORED: Final = (
    "the status and its history, the login, packages, purchases, sessions ahead, group events, recurring services, scheduled steps, "
    "who wrote for the business, and what counts for certification"
)


@dataclass
class Restoring:
    """A file on its way to rows of one client. `at` is the place in the file that is being read, for the message about a bad one."""

    file: Item
    workspace: UUID
    client: UUID
    coach: UUID
    types: Mapping[str, UUID]
    forms: Mapping[str, UUID]
    invoice_number: int = 0
    estimate_number: int = 0
    at: str = ""
    _invoices: dict[str, UUID] = field(default_factory=dict)

    def rows(self) -> Iterator[SQLModel]:
        """Rows in an order in which the database takes them."""
        for one in self._each("customFields"):
            yield ClientField(name=one["name"], value=one["value"], **self._mine)
        for one in self._each("consents"):
            times: Any = {"given_at": _instant(one["givenAt"]), "withdrawn_at": _instant(one["withdrawnAt"])}
            yield Consent(purpose=ConsentPurpose[one["purpose"]], evidence=one.get("evidence"), **times, **self._mine)
        yield from self._sessions()
        yield from self._talk()
        for one in self._each("documents"):
            size: Any = {"media_type": one.get("mediaType") or "application/octet-stream", "byte_size": one.get("byteSize") or 0}
            yield ClientDocument(title=one.get("title") or "", shared_at=_instant(one["sharedAt"]), **size, **self._mine)
        for one in self._each("formResponses"):
            said = orjson.dumps([str(answer) for answer in one["answers"]]).decode()
            if one["form"] is not None:
                yield FormResponse(
                    form_id=self.forms[one["form"]["title"]], answers=said, answered_at=_instant(one["answeredAt"]), **self._mine
                )
        yield from self._bills()

    def _sessions(self) -> Iterator[SQLModel]:
        """Sessions that are over. Whoever imports them did not hold them: they are stamped so that they count for nobody."""
        stamps: Any = {"booked_status": ClientStatus.PROSPECT, "counting_status": ClientStatus.PROSPECT}
        for one in self._each("appointments"):
            state = AppointmentState[one["state"]]
            if state in PAST and one["type"] is not None:
                times: Any = {"starts_at": _instant(one["startsAt"]), "booked_at": _instant(one["bookedAt"])}
                minutes: Any = {"planned_minutes": int(one["plannedMinutes"]), "actual_minutes": one["actualMinutes"]}
                who: Any = {"coach_id": self.coach, "type_id": self.types[one["type"]["name"]]}
                yield Appointment(state=state, **times, **minutes, **who, **stamps, **self._mine)

    def _talk(self) -> Iterator[SQLModel]:
        owned: Any = {"workspace_id": self.workspace}
        for one in self._each("conversations"):
            state, opened, last = ConversationState[one["state"]], _instant(one["openedAt"]), _instant(one["lastMessageAt"])
            talk = Conversation(id=uuid7(), subject=one.get("subject") or "", state=state, opened_at=opened, last_message_at=last, **owned)
            yield talk
            yield Participant(conversation_id=talk.id, joined_at=opened, **self._mine)
            for message in one["messages"]:
                said: Any = {"direction": MessageDirection[message["direction"]], "body": message.get("body") or ""}
                yield Message(conversation_id=talk.id, sent_at=_instant(message["sentAt"]), **said, **self._mine)

    def _bills(self) -> Iterator[SQLModel]:
        for one in self._each("estimates"):
            self.estimate_number += 1
            about: Any = {"number": self.estimate_number, "title": one["title"], "issued_at": _instant(one["issuedAt"]), **_money(one)}
            yield Estimate(state=EstimateState[one["state"]], **about, **self._mine)
        for one in self._each("invoices"):
            self.invoice_number += 1
            key = self._invoices[one["id"]] = uuid7()
            about = {"number": self.invoice_number, "title": one["title"], "snapshot_name": one["snapshotName"], **_money(one)}
            times: Any = {
                name: _instant(one[said]) for name, said in (("issued_at", "issuedAt"), ("due_at", "dueAt"), ("paid_at", "paidAt"))
            }
            yield Invoice(id=key, state=InvoiceState[one["state"]], snapshot_address=one["snapshotAddress"], **about, **times, **self._mine)
        for one in self._each("payments"):
            about = {"method": PaymentMethod[one["method"]], "paid_at": _instant(one["paidAt"]), **_money(one)}
            invoice = self._invoices.get(one["invoice"]["id"]) if one["invoice"] else None
            yield Payment(invoice_id=invoice, state=PaymentState[one["state"]], **about, **self._mine)

    def _each(self, section: str) -> Iterator[Item]:
        """Items of a section, the last first: most are listed newest first, and get their new numbers in the order of time."""
        items = self.file[section]
        for number in reversed(range(len(items))):
            self.at = f"{section}[{number}]"
            yield items[number]

    @property
    def _mine(self) -> dict[str, Any]:
        return {"workspace_id": self.workspace, "client_id": self.client}


#: States of sessions that are over.
PAST: Final = frozenset({AppointmentState.COMPLETED, AppointmentState.CANCELLED, AppointmentState.NO_SHOW})


def _instant(text: Any) -> Any:
    return None if text is None else datetime.fromisoformat(text)


def _money(one: Item) -> dict[str, Any]:
    return {"amount_minor": int(one["amount"]["amountMinor"]), "currency": one["amount"]["currency"]}
