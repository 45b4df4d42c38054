"""GraphQL over HTTP at one address: requests read, callers known, operations run by the planner or the executor, answers written."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
import structlog
from graphql import GraphQLError, OperationType, execute
from graphql.execution import ExecutionResult
from graphql.pyutils import is_awaitable
from starlette.types import Receive, Scope, Send

from lifecycle.vocabulary import KeyScope
from planner.documents import Prepared
from planner.engine import Answer, Engine
from planner.errors import NotLiveError, RequestError
from planner.statements import JSON_OPTIONS
from resolvers.callers import Caller, CallerKind, Proof
from resolvers.context import Context
from resolvers.elsewhere import LINK_QUERIES
from resolvers.reasons import record_reason
from resolvers.scopes import refuse_to_write, writes
from resolvers.tokens import TokenCodec
from resolvers.tries import Tries
from resolvers.viewers import viewer_of
from server.addresses import Addresses
from server.auth import AuthCode, Authenticator, AuthError
from server.budget import Spending, cost_of, rate_headers
from server.cookies import Browsers
from server.deadlines import Deadlines
from server.documents import DocumentError, Documents
from server.exchange import READ_HEADERS, Exchange
from server.limits import check_variables
from server.logs import RequestNotes, notes_of, request_id_of
from server.requests import HttpError, Request, read
from server.rest import have_for
from storage.database import Database
from storage.errors import Unavailable

#: Root fields of queries that nobody need sign in for.
OPEN_ROOTS: Final = LINK_QUERIES | {"__typename", "__schema", "__type"}
#: Statuses of refusals, where they are not 400.
_STATUSES: Final = {"UNAUTHENTICATED": 401, "RATE_LIMITED": 429}
_LOG: Final = structlog.get_logger("portico.graphql")


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
        spending: Spending,
        tries: Tries,
        documents: Documents,
        addresses: Addresses,
        browsers: Browsers,
        timeout: float,
        introspection: bool,
    ) -> None:
        self._engine = engine
        self._database = database
        self._authenticator = authenticator
        self._tokens = tokens
        self._secrets = secrets
        self._spending = spending
        self._tries = tries
        self._documents = documents
        self._addresses, self._browsers = addresses, browsers
        self._deadlines = Deadlines(timeout)
        self._introspection = introspection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in READ_HEADERS}
        exchange = Exchange(headers, self._addresses.of(scope, headers), request_id_of(scope), notes_of(scope))
        try:
            request = await read(scope, headers, receive, self._documents)
            await have_for(self._engine, request.query)
            with self._deadlines.set():
                status, body = await self._respond(exchange, request)
        except HttpError as error:
            exchange.notes.codes.append(error.code)
            body = orjson.dumps({"errors": [_error(error.message, error.code)]})
            if error.status == 405:
                exchange.more.append((b"allow", b"GET, POST"))
            await exchange.send(send, error.status, body)
            return
        except DocumentError as error:
            status, body = _refused(400, _error(error.message, error.code), exchange.notes)
        except TimeoutError:
            status, body = _refused(504, _error("The operation took too long and was stopped.", "TIMEOUT"), exchange.notes)
        await exchange.send(send, status if exchange.modern or status == 429 else 200, body)

    async def _respond(self, exchange: Exchange, request: Request) -> tuple[int, bytes]:
        """Status for a client that understands statuses, and the body."""
        notes = exchange.notes
        try:
            return await self._as_caller(exchange, request)
        except HttpError:
            raise
        except AuthError as error:
            status = 503 if error.code is AuthCode.UNAVAILABLE else 401
            return _refused(status, _error(error.message, "UNAUTHENTICATED", reason=error.code.value), notes)
        except NotLiveError:
            message = "Login is no longer valid: sign in again."
            return _refused(401, _error(message, "UNAUTHENTICATED", reason=AuthCode.REVOKED.value), notes)
        except RequestError as error:
            if "retryAfter" in error.more:
                exchange.more.append((b"retry-after", str(error.more["retryAfter"]).encode()))
            return _refused(_STATUSES.get(error.code, 400), _error(error.message, error.code, error.path, **error.more), notes)
        except Unavailable:
            return _refused(503, _error("The database cannot be reached at the moment: try again in a few seconds.", "UNAVAILABLE"), notes)
        except Exception:
            _LOG.exception("request failed")
            return _refused(500, _error("Something went wrong on our side.", "INTERNAL", requestId=exchange.request_id), notes)

    async def _as_caller(self, exchange: Exchange, request: Request) -> tuple[int, bytes]:
        """Answer to the caller. What is remembered of a key or an identity may be old: refused, it is looked up once more."""
        headers = exchange.headers
        caller = await self._authenticator.authenticate(headers)
        try:
            return await self._operate(exchange, request, caller)
        except NotLiveError:
            if caller.proof is Proof.SESSION:
                raise
            self._authenticator.forget(headers)
            caller = await self._authenticator.authenticate(headers)
            return await self._operate(exchange, request, caller)

    async def _operate(self, exchange: Exchange, request: Request, caller: Caller) -> tuple[int, bytes]:
        engine, notes = self._engine, exchange.notes
        notes.caller, notes.role = caller.kind.value, caller.role.value if caller.role else None
        spending = self._spending.of(caller, exchange.address)
        prepared = await spending.prepare(request.query)
        if prepared.errors:
            notes.codes.append("INVALID_DOCUMENT")
            return 400, orjson.dumps({"errors": [_document_error(error) for error in prepared.errors]})
        operation = engine.operation(prepared, request.operation)
        notes.operation = operation.name.value if operation.name else None
        if operation.operation is not OperationType.QUERY and request.read_only:
            raise HttpError(405, "METHOD_NOT_ALLOWED", "Only queries may be sent by GET.")
        check_variables(request.variables)
        variables = engine.variables(prepared, operation, request.variables)
        anonymous = caller.kind is CallerKind.ANONYMOUS
        planned = not anonymous and engine.plannable(prepared, operation)
        if anonymous and operation.operation is OperationType.QUERY and not engine.roots(prepared, operation) <= OPEN_ROOTS:
            raise RequestError("UNAUTHENTICATED", "Sign in first: send `Authorization: Bearer ...`.")
        if caller.scope is KeyScope.READ and writes(operation.operation, engine.roots(prepared, operation)):
            await refuse_to_write(self._database, caller)
        cost = engine.cost(prepared, operation, variables)
        left = await spending.charge(cost)
        if left is not None:
            exchange.more += rate_headers(left)
        database = self._database
        if caller.reason is not None:
            await record_reason(database, caller, exchange.request_id, notes.operation)
        if planned:
            viewer = viewer_of(caller, database.dialect, datetime.now(UTC))
            found = await engine.run(prepared, operation, variables, viewer, database.read, gathering=database.gathering)
            return 200, _body(found, cost_of(cost, found.data, left) if exchange.wants_cost else None)
        context = Context(caller, database, self._tokens, exchange.request_id, engine=engine, prepared=prepared)
        context.secrets, context.idempotency_key, context.prepare = self._secrets, request.idempotency_key, spending.prepare
        context.allowance, context.most_cost = left, self._spending.most
        context.tries, context.address = self._tries, exchange.address
        return 200, await self._execute(exchange, request, prepared, context, cost)

    async def _execute(self, exchange: Exchange, request: Request, prepared: Prepared, context: Context, cost: int) -> bytes:
        """Mutations and introspection, in graphql-core."""
        if prepared.document is None:
            raise TypeError("a document without errors")
        context.browser = exchange.browser = self._browsers.session(exchange.headers)
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
            answer["errors"] = [_masked(error, context.request_id, exchange.notes) for error in result.errors]
        extensions: dict[str, Any] = {"withheld": context.withheld} if context.withheld else {}
        if exchange.wants_cost:
            extensions["cost"] = cost_of(cost, result.data, context.allowance)
        if extensions:
            answer["extensions"] = extensions
        return orjson.dumps(answer, option=JSON_OPTIONS)


def _body(answer: Answer, cost: dict[str, Any] | None) -> bytes:
    if not answer.withheld and cost is None:
        return b'{"data":' + orjson.dumps(answer.data, option=JSON_OPTIONS) + b"}"
    extensions: dict[str, Any] = {"withheld": answer.withheld} if answer.withheld else {}
    if cost is not None:
        extensions["cost"] = cost
    return orjson.dumps({"data": answer.data, "extensions": extensions}, option=JSON_OPTIONS)


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
        shown = _error(original.message, original.code, path, **original.more)
    elif original is None or isinstance(original, GraphQLError):
        shown = _error(error.message, str((error.extensions or {}).get("code", "BAD_USER_INPUT")), path)
    elif isinstance(original, Unavailable):
        shown = _error("The database cannot be reached at the moment: try again in a few seconds.", "UNAVAILABLE", path)
    else:
        _LOG.error("resolver failed", exc_info=original)
        shown = _error("Something went wrong on our side.", "INTERNAL", path, requestId=request_id)
    notes.codes.append(shown["extensions"]["code"])
    return shown
