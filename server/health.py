"""Whether the process lives (`/healthz`), and whether it can answer (`/readyz`)."""

import asyncio
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from storage.database import Database
from storage.errors import Unavailable

VERSIONS: Final = Path(__file__).parent.parent / "storage" / "migrations" / "versions"
PATIENCE_SECONDS: Final = 2.0
_NO_STORE: Final = {"Cache-Control": "no-store"}


def health_routes(database: Database) -> list[Route]:
    """Routes for load balancers. Nothing but the state is told to anybody."""
    revision = newest_revision()

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_NO_STORE)

    async def ready(_: Request) -> Response:
        reason = await unready(database, revision)
        if reason is None:
            return JSONResponse({"status": "ready"}, headers=_NO_STORE)
        return JSONResponse({"status": "unavailable", "reason": reason}, 503, headers=_NO_STORE)

    return [Route("/healthz", alive), Route("/readyz", ready)]


async def unready(database: Database, revision: str) -> str | None:
    """Why the gateway cannot answer now; None where it can. A database ahead of this code is ready: its migration came with a newer one."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), database.read() as reader:
            rows: Any = await reader.fetch("SELECT version_num FROM alembic_version")
    except (Unavailable, TimeoutError):
        return "DATABASE_UNREACHABLE"
    except Exception:  # the table is not there
        return "DATABASE_NOT_MIGRATED"
    return None if rows and rows[0][0] >= revision else "DATABASE_NOT_MIGRATED"


def newest_revision() -> str:
    """Newest migration of this tree, by the names of the files: Alembic takes long to import, and they are numbered."""
    return max(path.stem.partition("_")[0] for path in (VERSIONS).glob("[0-9]*.py"))
