"""How the page and its assets are served, and that the bundle is the build of its source."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.ide import DIST, ide_routes

SOURCE = DIST.parent


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ide_routes()))


def built(suffix: str) -> Path:
    return next((DIST / "assets").glob(f"index-*{suffix}.gz"))


def digests(paths: list[Path], folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder.parent if folder == DIST else folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }


def test_bundle_is_the_build_of_its_source() -> None:
    generated = {SOURCE / "node_modules", DIST}
    source = [path for path in SOURCE.rglob("*") if path.is_file() and not generated & set(path.parents)]
    bundle = [path for path in DIST.rglob("*") if path.is_file() and path.name != "build.json"]

    recorded = json.loads((DIST / "build.json").read_text())

    remedy = "run `npm ci && npm run build` in server/graphiql"
    assert recorded["source"] == digests(source, SOURCE), remedy
    assert recorded["built"] == digests(bundle, DIST), remedy


def test_lock_names_no_registry() -> None:
    packages = json.loads((SOURCE / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_page_allows_nothing_but_our_own_origin(client: TestClient) -> None:
    response = client.get("/graphiql")

    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["cache-control"] == "no-cache"
    assert 'data-endpoint="/graphql" data-demo="/demo"' in response.text


def test_page_names_the_paths_it_was_given() -> None:
    client = TestClient(Starlette(routes=ide_routes('/api?a="b"', "")))
    assert 'data-endpoint="/api?a=&quot;b&quot;" data-demo=""' in client.get("/graphiql").text


@pytest.mark.parametrize(("suffix", "media_type"), [(".js", "text/javascript; charset=utf-8"), (".css", "text/css; charset=utf-8")])
@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("gzip, br", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("identity", None), ("gzip;q=0", None), ("gzip; q=0.0", None), ("", None)],
)
def test_asset_is_sent_as_the_client_accepts_it(
    client: TestClient, suffix: str, media_type: str, accept: str, encoding: str | None
) -> None:
    path = built(suffix)

    response = client.get(f"/graphiql/assets/{path.stem}", headers={"Accept-Encoding": accept})

    assert response.content == gzip.decompress(path.read_bytes())
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["content-type"] == media_type
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["absent.js", "../index.html", "..%2findex.html", "%2e%2e/build.json", "..%5cbuild.json", ""])
def test_only_assets_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/graphiql/assets/{name}").status_code == 404
