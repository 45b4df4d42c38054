"""Any CSV, its columns named by the caller."""

from pathlib import Path

import pytest

from lifecycle.vocabulary import ContactKind
from server.imports.contact import ImportFileError
from server.imports.mapped_csv import read_mapping
from tests.server.imports.people import SAMPLES, contacts, only, problems, read, refusal, write


def test_semicolons_and_a_mapping() -> None:
    # given a German spreadsheet with blank rows, quoted commas and a kind of contact
    mapping = read_mapping(["name=Kunde", "email=mail", "phone=Tel", "tags=Segment", "kind=Art"])
    # when it is read
    rows = read(SAMPLES / "semicolons.csv", mapping=mapping, region="DE")
    # then headings match whatever their case, blank rows are nothing, and every reason is told
    assert [(row.line, row.name, row.email, row.phone, row.tags, row.kind) for row in contacts(rows)] == [
        (2, "Jürgen Groß", "juergen@example.org", "+49301234567", ("Führung", "Neu"), ContactKind.FRIEND),
        (4, "Weiß, Käthe", "kaethe@example.org", None, (), ContactKind.REFERRAL_SOURCE),
    ]
    assert problems(rows) == [
        (6, "Mail", "BAD_EMAIL", "'not an address' is not an e-mail address: An email address must have an @-sign."),
        (6, "Art", "BAD_KIND", "'Enemy' is not a kind of contact; use one of FRIEND, FAMILY, REFERRAL_SOURCE, POTENTIAL_CLIENT."),
    ]


def test_outlook_in_utf_16() -> None:
    mapping = {"name": "First Name+Last Name", "email": "E-mail Address", "phone": "Mobile Phone", "address": "Home Address"}
    rows = contacts(read(SAMPLES / "outlook.csv", mapping=mapping | {"tags": "Categories", "notes": "Notes"}))
    assert [(row.line, row.name, row.email, row.phone, row.address, row.tags, row.notes) for row in rows] == [
        (
            2,
            "Łukasz Żółć",
            "lukasz@example.org",
            "+48512345678",
            "ul. Przykładowa 1\n00-001 Warszawa",
            ("Coaching", "Newsletter"),
            None,
        ),
        (4, "Eva Novák", "eva@example.org", None, None, (), 'Said: "call in May"'),
    ]


def test_tabs_and_an_id() -> None:
    rows = read(SAMPLES / "tabs.tsv", mapping={"name": "First+Last", "email": "Mail", "phone": "Tel", "id": "Id"}, region="US")
    assert [(row.external_id, row.name, row.phone) for row in contacts(rows)] == [
        ("C-1", "Ann Lee", "+14155552671"),
        ("C-2", "Bob Lee", "+14155552672"),
    ]
    assert problems(rows) == [(4, "Id", "DUPLICATE_IN_FILE", "The id 'C-2' is already on line 3.")]


def test_windows_1252_is_told_not_guessed() -> None:
    path, mapping = SAMPLES / "windows1252.csv", {"name": "Name", "email": "E-Mail"}
    # given no encoding, then the row with foreign bytes is a problem and the others are read
    rows = read(path, mapping=mapping)
    assert problems(rows) == [(2, "Name", "ENCODING", "'J\ufffdrgen Gro\ufffd' is not UTF-8 text.")]
    assert [row.name for row in contacts(rows)] == ["Plain Ann"]
    # given the encoding, then all are read
    assert [row.name for row in contacts(read(path, mapping=mapping, encoding="windows-1252"))] == ["Jürgen Groß", "Plain Ann"]


def test_column_whose_name_has_a_plus(tmp_path: Path) -> None:
    assert only(read(write(tmp_path, "A+B,A\nAnn,x\n"), mapping={"name": "A+B"})).name == "Ann"


def test_excel_separator_line(tmp_path: Path) -> None:
    contact = only(read(write(tmp_path, "sep=;\nName;Note\nAnn;a,b,c\n"), mapping={"name": "Name", "notes": "Note"}))
    assert (contact.line, contact.name, contact.notes) == (3, "Ann", "a,b,c")


