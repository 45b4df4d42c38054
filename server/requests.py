"""GraphQL requests as they come over HTTP: by POST in JSON, queries also by GET."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope

from server.documents import Documents
from server.limits import MAX_BODY_BYTES


class HttpError(Exception):
    """Request that is not GraphQL over HTTP; answered with its status in any case."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(slots=True)
class Request:
    """GraphQL request, as it was sent."""

    query: str
    operation: str | None
    variables: Mapping[str, Any]
    read_only: bool
    idempotency_key: str | None = None


async def read(scope: Scope, headers: Mapping[str, str], receive: Receive, documents: Documents) -> Request:
    """Request, with the document that it sends or names; raises HttpError and DocumentError."""
    if scope["method"] == "GET":
        return _from_query(scope["query_string"], documents)
    if scope["method"] != "POST":
        raise HttpError(405, "METHOD_NOT_ALLOWED", "GraphQL requests are sent by POST, queries also by GET.")
    media, _, parameters = headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json" or ("charset" in parameters.lower() and "utf-8" not in parameters.lower()):
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be `application/json` in UTF-8.")
    try:
        sent = orjson.loads(await body_of(receive))
    except orjson.JSONDecodeError:
        raise HttpError(400, "INVALID_JSON", "The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise HttpError(400, "INVALID_REQUEST", "The body must be a JSON object with `query`.")
    request = _checked(sent, documents, read_only=False)
    request.idempotency_key = headers.get("idempotency-key")
    return request


async def body_of(receive: Receive) -> bytes:
    """Body of a request; raises HttpError where it is too long, or ends early."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise HttpError(400, "INVALID_REQUEST", "The request ended early.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise HttpError(413, "BODY_TOO_LARGE", f"The body has more than {MAX_BODY_BYTES} bytes.")
        chunks.append(chunk)
        if not message.get("more_body"):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _from_query(query_string: bytes, documents: Documents) -> Request:
    try:
        sent: dict[str, Any] = {k: v[-1] for k, v in parse_qs(query_string.decode("ascii"), strict_parsing=bool(query_string)).items()}
        if "variables" in sent:
            sent["variables"] = orjson.loads(sent["variables"])
        if "extensions" in sent:
            sent["extensions"] = orjson.loads(sent["extensions"])
    except ValueError:
        raise HttpError(400, "INVALID_REQUEST", "The query string cannot be read.") from None
    return _checked(sent, documents, read_only=True)


def _checked(sent: dict[str, Any], documents: Documents, *, read_only: bool) -> Request:
    if not isinstance(sent.get("extensions", {}), dict | None):
        raise HttpError(400, "INVALID_REQUEST", "`extensions` must be an object.")
    query, operation, variables = documents.text_of(sent), sent.get("operationName"), sent.get("variables")
    if not isinstance(query, str):
        raise HttpError(400, "INVALID_REQUEST", "`query` must be the text of a GraphQL document.")
    if operation is not None and not isinstance(operation, str):
        raise HttpError(400, "INVALID_REQUEST", "`operationName` must be a text.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "INVALID_REQUEST", "`variables` must be an object.")
    return Request(query, operation or None, variables or {}, read_only)
