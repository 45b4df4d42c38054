"""GraphQL over HTTP at one address: requests read, callers known, operations run by the planner or the executor, answers written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
import structlog
from graphql import GraphQLError, OperationType, execute
from graphql.execution import ExecutionResult
from graphql.pyutils import is_awaitable
from starlette.types import Receive, Scope, Send

from planner.engine import Answer, Engine, Prepared
from planner.errors import NotLiveError, RequestError
from planner.statements import JSON_OPTIONS
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.context import Context
from resolvers.elsewhere import LINK_QUERIES
from resolvers.reasons import record_reason
from resolvers.tokens import TokenCodec
from resolvers.viewers import viewer_of
from server.auth import AuthCode, Authenticator, AuthError
from server.deadlines import Deadlines
from server.limits import MAX_BODY_BYTES
from server.logs import RequestNotes, notes_of, request_id_of
from server.rest import have_for
from storage.database import Database
from storage.errors import Unavailable

RESPONSE_JSON: Final = b"application/graphql-response+json"
#: Headers that anything here looks at.
READ_HEADERS: Final = frozenset({b"accept", b"authorization", b"content-type", b"idempotency-key", b"portico-reason", b"portico-workspace"})
#: Root fields of queries that nobody need sign in for.
OPEN_ROOTS: Final = LINK_QUERIES | {"__typename", "__schema", "__type"}
_LOG: Final = structlog.get_logger("portico.graphql")


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


def _error(message: str, code: str, path: tuple[str | int, ...] = (), **more: object) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "extensions": {"code": code, **more}}
    return {**error, "path": list(path)} if path else error


class GraphQLEndpoint:
    """ASGI application that answers GraphQL requests."""

    def __init__(
        self,
        *,
        engine: Engine,
        database: Database,
        authenticator: Authenticator,
        tokens: TokenCodec,
        secrets: tuple[bytes, ...],
        timeout: float,
        introspection: bool,
    ) -> None:
        self._engine = engine
        self._database = database
        self._authenticator = authenticator
        self._tokens = tokens
        self._secrets = secrets
        self._deadlines = Deadlines(timeout)
        self._introspection = introspection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in READ_HEADERS}
        modern = RESPONSE_JSON.decode() in headers.get("accept", "")
        notes = notes_of(scope)
        try:
            request = await _read(scope, headers, receive)
            await have_for(self._engine, request.query)
            with self._deadlines.set():
                status, body = await self._respond(scope, headers, request, notes)
        except HttpError as error:
            notes.codes.append(error.code)
            body = orjson.dumps({"errors": [_error(error.message, error.code)]})
            await _send(send, error.status, body, modern=modern, allow=error.status == 405)
            return
        except TimeoutError:
            status, body = _refused(504, _error("The operation took too long and was stopped.", "TIMEOUT"), notes)
        await _send(send, status if modern else 200, body, modern=modern)

    async def _respond(self, scope: Scope, headers: Mapping[str, str], request: Request, notes: RequestNotes) -> tuple[int, bytes]:
        """Status for a client that understands statuses, and the body."""
        try:
            return await self._as_caller(scope, headers, request, notes)
        except HttpError:
            raise
        except AuthError as error:
            status = 503 if error.code is AuthCode.UNAVAILABLE else 401
            return _refused(status, _error(error.message, "UNAUTHENTICATED", reason=error.code.value), notes)
        except NotLiveError:
            message = "Login is no longer valid: sign in again."
            return _refused(401, _error(message, "UNAUTHENTICATED", reason=AuthCode.REVOKED.value), notes)
        except RequestError as error:
            status = 401 if error.code == "UNAUTHENTICATED" else 400
            return _refused(status, _error(error.message, error.code, error.path), notes)
        except Unavailable:
            return _refused(503, _error("The database cannot be reached at the moment: try again in a few seconds.", "UNAVAILABLE"), notes)
        except Exception:
            _LOG.exception("request failed")
            return _refused(500, _error("Something went wrong on our side.", "INTERNAL", requestId=request_id_of(scope)), notes)

    async def _as_caller(self, scope: Scope, headers: Mapping[str, str], request: Request, notes: RequestNotes) -> tuple[int, bytes]:
        """Answer to the caller. What is remembered of a key or an identity may be old: refused, it is looked up once more."""
        caller = await self._authenticator.authenticate(headers)
        try:
            return await self._operate(request, caller, request_id_of(scope), notes)
        except NotLiveError:
            if caller.proof is Proof.SESSION:
                raise
            self._authenticator.forget(headers)
            caller = await self._authenticator.authenticate(headers)
            return await self._operate(request, caller, request_id_of(scope), notes)

    async def _operate(self, request: Request, caller: Caller, request_id: str, notes: RequestNotes) -> tuple[int, bytes]:
        engine = self._engine
        notes.caller, notes.role = caller.kind.value, caller.role.value if caller.role else None
        prepared = engine.prepare(request.query)
        if prepared.errors:
            notes.codes.append("INVALID_DOCUMENT")
            return 400, orjson.dumps({"errors": [_document_error(error) for error in prepared.errors]})
        operation = engine.operation(prepared, request.operation)
        notes.operation = operation.name.value if operation.name else None
        if operation.operation is not OperationType.QUERY and request.read_only:
            raise HttpError(405, "METHOD_NOT_ALLOWED", "Only queries may be sent by GET.")
        variables = engine.variables(prepared, operation, request.variables)
        anonymous = caller.kind is CallerKind.ANONYMOUS
        planned = not anonymous and engine.plannable(prepared, operation)
        if anonymous and operation.operation is OperationType.QUERY and not engine.roots(prepared, operation) <= OPEN_ROOTS:
            raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")
        context = Context(caller, self._database, self._tokens, request_id, engine=engine, prepared=prepared)
        context.secrets, context.idempotency_key = self._secrets, request.idempotency_key
        if caller.reason is not None:
            await record_reason(context, notes.operation)
        if planned:
            viewer = viewer_of(caller, self._database.dialect, context.now())
            return 200, _body(await engine.run(prepared, operation, variables, viewer, self._database.read))
        return await self._execute(request, prepared, context, notes)

    async def _execute(self, request: Request, prepared: Prepared, context: Context, notes: RequestNotes) -> tuple[int, bytes]:
        """Mutations and introspection, in graphql-core."""
        if prepared.document is None:
            raise TypeError("a document without errors")
        hidden = not self._introspection and context.caller.kind is CallerKind.ANONYMOUS
        if hidden and not {"__schema", "__type"}.isdisjoint(
            self._engine.roots(prepared, self._engine.operation(prepared, request.operation))
        ):
            raise RequestError("UNAUTHENTICATED", "Sign in first: only those who are signed in may read the schema.")
        from gql.planned import PlannedExecutor  # noqa: PLC0415 - every type and step, which no read waits for
        from gql.schema import GRAPHQL  # noqa: PLC0415

        result = execute(
            GRAPHQL,
            prepared.document,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation,
            executor_class=PlannedExecutor,
        )
        if is_awaitable(result):
            result = await result
        if not isinstance(result, ExecutionResult):
            raise TypeError("an incremental result")
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_masked(error, context.request_id, notes) for error in result.errors]
        if context.withheld:
            answer["extensions"] = {"withheld": context.withheld}
        return 200, orjson.dumps(answer, option=JSON_OPTIONS)


def _body(answer: Answer) -> bytes:
    if not answer.withheld:
        return b'{"data":' + orjson.dumps(answer.data, option=JSON_OPTIONS) + b"}"
    return orjson.dumps({"data": answer.data, "extensions": {"withheld": answer.withheld}}, option=JSON_OPTIONS)


def _refused(status: int, error: dict[str, Any], notes: RequestNotes) -> tuple[int, bytes]:
    notes.codes.append(error["extensions"]["code"])
    return status, orjson.dumps({"data": None, "errors": [error]} if status >= 500 else {"errors": [error]})


def _document_error(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = {"message": error.message, "extensions": {"code": "INVALID_DOCUMENT", **(error.extensions or {})}}
    if error.locations:
        formatted["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return formatted


def _masked(error: GraphQLError, request_id: str, notes: RequestNotes) -> dict[str, Any]:
    """What a resolver raised: our own words as they are, everything else as one sentence."""
    original, path = error.original_error, tuple(error.path or ())
    if isinstance(original, NotLiveError):
        raise original
    if isinstance(original, RequestError):
        shown = _error(original.message, original.code, path)
    elif original is None or isinstance(original, GraphQLError):
        shown = _error(error.message, str((error.extensions or {}).get("code", "BAD_USER_INPUT")), path)
    elif isinstance(original, Unavailable):
        shown = _error("The database cannot be reached at the moment: try again in a few seconds.", "UNAVAILABLE", path)
    else:
        _LOG.error("resolver failed", exc_info=original)
        shown = _error("Something went wrong on our side.", "INTERNAL", path, requestId=request_id)
    notes.codes.append(shown["extensions"]["code"])
    return shown


async def _read(scope: Scope, headers: Mapping[str, str], receive: Receive) -> Request:
    if scope["method"] == "GET":
        return _from_query(scope["query_string"])
    if scope["method"] != "POST":
        raise HttpError(405, "METHOD_NOT_ALLOWED", "GraphQL requests are sent by POST, queries also by GET.")
    media, _, parameters = headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/json" or ("charset" in parameters.lower() and "utf-8" not in parameters.lower()):
        raise HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be `application/json` in UTF-8.")
    try:
        sent = orjson.loads(await _body_of(receive))
    except orjson.JSONDecodeError:
        raise HttpError(400, "INVALID_JSON", "The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise HttpError(400, "INVALID_REQUEST", "The body must be a JSON object with `query`.")
    request = _checked(sent, read_only=False)
    request.idempotency_key = headers.get("idempotency-key")
    return request


async def _body_of(receive: Receive) -> bytes:
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


def _from_query(query_string: bytes) -> Request:
    try:
        sent: dict[str, Any] = {k: v[-1] for k, v in parse_qs(query_string.decode("ascii"), strict_parsing=bool(query_string)).items()}
        if "variables" in sent:
            sent["variables"] = orjson.loads(sent["variables"])
    except ValueError:
        raise HttpError(400, "INVALID_REQUEST", "The query string cannot be read.") from None
    return _checked(sent, read_only=True)


def _checked(sent: dict[str, Any], *, read_only: bool) -> Request:
    query, operation, variables = sent.get("query"), sent.get("operationName"), sent.get("variables")
    if not isinstance(query, str):
        raise HttpError(400, "INVALID_REQUEST", "`query` must be the text of a GraphQL document.")
    if operation is not None and not isinstance(operation, str):
        raise HttpError(400, "INVALID_REQUEST", "`operationName` must be a text.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpError(400, "INVALID_REQUEST", "`variables` must be an object.")
    if not isinstance(sent.get("extensions") or {}, dict):
        raise HttpError(400, "INVALID_REQUEST", "`extensions` must be an object.")
    return Request(query, operation or None, variables or {}, read_only)


async def _send(send: Send, status: int, body: bytes, *, modern: bool, allow: bool = False) -> None:
    media = RESPONSE_JSON + b"; charset=utf-8" if modern else b"application/json; charset=utf-8"
    headers = [
        (b"content-type", media),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if allow:
        headers.append((b"allow", b"GET, POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
