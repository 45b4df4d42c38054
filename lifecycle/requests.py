"""What clients in the portal, strangers at the public doors, and staff on their behalf may say."""

from dataclasses import dataclass
from datetime import datetime

from lifecycle.access import Resource
from lifecycle.inputs import LONGEST_TEXT, Input, Key, Plain, given
from lifecycle.vocabulary import Compensation, PaymentMethod

_NAME = "Name of the person; 1 to 200 characters."
_EMAIL = "E-mail address of the person."
_PHONE = "Phone number of the person, with its country code or as dialled in the workspace's country."


# -- sessions ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Input):
    type: Key = given("Kind of the session.", tag="type")
    starts_at: datetime = given("Start of the session, in the future.")
    client: Key | None = given("Client of the session; staff name them, clients book for themselves.", None, tag="client")
    coach: Key | None = given("Coach of the session; the client's own when left out.", None, tag="member", resource=Resource.APPOINTMENTS)
    planned_minutes: int | None = given(
        "Length of the session; as its kind has it when left out.", None, least=5, most=1440, resource=Resource.APPOINTMENTS
    )
    enrollment: Key | None = given("Enrollment that the session belongs to.", None, tag="enrollment")
    compensation: Compensation | None = given(
        "How the session is paid; pro bono for a sample session and paid otherwise when left out.", None, resource=Resource.APPOINTMENTS
    )
    mark_hot_lead: bool = given(
        "Does a prospect become a hot lead with the booking of this sample session?", False, applies="prospect", resource=Resource.STATUS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule(Input):
    starts_at: datetime = given("New start of the session, in the future.")
    planned_minutes: int | None = given("New length of the session; as before when left out.", None, least=5, most=1440)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSample(Input):
    name: str = given(_NAME, longest=200)
    email: str = given(_EMAIL, longest=320)
    phone: str | None = given(_PHONE, None, longest=50)
    type: Key = given("Kind of the session, which must be a sample session.", tag="type")
    starts_at: datetime = given("Start of the session, in the future.")
    coach: Key | None = given("Coach of the session; the owner of the workspace when left out.", None, tag="member")


# -- talk, answers, payments ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StartConversation(Input):
    subject: str = given("Subject of the conversation; 1 to 200 characters.", longest=200)
    body: str = given("Text of the first message.", longest=LONGEST_TEXT)
    client: Key | None = given("Client to write to; staff name them, clients write for themselves.", None, tag="client")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(Input):
    conversation: Key = given("Conversation that the message belongs to.", tag="conversation")
    body: str = given("Text of the message.", longest=LONGEST_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Input):
    form: Key = given("Form that is answered.", tag="form")
    answers: list[str] = given("Answers, one for each question, in the order of the questions.", longest=5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Input):
    method: PaymentMethod = given("How the invoice is paid.", PaymentMethod.CARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyProduct(Input):
    product: Key = given("Product to buy.", tag="product")


# -- the person ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateClient(Input):
    name: str | None = given("New name of the client; kept when left out.", None, longest=200)
    email: str | None = given("New e-mail address; kept when left out, removed when null.", None, longest=320)
    phone: str | None = given("New phone number; kept when left out, removed when null.", None, longest=50)
    address: str | None = given("New postal address; kept when left out, removed when null.", None, longest=500)
    notes: str | None = given(
        "New internal notes; kept when left out, removed when null.", None, longest=LONGEST_TEXT, resource=Resource.NOTES
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Input):
    tag: str = given("Tag, 1 to 50 characters.", longest=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquire(Input):
    name: str = given(_NAME, longest=200)
    email: str = given(_EMAIL, longest=320)
    phone: str | None = given(_PHONE, None, longest=50)
    message: str | None = given("What the person wants to say.", None, longest=5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Input):
    product: Key = given("Product to buy, which must be on sale.", tag="product")
    name: str = given(_NAME, longest=200)
    email: str = given(_EMAIL, longest=320)
    phone: str | None = given(_PHONE, None, longest=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeLink(Plain):
    """Input of a step that makes a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportData(Input):
    reason: str | None = given("Why the data is exported, which is audited; needed where the client is another coach's.", None)
