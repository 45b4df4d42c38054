"""What each step of authoring may be told: packages, modules, documents, pages, forms, products and services."""

import re
from dataclasses import dataclass, fields
from datetime import date

from lifecycle.inputs import LONGEST_TEXT, Input, Key, because, given
from lifecycle.payments import RecoveryAction
from lifecycle.vocabulary import Billing, ClientStatus, CoachingKind, ExpiryAction

LONGEST_BODY = 100_000
MOST_MONEY = 100_000_000_000
MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored(Input):
    """Input of authoring; a list is bounded like a text."""

    def wrong(self) -> tuple[str, str] | None:
        for about in fields(self):
            value = getattr(self, about.name)
            if isinstance(value, list):
                if len(value) > MOST_LINES:
                    return about.name, f"At most {MOST_LINES} are kept."
                if any(isinstance(item, str) and (not item.strip() or len(item) > 1000 or "\0" in item) for item in value):
                    return about.name, "Each is a text of 1 to 1,000 characters."
        return Input.wrong(self) or self.odd()

    def odd(self) -> tuple[str, str] | None:
        """Name of a field that makes no sense as it is, or beside the others, and the sentence that says so."""
        return None


_NO_TEXT = "A text is needed here."


def blank(name: str, value: str | None) -> tuple[str, str] | None:
    """A name that is changed is changed to one."""
    return (name, _NO_TEXT) if value is not None and not value.strip() else None


def no_currency(code: str) -> tuple[str, str] | None:
    return None if re.fullmatch("[A-Z]{3}", code.upper()) else ("currency", "A currency is three letters, such as USD.")


