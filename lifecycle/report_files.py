"""Files made of a certification report: their forms, what stands in them, how long they may be, and who may take them along."""

from typing import Final

from lifecycle.access import Resource
from lifecycle.permits import Permit
from lifecycle.vocabulary import Word


class ReportFormat(Word):
    """Form of a file made of a report."""

    CSV = "CSV", "Text in UTF-8 with commas, for spreadsheets and programs. No cell is taken for a formula."
    XLSX = "XLSX", "Workbook with the log, a summary, and charts."
    PDF = "PDF", "Document to hand in, with charts."
    JSON = "JSON", "Object with everything, for programs."


class ReportLog(Word):
    """What the lines of a file are."""

    CLIENTS = (
        "CLIENTS",
        "A line for each client, and for each size of group: the client coaching log of the ICF. Who gave no consent CERT_LOG is in a sum.",
    )
    SESSIONS = "SESSIONS", "A line for each session, whether it counts, and why not."
    LETTER = (
        "LETTER",
        "Letter for an organisation to sign. It confirms the hours of confidential clients: of kind or compensation INTERNAL or"
        " THIRD_PARTY, and without consent CERT_LOG. PDF only.",
    )


class RowKind(Word):
    """What a line of a log is that is no session."""

    CLIENT = "CLIENT", "Client who agreed to be named; of a group, one of its people who did."
    ERASED = "ERASED", "Client who is erased or whose contact is deleted: a number without a name."
    UNLISTED = "UNLISTED", "All together who gave no consent to be named."
    NOT_FOR_CREDENTIAL = "NOT_FOR_CREDENTIAL", "All sessions together that count in the report and not for the credential."
    NOT_COUNTED = "NOT_COUNTED", "All sessions together that do not count."
    TOTAL = "TOTAL", "All sessions that count."


#: Sessions that an organisation pays for, by kind or compensation.
ORGANISATIONAL: Final = ("INTERNAL", "THIRD_PARTY")
#: Most lines of a log in a PDF, which is set as a whole.
LONGEST_PDF: Final = 1_000
#: Who may take a report along: whoever may write hours. A coach only their own.
PERMIT: Final = Permit(Resource.HOURS)
