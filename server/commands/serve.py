"""Serving: one uvicorn process on a socket of ours, so that a taken port is refused in our words and before anything else starts."""

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable

import uvicorn

from server.commands.console import Refused, console
from server.commands.place import require_ready, settings_for
from server.logs import configure_logs
from server.protocol import JoiningProtocol
from server.settings import Settings

GRACE_SECONDS = 20


def serve(host: str | None, port: int | None, database: str | None) -> None:
    settings = settings_for(database, host=host, port=port)
    asyncio.run(require_ready(settings.database_url.get_secret_value()))
    with bind(settings.host, settings.port, "serve") as bound:
        run(settings, bound, _greet if sys.stdout.isatty() else None)


def bind(host: str, port: int, command: str) -> socket.socket:
    """Socket on this address, not yet listening."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise Refused(f"There is no address {host!r} to listen on.", "Use 127.0.0.1, or 0.0.0.0 for every interface.") from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            hint = f"Stop what uses it, or take another: portico {command} --port {port + 1 if port < 65535 else 0} (0 takes any free one)."
            raise Refused(f"Port {port} is taken.", hint) from None
        if error.errno == errno.EACCES:
            raise Refused(f"Port {port} is not yours to use.", "Take one above 1023.") from None
        raise Refused(f"{host} is not an address of this machine.", "Use 127.0.0.1, or 0.0.0.0 for every interface.") from None
    return bound


def run(settings: Settings, bound: socket.socket, greet: Callable[[Settings, str], None] | None) -> None:
    """Serve until somebody stops it; `greet` is told the settings and the address once it answers."""
    from server.app import create_app  # noqa: PLC0415 - the schema takes a second, and a taken port should be said before

    configure_logs(as_json=settings.logs_json, level=settings.log_level)
    if greet is not None:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # the greeting says it better
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http=JoiningProtocol,
        ws="websockets-sansio",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, (lambda: greet(settings, _address(bound))) if greet else None)
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        return
    if not server.started:
        raise Refused("The gateway could not start; the log above says why.")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready:
            self._ready()


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - what a browser on this machine calls it
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(settings: Settings, address: str) -> None:
    out = console()
    out.print(f"\n  [bold]Portico[/] answers, in {settings.environment.value} mode. Ctrl-C stops it.\n")
    out.print(f"  GraphQL    [cyan]{address}/graphql[/]")
    if settings.serves_graphiql:
        out.print(f"  GraphiQL   [cyan]{address}/graphiql[/]")
    out.print()
