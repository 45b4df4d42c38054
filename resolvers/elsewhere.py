"""Root fields that a resolver answers and not the planner, and what is said where one stands anywhere but at the root."""

from typing import Final

from lifecycle.transitions import PREVIEWED
from planner.source import Elsewhere

VIEW_AS: Final = Elsewhere("FORBIDDEN", "Only owners, and coaches for their own clients, see as a client.")
ACCESS_DIFF: Final = Elsewhere("FORBIDDEN", "Only members of the workspace ask what a change of standing opens or closes.")

PREVIEWS: Final = frozenset(f"{transition.name}Preview" for transition in PREVIEWED)
BULK_PREVIEWS: Final = frozenset(f"{transition.bulk_name}Preview" for transition in PREVIEWED if transition.bulk)
#: What is read with a link, by whoever holds it.
LINK_QUERIES: Final = frozenset({"invoiceByLink", "erasureByLink"})

#: What is worked out: reports, and the check of a receipt.
ASKED: Final = frozenset({"certificationReport", "certificationRuleSets", "erasureReceiptVerify", "statistics"})

#: What is said of the limits themselves.
LIMITS: Final = frozenset({"rateLimit", "estimateCost"})

_REPORT: Final = Elsewhere("FORBIDDEN", "Only members of the workspace ask for reports.")
ROOT: Final = dict.fromkeys(PREVIEWS | BULK_PREVIEWS | LINK_QUERIES | ASKED | LIMITS, Elsewhere()) | {
    "viewAs": VIEW_AS,
    "accessDiff": ACCESS_DIFF,
    "certificationReport": _REPORT,
    "statistics": _REPORT,
}
