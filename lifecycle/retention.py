"""How long records are kept that a deletion would take: by the law of the workspace's country, or by a rule of its own."""

from dataclasses import dataclass
from typing import Final

from lifecycle.vocabulary import DataCategory, Word

#: Categories of records that can be kept.
KEPT: Final = (DataCategory.INVOICES, DataCategory.PAYMENTS)
MOST_YEARS: Final = 30


class RetentionBasis(Word):
    """Where a rule comes from that says how long records are kept."""

    WORKSPACE = "WORKSPACE", "Workspace has set a rule of its own."
    COUNTRY = "COUNTRY", "Law of the workspace's country, as far as it is known here."
    NONE = "NONE", "There is no rule: nothing is kept."


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept, in years from the end of the year they belong to; why, and where that can be read."""

    years: int
    reason: str
    source: str


#: How long the law keeps invoices and the payments on them, by country, ISO 3166-1. One that is not named here keeps nothing. A workspace's
#: own rule for a category stands before that of its country.
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
