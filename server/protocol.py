"""HTTP connections: uvicorn's own, except that the head of an answer leaves together with its first bytes.

uvicorn writes them one after the other, which are two system calls and two packets for an answer that fits into one.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Joining(asyncio.Transport):
    """Transport of one answer."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self._begun = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._begun:
            self._transport.write(data)
        elif self._head:
            self._begun = True
            self._transport.write(self._head + bytes(data))
        elif bytes(data[:12]) == b"HTTP/1.1 100":
            self._transport.write(data)
        else:
            self._head = bytes(data)

    def close(self) -> None:
        if self._head and not self._begun:
            self._begun = True
            self._transport.write(self._head)
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class JoiningProtocol(HttpToolsProtocol):
    """A connection whose answers are joined; those to HEAD have no bytes to wait for."""

    def on_headers_complete(self) -> None:
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before and self.scope["method"] != "HEAD":
            self.cycle.transport = _Joining(self.cycle.transport)
