"""What one value becomes: clean text, an e-mail address, a phone number, an address on several lines."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

_UNPRINTABLE = dict.fromkeys((*range(9), *range(14, 28), *range(127, 133), *range(134, 160), 0xFEFF))
_BROKEN = re.compile("[\0\ud800-\udfff]")
_PLAIN_LOCAL = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
_ROUNDED = re.compile(r"\d+[.,]?\d*E\+\d+", re.IGNORECASE)
_LENGTHS = {
    ValidationResult.TOO_SHORT: "is too short for a phone number",
    ValidationResult.TOO_LONG: "is too long for a phone number",
    ValidationResult.INVALID_LENGTH: "does not have the length of a phone number",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
    ValidationResult.INVALID_COUNTRY_CODE: "has a country code that does not exist",
}


class BadValueError(ValueError):
    """The value cannot be what its column says; the text is for the person who has the file."""


class Phone(NamedTuple):
    """Number in E.164, which has no place for an extension."""

    number: str
    extension: str | None


def is_broken(text: str) -> bool:
    """Whether bytes were lost in decoding (kept as lone surrogates), or a NUL that PostgreSQL would refuse."""
    return _BROKEN.search(text) is not None


def shown(text: str, limit: int = 60) -> str:
    """The value as a message may quote it: printable, on one line, short."""
    printable = text[: limit + 1]
    if not printable.isprintable():
        printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in printable)
    return f"'{printable[: limit - 1]}…'" if len(printable) > limit else f"'{printable}'"


def one_line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return unicodedata.normalize("NFC", " ".join(text.split()).translate(_UNPRINTABLE)).strip()


def many_lines(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = (line.translate(_UNPRINTABLE).rstrip() for line in text.splitlines())
    return unicodedata.normalize("NFC", "\n".join(lines)).strip()


def without_blank_lines(text: str) -> str:
    return "\n".join(line for line in map(one_line, text.splitlines()) if line)


def postal_address(
    *, po_box: str = "", extended: str = "", street: str = "", city: str = "", region: str = "", code: str = "", country: str = ""
) -> str:
    town = one_line(f"{city}, {region} {code}" if city.strip() and region.strip() else f"{city} {region} {code}")
    return without_blank_lines("\n".join((po_box, extended, street, town, country)))


def email_address(text: str) -> str:
    """Lower case and as the standard writes it; ordinary addresses judge only their domain, once per domain."""
    bare = _without_invisible(text).lower()
    if len(bare) > 1_000:
        raise BadValueError(f"{shown(text)} is too long for an e-mail address.")
    local, at, domain = bare.rpartition("@")
    try:
        if at and bare.isascii() and len(bare) <= 254 and len(local) <= 64 and _PLAIN_LOCAL.fullmatch(local):
            return f"{local}@{_domain(domain)}"
        return validate_email(bare, check_deliverability=False, allow_display_name=True).normalized.lower()
    except EmailNotValidError as error:
        raise BadValueError(f"{shown(text)} is not an e-mail address: {one_line(str(error))}") from None


def is_country(code: str) -> bool:
    """Whether two letters name a country, one that has telephones."""
    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    return validate_email(f"a@{domain}", check_deliverability=False).normalized.lower().removeprefix("a@")


def phone_number(text: str, region: str | None) -> Phone:
    """A number without country code is read as one of `region`. Possible is enough: number plans change faster than libraries."""
    bare = _without_invisible(text)
    if _ROUNDED.fullmatch(bare):
        raise BadValueError(f"{shown(text)} was rounded by a spreadsheet; format the column as text and export again")
    try:
        number = phonenumbers.parse(bare, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and region is None and not bare.startswith("+"):
            raise BadValueError(f"{shown(text)} has no country code, and the workspace has no country to assume") from None
        raise BadValueError(f"{shown(text)} is not a phone number") from None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != ValidationResult.IS_POSSIBLE:
        raise BadValueError(f"{shown(text)} {_LENGTHS.get(reason, 'is not a phone number')}")
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or None)


def _without_invisible(text: str) -> str:
    """Address books wrap numbers and addresses in marks of direction and zero-width spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cf")).strip()


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """First spelling of each value that differs by more than case."""
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(value.casefold(), value)
    return tuple(first.values())
