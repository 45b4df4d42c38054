"""Folding, terms and query words."""

import pytest

from storage.search import fold, query_words, search_terms


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Olivia   HART ", "olivia hart"),
        ("Łukasz Østergård", "lukasz ostergard"),
        ("Straße", "strasse"),
        ("İnci Yılmaz", "inci yilmaz"),  # noqa: RUF001 - the letters of Turkish
        ("Γιώργος", "γιωργοσ"),
        ("김민준", "김민준"),
        ("E\u0301milie", "emilie"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_twice_is_fold_once() -> None:
    for text in ("Straße İnci", "김민준", "Trần Thảo", "ÅNGSTRÖM"):
        assert fold(fold(text)) == fold(text)


def test_terms_of_a_person() -> None:
    assert search_terms("Anne-Marie O'Brien", "a.m_obrien+work@Example.org", "+442079460123") == {
        *("anne", "marie", "obrien", "a", "m", "work"),
        *("a.m_obrien+work@example.org", "example.org", "442079460123", "2079460123"),
    }


def test_terms_of_somebody_known_by_name_only() -> None:
    assert search_terms("Zoë", None, None) == {"zoe"}
    assert search_terms("", None, None) == set()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Maria  LÓPEZ", ["maria", "lopez"]),
        ("(202) 555-0114", ["2025550114"]),
        ("+1 202 555 0114", ["12025550114"]),
        ("0044 20 7946", ["44207946"]),
        ("020 7946 0123", ["2079460123"]),
        ("maria@example", ["maria@example"]),
        ("@example.org", ["example.org"]),
        ("o’brien anne-m", ["obrien", "anne", "m"]),  # noqa: RUF001 - as a phone types it
        ("Dr. Smith, Jr.", ["dr", "smith", "jr"]),
        ("anna anna", ["anna"]),
        ("42", ["42"]),
        ("000", ["0"]),
        ("  ", []),
        ("...", []),
    ],
)
def test_query_words(typed: str, words: list[str]) -> None:
    assert query_words(typed) == words


@pytest.mark.parametrize(
    "typed", ["maya lind", "lindqvist", "active-client@example.org", "example.org", "202 555 01", "+1 (202) 555-0114", "MAYA"]
)
def test_a_person_is_found_by_what_people_type(typed: str) -> None:
    terms = search_terms("Maya Lindqvist", "active-client@example.org", "+12025550114")
    assert all(any(term.startswith(word) for term in terms) for word in query_words(typed))


@pytest.mark.parametrize("typed", ["maja", "maya smith", "202 555 02", "example.com"])
def test_and_not_by_what_is_wrong(typed: str) -> None:
    terms = search_terms("Maya Lindqvist", "active-client@example.org", "+12025550114")
    assert not all(any(term.startswith(word) for term in terms) for word in query_words(typed))
