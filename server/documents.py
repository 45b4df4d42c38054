"""Documents that are named and not sent: trusted ones, from a file, and those that clients register by their hash (APQ)."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson

from planner.recent import Recent

_HASH: Final = "sha256:"
#: Characters of documents that are kept by their hash.
MOST_TEXT: Final = 2_000_000


class Mode(StrEnum):
    """Which documents are run."""

    OFF = "off"
    ALLOW = "allow"
    ONLY = "only"


class DocumentError(Exception):
    """Document that was named and cannot be had, or that is not run here."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadDocumentsError(Exception):
    """File of trusted documents that cannot be used; the message says why."""


class Documents:
    """Documents by their hash. `trusted` are those of a file, which are never forgotten."""

    def __init__(self, mode: Mode = Mode.ALLOW, trusted: Mapping[str, str] | None = None) -> None:
        self._mode = mode
        self.trusted = trusted or {}
        self._registered: Recent[str] = Recent(10_000, MOST_TEXT)

    def text_of(self, sent: Mapping[str, Any]) -> Any:
        """Text of the document that a request sends or names; as it was sent, where nothing was named."""
        query, name, persisted = sent.get("query"), sent.get("documentId"), (sent.get("extensions") or {}).get("persistedQuery")
        if name is not None and query is None:
            return self._by_id(name)
        if persisted is not None:
            return self._persisted(query, persisted)
        if self._mode is Mode.ONLY and not (isinstance(query, str) and hash_of(query) in self.trusted):
            raise _untrusted()
        return query

    def _by_id(self, name: object) -> str:
        text = self.trusted.get(name.removeprefix(_HASH)) if isinstance(name, str) and self._mode is not Mode.OFF else None
        if text is None:
            raise DocumentError("DOCUMENT_NOT_FOUND", "There is no document with this `documentId`.")
        return text

    def _persisted(self, query: object, persisted: object) -> str:
        digest = persisted.get("sha256Hash") if isinstance(persisted, dict) and persisted.get("version") == 1 else None
        if not isinstance(digest, str) or len(digest) != 64:
            words = "`persistedQuery` has `version` 1 and a `sha256Hash` of 64 hexadecimal digits."
            raise DocumentError("INVALID_REQUEST", words)
        if self._mode is Mode.OFF:
            raise DocumentError("PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported")
        if digest in self.trusted:
            return self.trusted[digest]
        if self._mode is Mode.ONLY:
            raise _untrusted()
        if not isinstance(query, str):
            text = self._registered.get(digest)
            if text is None:
                raise DocumentError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")  # the words that clients look for
            return text
        if hash_of(query) != digest:
            raise DocumentError("INVALID_REQUEST", "`sha256Hash` is not the hash of `query`.")
        self._registered.keep(digest, query, len(query))
        return query


def _untrusted() -> DocumentError:
    return DocumentError("DOCUMENT_NOT_TRUSTED", "Only documents that are known here are run: send `documentId`.")


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def read_documents(path: Path) -> dict[str, str]:
    """Documents by their id, as `@graphql-codegen/client-preset` writes them: one JSON object. Raises BadDocumentsError."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise BadDocumentsError(f"{path} cannot be read as JSON") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise BadDocumentsError(f"{path} is no object of documents by their id")
    return {name.removeprefix(_HASH): text for name, text in found.items()}
