"""Files as a whole: found out, refused with what to do about it, streamed, and never a traceback."""

import gc
import os
import sys
import tracemalloc
from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.imports.contact import Contact, ImportFileError, RowProblem
from server.imports.reader import Format, open_contacts
from server.imports.seen import Seen
from storage.values import BadValueError, email_address
from tests.server.imports.people import SAMPLES, contacts, problems, read, refusal, write

EXPORT_AGAIN = "Export the contacts again as CSV or vCard."
SAVE_AS = "In the spreadsheet choose Save as, then CSV UTF-8."
ENDLESS = "A quotation mark is opened there and never closed, or the file is not a contact list."
ENCODING = "If the file comes from Excel on Windows, use --encoding windows-1252."


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "people.csv is empty.", EXPORT_AGAIN),
        (b" \r\n\t\n", "people.csv is empty.", EXPORT_AGAIN),
        (b"\xef\xbb\xbf\r\n", "people.csv is empty.", EXPORT_AGAIN),
        (b"PK\x03\x04\x14\0", "people.csv is an Excel workbook or a zip archive, not a text file.", SAVE_AS + " Unpack an archive first."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "people.csv is an old Excel workbook, not a text file.", SAVE_AS),
        (b"%PDF-1.7", "people.csv is a PDF, not a text file.", "Export the contacts as CSV or vCard instead."),
        (b"\x1f\x8b\x08", "people.csv is compressed, not a text file.", "Unpack it first."),
        (b"\x7fELF\0\0\0\0\x01\x02", "people.csv is a binary file, not text.", EXPORT_AGAIN),
        (b"Name,Mail\n", "people.csv needs a mapping; its columns are 'Name', 'Mail'.", 'Try --map name="Name" --map email="Mail"'),
        (
            b"Vorname;Nachname\nAnn;Lee\n",
            "people.csv needs a mapping; its columns are 'Vorname', 'Nachname'.",
            'Try --map name="Vorname+Nachname"',
        ),
        (
            b"foo\tbar\n1\t2\n",
            "people.csv needs a mapping; its columns are 'foo', 'bar'.",
            'Say which column is which, for example --map name="First+Last" --map email=Mail.',
        ),
        (b"First Name,Labels\n", "people.csv has a header and no rows.", "Export the contacts again, with all of them selected."),
        (b"First Name,Labels\n,\n\n", "people.csv has a header and no rows.", "Export the contacts again, with all of them selected."),
        (b"N\xfcme,Mail\nx,y\n", "people.csv: the header on line 1 is not UTF-8 text.", ENCODING),
        (b'\n"Name" x,Mail\nx,y\n', "people.csv: the header on line 2 is not CSV.", "The first row must name the columns."),
        (b'"Name,Mail\nx,y\n', "people.csv line 1: the row does not end.", ENDLESS),
        (
            b",".join([b"a"] * 1001) + b"\n",
            "people.csv has 1,001 columns, at most 1,000 can be read.",
            "The first row must name the columns.",
        ),
        (b"x" * 1_000_001, "people.csv line 1: the row does not end.", ENDLESS),
    ],
)
def test_file_refused(tmp_path: Path, content: bytes, message: str, hint: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(ImportFileError) as caught:
        open_contacts(path)
    assert refusal(caught.value) == (message, hint)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('Ann,\n"Bob,\nCid,\n', 3),
        ('Ann,\n"' + "x" * 131_073 + '",\n', 3),
        ('Ann,\n"' + "\n".join(["x" * 50_000 + '","'] * 30) + '"\n', 3),
        ("Ann,\nBob," + "x" * 1_000_000 + "\n", 3),
    ],
)
def test_row_without_an_end(tmp_path: Path, body: str, line: int) -> None:
    # given a file whose third line swallows the rest
    path = write(tmp_path, f"First Name,Labels\n{body}")
    rows = iter(open_contacts(path))
    # then what stands before is read, and the file ends with an error, not with silence
    assert isinstance(next(rows), Contact)
    with pytest.raises(ImportFileError) as caught:
        next(rows)
    assert refusal(caught.value) == (f"people.csv line {line}: the row does not end.", ENDLESS)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ({"region": "XX"}, "There is no country 'XX'.", "Use the two letters of ISO 3166, for example US or DE."),
        ({"encoding": "rot13"}, "There is no text encoding named 'rot13'.", "Use utf-8, windows-1252 or utf-16."),
        ({"encoding": "latin-klingon"}, "There is no text encoding named 'latin-klingon'.", "Use utf-8, windows-1252 or utf-16."),
        ({"encoding": "utf-16"}, "people.csv is not UTF-16 text.", "Leave out --encoding to find it out."),
        (
            {"as_format": "vcard"},
            "people.csv is not a vCard file: it does not start with BEGIN:VCARD.",
            "Leave out --format to find it out.",
        ),
        (
            {"as_format": "google"},
            "people.csv is not a Google Contacts CSV; its columns are 'Name', 'Mail'.",
            'Try --map name="Name" --map email="Mail"',
        ),
        (
            {"as_format": "google", "mapping": {"name": "Name"}},
            "A mapping is for CSV files, and people.csv is read as google.",
            "Leave out --map, or use --format csv.",
        ),
    ],
)
def test_wish_refused(tmp_path: Path, arguments: dict[str, object], message: str, hint: str) -> None:
    path = write(tmp_path, "Name,Mail\nAnn,ann@example.org\n")
    with pytest.raises(ImportFileError) as caught:
        read(path, **arguments)  # type: ignore[arg-type]  # a row of the table holds any of them
    assert refusal(caught.value) == (message, hint)


