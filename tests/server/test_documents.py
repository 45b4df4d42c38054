"""Documents that are named and not sent: by `documentId` from a trusted file, or by a hash that a client registered."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.documents import hash_of
from server.settings import SettingsError, load_settings
from tests.databases import Databases
from tests.server.gateway import gateway

TEXT = "query Kinds { __typename }"
OTHER = "query Other { other: __typename }"
ANSWER = {"data": {"__typename": "Query"}}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps({"abc": "{ nope }"}))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Trusted documents, as `@graphql-codegen/client-preset` writes them."""
    path = tmp_path / "persisted-documents.json"
    path.write_text(json.dumps({hash_of(TEXT): TEXT}))
    return path


def persisted(digest: object, version: int = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": digest}}


async def told(client: httpx2.AsyncClient, **sent: Any) -> tuple[int, str | None]:
    """Status and code of the refusal; None where it was answered."""
    answer = await client.post("/graphql", json=sent)
    if answer.status_code == 200:
        assert answer.json() == ANSWER
        return 200, None
    assert "data" not in answer.json()
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def test_a_trusted_document_is_run_by_its_id(databases: Databases, file: Path) -> None:
    async with gateway(databases, documents_file=file) as client:
        for name in (hash_of(TEXT), f"sha256:{hash_of(TEXT)}"):
            assert await told(client, documentId=name) == (200, None)
        assert await told(client, documentId="nobody") == (400, "DOCUMENT_NOT_FOUND")
        assert await told(client, documentId=1) == (400, "DOCUMENT_NOT_FOUND")
        found = await client.get("/graphql", params={"documentId": hash_of(TEXT)})
        assert (found.status_code, found.json()) == (200, ANSWER)


async def test_trusted_documents_are_planned_at_the_start(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a trusted document, when nothing can be planned any more, then everybody is answered, whatever its variables include."""
    text = "query Mine($more: Boolean = false) { viewer { __typename } clients(first: 2) { nodes { id @include(if: $more) name } } }"
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({hash_of(text): text}))

    def planned_late(*_: object) -> None:
        raise AssertionError("planned after the start")

    async with gateway(databases, "demo", environment="demo", documents_file=path) as client:
        monkeypatch.setattr("planner.engine.Planner", planned_late)
        for who in ("owner", "coach", "assistant", "accountant", "analyst", "active-client", "frozen-client"):
            token = (await client.post("/demo/sign-in", json={"as": who})).json()["accessToken"]
            for more in (False, True):
                sent = {"documentId": hash_of(text), "variables": {"more": more}}
                answer = await client.post("/graphql", json=sent, headers={"authorization": f"Bearer {token}"})
                assert answer.status_code == 200, answer.text
                assert all(("id" in one) is more for one in answer.json()["data"]["clients"]["nodes"]), who


async def test_a_client_registers_a_document_by_its_hash(databases: Databases) -> None:
    async with gateway(databases) as client:
        digest = hash_of(TEXT)
        assert await told(client, extensions=persisted(digest)) == (400, "PERSISTED_QUERY_NOT_FOUND")
        assert await told(client, query=OTHER, extensions=persisted(digest)) == (400, "INVALID_REQUEST")
        assert await told(client, extensions=persisted(digest)) == (400, "PERSISTED_QUERY_NOT_FOUND")
        assert await told(client, query=TEXT, extensions=persisted(digest)) == (200, None)
        assert await told(client, extensions=persisted(digest)) == (200, None)
        found = await client.get("/graphql", params={"extensions": json.dumps(persisted(digest))})
        assert (found.status_code, found.json()) == (200, ANSWER)
        for wrong in (persisted(digest, version=2), persisted("x"), persisted(7), {"persistedQuery": 3}):
            assert await told(client, extensions=wrong) == (400, "INVALID_REQUEST")
        lost = await client.post("/graphql", json={"extensions": persisted("0" * 64)})
        assert lost.json()["errors"][0]["message"] == "PersistedQueryNotFound"  # by which clients know to send it whole


async def test_only_trusted_documents_are_run_where_it_says_so(databases: Databases, file: Path) -> None:
    async with gateway(databases, documents="only", documents_file=file) as client:
        assert await told(client, documentId=hash_of(TEXT)) == (200, None)
        assert await told(client, query=TEXT) == (200, None)  # the same document, sent whole
        assert await told(client, extensions=persisted(hash_of(TEXT))) == (200, None)
        for sent in ({"query": OTHER}, {"query": OTHER, "extensions": persisted(hash_of(OTHER))}, {"query": f"{TEXT} "}, {}):
            assert await told(client, **sent) == (400, "DOCUMENT_NOT_TRUSTED")


async def test_nothing_is_named_where_that_is_off(databases: Databases, file: Path) -> None:
    async with gateway(databases, documents="off", documents_file=file) as client:
        assert await told(client, query=TEXT) == (200, None)
        assert await told(client, documentId=hash_of(TEXT)) == (400, "DOCUMENT_NOT_FOUND")
        assert await told(client, query=TEXT, extensions=persisted(hash_of(TEXT))) == (400, "PERSISTED_QUERY_NOT_SUPPORTED")


def test_a_file_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    for content, expected in (
        (None, "cannot be read as JSON"),
        ("{", "cannot be read as JSON"),
        ("[1]", "is no object of documents"),
        ('{"a": 1}', "is no object of documents"),
    ):
        path = tmp_path / "documents.json"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        with pytest.raises(SettingsError, match=expected):
            load_settings(documents_file=path)
    with pytest.raises(SettingsError, match="with `only`, nothing could be run"):
        load_settings(documents="only")


async def test_a_trusted_document_that_is_not_valid_stops_the_start(databases: Databases, broken: Path) -> None:
    with pytest.raises(Exception, match=r"document abc .* is not valid: Cannot query field 'nope'"):
        async with gateway(databases, documents_file=broken):
            pass
