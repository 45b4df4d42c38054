"""The people of the demo data whom everybody knows by name, and how to sign in as them."""

from typing import NamedTuple

PASSWORD = "portico-demo"  # noqa: S105 - printed on the sign-in page of the demo


class DemoPerson(NamedTuple):
    """Person to sign in as."""

    username: str
    label: str
    hint: str


DEMO_PEOPLE: dict[str, DemoPerson] = {
    "owner": DemoPerson("owner", "Olivia Hart, owner", "Sees and may do everything in Hart Coaching."),
    "coach": DemoPerson("coach", "Marcus Reyes, coach", "Works with their own clients, and sees no others."),
    "assistant": DemoPerson("assistant", "Priya Nair, assistant", "Keeps contacts and bookings; reads no notes, messages or money."),
    "accountant": DemoPerson("accountant", "Tomasz Zieliński, accountant", "Keeps invoices and payments."),
    "analyst": DemoPerson("analyst", "Amara Diallo, analyst", "Reads numbers and statuses, and never an identity."),
    "active-client": DemoPerson(
        "active-client", "Maya Lindqvist, active client", "In the middle of a coaching package; also a client of Second Wind."
    ),
    "frozen-client": DemoPerson(
        "frozen-client", "Felix Brandt, frozen enrollment", "Keeps the content of the day of the freeze, and nothing newer."
    ),
    "hot-lead": DemoPerson("hot-lead", "Hana Novotná, hot lead", "Has a login to parts of the portal."),
    "buyer": DemoPerson("buyer", "Bruno Costa, buyer", "Bought a product, and reads it."),
    "inactive-client": DemoPerson("inactive-client", "Ingrid Solberg, inactive", "Former client: every sign-in is refused."),
}
