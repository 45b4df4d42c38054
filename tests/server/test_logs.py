"""Logs: what is in a line, and what never is."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import orjson
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.logs import RequestLog, configure_logs, notes_of, request_id_of

PERSONAL = "pat@example.com"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    names = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "sqlalchemy", "asyncpg", "aiosqlite", "httpx2", "httpcore2")
    before = [(logger, logger.handlers, logger.level, logger.propagate) for logger in (root, *map(logging.getLogger, names))]
    yield
    structlog.reset_defaults()
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def lines(stream: io.BytesIO) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    for line in found:
        assert line.pop("at").endswith("Z")
    return found


def logs(level: str = "info") -> io.BytesIO:
    stream = io.BytesIO()
    configure_logs(as_json=True, level=level, stream=stream)
    return stream


async def graphql(request: Request) -> Response:
    notes = notes_of(request.scope)
    notes.operation, notes.caller, notes.role = request.headers.get("operation", "Clients"), "STAFF", "COACH"
    notes.codes.append("NOT_FOUND")
    if "fail" in request.headers:
        raise ValueError(PERSONAL)
    return PlainTextResponse(request_id_of(request.scope))


async def other(_: Request) -> Response:
    return PlainTextResponse("fine")


async def ask(method: str, path: str, **headers: str) -> httpx2.Response:
    app = Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), Route("/healthz", other)])
    transport = httpx2.ASGITransport(app=RequestLog(app), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://portico") as client:
        return await client.request(method, path, headers=headers, content=b"{ clients { email } }" if method == "POST" else None)


async def test_the_line_of_a_request() -> None:
    stream = logs()
    response = await ask("POST", f"/graphql?search={PERSONAL}", Authorization=f"Bearer {PERSONAL}")
    (line,) = lines(stream)
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": response.headers["x-request-id"],
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Clients",
        "caller": "STAFF",
        "role": "COACH",
        "codes": ["NOT_FOUND"],
    }
    assert len(response.headers["x-request-id"]) == 32
    assert response.text == response.headers["x-request-id"]


@pytest.mark.parametrize(("given", "kept"), [("abc-123_4.5", True), ("x" * 64, True), ("x" * 65, False), (PERSONAL, False), ("a b", False)])
async def test_the_id_of_a_proxy_is_kept_if_it_looks_like_one(given: str, kept: bool) -> None:
    stream = logs()
    response = await ask("POST", "/graphql", **{"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept
    assert lines(stream)[0]["request_id"] == response.headers["x-request-id"]


async def test_what_a_stranger_writes_is_not_repeated() -> None:
    stream = logs()
    await ask("GET", f"/{PERSONAL}")
    await ask("POST", "/graphql", operation=PERSONAL)
    await ask("POST", "/graphql", operation="x" * 65)
    assert [(line["path"], line["status"], line.get("operation")) for line in lines(stream)] == [
        ("other", 404, None),
        ("/graphql", 200, None),
        ("/graphql", 200, None),
    ]
    assert PERSONAL.encode() not in stream.getvalue()


async def test_a_fault_is_an_error_with_its_status() -> None:
    stream = logs()
    response = await ask("POST", "/graphql", fail="1")
    assert (response.status_code, response.headers["x-request-id"]) == (500, lines(stream)[0]["request_id"])
    assert [(line["level"], line["status"]) for line in lines(stream)] == [("error", 500)]
    assert PERSONAL.encode() not in stream.getvalue()


async def test_health_checks_are_quiet() -> None:
    stream = logs()
    await ask("GET", "/healthz")
    assert lines(stream) == []
    stream = logs("debug")
    await ask("GET", "/healthz")
    assert [(line["level"], line["path"]) for line in lines(stream)] == [("debug", "/healthz")]


def raised() -> ValueError:
    try:
        try:
            raise KeyError(PERSONAL)
        except KeyError as error:
            raise ValueError(PERSONAL) from error
    except ValueError as error:
        return error


def test_an_exception_is_its_types_and_places() -> None:
    stream = logs()
    structlog.get_logger().error("failed", exc_info=raised())
    (line,) = lines(stream)
    assert [error["type"] for error in line["exception"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert [len(error["places"]) for error in line["exception"]] == [1, 1]
    assert line["exception"][0]["places"][0].startswith("tests/server/test_logs.py:")
    assert line["exception"][0]["places"][0].endswith(" raised")
    assert PERSONAL.encode() not in stream.getvalue()


def test_messages_of_libraries_come_without_their_arguments() -> None:
    stream = logs()
    error = raised()
    logging.getLogger("some.library").error("could not send to %s\nbecause", PERSONAL, exc_info=error)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {PERSONAL}")
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1:8000")
    logging.getLogger("uvicorn.access").info("GET /%s", PERSONAL)
    logging.getLogger("sqlalchemy.engine").info("SELECT %s", PERSONAL)
    assert [(line["logger"], line["level"], line["event"]) for line in lines(stream)] == [
        ("some.library", "error", "could not send to %s"),
        ("asyncio", "error", "Task exception was never retrieved"),
        ("uvicorn.error", "info", "Uvicorn running on http://127.0.0.1:8000"),
    ]
    assert PERSONAL.encode() not in stream.getvalue()


def test_a_value_that_is_no_json_is_its_type() -> None:
    stream = logs()
    structlog.get_logger().info("odd", value=raised())
    assert lines(stream)[0]["value"] == "ValueError"


def test_the_console_shows_the_same() -> None:
    stream = io.BytesIO()
    configure_logs(as_json=False, stream=stream)
    structlog.get_logger().error("failed", step=1, exc_info=raised())
    logging.getLogger("uvicorn.error").warning("slow")
    text = stream.getvalue().decode()
    assert "failed" in text
    assert "step=1" in text
    assert "builtins.ValueError" in text
    assert "slow" in text
    assert PERSONAL not in text
