"""Reports as documents: what can be read in them."""

import re

import orjson
import pytest

from lifecycle.vocabulary import CoachingKind, Compensation
from server.reports import document
from server.reports.document import TypesetError
from tests.certification.practice import Practice, ago
from tests.reports.files import export, fetched, sheets, text_of


async def test_the_log_with_its_charts(practice: Practice) -> None:
    """Given a log and a credential, then the document has the totals, the months, the way to it, and the lines."""
    ada = await practice.client(name="Ada Lovelace", email="ada@example.org")
    for days in (20, 80, 140):
        await practice.session(ada, ago(days), 90)
    await practice.session(await practice.client(name="Shy Person", listed=False), ago(30), 30)
    text = text_of(await fetched(practice, export(practice, "CLIENTS", "PDF", ruleSet="ICF_PCC")))
    for words in (
        "Client coaching log",
        "Hours by month",
        f"{ago(140):%Y-%m}",
        "Progress to ICF Professional Certified Coach",
        "5.00 of 500",
        "2 of 25",
        "Ada Lovelace ada@example.org Individual",
        "Clients who are not listed",
    ):
        assert words in text.replace("5 of 500", "5.00 of 500"), words
    assert re.search(r"All hours that count \S+ \S+ 5\.00 0\.00", text)
    assert "Shy" not in text


async def test_the_log_by_session(practice: Practice) -> None:
    ada = await practice.client(name="Ada Lovelace")
    await practice.session(ada, ago(20), 90)
    await practice.session(ada, ago(10), counts_override=False, override_reason="Ada was ill")
    text = text_of(await fetched(practice, export(practice, "SESSIONS", "PDF")))
    assert "Ada Lovelace Individual 90 1.50 0.00 yes" in text
    assert "no: Overridden" in text
    assert "ill" not in text.replace("will", "")


async def test_a_name_is_text_and_no_program(practice: Practice) -> None:
    """Given names that typst would read as code, then they stand there as they are."""
    names = ("#panic(1)", "$x$ *bold* _it_ [a] <b>", '"quoted" \\ `raw`', "@ada #import", "김 明 \U0001f600")
    for name in names:
        await practice.session(await practice.client(name=name), ago(20))
    text = text_of(await fetched(practice, export(practice, "CLIENTS", "PDF")))
    for name in names[:-1]:
        assert " ".join(name.split()) in text, name


async def test_a_letter_for_an_organisation(practice: Practice) -> None:
    """Given clients of organisations, then the letter has those who are not listed, by an alias, and their hours."""
    listed, shy = await practice.client(name="Ada Lovelace"), await practice.client(name="Shy Person", listed=False)
    other = await practice.client(name="Other Person", listed=False)
    for client in (listed, shy):
        await practice.session(client, ago(20), 90, compensation=Compensation.THIRD_PARTY)
    await practice.session(shy, ago(60), 30, coaching_kind=CoachingKind.INTERNAL, compensation=Compensation.PRO_BONO)
    await practice.session(other, ago(30), 60)
    text = text_of(await fetched(practice, export(practice, "LETTER", "PDF")))
    assert re.search(r"Confidential client 1 \S+ \S+ 1\.50 0\.50", text)
    assert re.search(r"Together: 1 \S+ \S+ 1\.50 0\.50", text)
    assert not any(word in text for word in ("Ada", "Shy", "Other", "Confidential client 2"))


async def test_a_workbook_has_a_summary_and_charts(practice: Practice) -> None:
    await practice.session(await practice.client(), ago(20), 90)
    await practice.session(await practice.client(), ago(90), 30, compensation=Compensation.PRO_BONO)
    book = sheets(await fetched(practice, export(practice, "SESSIONS", "XLSX", ruleSet="ICF_ACC")))
    assert list(book) == ["Log", "Summary", "Months", "Progress"]
    assert ["Hours that count", "2"] in [row[:2] for row in book["Summary"]]
    assert [row[:3] for row in book["Months"]][1] == [f"{ago(90):%Y-%m}", "0", "0.5"]
    assert book["Progress"][1][:4] == ["Coaching hours", "2", "100", "no"]


async def test_an_empty_report_is_a_file_too(practice: Practice) -> None:
    for form in ("CSV", "XLSX", "PDF", "JSON"):
        content = await fetched(practice, export(practice, "CLIENTS", form, ruleSet="ICF_ACC"))
        assert content
    assert [row["row"] for row in orjson.loads(content)["rows"]] == ["UNLISTED", "TOTAL"]


async def test_what_cannot_be_set_is_an_error_and_no_file(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_head", lambda _facts: {})
    with pytest.raises(TypesetError):
        await fetched(practice, export(practice, "CLIENTS", "PDF"))