# -- packages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPackage(Authored):
    name: str = given("Name of the package; 1 to 200 characters.", longest=200)
    summary: str | None = given("Summary of the package.", None, longest=LONGEST_TEXT)
    billing: Billing = given("How the package is paid.")
    price_minor: int = given("Price of the package in the smallest unit of the currency.", 0, least=0, most=MOST_MONEY)
    currency: str = given("Currency of the price, as ISO 4217 has it.", "USD", longest=3)
    duration_days: int | None = given("Days after which an enrollment expires; open when left out.", None, least=1, most=36_500)
    coaching: bool = given("Is the package for coaching, and not only for reading?", True)
    drip: bool = given("Are the modules released to each client one by one?", False)
    on_expiry: ExpiryAction = given("What happens by itself when an enrollment expires.", ExpiryAction.NONE)
    on_declined: ExpiryAction = given("What happens by itself when a payment is declined or cancelled.", ExpiryAction.NONE)
    declined_grace_days: int = given("Days between a declined payment and what happens by itself.", 7, least=0, most=366)
    on_recovered: RecoveryAction = given(
        "What happens by itself when the payment recovers of an enrollment that was frozen by itself.", RecoveryAction.NONE
    )

    def odd(self) -> tuple[str, str] | None:
        return no_currency(self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePackage(Authored):
    name: str | None = given("Name of the package.", None, longest=200)
    summary: str | None = given("Summary of the package; an empty text takes it away.", None, longest=LONGEST_TEXT)
    price_minor: int | None = given("Price for whoever enrolls from now on.", None, least=0, most=MOST_MONEY)
    duration_days: int | None = given(
        "Days after which an enrollment expires, for whoever enrolls from now on; 0 leaves it open.", None, least=0, most=36_500
    )
    drip: bool | None = given("Are the modules released to each client one by one?", None)
    on_expiry: ExpiryAction | None = given("What happens by itself when an enrollment expires.", None)
    on_declined: ExpiryAction | None = given("What happens by itself when a payment is declined or cancelled.", None)
    declined_grace_days: int | None = given("Days between a declined payment and what happens by itself.", None, least=0, most=366)
    on_recovered: RecoveryAction | None = given(
        "What happens by itself when the payment recovers of an enrollment that was frozen by itself.", None
    )
    reason: str | None = because("of the change")

    def odd(self) -> tuple[str, str] | None:
        return blank("name", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem(Authored):
    package: Key = given("Package that gets the item.", tag="package")
    module: Key | None = given("Module of the item; or give `appointmentType`.", None, tag="module")
    appointment_type: Key | None = given("Type of the sessions of the item; or give `module`.", None, tag="type")
    quantity: int = given("Number of sessions.", 1, least=1, most=1000)
    position: int | None = given("Place of the item in the package; the last when left out.", None, least=0, most=100_000)

    def odd(self) -> tuple[str, str] | None:
        alone = (self.module is None) != (self.appointment_type is None)
        return None if alone else ("module", "Give either `module` or `appointmentType`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddProduct(Authored):
    name: str = given("Name of the product; 1 to 200 characters.", longest=200)
    summary: str | None = given("Summary of the product.", None, longest=LONGEST_TEXT)
    price_minor: int = given("Price of the product in the smallest unit of the currency.", 0, least=0, most=MOST_MONEY)
    currency: str = given("Currency of the price, as ISO 4217 has it.", "USD", longest=3)
    on_sale: bool = given("Is the product on sale?", True)
    modules: list[Key] | None = given("Modules of the product, in their order.", None, tag="module")

    def odd(self) -> tuple[str, str] | None:
        return no_currency(self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProduct(Authored):
    name: str | None = given("Name of the product.", None, longest=200)
    summary: str | None = given("Summary of the product; an empty text takes it away.", None, longest=LONGEST_TEXT)
    price_minor: int | None = given("Price for whoever buys from now on.", None, least=0, most=MOST_MONEY)
    on_sale: bool | None = given("Is the product on sale?", None)
    modules: list[Key] | None = given("Modules that are added to the product, behind those it has.", None, tag="module")
    reason: str | None = because("of the change")

    def odd(self) -> tuple[str, str] | None:
        return blank("name", self.name)


# -- modules -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModule(Authored):
    title: str = given("Working title of the module, which staff read; its versions have titles for clients.", longest=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVersion(Authored):
    module: Key = given("Module that gets a draft.", tag="module")
    title: str | None = given("Title for clients; of the version before, or the module's, when left out.", None)
    body: str = given("Text of the version, as Markdown.", "", longest=LONGEST_BODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateVersion(Authored):
    title: str | None = given("Title for clients.", None)
    body: str | None = given("Text of the version, as Markdown.", None, longest=LONGEST_BODY)
    reason: str | None = because("of the change")

    def odd(self) -> tuple[str, str] | None:
        return blank("title", self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseModule(Authored):
    module_version: Key = given("Published version of a module of the package.", tag="moduleversion")
    reason: str | None = because("of the release")


# -- documents, pages, forms ---------------------------------------------------------------------------------------------

#: Why a document gets no audience of its own.
HELD = "Only a document that stands alone has an audience: this one is seen with what holds it."
_STATUSES = "Statuses of clients who may see it."
_CLIENTS = "Clients who may see it."
_PACKAGES = "Packages whose clients may see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAudience(Authored):
    statuses: list[ClientStatus] | None = given(_STATUSES, None)
    clients: list[Key] | None = given(_CLIENTS, None, tag="client")
    packages: list[Key] | None = given(_PACKAGES, None, tag="package")
    reason: str | None = because("of the change")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDocument(Authored):
    title: str = given("Title of the document.")
    media_type: str = given("Media type of the document.", "application/pdf", longest=100)
    byte_size: int = given("Size of the document in bytes.", 0, least=0, most=2_000_000_000)
    storage_key: str = given("Name under which the bytes are stored; staff keep it, nobody reads it here.", "", longest=500)
    module_version: Key | None = given("Module version that holds the document, published or not.", None, tag="moduleversion")
    page: Key | None = given("Page that holds the document.", None, tag="page")
    statuses: list[ClientStatus] | None = given(f"{_STATUSES} Only for a document that stands alone.", None)
    clients: list[Key] | None = given(f"{_CLIENTS} Only for a document that stands alone.", None, tag="client")
    packages: list[Key] | None = given(f"{_PACKAGES} Only for a document that stands alone.", None, tag="package")

    def odd(self) -> tuple[str, str] | None:
        if self.module_version is not None and self.page is not None:
            return "page", "A document is in a module version or on a page, not both."
        held = self.module_version is not None or self.page is not None
        return ("statuses", HELD) if held and (self.statuses or self.clients or self.packages) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDocument(Authored):
    title: str | None = given("Title of the document from this revision on; as before when left out.", None)
    media_type: str | None = given("Media type of the revision; as before when left out.", None, longest=100)
    byte_size: int = given("Size of the revision in bytes.", 0, least=0, most=2_000_000_000)
    storage_key: str = given("Name under which the bytes are stored; staff keep it, nobody reads it here.", "", longest=500)
    reason: str | None = because("of the revision")

    def odd(self) -> tuple[str, str] | None:
        return blank("title", self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPage(Authored):
    title: str = given("Title of the page.")
    body: str = given("Text of the page, as Markdown.", "", longest=LONGEST_BODY)
    published: bool = given("Is the page published at once, and not a draft?", True)
    statuses: list[ClientStatus] | None = given(_STATUSES, None)
    clients: list[Key] | None = given(_CLIENTS, None, tag="client")
    packages: list[Key] | None = given(_PACKAGES, None, tag="package")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePage(Authored):
    title: str | None = given("Title of the page.", None)
    body: str | None = given("Text of the page, as Markdown.", None, longest=LONGEST_BODY)
    published: bool | None = given("Is a draft published now? A published page stays so.", None)
    reason: str | None = because("of the change")

    def odd(self) -> tuple[str, str] | None:
        return blank("title", self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddForm(Authored):
    title: str = given("Title of the form.")
    questions: list[str] = given("Questions of the form, in their order; 1 to 100.")
    published: bool = given("Is the form published at once, and not a draft?", True)
    statuses: list[ClientStatus] | None = given("Statuses of clients who may see and answer it.", None)
    clients: list[Key] | None = given("Clients who may see and answer it.", None, tag="client")
    packages: list[Key] | None = given("Packages whose clients may see and answer it.", None, tag="package")

    def odd(self) -> tuple[str, str] | None:
        return None if self.questions else ("questions", "A form has a question.")


# -- services ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddType(Authored):
    name: str = given("Name of the type; 1 to 200 characters.", longest=200)
    sample: bool = given("Is it a sample session, which a prospect may book?", False)
    coaching: bool = given("Is it coaching, and may count for certification?", True)
    coaching_kind: CoachingKind = given("Kind of coaching, in the terms of certification.", CoachingKind.INDIVIDUAL)
    planned_minutes: int = given("Planned minutes of a session.", 60, least=1, most=1440)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTemplate(Authored):
    client: Key = given("Client of the service.", tag="client")
    type: Key = given("Type of the appointments.", tag="type")
    coach: Key | None = given("Coach of the service; the client's when left out.", None, tag="member")
    recurrence: str = given(
        "Recurrence of the service, as an RFC 5545 rule with FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, BYMONTHDAY, COUNT, UNTIL.",
        longest=200,
    )
    starts_on: date = given("First day of the service.")
    start_time: str = given("Time of day of the appointments, as HH:MM in the workspace's time zone.", "09:00", longest=5)
    ends_on: date | None = given("Last day of the service; open when left out.", None)

    def odd(self) -> tuple[str, str] | None:
        late = self.ends_on is not None and self.ends_on < self.starts_on
        return ("ends_on", "The last day comes after the first.") if late else None
