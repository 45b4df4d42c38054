"""HTTP requests as the bytes that go over the wire, and one plain exchange of them."""

import socket
from dataclasses import dataclass

import orjson

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    wire_size: int  # headers and framing included


def post(port: int, body: dict[str, object], token: str | None) -> bytes:
    """Request to the GraphQL endpoint of the server on a port."""
    content = orjson.dumps(body)
    headers = [
        "POST /graphql HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(content)}",
    ]
    if token:
        headers.append(f"Authorization: Bearer {token}")
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + content


def exchange(port: int, request: bytes, timeout: float = 30) -> Answer:
    """Send one request on a new connection, as a keep-alive client would, and read its answer."""
    with socket.create_connection((HOST, port), timeout) as connection, connection.makefile("rb") as stream:
        connection.sendall(request)
        status_line = stream.readline()
        if not status_line:
            raise ConnectionError("closed without an answer")
        size = len(status_line)
        headers: dict[str, str] = {}
        while (line := stream.readline()) not in {b"\r\n", b""}:
            size += len(line)
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if "content-length" not in headers:
            raise ConnectionError("answer without Content-Length")
        body = stream.read(int(headers["content-length"]))
        return Answer(int(status_line.split()[1]), body, size + len(line) + len(body))
