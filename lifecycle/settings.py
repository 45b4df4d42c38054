"""What the steps with the settings of a workspace may be told."""

import re
from dataclasses import dataclass
from typing import Final

from lifecycle.authored import blank, no_currency
from lifecycle.erasure import ANSWER_DAYS
from lifecycle.inputs import Input, because, given
from lifecycle.members import no_zone
from lifecycle.retention import KEPT, MOST_YEARS
from lifecycle.vocabulary import AccessMode, CountingBasis, DataCategory

#: Where the person must have their answer, a time of grace is over.
MOST_GRACE: Final = ANSWER_DAYS * 24
MOST_UNDO: Final = 30 * 24
#: What a proposal that one member may delete again is good for.
PROPOSAL_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule(Input):
    category: DataCategory = given("Category of the records: INVOICES or PAYMENTS.")
    years: int = given(
        "Years that the records are kept, from the end of the year they belong to, 0 to 30. With 0, nothing is kept.",
        least=0,
        most=MOST_YEARS,
    )
    reason: str = given("Why the records are kept, such as the section of a law; it stands at every record. Nothing about a person.")
    source: str | None = given("Where that can be read, such as an address.", None)

    def wrong(self) -> tuple[str, str] | None:
        if self.category not in KEPT:
            return "category", f"Rules are about {' or '.join(KEPT)}."
        return Input.wrong(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWorkspace(Input):
    name: str | None = given("Name of the workspace; 1 to 200 characters.", None, longest=200)
    country: str | None = given(
        "Country of the workspace, as ISO 3166 has it: phone numbers are read as dialled there, and its law says what is kept of clients "
        "who are deleted from then on.",
        None,
        longest=2,
    )
    timezone: str | None = given("Time zone of the workspace as the IANA database has it, such as `Europe/Berlin`.", None)
    currency: str | None = given("Currency of the workspace, as ISO 4217 has it; prices that are set stay as they are.", None, longest=3)
    keep_hours_on_erasure: bool | None = given("Do the hours of an erased client stay as lines without a name?", None)
    erasure_grace_hours: int | None = given(
        f"Hours in which an erasure may be cancelled that is scheduled from then on, 0 to {MOST_GRACE}.", None, least=0, most=MOST_GRACE
    )
    erasure_by_two: bool | None = given(
        "Is a client's data deleted only where one member asks for it and another schedules it? It is switched off by two as well: one "
        "proposes it with `workspaceProposeErasureByOne`, and an owner who is another member does it.",
        None,
    )
    undo_window_hours: int | None = given(
        f"Hours in which a transition may be undone that is taken from then on, 0 to {MOST_UNDO}.", None, least=0, most=MOST_UNDO
    )
    default_access_mode: AccessMode | None = given("Access mode of a client who becomes inactive from then on.", None)
    counting_basis: CountingBasis | None = given("Status that decides whether a session counts for certification.", None)
    messaging_when_frozen: bool | None = given("May a client whose enrollment is frozen still write messages?", None)
    statistics_threshold: int | None = given(
        "Fewest clients that statistics tell those of who read no names, 3 to 100.", None, least=3, most=100
    )
    reason: str | None = because("of the change")

    def wrong(self) -> tuple[str, str] | None:
        return Input.wrong(self) or self._odd()

    def _odd(self) -> tuple[str, str] | None:
        """Name of a text that is none of its kind, and the sentence that says so."""
        if self.country is not None and not re.fullmatch("[A-Za-z]{2}", self.country):
            return "country", "A country is two letters, such as DE."
        if self.currency is not None and (odd := no_currency(self.currency)):
            return odd
        if self.timezone is not None and (odd := no_zone(self.timezone)):
            return odd
        return blank("name", self.name)
