"""Deletion of a client's data: what is left after each part, and how long the law keeps a record all the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lifecycle.vocabulary import DataCategory, DataPart, DataState

#: Parts that each state has lost.
LOST: Final[dict[DataState, frozenset[DataPart]]] = {
    DataState.PRESENT: frozenset(),
    DataState.HISTORY_DELETED: frozenset({DataPart.HISTORY}),
    DataState.CONTACT_DELETED: frozenset({DataPart.CONTACT}),
    DataState.ERASED: frozenset(DataPart),
}
#: The seven kinds of interaction.
HISTORY: Final = tuple(DataCategory)[:7]
#: Days within which a person who asked must have their answer: one month, Regulation (EU) 2016/679, article 12(3).
ANSWER_DAYS: Final = 30


def left(state: DataState, parts: Iterable[DataPart]) -> DataState:
    """State after these parts are deleted too. What came after a deletion of the history can be deleted like it."""
    lost = LOST[state] | frozenset(parts)
    return next(state for state, gone in LOST.items() if gone == lost)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a country's law keeps invoices and the payments on them, counted from the end of the year they belong to."""

    years: int
    reason: str
    source: str


#: By country, ISO 3166-1. A country that is not named here keeps nothing: invoices are deleted with the rest.
RETENTION: Final[dict[str, Retention]] = {
    "AT": Retention(7, "Section 132(1) Bundesabgabenordnung: books, records and vouchers", "https://www.ris.bka.gv.at/"),
    "CH": Retention(
        10, "Article 958f Obligationenrecht: books and accounting vouchers", "https://www.fedlex.admin.ch/eli/cc/27/317_321_377/de"
    ),
    "DE": Retention(8, "Section 147(3) Abgabenordnung: accounting vouchers", "https://www.gesetze-im-internet.de/ao_1977/__147.html"),
    "FR": Retention(10, "Article L123-22 Code de commerce: accounting documents", "https://www.legifrance.gouv.fr/"),
    "GB": Retention(
        6, "Companies Act 2006 and HMRC: business records", "https://www.gov.uk/running-a-limited-company/company-and-accounting-records"
    ),
    "NL": Retention(7, "Article 52 Algemene wet inzake rijksbelastingen: administration", "https://wetten.overheid.nl/BWBR0002320/"),
}