def test_vcard_takes_no_mapping() -> None:
    with pytest.raises(ImportFileError) as caught:
        read(SAMPLES / "contacts_4.vcf", mapping={"name": "FN"})
    assert caught.value.message == "A mapping is for CSV files, and contacts_4.vcf is read as vcard."


def test_google_file_with_a_mapping_is_read_by_the_mapping() -> None:
    file = open_contacts(SAMPLES / "google_2024.csv", mapping={"name": "Last Name"})
    assert (file.format, contacts(list(file))[0].name) == ("csv", "Durand")


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (".", "{path} is a folder.", "Name the contact file inside it."),
        ("missing.csv", "{path} does not exist.", "Check the spelling of the path."),
        ("pipe", "{path} is not a file.", "Save the contacts to a file first."),
        ("file/inside", "'inside' cannot be read: Not a directory.", "Check the path and the permissions of the file."),
        ("a\0b", "'a\\x00b' cannot be read: embedded null byte.", "Check the path and the permissions of the file."),
        ("n" * 300, f"'{'n' * 300}' cannot be read: File name too long.", "Check the path and the permissions of the file."),
    ],
)
def test_path_refused(tmp_path: Path, name: str, message: str, hint: str) -> None:
    write(tmp_path, "x", "file")
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name
    with pytest.raises(ImportFileError) as caught:
        open_contacts(path)
    assert refusal(caught.value) == (message.format(path=path), hint)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = "First Name,Labels\nZoë,Clients\nSøren,Führung\n".replace("\n", line_end)
    rows = contacts(read(write(tmp_path, text.encode(encoding))))
    assert [(row.line, row.name, row.tags) for row in rows] == [(2, "Zoë", ("Clients",)), (3, "Søren", ("Führung",))]


def test_file_is_read_lazily_and_closed_when_left(tmp_path: Path) -> None:
    # given a file whose second row is read and no more (an open file would be a ResourceWarning, and warnings are errors)
    rows = open_contacts(write(tmp_path, "First Name,Labels\nAnn,\nBob,\n")).rows()
    assert isinstance(next(rows), Contact)
    rows.close()
    gc.collect()


