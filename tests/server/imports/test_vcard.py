"""vCards of the three versions that address books write."""

from hashlib import sha256
from pathlib import Path

import pytest

from server.imports.contact import MAX_CELL, Contact
from tests.server.imports.people import SAMPLES, contacts, only, problems, read, write


def card(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCARD", *lines, "END:VCARD", ""))


def test_version_4() -> None:
    # given cards with groups, PREF, tel: URIs, an RFC 6868 label, folded lines and a group of contacts
    rows = read(SAMPLES / "contacts_4.vcf")
    # then people are read, the group is not one of them
    assert rows[0] == Contact(
        line=1,
        external_id="urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
        name="Zoë Ångström",
        email="zoe@example.org",
        phone="+46855501234",
        address='Lindenallee 5\n10115 Berlin; "Hof"',
        notes=(
            "Prefers mornings, likes tea; asked about a very long programme that is folded over two lines.\nSecond line.\n"
            "Other e-mail: zoe@home.example.org\nExtension of +14155552671: 5555\nOther phone: +14155552671"
        ),
        tags=("Clients", "VIP, gold"),
    )
    assert [(row.line, row.name, row.email) for row in contacts(rows)[1:]] == [(28, "李小龍", "li@example.org")]


def test_version_3_of_a_phone() -> None:
    # given a card with a letter cut in two by its fold, marks of direction around a number, a fax and a photo
    contact = only(read(SAMPLES / "contacts_3.vcf"))
    assert contact == Contact(
        line=1,
        external_id="6C6F1A1E-0000-4000-8000-1234567890AB",
        name="José María Núñez",
        email="jose@example.org",
        phone="+34612345678",
        address="Calle Mayor 1, 3º\nMadrid 28013\nEspaña",
        notes="é" * 40 + "\nOther e-mail: jose@home.example.org\nOther phone: +34912345678",
        tags=("Clients",),
    )


def test_version_2_1_of_an_old_phone() -> None:
    # given quoted-printable with a soft break, a character set of its own, bare types and a photo that is not indented
    rows = contacts(read(SAMPLES / "contacts_21.vcf", region="DE"))
    assert [(row.line, row.name, row.email, row.phone, row.address, row.notes) for row in rows] == [
        (1, "Jörg Müller", "joerg@example.org", "+491715550123", "Hauptstr. 1\nBerlin 10115\nDeutschland", "Other phone: +49301234567"),
        (14, "Ana Gómez", "ana@example.org", None, None, None),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("VERSION:5.0", "FN:Ann"), (1, "VERSION", "MALFORMED", "vCard version '5.0' is not known; export as 4.0 or 3.0.")),
        (("VERSION:4.0", "FN:Ann", "no colon"), (1, None, "MALFORMED", "Line 4, 'no colon', is not a vCard property.")),
        (("VERSION:4.0", "EMAIL:ann@example.org"), (1, "FN", "NO_NAME", "The contact has no name.")),
        (("VERSION:2.1", "FN;CHARSET=klingon:Ann"), (1, "FN", "ENCODING", "The character set 'klingon' is not known.")),
        (("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:A=00"), (1, "FN", "ENCODING", "'A\ufffd' contains a NUL character.")),
        (("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:A=FF"), (1, "FN", "ENCODING", "'A\ufffd' is not UTF-8 text.")),
        (("VERSION:4.0", "FN:Ann", "TEL:tel:+1-234"), (1, "TEL", "BAD_PHONE", "'tel:+1-234' is too short for a phone number.")),
        (
            ("VERSION:4.0", "FN:Ann", "NOTE:" + "x" * (MAX_CELL + 1)),
            (1, "NOTE", "TOO_LONG", "The value is longer than 131,072 characters."),
        ),
        (
            ("VERSION:4.0", "FN:Ann", *["NOTE:" + "x" * 100_000] * 11),
            (1, None, "TOO_LONG", "The card is longer than 1,000,000 characters."),
        ),
    ],
)
def test_bad_card_costs_only_itself(tmp_path: Path, lines: tuple[str, ...], expected: tuple[int, str | None, str, str]) -> None:
    # given a bad card before a good one
    path = write(tmp_path, card(*lines) + card("VERSION:4.0", "FN:Good", "EMAIL:good@example.org"))
    # when the file is read
    rows = read(path)
    # then the one has its problem and the other is a contact
    assert problems(rows) == [expected]
    assert [row.name for row in contacts(rows)] == ["Good"]


def test_cards_that_do_not_end(tmp_path: Path) -> None:
    path = write(tmp_path, "BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\nstray\nwords\nBEGIN:VCARD\nFN:C\n")
    rows = read(path)
    assert [row.name for row in contacts(rows)] == ["B"]
    assert problems(rows) == [
        (1, None, "MALFORMED", "The card has no END:VCARD."),
        (6, None, "MALFORMED", "'stray' stands outside of any card."),
        (8, None, "MALFORMED", "The card has no END:VCARD."),
    ]


def test_photo_on_a_single_line_of_megabytes_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, card("VERSION:3.0", "PHOTO;ENCODING=b:" + "A" * 3_000_000, "FN:Ann") + card("VERSION:3.0", "FN:Bob"))
    assert [(row.line, row.name) for row in contacts(read(path))] == [(1, "Ann"), (6, "Bob")]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("N:Lee;Ann;Q.;Dr.;PhD",), "Dr. Ann Q. Lee PhD"),
        (("N:Lee",), "Lee"),
        (("FN: ", "NICKNAME:Annie"), "Annie"),
        (("ORG:Example\\; Sons;Sales",), "Example; Sons Sales"),
        (("FN:Second", "FN;PREF=1:First"), "First"),
        (("item7.FN;LANGUAGE=en:Ann",), "Ann"),
    ],
)
def test_name_of_a_card(tmp_path: Path, lines: tuple[str, ...], name: str) -> None:
    assert only(read(write(tmp_path, card("VERSION:3.0", *lines)))).name == name


def test_same_uid_twice(tmp_path: Path) -> None:
    path = write(tmp_path, card("FN:Ann", "UID:u1") + card("FN:Bob", "UID:u1"))
    assert problems(read(path)) == [(5, "UID", "DUPLICATE_IN_FILE", "The id 'u1' is already on line 1.")]


def test_uid_too_long_for_a_key_is_digested(tmp_path: Path) -> None:
    contact = only(read(write(tmp_path, card("FN:Ann", "UID:" + "u" * 256))))
    assert contact.external_id == "sha256:" + sha256(b"u" * 256).hexdigest()
