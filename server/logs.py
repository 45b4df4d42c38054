"""Logs: one line per request and per event, in JSON or for a console, on standard error.

What a person wrote never gets into them: no document, variable, token or header, no message of an exception, no arguments of other
libraries' messages. An exception is its type and the places it came through.
"""

import logging
import re
import sys
import time
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, Processor, WrappedLogger
from uuid_utils import uuid7

REQUEST_ID_HEADER: Final = "X-Request-Id"
QUIET_PATHS: Final = frozenset({"/healthz", "/readyz"})
_HEADER: Final = REQUEST_ID_HEADER.lower().encode()
_current_request: ContextVar[str | None] = ContextVar("request id", default=None)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")
_ROOT: Final = Path(__file__).resolve().parent.parent
_MAX_FRAMES: Final = 20


@dataclass(slots=True)
class RequestNotes:
    """What the endpoint tells the log about a request."""

    operation: str | None = None
    caller: str | None = None
    role: str | None = None
    codes: list[str] = field(default_factory=list)


def notes_of(scope: Scope) -> RequestNotes:
    """Notes of a request, to be filled in by whoever answers it."""
    notes: RequestNotes = scope.setdefault("state", {}).setdefault("notes", RequestNotes())
    return notes


def request_id_of(scope: Scope) -> str:
    return str(scope["state"]["request_id"])


class RequestLog:
    """ASGI middleware: gives each request an id, answers with it, and logs one line when the request is over."""

    def __init__(self, app: ASGIApp, *, paths: frozenset[str] = frozenset({"/graphql", "/graphiql"}) | QUIET_PATHS) -> None:
        self._app = app
        self._paths = paths
        self._log = structlog.get_logger("portico.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        notes = RequestNotes()
        scope["state"] = {**scope.get("state", {}), "request_id": request_id, "notes": notes}
        status = 500 if scope["type"] == "http" else None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (_HEADER, request_id.encode())]}
            await send(message)

        bound = _current_request.set(request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._write(scope, notes, status, time.perf_counter() - started)
            _current_request.reset(bound)

    def _write(self, scope: Scope, notes: RequestNotes, status: int | None, seconds: float) -> None:
        """Line of a request. A path or a name that is not one of ours may hold anything, so it is not repeated."""
        if (status is None or status < 500) and not self._log.is_enabled_for(logging.INFO):
            return
        path = scope["path"]
        fields: dict[str, Any] = {
            "method": scope.get("method", "WEBSOCKET"),
            "path": path if path in self._paths else "other",
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
        if notes.operation is not None and _NAME.fullmatch(notes.operation):
            fields["operation"] = notes.operation
        if notes.caller is not None:
            fields["caller"] = notes.caller
        if notes.role is not None:
            fields["role"] = notes.role
        if notes.codes:
            fields["codes"] = notes.codes
        if status is not None and status >= 500:
            self._log.error("request", **fields)
        elif path in QUIET_PATHS:
            self._log.debug("request", **fields)
        else:
            self._log.info("request", **fields)


def _request_id(scope: Scope) -> str:
    """Id that a proxy in front gave, if it looks like one, or a new one."""
    for name, value in scope["headers"]:
        if name == _HEADER and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return uuid7().hex


def configure_logs(*, as_json: bool, level: str = "info", stream: BinaryIO | None = None) -> None:
    """Set up our logs and those of the libraries. Start uvicorn with `log_config=None, access_log=False`: the request line is ours."""
    out = stream or sys.stderr.buffer
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        _common,
        _exception_without_words,
    ]
    render = _json if as_json else _console()
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(out),
        cache_logger_on_first_use=stream is None,
    )
    handler = _Handler(out, shared, render)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(number, logging.INFO))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name != "uvicorn.access"
        logger.setLevel(logging.NOTSET)
    for name in ("sqlalchemy", "asyncpg", "aiosqlite", "httpx2", "httpcore2"):  # at lower levels they repeat statements and addresses
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


class _Handler(logging.Handler):
    """Messages of the libraries, through the same steps as ours."""

    def __init__(self, out: BinaryIO, processors: list[Processor], render: Processor) -> None:
        super().__init__()
        self._out = out
        self._processors = [*processors, render]

    def emit(self, record: logging.LogRecord) -> None:
        try:
            # Only uvicorn's own messages are known to hold nothing of a request but addresses of the server.
            text = record.getMessage() if record.name in {"uvicorn", "uvicorn.error"} else str(record.msg)
            line: Any = {"event": text.partition("\n")[0], "logger": record.name, "exc_info": record.exc_info}
            for process in self._processors:
                line = process(None, record.levelname.lower(), line)
            self._out.write(line + b"\n")
            self._out.flush()
        except Exception:  # a log that cannot be written must not fail the request; logging reports it in its own way
            self.handleError(record)


def _common(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """When, how important, and for which request. One step instead of structlog's three: it is on the way of every request."""
    event["level"] = level
    event["at"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    request_id = _current_request.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


def _exception_without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Exception as types and places: its message may quote a row, a variable or a header."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    chain: list[dict[str, Any]] = []
    while isinstance(error, BaseException) and len(chain) < 5:
        frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
        places = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append({"type": f"{type(error).__module__}.{type(error).__qualname__}", "places": places})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if chain:
        event["exception"] = chain
    return event


def _short(filename: str) -> str:
    _, installed, inside = filename.rpartition("site-packages/")
    if installed:
        return inside
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name


def _json(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> bytes:
    return orjson.dumps(event, default=lambda value: type(value).__name__)


def _console() -> Processor:
    show = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())

    def render(logger: WrappedLogger, name: str, event: EventDict) -> bytes:
        chain = event.pop("exception", [])
        event["timestamp"] = event.pop("at", None)
        lines = [show(logger, name, event)]
        for error in chain:
            lines += [f"  {error['type']}", *(f"    {place}" for place in error["places"])]
        return "\n".join(lines).encode()

    return render
