"""What is answered over HTTP is what its description says: statuses, headers, media types, methods; broken requests are refused."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.app import create_app
from server.settings import load_settings
from tests.databases import Databases
from tests.fuzz.surface import DESCRIPTION, surface

in_a_file = pytest.mark.parametrize("databases", ["sqlite"], indirect=True, scope="session")


def described() -> Any:
    return yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))


@in_a_file
async def test_every_path_is_described(databases: Databases) -> None:
    url = await databases.copy("empty")
    app = create_app(load_settings(database_url=url, environment="demo", clock=False))
    async with app.router.lifespan_context(app):
        assert {getattr(route, "path", None) for route in app.router.routes} | {"/graphql"} == described()["paths"].keys()
    await databases.drop(url)


@in_a_file
async def test_every_answer_is_as_described(databases: Databases) -> None:
    url = await databases.copy("demo")
    code, said = await surface(url, examples=20, start=8)
    await databases.drop(url)
    assert code == 0, said
    made = re.search(r"([\d,]+) generated, ([\d,]+) passed", said)
    assert made, said
    assert made[1] == made[2]
    assert int(made[1].replace(",", "")) > 200


@in_a_file
async def test_an_answer_that_is_not_as_described_is_found(databases: Databases, tmp_path: Path) -> None:
    """Given a description with another state, header and method than there are, then each is told."""
    said_of = described()
    said_of["paths"] = {path: said_of["paths"][path] for path in ("/graphql", "/healthz", "/readyz", "/exports/{token}")}
    healthz = said_of["paths"]["/healthz"]["get"]["responses"]
    healthz["204"] = healthz.pop("200")
    said_of["components"]["headers"]["X-Content-Type-Options"]["schema"]["const"] = "sniff"
    said_of["paths"]["/readyz"]["delete"] = said_of["paths"]["/readyz"]["get"]
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(said_of), encoding="utf-8")
    url = await databases.copy("demo")
    code, said = await surface(url, examples=2, start=8, description=tmp_path / "other.yaml")
    await databases.drop(url)
    assert code == 1
    for path in ("GET /healthz", "POST /graphql", "GET /exports/{token}", "DELETE /readyz"):
        assert re.search(rf"^_+ {re.escape(path)} _+$", said, re.MULTILINE), (path, said)
