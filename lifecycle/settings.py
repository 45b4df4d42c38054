"""What the steps with the settings of a workspace may be told."""

from dataclasses import dataclass

from lifecycle.inputs import Input, given
from lifecycle.retention import KEPT, MOST_YEARS
from lifecycle.vocabulary import DataCategory


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
