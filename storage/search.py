"""Search over clients: what is remembered of a person, and what a typed text asks for. Each word is matched as a prefix of a term."""

import re
import unicodedata

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})  # noqa: RUF001 - the dotless i of Turkish is meant
_EDGES = '()[]{}<>.,;:!?"“”„«»*/\\|'
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")  # noqa: RUF001 - the apostrophes of O'Brien as people type them
_PHONE = re.compile(r"\+?[\d\s().\-/]{3,}")


def fold(text: str) -> str:
    """Text as it is compared: no case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", plain).translate(_PLAIN).split())


def search_terms(name: str, email: str | None = None, phone: str | None = None) -> set[str]:
    """Terms of a person: words of the name, the e-mail with its parts, the phone (E.164) with and without its country code."""
    terms = set(_words(name))
    if email:
        address = fold(email).translate(_APOSTROPHES)
        local, _, domain = address.partition("@")
        terms |= {address, domain, *re.split(r"[._+-]", local)}
    if phone:
        digits = re.sub(r"\D", "", phone)
        terms |= {digits, _national(digits) if phone.startswith("+") else digits}
    return terms - {""}


def query_words(search: str) -> list[str]:
    """Words of a typed text, each once; all of them must match. A phone number is one word however it is written."""
    if _PHONE.fullmatch(search.strip()) and sum(letter.isdigit() for letter in search) >= 3:
        return [re.sub(r"\D", "", search).lstrip("0") or "0"]
    return list(dict.fromkeys(_words(search)))


def _words(text: str) -> list[str]:
    found: list[str] = []
    for token in fold(text).translate(_APOSTROPHES).split():
        word = token.strip(_EDGES)
        if "@" in word:
            found.append(word.lstrip("@"))
        else:
            found.extend(re.split(r"[-_]", word))
    return [word for word in found if word]


def _national(digits: str) -> str:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - 40 ms that a read does not need

    size = next((size for size in (1, 2, 3) if int(digits[:size] or 0) in COUNTRY_CODE_TO_REGION_CODE), 0)
    return digits[size:]
