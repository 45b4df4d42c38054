"""What the pages point at is there: files, headings, decisions, paths of the tree, commands."""

import re
from pathlib import Path

import pytest

from lifecycle.fields import FIELDS
from tests.docs.conftest import PAGES, TREE, name_of

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
#: Beginnings of paths of the tree. A path that only stands there once something ran is none.
FOLDERS = ("bench/", "docker/", "docs/", "gql/", "lifecycle/", "planner/", "resolvers/", "scripts/", "server/", "storage/", "tests/")


def prose(page: Path) -> str:
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Anchors of the headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_that_are_named_are_there(page: Path) -> None:
    """`gql/clients.py` in the text is a promise; `*` and `<noun>` stand for any, in which case the folder must be there."""
    missing = []
    for text in CODE.findall(prose(page)):
        if text.startswith(FOLDERS) and " " not in text:
            fixed = re.split(r"[*<]", text)[0]
            if not (TREE / (fixed if fixed == text else fixed.rpartition("/")[0])).exists():
                missing.append(text)
    assert missing == []


def test_every_page_and_decision_is_reached_from_the_readme() -> None:
    readme = (TREE / "README.md").read_text(encoding="utf-8")
    lost = [name_of(page) for page in PAGES if page.parent == TREE / "docs" and name_of(page) not in readme]
    assert lost == []
    assert "docs/decisions/" in readme


def test_fields_that_are_named_exist() -> None:
    """`Type.field` in the text names a field of the schema; what is not here yet must not look as if it were."""
    known = {f"{type_}.{field}" for type_, fields in FIELDS.items() for field in fields}
    named = {text for page in PAGES for text in CODE.findall(prose(page)) if text.partition(".")[0] in FIELDS and text.count(".") == 1}
    assert {text for text in named if text not in known and (TREE / text).suffix not in {".py", ".md"}} == set()