def test_200_000_rows_in_bounded_memory(tmp_path: Path) -> None:
    # given 200,000 rows, one of them met before
    path = tmp_path / "many.csv"
    with path.open("w") as file:
        file.write("Name,Mail\n")
        file.writelines(f"Ann Number {n},ann{n}@example.org\n" for n in range(199_999))
        file.write("Ann Again,ANN7@example.org\n")
    rows = open_contacts(path, mapping={"name": "Name", "email": "Mail"}).rows()
    first = next(rows)
    # when they are read and the live blocks of the allocator are counted on the way (tracemalloc over every row takes a minute)
    blocks, count, most, refused = sys.getallocatedblocks(), 1, 0, []
    for row in rows:
        count += 1
        if count % 1_000 == 0:
            most = max(most, sys.getallocatedblocks() - blocks)
        if isinstance(row, RowProblem):
            refused.append((row.line, row.message))
    # then all came, and they were never together: a row kept would be several blocks
    assert isinstance(first, Contact)
    assert count == 200_000
    assert refused == [(200_001, "'ann7@example.org' is already on line 9.")]
    assert most < 20_000


def test_200_000_keys_in_bounded_memory() -> None:
    # given the table that remembers who was met, when it holds 200,000 keys
    tracemalloc.start()
    seen = Seen()
    for number in range(200_000):
        seen.claim(f"email ann{number}@example.org", number)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # then it took 16 bytes for each of 524,288 slots, and half as much again while it grew
    assert 12_000_000 < peak < 13_000_000


def test_seen_keeps_the_first_line_of_each_key() -> None:
    seen = Seen()
    for number in range(5_000):
        seen.claim(f"key {number % 2_500}", number)
    assert [seen.line(f"key {number}") for number in (0, 1, 2_499)] == [0, 1, 2_499]
    assert seen.line("key 2500") is None


FORMATS: list[Format] = ["google", "vcard", "csv"]
HEADS = [
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"BEGIN:VCARD\r\nVERSION:4.0\r\n",
    b"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=utf-16;ENCODING=QUOTED-PRINTABLE:",
    b"BEGIN:VCARD\nFN:A\nTEL:",
    b"First Name,Labels,E-mail 1 - Value,Phone 1 - Value,Address 1 - Street,Notes\n",
    b"Name;Mail;Tel\n",
]
TOKENS = [
    b"END:VCARD\n",
    b"BEGIN:VCARD\n",
    b"ADR:;;a\\;b;",
    b"item1.TEL;TYPE=",
    b'"',
    b",",
    b";",
    b"\n",
    b"\r",
    b" ::: ",
    b"=C3=\n",
    b"+49 30 1",
    b"@x.org",
]
CONTENT = st.builds(
    lambda head, parts: head + b"".join(parts),
    st.sampled_from(HEADS),
    st.lists(
        st.one_of(st.binary(max_size=12), st.sampled_from(TOKENS), st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace"))),
        max_size=20,
    ),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=CONTENT,
    mapped=st.booleans(),
    format_=st.sampled_from(["auto", *FORMATS]),
    encoding=st.sampled_from([None, None, "windows-1252", "shift_jis"]),
)
def test_no_bytes_end_in_a_traceback(tmp_path: Path, content: bytes, mapped: bool, format_: Format, encoding: str | None) -> None:
    # given any bytes, then they are rows that a database takes, or one ImportFileError with a hint
    path = write(tmp_path, content)
    mapping = {"name": "Name", "email": "Mail", "phone": "Tel"} if mapped else None
    try:
        rows = list(open_contacts(path, format=format_, mapping=mapping, default_region="DE", encoding=encoding))
    except ImportFileError as error:
        said = refusal(error)
        assert all(said)
        return
    for contact in contacts(rows):
        assert contact.name
        for text in (contact.external_id, contact.name, contact.email, contact.phone, contact.address, contact.notes, *contact.tags):
            assert "\0" not in (text or "")
            (text or "").encode()
    assert all(message.isprintable() for _, _, _, message in problems(rows))


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[A-Za-z0-9_.+\- é]{1,8}@[A-Za-z0-9.-]{1,8}(\.org|\.test|)", fullmatch=True))
def test_quick_way_judges_as_the_library(text: str) -> None:
    try:
        expected: str | None = validate_email(text.strip(), check_deliverability=False, allow_display_name=True).normalized.lower()
    except EmailNotValidError:
        expected = None
    try:
        judged: str | None = email_address(text)
    except BadValueError:
        judged = None
    assert judged == expected
