"""Every code that the sources can answer stands in docs/api.md, and no other."""

import re
from inspect import signature
from itertools import product
from pathlib import Path

from lifecycle.access import Cell, Resource, Standing, portal_refusal, staff_refusal
from lifecycle.entry import entry_refusal
from lifecycle.problems import ProblemCode
from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, Role
from planner.engine import Engine
from server import limits
from server.auth import AuthCode
from tests.docs.conftest import TREE

API = (TREE / "docs" / "api.md").read_text(encoding="utf-8")
#: How a source names the code of an error.
SPELLINGS = (
    r"RequestError\(\s*\"([A-Z_]+)\"",
    r"DocumentError\(\s*\"([A-Z_]+)\"",
    r"Elsewhere\(\s*\"([A-Z_]+)\"",
    r"HttpError\(\s*\d+,\s*\"([A-Z_]+)\"",
    r"_error\([^)\"]*(?:\"[^\"]*\",\s*)?\"([A-Z_]+)\"",
    r"\"code\": \"([A-Z_]+)\"",
    r"\.get\(\"code\", \"([A-Z_]+)\"\)",
)


def documented(heading: str) -> set[str]:
    """Codes in the first column of the table under a heading."""
    section = re.split(r"^##+ ", API.split(f"\n### {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE))


def sources() -> list[Path]:
    return [path for package in ("server", "gql", "resolvers", "planner") for path in (TREE / package).rglob("*.py")]


def test_errors() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sources() if "imports" not in path.parts]
    found = {code for text in texts for spelling in SPELLINGS for code in re.findall(spelling, text)}
    assert found == documented("Errors")


def test_reasons_of_refused_proofs() -> None:
    assert {code.value for code in AuthCode} == documented("Reasons of `UNAUTHENTICATED`")


def test_problems_of_mutations() -> None:
    assert {code.value for code in ProblemCode} == documented("Problems of mutations")


def test_reasons_of_withheld_fields() -> None:
    refusals = [portal_refusal(standing, resource) for standing in Standing for resource in Resource]
    refusals += [
        staff_refusal(role, resource, state=state, freely=freely)
        for role in Role
        for resource in Resource
        for state in DataState
        for freely in (True, False)
    ]
    refusals += [
        entry_refusal(status, mode, state, login=login, ended=False)
        for status, mode, state in product(ClientStatus, AccessMode, DataState)
        for login in (True, False)
    ]
    assert {refusal.code for refusal in refusals if refusal} == documented("Reasons of withheld fields")
    assert Cell.REASON.value == "R!"


def test_limits() -> None:
    section = API.split("\n## Limits\n", 1)[1].split("\n## ", 1)[0]
    for what, value in (
        ("body", limits.MAX_BODY_BYTES),
        ("tokens of a document", limits.MAX_TOKENS),
        ("depth", limits.MAX_DEPTH),
        ("root fields, those in views included", limits.MAX_ROOT_FIELDS),
        ("fields in all, with fragments written out", signature(Engine).parameters["max_fields"].default),
    ):
        assert re.search(rf"^\| {what} \| {value:,}( |$)", section, re.MULTILINE), what