def test_header_with_a_line_break_and_commas_in_semicolon_cells(tmp_path: Path) -> None:
    contact = only(read(write(tmp_path, '"Full\nname";Mail, work\n"Lee, Ann";ann@example.org\n'), mapping={"name": "Full\nname"}))
    assert (contact.line, contact.name) == (3, "Lee, Ann")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Ann,ann@example.org,1,2\n", (2, None, "MALFORMED", "The row has 4 cells under 3 columns; is a quotation mark missing?")),
        ('"Ann" Lee,ann@example.org\n', (2, None, "MALFORMED", "A quotation mark stands in the middle of a cell.")),
        (
            "Ann,a@b@c,\n",
            (2, "Mail", "BAD_EMAIL", "'a@b@c' is not an e-mail address: The part after the @-sign contains invalid characters: '@'."),
        ),
        (f"Ann,{'a' * 1001}@example.org,\n", (2, "Mail", "BAD_EMAIL", f"'{'a' * 59}…' is too long for an e-mail address.")),
        (
            "Ann,,4.917E+11\n",
            (2, "Tel", "BAD_PHONE", "'4.917E+11' was rounded by a spreadsheet; format the column as text and export again."),
        ),
        ("Ann,,call me\n", (2, "Tel", "BAD_PHONE", "'call me' is not a phone number.")),
        ("Ann,,555-2671\n", (2, "Tel", "BAD_PHONE", "'555-2671' lacks its area code.")),
        ("Ann,,+49 30 123456789012345\n", (2, "Tel", "BAD_PHONE", "'+49 30 123456789012345' is too long for a phone number.")),
        (f"{'n' * 201},,\n", (2, "Name", "TOO_LONG", "201 characters, at most 200 fit.")),
        ("\x1b[31m\x07,,\x1b]0 evil\x07\n", (2, "Tel", "BAD_PHONE", "'\ufffd]0 evil\ufffd' is not a phone number.")),
        (" , ann@example.org,\n", (2, "Name", "NO_NAME", "The contact has no name.")),
    ],
)
def test_bad_row(tmp_path: Path, row: str, expected: tuple[int, str | None, str, str]) -> None:
    # given a bad row before a good one
    path = write(tmp_path, f"Name,Mail,Tel\n{row}Good,good@example.org,\n")
    # when it is read, then the bad row has its one problem and the good row is read
    rows = read(path, mapping={"name": "Name", "email": "Mail", "phone": "Tel"}, region="US")
    assert problems(rows) == [expected]
    assert [contact.name for contact in contacts(rows)] == ["Good"]


def test_nul_deep_in_a_text_file(tmp_path: Path) -> None:
    filler = "".join(f"Person {n},person{n}@example.org\n" for n in range(3_000))
    rows = read(write(tmp_path, f"Name,Mail\n{filler}An\0n,\n"), mapping={"name": "Name", "email": "Mail"})
    assert problems(rows) == [(3_002, "Name", "ENCODING", "'An\ufffdn' contains a NUL character.")]
    assert len(contacts(rows)) == 3_000


def test_same_name_and_phone_twice_without_an_email(tmp_path: Path) -> None:
    path = write(tmp_path, "Name,Tel\nAnn,415-555-2671\nAnn,415-555-2672\nAnn,(415) 5552671\n")
    rows = read(path, mapping={"name": "Name", "phone": "Tel"}, region="US")
    assert problems(rows) == [(4, "Name", "DUPLICATE_IN_FILE", "'Ann' with the same phone is already on line 2.")]


def test_refused_row_does_not_shadow_a_good_one(tmp_path: Path) -> None:
    path = write(tmp_path, "Name,Mail\n,ann@example.org\nAnn,ann@example.org\n")
    rows = read(path, mapping={"name": "Name", "email": "Mail"})
    assert [(row.line, row.name) for row in contacts(rows)] == [(3, "Ann")]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("VIP, vip ; Gold|Silver ::: Ivory", None),
        ("x" * 65, (2, "Tags", "TOO_LONG", "65 characters, at most 64 fit.")),
        (";".join(map(str, range(51))), (2, "Tags", "TOO_LONG", "51 tags, at most 50 fit.")),
    ],
)
def test_tags(tmp_path: Path, tags: str, expected: tuple[int, str, str, str] | None) -> None:
    rows = read(write(tmp_path, f'Name,Tags\nAnn,"{tags}"\n'), mapping={"name": "Name", "tags": "Tags"})
    if expected:
        assert problems(rows) == [expected]
    else:
        assert only(rows).tags == ("VIP", "Gold", "Silver", "Ivory")


@pytest.mark.parametrize(
    ("mapping", "message", "hint"),
    [
        ({"name": "Nome"}, "people.csv has no column 'Nome' for name.", "Its columns are 'Full name', 'Mail', 'Tel', 'Tel'."),
        ({"name": "Full name+"}, "people.csv has no column '' for name.", "Its columns are 'Full name', 'Mail', 'Tel', 'Tel'."),
        ({"name": "Full name", "phone": "Tel"}, "people.csv has 2 columns named 'Tel'.", "Rename all but one in the file."),
        ({"email": "Mail"}, "The mapping names no column for the name.", '--map name="Full name" --map email="Mail" --map phone="Tel"'),
        (
            {"name": "Full name", "age": "Tel"},
            "'age' is not a field of a contact.",
            "The fields are name, email, phone, address, notes, tags, kind, id.",
        ),
    ],
)
def test_mapping_that_does_not_fit(tmp_path: Path, mapping: dict[str, str], message: str, hint: str) -> None:
    path = write(tmp_path, "Full name,Mail,Tel,Tel\nAnn,,,\n")
    with pytest.raises(ImportFileError) as caught:
        read(path, mapping=mapping)
    assert refusal(caught.value) == (message, hint)


@pytest.mark.parametrize(
    ("items", "message", "hint"),
    [
        (["name"], "'name' is not a mapping.", 'Write --map field=Column, for example --map name="First+Last" --map email=Mail.'),
        (["=x"], "'=x' is not a mapping.", 'Write --map field=Column, for example --map name="First+Last" --map email=Mail.'),
        (["name=First", "name=Last"], "name is mapped twice.", 'Join columns with a plus: --map name="First+Last".'),
    ],
)
def test_mapping_mistyped(items: list[str], message: str, hint: str) -> None:
    with pytest.raises(ImportFileError) as caught:
        read_mapping(items)
    assert refusal(caught.value) == (message, hint)
