"""Content lines of a vCard: unfolded, taken apart, decoded (RFC 6350 section 3, RFC 6868, and what 2.1 did before them)."""

import quopri
import re
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from server.imports.contact import MAX_CELL
from server.imports.text_source import is_text_encoding, title
from storage.values import is_broken

_HEAD = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:[^\":;]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_PARAM = re.compile(r";((?:[^\";]|\"[^\"]*\")*)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n^'])")
_CARET_MEANS = {"n": "\n", "^": "^", "'": '"'}
_LAST = {"fax", "pager"}
_PIECE = 8_192


class Line(NamedTuple):
    """Logical line and the physical line where it starts; `cut` when it was longer than any value may be."""

    number: int
    text: str
    cut: bool


class Property(NamedTuple):
    """Content line of a card: its name in capitals, its parameters, its value still escaped."""

    name: str
    params: dict[str, list[str]]
    value: str

    @property
    def base64(self) -> bool:
        return any(word.upper() in ("B", "BASE64") for word in self.params.get("ENCODING", ()))

    @property
    def rank(self) -> int:
        """Preferred first (PREF=1 of 4.0, TYPE=pref of 3.0), faxes last."""
        types = {word for value in self.params.get("TYPE", ()) for word in value.lower().split(",")}
        if types & _LAST:
            return 1_000
        if "pref" in types:
            return 0
        preference = next(iter(self.params.get("PREF", ())), "")
        return int(preference) if preference.isdecimal() and len(preference) < 4 else 101


def logical_lines(stream: TextIO) -> Iterator[Line]:
    """Unfolded: a line that starts with a blank, or follows a soft break of quoted-printable, continues the one before."""
    start, parts, size = 1, [""], 0
    for number, (physical, ended) in enumerate(_pieces(stream), start=1):
        soft = parts[-1].endswith("=") and "QUOTED-PRINTABLE" in parts[0].partition(":")[0].upper()
        if physical[:1] in (" ", "\t") or soft:
            if soft:
                parts[-1] = parts[-1][:-1]
            piece = physical if soft else physical[1:]
        else:
            yield Line(start, "".join(parts), size > MAX_CELL)
            start, parts, size, piece = number, [], 0, physical
        size += len(piece) + (0 if ended else MAX_CELL)
        if size <= MAX_CELL or not parts:
            parts.append(piece)
    yield Line(start, "".join(parts), size > MAX_CELL)


def _pieces(stream: TextIO) -> Iterator[tuple[str, bool]]:
    """Physical lines; of one longer than any value may be (a photo on a single line) the rest is dropped as it is read."""
    while line := stream.readline(MAX_CELL):
        ended = line.endswith(("\n", "\r")) or len(line) < MAX_CELL
        rest = line
        while not ended and not rest.endswith(("\n", "\r")) and (rest := stream.readline(_PIECE)):
            pass
        yield line.rstrip("\r\n"), ended


def parse_property(text: str) -> Property | None:
    """The line taken apart, its value as it stands; None when it is no property."""
    match = _HEAD.fullmatch(text)
    return Property(match[1].upper(), _params(match[2]), match[3]) if match else None


def _params(text: str) -> dict[str, list[str]]:
    """Names in capitals; a bare word is a type (`TEL;CELL`) or an encoding, as 2.1 wrote them."""
    params: dict[str, list[str]] = {}
    for part in _PARAM.findall(text):
        name, equals, value = part.partition("=")
        if not equals:
            name, value = ("ENCODING" if name.upper() in ("QUOTED-PRINTABLE", "BASE64") else "TYPE"), name
        value = _CARET.sub(lambda match: _CARET_MEANS[match[1]], value.strip().replace('"', ""))
        params.setdefault(name.strip().upper(), []).append(value)
    return params


def decoded(prop: Property, encoding: str) -> str | None:
    """Bytes back to text: quoted-printable and character sets of 2.1, letters that a fold cut in two; None when the set is unknown."""
    utf8 = title(encoding) == "UTF-8"
    quoted = any(word.upper() == "QUOTED-PRINTABLE" for word in prop.params.get("ENCODING", ()))
    charset = next(iter(prop.params.get("CHARSET", ())), "utf-8")
    if not quoted and not (utf8 and ("CHARSET" in prop.params or is_broken(prop.value))):
        return prop.value
    raw = prop.value.encode("utf-8", "surrogateescape" if utf8 else "surrogatepass")
    if not is_text_encoding(charset):
        return None
    try:
        return (quopri.decodestring(raw) if quoted else raw).decode(charset, "portico-keep-bytes")
    except UnicodeError:
        return None


def plain(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def split(value: str, separator: str) -> list[str]:
    """At separators that no backslash protects; the parts stay escaped."""
    if "\\" not in value:
        return value.split(separator)
    parts = [""]
    for token in re.findall(r"\\.|[^\\]|\\", value, re.DOTALL):
        if token == separator:
            parts.append("")
        else:
            parts[-1] += token
    return parts
