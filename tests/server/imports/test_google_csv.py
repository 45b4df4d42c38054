"""Google Contacts exports, before and since 2024."""

from hashlib import sha256
from pathlib import Path

from lifecycle.vocabulary import ContactKind
from server.imports.contact import Contact
from server.imports.reader import open_contacts
from tests.server.imports.people import SAMPLES, contacts, only, problems, read, write


def identity(*parts: str) -> str:
    return "sha256:" + sha256("\x1f".join(parts).encode()).hexdigest()


def test_export_of_before_2024() -> None:
    # given an export with starred labels, a fax, two values in a cell and a note with a line break
    path = SAMPLES / "google_old.csv"
    # when it is read in a German workspace
    rows = read(path, region="DE")
    # then the starred and mobile values come first, system groups are no tags, nothing is lost, lines are physical
    assert rows == [
        Contact(
            line=2,
            external_id=identity("Zoë Ångström", "zoe.angstrom@example.org", "+491715550123"),
            name="Zoë Ångström",
            email="zoe.angstrom@example.org",
            phone="+491715550123",
            address="Lindenallee 5\n10115 Berlin\nDE",
            notes=(
                'Prefers mornings.\nAsked about the "Spring" course.\n'
                "Other e-mail: zoe@home.example.org\nOther phone: +46855501234, +49309999999"
            ),
            tags=("Clients", "Leadership 2023"),
        ),
        Contact(
            line=6,
            external_id=identity("Ирина Петрова", "petrova@work.example.org", ""),
            name="Ирина Петрова",
            email="petrova@work.example.org",
            notes="Other e-mail: irina@example.org",
            kind=ContactKind.FRIEND,
        ),
        Contact(
            line=7,
            external_id=identity("Dr. José Núñez", "", "+34912345678"),
            name="Dr. José Núñez",
            phone="+34912345678",
            address="Calle Mayor 1\nMadrid 28013\nEspaña",
            notes="Extension of +34912345678: 12",
        ),
        Contact(
            line=8,
            external_id=identity("Example Bakery", "orders@bakery.example.org", ""),
            name="Example Bakery",
            email="orders@bakery.example.org",
            tags=("Suppliers",),
        ),
    ]


def test_export_since_2024() -> None:
    # given an export with the header of 2024, a byte order mark, and rows that cannot become clients
    path = SAMPLES / "google_2024.csv"
    # when it is read
    file = open_contacts(path)
    rows = list(file)
    # then each good row is a contact
    assert (file.format, file.encoding, file.columns[:3]) == ("google", "utf-8-sig", ("First Name", "Middle Name", "Last Name"))
    assert [(row.line, row.name, row.email, row.phone, row.tags, row.kind.value) for row in contacts(rows)] == [
        (2, "Amélie Durand", "amelie@example.org", "+33612345678", ("Clients", "VIP"), "POTENTIAL_CLIENT"),
        (6, "太郎 山田", "taro@example.org", "+81312345678", (), "FAMILY"),
        (7, "Coach Sam", "sam@example.org", None, (), "POTENTIAL_CLIENT"),
    ]
    assert contacts(rows)[0].notes == "Met at the retreat.\nSecond line, with a comma."
    assert contacts(rows)[0].address == "12 Rue de l'Exemple\n75001 Paris\nFrance"
    # and each bad row tells every reason against it
    assert problems(rows) == [
        (8, "First Name", "NO_NAME", "The contact has no name."),
        (
            9,
            "E-mail 1 - Value",
            "BAD_EMAIL",
            "'bad.example.org' is not an e-mail address: An email address must have an @-sign.",
        ),
        (9, "Phone 1 - Value", "BAD_PHONE", "'12' has no country code, and the workspace has no country to assume."),
        (10, "E-mail 1 - Value", "DUPLICATE_IN_FILE", "'amelie@example.org' is already on line 2."),
    ]


def test_two_reads_meet_the_same_ids() -> None:
    first, second = (contacts(read(SAMPLES / "google_old.csv", region="DE")) for _ in range(2))
    assert [row.external_id for row in first] == [row.external_id for row in second]


def test_id_column_is_the_identity(tmp_path: Path) -> None:
    path = write(tmp_path, "resourceName,First Name,Labels\npeople/c42,Ann,* myContacts\n")
    assert only(read(path)).external_id == "people/c42"


def test_bad_value_beside_a_good_one_goes_to_the_notes(tmp_path: Path) -> None:
    path = write(tmp_path, "First Name,Labels,E-mail 1 - Value,E-mail 2 - Value\nAnn,,ann(at)example.org,ann@example.org\n")
    contact = only(read(path))
    assert (contact.email, contact.notes) == ("ann@example.org", "Other e-mail: ann(at)example.org")
