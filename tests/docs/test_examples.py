"""What the pages tell a reader to type works: commands, queries, and the two programs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from typer.main import get_command

from server.cli import app
from server.settings import Settings, variable_of
from tests.docs.conftest import PAGES, TREE, name_of

README = (TREE / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema((TREE / "schema.graphql").read_text(encoding="utf-8"))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PYTHONPATH": str(TREE), "PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [sys.executable, "-P", *arguments], cwd=TREE, env=variables, input=stdin, capture_output=True, text=True, check=False
    )


def test_the_planner_answers_over_another_domain() -> None:
    [program] = blocks(README, "python")
    done = run("-c", program)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "bookseller {'shelves': {'totalCount': 1, 'nodes': [{'room': 'Attic', 'books': {'nodes': ["
        "{'title': 'Emma', 'price': 9}, {'title': 'Walden', 'price': 12}]}}]}} []",
        "guest {'shelves': {'totalCount': 1, 'nodes': [{'room': 'Attic', 'books': {'nodes': ["
        "{'title': 'Walden', 'price': None}]}}]}} [{'path': ['shelves', 'nodes', 0, 'books', 'nodes', 0, 'price'], "
        "'code': 'GUEST', 'because': 'Guests see no prices.'}]",
    ]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_options_exist(page: Path) -> None:
    root = get_command(app)
    commands = getattr(root, "commands")  # noqa: B009 - typer's group has it, click's base class does not
    for line in re.findall(r"\./portico ([^`\n]*)", page.read_text(encoding="utf-8")):
        words = re.split(r" +[#>|]|\)", line)[0].split()
        if not words or words[0].startswith(("-", "<", "keeps", "says")):
            continue
        command = commands.get(words[0])
        assert command is not None, line
        while words[1:] and words[1] in getattr(command, "commands", {}):
            words = words[1:]
            command = command.commands[words[0]]
        known = {"--help"} | {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_exist(page: Path) -> None:
    known = {variable_of(name) for name in Settings.model_fields} | {"PORTICO_SECRETS_DIR", "PORTICO_TEST_POSTGRES", "PORTICO_"}
    assert set(re.findall(r"PORTICO_[A-Z_]*", page.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_queries_fit_the_schema(page: Path, schema: GraphQLSchema) -> None:
    text = page.read_text(encoding="utf-8")
    documents = blocks(text, "graphql") + [json.loads(body)["query"] for body in re.findall(r"-d '(\{.*?\})'", text)]
    assert [error.message for document in documents for error in validate(schema, parse(document))] == []


def test_a_place_waits_for_the_figures() -> None:
    assert README.index("<!-- bench:begin -->") < README.index("<!-- bench:end -->")
