"""What reading a contact file gives: people, problems of single rows, and the one error that ends a file."""

from dataclasses import dataclass
from enum import StrEnum

from lifecycle.vocabulary import ContactKind

MAX_NAME = 200
MAX_ADDRESS = 500
MAX_NOTES = 20_000
MAX_TAG = 64
MAX_TAGS = 50
MAX_COLUMNS = 1_000
MAX_CELL = 131_072  # the csv module's own limit
MAX_RECORD = 1_000_000
ENCODING_HINT = "If the file comes from Excel on Windows, use --encoding windows-1252."


@dataclass(frozen=True, slots=True)
class Contact:
    """Person of a file, every value normalised; `line` is where the row or card starts."""

    line: int
    external_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    kind: ContactKind = ContactKind.POTENTIAL_CLIENT


class ProblemCode(StrEnum):
    """Why a row cannot become a client."""

    NO_NAME = "NO_NAME"
    BAD_EMAIL = "BAD_EMAIL"
    BAD_PHONE = "BAD_PHONE"
    BAD_KIND = "BAD_KIND"
    TOO_LONG = "TOO_LONG"
    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE"
    ENCODING = "ENCODING"
    MALFORMED = "MALFORMED"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One reason against one row; a row may have several, all with the `line` where the row or card starts."""

    line: int
    column: str | None
    code: ProblemCode
    message: str


Row = Contact | RowProblem


class ImportFileError(Exception):
    """The file as a whole cannot be read: `message` says what is wrong, `hint` what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
