"""Answers on the wire: whole, in as few writes as can be, whatever their form."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from server.protocol import JoiningProtocol, _Joining


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers in the form that the path names."""
    await receive()
    start = {"type": "http.response.start", "status": 200, "headers": []}
    match scope["path"]:
        case "/whole":
            await send({**start, "headers": [(b"content-length", b"5")]})
            await send({"type": "http.response.body", "body": b"whole"})
        case "/parts":
            await send({**start, "headers": [(b"content-length", b"18")]})
            await send({"type": "http.response.body", "body": b"HTTP/1.1 ", "more_body": True})
            await send({"type": "http.response.body", "body": b"HTTP/1.1 "})
        case "/chunks":
            await send(start)
            for part in (b"a", b"", b"b"):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        case "/empty":
            await send({**start, "status": 204})
            await send({"type": "http.response.body"})
        case "/broken":
            await send({**start, "headers": [(b"content-length", b"5")]})
            raise ValueError


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, http=JoiningProtocol, loop="none", lifespan="off", log_level="critical", access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def ask(port: int, path: str, method: str = "GET") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("path", "method", "end"),
    [
        ("/whole", "GET", b"\r\n\r\nwhole"),
        ("/whole", "HEAD", b"\r\n\r\n"),
        ("/parts", "GET", b"\r\n\r\nHTTP/1.1 HTTP/1.1 "),
        ("/chunks", "GET", b"\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"),
        ("/empty", "GET", b"\r\n\r\n"),
        ("/broken", "GET", b"\r\n\r\n"),
    ],
)
async def test_an_answer_of_any_form_comes_whole(port: int, path: str, method: str, end: bytes) -> None:
    answer = await ask(port, path, method=method)

    assert answer.startswith(b"HTTP/1.1 20")
    assert answer.endswith(end)


async def test_answers_follow_each_other_on_one_connection(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path, end in (("/whole", b"whole"), ("/chunks", b"0\r\n\r\n"), ("/empty", b"\r\n\r\n"), ("/whole", b"whole")):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readuntil(end), 5)).startswith(b"HTTP/1.1 20")
    writer.close()


def test_the_head_leaves_with_the_first_bytes() -> None:
    class Recorder(asyncio.Transport):
        def __init__(self) -> None:
            super().__init__()
            self.written: list[bytes] = []

        def write(self, data: bytes | bytearray | memoryview) -> None:
            self.written.append(bytes(data))

    wire = Recorder()
    joining = _Joining(wire)
    for part in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"one", b"two"):
        joining.write(part)

    assert wire.written == [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\none", b"two"]
