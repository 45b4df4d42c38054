"""Bytes of a contact file into lines of text: encoding, what is no text at all, and lines without end."""

import codecs
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from server.imports.contact import MAX_RECORD, ImportFileError

HEAD_SIZE = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AS_CSV = "In the spreadsheet choose Save as, then CSV UTF-8."
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", _SAVE_AS_CSV + " Unpack an archive first."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVE_AS_CSV),
    (b"%PDF", "a PDF", "Export the contacts as CSV or vCard instead."),
    (b"\x1f\x8b", "compressed", "Unpack it first."),
)
_FAMILIES = re.compile(
    r"(utf[_-]?(8|16|32)|us-ascii|ascii|iso|latin|windows|cp\d|mac|koi8|big5|gb|shift|s?jis|euc)[\w.-]*", re.ASCII | re.IGNORECASE
)
_EXPORT_AGAIN = "Export the contacts again as CSV or vCard."


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    """Undecodable bytes become lone surrogates, in every encoding, so that only the row they stand in is refused."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("portico-keep-bytes", _keep_bytes)


def read_head(path: Path) -> bytes:
    """The first bytes of a file, which must be a file of text with something in it."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ImportFileError(f"{path} is a folder.", "Name the contact file inside it.")
        if not stat.S_ISREG(mode):
            raise ImportFileError(f"{path} is not a file.", "Save the contacts to a file first.")
        with path.open("rb") as file:
            head = file.read(HEAD_SIZE)
    except FileNotFoundError:
        raise ImportFileError(f"{path} does not exist.", "Check the spelling of the path.") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    for magic, what, hint in _NOT_TEXT:
        if head.startswith(magic):
            raise ImportFileError(f"{path.name} is {what}, not a text file.", hint)
    if not head.strip():
        raise ImportFileError(f"{path.name} is empty.", _EXPORT_AGAIN)
    return head


def unreadable(path: Path, error: OSError | ValueError) -> ImportFileError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ImportFileError(f"{path.name!r} cannot be read: {reason}.", "Check the path and the permissions of the file.")


def find_encoding(head: bytes, name: str, wanted: str | None) -> str:
    """The wanted encoding, else the one its first bytes tell, else UTF-8: never guessed, because a wrong guess spoils names silently."""
    marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
    if wanted:
        if not is_text_encoding(wanted):
            raise ImportFileError(f"There is no text encoding named {wanted!r}.", "Use utf-8, windows-1252 or utf-16.")
        return marked or wanted
    if marked or b"\0" not in head:
        return marked or "utf-8"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 5 and even * 20 < odd:
        return "utf-16-le"
    if even > len(head) // 5 and odd * 20 < even:
        return "utf-16-be"
    raise ImportFileError(f"{name} is a binary file, not text.", _EXPORT_AGAIN)


def is_text_encoding(encoding: str) -> bool:
    """Python's codecs also hold ciphers, compressors and escapes; only families that address books were written in count."""
    try:
        return _FAMILIES.fullmatch(encoding) is not None and codecs.lookup(encoding) is not None
    except LookupError:
        return False


def title(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper()


def decode_head(head: bytes, encoding: str, name: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(head)
    except UnicodeError:
        raise ImportFileError(f"{name} is not {title(encoding)} text.", "Leave out --encoding to find it out.") from None


def open_text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="portico-keep-bytes", newline="")


class Lines:
    """Physical lines with their count; refuses a record that no contact could fill, so that memory stays bounded."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self.number = 0
        self.start = 1
        self._stream = stream
        self._name = name
        self._size = 0

    def begin_record(self) -> None:
        self.start = self.number + 1
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_RECORD + 1 - self._size)
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        if self._size > MAX_RECORD:
            raise endless(self._name, self.start)
        return line


def endless(name: str, line: int) -> ImportFileError:
    return ImportFileError(
        f"{name} line {line}: the row does not end.",
        "A quotation mark is opened there and never closed, or the file is not a contact list.",
    )
