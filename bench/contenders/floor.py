"""The floor on PostgreSQL: Starlette, asyncpg, and one hand-written statement per operation that builds the whole JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.contenders.environment import DATABASE_URL, POOL_SIZE, WORKSPACE_ID

POINT = """
SELECT '{"data":{"client":' || row_to_json(answer)::text || '}}' FROM (
  SELECT c.id, c.number, c.name, c.email, c.status, c.created_at AS "createdAt",
    (SELECT row_to_json(coach) FROM (SELECT m.name FROM member m WHERE m.workspace_id = $1 AND m.id = c.coach_id) coach) AS coach
  FROM client c WHERE c.workspace_id = $1 AND c.id = $2) answer
"""

LIST = """
SELECT '{"data":{"clients":' || json_agg(answer)::text || '}}' FROM (
  SELECT c.id, c.number, c.name, c.email, c.phone, c.status, c.created_at AS "createdAt",
    (SELECT row_to_json(coach) FROM (
      SELECT m.id, m.name FROM member m WHERE m.workspace_id = $1 AND m.id = c.coach_id) coach) AS coach,
    (SELECT COALESCE(json_agg(page), '[]') FROM (
      SELECT e.state, e.enrolled_at AS "enrolledAt", (SELECT row_to_json(package) FROM (
        SELECT p.id, p.name FROM package p WHERE p.workspace_id = $1 AND p.id = e.package_id) package) AS package
      FROM enrollment e WHERE e.workspace_id = $1 AND e.client_id = c.id AND e.state <> 'DELETED'
      ORDER BY e.enrolled_at DESC, e.id DESC LIMIT 3) page) AS enrollments,
    (SELECT COALESCE(json_agg(page), '[]') FROM (
      SELECT a.starts_at AS "startsAt", a.planned_minutes AS "plannedMinutes", a.state
      FROM appointment a WHERE a.workspace_id = $1 AND a.client_id = c.id AND a.state <> 'REMOVED'
      ORDER BY a.starts_at DESC, a.id DESC LIMIT 3) page) AS appointments
  FROM client c WHERE c.workspace_id = $1 AND c.status = 'ACTIVE' AND c.data_state NOT IN ('CONTACT_DELETED', 'ERASED')
  ORDER BY c.sort_name, c.id LIMIT 50) answer
"""

DEEP = """
SELECT '{"data":{"packages":' || json_agg(answer)::text || '}}' FROM (
  SELECT p.id, p.name, (SELECT COALESCE(json_agg(page), '[]') FROM (
    SELECT e.id, e.state, e.enrolled_at AS "enrolledAt", (SELECT row_to_json(client) FROM (
      SELECT c.id, c.name, c.status,
        (SELECT row_to_json(coach) FROM (SELECT m.name FROM member m WHERE m.workspace_id = $1 AND m.id = c.coach_id) coach) AS coach,
        (SELECT COALESCE(json_agg(page), '[]') FROM (
          SELECT a.id, a.starts_at AS "startsAt", a.planned_minutes AS "plannedMinutes", a.state, (SELECT row_to_json(type) FROM (
            SELECT t.name FROM appointment_type t WHERE t.workspace_id = $1 AND t.id = a.type_id) type) AS type
          FROM appointment a WHERE a.workspace_id = $1 AND a.client_id = c.id AND a.state <> 'REMOVED'
          ORDER BY a.starts_at DESC, a.id DESC LIMIT 5) page) AS appointments
      FROM client c WHERE c.workspace_id = $1 AND c.id = e.client_id) client) AS client
    FROM enrollment e WHERE e.workspace_id = $1 AND e.package_id = p.id AND e.state <> 'DELETED'
    ORDER BY e.enrolled_at, e.id LIMIT 10) page) AS enrollments
  FROM package p WHERE p.workspace_id = $1
  ORDER BY p.name, p.id LIMIT 10) answer
"""

STATEMENTS = {"Point": POINT, "List": LIST, "Deep": DEEP}


async def read(connection: Any, body: dict[str, Any]) -> Response:
    """Answer to one of the three operations, by its name."""
    name = body["operationName"]
    parameters = [WORKSPACE_ID, UUID(body["variables"]["id"])] if name == "Point" else [WORKSPACE_ID]
    text: str = await connection.fetchval(STATEMENTS[name], *parameters)
    return Response(text.encode(), media_type="application/json")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(DATABASE_URL, min_size=POOL_SIZE, max_size=POOL_SIZE) as pool:
        app.state.pool = pool
        yield


async def answer(request: Request) -> Response:
    body = orjson.loads(await request.body())
    async with request.app.state.pool.acquire() as connection:
        return await read(connection, body)


app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)
